/** Volumes and snapshots. */

import type { StorageSnapshot, StorageVolume } from '../../../model/resources.ts'
import { type Actions, type Asked, chosen, group, operation } from './asked.ts'
import { dateOf } from './derived.ts'
import { ApiError, notThere } from './errors.ts'
import { described, filtered } from './listing.ts'
import { type OwnedSnapshot, publicSnapshots } from './public-snapshots.ts'
import { type Tags, tagAtCreation, tagReaders, tagSet, tagsOf, tagsOfAll } from './tags.ts'
import type { Tree } from './writer.ts'

const statusOf = (one: { readonly state?: string; readonly instanceId?: string }): string =>
  one.state?.toLowerCase() ?? (one.instanceId === undefined ? 'available' : 'in-use')

const attachmentOf = (volume: StorageVolume, status = 'attached'): Record<string, Tree> => ({
  volumeId: volume.id,
  instanceId: volume.instanceId,
  device: volume.device,
  status,
  deleteOnTermination: false,
})

/** A name that isn't the id is what consoles show as the tag `Name`. */
const withName = (one: { readonly id: string; readonly name?: string }, tags: Tags | undefined): Tags | undefined =>
  one.name === undefined || one.name === one.id || tags?.Name !== undefined ? tags : { Name: one.name, ...tags }

const volumeTree = (volume: StorageVolume, tags: Tags | undefined): Tree => ({
  volumeId: volume.id,
  size: volume.capacity,
  snapshotId: '',
  availabilityZone: volume.realmId,
  status: statusOf(volume),
  createTime: dateOf(volume.created),
  attachmentSet: volume.instanceId === undefined ? [] : [attachmentOf(volume)],
  volumeType: 'gp2',
  encrypted: false,
  tagSet: tagSet(withName(volume, tags)),
})

const snapshotTree = (asked: Asked, snapshot: StorageSnapshot | OwnedSnapshot, tags: Tags | undefined): Record<string, Tree> => {
  const status = snapshot.state?.toLowerCase() ?? 'completed'
  const { owner, size } = 'owner' in snapshot ? snapshot : { owner: asked.user, size: undefined }
  return {
    snapshotId: snapshot.id,
    volumeId: snapshot.storageVolumeId,
    status,
    startTime: dateOf(snapshot.created),
    progress: status === 'completed' ? '100%' : '0%',
    ownerId: owner,
    description: snapshot.description ?? '',
    encrypted: false,
    ...(size === undefined ? {} : { volumeSize: size }),
    tagSet: tagSet(withName(snapshot, tags)),
  }
}

const volumeAt = async (asked: Asked, id: string): Promise<StorageVolume> => {
  const found = (await group(asked, 'storage_volumes').list({ id })).find(one => one.id === id)
  if (found === undefined) throw notThere('storage_volumes', id)
  return found
}

/** Publishers of public snapshots count as Amazon, where its snapshots are asked for. */
const isOwner = ({ user }: Asked, { owner: its }: OwnedSnapshot, owner: string): boolean =>
  owner === 'self' ? its === user : owner === 'amazon' ? its !== user : its === owner

