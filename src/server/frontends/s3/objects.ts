/** Objects: read, written, deleted one by one or many at a time. */

import type { Headers, WireResponse } from '../../../drivers/wire.ts'
import type { ByteRange, Bytes } from '../../../model/requests.ts'
import type { Blob } from '../../../model/resources.ts'
import { byteRange } from '../../headers.ts'
import { conditionsIn, isConditional, judged } from '../object-stores/conditions.ts'
import { contentPolicy } from '../object-stores/policy.ts'
import {
  type Asked,
  bucketOf,
  contentIn,
  document,
  empty,
  type Handler,
  keyOf,
  noSuchBucket,
  present,
  quoted,
  requireBucket,
  telling,
} from './asked.ts'
import { preconditionFailed, requireWritable } from './conditions.ts'
import { S3Error } from './errors.ts'
import { aboutIn, headersOf } from './metadata.ts'
import { documentIn, malformed } from './reading.ts'

const noSuchKey = ['NoSuchKey', 'The specified key does not exist.'] as const

/** @throws S3Error `NoSuchKey`, `NoSuchBucket` */
export const objectOf = async (asked: Asked, bucket: string, key: string): Promise<Blob> => {
  const blob = await telling(present(asked.cloud.blobs, 'Objects').get(bucket, key), { 'not-found': noSuchBucket })
  if (blob !== undefined) return blob
  await requireBucket(asked, bucket)
  throw new S3Error(...noSuchKey)
}

/** A body that is announced by its length, and not there. */
const nothing: Bytes = {
  async *[Symbol.asyncIterator]() {
    // An answer to HEAD has none.
  },
}

const contentRange = ({ first, last, total }: { first: number; last: number; total: number }): string => `bytes ${first}-${last}/${total}`

export const head: Handler = async asked => {
  const blob = await objectOf(asked, bucketOf(asked), keyOf(asked))
  const stopped = stoppedBy(asked, blob)
  if (stopped !== undefined) return stopped
  const total = blob.contentLength ?? 0
  const range = boundsOf(byteRange(asked.request.header('range') ?? ''), total)
  const length = range === undefined ? total : range.last - range.first + 1
  return {
    status: range === undefined ? 200 : 206,
    headers: [
      ...shownHeaders(asked, blob),
      ['Content-Length', String(length)],
      ...(range === undefined ? [] : [['Content-Range', contentRange({ ...range, total })] as const]),
    ],
    body: nothing,
  }
}

/** @throws S3Error `InvalidRange` */
const boundsOf = (range: ByteRange | undefined, total: number): { readonly first: number; readonly last: number } | undefined => {
  if (range === undefined) return undefined
  const [first, last] =
    range.first === undefined
      ? [Math.max(0, total - range.last), range.last > 0 ? total - 1 : -1]
      : [range.first, Math.min(range.last ?? total - 1, total - 1)]
  if (first > last) throw invalidRange(total)
  return { first, last }
}

const invalidRange = (total?: number): S3Error =>
  new S3Error('InvalidRange', 'The requested range is not satisfiable', total === undefined ? [] : [['Content-Range', `bytes */${total}`]])

/** The answer where a condition isn't met; undefined where all are. @throws S3Error `PreconditionFailed` */
const stoppedBy = ({ request }: Asked, blob: Blob): WireResponse | undefined => {
  const verdict = judged(
    conditionsIn(name => request.header(name)),
    blob,
  )
  if (verdict === 'failed') throw preconditionFailed()
  return verdict === 'met' ? undefined : { status: 304, headers: headersOf(blob).filter(([name]) => name !== 'Content-Type') }
}

/** `response-content-type` and its kin: headers that a signed address asks for. */
const overrides = ({ query }: Asked): Headers =>
  ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'content-type', 'expires'].flatMap(name => {
    const value = query.get(`response-${name}`)
    return value === undefined ? [] : [[name, value.replace(/[^ -~]/g, ' ')] as const]
  })

/** What an answer with the object's content says of it. */
const shownHeaders = (asked: Asked, blob: Blob): Headers => {
  const own = overrides(asked)
  return contentPolicy(asked.request, [...headersOf(blob).filter(([name]) => !own.some(([other]) => other === name.toLowerCase())), ...own])
}

