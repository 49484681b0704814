/** How every driver reaches its provider: an own pool of connections with limits of time, the one retry loop, and taps for a recorder. */

import type { LookupAddress, LookupOptions } from 'node:dns'
import { Readable } from 'node:stream'
import type { Agent, Dispatcher } from 'undici'
import { badRequest, CloudError } from '../model/errors.ts'
import type { Bytes } from '../model/requests.ts'
import { orAborted } from './aborting.ts'
import type { Access, Context, SendOptions, Transport } from './context.ts'
import { failureOf, type Retry, TransportError } from './failures.ts'
import { discard, type Headers, headerOf, peek, readBody, type WireRequest, type WireResponse, watched } from './wire.ts'

export interface TransportOptions {
  /** Milliseconds until a connection stands, TLS included; 10,000 by default. */
  readonly connectTimeout?: number
  /** Milliseconds from the end of the request to the end of the answer's headers; 60,000 by default. */
  readonly headersTimeout?: number
  /** Milliseconds between two pieces of the answer's body, while someone reads it; 30,000 by default. */
  readonly bodyTimeout?: number
  /** Connections to one provider at a time; 64 by default, more requests wait. */
  readonly connections?: number
  /** Used instead of connections of our own: a replayer, or a pool with other rules. It has its own limits, and is its maker's to close. */
  readonly dispatcher?: Dispatcher
}

/**
 * A transport over undici, which is loaded with the first request. The target goes out byte for byte; a redirect is an answer like others.
 * Headers go out in order, except those that frame the message (Host, Connection, Content-Length, Transfer-Encoding), which stand where
 * undici puts them; nothing ever expects `100-continue`. It doesn't retry.
 */
export const createTransport = (options: TransportOptions = {}): Transport & { close(): Promise<void> } => {
  const pools = new Map<Access['level'], Promise<Agent>>()
  let closed = false
  const poolFor = (access: Access | undefined): Promise<Agent> => {
    const level = access?.level ?? 'trusted'
    const pool = pools.get(level) ?? openPool(options, access)
    pools.set(level, pool)
    return pool
  }
  return {
    async send(request, sending) {
      sending.signal.throwIfAborted()
      const { origin, host, path } = addressOf(request.target)
      sending.access?.checkOrigin(origin)
      const call = sending.operation ?? callOf(request.method, path)
      if (closed)
        throw new TransportError(
          'provider-unavailable',
          `${call}: ${host} is not asked any more, the server is closing`,
          'useless',
          undefined,
        )
      return dispatch(options.dispatcher ?? (await poolFor(sending.access)), request, { origin, host, path, call, signal: sending.signal })
    },
    /** Ends all connections; requests under way fail. */
    async close() {
      closed = true
      await Promise.all([...pools.values()].map(async pool => (await pool).destroy()))
    },
  }
}

/** @param access of the first request of its level: the verdict on an address is the same for all of them. */
const openPool = async (options: TransportOptions, access: Access | undefined): Promise<Agent> => {
  const undici = await import('undici')
  return new undici.Agent({
    connect: { timeout: options.connectTimeout ?? 10_000, ...(access === undefined ? {} : { lookup: await checkedLookup(access) }) },
    headersTimeout: options.headersTimeout ?? 60_000,
    bodyTimeout: options.bodyTimeout ?? 30_000,
    connections: options.connections ?? 64,
    // Only HTTP/1.1 leaves headers in their order and letters in their case.
    allowH2: false,
  })
}

/** Resolves a name once: the address that was checked is the one that is connected to. An address in place of a name isn't looked up. */
const checkedLookup = async (access: Access) => {
  const { lookup } = await import('node:dns')
  return (
    host: string,
    options: LookupOptions,
    callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, '')
        return
      }
      try {
        for (const { address } of found) access.checkAddress(host, address)
      } catch (refusal) {
        // What the gate forbids isn't an error of the system, and comes out of the connection as it is.
        callback(refusal as NodeJS.ErrnoException, '')
        return
      }
      const [first] = found
      if (options.all === true || first === undefined) callback(null, found)
      else callback(null, first.address, first.family)
    })
  }
}

interface Exchange {
  readonly origin: string
  readonly host: string
  readonly path: string
  /** As failures name it. */
  readonly call: string
  readonly signal: AbortSignal
}

