/** Storage volumes. */

import { badRequest, conflict } from '../../model/errors.ts'
import type { Instance, StorageVolume } from '../../model/resources.ts'
import { become, becoming, duration, passing } from '../becoming.ts'
import { newId } from '../ids.ts'
import type { Records } from '../records.ts'
import type { Tenant, Turn } from '../tenant.ts'
import { found, given, listing, realmOr, referred } from './lookup.ts'

export const { list, get, page } = listing('storage_volumes')

export interface NewVolume {
  readonly name?: string
  readonly description?: string
  readonly capacity?: number
  readonly snapshotId?: string
  readonly realmId?: string
}

export const create = (tenant: Tenant, request: NewVolume): Promise<StorageVolume> => tenant.write(turn => make(turn, request))

export const attach = (
  tenant: Tenant,
  id: string,
  request: { readonly instanceId: string; readonly device: string },
): Promise<StorageVolume> =>
  tenant.write(async turn => {
    const { lenient } = turn.personality
    const { shown } = await found(turn, 'storage_volumes', id)
    const instance = await referred(turn, 'instances', request.instanceId)
    const device = request.device === '' && !lenient.looseValues ? freeDevice(instance.shown) : request.device
    if (!lenient.attachedTwice) checkFree(shown, instance.shown, device)
    return fasten(turn, shown, instance, device)
  })

export const detach = (tenant: Tenant, id: string): Promise<StorageVolume> =>
  tenant.write(async turn => {
    const { shown, kept } = await found(turn, 'storage_volumes', id)
    if (shown.instanceId === undefined) throw conflict(`Storage volume '${id}' is not attached`)
    if (kept.becomes !== undefined) throw conflict(`Storage volume '${id}' is being ${shown.state === leaving ? 'detached' : 'attached'}`)
    const takes = duration(turn, 'detachment', 'storage_volumes', id, 'detachment', turn.now)
    if (takes === 0) return release(turn, shown)
    const record = passing(turn, { shown, kept }, { first: leaving, last: 'AVAILABLE' }, takes)
    await turn.tx.put('storage_volumes', record)
    return record.shown
  })

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    const { shown } = await found(turn, 'storage_volumes', id)
    if (shown.instanceId !== undefined) throw conflict(`Storage volume '${id}' is attached to the instance '${shown.instanceId}'`)
    const snapshots = turn.personality.snapshotsHoldVolumes === true ? await turn.tx.list('storage_snapshots') : []
    const holder = snapshots.find(({ storageVolumeId }) => storageVolumeId === id)
    if (holder !== undefined) throw conflict(`There is a snapshot of the storage volume '${id}': '${holder.id}'`)
    await turn.tx.remove('storage_volumes', id)
  })

/** What a volume that is due has come to. */
export const arriveVolume = async (turn: Turn, record: Records['storage_volumes']): Promise<void> => {
  if (record.shown.state === leaving) await release(turn, record.shown)
  else await turn.tx.put('storage_volumes', become(record))
}

/** The state in which a volume is until its instance has let go of it. */
const leaving = 'DETACHING'

/** Makes a volume. @throws CloudError `bad-request` for a value or a reference that can't be. */
export const make = async (turn: Turn, request: NewVolume): Promise<StorageVolume> => {
  const { personality, now } = turn
  const realmId = realmOr(turn, request.realmId)
  const source = given(request.snapshotId) === undefined ? undefined : await snapshotOf(turn, request.snapshotId ?? '')
  const capacity = request.capacity ?? source?.kept.capacity ?? 1
  if (!Number.isFinite(capacity)) throw badRequest('The capacity of a volume must be a number of GB')
  if (!personality.lenient.looseValues) {
    const least = source?.kept.capacity ?? 1
    if (!(Number.isInteger(capacity) && capacity >= least && capacity <= largest)) {
      throw badRequest(`The capacity of this volume must be a whole number of GB from ${least} to ${largest}`)
    }
  }
  const id = await newId(turn, 'storage_volumes', personality.ids.storage_volumes)
  const name = given(request.name) ?? personality.volumeName(id)
  const shown: StorageVolume = {
    id,
    ...(name === undefined ? {} : { name }),
    ...(request.description === undefined ? {} : { description: request.description }),
    created: personality.time(now),
    ...(personality.says.volumeRealm ? { realmId } : {}),
    capacity,
  }
  const record = becoming(turn, 'storage_volumes', { shown, kept: {} })
  await turn.tx.put('storage_volumes', record)
  return record.shown
}

