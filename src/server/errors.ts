/** Failures of a request, and what each becomes in HTTP: one table, whatever the format. */

import type { Headers } from '../drivers/wire.ts'
import { CloudError, type ErrorKind } from '../model/errors.ts'
import { withoutSecretsInText } from '../model/secrets.ts'

/** A failure that only a server has: the request itself is wrong. */
export class HttpError extends Error {
  readonly status: number
  readonly headers: Headers
  /** What the message leaves open. */
  readonly details: string | undefined

  constructor(status: number, message: string, options: { headers?: Headers; details?: string } = {}) {
    super(message)
    this.name = 'HttpError'
    this.status = status
    this.headers = options.headers ?? []
    this.details = options.details
  }
}

/** The driver can't do this. @param capability the original's name of it, for the `Expect` header. */
export const missingCapability = (capability: string): HttpError =>
  new HttpError(412, 'The required capability to execute this operation is missing', {
    headers: [['Expect', capability]],
    details: `The driver lacks '${capability}'`,
  })

/** By kind, as the protocol has them; frontends of protocols that have no others take these, too. */
export const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'over-quota': 403,
  throttled: 503,
  'not-found': 404,
  'not-permitted': 405,
  conflict: 409,
  internal: 500,
  'not-supported': 501,
  'provider-error': 502,
  'provider-unavailable': 503,
  'provider-timeout': 504,
}

/** Seconds that a client is told to wait where it asks too often and the provider doesn't say how long. */
const defaultWait = 1

/** What an answer says in `Retry-After`, in whole seconds; undefined where it says nothing. */
export const waitOf = (error: unknown): string | undefined => {
  if (!(error instanceof CloudError)) return undefined
  const seconds = error.retryAfter ?? (error.kind === 'throttled' ? defaultWait : undefined)
  return seconds === undefined ? undefined : String(Math.ceil(seconds))
}

/** What a status is called in JSON error documents, and its generic text. */
const names: Readonly<Record<number, readonly [exception: string, reason: string]>> = {
  400: ['ValidationFailure', 'Bad Request'],
  401: ['AuthenticationFailure', 'Unauthorized'],
  403: ['ForbiddenError', 'Forbidden'],
  404: ['ObjectNotFound', 'Not Found'],
  405: ['MethodNotAllowed', 'Method Not Allowed'],
  406: ['UnknownMediaTypeError', 'Not Acceptable'],
  408: ['ValidationFailure', 'Request Timeout'],
  409: ['Conflict', 'Resource Conflict'],
  411: ['ValidationFailure', 'Length Required'],
  412: ['ValidationFailure', 'Precondition Failed'],
  413: ['ValidationFailure', 'Content Too Large'],
  414: ['ValidationFailure', 'URI Too Long'],
  415: ['UnknownMediaTypeError', 'Unsupported Media Type'],
  416: ['ValidationFailure', 'Range Not Satisfiable'],
  417: ['ValidationFailure', 'Expectation Failed'],
  431: ['ValidationFailure', 'Request Header Fields Too Large'],
  500: ['BackendError', 'Internal Server Error'],
  501: ['NotImplemented', 'Not Supported'],
  502: ['ProviderError', 'Backend Server Error'],
  503: ['ProviderUnavailable', 'Service Unavailable'],
  504: ['ProviderTimeout', 'Gateway Timeout'],
}

/** The generic text of a status that is a failure. */
export const reasonOf = (status: number): string => names[status]?.[1] ?? 'Error'

export interface Failure {
  readonly status: number
  readonly reason: string
  readonly message: string
  readonly details: string | undefined
  /** As JSON documents name it. */
  readonly exception: string
  readonly headers: Headers
  /** True where the failure is a bug of ours: it's logged with its stack, and the client learns no details. */
  readonly unexpected: boolean
}

/**
 * What a client is told of an error: a message may quote the request, and no secret of it.
 * @param challenge the `WWW-Authenticate` value that goes with a 401.
 */
export const failureOf = (error: unknown, challenge: string): Failure => {
  const expected = error instanceof CloudError || error instanceof HttpError
  const status = error instanceof CloudError ? statusOfKind[error.kind] : error instanceof HttpError ? error.status : 500
  const [exception, reason] = names[status] ?? ['BackendError', 'Error']
  const headers: (readonly [string, string])[] = error instanceof HttpError ? [...error.headers] : []
  if (status === 401) headers.push(['WWW-Authenticate', challenge])
  const wait = waitOf(error)
  if (wait !== undefined) headers.push(['Retry-After', wait])
  const message = expected ? error.message || reason : reason
  return {
    status,
    reason,
    message: withoutSecretsInText(message),
    exception: `Deltacloud::Exceptions::${exception}`,
    headers,
    unexpected: !expected,
    details: expected && error.details !== undefined ? withoutSecretsInText(error.details) : undefined,
  }
}
