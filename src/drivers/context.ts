/** What travels with each request: time, chance, the way to the provider, and how to stop. */

import type { WireRequest, WireResponse } from './wire.ts'

/** The only way to a provider. A recorder is a Transport around a Transport; a frontend called in process is one too. */
export interface Transport {
  /**
   * Whoever sends reads the answer's body to its end or leaves it (`discard`): until then the connection is taken.
   * @returns the answer of any status, a redirect too; its body throws as `send` does where it breaks off.
   * @throws CloudError `provider-timeout` where no answer came in time, `provider-error` where the connection failed or the answer isn't HTTP; the
   * signal's reason where that stopped it; what the request's own body threw.
   */
  send(request: WireRequest, options: SendOptions): Promise<WireResponse>
}

/** Which hosts a request may reach, whatever names them: the provider as it was chosen, a catalog, an instance's address. */
export interface Access {
  /** Connections are shared by requests of the same level only. */
  readonly level: 'trusted' | 'chosen'
  /** @param origin of an absolute URL. @throws CloudError `forbidden` */
  checkOrigin(origin: string): void
  /** @param address that the host was resolved to. @throws CloudError `forbidden` */
  checkAddress(host: string, address: string): void
  /**
   * The same for the instance that a command is run on.
   * @param isTold whether the provider told the address, and not the client.
   * @throws CloudError `forbidden`
   */
  checkInstance(host: string, address: string, isTold: boolean): void
}

export interface SendOptions {
  readonly signal: AbortSignal
  /** Set by the context; without it any host may be reached. */
  readonly access?: Access | undefined
  /** What the provider calls it (`DescribeInstances`), for messages; else they name method and path. */
  readonly operation?: string
  /** Whether sending it twice does no more than sending it once; told by the method where it isn't said. */
  readonly idempotent?: boolean
  /**
   * Whether the text of an answer of 400 or above says that the provider was too busy for the request, where its status doesn't: such a
   * request wasn't carried out, and is sent again whatever it is.
   */
  readonly isThrottling?: (text: string) => boolean
}

export interface Log {
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** Tokens and clients of one server, bounded; a key names world, driver, provider and a hash of the credentials. */
export interface SessionCache {
  /**
   * The value under the key, made by `make` where there is none or it has expired; concurrent callers share one making.
   * @param signal of the caller, on which its `make` depends: it ends this caller's waiting, and no other's.
   */
  remember<T>(key: string, make: () => Promise<{ value: T; expires: number }>, signal: AbortSignal): Promise<T>
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
  /** Aborted when the server is about to stop: running requests may finish, but what a fault keeps waiting is let go. */
  readonly closing?: AbortSignal | undefined
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
  /** Which hosts the request may reach, set by the gate as soon as it knows the provider; without it any. */
  access?: Access | undefined
  /** The world of the simulator that the request is for; `default` where none was named. */
  readonly world: string
}

export interface Credentials {
  readonly user: string
  readonly password: string
}
