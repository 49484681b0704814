/** One request to S3 on its way: what it addresses, the cloud that it opened, and what its handlers share. */

import type { Cloud } from '../../../drivers/driver.ts'
import type { Headers, WireRequest, WireResponse } from '../../../drivers/wire.ts'
import { CloudError } from '../../../model/errors.ts'
import type { Bytes } from '../../../model/requests.ts'
import { attribute, XmlWriter } from '../../formats/xml.ts'
import { contentOf, type Signature } from '../aws/index.ts'
import type { Address } from './address.ts'
import { notImplemented, S3Error } from './errors.ts'

export interface Asked extends Address {
  readonly request: WireRequest
  readonly cloud: Cloud
  readonly signature: Signature | undefined
  /** Who asks; owns all that there is. */
  readonly user: string
  /** Most items of a page, where that's fewer than S3 has. */
  readonly pageSize: number | undefined
  /** The cloud's time, milliseconds since 1970. */
  readonly now: number
}

export type Handler = (asked: Asked) => Promise<WireResponse>

/** An operation of the cloud. @throws S3Error `NotImplemented` where the cloud lacks it */
export const present = <T>(operation: T | undefined, what: string): T => {
  if (operation === undefined) throw notImplemented(what)
  return operation
}

export const bucketOf = ({ bucket }: Asked): string => present(bucket, 'That, without a bucket,')

export const keyOf = ({ key }: Asked): string => present(key, 'That, without a key,')

/** The content of the request, checked on its way against what was signed and said of it. */
export const contentIn = ({ request, signature }: Asked): { readonly content: Bytes; readonly length?: number } => {
  const checksums = new Map<string, string>()
  for (const [name, value] of request.headers) {
    const [, algorithm] = /^x-amz-checksum-(crc32|sha1|sha256)$/i.exec(name) ?? []
    if (algorithm !== undefined) checksums.set(algorithm.toLowerCase(), value)
  }
  const signed = signature?.content ?? { kind: 'unsigned' as const }
  const length = request.header(signed.kind === 'chunks' ? 'x-amz-decoded-content-length' : 'content-length')
  const content = contentOf(request.body, signed, { md5: request.header('content-md5'), checksums })
  if (length !== undefined && /^\d{1,15}$/.test(length)) return { content, length: Number(length) }
  return request.body === undefined ? { content, length: 0 } : { content }
}

/** Runs an operation with S3's own code for what the cloud finds wrong with it. */
export const telling = async <T>(
  operation: Promise<T>,
  codes: Partial<Record<CloudError['kind'], readonly [code: string, message?: string]>>,
): Promise<T> => {
  try {
    return await operation
  } catch (error) {
    const found = error instanceof CloudError ? codes[error.kind] : undefined
    if (found === undefined || !(error instanceof CloudError)) throw error
    throw new S3Error(found[0], found[1] ?? error.message)
  }
}

export const noSuchBucket = ['NoSuchBucket', 'The specified bucket does not exist'] as const

/** @throws S3Error `NoSuchBucket` */
export const requireBucket = async ({ cloud }: Asked, bucket: string): Promise<void> => {
  if (cloud.blobs?.page !== undefined) {
    await telling(cloud.blobs.page(bucket, { limit: 1 }), { 'not-found': noSuchBucket })
    return
  }
  const table = present(cloud.buckets, 'Buckets')
  const found = table.get === undefined ? (await table.list({ id: bucket })).find(({ id }) => id === bucket) : await table.get(bucket)
  if (found === undefined) throw new S3Error(...noSuchBucket)
}

export const empty = (status: number, headers: Headers = []): WireResponse => ({ status, headers })

export const namespace = attribute('xmlns', 'http://s3.amazonaws.com/doc/2006-03-01/')

/** A document in S3's namespace. */
export const document = (root: string, write: (writer: XmlWriter) => void, status = 200): WireResponse => {
  const writer = new XmlWriter()
  writer.open(root, namespace)
  write(writer)
  writer.close(root)
  return { status, headers: [['Content-Type', 'application/xml']], body: writer.end() }
}

/** `2026-01-02T03:04:05.000Z` of a time in any spelling; undefined for what is no time. */
export const isoTime = (text: string | number | undefined): string | undefined => {
  const time = typeof text === 'number' ? text : Date.parse(text ?? '')
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}

export const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`)
