/** Scheme and authority by which a client reached us: links are built on them. */

import type { WireRequest } from '../drivers/wire.ts'
import { HttpError } from './errors.ts'

/** `http://host:port`; a proxy says by X-Forwarded-Host and X-Forwarded-Proto what its client used. @throws HttpError 400 without a usable Host. */
export const originOf = (request: WireRequest): string => {
  const host = first(request.header('x-forwarded-host')) ?? request.header('host')
  if (host === undefined || host === '') throw new HttpError(400, 'Unable to find HTTP Host header')
  if (!/^[A-Za-z0-9._~-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/.test(host)) throw new HttpError(400, 'The Host header names no host')
  if (Number(/:(\d+)$/.exec(host)?.[1] ?? 0) > 65535) throw new HttpError(400, 'The Host header names a port that cannot be')
  const proto = first(request.header('x-forwarded-proto'))
  return `${proto === 'http' || proto === 'https' ? proto : request.scheme}://${host}`
}

/** What links are built on: the origin, and what of the path is read already. @throws HttpError 400 without a usable Host. */
export const baseOf = (request: WireRequest): string => originOf(request) + (request.prefix ?? '')

const first = (list: string | undefined): string | undefined => list?.split(',')[0]?.trim()
