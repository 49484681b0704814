/** Metadata and content headers of objects, both ways. */

import type { Headers, WireRequest } from '../../../drivers/wire.ts'
import type { Blob } from '../../../model/resources.ts'
import { headerText, headerToken, textOfHeader } from '../../headers.ts'
import { isoTime, quoted } from './asked.ts'
import { notImplemented } from './errors.ts'

const prefix = 'x-amz-meta-'

export interface About {
  readonly contentType?: string
  readonly metadata: Readonly<Record<string, string>>
}

/** Facts of an object that the API of clouds has no place for; lost in silence they would do harm. */
const unkept: readonly string[] = ['cache-control', 'content-disposition', 'content-language', 'expires', 'x-amz-website-redirect-location']

/** What a request says of the object that it makes. @throws S3Error `NotImplemented` for what couldn't be kept */
export const aboutIn = (request: WireRequest): About => {
  for (const name of unkept) if (request.header(name) !== undefined) throw notImplemented(`The header ${name}`)
  const encoding = request
    .header('content-encoding')
    ?.split(',')
    .map(one => one.trim())
    .filter(one => one !== 'aws-chunked' && one !== '')
  if (encoding !== undefined && encoding.length > 0) throw notImplemented('The header content-encoding')
  if (request.header('x-amz-tagging') !== undefined) throw notImplemented('Tagging of objects')
  if (request.header('x-amz-server-side-encryption-customer-algorithm') !== undefined) throw notImplemented('Encryption with your own keys')
  refuseGrants(request)
  const contentType = textOfHeader(request.header('content-type') ?? '')
  const metadata: Record<string, string> = {}
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase()
    if (lower.startsWith(prefix)) metadata[lower.slice(prefix.length)] = decodedWords(textOfHeader(value))
  }
  return { metadata, ...(contentType === '' ? {} : { contentType }) }
}

/** Grants that change nothing where everything is its owner's alone. */
const harmless: ReadonlySet<string> = new Set(['private', 'bucket-owner-full-control', 'bucket-owner-read'])

/** @throws S3Error `NotImplemented` for grants to others */
export const refuseGrants = (request: WireRequest): void => {
  const canned = request.header('x-amz-acl')
  const others = request.headers.some(([name]) => name.toLowerCase().startsWith('x-amz-grant-'))
  if ((canned !== undefined && !harmless.has(canned)) || others) throw notImplemented('Access for others than the owner')
}

/** Text of RFC 2047, which S3 uses for what isn't ASCII. */
const decodedWords = (text: string): string =>
  text.replace(/=\?utf-8\?(?:b\?([A-Za-z0-9+/=]*)|q\?([^?]*))\?=/gi, (_whole, base64?: string, q?: string) =>
    base64 !== undefined
      ? Buffer.from(base64, 'base64').toString('utf8')
      : Buffer.from(
          (q ?? '').replaceAll('_', ' ').replace(/=([0-9A-F]{2})/gi, (_c, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
          'latin1',
        ).toString('utf8'),
  )

/** Blanks at the ends don't survive in a header, and a text that reads as such a word would be taken for one. */
const encodedWord = (text: string): string =>
  /^$|^[!-~]([ -~]*[!-~])?$/.test(text) && decodedWords(text) === text ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`

/** What an answer says of an object. */
export const headersOf = (blob: Blob): Headers => {
  const modified = isoTime(blob.lastModified)
  return [
    ...(modified === undefined ? [] : [['Last-Modified', new Date(modified).toUTCString()] as const]),
    ...(blob.etag === undefined ? [] : [['ETag', quoted(blob.etag)] as const]),
    ['Accept-Ranges', 'bytes'],
    ['Content-Type', headerText(blob.contentType ?? 'binary/octet-stream')],
    ...Object.entries(blob.userMetadata).map(
      ([name, value]) => [`${prefix}${headerToken(name).toLowerCase()}`, encodedWord(value)] as const,
    ),
  ]
}