export const get: Handler = async asked => {
  const { request, cloud } = asked
  const [bucket, key] = [bucketOf(asked), keyOf(asked)]
  const read = present(cloud.blobs?.read, 'Reading objects')
  if (isConditional(conditionsIn(name => request.header(name)))) {
    const stopped = stoppedBy(asked, await objectOf(asked, bucket, key))
    if (stopped !== undefined) return stopped
  }
  const wanted = byteRange(request.header('range') ?? '')
  const range = wanted !== undefined && (await isCurrent(asked, bucket, key)) ? wanted : undefined
  const download = await telling(read(bucket, key, range === undefined ? {} : { range }), {
    ...(range === undefined ? {} : { 'bad-request': ['InvalidRange', 'The requested range is not satisfiable'] as const }),
    'not-found': noSuchKey,
  }).catch(async error => {
    if (error instanceof S3Error && error.code === 'NoSuchKey') await requireBucket(asked, bucket)
    throw error
  })
  const { blob, content } = download
  const length = download.range === undefined ? blob.contentLength : download.range.last - download.range.first + 1
  return {
    status: download.range === undefined ? 200 : 206,
    headers: [
      ...shownHeaders(asked, blob),
      ...(length === undefined ? [] : [['Content-Length', String(length)] as const]),
      ...(download.range === undefined ? [] : [['Content-Range', contentRange(download.range)] as const]),
    ],
    body: content,
  }
}

/** `If-Range` asks for a part of just this content. */
const isCurrent = async (asked: Asked, bucket: string, key: string): Promise<boolean> => {
  const condition = asked.request.header('if-range')
  if (condition === undefined) return true
  return judged({ match: condition }, await objectOf(asked, bucket, key)) === 'met'
}

export const put: Handler = async asked => {
  const { request, cloud } = asked
  const [bucket, key] = [bucketOf(asked), keyOf(asked)]
  const conditions = conditionsIn(name => request.header(name))
  const about = aboutIn(request)
  const create = present(cloud.blobs?.create, 'Writing objects')
  if (conditions.match !== undefined || conditions.noneMatch !== undefined)
    requireWritable(conditions, await present(cloud.blobs, 'Objects').get(bucket, key))
  const blob = await telling(create(bucket, key, { ...contentIn(asked), ...about }), { 'not-found': noSuchBucket })
  return empty(200, blob.etag === undefined ? [] : [['ETag', quoted(blob.etag)]])
}

/** What isn't there is deleted already. */
const deleted = async ({ cloud }: Asked, bucket: string, key: string): Promise<boolean> => {
  const destroy = present(cloud.blobs?.destroy, 'Deleting objects')
  try {
    await telling(destroy(bucket, key), { 'not-found': ['NoSuchKey'] })
    return true
  } catch (error) {
    if (error instanceof S3Error && error.code === 'NoSuchKey') return false
    throw error
  }
}

export const destroy: Handler = async asked => {
  const bucket = bucketOf(asked)
  if (!(await deleted(asked, bucket, keyOf(asked)))) await requireBucket(asked, bucket)
  return empty(204)
}

/** Keys of one request, as S3 has it. */
const most = 1000

export const destroyMany: Handler = async asked => {
  const bucket = bucketOf(asked)
  const wanted = await documentIn(asked, 'Delete')
  const keys = wanted?.elements('Object').map(one => one.text('Key')) ?? []
  if (keys.length === 0 || keys.length > most || keys.some(key => key === undefined || key === '')) throw malformed()
  await requireBucket(asked, bucket)
  const failures = new Map<string, S3Error>()
  for (const key of keys) {
    if (key === undefined) continue
    try {
      await deleted(asked, bucket, key)
    } catch (error) {
      failures.set(key, error instanceof S3Error ? error : new S3Error('InternalError', error instanceof Error ? error.message : ''))
    }
  }
  const isQuiet = wanted?.text('Quiet') === 'true'
  return document('DeleteResult', writer => {
    for (const key of keys) {
      const failure = failures.get(key ?? '')
      if (failure === undefined && isQuiet) continue
      writer.open(failure === undefined ? 'Deleted' : 'Error')
      writer.leaf('Key', key)
      if (failure !== undefined) {
        writer.leaf('Code', failure.code)
        writer.leaf('Message', failure.message)
      }
      writer.close(failure === undefined ? 'Deleted' : 'Error')
    }
  })
}

/** Objects have no tags of their own: none were set, and none can be. */
export const showTags: Handler = async asked => {
  await objectOf(asked, bucketOf(asked), keyOf(asked))
  return document('Tagging', writer => writer.empty('TagSet'))
}
