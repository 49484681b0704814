/** What Swift says of containers and objects, in headers and in listings, in the words of the API. Nothing here asks anybody. */

import type { Blob, Bucket } from '../../../model/resources.ts'
import { type Headers, headerOf } from '../../wire.ts'
import { known, type Native } from './native.ts'

/** A container of the account's list. */
export const bucketOf = (container: Native): Bucket =>
  known<Bucket>({ id: container.need('name'), name: container.text('name'), size: container.number('count') })

/** An object of a container's list: without metadata, which only its own headers tell. */
export const listedBlobOf = (bucketId: string, object: Native): Blob =>
  known<Blob>({
    id: object.need('name'),
    bucketId,
    contentLength: object.number('bytes'),
    contentType: object.text('content_type'),
    lastModified: wholeSeconds(object.text('last_modified')),
    etag: unquoted(object.text('hash')),
    userMetadata: {},
  })

/** @param length where the headers tell that of a part only */
export const blobOf = (bucketId: string, id: string, headers: Headers, length?: number): Blob =>
  known<Blob>({
    id,
    bucketId,
    contentLength: length ?? lengthIn(headers),
    contentType: headerOf(headers, 'content-type'),
    lastModified: headerOf(headers, 'last-modified'),
    etag: unquoted(headerOf(headers, 'etag')),
    userMetadata: metadataIn(headers),
  })

const lengthIn = (headers: Headers): number | undefined => {
  const text = headerOf(headers, 'content-length')
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** An object of several segments has its etag in quotes. */
const unquoted = (etag: string | undefined): string | undefined => etag?.replace(/^"|"$/g, '')

/** A listing has `2024-01-02T03:04:05.678900` in UTC, and headers the next whole second as HTTP writes it: both become the latter. */
const wholeSeconds = (time: string | undefined): string | undefined => {
  if (time === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$/.test(time)) return time
  const at = Date.parse(`${time.replace(/Z$/, '')}Z`)
  return Number.isNaN(at) ? time : new Date(Math.ceil(at / 1000) * 1000).toUTCString()
}

const prefix = 'x-object-meta-'

/** Names come back with capitals of Swift's own, so they are read in lower case; and the way takes an underscore for a dash. */
const metadataIn = (headers: Headers): Readonly<Record<string, string>> =>
  Object.fromEntries(
    headers
      .filter(([name]) => name.toLowerCase().startsWith(prefix))
      .map(([name, value]) => [name.toLowerCase().slice(prefix.length).replaceAll('-', '_'), textIn(value)]),
  )

export const metadataHeaders = (metadata: Readonly<Record<string, string>>): Headers =>
  Object.entries(metadata).map(([name, value]) => [`X-Object-Meta-${name.replaceAll('_', '-')}`, headerText(value)] as const)

/** Swift's headers are UTF-8, and those of HTTP bytes: each byte travels as one character. */
const headerText = (value: string): string => Buffer.from(value, 'utf8').toString('latin1')

const textIn = (value: string): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: characters that aren't bytes are told from those that are
  if (!/^[\x00-\xff]*$/.test(value)) return value
  const text = Buffer.from(value, 'latin1').toString('utf8')
  return text.includes('\ufffd') ? value : text
}
