/** Uploads in parts. */

import type { UploadedPart } from '../../../model/requests.ts'
import { type Asked, bucketOf, contentIn, document, empty, type Handler, keyOf, noSuchBucket, present, quoted, telling } from './asked.ts'
import { owner } from './buckets.ts'
import { copiedRange, sourceOf } from './copies.ts'
import { S3Error } from './errors.ts'
import { aboutIn } from './metadata.ts'
import { documentIn, malformed } from './reading.ts'

const noSuchUpload = [
  'NoSuchUpload',
  'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
] as const

const uploadOf = ({ query }: Asked): string => query.get('uploadId') ?? ''

export const begin: Handler = async asked => {
  const [bucket, key] = [bucketOf(asked), keyOf(asked)]
  const operation = present(asked.cloud.blobs?.begin, 'Uploading in parts')
  const upload = await telling(operation(bucket, key, aboutIn(asked.request)), { 'not-found': noSuchBucket })
  return document('InitiateMultipartUploadResult', writer => {
    writer.leaf('Bucket', bucket)
    writer.leaf('Key', key)
    writer.leaf('UploadId', upload)
  })
}

const numberIn = ({ query }: Asked): number => {
  const number = Number(query.get('partNumber') ?? Number.NaN)
  if (!Number.isInteger(number) || number < 1 || number > 10_000)
    throw new S3Error('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive')
  return number
}

export const putPart: Handler = async asked => {
  const number = numberIn(asked)
  const operation = present(asked.cloud.blobs?.part, 'Uploading in parts')
  const part = await telling(operation(bucketOf(asked), keyOf(asked), uploadOf(asked), { number, ...contentIn(asked) }), {
    'not-found': noSuchUpload,
  })
  return empty(200, [['ETag', quoted(part.etag)]])
}

export const copyPart: Handler = async asked => {
  const number = numberIn(asked)
  const operation = present(asked.cloud.blobs?.part, 'Uploading in parts')
  const { bucket, key } = await sourceOf(asked)
  const range = copiedRange(asked)
  const read = present(asked.cloud.blobs?.read, 'Reading objects')
  const { content } = await telling(read(bucket, key, range === undefined ? {} : { range }), { 'bad-request': ['InvalidRange'] })
  const part = await telling(operation(bucketOf(asked), keyOf(asked), uploadOf(asked), { number, content }), { 'not-found': noSuchUpload })
  return document('CopyPartResult', writer => {
    writer.leaf('LastModified', new Date(asked.now).toISOString())
    writer.leaf('ETag', quoted(part.etag))
  })
}

const partsOf = async (asked: Asked): Promise<readonly UploadedPart[]> => {
  const operation = present(asked.cloud.blobs?.parts, 'Uploading in parts')
  const parts = await telling(operation(bucketOf(asked), keyOf(asked), uploadOf(asked)), { 'not-found': noSuchUpload })
  return [...parts].sort((a, b) => a.number - b.number)
}

export const listParts: Handler = async asked => {
  const { query, user, now } = asked
  const marker = Number(query.get('part-number-marker') ?? 0)
  const most = Math.min(Number(query.get('max-parts') ?? 1000), 1000, asked.pageSize ?? 1000)
  if (!(marker >= 0 && most >= 0)) throw new S3Error('InvalidArgument', 'part-number-marker and max-parts must be numbers')
  const all = (await partsOf(asked)).filter(({ number }) => number > marker)
  const shown = all.slice(0, most)
  return document('ListPartsResult', writer => {
    writer.leaf('Bucket', asked.bucket)
    writer.leaf('Key', asked.key)
    writer.leaf('UploadId', uploadOf(asked))
    owner(writer, user, 'Initiator')
    owner(writer, user)
    writer.leaf('StorageClass', 'STANDARD')
    writer.leaf('PartNumberMarker', marker)
    writer.leaf('NextPartNumberMarker', shown.at(-1)?.number ?? marker)
    writer.leaf('MaxParts', most)
    writer.leaf('IsTruncated', String(shown.length < all.length))
    for (const { number, etag, size } of shown) {
      writer.open('Part')
      writer.leaf('PartNumber', number)
      // When a part came isn't kept: it's there now.
      writer.leaf('LastModified', new Date(now).toISOString())
      writer.leaf('ETag', quoted(etag))
      writer.leaf('Size', size)
      writer.close('Part')
    }
  })
}

export const finish: Handler = async asked => {
  const [bucket, key, upload] = [bucketOf(asked), keyOf(asked), uploadOf(asked)]
  const operation = present(asked.cloud.blobs?.finish, 'Uploading in parts')
  const named = (await documentIn(asked, 'CompleteMultipartUpload'))?.elements('Part') ?? []
  if (named.length === 0) throw malformed()
  const there = new Map((await partsOf(asked)).map(part => [part.number, part]))
  let before = 0
  const wanted = named.map(part => {
    const number = Number(part.text('PartNumber') ?? Number.NaN)
    const etag = part
      .text('ETag')
      ?.trim()
      .replace(/^"(.*)"$/, '$1')
    if (!(number > before)) throw new S3Error('InvalidPartOrder', 'The list of parts was not in ascending order.')
    before = number
    const found = there.get(number)
    if (found === undefined || found.etag !== etag)
      throw new S3Error('InvalidPart', 'One or more of the specified parts could not be found.  The part may not have been uploaded.')
    return { id: found.id }
  })
  const blob = await telling(operation(bucket, key, upload, wanted), { 'not-found': noSuchUpload, 'bad-request': ['InvalidPart'] })
  return document('CompleteMultipartUploadResult', writer => {
    writer.leaf('Location', `/${bucket}/${key}`)
    writer.leaf('Bucket', bucket)
    writer.leaf('Key', key)
    if (blob.etag !== undefined) writer.leaf('ETag', quoted(blob.etag))
  })
}

export const abort: Handler = async asked => {
  const operation = present(asked.cloud.blobs?.abort, 'Uploading in parts')
  await telling(operation(bucketOf(asked), keyOf(asked), uploadOf(asked)), { 'not-found': noSuchUpload })
  return empty(204)
}
