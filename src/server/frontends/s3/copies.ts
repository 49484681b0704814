/** Copies of objects, whole or into a part of an upload. */

import type { Blob } from '../../../model/resources.ts'
import { byteRange } from '../../headers.ts'
import { conditionsIn, judged } from '../object-stores/conditions.ts'
import { decoded } from './address.ts'
import { type Asked, bucketOf, document, type Handler, isoTime, keyOf, noSuchBucket, present, quoted, telling } from './asked.ts'
import { preconditionFailed } from './conditions.ts'
import { notImplemented, S3Error } from './errors.ts'
import { aboutIn } from './metadata.ts'
import { objectOf } from './objects.ts'

interface Source {
  readonly bucket: string
  readonly key: string
}

/** `/bucket/key`, encoded as a path is. @throws S3Error `InvalidArgument` */
const sourceIn = (header: string): Source => {
  const [path = '', version] = header.replace(/^\//, '').split('?versionId=')
  if (version !== undefined && version !== 'null') throw notImplemented('Copying versions')
  const whole = decoded(path)
  const slash = whole.indexOf('/')
  if (slash <= 0 || slash === whole.length - 1)
    throw new S3Error('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey')
  return { bucket: whole.slice(0, slash), key: whole.slice(slash + 1) }
}

/** The object to copy, where its conditions are met. @throws S3Error */
export const sourceOf = async (asked: Asked): Promise<Source & { readonly blob: Blob }> => {
  const source = sourceIn(asked.request.header('x-amz-copy-source') ?? '')
  const blob = await objectOf(asked, source.bucket, source.key)
  const conditions = conditionsIn(name => asked.request.header(name), 'x-amz-copy-source-')
  if (judged(conditions, blob) !== 'met') throw preconditionFailed()
  return { ...source, blob }
}

export const copy: Handler = async asked => {
  const { cloud, request } = asked
  const [bucket, key] = [bucketOf(asked), keyOf(asked)]
  const directive = request.header('x-amz-metadata-directive') ?? 'COPY'
  if (request.header('x-amz-tagging-directive') === 'REPLACE') throw notImplemented('Tagging of objects')
  const { blob: source, ...from } = await sourceOf(asked)
  const isItself = from.bucket === bucket && from.key === key
  if (isItself && directive !== 'REPLACE')
    throw new S3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
  const about =
    directive === 'REPLACE'
      ? aboutIn(request)
      : { metadata: source.userMetadata, ...(source.contentType === undefined ? {} : { contentType: source.contentType }) }
  const update = cloud.blobs?.updateMetadata
  // Where metadata are replaced the type is, too: an object is of none then, where the request says none.
  const keepsType = about.contentType === source.contentType
  const made =
    isItself && keepsType && update !== undefined
      ? await update(bucket, key, about.metadata)
      : await written(asked, from, { bucket, key, length: source.contentLength, about })
  return document('CopyObjectResult', writer => {
    writer.leaf('LastModified', isoTime(made.lastModified))
    if (made.etag !== undefined) writer.leaf('ETag', quoted(made.etag))
  })
}

const written = async (
  { cloud }: Asked,
  from: Source,
  to: { readonly bucket: string; readonly key: string; readonly length: number | undefined; readonly about: ReturnType<typeof aboutIn> },
): Promise<Blob> => {
  const { content } = await present(cloud.blobs?.read, 'Reading objects')(from.bucket, from.key, {})
  const upload = { content, ...to.about, ...(to.length === undefined ? {} : { length: to.length }) }
  return telling(present(cloud.blobs?.create, 'Writing objects')(to.bucket, to.key, upload), { 'not-found': noSuchBucket })
}

/** `x-amz-copy-source-range` of a part. @throws S3Error `InvalidArgument` */
export const copiedRange = (asked: Asked) => {
  const header = asked.request.header('x-amz-copy-source-range')
  if (header === undefined) return undefined
  const range = byteRange(header)
  if (range === undefined) throw new S3Error('InvalidArgument', 'The x-amz-copy-source-range value must be of the form bytes=first-last')
  return range
}