const dispatch = async (dispatcher: Dispatcher, request: WireRequest, exchange: Exchange): Promise<WireResponse> => {
  const { origin, path, signal } = exchange
  let bodyFault: { readonly error: unknown } | undefined
  const explain = (error: unknown): unknown => {
    if (signal.aborted) return signal.reason
    return bodyFault === undefined ? failureOf(error, exchange) : bodyFault.error
  }
  const noteFault = (error: unknown): unknown => {
    bodyFault = { error }
    return error
  }
  try {
    // undici looks at the signal of a request only once that has a connection.
    const answer = await orAborted(
      signal,
      dispatcher.request({
        origin,
        path,
        method: request.method as Dispatcher.HttpMethod,
        headers: request.headers.filter(([name]) => !framing.has(name.toLowerCase())).flat(),
        body:
          request.body === undefined
            ? null
            : request.repeatable === true
              ? await readBody(request.body)
              : streamOf(watched(request.body, { fail: noteFault })),
        signal,
        responseHeaders: 'raw',
      }),
    )
    const { body } = answer
    // A body that is destroyed before anyone reads it says so by an event, and an error that nobody listens to ends the process.
    body.on('error', () => undefined)
    return {
      status: answer.statusCode,
      headers: pairsOf(answer.headers),
      body: watched(body, { fail: explain }),
    }
  } catch (error) {
    throw explain(error)
  }
}

/** Headers that belong to one connection and not to the message: undici writes its own, and refuses these. */
const framing: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'expect'])

const streamOf = (bytes: Bytes): Readable => {
  const stream = Readable.from(piecewise(bytes), { objectMode: false })
  stream.on('error', () => undefined)
  return stream
}

// A generator that is closed before its first step touches nothing: where no connection came, the body can still be read.
async function* piecewise(bytes: Bytes): AsyncGenerator<Uint8Array> {
  yield* bytes
}

const addressOf = (target: string): { origin: string; host: string; path: string } => {
  const [, authority = '', rest = ''] = /^(https?:\/\/[^/?#\\@]+)([/?].*)?$/is.exec(target) ?? []
  if (!URL.canParse(authority)) throw badRequest('The address of the provider is not one')
  const { origin, host } = new URL(authority)
  return { origin, host, path: rest.startsWith('/') ? rest : `/${rest}` }
}

const callOf = (method: string, path: string): string => `${method} ${(path.split(/[?;#\\]/)[0] ?? '').slice(0, 200)}`

// Raw headers come as one flat list of names and values.
const pairsOf = (raw: unknown): Headers => {
  const flat = Array.isArray(raw) ? raw.map(String) : []
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ''] as const] : []))
}

export interface RetryPolicy {
  /** How often a request is sent at most; 3 by default. */
  readonly attempts?: number
  /** Milliseconds: the first wait is at most this, and each next one at most twice the one before; 100 by default. */
  readonly base?: number
  /** Milliseconds that a wait of ours may have at most; 5,000 by default. What a provider asks for is honoured beyond that. */
  readonly longest?: number
  /** Wall time, in which the deadline is told. Milliseconds since 1970. */
  readonly clock?: () => number
}

/**
 * The one retry loop: a transport for one request of a client, that sends again what may be sent again.
 * - What never reached the provider, or was put off by it (429, Swift's 498, 503 with Retry-After, or 413 with one that isn't 0), is sent
 *   again whatever it is. OpenStack says 413 for a rate limit, and with a wait of 0 for a quota.
 * - What may have reached it (no answer, a broken connection, 408, 500, 502, 503, 504) is sent again only where it's idempotent.
 * - What the request's `isThrottling` finds in the answer was put off too, whatever its status.
 * - A body that is read from a stream and was begun can't be sent again.
 *
 * Waits are random below a doubling limit, plus what Retry-After asks. A wait that doesn't end before the deadline isn't begun: the caller
 * then gets the last answer, or the last failure, as it came.
 */
export const retrying = (
  transport: Transport,
  context: Pick<Context, 'deadline' | 'now' | 'sleep' | 'random'>,
  policy: RetryPolicy = {},
): Transport => {
  const { attempts = 3, base = 100, longest = 5_000, clock = Date.now } = policy
  return {
    async send(request, options) {
      const idempotent = options.idempotent ?? idempotentMethods.has(request.method)
      let begun = false
      const body =
        request.body &&
        watched(request.body, {
          begin: () => {
            begun = true
          },
        })
      const again: WireRequest = body === undefined ? request : { ...request, body }
      for (let attempt = 1; ; attempt++) {
        const outcome = await withVerdict(await outcomeOf(transport.send(again, options)), options)
        const { retry } = outcome
        const asked = 'response' in outcome ? retryAfter(outcome.response, context.now()) : 0
        const wait = (asked ?? 0) + context.random() * Math.min(longest, base * 2 ** (attempt - 1))
        const worthIt = retry === 'safe' || (retry === 'if idempotent' && idempotent)
        const possible =
          attempt < attempts && !options.signal.aborted && (!begun || request.repeatable === true) && clock() + wait < context.deadline
        if (!worthIt || !possible) {
          if ('response' in outcome) return outcome.response
          throw outcome.error
        }
        if ('response' in outcome) await discard(outcome.response)
        await context.sleep(wait)
        options.signal.throwIfAborted()
      }
    },
  }
}

