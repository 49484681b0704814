/** Servers: instances, with Nova's states. */

import type { LaunchRequest } from '../../../model/requests.ts'
import type { Instance, InstanceAddress } from '../../../model/resources.ts'
import {
  type Asked,
  allOf,
  gone,
  group,
  type Handler,
  json,
  nothing,
  one,
  operation,
  ownerOf,
  part,
  type Routes,
  telling,
} from './asked.ts'
import type { Body } from './body.ts'
import { macOf, plainId, timeOf } from './derived.ts'
import { badRequest, Fault, unsupported } from './errors.ts'
import { type Facts, factsOf, factsOfAll, metadataIn, tell } from './facts.ts'
import { linkOf, short } from './flavors.ts'
import { type Document, listed, type Style } from './listing.ts'

interface NativeState {
  readonly status: string
  readonly vm: string
  readonly task: string | null
  /** 0 none, 1 running, 4 shut down. */
  readonly power: number
}

const at = (status: string, vm: string, power: number, task: string | null = null): NativeState => ({ status, vm, task, power })

/** What Nova calls a state, by what is being done: until it's done, the status is that of before. */
export const nativeState = ({ state, doing }: Pick<Instance, 'state' | 'doing'>): NativeState => {
  switch (state) {
    case 'running':
      // Of the tasks of a reboot the one that no other may cut short, as in the cloud behind it.
      return doing === 'reboot' ? at('HARD_REBOOT', 'active', 1, 'reboot_started_hard') : at('ACTIVE', 'active', 1)
    case 'stopped':
      return at('SHUTOFF', 'stopped', 4)
    case 'stopping':
      return at('ACTIVE', 'active', 1, doing === 'destroy' ? 'deleting' : 'powering-off')
    case 'error':
      return at('ERROR', 'error', 0)
    case 'finish':
      return at('DELETED', 'deleted', 0)
    case 'unknown':
      return at('UNKNOWN', 'active', 0)
    default:
      return doing === 'start' ? at('SHUTOFF', 'stopped', 4, 'powering-on') : at('BUILD', 'building', 0, 'spawning')
  }
}

/** What of the surroundings servers are shown with. */
interface Surroundings {
  /** Of an instance's addresses: the first network's. */
  readonly network: string
  readonly ports: ReadonlyMap<string, string>
}

const surroundingsOf = async (asked: Asked): Promise<Surroundings> => {
  const [[network], ports] = await Promise.all([allOf(asked, 'networks'), allOf(asked, 'network_interfaces')])
  return {
    network: network?.name ?? network?.id ?? 'private',
    ports: new Map(ports.flatMap(({ id, instanceId, ipAddress }) => (ipAddress === undefined ? [] : [[`${instanceId} ${ipAddress}`, id]]))),
  }
}

/** Names of hosts have no place among addresses. */
const addressesOf = (instance: Instance, { network, ports }: Surroundings): Document => {
  const tree = ({ address, type }: InstanceAddress, kind: 'fixed' | 'floating'): readonly object[] =>
    type !== 'ipv4' && type !== 'ipv6'
      ? []
      : [
          {
            addr: address,
            version: type === 'ipv6' ? 6 : 4,
            'OS-EXT-IPS:type': kind,
            'OS-EXT-IPS-MAC:mac_addr': macOf(ports.get(`${instance.id} ${address}`) ?? instance.id),
          },
        ]
  const found = [
    ...instance.privateAddresses.flatMap(address => tree(address, 'fixed')),
    ...instance.publicAddresses.flatMap(address => tree(address, 'floating')),
  ]
  return found.length === 0 ? {} : { [network]: found }
}

const serverTree = (asked: Asked, instance: Instance, around: Surroundings, metadata: Facts): Document => {
  const { status, vm, task, power } = nativeState(instance)
  const { imageId, hardwareProfile } = instance
  const created = timeOf(instance.launchTime) ?? new Date(0).toISOString().replace(/\.\d+Z$/, 'Z')
  const reference = (kind: string, id: string): object => ({ id, links: linkOf(asked, `/${kind}/${encodeURIComponent(id)}`).slice(1) })
  return {
    id: instance.id,
    name: instance.name ?? instance.id,
    status,
    tenant_id: ownerOf(asked, instance.ownerId),
    user_id: asked.identity.userId,
    metadata,
    hostId: plainId('host', instance.realmId ?? '') + plainId('host', asked.identity.projectId).slice(0, 24),
    image: imageId === undefined ? '' : reference('images', imageId),
    flavor: hardwareProfile === undefined ? {} : reference('flavors', hardwareProfile.id),
    created,
    updated: created,
    addresses: addressesOf(instance, around),
    accessIPv4: '',
    accessIPv6: '',
    links: linkOf(asked, `/servers/${encodeURIComponent(instance.id)}`),
    'OS-DCF:diskConfig': 'MANUAL',
    ...(status === 'ACTIVE' && task === null ? { progress: 100 } : {}),
    'OS-EXT-AZ:availability_zone': instance.realmId ?? '',
    config_drive: '',
    key_name: instance.keyName ?? null,
    'OS-SRV-USG:launched_at': power === 0 ? null : created.replace('Z', '.000000'),
    'OS-SRV-USG:terminated_at': null,
    ...(instance.firewalls === undefined || instance.firewalls.length === 0
      ? {}
      : { security_groups: instance.firewalls.map(name => ({ name })) }),
    'OS-EXT-STS:task_state': task,
    'OS-EXT-STS:vm_state': vm,
    'OS-EXT-STS:power_state': power,
    'os-extended-volumes:volumes_attached': instance.storageVolumes.map(({ id }) => ({ id })),
    ...(status === 'ERROR'
      ? { fault: { code: 500, created, message: instance.authnError ?? 'The instance has failed', details: '' } }
      : {}),
  }
}

