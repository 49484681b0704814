/** What travels with each request: time, chance, the way to the provider, and how to stop. */

import type { WireRequest, WireResponse } from './wire.ts'

/** The only way to a provider. A recorder is a Transport around a Transport; a frontend called in process is one too. */
export interface Transport {
  /** @throws CloudError `provider-timeout` or `provider-unavailable` where no answer came. */
  send(request: WireRequest, options: { signal: AbortSignal }): Promise<WireResponse>
}

export interface Log {
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** Tokens and clients of one server, bounded; a key names world, driver, provider and a hash of the credentials. */
export interface SessionCache {
  /** The value under the key, made by `make` where there is none or it has expired; concurrent callers share one making. */
  remember<T>(key: string, make: () => Promise<{ value: T; expires: number }>): Promise<T>
  forget(key: string): void
}

/** A fault that is to be seen on the wire: the simulator leaves it here, and the outermost layer of the server applies it. */
export type WireEffect =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'truncated'; readonly share: number }
  | { readonly kind: 'garbled'; readonly seed: string }
  | { readonly kind: 'never' }

export interface Context {
  /** Aborted when the client has gone or the time is over. */
  readonly signal: AbortSignal
  /** Wall time, milliseconds since 1970. */
  readonly deadline: number
  readonly transport: Transport
  /** The cloud's time, milliseconds since 1970. */
  now(): number
  /** Waits in wall time; rejects when the request is aborted. */
  sleep(milliseconds: number): Promise<void>
  /** At least 0, below 1. */
  random(): number
  readonly log: Log
  readonly sessions: SessionCache
  readonly wire: { effect?: WireEffect }
  /** The world of the simulator that the request is for; `default` where none was named. */
  readonly world: string
}

export interface Credentials {
  readonly user: string
  readonly password: string
}
