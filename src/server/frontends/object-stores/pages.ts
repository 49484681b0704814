/** Pages of blobs, whether or not the cloud has some of its own. */

import type { Cloud } from '../../../drivers/driver.ts'
import { notFound, notSupported } from '../../../model/errors.ts'
import type { BlobPage, BlobPageRequest } from '../../../model/requests.ts'
import type { Blob } from '../../../model/resources.ts'

/** A page of the cloud's own, or cut out of the list of all where it has none. @throws CloudError `not-found` for a bucket that isn't there */
export const blobPage = async (cloud: Cloud, bucket: string, request: BlobPageRequest): Promise<BlobPage> => {
  const { blobs, buckets: table } = cloud
  if (blobs === undefined || table === undefined) throw notSupported('This cloud has no blobs')
  if (blobs.page !== undefined) return blobs.page(bucket, request)
  const { prefix = '', delimiter, after = '', limit } = request
  const found = table.get === undefined ? (await table.list({ id: bucket })).find(({ id }) => id === bucket) : await table.get(bucket)
  if (found === undefined) throw notFound(`There is no bucket ${bucket}`)
  const fold = (id: string): string | undefined => {
    const at = delimiter === undefined ? -1 : id.indexOf(delimiter, prefix.length)
    return at < 0 || delimiter === undefined ? undefined : id.slice(0, at + delimiter.length)
  }
  const names = new Map((found.blobs ?? []).filter(id => id.startsWith(prefix)).map(id => [fold(id) ?? id, fold(id) === undefined]))
  const behindMarker = [...names.keys()].sort(byBytes).filter(name => byBytes(name, after) > 0)
  const shown = behindMarker.slice(0, limit)
  const items = await Promise.all(shown.filter(name => names.get(name)).map(id => blobs.get(bucket, id)))
  const next = behindMarker.length > limit ? shown.at(-1) : undefined
  return {
    items: items.filter((one): one is Blob => one !== undefined),
    prefixes: shown.filter(name => names.get(name) === false),
    ...(next === undefined ? {} : { next }),
  }
}

/** The order in which object stores list: that of UTF-8 bytes. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
