/** What Harbour's faults are in the words of the API: one table. */

import { CloudError, type ErrorKind, notFound, notPermitted, retryAfter, throttled, type WireResponse } from '../../../src/driver.ts'

const kinds: ReadonlyMap<string, ErrorKind> = new Map([
  ['bad-request', 'bad-request'],
  ['who-are-you', 'unauthenticated'],
  ['not-yours', 'forbidden'],
  ['harbour-full', 'over-quota'],
  ['no-such-thing', 'not-found'],
  ['wrong-state', 'not-permitted'],
  ['taken', 'conflict'],
  ['beyond-us', 'not-supported'],
])

/** @param call what was asked, for people @param fault as Harbour told it, where it did @param now milliseconds since 1970 */
export const errorOf = (
  call: string,
  response: Pick<WireResponse, 'status' | 'headers'>,
  fault: { readonly code: string; readonly reason: string } | undefined,
  now: number,
): CloudError => {
  const { status } = response
  const kind = fault === undefined ? undefined : kinds.get(fault.code)
  if (kind === 'not-found') return notFound(fault?.reason)
  if (kind === 'not-permitted') return notPermitted(fault?.reason)
  if (kind !== undefined) return new CloudError(kind, fault?.reason ?? call)
  if (status === 401) return new CloudError('unauthenticated', 'Authentication Failure')
  if (status === 429) return throttled(`${call}: Harbour asks to slow down`, secondsOf(response, now))
  if (status === 503)
    return new CloudError('provider-unavailable', `${call}: Harbour has no time now`, { retryAfter: secondsOf(response, now) })
  return new CloudError('provider-error', `${call}: Harbour answered with ${status}`)
}

/** How long Harbour asks to wait, where it does. */
const secondsOf = (response: Pick<WireResponse, 'headers'>, now: number): number | undefined => {
  const milliseconds = retryAfter(response, now)
  return milliseconds === undefined ? undefined : milliseconds / 1000
}
