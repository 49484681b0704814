/** Buckets of S3. */

import type { BucketLocationConstraint, S3 } from '@aws-sdk/client-s3'
import { CloudError, notFound } from '../../../../model/errors.ts'
import type { Bucket } from '../../../../model/resources.ts'
import type { Operations } from '../../../driver.ts'
import { allPages } from '../../../pagers.ts'
import { unlessMissing } from '../errors.ts'
import { checkName } from '../names.ts'
import { need, withIds } from '../native.ts'
import type { Session } from '../session.ts'
import { constraintOf } from './mapping.ts'

/** Whether a bucket may be called so: of whatever kind, by a name that can stand in an address. */
const canStand = (name: string): boolean => name !== '' && !name.includes('/') && Buffer.byteLength(name) <= 255

/** The name of a bucket that may be there. @throws CloudError `not-found` for one that none has */
export const bucketName = (name: string): string => {
  if (!canStand(name)) throw notFound(`There is no bucket ${name.slice(0, 300)}`)
  return name
}

/** Keys of all objects. The marker is what every service of the kind knows. */
const keysIn = (session: Session, bucket: string): Promise<readonly string[]> =>
  allPages('ListObjects', async marker => {
    const page = await session.s3(client =>
      client.listObjects({ Bucket: bucketName(bucket), ...(marker === undefined ? {} : { Marker: marker }) }),
    )
    const items = withIds(page.Contents, 'blob', session.context, ({ Key }) => Key).map(({ Key }) => need(Key, 'Key'))
    return { items, next: page.IsTruncated === true ? markerAfter('ListObjects', page.NextMarker, items.at(-1)) : undefined }
  })

/** Without a delimiter S3 names no marker: it's the last key. @throws CloudError `provider-error` where more follows, and nothing says where */
export const markerAfter = (call: string, named: string | undefined, last: string | undefined): string => {
  const marker = named || last
  if (marker === undefined) throw new CloudError('provider-error', `${call}: the provider's list goes on, and nothing says where`)
  return marker
}

const get = async (session: Session, id: string): Promise<Bucket | undefined> => {
  // Who may not ask is told that, whatever the name.
  if (!canStand(id)) await session.s3(client => client.listBuckets({}))
  const blobs = await unlessMissing(keysIn(session, id))
  return blobs === undefined ? undefined : { id, name: id, size: blobs.length, blobs }
}

/** A service that isn't Amazon's has no places to choose from: the client isn't to name its region as one. */
const withoutPlaces = (client: S3): S3 => {
  client.middlewareStack.remove('locationConstraintMiddleware')
  return client
}

export const buckets: NonNullable<Operations<Session>['buckets']> = {
  list: session =>
    allPages('ListBuckets', async token => {
      const page = await session.s3(client => client.listBuckets(token === undefined ? {} : { ContinuationToken: token }))
      const items = withIds(page.Buckets, 'bucket', session.context, ({ Name }) => Name)
        .map(({ Name }) => need(Name, 'Name'))
        .map(id => ({ id, name: id }))
      return { items, next: page.ContinuationToken }
    }),
  get,
  async create(session, { name, location }) {
    await checkName(name, session.kind.bucketNames, () => session.s3(client => client.listBuckets({})))
    const constraint = constraintOf(location)
    const isElsewhere = session.place.endpoints.s3 !== undefined
    await session.s3(client =>
      (isElsewhere && constraint === undefined ? withoutPlaces(client) : client).createBucket({
        Bucket: name,
        // Places are added to more often than clients are: what the service knows is for the service to say.
        ...(constraint === undefined ? {} : { CreateBucketConfiguration: { LocationConstraint: constraint as BucketLocationConstraint } }),
      }),
    )
    return { id: name, name, size: 0, blobs: [] }
  },
  async destroy(session, id) {
    await session.s3(client => client.deleteBucket({ Bucket: bucketName(id) }))
  },
}
