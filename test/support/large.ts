/** Large content on its way to a server and back, never held in memory. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { basic } from './server.ts'

const piece = 64 * 1024

/** Content of any size, no two pieces of it alike. */
export function* largeContent(size: number): Generator<Buffer> {
  for (let at = 0; at < size; at += piece) {
    const bytes = Buffer.alloc(Math.min(piece, size - at), 'deltacloud')
    bytes.writeDoubleLE(at, 0)
    yield bytes
  }
}

export const digestOf = (content: Iterable<Uint8Array>): string => {
  const hash = createHash('sha256')
  for (const bytes of content) hash.update(bytes)
  return hash.digest('hex')
}

/** Puts content, as fast as the server takes it. @returns the status */
export const putLarge = async (port: number, path: string, size: number): Promise<number> => {
  const headers = { Authorization: basic(), 'Content-Length': size, 'Content-Type': 'application/octet-stream' }
  const sending = request({ host: '127.0.0.1', port, method: 'PUT', path, headers })
  const answered = once(sending, 'response')
  for (const bytes of largeContent(size)) if (!sending.write(bytes)) await once(sending, 'drain')
  sending.end()
  const [response]: unknown[] = await answered
  return (await drained(response)).status
}

/** Opens content for reading; the reader says how fast. */
export const openLarge = async (port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> => {
  const asking = request({ host: '127.0.0.1', port, path, headers: { Authorization: basic(), ...headers } })
  asking.end()
  const [response]: unknown[] = await once(asking, 'response')
  return asMessage(response)
}

/** Reads an answer to its end. */
export const drained = async (response: unknown): Promise<{ status: number; size: number; digest: string }> => {
  const message = asMessage(response)
  const hash = createHash('sha256')
  let size = 0
  for await (const bytes of message) {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('Content comes as bytes')
    size += bytes.length
    hash.update(bytes)
  }
  return { status: message.statusCode ?? 0, size, digest: hash.digest('hex') }
}

const asMessage = (value: unknown): IncomingMessage => {
  if (typeof value === 'object' && value !== null && 'statusCode' in value) return value as IncomingMessage
  throw new TypeError('No answer')
}