const style: Style = {
  usualLimit: 1000,
  next: 'links',
  filters: {
    // Nova reads a name as a pattern.
    name: ({ name }, value) => isFound(String(name), value),
    status: ({ status }, value) => String(status) === value.toUpperCase(),
    image: ({ image }, value) => typeof image === 'object' && image !== null && Reflect.get(image, 'id') === value.split('/').at(-1),
    flavor: ({ flavor }, value) => typeof flavor === 'object' && flavor !== null && Reflect.get(flavor, 'id') === value.split('/').at(-1),
    uuid: ({ id }, value) => id === value,
    ip: ({ addresses }, value) => JSON.stringify(addresses).includes(value),
    availability_zone: (document, value) => document['OS-EXT-AZ:availability_zone'] === value,
    project_id: undefined,
    // There's no list of what is gone.
    deleted: (_, value) => !/^(true|1)$/i.test(value),
    'changes-since': undefined,
  },
}

/** A pattern of a client's may be of any kind: those with nothing but an anchor are read, all else is text. */
const isFound = (name: string, value: string): boolean => {
  const text = value.replace(/^\^|\$$/g, '')
  if (value.startsWith('^') && value.endsWith('$')) return name === text
  if (value.startsWith('^')) return name.startsWith(text)
  return value.endsWith('$') ? name.endsWith(text) : name.includes(text)
}

const all = async (asked: Asked): Promise<readonly Document[]> => {
  const instances = await group(asked, 'instances').list({})
  const [around, facts] = [await surroundingsOf(asked), await factsOfAll(asked, 'instances')]
  return instances.map(instance => serverTree(asked, instance, around, facts.get(instance.id) ?? {}))
}

export const shown = async (asked: Asked, instance: Instance): Promise<Document> =>
  serverTree(asked, instance, await surroundingsOf(asked), await factsOf(asked, 'instances', instance.id))

/** How many may be asked for at once. */
const most = 100

const launchOf = async (asked: Asked, server: Body): Promise<LaunchRequest> => {
  refuseUnkept(server)
  const count = server.number('max_count') ?? server.number('min_count') ?? 1
  if (!Number.isInteger(count) || count < 1 || count > most) throw badRequest(`max_count must be a number from 1 to ${most}`)
  const zone = server.text('availability_zone')
  const [key, data, password] = [server.text('key_name'), server.text('user_data'), server.text('adminPass')]
  const groups = server.list('security_groups').map(one => one.need('name'))
  const files = server.list('personality').map(file => ({
    path: file.need('path'),
    content: Buffer.from(file.need('contents'), 'base64').toString(),
  }))
  const networks = await networksIn(asked, server)
  return {
    imageId: server.need('imageRef').split('/').at(-1) ?? '',
    hardwareProfileId: server.need('flavorRef').split('/').at(-1) ?? '',
    name: nameIn(server),
    ...(zone === undefined || zone === '' ? {} : { realmId: zone.split(':')[0] ?? zone }),
    ...(key === undefined ? {} : { keyName: key }),
    ...(data === undefined ? {} : { userData: data }),
    ...(password === undefined ? {} : { password }),
    ...(groups.length === 0 ? {} : { firewalls: groups }),
    ...(files.length === 0 ? {} : { files }),
    ...(networks === undefined ? {} : { networks }),
    ...(count === 1 ? {} : { count }),
  }
}

const nameIn = (server: Body): string => {
  const name = server.need('name')
  if (name === '' || name.length > 255) throw badRequest('Invalid input for field/attribute name: it must have 1 to 255 characters.')
  return name
}

/** @throws Fault 501 for what the cloud would lose without a word */
const refuseUnkept = (server: Body): void => {
  for (const mapping of server.list('block_device_mapping_v2')) {
    const isImage = mapping.text('source_type') === 'image' && mapping.text('destination_type') !== 'volume'
    if (!isImage) throw unsupported('Servers start from images here, and not from volumes')
  }
  if (server.list('block_device_mapping').length > 0) throw unsupported('Servers start from images here, and not from volumes')
}

