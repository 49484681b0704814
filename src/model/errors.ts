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
  | 'not-found'
  | 'not-permitted'
  | 'conflict'
  | 'internal'
  | 'not-supported'
  | 'storage-full'
  | 'provider-error'
  | 'provider-unavailable'
  | 'provider-timeout'

/** An error of the cloud: its kind decides what a client gets, its message is for the person who reads it. */
export class CloudError extends Error {
  readonly kind: ErrorKind
  /** Seconds after which a retry makes sense, where the provider says so. */
  readonly retryAfter: number | undefined
  /** What the message leaves open, for the person who reads it: documents show it beside the message, whose wording clients rely on. */
  readonly details: string | undefined

  constructor(kind: ErrorKind, message: string, options: { cause?: unknown; retryAfter?: number; details?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CloudError'
    this.kind = kind
    this.retryAfter = options.retryAfter
    this.details = options.details
  }
}

/** A value that the cloud can't take: an unknown reference, a value out of range, a bad name. */
export const badRequest = (message: string): CloudError => new CloudError('bad-request', message)

/** Credentials are missing or wrong. */
export const unauthenticated = (message = 'Unauthorized'): CloudError => new CloudError('unauthenticated', message)

/** The caller is known and may not. */
export const forbidden = (message: string): CloudError => new CloudError('forbidden', message)

/** The account's quota is used up. */
export const overQuota = (message: string): CloudError => new CloudError('over-quota', message)

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
