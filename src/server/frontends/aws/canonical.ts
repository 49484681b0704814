/** Requests in the one form over which AWS has them signed: paths, queries and headers, spelled one way. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { WireRequest } from '../../../drivers/wire.ts'

/** Path and query as the client sent them, with what was read of the path before it came here. */
export const sentTarget = (request: WireRequest): { readonly path: string; readonly query: string } => {
  const whole = (request.prefix ?? '') + request.target
  const at = whole.indexOf('?')
  return at < 0 ? { path: whole, query: '' } : { path: whole.slice(0, at), query: whole.slice(at + 1) }
}

/** Pairs of a query in their order, decoded. A name without `=` has the value ''. What can't be decoded stays as it is. */
export const queryPairs = (query: string): readonly (readonly [string, string])[] =>
  query
    .split('&')
    .filter(pair => pair !== '')
    .map(pair => {
      const at = pair.indexOf('=')
      return at < 0 ? [decoded(pair), ''] : [decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))]
    })

const decoded = (text: string): string => decodedPath(text.replaceAll('+', ' '))

/** A path without its percent signs; one that encodes no UTF-8 is left as it is. */
export const decodedPath = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** As RFC 3986 has it: all but letters, digits and `-._~`. */
export const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** A path with each segment encoded once, from whatever spelling. */
export const encodedPath = (path: string): string =>
  path
    .split('/')
    .map(segment => encoded(decodedPath(segment)))
    .join('/')

/** Pairs sorted by encoded name, then value, as signatures 2 (of queries) and 4 have them. */
export const canonicalQuery = (pairs: readonly (readonly [string, string])[]): string =>
  pairs
    .map(([name, value]): [string, string] => [encoded(name), encoded(value)])
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : x > y ? 1 : 0) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

/** Headers by lower-case name: all values of one with single blanks, joined by commas, as bytes that stand for themselves. */
export const canonicalHeaders = (request: WireRequest): ((name: string) => string) => {
  const byName = new Map<string, string>()
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase()
    const before = byName.get(lower)
    const single = value.trim().replace(/ +/g, ' ')
    byName.set(lower, before === undefined ? single : `${before},${single}`)
  }
  return name => byName.get(name) ?? ''
}

export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

export const hmac = (key: string | Uint8Array, text: string, algorithm: 'sha1' | 'sha256' = 'sha256'): Buffer =>
  createHmac(algorithm, key).update(text).digest()

/** Whether two signatures are the same, in a time that tells nothing of either. */
export const sameSignature = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
