/** What the API answers to each kind of error: its protocol says so, and for throttling and quotas this project's design. */

import type { ErrorKind } from '../../src/model/errors.ts'

const statuses = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'over-quota': 403,
  'not-found': 404,
  'not-permitted': 405,
  conflict: 409,
  internal: 500,
  'not-supported': 501,
  'provider-error': 502,
  throttled: 503,
  'provider-unavailable': 503,
  'provider-timeout': 504,
  'storage-full': 507,
} as const satisfies Readonly<Record<ErrorKind, number>>

/** By kind of error. */
export const statusOfKind: Readonly<Record<string, number>> = statuses
