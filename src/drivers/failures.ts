/** What may go wrong on the way to a provider, as a table from the codes of Node and undici to the errors of the model. */

import { CloudError, type ErrorKind } from '../model/errors.ts'

/** Whether a failed request may be sent again: it never reached the provider, it may have, or it would only fail again. */
export type Retry = 'safe' | 'if idempotent' | 'useless'

/** No answer, or half of one. The message names host and operation, and never a header, a query or a body. */
export class TransportError extends CloudError {
  readonly retry: Retry

  constructor(kind: ErrorKind, message: string, retry: Retry, cause: unknown) {
    super(kind, message, { cause: bare(cause) })
    this.retry = retry
  }
}

/** What is to be thrown for an error of the network: a failure of the table, or the error itself where it's none of the provider's. */
export const failureOf = (error: unknown, at: { readonly host: string; readonly call: string }): unknown => {
  const code = codeOf(error)
  const known = code === undefined ? undefined : failureBy(code)
  return known === undefined ? error : new TransportError(known.kind, `${at.call}: ${at.host} ${known.says}`, known.retry, error)
}

interface Failure {
  readonly kind: ErrorKind
  readonly retry: Retry
  readonly says: string
}

const unreachable = (retry: Retry, says: string): Failure => ({ kind: 'provider-error', retry, says })
const late = (retry: Retry, says: string): Failure => ({ kind: 'provider-timeout', retry, says })
const wrong = (says: string): Failure => ({ kind: 'provider-error', retry: 'useless', says })
const refused = (says: string): Failure => ({ kind: 'bad-request', retry: 'useless', says })

const broken = unreachable('if idempotent', 'broke the connection')
const closing: Failure = { kind: 'provider-unavailable', retry: 'useless', says: 'is not asked any more, the server is closing' }

const failures: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: unreachable('safe', 'refused the connection'),
  ENOTFOUND: unreachable('useless', 'has no address'),
  EAI_AGAIN: unreachable('safe', 'has no address that could be found now'),
  EHOSTUNREACH: unreachable('safe', "can't be reached"),
  ENETUNREACH: unreachable('safe', "can't be reached"),
  UND_ERR_CONNECT_TIMEOUT: late('safe', 'did not take the connection in time'),
  ETIMEDOUT: late('if idempotent', 'did not answer in time'),
  UND_ERR_HEADERS_TIMEOUT: late('if idempotent', 'did not answer in time'),
  UND_ERR_BODY_TIMEOUT: late('if idempotent', 'stopped in the middle of its answer'),
  ECONNRESET: broken,
  ECONNABORTED: broken,
  EPIPE: broken,
  UND_ERR_SOCKET: broken,
  UND_ERR_INFO: broken,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: broken,
  UND_ERR_CLOSED: closing,
  UND_ERR_DESTROYED: closing,
  HTTPParserError: wrong('answered with something that is not HTTP'),
  UND_ERR_HEADERS_OVERFLOW: wrong('answered with more headers than fit'),
  UND_ERR_INVALID_ARG: refused("can't be asked that: a name or value doesn't fit into HTTP"),
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: refused('was to get content of another length than was said'),
}

const failureBy = (code: string): Failure | undefined => {
  if (Object.hasOwn(failures, code)) return failures[code]
  // OpenSSL has a hundred of these; all mean that nothing was sent.
  return /TLS|SSL|CERT|SIGNATURE|EPROTO/.test(code) ? unreachable('useless', `offers no TLS that can be trusted (${code})`) : undefined
}

// A parser's errors have codes of their own (`HPE_…`) or none.
const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  if (error.name === 'HTTPParserError') return error.name
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

// A parser's error carries the bytes that it couldn't read, a socket's error the socket: neither is for a log.
const bare = (cause: unknown): unknown =>
  cause instanceof Error ? Object.assign(new Error(cause.message), { name: cause.name, code: codeOf(cause) }) : undefined
