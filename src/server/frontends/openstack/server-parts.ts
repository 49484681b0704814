/** What belongs to a server: its volumes, ports, groups, addresses and metadata. */

import type { NetworkInterface, StorageVolume } from '../../../model/resources.ts'
import { type Asked, allOf, gone, group, json, nothing, one, operation, part, type Routes, telling } from './asked.ts'
import { macOf } from './derived.ts'
import { badRequest, Fault, missing } from './errors.ts'
import { factsOf, metadata, replace, tell } from './facts.ts'
import { shown } from './servers.ts'

const attachmentTree = ({ id, instanceId, device }: StorageVolume): object => ({
  id,
  serverId: instanceId,
  volumeId: id,
  device: device ?? null,
})

/** Those that the server has, by what the volumes say. */
const attached = async (asked: Asked): Promise<readonly StorageVolume[]> => {
  const { id } = await one(asked, 'instances', part(asked))
  return (await allOf(asked, 'storage_volumes')).filter(volume => volume.instanceId === id)
}

const portTree = (port: NetworkInterface, network: string | undefined, isUp: boolean): object => ({
  port_id: port.id,
  net_id: network ?? port.networkId,
  mac_addr: macOf(port.id),
  port_state: isUp ? 'ACTIVE' : 'DOWN',
  fixed_ips: port.ipAddress === undefined ? [] : [{ subnet_id: port.networkId, ip_address: port.ipAddress }],
})

const portTreeIn = async (asked: Asked, port: NetworkInterface): Promise<object> => {
  const subnet = (await allOf(asked, 'subnets')).find(({ id }) => id === port.networkId)
  return portTree(port, subnet?.networkId, port.instanceId !== undefined)
}

const portsOf = async (asked: Asked): Promise<readonly NetworkInterface[]> => {
  const { id } = await one(asked, 'instances', part(asked))
  return (await allOf(asked, 'network_interfaces')).filter(port => port.instanceId === id)
}

/** An unknown id in a request is its own mistake, except where Nova says that it isn't there. */
const plugged = async (asked: Asked): Promise<NetworkInterface> => {
  const { id } = await one(asked, 'instances', part(asked))
  const wanted = (await asked.body()).needObject('interfaceAttachment')
  const table = group(asked, 'network_interfaces')
  const port = wanted.text('port_id')
  if (port !== undefined)
    return telling(operation(table.attach, 'attach ports')(port, { instanceId: id }), (kind, error) =>
      kind === 'not-found' ? gone('network_interfaces', port) : kind === 'conflict' ? new Fault(409, error.message) : undefined,
    )
  const [address] = wanted.list('fixed_ips')
  const network = address?.text('subnet_id') ?? wanted.text('net_id')
  if (network === undefined) throw badRequest('net_id or port_id is needed')
  return operation(table.create, 'make ports')({ instanceId: id, networkId: network })
}

const itsMetadata = async (asked: Asked): Promise<Readonly<Record<string, string>>> => {
  await one(asked, 'instances', part(asked))
  return factsOf(asked, 'instances', part(asked))
}

export const serverParts: Routes = {
  'GET /servers/:id/os-volume_attachments': async asked => json(200, { volumeAttachments: (await attached(asked)).map(attachmentTree) }),
  'GET /servers/:id/os-volume_attachments/:volume': async asked => {
    const volume = (await attached(asked)).find(({ id }) => id === part(asked, 'volume'))
    if (volume === undefined) throw missing('Volume attachment', part(asked, 'volume'))
    return json(200, { volumeAttachment: attachmentTree(volume) })
  },
  'POST /servers/:id/os-volume_attachments': async asked => {
    const wanted = (await asked.body()).needObject('volumeAttachment')
    const volume = wanted.need('volumeId')
    await one(asked, 'instances', part(asked))
    const attach = operation(group(asked, 'storage_volumes').attach, 'attach volumes')
    const made = await telling(attach(volume, { instanceId: part(asked), device: wanted.text('device') ?? '' }), kind =>
      kind === 'not-found' ? gone('storage_volumes', volume) : undefined,
    )
    return json(200, { volumeAttachment: attachmentTree({ ...made, instanceId: part(asked) }) })
  },
  'DELETE /servers/:id/os-volume_attachments/:volume': async asked => {
    const volume = (await attached(asked)).find(({ id }) => id === part(asked, 'volume'))
    if (volume === undefined) throw missing('Volume attachment', part(asked, 'volume'))
    await operation(group(asked, 'storage_volumes').detach, 'detach volumes')(volume.id)
    return nothing(202)
  },
  'GET /servers/:id/os-interface': async asked =>
    json(200, { interfaceAttachments: await Promise.all((await portsOf(asked)).map(port => portTreeIn(asked, port))) }),
  'POST /servers/:id/os-interface': async asked => json(200, { interfaceAttachment: await portTreeIn(asked, await plugged(asked)) }),
  'DELETE /servers/:id/os-interface/:port': async asked => {
    const port = (await portsOf(asked)).find(({ id }) => id === part(asked, 'port'))
    if (port === undefined) throw missing('Port', part(asked, 'port'))
    await operation(group(asked, 'network_interfaces').detach, 'detach ports')(port.id)
    return nothing(202)
  },
  'GET /servers/:id/os-security-groups': async asked => {
    const { firewalls = [] } = await one(asked, 'instances', part(asked))
    const groups = (await allOf(asked, 'firewalls')).filter(({ id }) => firewalls.includes(id))
    return json(200, {
      security_groups: groups.map(({ id, name, description }) => ({
        id,
        name: name ?? id,
        description: description ?? '',
        tenant_id: asked.identity.projectId,
        rules: [],
      })),
    })
  },
  'GET /servers/:id/ips': async asked => {
    const { addresses } = await shown(asked, await one(asked, 'instances', part(asked)))
    return json(200, { addresses })
  },
  'GET /servers/:id/os-instance-actions': async asked => {
    await one(asked, 'instances', part(asked))
    return json(200, { instanceActions: [] })
  },
  'GET /servers/:id/metadata': async asked => json(200, { metadata: await itsMetadata(asked) }),
  'POST /servers/:id/metadata': async asked => {
    await itsMetadata(asked)
    await tell(asked, 'instances', part(asked), (await asked.body()).texts('metadata'))
    return json(200, { metadata: await itsMetadata(asked) })
  },
  'PUT /servers/:id/metadata': async asked => {
    await itsMetadata(asked)
    await replace(asked, 'instances', part(asked), (await asked.body()).texts('metadata'))
    return json(200, { metadata: await itsMetadata(asked) })
  },
  'DELETE /servers/:id/metadata/:key': async asked => {
    if (!Object.hasOwn(await itsMetadata(asked), part(asked, 'key'))) throw new Fault(404, 'Metadata item was not found')
    await tell(asked, 'instances', part(asked), { [part(asked, 'key')]: undefined }, metadata)
    return nothing(204)
  },
}
