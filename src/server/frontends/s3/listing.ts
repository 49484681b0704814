/** Lists of objects: version 1 by marker, version 2 by token, both with prefix and delimiter. */

import type { BlobPage } from '../../../model/requests.ts'
import { encoded } from '../aws/canonical.ts'
import { blobPage } from '../object-stores/pages.ts'
import { bucketOf, document, type Handler, isoTime, noSuchBucket, quoted, telling } from './asked.ts'
import { owner } from './buckets.ts'
import { S3Error } from './errors.ts'
import { behind, tokenOf } from './tokens.ts'

/** Objects of one answer, as S3 has it. */
const most = 1000

export const listObjects: Handler = async asked => {
  const { query, user } = asked
  const bucket = bucketOf(asked)
  const isSecond = query.get('list-type') === '2'
  const [prefix = '', delimiter] = [query.get('prefix'), query.get('delimiter') || undefined]
  const limit = Math.min(limitIn(query.get('max-keys')), asked.pageSize ?? most)
  const token = query.get('continuation-token')
  const marker = isSecond ? (token === undefined ? query.get('start-after') : behind(token)) : query.get('marker')
  const isEncoded = query.get('encoding-type') === 'url'
  const text = (value: string): string => (isEncoded ? encoded(value).replaceAll('%2F', '/') : value)
  const page = await telling(
    blobPage(asked.cloud, bucket, {
      prefix,
      limit: Math.max(limit, 1),
      ...(delimiter === undefined ? {} : { delimiter }),
      ...(marker === undefined || marker === '' ? {} : { after: marker }),
    }),
    { 'not-found': noSuchBucket },
  )
  const { items, prefixes, next }: BlobPage = limit === 0 ? { items: [], prefixes: [] } : page
  const hasOwner = !isSecond || query.get('fetch-owner') === 'true'
  return document('ListBucketResult', writer => {
    writer.leaf('Name', bucket)
    writer.leaf('Prefix', text(prefix))
    if (isSecond) {
      writer.leaf('KeyCount', items.length + prefixes.length)
      if (token !== undefined) writer.leaf('ContinuationToken', token)
      if (next !== undefined) writer.leaf('NextContinuationToken', tokenOf(next))
      if (query.has('start-after')) writer.leaf('StartAfter', text(query.get('start-after') ?? ''))
    } else {
      writer.leaf('Marker', text(query.get('marker') ?? ''))
      if (next !== undefined) writer.leaf('NextMarker', text(next))
    }
    writer.leaf('MaxKeys', limit)
    if (delimiter !== undefined) writer.leaf('Delimiter', text(delimiter))
    if (isEncoded) writer.leaf('EncodingType', 'url')
    writer.leaf('IsTruncated', String(next !== undefined))
    for (const { id, lastModified, etag, contentLength } of items) {
      writer.open('Contents')
      writer.leaf('Key', text(id))
      writer.leaf('LastModified', isoTime(lastModified) ?? '1970-01-01T00:00:00.000Z')
      if (etag !== undefined) writer.leaf('ETag', quoted(etag))
      writer.leaf('Size', contentLength ?? 0)
      if (hasOwner) owner(writer, user)
      writer.leaf('StorageClass', 'STANDARD')
      writer.close('Contents')
    }
    for (const one of prefixes) {
      writer.open('CommonPrefixes')
      writer.leaf('Prefix', text(one))
      writer.close('CommonPrefixes')
    }
  })
}

const limitIn = (text: string | undefined): number => {
  if (text === undefined || text === '') return most
  if (!/^\d{1,9}$/.test(text)) throw new S3Error('InvalidArgument', 'Provided max-keys not an integer or within integer range')
  return Math.min(Number(text), most)
}
