/** Uploads in parts: what the API calls a segmented blob is a multipart upload of S3. */

import { CloudError } from '../../../../model/errors.ts'
import type { Bytes, Upload, UploadedPart } from '../../../../model/requests.ts'
import type { Blob } from '../../../../model/resources.ts'
import type { Operations } from '../../../driver.ts'
import { allPages } from '../../../pagers.ts'
import type { Session } from '../session.ts'
import { bodyOf } from './bodies.ts'
import { bucketName } from './buckets.ts'
import { bare, metadataFor, partId, partIn } from './mapping.ts'

type Uploads = Required<Pick<NonNullable<Operations<Session>['blobs']>, 'begin' | 'part' | 'parts' | 'finish' | 'abort'>>

const begin: Uploads['begin'] = async (session, bucket, id, { contentType, metadata }) => {
  const { UploadId } = await session.s3(client =>
    client.createMultipartUpload({
      Bucket: bucketName(bucket),
      Key: id,
      Metadata: metadataFor(metadata),
      ...(contentType === undefined ? {} : { ContentType: contentType }),
    }),
  )
  if (UploadId === undefined) throw new CloudError('provider-error', 'S3: an upload began, and was given no id')
  return UploadId
}

const part: Uploads['part'] = async (session, bucket, id, upload, { number, content, length }) => {
  if (length === undefined) throw new CloudError('bad-request', 'S3 must be told how long a part is')
  const body = await bodyOf(content, length)
  const { ETag = '' } = await session.s3(client =>
    client.uploadPart({ Bucket: bucketName(bucket), Key: id, UploadId: upload, PartNumber: number, Body: body, ContentLength: length }),
  )
  return { number, id: partId(number, ETag), size: length, etag: bare(ETag) }
}

const parts: Uploads['parts'] = (session, bucket, id, upload) =>
  allPages('ListParts', async marker => {
    const page = await session.s3(client =>
      client.listParts({
        Bucket: bucketName(bucket),
        Key: id,
        UploadId: upload,
        ...(marker === undefined ? {} : { PartNumberMarker: marker }),
      }),
    )
    const items = (page.Parts ?? []).map(({ PartNumber: number = 0, ETag = '', Size = 0 }) => ({
      number,
      id: partId(number, ETag),
      size: Size,
      etag: bare(ETag),
    }))
    return { items, next: page.IsTruncated === true ? page.NextPartNumberMarker : undefined }
  })

const complete = async (session: Session, bucket: string, id: string, upload: string, wanted: readonly { id: string }[]): Promise<void> => {
  await session.s3(client =>
    client.completeMultipartUpload({
      Bucket: bucketName(bucket),
      Key: id,
      UploadId: upload,
      MultipartUpload: { Parts: wanted.map((one, index) => partIn(one.id, index)) },
    }),
  )
}

const abort: Uploads['abort'] = async (session, bucket, id, upload) => {
  await session.s3(client => client.abortMultipartUpload({ Bucket: bucketName(bucket), Key: id, UploadId: upload }))
}

/** @param present what is known of an object that is there */
export const uploads = (present: (session: Session, bucket: string, id: string) => Promise<Blob>): Uploads => ({
  begin,
  part,
  parts,
  async finish(session, bucket, id, upload, wanted) {
    await complete(session, bucket, id, upload, wanted)
    return present(session, bucket, id)
  },
  abort,
})

/** Bytes of one part: at least 5 MiB, and 10,000 of them make the largest object that an unknown length can come to (78 GiB). */
const partSize = 8 * 1024 * 1024

/** Content of unknown length: in one piece where it's less than a part, else in parts, of which one at a time is in memory. */
export const inParts = async (
  session: Session,
  bucket: string,
  id: string,
  upload: Upload,
  put: (session: Session, bucket: string, id: string, upload: Upload & { readonly length: number }) => Promise<void>,
): Promise<void> => {
  let begun: string | undefined
  const sent: UploadedPart[] = []
  try {
    for await (const piece of inPieces(upload.content)) {
      if (begun === undefined && piece.length < partSize) {
        await put(session, bucket, id, { ...upload, content: once(piece), length: piece.length })
        return
      }
      begun ??= await begin(session, bucket, id, upload)
      sent.push(await part(session, bucket, id, begun, { number: sent.length + 1, content: once(piece), length: piece.length }))
    }
    if (begun !== undefined) await complete(session, bucket, id, begun, sent)
  } catch (error) {
    // What is left of a failed upload costs money until it's aborted; that this fails, too, is no news.
    if (begun !== undefined) await abort(session, bucket, id, begun).catch(() => undefined)
    throw error
  }
}

const once = (piece: Uint8Array): Bytes => ({
  async *[Symbol.asyncIterator]() {
    if (piece.length > 0) yield piece
  },
})

/** Stretches of the size of a part, the last one shorter; one that is empty where there's nothing at all. */
async function* inPieces(content: Bytes): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  let size = 0
  let any = false
  for await (const chunk of content) {
    held.push(chunk)
    size += chunk.length
    if (size < partSize) continue
    const whole = Buffer.concat(held)
    let at = 0
    for (; at + partSize <= whole.length; at += partSize) {
      yield whole.subarray(at, at + partSize)
      any = true
    }
    held = [whole.subarray(at)]
    size = whole.length - at
  }
  if (size > 0 || !any) yield Buffer.concat(held)
}
