/** Volumes and their snapshots: Cinder's API 3, 2 and 1, and Nova's own of the clouds before Cinder. */

import { badRequest, conflict, notFound } from '../../../model/errors.ts'
import type { StorageSnapshot, StorageVolume } from '../../../model/resources.ts'
import { byId, type Operations } from '../../driver.ts'
import { given, known, type Native } from './native.ts'
import { asReference, type Session, segment } from './session.ts'

/** What the versions of the service call things. */
interface Dialect {
  readonly volumes: string
  readonly snapshots: string
  readonly name: 'name' | 'display_name'
  readonly description: 'description' | 'display_description'
}

const modern: Dialect = { volumes: '/volumes', snapshots: '/snapshots', name: 'name', description: 'description' }
const first: Dialect = { ...modern, name: 'display_name', description: 'display_description' }
const novas: Dialect = { ...first, volumes: '/os-volumes', snapshots: '/os-snapshots' }

/** Nova's own stands in the catalog at Nova's address, whose versions were 1.1 and 2. */
const dialectOf = async (session: Session): Promise<Dialect> => {
  const [address, compute] = await Promise.all([session.address('volume'), session.address('compute')])
  if (address === undefined) return modern
  if (address === compute || /\/v1\.1(\/|$)/.test(address)) return novas
  return /\/v1(\/|$)/.test(address) ? first : modern
}

/** Capacity in GB. */
export const volumeOf = (volume: Native): StorageVolume => {
  // Nova's own volumes have an empty one where there is none.
  const [attachment] = volume.needList('attachments').filter(one => one.names().length > 0)
  const instanceId = attachment?.has('serverId') === true ? attachment.text('serverId') : attachment?.need('server_id')
  return known<StorageVolume>({
    id: volume.need('id'),
    name: blankIsNone(volume.oneOf('name', 'display_name', 'displayName')),
    description: blankIsNone(volume.oneOf('description', 'display_description', 'displayDescription')),
    state: stateOf(volume.text('status')),
    capacity: volume.number('size'),
    created: volume.oneOf('created_at', 'createdAt'),
    realmId: blankIsNone(volume.oneOf('availability_zone', 'availabilityZone')),
    instanceId,
    device: instanceId === undefined ? undefined : attachment?.text('device'),
  })
}

/** As the API has always told it: a volume that is being made counts as available. All else is Cinder's own word. */
const stateOf = (status: string | undefined): string | undefined => (status === 'creating' ? 'AVAILABLE' : status?.toUpperCase())

/** Cinder 1 has no absent names. */
const blankIsNone = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

export const snapshotOf = (snapshot: Native): StorageSnapshot => {
  const name = blankIsNone(snapshot.oneOf('name', 'display_name', 'displayName'))
  return known<StorageSnapshot>({
    id: snapshot.need('id'),
    name,
    description: blankIsNone(snapshot.oneOf('description', 'display_description', 'displayDescription')) ?? name,
    state: snapshot.text('status')?.toUpperCase(),
    storageVolumeId: snapshot.oneOf('volume_id', 'volumeId'),
    created: snapshot.oneOf('created_at', 'createdAt'),
  })
}

const findVolume = async (session: Session, id: string): Promise<StorageVolume | undefined> => {
  const { volumes } = await dialectOf(session)
  const found = await session.find('volume', `${volumes}/${segment(id)}`)
  return found === undefined ? undefined : volumeOf(found.needObject('volume'))
}

const seconds = (session: Session): number => Math.floor(session.context.now() / 1000)

