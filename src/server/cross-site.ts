/** Requests that another site made a browser send: with HTTP Basic they would carry the login of whoever sits before it. */

import type { WireRequest } from '../drivers/wire.ts'
import { HttpError } from './errors.ts'
import { originOf } from './origin.ts'

const harmless = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A browser says of each request where it comes from: by `Sec-Fetch-Site`, which no page can set, and where the address isn't trustworthy
 * enough for that by `Origin`. Other clients send neither, and pass.
 * @throws HttpError 403 for a change that another site asks for.
 */
export const refuseOtherSites = (wire: WireRequest): void => {
  if (harmless.has(wire.method)) return
  const site = wire.header('sec-fetch-site')
  const origin = wire.header('origin')
  const isOwn = site === undefined ? origin === undefined || origin === originOf(wire) : site === 'same-origin' || site === 'none'
  if (!isOwn) {
    throw new HttpError(403, 'Another site asked for this change', {
      details: 'A browser may send changes only from the pages of this server. Programs should send neither Origin nor Sec-Fetch-Site',
    })
  }
}
