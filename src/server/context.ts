/** The context of one request; what few requests need is made when it's asked for. */

import type { Context, Log, SessionCache, Transport, WireEffect } from '../drivers/context.ts'
import { retrying } from '../drivers/transport.ts'
import { CloudError } from '../model/errors.ts'

export interface ContextSettings {
  readonly transport: Transport
  readonly sessions: SessionCache
  readonly log: Log
  /** Milliseconds that a request may take. */
  readonly timeout: number
  readonly closing?: AbortSignal | undefined
}

export class RequestContext implements Context {
  readonly sessions: SessionCache
  readonly log: Log
  readonly deadline: number
  readonly closing: AbortSignal | undefined
  readonly world: string
  readonly wire: { effect?: WireEffect } = {}
  private readonly onGone: (abort: () => void) => void
  private readonly provider: Transport
  private retrying: Transport | undefined
  private controller: AbortController | undefined

  /** @param onGone calls back when the client has gone. */
  constructor(settings: ContextSettings, world: string, onGone: (abort: () => void) => void) {
    this.provider = settings.transport
    this.sessions = settings.sessions
    this.log = settings.log
    this.closing = settings.closing
    this.deadline = Date.now() + settings.timeout
    this.world = world
    this.onGone = onGone
  }

  get transport(): Transport {
    this.retrying ??= retrying(this.provider, this)
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
    return Date.now()
  }

  random(): number {
    return Math.random()
  }

  sleep(milliseconds: number): Promise<void> {
    const { signal } = this
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
