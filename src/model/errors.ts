/**
 * The closed set of errors that a cloud may answer with.
 *
 * A driver maps every failure of its provider to one of these, in one table; a frontend maps each kind to its protocol, in one table.
 * Nothing else may leave a driver: what does is a bug, and the server answers 500.
 */

/** What went wrong, in the words of the API. Statuses are those of the Deltacloud API, section 8 of its protocol. */
export type ErrorKind =
  | 'bad-request'
  | 'unauthenticated'
  | 'forbidden'
  | 'over-quota'
  | 'throttled'
  | 'not-found'
  | 'not-permitted'
  | 'conflict'
  | 'internal'
  | 'not-supported'
  | 'provider-error'
  | 'provider-unavailable'
  | 'provider-timeout'

/** A quota that is used up. */
export interface Exhausted {
  /** A collection of the API, or `volume_gigabytes`: the sum of all volumes. */
  readonly resource: string
  /** How many there may be, and how many there are, where that's known. */
  readonly limit?: number
  readonly used?: number
}

/** An error of the cloud: its kind decides what a client gets, its message is for the person who reads it. */
export class CloudError extends Error {
  readonly kind: ErrorKind
  /** Seconds after which a retry makes sense, where the provider says so. */
  readonly retryAfter: number | undefined
  /** What the message leaves open, for the person who reads it: documents show it beside the message, whose wording clients rely on. */
  readonly details: string | undefined
  /** Of `over-quota`: what is used up, where that's known. */
  readonly exhausted: Exhausted | undefined

  constructor(
    kind: ErrorKind,
    message: string,
    options: { cause?: unknown; retryAfter?: number | undefined; details?: string; exhausted?: Exhausted | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CloudError'
    this.kind = kind
    this.retryAfter = options.retryAfter
    this.details = options.details
    this.exhausted = options.exhausted
  }
}

/** A value that the cloud can't take: an unknown reference, a value out of range, a bad name. */
export const badRequest = (message: string): CloudError => new CloudError('bad-request', message)

/** Credentials are missing or wrong. */
export const unauthenticated = (message = 'Unauthorized'): CloudError => new CloudError('unauthenticated', message)

/** The caller is known and may not. */
export const forbidden = (message: string): CloudError => new CloudError('forbidden', message)

/** The account's quota is used up. */
export const overQuota = (message: string, exhausted?: Exhausted): CloudError => new CloudError('over-quota', message, { exhausted })

/** The caller asks too often: the same request succeeds later. @param retryAfter seconds, where the provider says how long to wait */
export const throttled = (message: string, retryAfter?: number): CloudError => new CloudError('throttled', message, { retryAfter })

/** The resource of the path isn't there. */
export const notFound = (details?: string): CloudError => new CloudError('not-found', 'Not Found', details === undefined ? {} : { details })

/** The resource is in a state that doesn't permit the action. */
export const notPermitted = (details?: string): CloudError =>
  new CloudError('not-permitted', 'Method Not Allowed', details === undefined ? {} : { details })

/** Duplicate, in use, or not empty. */
export const conflict = (message: string, details?: string): CloudError =>
  new CloudError('conflict', message, details === undefined ? {} : { details })

/** The provider can't do this at all. */
export const notSupported = (message: string): CloudError => new CloudError('not-supported', message)
