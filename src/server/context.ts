/** The context of one request; what few requests need is made when it's asked for. */

import { orAborted } from '../drivers/aborting.ts'
import type { Access, Context, Log, SessionCache, Transport, WireEffect } from '../drivers/context.ts'
import { retrying } from '../drivers/transport.ts'
import { CloudError } from '../model/errors.ts'

export interface ContextSettings {
  readonly transport: Transport
  readonly sessions: SessionCache
  readonly log: Log
  /** Milliseconds that a request may take. */
  readonly timeout: number
  readonly closing?: AbortSignal | undefined
  /** The time of clouds that don't tell theirs, and chance; the machine's by default. A test has its own. */
  readonly time?: CloudTime | undefined
}

export interface CloudTime {
  /** Milliseconds since 1970. */
  now(): number
  /** Lets milliseconds pass. */
  sleep(milliseconds: number): Promise<void>
  /** At least 0, below 1. */
  random(): number
}

export class RequestContext implements Context {
  readonly sessions: SessionCache
  readonly log: Log
  readonly deadline: number
  readonly closing: AbortSignal | undefined
  readonly world: string
  readonly wire: { effect?: WireEffect } = {}
  access: Access | undefined
  private readonly onGone: (abort: () => void) => void
  private readonly provider: Transport
  private readonly time: CloudTime | undefined
  private retrying: Transport | undefined
  private controller: AbortController | undefined

  /** @param onGone calls back when the client has gone. */
  constructor(settings: ContextSettings, world: string, onGone: (abort: () => void) => void) {
    this.provider = settings.transport
    this.time = settings.time
    this.sessions = settings.sessions
    this.log = settings.log
    this.closing = settings.closing
    this.deadline = Date.now() + settings.timeout
    this.world = world
    this.onGone = onGone
  }

  get transport(): Transport {
    const { provider } = this
    this.retrying ??= retrying({ send: (request, sending) => provider.send(request, { ...sending, access: this.access }) }, this)
    return this.retrying
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      const controller = new AbortController()
      this.controller = controller
      const timer = setTimeout(
        () => controller.abort(new CloudError('provider-timeout', 'The provider did not answer in time')),
        Math.max(0, this.deadline - Date.now()),
      )
      timer.unref()
      this.onGone(() => {
        clearTimeout(timer)
        controller.abort(new CloudError('provider-unavailable', 'The client has gone'))
      })
    }
    return this.controller.signal
  }

  now(): number {
    return this.time?.now() ?? Date.now()
  }

  random(): number {
    return this.time?.random() ?? Math.random()
  }

  sleep(milliseconds: number): Promise<void> {
    const { signal, time } = this
    if (time !== undefined) return orAborted(signal, time.sleep(milliseconds))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      }, milliseconds)
      const stop = (): void => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    })
  }
}
