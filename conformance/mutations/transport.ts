/** A mutated recording as a way to a provider: with answers that break off, come late, or never end. */

import type { Transport } from '../../src/drivers/context.ts'
import { TransportError } from '../../src/drivers/failures.ts'
import { readBody, type WireResponse } from '../../src/drivers/wire.ts'
import { CloudError } from '../../src/model/errors.ts'
import type { Bytes } from '../../src/model/requests.ts'
import { type HarEntry, responseBodyOf } from '../replay/har.ts'
import { isSame, meaningOf, type Outgoing } from '../replay/matching.ts'
import { outgoingOf, type Player, Unrecorded } from '../replay/player.ts'
import { answeredHeaders } from '../replay/transport.ts'
import type { IllegalMutation } from './mutations.ts'

/** More than any answer should be, in bytes. */
const tooMuch = 80 * 1024 * 1024

/** @param now milliseconds since 1970, for dates in answers */
export const createMutantTransport = (
  player: Player,
  effects: ReadonlyMap<HarEntry, IllegalMutation>,
  now: () => number = Date.now,
): Transport => {
  const met = new Map<HarEntry, number>()
  return {
    async send(request, { signal }) {
      signal.throwIfAborted()
      const body = request.body === undefined ? undefined : await readBody(request.body)
      const asked: Outgoing = { method: request.method, url: request.target, headers: request.headers, body }
      // Whoever repeats what met with trouble gets the same exchange again: the law is told by the traffic.
      const again = [...met.keys()].find(entry => isSame(meaningOf(asked), meaningOf(outgoingOf(entry))))
      const entry = again ?? answerOf(player, asked)
      const response: WireResponse = {
        status: entry.response.status,
        headers: answeredHeaders(entry.response.headers, request.method),
        body: responseBodyOf(entry),
      }
      const effect = effects.get(entry)
      if (effect === undefined) return response
      const times = met.get(entry) ?? 0
      const isOver = times >= (effect.kind === 'throttle' ? effect.times : effect.kind === 'token ends' ? 1 : Number.POSITIVE_INFINITY)
      if (isOver) met.delete(entry)
      else met.set(entry, times + 1)
      return isOver ? response : applyWireFault(response, effect, signal, now())
    },
  }
}

const answerOf = (player: Player, asked: Outgoing): HarEntry => {
  try {
    return player.answer(asked)
  } catch (error) {
    if (!(error instanceof Unrecorded)) throw error
    throw new CloudError('provider-error', 'The recording has no answer to this', { cause: error })
  }
}

/** What a provider says who is asked too often. */
export const throttledResponse = (
  status: number,
  { seconds, form }: { readonly seconds: number; readonly form: 'seconds' | 'date' },
  now: number,
): WireResponse => ({
  status,
  headers: [
    ['Content-Type', 'text/plain'],
    // A date has whole seconds.
    ['Retry-After', form === 'seconds' ? String(seconds) : new Date((Math.ceil(now / 1000) + seconds) * 1000).toUTCString()],
  ],
  body: 'Slow down',
})

/** A connection that breaks off, as a transport tells it. */
export const connectionError = (): TransportError =>
  new TransportError('provider-error', 'The provider broke the connection', 'if idempotent', undefined)

const applyWireFault = async (response: WireResponse, effect: IllegalMutation, signal: AbortSignal, now: number): Promise<WireResponse> => {
  const whole = await readBody(response.body)
  switch (effect.kind) {
    case 'status':
      return {
        status: effect.status,
        headers: [['Content-Type', 'text/plain'], ...(effect.status === 429 ? [['Retry-After', '1'] as const] : [])],
        body: 'Something is wrong',
      }
    case 'cut':
      return { ...response, body: pieces([cutBody(whole, effect.share)], effect.isQuiet ? undefined : connectionError) }
    case 'garble':
      return { ...response, body: Buffer.from(whole.map((byte, n) => (n % effect.every === 0 ? (byte * 7 + 13) % 256 : byte))) }
    case 'type':
      return { ...response, headers: withType(response.headers, effect.type), body: effect.body }
    case 'huge':
      return { ...response, body: pieces(repeatBody(Buffer.alloc(64 * 1024, 0x20), tooMuch), undefined) }
    case 'late':
      return waitForAbort(signal)
    case 'never ending':
      return { ...response, body: endlessBody(whole, signal) }
    case 'reset':
      throw connectionError()
    case 'throttle':
      return throttledResponse(effect.status, effect, now)
    case 'token ends':
      return { status: 401, headers: [['Content-Type', 'text/plain']], body: 'Unauthorized' }
  }
}

/** Of a body, a part that lacks more than blanks at its end. */
const cutBody = (whole: Uint8Array, share: number): Uint8Array => {
  const end = whole.findLastIndex(byte => byte > 0x20) + 1
  return whole.subarray(0, Math.floor(end * share))
}

const withType = (headers: WireResponse['headers'], type: string): WireResponse['headers'] => [
  ...headers.filter(([name]) => name.toLowerCase() !== 'content-type'),
  ['Content-Type', type],
]

/** Nothing, until whoever waits has had enough. */
const waitForAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const give = (): void => reject(signal.reason)
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })

async function* pieces(all: Iterable<Uint8Array>, last: (() => Error) | undefined): AsyncGenerator<Uint8Array> {
  yield* all
  if (last !== undefined) throw last()
}

function* repeatBody(piece: Uint8Array, total: number): Generator<Uint8Array> {
  for (let sent = 0; sent < total; sent += piece.length) yield piece
}

const endlessBody = (whole: Uint8Array, signal: AbortSignal): Bytes => ({
  async *[Symbol.asyncIterator]() {
    yield whole
    await waitForAbort(signal)
  },
})
