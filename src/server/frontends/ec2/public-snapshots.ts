/**
 * Snapshots of others that everyone may use: those that public images boot from. The model has none, so they're made of the images. Whoever
 * lists snapshots without naming an owner gets them too.
 */

import type { Image, StorageSnapshot } from '../../../model/resources.ts'
import type { Asked } from './asked.ts'
import { derivedId } from './derived.ts'

export interface OwnedSnapshot extends StorageSnapshot {
  readonly owner: string
  /** GiB; undefined where the cloud tells no size. */
  readonly size?: number
}

/** GiB: what small images of Linux have. */
const size = 8

const snapshotOf = (image: Image, owner: string): OwnedSnapshot => ({
  id: derivedId('snap', image.id),
  // As EC2 writes the volume of a snapshot that was copied.
  storageVolumeId: 'vol-ffffffff',
  description: `Created for ${image.id}`,
  state: 'COMPLETED',
  ...(image.creationTime === undefined ? {} : { created: image.creationTime }),
  owner,
  size,
})

export const publicSnapshots = async ({ cloud, user }: Asked): Promise<readonly OwnedSnapshot[]> =>
  ((await cloud.images?.list({})) ?? []).flatMap(image =>
    image.ownerId === undefined || image.ownerId === user || image.rootType === 'transient' ? [] : [snapshotOf(image, image.ownerId)],
  )
