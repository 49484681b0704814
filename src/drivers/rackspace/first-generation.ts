/** First-generation Cloud Servers, API 1.0, and Cloud Files: what Rackspace had before OpenStack. Withdrawn; recordings and old mirrors have it. */

import { badRequest, CloudError, notFound, notPermitted } from '../../model/errors.ts'
import type { HardwareProfile } from '../../model/hardware-profile.ts'
import type { LaunchRequest } from '../../model/requests.ts'
import type { Instance, InstanceAddress } from '../../model/resources.ts'
import { StateMachine } from '../../model/state-machine.ts'
import { byId, type Offer } from '../driver.ts'
import { imageOf, profileOf } from '../families/openstack/compute-mapping.ts'
import { given, known, type Native } from '../families/openstack/native.ts'
import { blobs, buckets } from '../families/openstack/objects.ts'
import { asReference, type Session, segment } from '../families/openstack/session.ts'
import { lifeOf } from '../families/openstack/states.ts'
import { run } from '../shell.ts'

/** There is no stop: the original deleted the server instead, and with it what was on it. Rackspace may suspend one. */
export const machine = new StateMachine([
  { from: 'start', to: 'pending', on: 'create' },
  { from: 'pending', to: 'running', on: 'automatically' },
  { from: 'pending', to: 'error', on: 'possibly' },
  { from: 'running', to: 'running', on: 'reboot' },
  { from: 'running', to: 'finish', on: 'destroy' },
  { from: 'running', to: 'pending', on: 'possibly' },
  { from: 'running', to: 'stopped', on: 'possibly' },
  { from: 'running', to: 'error', on: 'possibly' },
  { from: 'stopped', to: 'running', on: 'possibly' },
  { from: 'stopped', to: 'finish', on: 'destroy' },
  { from: 'error', to: 'finish', on: 'destroy' },
])

const profiles = async (session: Session): Promise<readonly HardwareProfile[]> =>
  (await session.list('compute', '/flavors/detail', 'flavors')).map(profileOf)

const images = async (session: Session) => {
  const [found, all] = await Promise.all([session.list('compute', '/images/detail', 'images'), profiles(session)])
  return found.map(image => imageOf(image, { user: session.user, projectId: undefined, isByProxy: true }, all))
}

const addressOf = (address: string): InstanceAddress => ({ address, type: address.includes(':') ? 'ipv6' : 'ipv4' })

/** @param password told once, in the answer to the creation */
export const serverOf = (server: Native, { user, realm }: Pick<Session, 'user' | 'realm'>, password?: string): Instance => {
  const addresses = server.object('addresses')
  const profile = server.text('flavorId')
  const { state, permits } = lifeOf(server.need('status'))
  return known<Instance>({
    id: server.need('id'),
    name: server.text('name'),
    ownerId: user,
    imageId: server.text('imageId'),
    realmId: realm,
    state,
    // Its guide has reboots of servers that are ACTIVE, and of no others.
    permits: permits?.filter(action => action !== 'reboot'),
    hardwareProfile: profile === undefined ? undefined : { id: profile, overrides: {} },
    publicAddresses: (addresses?.texts('public') ?? []).map(addressOf),
    privateAddresses: (addresses?.texts('private') ?? []).map(addressOf),
    username: 'root',
    password,
    canCreateImage: state === 'running' ? true : undefined,
    storageVolumes: [],
  })
}

const find = async (session: Session, id: string): Promise<Instance | undefined> => {
  const found = await session.find('compute', `/servers/${segment(id)}`)
  return found === undefined ? undefined : serverOf(found.needObject('server'), session)
}

/** Ids are numbers. @throws CloudError `bad-request` for what is none */
const numeric = (id: string, what: string): number => {
  if (!/^\d{1,15}$/.test(id)) throw badRequest(`There is no ${what} ${id}`)
  return Number(id)
}

const launch = async (session: Session, request: LaunchRequest): Promise<readonly Instance[]> => {
  const { imageId, hardwareProfileId = '1', name, files = [] } = request
  const server = given({
    name: name ?? `server${Math.floor(session.context.now() / 1000)}`,
    imageId: numeric(imageId, 'image'),
    flavorId: numeric(hardwareProfileId, 'hardware profile'),
    adminPass: request.password,
    personality:
      files.length === 0 ? undefined : files.map(({ path, content }) => ({ path, contents: Buffer.from(content).toString('base64') })),
  })
  const made = (await asReference(session.ask('compute', 'POST', '/servers', { server }))).needObject('server')
  return [serverOf(made, session, made.text('adminPass'))]
}

/** A server that is built or resized is busy: a conflict, as the provider says it. */
const unlessBusy = async (asking: Promise<void>): Promise<void> => {
  try {
    await asking
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'conflict') throw notPermitted(error.message)
    throw error
  }
}

const reboot = async (session: Session, id: string): Promise<Instance> => {
  await unlessBusy(session.tell('compute', 'POST', `/servers/${segment(id)}/action`, { reboot: { type: 'HARD' } }))
  const after = await find(session, id)
  if (after === undefined) throw notFound(`The instance ${id} is gone`)
  return after
}

export const firstGeneration: Offer<Session> = {
  features: {
    images: { owner_id: {}, image_name: {} },
    instances: { user_name: {}, authentication_password: {}, user_files: {} },
  },
  machine,
  operations: {
    realms: { list: async ({ realm }) => [{ id: realm, name: 'United States', state: 'AVAILABLE' }] },
    hardware_profiles: { list: profiles },
    images: {
      list: images,
      async create(session, { instanceId, name }) {
        const called = name ?? `${instanceId}_${Math.floor(session.context.now() / 1000)}`
        const image = { name: called, serverId: numeric(instanceId, 'instance') }
        const made = (await asReference(session.ask('compute', 'POST', '/images', { image }))).needObject('image')
        return imageOf(made, { user: session.user, projectId: undefined, isByProxy: true }, await profiles(session))
      },
      destroy: (session, id) => session.tell('compute', 'DELETE', `/images/${segment(id)}`),
    },
    instances: {
      ...byId(
        async (session: Session) => (await session.list('compute', '/servers/detail', 'servers')).map(server => serverOf(server, session)),
        find,
      ),
      create: launch,
      reboot,
      destroy: (session, id) => unlessBusy(session.tell('compute', 'DELETE', `/servers/${segment(id)}`)),
      run: async (session, id, request) => {
        const instance = await find(session, id)
        if (instance === undefined) throw notFound(`There is no instance ${id}`)
        return run(instance, request, session.context)
      },
    },
    buckets,
    blobs,
  },
}
