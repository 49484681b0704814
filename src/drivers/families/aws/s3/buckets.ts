/** Buckets of S3. */

import type { BucketLocationConstraint, S3 } from '@aws-sdk/client-s3'
import { badRequest } from '../../../../model/errors.ts'
import type { Bucket } from '../../../../model/resources.ts'
import type { Operations } from '../../../driver.ts'
import { unlessMissing } from '../errors.ts'
import { checkName } from '../names.ts'
import { need, withIds } from '../native.ts'
import type { Session } from '../session.ts'
import { constraintOf } from './mapping.ts'

/** The name of a bucket that may be there: of whatever kind, one that can stand in an address. @throws CloudError `bad-request` */
export const bucketName = (name: string): string => {
  if (name === '' || name.includes('/') || Buffer.byteLength(name) > 255)
    throw badRequest('The name of a bucket has 1 to 255 bytes, and no slash')
  return name
}

/** Keys of all objects, page by page. The marker is what every service of the kind knows. */
const keysIn = async (session: Session, bucket: string): Promise<readonly string[]> => {
  const keys: string[] = []
  for (let marker: string | undefined; ; ) {
    const page = await session.s3(client =>
      client.listObjects({ Bucket: bucketName(bucket), ...(marker === undefined ? {} : { Marker: marker }) }),
    )
    const found = withIds(page.Contents, 'blob', session.context, ({ Key }) => Key).map(({ Key }) => need(Key, 'Key'))
    keys.push(...found)
    const next: string | undefined = page.NextMarker || found.at(-1)
    if (page.IsTruncated !== true || next === undefined || next === marker) return keys
    marker = next
  }
}

const get = async (session: Session, id: string): Promise<Bucket | undefined> => {
  const blobs = await unlessMissing(keysIn(session, id))
  return blobs === undefined ? undefined : { id, name: id, size: blobs.length, blobs }
}

/** A service that isn't Amazon's has no places to choose from: the client isn't to name its region as one. */
const withoutPlaces = (client: S3): S3 => {
  client.middlewareStack.remove('locationConstraintMiddleware')
  return client
}

export const buckets: NonNullable<Operations<Session>['buckets']> = {
  async list(session) {
    const all: Bucket[] = []
    for (let token: string | undefined; ; ) {
      const page = await session.s3(client => client.listBuckets(token === undefined ? {} : { ContinuationToken: token }))
      for (const { Name } of withIds(page.Buckets, 'bucket', session.context, ({ Name }) => Name)) {
        const id = need(Name, 'Name')
        all.push({ id, name: id })
      }
      if (page.ContinuationToken === undefined || page.ContinuationToken === token) return all
      token = page.ContinuationToken
    }
  },
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
