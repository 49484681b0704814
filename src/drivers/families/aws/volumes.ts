/** Storage volumes and snapshots: Elastic Block Store. */

import type { CreateVolumeRequest, Snapshot, Volume } from '@aws-sdk/client-ec2'
import { badRequest, conflict, notFound } from '../../../model/errors.ts'
import type { StorageSnapshot, StorageVolume } from '../../../model/resources.ts'
import { byId, type Operations } from '../../driver.ts'
import { asReference, unlessMissing } from './errors.ts'
import { named } from './mapping.ts'
import { nameTag, need, paged, present, some, timeOf } from './native.ts'
import { partsOf, zoneNames } from './realms.ts'
import type { Session } from './session.ts'

/** EC2 offers all of a volume at any time, and then says what it can't do now. */
const offered = ['attach', 'detach', 'destroy'] as const

export const volumeOf = (volume: Volume): StorageVolume => {
  const attachment = volume.Attachments?.find(({ State: state }) => state !== 'detached')
  return present({
    id: need(volume.VolumeId, 'volumeId'),
    name: named(volume.Tags),
    state: volume.State?.toUpperCase(),
    capacity: volume.Size,
    created: timeOf(volume.CreateTime),
    realmId: some(volume.AvailabilityZone),
    instanceId: some(attachment?.InstanceId),
    device: some(attachment?.Device),
    permits: offered,
  })
}

export const snapshotOf = (snapshot: Snapshot): StorageSnapshot =>
  present({
    id: need(snapshot.SnapshotId, 'snapshotId'),
    name: named(snapshot.Tags),
    description: some(snapshot.Description),
    state: snapshot.State?.toUpperCase(),
    storageVolumeId: some(snapshot.VolumeId),
    created: timeOf(snapshot.StartTime),
  })

const find = async (session: Session, id: string): Promise<Volume | undefined> =>
  (await unlessMissing(session.ec2(client => client.describeVolumes({ VolumeIds: [id] }))))?.Volumes?.find(
    one => need(one.VolumeId, 'volumeId') === id,
  )

/** @throws CloudError `not-found` */
const again = async (session: Session, id: string): Promise<StorageVolume> => {
  const found = await find(session, id)
  if (found === undefined) throw notFound()
  return volumeOf(found)
}

export const storageVolumes: NonNullable<Operations<Session>['storage_volumes']> = {
  ...byId(
    async session =>
      (
        await paged(async token => {
          const answer = await session.ec2(client => client.describeVolumes(token === undefined ? {} : { NextToken: token }))
          return { items: answer.Volumes ?? [], next: answer.NextToken }
        })
      ).map(volumeOf),
    async (session, id) => {
      const found = await find(session, id)
      return found === undefined ? undefined : volumeOf(found)
    },
  ),
  async create(session, { capacity, snapshotId, realmId, name }) {
    const zone = partsOf(realmId).zone ?? (await zoneNames(session))[0]
    if (zone === undefined) throw badRequest('There is no realm to make a volume in')
    const request: CreateVolumeRequest = {
      AvailabilityZone: zone,
      ...(capacity === undefined ? (snapshotId === undefined ? { Size: 1 } : {}) : { Size: capacity }),
      ...(snapshotId === undefined ? {} : { SnapshotId: snapshotId }),
      ...nameTag('volume', name),
    }
    return volumeOf(await asReference(session.ec2(client => client.createVolume(request))))
  },
  async attach(session, id, { instanceId, device }) {
    if ((await find(session, id)) === undefined) throw notFound()
    await asReference(session.ec2(client => client.attachVolume({ VolumeId: id, InstanceId: instanceId, Device: device })))
    return again(session, id)
  },
  async detach(session, id) {
    const { instanceId } = await again(session, id)
    if (instanceId === undefined) throw conflict('The volume is attached to no instance')
    await session.ec2(client => client.detachVolume({ VolumeId: id, InstanceId: instanceId }))
    return again(session, id)
  },
  async destroy(session, id) {
    await session.ec2(client => client.deleteVolume({ VolumeId: id }))
  },
}

export const storageSnapshots: NonNullable<Operations<Session>['storage_snapshots']> = {
  ...byId(
    // Without an owner that's all the snapshots that anyone has made public.
    async session =>
      (
        await paged(async token => {
          const answer = await session.ec2(client =>
            client.describeSnapshots({ OwnerIds: ['self'], ...(token === undefined ? {} : { NextToken: token }) }),
          )
          return { items: answer.Snapshots ?? [], next: answer.NextToken }
        })
      ).map(snapshotOf),
    async (session, id) => {
      const answer = await unlessMissing(session.ec2(client => client.describeSnapshots({ SnapshotIds: [id] })))
      return (answer?.Snapshots ?? []).map(snapshotOf).find(snapshot => snapshot.id === id)
    },
  ),
  async create(session, { volumeId, description, name }) {
    return snapshotOf(
      await asReference(
        session.ec2(client =>
          client.createSnapshot({
            VolumeId: volumeId,
            ...(description === undefined ? {} : { Description: description }),
            ...nameTag('snapshot', name),
          }),
        ),
      ),
    )
  },
  async destroy(session, id) {
    await session.ec2(client => client.deleteSnapshot({ SnapshotId: id }))
  },
}
