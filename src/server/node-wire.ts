/** Node's HTTP messages as wire messages, without copying, and back. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Headers, type WireRequest, type WireResponse, watched } from '../drivers/wire.ts'
import type { Bytes } from '../model/requests.ts'
import { HttpError } from './errors.ts'

class NodeRequest implements WireRequest {
  readonly method: string
  readonly target: string
  readonly scheme: 'http' | 'https'
  readonly isProxied: boolean
  readonly body?: Bytes
  private readonly message: IncomingMessage

  constructor(message: IncomingMessage, target: string, scheme: 'http' | 'https', isProxied: boolean) {
    this.message = message
    this.isProxied = isProxied
    this.method = message.method ?? 'GET'
    this.target = target
    this.scheme = scheme
    const { headers } = message
    if (headers['transfer-encoding'] !== undefined || (headers['content-length'] !== undefined && headers['content-length'] !== '0'))
      this.body = bodyOf(message)
  }

  get headers(): Headers {
    const raw = this.message.rawHeaders
    const pairs: [string, string][] = []
    for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? '', raw[i + 1] ?? ''])
    return pairs
  }

  header(name: string): string | undefined {
    const value = this.message.headers[name]
    return typeof value === 'string' || value === undefined ? value : value.join(', ')
  }
}

/** The body in pieces. Whoever stops reading leaves the connection as it is: the client is still to get its answer. */
const bodyOf = (message: IncomingMessage): Bytes =>
  watched(
    { [Symbol.asyncIterator]: () => message.iterator({ destroyOnReturn: false }) },
    { fail: () => new HttpError(400, 'The body of the request broke off') },
  )

/**
 * @param target as it stood on the wire.
 * @param isProxied whether a trusted proxy passed it on.
 */
export const fromNode = (message: IncomingMessage, target: string, scheme: 'http' | 'https', isProxied = false): WireRequest =>
  new NodeRequest(message, target, scheme, isProxied)

/**
 * Sends a response. Content streams with back-pressure; where it fails half way the connection is cut, so that nobody takes a part for the whole.
 * @param unread whether the request's body may still be on its way: the connection is then closed after the answer.
 */
export const toNode = async (response: WireResponse, res: ServerResponse, method: string, unread: boolean): Promise<void> => {
  const headers: string[] = []
  for (const [name, value] of response.headers) headers.push(name, value)
  // What is in an answer is what its type says, whatever a browser makes of its beginning.
  headers.push('X-Content-Type-Options', 'nosniff')
  if (unread) headers.push('Connection', 'close')
  const { body, status } = response
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : (body?.length ?? 0)
    if (status !== 204 && status !== 304) headers.push('Content-Length', String(length))
    res.writeHead(status, headers)
    if (unread) await answerEarly(res, method === 'HEAD' ? undefined : body)
    else if (method === 'HEAD' || body === undefined) res.end()
    else sendTogether(res, body, length)
    return
  }
  res.writeHead(status, headers)
  if (method === 'HEAD') {
    // Opened for its length alone: it's closed unread.
    await body[Symbol.asyncIterator]().return?.()
    res.end()
    return
  }
  await pipeline(body instanceof Readable ? body : Readable.from(body, { objectMode: false }), res)
}

/**
 * Answers that are ready in one turn of the event loop leave together at its end, so that a client with several connections is woken once
 * and not for each: that saves a third of a small answer's time (measured). Text goes out in one piece with its headers, bytes don't.
 */
const sendTogether = (res: ServerResponse, body: string | Uint8Array, length: number): void => {
  setImmediate(() => {
    if (typeof body === 'string') res.end(body, length === body.length ? 'latin1' : 'utf8')
    else res.end(body)
  })
}

/**
 * Answers while the request is still being sent. The answer is complete by its length; the connection is closed when the client has read it:
 * one that is closed with bytes of the client still unread is reset, and the answer lost.
 */
const answerEarly = async (res: ServerResponse, body: string | Uint8Array | undefined): Promise<void> => {
  if (body === undefined) res.flushHeaders()
  else res.write(body)
  const { req } = res
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, lingering)
    const over = (): void => {
      clearTimeout(timer)
      resolve()
    }
    if (req.complete || req.destroyed) over()
    else req.once('end', over).once('close', over).resume()
  })
  res.end()
}

/** How long a client that was answered early may go on sending, in milliseconds. */
const lingering = 2000
