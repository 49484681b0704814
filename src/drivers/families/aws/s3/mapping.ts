/** What S3 says of objects, in the words of the API, and back. Pure. */

import type { Blob } from '../../../../model/resources.ts'

/** The headers of an object, as the client reads them. */
export interface NativeObject {
  readonly ContentLength?: number | undefined
  readonly ContentType?: string | undefined
  readonly ETag?: string | undefined
  readonly LastModified?: Date | undefined
  readonly Metadata?: Record<string, string> | undefined
}

/** @param total where only a part of the object came */
export const blobOf = (bucketId: string, id: string, native: NativeObject, total = native.ContentLength): Blob => {
  const { ContentType: contentType, ETag: etag, LastModified: modified, Metadata: metadata = {} } = native
  return {
    id,
    bucketId,
    ...(total === undefined ? {} : { contentLength: total }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(modified === undefined || Number.isNaN(modified.getTime()) ? {} : { lastModified: timeOf(modified) }),
    ...(etag === undefined ? {} : { etag: bare(etag) }),
    userMetadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, decodedWords(value)])),
  }
}

/** S3 tells whole seconds. */
const timeOf = (date: Date): string => date.toISOString().replace('.000Z', 'Z')

/** Without quotes. */
export const bare = (etag: string): string => etag.replace(/^"(.*)"$/, '$1')

/** Metadata for a header: what isn't ASCII, or would be read as such a word, in words of RFC 2047, as the S3 guide ("Working with object metadata") has it. */
export const metadataFor = (metadata: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [
      name,
      /^[!-~](?:[ -~]*[!-~])?$|^$/.test(value) && decodedWords(value) === value
        ? value
        : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`,
    ]),
  )

const decodedWords = (text: string): string =>
  text.replace(/=\?utf-8\?(?:b\?([A-Za-z0-9+/=]*)|q\?([^?]*))\?=/gi, (_whole, base64?: string, q?: string) =>
    base64 === undefined ? quotedPrintable(q ?? '') : Buffer.from(base64, 'base64').toString('utf8'),
  )

const quotedPrintable = (text: string): string =>
  Buffer.from(
    text.replaceAll('_', ' ').replace(/=([0-9A-F]{2})/gi, (_code, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  ).toString('utf8')

/** What of an object came: `bytes 0-9/100`. */
export const rangeOf = (
  header: string | undefined,
): { readonly first: number; readonly last: number; readonly total: number } | undefined => {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header ?? '') ?? []
  return total === undefined ? undefined : { first: Number(first), last: Number(last), total: Number(total) }
}

/** Where a bucket is to be, as S3 wants it: nothing for the first region, and Europe of old in capitals. */
export const constraintOf = (location: string | undefined): string | undefined => {
  if (location === undefined || location === '' || location === 'us-east-1') return undefined
  return location === 'eu' ? 'EU' : location
}

/** The id of a part: S3 wants its number and its ETag when the parts are joined. */
export const partId = (number: number, etag: string): string => `${number}-${bare(etag)}`

/** A bare ETag is that of the part whose place in the list is its number. */
export const partIn = (id: string, index: number): { readonly PartNumber: number; readonly ETag: string } => {
  const [, number, etag] = /^(\d{1,5})-(.+)$/.exec(id) ?? []
  return number === undefined || etag === undefined
    ? { PartNumber: index + 1, ETag: `"${id}"` }
    : { PartNumber: Number(number), ETag: `"${etag}"` }
}
