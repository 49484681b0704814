/** Blobs: content comes in and goes out as a stream, outside of the operation that makes it a blob's. */

import { badRequest, notFound } from '../../model/errors.ts'
import type { BlobPage, BlobPageRequest, ByteRange, Bytes, Download, Upload } from '../../model/requests.ts'
import type { Blob } from '../../model/resources.ts'
import type { Incoming } from '../store/receive.ts'
import type { Reading } from '../store/store.ts'
import type { Tenant, Turn } from '../tenant.ts'
import { checkedId, found } from './lookup.ts'

export const get = (tenant: Tenant, bucket: string, id: string): Promise<Blob | undefined> =>
  tenant.read(({ tx }) => tx.blobs.show(bucket, id))

export const page = (tenant: Tenant, bucket: string, request: BlobPageRequest): Promise<BlobPage> =>
  tenant.read(async look => {
    await found(look, 'buckets', bucket)
    return pageOf(look.tx, bucket, request)
  })

/** @throws CloudError `not-found`; `bad-request` for a range that the blob doesn't have. */
export const read = async (tenant: Tenant, bucket: string, id: string, options: { readonly range?: ByteRange }): Promise<Download> =>
  tenant.read(async ({ tx }) => {
    const opened = await tx.blobs.open(bucket, id)
    if (opened === undefined) throw notFound()
    const { blob, content } = opened
    const total = content.size
    if (options.range === undefined) return { blob, content: content.read(0, total - 1) }
    const range = boundsOf(options.range, total)
    if (range === undefined) {
      await empty(content.read(0, -1))
      throw badRequest(`The blob has ${total} bytes, and not that range`)
    }
    return { blob, content: content.read(range.first, range.last), range: { ...range, total } }
  })

export const create = async (tenant: Tenant, bucket: string, id: string, upload: Upload): Promise<Blob> => {
  checkedId(id, 'blob', longestId)
  await tenant.read(look => found(look, 'buckets', bucket))
  return keeping(tenant, await tenant.world.store.receive(upload.content, upload.length), (turn, incoming) =>
    put(turn, bucket, id, upload, incoming),
  )
}

/** Replaces all metadata. */
export const updateMetadata = (tenant: Tenant, bucket: string, id: string, metadata: Readonly<Record<string, string>>): Promise<Blob> =>
  tenant.write(async ({ tx }) => {
    const blob = await tx.blobs.show(bucket, id)
    if (blob === undefined) throw notFound()
    const updated: Blob = { ...blob, userMetadata: metadata }
    await tx.blobs.put(updated)
    return updated
  })

export const destroy = (tenant: Tenant, bucket: string, id: string): Promise<void> =>
  tenant.write(async turn => {
    if ((await turn.tx.blobs.show(bucket, id)) === undefined) throw notFound()
    await turn.tx.blobs.remove(bucket, id)
    await resize(turn, bucket, -1)
  })

/** Bytes of UTF-8. */
export const longestId = 1024

/** Gives content that came in to the operation that wants it; nothing is left of it where that fails. */
export const keeping = async <T>(
  tenant: Tenant,
  incoming: Incoming,
  operation: (turn: Turn, incoming: Incoming) => Promise<T>,
): Promise<T> => {
  try {
    return await tenant.write(turn => operation(turn, incoming))
  } finally {
    // Its file has another name by now, or is not needed.
    await tenant.world.store.discard(incoming)
  }
}

/** Makes content a blob's, in place of what was there. @throws CloudError `not-found` where there's no bucket. */
export const put = async (
  turn: Turn,
  bucket: string,
  id: string,
  about: Omit<Upload, 'content' | 'length'>,
  content: Incoming,
): Promise<Blob> => {
  const { tx, personality, now } = turn
  await found(turn, 'buckets', bucket)
  turn.world.limits.storing(turn, content.size)
  const isNew = (await tx.blobs.show(bucket, id)) === undefined
  const blob: Blob = {
    id,
    bucketId: bucket,
    contentLength: content.size,
    ...(about.contentType === undefined ? {} : { contentType: about.contentType }),
    lastModified: personality.time(now),
    etag: content.etag,
    userMetadata: about.metadata,
  }
  await tx.blobs.put(blob, content)
  if (isNew) await resize(turn, bucket, 1)
  return blob
}

const resize = async (turn: Turn, id: string, by: number): Promise<void> => {
  const bucket = await found(turn, 'buckets', id)
  await turn.tx.put('buckets', { ...bucket, shown: { ...bucket.shown, size: (bucket.shown.size ?? 0) + by } })
}

const boundsOf = (range: ByteRange, total: number): { first: number; last: number } | undefined => {
  const [first, last] =
    range.first === undefined
      ? [Math.max(0, total - range.last), range.last > 0 ? total - 1 : -1]
      : [range.first, Math.min(range.last ?? total - 1, total - 1)]
  return first >= 0 && first <= last ? { first, last } : undefined
}

/** Ends a content without reading it. */
const empty = async (content: Bytes): Promise<void> => {
  await content[Symbol.asyncIterator]().return?.()
}

/** Blobs in order, those folded into one prefix that have the delimiter behind the prefix asked for. */
const pageOf = async (tx: Reading, bucket: string, { prefix = '', delimiter, after, limit }: BlobPageRequest): Promise<BlobPage> => {
  const fold = (id: string): string | undefined => {
    const at = delimiter === undefined || delimiter === '' ? -1 : id.indexOf(delimiter, prefix.length)
    return at < 0 || delimiter === undefined ? undefined : id.slice(0, at + delimiter.length)
  }
  const items: Blob[] = []
  const prefixes: string[] = []
  let last = after
  // A part that ended with a prefix goes on behind all that was folded into it.
  let skip = after?.startsWith(prefix) && fold(after) === after ? after : undefined
  while (items.length + prefixes.length < limit) {
    const left = limit - items.length - prefixes.length
    const stretch = await tx.blobs.list(bucket, {
      prefix,
      limit: left,
      ...(last === undefined ? {} : { after: last }),
      ...(skip === undefined ? {} : { behind: skip }),
    })
    for (const blob of stretch) {
      const folded = fold(blob.id)
      if (folded === undefined) {
        items.push(blob)
        last = blob.id
      } else {
        prefixes.push(folded)
        last = folded
        skip = folded
        break
      }
    }
    if (stretch.length === 0) return { items, prefixes }
  }
  const more = await tx.blobs.list(bucket, {
    prefix,
    limit: 1,
    ...(last === undefined ? {} : { after: last }),
    ...(skip === undefined ? {} : { behind: skip }),
  })
  return { items, prefixes, ...(more.length > 0 && last !== undefined ? { next: last } : {}) }
}