export const storageVolumes: NonNullable<Operations<Session>['storage_volumes']> = {
  ...byId(async session => {
    const { volumes } = await dialectOf(session)
    return (await session.list('volume', `${volumes}/detail`, 'volumes')).map(volumeOf)
  }, findVolume),
  async create(session, { name, description, capacity, snapshotId, realmId }) {
    const dialect = await dialectOf(session)
    const called = name ?? `Volume${seconds(session)}`
    const volume = given({
      // A volume of a snapshot is as large as that, where nobody says more.
      size: capacity ?? (snapshotId === undefined ? 1 : undefined),
      [dialect.name]: called,
      [dialect.description]: description ?? called,
      snapshot_id: snapshotId,
      // The one realm isn't a zone.
      availability_zone: realmId === session.realm ? undefined : realmId,
    })
    return volumeOf((await asReference(session.ask('volume', 'POST', dialect.volumes, { volume }), snapshotId)).needObject('volume'))
  },
  async attach(session, id, { instanceId, device }) {
    const volume = await findVolume(session, id)
    if (volume === undefined) throw notFound(`There is no volume ${id}`)
    if (volume.instanceId !== undefined) throw conflict(`The volume ${id} is attached to ${volume.instanceId}`)
    const wanted = device === '' ? undefined : device
    const volumeAttachment = given({ volumeId: id, device: wanted })
    const path = `/servers/${segment(instanceId)}/os-volume_attachments`
    const asking = inUseIsConflict(session.ask('compute', 'POST', path, { volumeAttachment }))
    const made = (await asReference(asking, instanceId)).needObject('volumeAttachment')
    // Attaching takes a while, and until it's done the volume doesn't say where.
    const after = (await findVolume(session, id)) ?? volume
    return { instanceId, ...known<{ device?: string }>({ device: made.text('device') ?? wanted }), ...after }
  },
  async detach(session, id) {
    const volume = await findVolume(session, id)
    if (volume === undefined) throw notFound(`There is no volume ${id}`)
    if (volume.instanceId === undefined) throw conflict(`The volume ${id} is not attached`)
    await inUseIsConflict(session.tell('compute', 'DELETE', `/servers/${segment(volume.instanceId)}/os-volume_attachments/${segment(id)}`))
    return (await findVolume(session, id)) ?? volume
  },
  async destroy(session, id) {
    const { volumes } = await dialectOf(session)
    await inUseIsConflict(session.tell('volume', 'DELETE', `${volumes}/${segment(id)}`))
  },
}

/** Cinder answers with 400 where a volume or snapshot is in use, isn't ready, or has others made of it; Nova says it after Cinder. */
const inUseIsConflict = async <T>(asking: Promise<T>): Promise<T> => {
  try {
    return await asking
  } catch (error) {
    const isInUse =
      error instanceof Error &&
      'kind' in error &&
      error.kind === 'bad-request' &&
      /^(Invalid input received: )?Invalid (volume|snapshot)/i.test(error.message)
    if (isInUse) throw conflict(error.message)
    throw error
  }
}

export const storageSnapshots: NonNullable<Operations<Session>['storage_snapshots']> = {
  ...byId(
    async session => {
      const { snapshots } = await dialectOf(session)
      return (await session.list('volume', snapshots === modern.snapshots ? '/snapshots/detail' : snapshots, 'snapshots')).map(snapshotOf)
    },
    async (session, id) => {
      const { snapshots } = await dialectOf(session)
      const found = await session.find('volume', `${snapshots}/${segment(id)}`)
      return found === undefined ? undefined : snapshotOf(found.needObject('snapshot'))
    },
  ),
  async create(session, { volumeId, name, description }) {
    const dialect = await dialectOf(session)
    if (volumeId === '') throw badRequest('A snapshot needs a volume')
    const snapshot = {
      volume_id: volumeId,
      [dialect.name]: name ?? `snapshot_${seconds(session)}`,
      [dialect.description]: description ?? `snapshot from volume ${volumeId}`,
      // Without it Cinder refuses for a volume that is attached.
      force: true,
    }
    const asking = asReference(session.ask('volume', 'POST', dialect.snapshots, { snapshot }), volumeId)
    return snapshotOf((await inUseIsConflict(asking)).needObject('snapshot'))
  },
  async destroy(session, id) {
    const { snapshots } = await dialectOf(session)
    await inUseIsConflict(session.tell('volume', 'DELETE', `${snapshots}/${segment(id)}`))
  },
}
