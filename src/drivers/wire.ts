/**
 * HTTP messages as both sides of the house see them: what a frontend is asked and answers, and what a driver sends and gets.
 * The target is raw and undecoded and headers keep their order, because signatures are made over just that.
 */

import type { Bytes } from '../model/requests.ts'

export type Headers = readonly (readonly [name: string, value: string])[]

export interface WireRequest {
  readonly method: string
  /** Path and query as they stood on the wire; for a provider, an absolute URL. */
  readonly target: string
  readonly scheme: 'http' | 'https'
  /** In order, names as sent. */
  readonly headers: Headers
  /** A header by its lower-case name; several of one name are joined with a comma. */
  header(name: string): string | undefined
  /** Absent where the message has none. */
  readonly body?: Bytes
}

export interface WireResponse {
  readonly status: number
  readonly headers: Headers
  /** Text is sent as UTF-8. */
  readonly body?: string | Uint8Array | Bytes
}

/** A request made from plain parts. */
export const wireRequest = (parts: {
  method: string
  target: string
  scheme?: 'http' | 'https'
  headers?: Headers
  body?: Bytes | Uint8Array | string
}): WireRequest => {
  const headers = parts.headers ?? []
  const body = parts.body === undefined ? undefined : typeof parts.body === 'string' || parts.body instanceof Uint8Array ? once(parts.body) : parts.body
  return {
    method: parts.method,
    target: parts.target,
    scheme: parts.scheme ?? 'http',
    headers,
    header: name => headerOf(headers, name),
    ...(body === undefined ? {} : { body }),
  }
}

/** The value of a header by its lower-case name; several are joined with a comma. */
export const headerOf = (headers: Headers, name: string): string | undefined => {
  let found: string | undefined
  for (const [key, value] of headers) {
    if (key.toLowerCase() === name) found = found === undefined ? value : `${found}, ${value}`
  }
  return found
}

async function* once(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  if (bytes.length > 0) yield bytes
}

/** A body read whole, at most `limit` bytes. @throws RangeError where it's larger. */
export const readBody = async (body: WireResponse['body'], limit = Number.POSITIVE_INFINITY): Promise<Buffer> => {
  if (body === undefined) return Buffer.alloc(0)
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) throw new RangeError(`The body is larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
