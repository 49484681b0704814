/** Servers, flavors, images and key pairs: Nova's API 2.1 and what came before it, and Glance's API 2 where there is one. */

import { badRequest, CloudError, notFound, notPermitted } from '../../../model/errors.ts'
import type { HardwareProfile } from '../../../model/hardware-profile.ts'
import type { LaunchRequest } from '../../../model/requests.ts'
import type { Image, Instance, Realm } from '../../../model/resources.ts'
import type { InstanceAction } from '../../../model/state-machine.ts'
import { byId, type Operations } from '../../driver.ts'
import { run } from '../../shell.ts'
import { discard, headerOf } from '../../wire.ts'
import { imageOf, instanceOf, keyOf, lifeIn, limitIn, mountOf, profileOf, tellsVolumes, type Viewer, volumesOf } from './compute-mapping.ts'
import { each } from './each.ts'
import { given, known, type Native } from './native.ts'
import { asReference, type Session, segment } from './session.ts'

/** The one realm: a region, as the session chose it. What Nova calls an availability zone is told of volumes alone. */
export const realms: NonNullable<Operations<Session>['realms']> = {
  async list(session) {
    const limits = (await session.ask('compute', 'GET', '/limits')).needObject('limits')
    return [known<Realm>({ id: session.realm, name: session.realm, state: 'AVAILABLE', limit: limitIn(limits) })]
  },
}

const profiles = async (session: Session): Promise<readonly HardwareProfile[]> =>
  (await session.list('compute', '/flavors/detail', 'flavors')).map(profileOf)

export const hardwareProfiles: NonNullable<Operations<Session>['hardware_profiles']> = byId(profiles, async (session, id) => {
  const found = await session.find('compute', `/flavors/${segment(id)}`)
  return found === undefined ? undefined : profileOf(found.needObject('flavor'))
})

const viewer = async (session: Session): Promise<Viewer> => ({
  user: session.user,
  projectId: (await session.login()).projectId,
  isByProxy: !(await session.hasGlance()),
})

const findImage = async (session: Session, id: string): Promise<Native | undefined> => {
  if (await session.hasGlance()) return session.find('image', `/images/${segment(id)}`)
  return (await session.find('compute', `/images/${segment(id)}`))?.needObject('image')
}

const getImage = async (session: Session, id: string): Promise<Image | undefined> => {
  const [image, all] = await Promise.all([findImage(session, id), profiles(session)])
  return image === undefined ? undefined : imageOf(image, await viewer(session), all)
}

export const images: NonNullable<Operations<Session>['images']> = {
  ...byId(async session => {
    const listing = (await session.hasGlance())
      ? session.list('image', '/images?limit=1000', 'images')
      : session.list('compute', '/images/detail', 'images')
    const [found, all] = await Promise.all([listing, profiles(session)])
    const who = await viewer(session)
    return found.map(image => imageOf(image, who, all))
  }, getImage),
  async create(session, { instanceId, name }) {
    const path = `/servers/${segment(instanceId)}`
    const server = await asReference(session.ask('compute', 'GET', path), instanceId).then(answer => answer.needObject('server'))
    const called = name ?? `${server.text('name') ?? instanceId}_${Math.floor(session.context.now() / 1000)}`
    const response = await session.send('compute', { method: 'POST', path: `${path}/action`, body: { createImage: { name: called } } })
    await discard(response)
    const id = headerOf(response.headers, 'location')?.replace(/\/+$/, '').split('/').at(-1)
    if (id === undefined) throw new CloudError('provider-error', `POST ${path}/action: Location can't be read`)
    const image = await getImage(session, decodeURIComponent(id))
    if (image === undefined) throw new CloudError('provider-error', `The image ${id} is made, and isn't there`)
    return image
  },
  async destroy(session, id) {
    const kind = (await session.hasGlance()) ? 'image' : 'compute'
    await session.tell(kind, 'DELETE', `/images/${segment(id)}`)
  },
}

/** Ports of all servers, where the account has networks. */
const portsOf = async (session: Session): Promise<{ readonly ports?: readonly Native[] }> =>
  (await session.has('network')) ? { ports: await session.list('network', '/ports', 'ports') } : {}

/** Where a server's volumes are. Nova tells with the server which ones it has, and elsewhere as what device; old ones tell elsewhere only. */
const withMounts = async (session: Session, server: Native): Promise<{ readonly mounts?: ReturnType<typeof mountOf>[] }> => {
  const hasSome = tellsVolumes(server) ? volumesOf(server).length > 0 : await session.has('volume')
  if (!hasSome) return {}
  const answer = await session.find('compute', `/servers/${segment(server.need('id'))}/os-volume_attachments`)
  const told = answer?.list('volumeAttachments').map(mountOf) ?? []
  const ids = new Set(told.map(({ id }) => id))
  return { mounts: [...told, ...volumesOf(server).flatMap(id => (ids.has(id) ? [] : [{ id }]))] }
}