export const volumeActions: Actions = {
  DescribeVolumes: {
    about: 'storage_volumes',
    async answer(asked) {
      const { parameters } = asked
      const all = chosen('storage_volumes', await group(asked, 'storage_volumes').list({}), parameters.list('VolumeId'))
      const tags = await tagsOfAll(asked, 'storage_volumes', all)
      const found = filtered(parameters, all, {
        ...tagReaders(parameters, tags),
        'volume-id': volume => volume.id,
        status: statusOf,
        size: volume => volume.capacity,
        'availability-zone': volume => volume.realmId,
        'attachment.instance-id': volume => volume.instanceId,
        'attachment.device': volume => volume.device,
        'attachment.status': volume => (volume.instanceId === undefined ? undefined : 'attached'),
      })
      return described(asked, 'volumeSet', found, volume => volumeTree(volume, tags.get(volume.id)))
    },
  },
  CreateVolume: {
    about: 'storage_volumes',
    changes: true,
    async answer(asked) {
      const { parameters } = asked
      const [wanted, named, zone] = [parameters.number('Size'), parameters.text('SnapshotId'), parameters.text('AvailabilityZone')]
      if (wanted !== undefined && wanted < 1) throw new ApiError('InvalidParameterValue', `Invalid volume size: ${wanted}`)
      // The cloud knows no snapshot of another account: a volume of one is a volume of its size.
      const shared = named === undefined ? undefined : (await publicSnapshots(asked)).find(({ id }) => id === named)
      const size = wanted ?? shared?.size
      if (shared?.size !== undefined && size !== undefined && size < shared.size)
        throw new ApiError('InvalidParameterValue', `The size of a volume can't be less than that of its snapshot: ${shared.size} GiB`)
      const snapshot = shared === undefined ? named : undefined
      const volume = await operation(
        group(asked, 'storage_volumes').create,
        'make volumes',
      )({
        ...(size === undefined ? {} : { capacity: size }),
        ...(snapshot === undefined ? {} : { snapshotId: snapshot }),
        ...(zone === undefined ? {} : { realmId: zone }),
      })
      await tagAtCreation(asked, 'volume', 'storage_volumes', [volume])
      return volumeTree(volume, await tagsOf(asked, 'storage_volumes', volume.id))
    },
  },
  DeleteVolume: {
    about: 'storage_volumes',
    changes: true,
    async answer(asked) {
      await operation(group(asked, 'storage_volumes').destroy, 'destroy volumes')(asked.parameters.need('VolumeId'))
      return { return: true }
    },
  },
  AttachVolume: {
    about: 'storage_volumes',
    changes: true,
    async answer(asked) {
      const { parameters } = asked
      const attach = operation(group(asked, 'storage_volumes').attach, 'attach volumes')
      const [instanceId, device] = [parameters.need('InstanceId'), parameters.need('Device')]
      const volume = await attach(parameters.need('VolumeId'), { instanceId, device })
      return attachmentOf({ ...volume, instanceId, device }, 'attaching')
    },
  },
  DetachVolume: {
    about: 'storage_volumes',
    changes: true,
    async answer(asked) {
      const { parameters } = asked
      const before = await volumeAt(asked, parameters.need('VolumeId'))
      const instance = parameters.text('InstanceId')
      if (before.instanceId === undefined || (instance !== undefined && instance !== before.instanceId))
        throw new ApiError('IncorrectState', `The volume '${before.id}' is not attached to that instance`)
      await operation(group(asked, 'storage_volumes').detach, 'detach volumes')(before.id)
      return attachmentOf(before, 'detaching')
    },
  },
  DescribeSnapshots: {
    about: 'storage_snapshots',
    async answer(asked) {
      const { parameters } = asked
      const owners = parameters.list('Owner')
      const own = (await group(asked, 'storage_snapshots').list({})).map((snapshot): OwnedSnapshot => ({ ...snapshot, owner: asked.user }))
      // Whoever asks for their own needs no look at those of others.
      const others = owners.length > 0 && owners.every(owner => owner === 'self') ? [] : await publicSnapshots(asked)
      const all = chosen('storage_snapshots', [...own, ...others], parameters.list('SnapshotId'))
      const owned = owners.length === 0 ? all : all.filter(snapshot => owners.some(owner => isOwner(asked, snapshot, owner)))
      const tags = await tagsOfAll(asked, 'storage_snapshots', owned)
      const found = filtered(parameters, owned, {
        ...tagReaders(parameters, tags),
        'snapshot-id': snapshot => snapshot.id,
        'volume-id': snapshot => snapshot.storageVolumeId,
        status: snapshot => snapshot.state?.toLowerCase() ?? 'completed',
        description: snapshot => snapshot.description,
        'owner-id': snapshot => snapshot.owner,
      })
      return described(asked, 'snapshotSet', found, snapshot => snapshotTree(asked, snapshot, tags.get(snapshot.id)))
    },
  },
  CreateSnapshot: {
    about: 'storage_volumes',
    changes: true,
    async answer(asked) {
      const { parameters } = asked
      const description = parameters.text('Description')
      const snapshot = await operation(
        group(asked, 'storage_snapshots').create,
        'make snapshots',
      )({ volumeId: parameters.need('VolumeId'), ...(description === undefined ? {} : { description }) })
      await tagAtCreation(asked, 'snapshot', 'storage_snapshots', [snapshot])
      return snapshotTree(asked, snapshot, await tagsOf(asked, 'storage_snapshots', snapshot.id))
    },
  },
  DeleteSnapshot: {
    about: 'storage_snapshots',
    changes: true,
    async answer(asked) {
      await operation(group(asked, 'storage_snapshots').destroy, 'destroy snapshots')(asked.parameters.need('SnapshotId'))
      return { return: true }
    },
  },
}
