/**
 * HTTP messages as both sides of the house see them: what a frontend is asked and answers, and what a driver sends and gets.
 * The target is raw and undecoded and headers keep their order, because signatures are made over just that.
 */

import { Readable } from 'node:stream'
import type { Bytes } from '../model/requests.ts'

export type Headers = readonly (readonly [name: string, value: string])[]

export interface WireRequest {
  readonly method: string
  /** Path and query as they stood on the wire; for a provider, an absolute URL. */
  readonly target: string
  /** What stood before the target and is read already; links keep it. */
  readonly prefix?: string
  readonly scheme: 'http' | 'https'
  /** A trusted proxy passed it on: what its X-Forwarded headers say counts. */
  readonly isProxied?: boolean
  /** In order, names as sent. */
  readonly headers: Headers
  /** A header by its lower-case name; several of one name are joined with a comma. */
  header(name: string): string | undefined
  /** Absent where the message has none. */
  readonly body?: Bytes
  /** The body is in memory and can be read more than once. */
  readonly repeatable?: boolean
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
  const { body } = parts
  const repeatable = typeof body === 'string' || body instanceof Uint8Array
  return {
    method: parts.method,
    target: parts.target,
    scheme: parts.scheme ?? 'http',
    headers,
    header: name => headerOf(headers, name),
    ...(body === undefined ? {} : { body: repeatable ? whole(body) : body, repeatable }),
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

const whole = (content: string | Uint8Array): Bytes => ({
  async *[Symbol.asyncIterator]() {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    if (bytes.length > 0) yield bytes
  },
})

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

/** The beginning of a body as text, at most about `limit` bytes, and the same body from its beginning; where it breaks off, its reader learns so. */
export const peek = async (body: WireResponse['body'], limit: number): Promise<{ readonly text: string; readonly body: Bytes }> => {
  const source: AsyncIterator<Uint8Array> =
    body === undefined || typeof body === 'string' || body instanceof Uint8Array
      ? whole(body ?? '')[Symbol.asyncIterator]()
      : body[Symbol.asyncIterator]()
  const seen: Uint8Array[] = []
  let size = 0
  let failure: { readonly error: unknown } | undefined
  try {
    while (size < limit) {
      const step = await source.next()
      if (step.done === true) break
      seen.push(step.value)
      size += step.value.length
    }
  } catch (error) {
    failure = { error }
  }
  return {
    text: Buffer.concat(seen).toString('utf8'),
    body: {
      [Symbol.asyncIterator]: () => ({
        async next() {
          const value = seen.shift()
          if (value !== undefined) return { done: false, value }
          if (failure !== undefined) throw failure.error
          return source.next()
        },
        async return() {
          await source.return?.()
          return { done: true, value: undefined }
        },
      }),
    },
  }
}

/** Leaves an answer unread, so that its connection is free for others. */
export const discard = async (response: WireResponse): Promise<void> => {
  const { body } = response
  if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)) await leave(body)
}

/** What is told about bytes on their way. */
export interface Watcher {
  /** The first piece is asked for. */
  begin?(): void
  piece?(chunk: Uint8Array): void
  /** The last piece has passed. */
  end?(): void
  /** The source broke. @returns what the reader is to get instead. */
  fail?(error: unknown): unknown
  /** The reader goes before the end, perhaps without having begun. */
  leave?(): void
}

/** The same bytes with someone looking on. */
export const watched = (bytes: Bytes, watcher: Watcher): Bytes => ({
  [Symbol.asyncIterator]() {
    let source: AsyncIterator<Uint8Array> | undefined
    let over = false
    return {
      async next() {
        if (over) return { done: true, value: undefined }
        if (source === undefined) {
          watcher.begin?.()
          source = bytes[Symbol.asyncIterator]()
        }
        let step: IteratorResult<Uint8Array>
        try {
          step = await source.next()
        } catch (error) {
          over = true
          throw watcher.fail === undefined ? error : watcher.fail(error)
        }
        if (step.done === true) {
          over = true
          watcher.end?.()
        } else watcher.piece?.(step.value)
        return step
      },
      async return() {
        if (!over) {
          over = true
          watcher.leave?.()
          await (source === undefined ? leave(bytes) : source.return?.())
        }
        return { done: true, value: undefined }
      },
    }
  },
})

// The iterator of a stream that was never asked for a piece doesn't close it.
const leave = async (bytes: Bytes): Promise<void> => {
  if (bytes instanceof Readable) bytes.destroy()
  else await bytes[Symbol.asyncIterator]().return?.()
}
