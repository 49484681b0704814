/** Objects of S3, streamed both ways. */

import type { GetObjectCommandOutput, HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import { CloudError, notFound } from '../../../../model/errors.ts'
import type { ByteRange, Bytes, Upload } from '../../../../model/requests.ts'
import type { Blob } from '../../../../model/resources.ts'
import { wholeIfSmall } from '../../../content.ts'
import type { Operations } from '../../../driver.ts'
import { isUnexplained, unlessMissing } from '../errors.ts'
import { need, withIds } from '../native.ts'
import type { Session } from '../session.ts'
import { bodyOf } from './bodies.ts'
import { bucketName, markerAfter } from './buckets.ts'
import { blobOf, metadataFor, rangeOf } from './mapping.ts'
import { inParts, uploads } from './uploads.ts'

/** A refused HEAD has no body, and so no code: the same GET says why. @throws CloudError */
const head = async (session: Session, object: { readonly Bucket: string; readonly Key: string }): Promise<HeadObjectCommandOutput> => {
  try {
    return await session.s3(client => client.headObject(object))
  } catch (error) {
    if (isUnexplained(error)) await discard(await session.s3(client => client.getObject(object)))
    throw error
  }
}

/** Content that nobody asked for: its connection is given up. */
const discard = async ({ Body: content }: GetObjectCommandOutput): Promise<void> => {
  if (isBytes(content)) await content[Symbol.asyncIterator]().return?.()
}

/** What is known of the object; undefined where there is none. */
const get = async (session: Session, bucket: string, id: string): Promise<Blob | undefined> => {
  const native = await unlessMissing(head(session, { Bucket: bucketName(bucket), Key: id }))
  return native === undefined ? undefined : blobOf(bucket, id, native)
}

const present = async (session: Session, bucket: string, id: string): Promise<Blob> => {
  const blob = await get(session, bucket, id)
  if (blob === undefined) throw notFound(`There is no blob ${bucket}/${id}`)
  return blob
}

const put = async (session: Session, bucket: string, id: string, upload: Upload & { readonly length: number }): Promise<void> => {
  const { content, length, contentType, metadata } = upload
  const body = await bodyOf(content, length)
  if (body instanceof Uint8Array && body.length !== length)
    throw new CloudError('bad-request', `The content is not of the ${length} bytes that were announced`)
  await session.s3(client =>
    client.putObject({
      Bucket: bucketName(bucket),
      Key: id,
      Body: body,
      ContentLength: length,
      Metadata: metadataFor(metadata),
      ...(contentType === undefined ? {} : { ContentType: contentType }),
    }),
  )
}

const rangeHeader = (range: ByteRange): string =>
  range.first === undefined ? `bytes=-${range.last}` : `bytes=${range.first}-${range.last ?? ''}`

const escapedPath = (text: string): string => text.split('/').map(encodeURIComponent).join('/')

const isBytes = (body: unknown): body is Bytes => typeof body === 'object' && body !== null && Symbol.asyncIterator in body

export const blobs = {
  get,
  async page(session, bucket, { prefix, delimiter, after, limit }) {
    const native = await session.s3(client =>
      client.listObjects({
        Bucket: bucketName(bucket),
        MaxKeys: Math.min(limit, 1000),
        ...(prefix === undefined ? {} : { Prefix: prefix }),
        ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
        ...(after === undefined ? {} : { Marker: after }),
      }),
    )
    const items = withIds(native.Contents, 'blob', session.context, ({ Key }) => Key).map(({ Key, Size, ETag, LastModified }) =>
      blobOf(bucket, need(Key, 'Key'), { ContentLength: Size, ETag, LastModified }),
    )
    const prefixes = (native.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? [])
    const next =
      native.IsTruncated === true ? markerAfter('ListObjects', native.NextMarker, items.at(-1)?.id ?? prefixes.at(-1)) : undefined
    return { items, prefixes, ...(next === undefined ? {} : { next }) }
  },
  async read(session, bucket, id, { range }) {
    const native = await session.s3(client =>
      client.getObject({ Bucket: bucketName(bucket), Key: id, ...(range === undefined ? {} : { Range: rangeHeader(range) }) }),
    )
    const part = rangeOf(native.ContentRange)
    return {
      blob: blobOf(bucket, id, native, part?.total),
      content: await wholeIfSmall(isBytes(native.Body) ? native.Body : undefined, native.ContentLength),
      ...(part === undefined ? {} : { range: part }),
    }
  },
  /** Content of unknown length goes in parts, for S3 wants to know how much comes. */
  async create(session, bucket, id, upload) {
    const { length } = upload
    if (length === undefined) await inParts(session, bucket, id, upload, put)
    else await put(session, bucket, id, { ...upload, length })
    return present(session, bucket, id)
  },
  /** An object's metadata is replaced by copying it onto itself, which S3 does up to 5 GB. */
  async updateMetadata(session, bucket, id, metadata) {
    const { contentType } = await present(session, bucket, id)
    await session.s3(client =>
      client.copyObject({
        Bucket: bucketName(bucket),
        Key: id,
        CopySource: `${bucket}/${escapedPath(id)}`,
        MetadataDirective: 'REPLACE',
        Metadata: metadataFor(metadata),
        ...(contentType === undefined ? {} : { ContentType: contentType }),
      }),
    )
    return present(session, bucket, id)
  },
  /** S3 deletes what isn't there, too, and says so: asking first would say no more of the time of the deletion. */
  async destroy(session, bucket, id) {
    await session.s3(client => client.deleteObject({ Bucket: bucketName(bucket), Key: id }))
  },
  ...uploads(present),
} satisfies NonNullable<Operations<Session>['blobs']>
