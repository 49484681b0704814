/** What a request to S3 addresses: the service, a bucket or an object, by its path or by its host. */

import type { WireRequest } from '../../../drivers/wire.ts'
import { hasMoreParts, parameterLimit } from '../../bounds.ts'
import { queryPairs } from '../aws/canonical.ts'
import { S3Error } from './errors.ts'

export interface Address {
  readonly bucket: string | undefined
  /** Undefined where it's the bucket's own. */
  readonly key: string | undefined
  readonly query: ReadonlyMap<string, string>
  /** The bucket stands in the host, and not in the path. */
  readonly isVirtual: boolean
  /** What of the whole path isn't S3's own, as `/s3`. */
  readonly mount: string
}

/** @throws S3Error `InvalidURI` for a path that can't be decoded, `InvalidArgument` for too many parameters */
export const addressOf = (request: WireRequest): Address => {
  const at = request.target.indexOf('?')
  const raw = at < 0 ? request.target : request.target.slice(0, at)
  const search = at < 0 ? '' : request.target.slice(at + 1)
  if (hasMoreParts(search, '&', parameterLimit))
    throw new S3Error('InvalidArgument', `The request has more than ${parameterLimit} parameters.`)
  const query = new Map(queryPairs(search))
  const [isHost, named] =
    /^(?:(.+)\.)?s3(?:[.-][a-z0-9-]+)?\.(?:localhost|amazonaws\.com)(?::\d+)?$/i.exec(request.header('host') ?? '') ?? []
  const isMounted = isHost === undefined && /^\/s3(?:\/|$)/.test(raw)
  const mount = (request.prefix ?? '') + (isMounted ? '/s3' : '')
  const path = (isMounted ? raw.slice('/s3'.length) : raw).replace(/^\//, '')
  if (named !== undefined)
    return { bucket: named, key: path === '' ? undefined : decoded(path), query, isVirtual: true, mount: request.prefix ?? '' }
  const slash = path.indexOf('/')
  const [bucket, key] = slash < 0 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)]
  if (bucket === '' && key !== '') throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.')
  return {
    bucket: bucket === '' ? undefined : decoded(bucket),
    key: key === '' ? undefined : decoded(key),
    query,
    isVirtual: false,
    mount,
  }
}

/** @throws S3Error `InvalidURI` */
export const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.")
  }
}