/** GB. */
const largest = 16384

const snapshotOf = async (turn: Turn, id: string): Promise<Records['storage_snapshots'] | undefined> => {
  if (turn.personality.lenient.unknownReferences) return turn.tx.get('storage_snapshots', id)
  const snapshot = await referred(turn, 'storage_snapshots', id)
  if (snapshot.shown.state !== turn.personality.making.storage_snapshots.last)
    throw conflict(`Storage snapshot '${id}' is not completed yet`)
  return snapshot
}

/** Attaches a volume, on both sides. Whether it may be, the caller knows. */
export const fasten = async (turn: Turn, volume: StorageVolume, instance: Records['instances'], device: string): Promise<StorageVolume> => {
  const storageVolumes = [...instance.shown.storageVolumes.filter(mount => mount.id !== volume.id), { id: volume.id, device }]
  await turn.tx.put('instances', { ...instance, shown: { ...instance.shown, storageVolumes } })
  const takes = duration(turn, 'attachment', 'storage_volumes', volume.id, 'attachment', turn.now)
  const attached: StorageVolume = { ...volume, instanceId: instance.shown.id, device }
  const record = passing(turn, { shown: attached, kept: {} }, { first: 'ATTACHING', last: 'IN-USE' }, takes)
  await turn.tx.put('storage_volumes', record)
  return record.shown
}

/** @throws CloudError `conflict` where the volume, the instance or the device isn't free, `bad-request` where they're in different realms. */
const checkFree = (volume: StorageVolume, instance: Instance, device: string): void => {
  if (volume.instanceId !== undefined) throw conflict(`Storage volume '${volume.id}' is attached to the instance '${volume.instanceId}'`)
  if (volume.state !== 'AVAILABLE') throw conflict(`Storage volume '${volume.id}' is not available yet`)
  if (instance.state !== 'running' && instance.state !== 'stopped')
    throw conflict(`Instance '${instance.id}' is neither running nor stopped`)
  if (volume.realmId !== instance.realmId)
    throw badRequest(`Storage volume '${volume.id}' and instance '${instance.id}' are not in the same realm`)
  if (instance.storageVolumes.some(mount => mount.device === device))
    throw conflict(`Device '${device}' of instance '${instance.id}' is in use`)
}

/** The first device that nothing is attached as. */
const freeDevice = ({ id, storageVolumes }: Instance): string => {
  for (const letter of 'bcdefghijklmnopqrstuvwxyz') {
    if (!storageVolumes.some(mount => mount.device === `/dev/sd${letter}`)) return `/dev/sd${letter}`
  }
  throw conflict(`Instance '${id}' has no free device`)
}

/** Makes a volume free, on both sides. */
const release = async (turn: Turn, { id, instanceId }: StorageVolume): Promise<StorageVolume> => {
  const instance = instanceId === undefined ? undefined : await turn.tx.get('instances', instanceId)
  if (instance !== undefined) {
    const storageVolumes = instance.shown.storageVolumes.filter(mount => mount.id !== id)
    await turn.tx.put('instances', { ...instance, shown: { ...instance.shown, storageVolumes } })
  }
  return unfasten(turn, id)
}

/** Makes a volume free, on its own side. */
export const unfasten = async (turn: Turn, id: string): Promise<StorageVolume> => {
  const { shown } = await found(turn, 'storage_volumes', id)
  const { instanceId: _, device: __, ...rest } = shown
  const free: StorageVolume = { ...rest, state: 'AVAILABLE' }
  await turn.tx.put('storage_volumes', { shown: free, kept: {} })
  return free
}
