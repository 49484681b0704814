/** Scheme and authority by which a client reached us: links are built on them. */

import type { WireRequest } from '../drivers/wire.ts'
import { HttpError } from './errors.ts'

/** `http://host:port`; a trusted proxy says by X-Forwarded-Host and X-Forwarded-Proto what its client used. @throws HttpError 400 without a usable Host. */
export const originOf = (request: WireRequest): string => {
  const forwarded = (name: string): string | undefined => (request.isProxied === true ? first(request.header(name)) : undefined)
  const host = forwarded('x-forwarded-host') ?? request.header('host')
  if (host === undefined || host === '') throw new HttpError(400, 'Unable to find HTTP Host header')
  if (!isHost(host)) throw new HttpError(400, 'The Host header names no host')
  const proto = forwarded('x-forwarded-proto')
  return `${proto === 'http' || proto === 'https' ? proto : request.scheme}://${host}`
}

/** Whether a text is a host, perhaps with a port. */
export const isHost = (text: string): boolean =>
  /^(?:[A-Za-z0-9._~-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.test(text) && Number(/:(\d+)$/.exec(text)?.[1] ?? 0) <= 65_535

/** What links are built on: the origin, and what of the path is read already. @throws HttpError 400 without a usable Host. */
export const baseOf = (request: WireRequest): string => originOf(request) + (request.prefix ?? '')

const first = (list: string | undefined): string | undefined => list?.split(',')[0]?.trim()
