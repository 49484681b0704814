/** An exchange as it passed, and as it's written down: without secrets, and so that it can be looked into. */

import { STATUS_CODES } from 'node:http'
import { type Headers, headerOf, type WireRequest, type WireResponse } from '../drivers/wire.ts'
import { contentOf, type Pieces, unpacked } from './bodies.ts'
import type { Content, Pair, WrittenExchange } from './har.ts'
import type { Scrubber } from './scrubbing.ts'

export interface Exchange {
  readonly request: Pick<WireRequest, 'method' | 'target' | 'headers'>
  readonly answer: Pick<WireResponse, 'status' | 'headers'>
  readonly sent: Pieces
  readonly received: Pieces
  /** Wall time, milliseconds since 1970. */
  readonly begun: number
  /** Milliseconds. */
  readonly took: number
}

export const writtenExchange = ({ request, answer, sent, received, begun, took }: Exchange, scrubber: Scrubber): WrittenExchange => {
  // Tokens that an answer gives are known before what uses them is written.
  const response = messageOf(answer.headers, received, scrubber)
  const { method, target } = request
  const asked = messageOf(request.headers, sent, scrubber)
  return {
    startedDateTime: new Date(begun).toISOString(),
    time: took,
    method,
    url: scrubber.url(target),
    requestHeaders: asked.headers,
    requestBody: asked.body,
    requestType: asked.type === '' ? 'application/octet-stream' : asked.type,
    status: answer.status,
    statusText: STATUS_CODES[answer.status] ?? '',
    responseHeaders: response.headers,
    responseBody: response.body,
    responseType: response.type,
  }
}

interface Message {
  readonly headers: readonly Pair[]
  readonly body: Content | undefined
  readonly type: string
}

const messageOf = (headers: Headers, pieces: Pieces, scrubber: Scrubber): Message => {
  const whole = pieces.whole()
  const { bytes, wasPacked } = unpacked(whole ?? Buffer.alloc(0), headerOf(headers, 'content-encoding') ?? '')
  const type = headerOf(headers, 'content-type') ?? ''
  const body = whole === undefined ? { size: pieces.size } : contentOf(bytes, type, scrubber)
  return {
    headers: headers
      .filter(([name]) => !(wasPacked && name.toLowerCase() === 'content-encoding'))
      .map(([name, value]) => ({
        name,
        // That of an answer to HEAD tells of a body that isn't there.
        value: name.toLowerCase() === 'content-length' && body !== undefined ? String(body.size) : scrubber.header(name, value),
      })),
    body,
    type: scrubber.header('content-type', type),
  }
}