/** Networks by id; undefined where the cloud is to choose. A port that's there already can't be taken. @throws Fault */
const networksIn = async (asked: Asked, server: Body): Promise<readonly string[] | undefined> => {
  if (server.isText('networks')) return server.text('networks') === 'none' ? [] : undefined
  if (!server.gives('networks')) return undefined
  const wanted = server.list('networks')
  if (wanted.length === 0) return undefined
  const known = await allOf(asked, 'networks')
  return wanted.map(network => {
    if (network.gives('port')) throw unsupported('A server is made in networks here; attach the port when it runs')
    const id = network.need('uuid')
    if (!known.some(one => one.id === id)) throw badRequest(`Network ${id.slice(0, 100)} could not be found.`)
    return id
  })
}

const create: Handler = async asked => {
  const server = (await asked.body()).needObject('server')
  const [request, metadata] = [await launchOf(asked, server), metadataIn(server)]
  const made = await operation(group(asked, 'instances').create, 'launch instances')(request)
  for (const { id } of made) await tell(asked, 'instances', id, metadata)
  const [first] = made
  if (first === undefined) throw new Fault(500, 'The cloud made no instance')
  return json(
    202,
    {
      server: {
        id: first.id,
        links: linkOf(asked, `/servers/${encodeURIComponent(first.id)}`),
        'OS-DCF:diskConfig': 'MANUAL',
        security_groups: (first.firewalls ?? ['default']).map(name => ({ name })),
        ...(first.password === undefined ? {} : { adminPass: first.password }),
      },
    },
    [['Location', `${asked.base}/compute/v2.1/servers/${encodeURIComponent(first.id)}`]],
  )
}

/** In Nova's words, by which clients tell it from other conflicts. */
const inState = (action: string, instance: Instance): Fault => {
  const { vm, task } = nativeState(instance)
  const where = task === null ? `vm_state ${vm}` : `task_state ${task}`
  return new Fault(409, `Cannot '${action}' instance ${instance.id} while it is in ${where}`)
}

type Move = 'start' | 'stop' | 'reboot' | 'destroy'

/** Does something with a server that its state has to permit. */
const move = async (asked: Asked, id: string, name: Move): Promise<void> => {
  const table = group(asked, 'instances')
  const act = operation<(id: string) => Promise<unknown>>(table[name], `${name} instances`)
  const before = await one(asked, 'instances', id)
  await telling(act(id), kind =>
    kind === 'not-permitted'
      ? inState(name === 'destroy' ? 'delete' : name, before)
      : kind === 'not-found'
        ? gone('instances', id)
        : undefined,
  )
}

const imageFrom = async (asked: Asked, id: string, request: Body): Promise<string> => {
  const create = operation(group(asked, 'images').create, 'make images')
  await one(asked, 'instances', id)
  return (await create({ instanceId: id, name: request.need('name') })).id
}

/** The floating address that a server is to have or lose. */
const addressIn = (body: Body, action: string): string => body.needObject(action).need('address')

const actions: Readonly<Record<string, (asked: Asked, id: string, body: Body) => Promise<ReturnType<typeof nothing>>>> = {
  'os-start': async (asked, id) => {
    await move(asked, id, 'start')
    return nothing(202)
  },
  'os-stop': async (asked, id) => {
    await move(asked, id, 'stop')
    return nothing(202)
  },
  reboot: async (asked, id, body) => {
    const type = body.needObject('reboot').need('type').toUpperCase()
    if (type !== 'SOFT' && type !== 'HARD') throw badRequest('Invalid input for field/attribute type: it must be SOFT or HARD.')
    await move(asked, id, 'reboot')
    return nothing(202)
  },
  createImage: async (asked, id, body) => {
    const image = await imageFrom(asked, id, body.needObject('createImage'))
    return nothing(202, [['Location', `${asked.base}/image/v2/images/${encodeURIComponent(image)}`]])
  },
  addFloatingIp: async (asked, id, body) => {
    await one(asked, 'instances', id)
    await operation(group(asked, 'addresses').associate, 'associate addresses')(addressIn(body, 'addFloatingIp'), id)
    return nothing(202)
  },
  removeFloatingIp: async (asked, _id, body) => {
    await operation(group(asked, 'addresses').disassociate, 'disassociate addresses')(addressIn(body, 'removeFloatingIp'))
    return nothing(202)
  },
  'os-getConsoleOutput': async (asked, id) => {
    await one(asked, 'instances', id)
    return json(200, { output: '' })
  },
}

export const serverRoutes: Routes = {
  'GET /servers/detail': async asked => listed(asked, 'servers', await all(asked), style),
  'GET /servers': async asked => listed(asked, 'servers', await all(asked), style, short),
  'POST /servers': create,
  'GET /servers/:id': async asked => json(200, { server: await shown(asked, await one(asked, 'instances', part(asked))) }),
  'DELETE /servers/:id': async asked => {
    await move(asked, part(asked), 'destroy')
    return nothing(204)
  },
  'PUT /servers/:id': () => {
    throw unsupported('The name of a server stays as it is')
  },
  'POST /servers/:id/action': async asked => {
    const body = await asked.body()
    const [name = ''] = body.names()
    const act = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (act === undefined) {
      await one(asked, 'instances', part(asked))
      throw name === '' ? badRequest('There is no action in the request') : unsupported(`This cloud can't do ${name.slice(0, 50)}`)
    }
    return act(asked, part(asked), body)
  },
}