const shownOf = async (session: Session, server: Native, password?: string): Promise<Instance> => {
  const [ports, mounts] = await Promise.all([portsOf(session), withMounts(session, server)])
  return instanceOf(server, { user: session.user, realm: session.realm, ...ports, ...mounts, password })
}

const find = async (session: Session, id: string): Promise<Instance | undefined> => {
  const answer = await session.find('compute', `/servers/${segment(id)}`)
  return answer === undefined ? undefined : shownOf(session, answer.needObject('server'))
}

const launch = async (session: Session, request: LaunchRequest): Promise<readonly Instance[]> => {
  const profile = request.hardwareProfileId ?? (await profiles(session))[0]?.id
  if (profile === undefined) throw badRequest('The cloud has no hardware profile')
  const { imageId, keyName, firewalls = [] } = request
  const body = { server: serverFrom(request, profile, session.context.now()) }
  const made = (await asReference(session.ask('compute', 'POST', '/servers', body), imageId, profile, keyName, ...firewalls)).needObject(
    'server',
  )
  const answer = await session.ask('compute', 'GET', `/servers/${segment(made.need('id'))}`)
  // Nova tells no more than the id; those before 2.0 tell the whole, as it was before anything was done with it.
  const shown = await shownOf(session, made.has('status') ? made : answer.needObject('server'), made.text('adminPass'))
  // Its ports, which say in which groups it is, are made a while later.
  return [shown.firewalls === undefined && firewalls.length > 0 ? { ...shown, firewalls } : shown]
}

const serverFrom = (request: LaunchRequest, flavorRef: string, now: number): object => {
  const { imageId, realmId, name, keyName, userData, files = [], firewalls = [], password, networks } = request
  if (realmId !== undefined && realmId === '') throw badRequest('The realm has no name')
  return given({
    name: name === undefined || name === '' ? `server${Math.floor(now / 1000)}` : name,
    imageRef: imageId,
    flavorRef,
    key_name: keyName,
    adminPass: password,
    user_data: userData,
    personality:
      files.length === 0 ? undefined : files.map(({ path, content }) => ({ path, contents: Buffer.from(content).toString('base64') })),
    networks: networks?.map(uuid => ({ uuid })),
    security_groups: firewalls.length === 0 ? undefined : firewalls.map(group => ({ name: group })),
  })
}

/** What Nova is asked for an action. A soft reboot wants a guest that listens; a hard one always works. */
const requests: Readonly<Record<Exclude<InstanceAction, 'destroy'>, object>> = {
  start: { 'os-start': null },
  stop: { 'os-stop': null },
  reboot: { reboot: { type: 'HARD' } },
}

const act = (action: keyof typeof requests) => async (session: Session, id: string) => {
  await refusedAsNotPermitted(session.tell('compute', 'POST', `/servers/${segment(id)}/action`, requests[action]))
  const after = await find(session, id)
  if (after === undefined) throw notFound(`The instance ${id} is gone`)
  return after
}

/** Nova says that it's a conflict what the state doesn't permit, and names the state; other conflicts are a lock, say. */
const refusedAsNotPermitted = async (asking: Promise<void>): Promise<void> => {
  try {
    await asking
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'conflict' && /while it is in/.test(error.message)) throw notPermitted(error.message)
    throw error
  }
}

export const instances: NonNullable<Operations<Session>['instances']> = {
  ...byId(async session => {
    const [servers, ports] = await Promise.all([session.list('compute', '/servers/detail', 'servers'), portsOf(session)])
    return each(servers, async server =>
      instanceOf(server, { user: session.user, realm: session.realm, ...ports, ...(await withMounts(session, server)) }),
    )
  }, find),
  async permitted(session, id) {
    const server = (await session.find('compute', `/servers/${segment(id)}`))?.needObject('server')
    return server === undefined ? undefined : lifeIn(server)
  },
  create: launch,
  start: act('start'),
  stop: act('stop'),
  reboot: act('reboot'),
  destroy: (session, id) => refusedAsNotPermitted(session.tell('compute', 'DELETE', `/servers/${segment(id)}`)),
  run: async (session, id, request) => {
    const instance = await find(session, id)
    if (instance === undefined) throw notFound(`There is no instance ${id}`)
    return run(instance, request, session.context)
  },
}

/** Nova's own list wraps each pair once more. */
export const keys: NonNullable<Operations<Session>['keys']> = {
  async list(session) {
    return (await session.list('compute', '/os-keypairs', 'keypairs')).map(one => keyOf(one.needObject('keypair')))
  },
  async create(session, { name, publicKey }) {
    const answer = await session.ask('compute', 'POST', '/os-keypairs', { keypair: given({ name, public_key: publicKey }) })
    return keyOf(answer.needObject('keypair'))
  },
  destroy: (session, id) => session.tell('compute', 'DELETE', `/os-keypairs/${segment(id)}`),
}
