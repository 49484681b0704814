/**
 * Records what a driver and its provider say to each other, and what clients asked meanwhile: a HAR and a draft of a scenario, without secrets.
 * It looks on through the one tap of the transport, whatever client of a provider uses that.
 */

import { STATUS_CODES } from 'node:http'
import type { ExchangeObserver, Observer } from '../drivers/transport.ts'
import { type Headers, headerOf, type WireRequest, type WireResponse, watched } from '../drivers/wire.ts'
import { refuseSecrets } from './gate.ts'
import { type Content, harOf, type Pair, type RecordedExchange } from './har.ts'
import { Scrubber } from './scrubbing.ts'

/** Of a body, in bytes; what is beyond isn't written down. */
const mostKept = 4 * 1024 * 1024

/** A request of a client, as a scenario has it. */
export interface RecordedStep {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
  readonly answer: string
}

export class Recorder {
  private readonly scrubber = new Scrubber()
  private readonly exchanges: RecordedExchange[] = []
  private readonly recordedSteps: RecordedStep[] = []
  private readonly now: () => number
  private whenStepped: (() => void) | undefined
  /** Who asked last: a scenario is asked by somebody. */
  user: string | undefined

  /** @param now wall time, milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.now = now
  }

  /** A credential that must not be written, beside those that requests carry. */
  knows(secret: string): void {
    this.scrubber.knows(secret)
  }

  /** How many exchanges and requests there are. */
  get size(): { readonly exchanges: number; readonly steps: number } {
    return { exchanges: this.exchanges.length, steps: this.recordedSteps.length }
  }

  get steps(): readonly RecordedStep[] {
    return this.recordedSteps
  }

  /** Calls back after each request of a client. */
  onStep(listener: () => void): void {
    this.whenStepped = listener
  }

  /** For `tap`. */
  readonly observer: Observer = request => {
    const begun = this.now()
    const [sent, received] = [new Pieces(), new Pieces()]
    let answer: Pick<WireResponse, 'status' | 'headers'> | undefined
    this.credentialsIn(request.headers)
    const watcher: ExchangeObserver = {
      sent: chunk => sent.add(chunk),
      answered: response => {
        answer = response
      },
      received: chunk => received.add(chunk),
      ended: () => {
        // What was never answered, no player could play.
        if (answer !== undefined) this.note(request, answer, sent, received, begun)
      },
    }
    return watcher
  }

  /** The same frontend, with its requests noted as steps. */
  watch<Rest extends readonly unknown[]>(
    answer: (request: WireRequest, ...rest: Rest) => Promise<WireResponse>,
  ): (request: WireRequest, ...rest: Rest) => Promise<WireResponse> {
    return async (request, ...rest) => {
      const sent = new Pieces()
      this.credentialsIn(request.headers)
      const body = request.body && watched(request.body, { piece: chunk => sent.add(chunk) })
      const response = await answer(body === undefined ? request : withBody(request, body), ...rest)
      this.step(request, response, sent)
      return response
    }
  }

  /** The text of the HAR. @throws Refusal where a secret would be in it */
  har(file: string): string {
    const text = harOf(this.exchanges)
    refuseSecrets(file, text, this.scrubber.inUse())
    return text
  }

  /** A text that belongs to the recording, without secrets. @throws Refusal */
  scrubbed(file: string, text: string): string {
    const clean = this.scrubber.body(text, 'application/json')
    const pretty = `${JSON.stringify(JSON.parse(clean), null, 2)}\n`
    refuseSecrets(file, pretty, this.scrubber.inUse())
    return pretty
  }

  private credentialsIn(headers: Headers): void {
    const [, encoded] = /^Basic ([\w+/=]+)$/i.exec(headerOf(headers, 'authorization') ?? '') ?? []
    if (encoded === undefined) return
    this.scrubber.knows(encoded)
    const [, user, password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
    if (user !== undefined) this.user = user
    this.scrubber.knows(password)
  }

  private note(
    request: WireRequest,
    answer: Pick<WireResponse, 'status' | 'headers'>,
    sent: Pieces,
    received: Pieces,
    begun: number,
  ): void {
    const [requestType, responseType] = [headerOf(request.headers, 'content-type') ?? '', headerOf(answer.headers, 'content-type') ?? '']
    // Tokens that an answer gives are known before what uses them is written.
    const responseHeaders = this.headers(answer.headers)
    const responseBody = this.content(received, responseType)
    this.exchanges.push({
      startedDateTime: new Date(begun).toISOString(),
      time: Math.max(0, this.now() - begun),
      method: request.method,
      url: this.scrubber.url(request.target),
      requestHeaders: this.headers(request.headers),
      requestBody: this.content(sent, requestType),
      requestType: requestType === '' ? 'application/octet-stream' : requestType,
      status: answer.status,
      statusText: STATUS_CODES[answer.status] ?? '',
      responseHeaders,
      responseBody,
      responseType,
    })
  }

  private headers(headers: Headers): readonly Pair[] {
    return headers.map(([name, value]) => ({ name, value: this.scrubber.header(name, value) }))
  }

  private content(pieces: Pieces, type: string): Content | undefined {
    const bytes = pieces.whole()
    if (bytes.length === 0) return undefined
    const text = bytes.toString('utf8')
    if (Buffer.from(text).equals(bytes)) return { text: this.scrubber.body(text, type) }
    return { text: bytes.toString('base64'), encoding: 'base64' }
  }

  private step(request: WireRequest, response: WireResponse, sent: Pieces): void {
    const url = new URL(request.target, 'http://deltacloud.test')
    if (!/^\/api(\/|$)/.test(url.pathname)) return
    const type = headerOf(request.headers, 'content-type') ?? ''
    const form = /^application\/x-www-form-urlencoded/i.test(type)
      ? Object.fromEntries(new URLSearchParams(sent.whole().toString('utf8')))
      : {}
    const { format: _, ...query } = Object.fromEntries(url.searchParams)
    const meta = request.headers.filter(([name]) => /^x-deltacloud-blobmeta-/i.test(name))
    this.recordedSteps.push({
      method: request.method,
      path: url.pathname,
      query,
      form,
      headers: Object.fromEntries(meta),
      status: response.status,
      answer:
        typeof response.body === 'string'
          ? response.body
          : response.body instanceof Uint8Array
            ? Buffer.from(response.body).toString('utf8')
            : '',
    })
    this.whenStepped?.()
  }
}

/** Bytes as they pass, up to what is kept. */
class Pieces {
  private readonly chunks: Uint8Array[] = []
  private size = 0

  add(chunk: Uint8Array): void {
    if (this.size + chunk.length > mostKept) return
    this.size += chunk.length
    this.chunks.push(Uint8Array.from(chunk))
  }

  whole(): Buffer {
    return Buffer.concat(this.chunks)
  }
}

/** A request is an object with a prototype: its other members aren't its own. */
const withBody = (request: WireRequest, body: NonNullable<WireRequest['body']>): WireRequest => ({
  method: request.method,
  target: request.target,
  scheme: request.scheme,
  headers: request.headers,
  header: name => request.header(name),
  body,
  ...(request.prefix === undefined ? {} : { prefix: request.prefix }),
})
