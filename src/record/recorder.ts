/**
 * Records what a driver and its provider say to each other, and what clients asked meanwhile: a HAR and a draft of a scenario, without secrets.
 * It looks on through the one tap of the transport, whatever client of a provider uses that.
 */

import type { ExchangeObserver, Observer } from '../drivers/transport.ts'
import { type Headers, headerOf, type WireRequest, type WireResponse, watched } from '../drivers/wire.ts'
import { Pieces } from './bodies.ts'
import { type Draft, scrubbedDraft } from './draft.ts'
import { type Exchange, writtenExchange } from './exchanges.ts'
import { Refusal, refuseValue } from './gate.ts'
import { entryOf, harOf } from './har.ts'
import { Scrubber } from './scrubbing.ts'
import { Finder } from './spellings.ts'
import { type RecordedStep, stepOf } from './steps.ts'

/** More exchanges than a person would read, or a recording should have: a server may record for weeks. */
const mostExchanges = 10_000

/** A place in the order in which things began, filled when they end. */
interface Slot<T> {
  done?: T
}

/** An exchange, and how it was written last. */
interface Kept {
  /** Among all that began. */
  readonly place: number
  readonly exchange: Exchange
  written?: { readonly version: number; readonly entry: object }
}

export class Recorder {
  private readonly scrubber = new Scrubber()
  private readonly exchangeSlots: Slot<Kept>[] = []
  private readonly stepSlots: Slot<RecordedStep>[] = []
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
    return { exchanges: this.kept().length, steps: this.steps.length }
  }

  /** Whether no more is noted. */
  get isFull(): boolean {
    return this.exchangeSlots.length >= mostExchanges
  }

  /** Requests of clients, in the order in which they came. */
  get steps(): readonly RecordedStep[] {
    return this.stepSlots.flatMap(({ done }) => done ?? [])
  }

  /** Calls back after each request of a client, when its answer has been read. */
  onStep(listener: () => void): void {
    this.whenStepped = listener
  }

  /** For `tap`. */
  readonly observer: Observer = request => {
    this.credentialsIn(request.headers)
    if (this.isFull) return {}
    const begun = this.now()
    const [sent, received] = [new Pieces(), new Pieces()]
    const slot: Slot<Kept> = {}
    const place = this.exchangeSlots.push(slot) - 1
    let answer: Pick<WireResponse, 'status' | 'headers'> | undefined
    const watcher: ExchangeObserver = {
      sent: chunk => sent.add(chunk),
      answered: response => {
        answer = response
      },
      received: chunk => received.add(chunk),
      ended: ({ kind }) => {
        // What was never answered, or not to its end, no player could play.
        if (answer === undefined || kind === 'failed') return
        const exchange = { request, answer, sent, received, begun, took: Math.max(0, this.now() - begun) }
        slot.done = { place, exchange }
        this.learn(slot.done)
      },
    }
    return watcher
  }

  /** The same frontend, with its requests noted as steps. */
  watch<Rest extends readonly unknown[]>(
    answer: (request: WireRequest, ...rest: Rest) => Promise<WireResponse>,
  ): (request: WireRequest, ...rest: Rest) => Promise<WireResponse> {
    return async (request, ...rest) => {
      this.credentialsIn(request.headers)
      const [sent, received] = [new Pieces(), new Pieces()]
      const slot: Slot<RecordedStep> = {}
      if (!this.isFull) this.stepSlots.push(slot)
      const body = request.body && watched(request.body, { piece: chunk => sent.add(chunk) })
      const response = await answer(body === undefined ? request : withBody(request, body), ...rest)
      const note = () => {
        const step = stepOf(request, response, sent, received)
        if (step === undefined) return
        slot.done = step
        this.whenStepped?.()
      }
      if (response.body === undefined || typeof response.body === 'string' || response.body instanceof Uint8Array) {
        if (response.body !== undefined) received.add(Buffer.from(response.body))
        note()
        return response
      }
      // Until a stream has been read, its provider may still be speaking.
      const fail = (error: unknown): unknown => {
        note()
        return error
      }
      return { ...response, body: watched(response.body, { piece: chunk => received.add(chunk), end: note, leave: note, fail }) }
    }
  }

  /** The text of the HAR. @throws Refusal where a secret would be in it */
  har(file: string): string {
    // Writing one may tell a secret that stands in another; then all are written again.
    for (;;) {
      const { version } = this.scrubber
      const finder = new Finder(this.scrubber.inUse())
      const entries = this.kept().map((kept, n) => this.entry(file, kept, n, finder))
      if (this.scrubber.version === version) return harOf(entries)
    }
  }

  /** The text of the scenario that belongs to it. @throws Refusal where a secret would be in it */
  scenario(file: string, draft: Draft): string {
    this.scrubber.within(undefined)
    const clean = scrubbedDraft(draft, this.scrubber)
    refuseValue(file, '', clean, new Finder(this.scrubber.inUse()))
    return `${JSON.stringify(clean, null, 2)}\n`
  }

  /** What an exchange tells of secrets is known before anything is written. */
  private learn({ place, exchange }: Kept): void {
    this.scrubber.within(place)
    try {
      writtenExchange(exchange, this.scrubber)
    } catch {
      // Whoever is looked at must not notice; writing it fails again, and is told.
    }
  }

  private kept(): readonly Kept[] {
    return this.exchangeSlots.flatMap(({ done }) => done ?? [])
  }

  private entry(file: string, kept: Kept, n: number, finder: Finder): object {
    const { version } = this.scrubber
    if (kept.written?.version === version) return kept.written.entry
    this.scrubber.within(kept.place)
    const written = writtenExchange(kept.exchange, this.scrubber)
    if (!URL.canParse(written.url))
      throw new Refusal(`${file} is not written: the address of log.entries[${n}] is none without its secrets`)
    const entry = entryOf(written)
    refuseValue(file, `log.entries[${n}]`, entry, finder)
    kept.written = { version, entry }
    return entry
  }

  private credentialsIn(headers: Headers): void {
    const [, encoded] = /^Basic ([\w+/=-]+)$/i.exec(headerOf(headers, 'authorization') ?? '') ?? []
    if (encoded === undefined) return
    this.scrubber.knows(encoded)
    const [, user, password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
    if (user !== undefined) this.user = user
    this.scrubber.knows(password)
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