type Outcome = { readonly response: WireResponse } | { readonly error: unknown }

const outcomeOf = (answer: Promise<WireResponse>): Promise<Outcome> =>
  answer.then(
    response => ({ response }),
    (error: unknown) => ({ error }),
  )

/** The outcome, and whether the request may be sent again. An answer whose text was looked at still has its whole body. */
const withVerdict = async (outcome: Outcome, { isThrottling }: SendOptions): Promise<Outcome & { readonly retry: Retry }> => {
  if ('error' in outcome) return { ...outcome, retry: retryOfFailure(outcome.error) }
  const { response } = outcome
  const retry = retryOfAnswer(response)
  if (isThrottling === undefined || retry === 'safe' || response.status < 400) return { response, retry }
  const { text, body } = await peek(response.body, longestError)
  return { response: { ...response, body }, retry: isThrottling(text) ? 'safe' : retry }
}

/** How much of an answer is looked at for what it says of throttling, in bytes. */
const longestError = 64 * 1024

const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
const passingStatuses: ReadonlySet<number> = new Set([408, 500, 502, 503, 504])

const retryOfAnswer = (response: WireResponse): Retry => {
  const { status } = response
  const asks = retryAfter(response, 0)
  if (status === 429 || status === 498 || (status === 503 && asks !== undefined) || (status === 413 && asks !== undefined && asks > 0))
    return 'safe'
  return passingStatuses.has(status) ? 'if idempotent' : 'useless'
}

const retryOfFailure = (error: unknown): Retry => {
  if (error instanceof TransportError) return error.retry
  return error instanceof CloudError && (error.kind === 'provider-unavailable' || error.kind === 'provider-timeout')
    ? 'if idempotent'
    : 'useless'
}

/** Milliseconds that an answer asks to wait, from seconds or a date; undefined where it doesn't say, or says neither. */
export const retryAfter = ({ headers }: Pick<WireResponse, 'headers'>, now: number): number | undefined => {
  const text = headerOf(headers, 'retry-after')?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const date = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Told of the exchanges of a transport. It must neither change nor keep a piece beyond the call without a copy, nor throw. */
export type Observer = (request: WireRequest) => ExchangeObserver

export interface ExchangeObserver {
  /** A piece of the request's body goes out. */
  sent?(chunk: Uint8Array): void
  answered?(response: Pick<WireResponse, 'status' | 'headers'>): void
  /** A piece of the answer's body comes in. */
  received?(chunk: Uint8Array): void
  /** Once, last: whole, failed, or left by the reader. Never for an answer that nobody reads or leaves. */
  ended?(how: { readonly kind: 'whole' | 'left' } | { readonly kind: 'failed'; readonly error: unknown }): void
}

/** The same transport with someone looking on: pieces are shown as they pass, and none is asked for by the observer. */
export const tap = (transport: Transport, observer: Observer): Transport => ({
  async send(request, options) {
    const watcher = observer(request)
    const failed = (error: unknown): unknown => {
      watcher.ended?.({ kind: 'failed', error })
      return error
    }
    const body = request.body && watched(request.body, { piece: chunk => watcher.sent?.(chunk) })
    const outcome = await outcomeOf(transport.send(body === undefined ? request : { ...request, body }, options))
    if ('error' in outcome) throw failed(outcome.error)
    const { response } = outcome
    watcher.answered?.({ status: response.status, headers: response.headers })
    if (response.body === undefined || typeof response.body === 'string' || response.body instanceof Uint8Array) {
      const whole = await readBody(response.body)
      if (whole.length > 0) watcher.received?.(whole)
      watcher.ended?.({ kind: 'whole' })
      return response
    }
    return {
      ...response,
      body: watched(response.body, {
        piece: chunk => watcher.received?.(chunk),
        end: () => watcher.ended?.({ kind: 'whole' }),
        fail: failed,
        leave: () => watcher.ended?.({ kind: 'left' }),
      }),
    }
  },
})
