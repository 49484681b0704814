/**
 * From which site a browser sends a request, and to which of our names. With HTTP Basic, or on a cloud that takes anyone, a request that
 * another site makes a browser send would have the power of whoever sits before it.
 */

import type { IncomingMessage } from 'node:http'
import type { WireRequest } from '../drivers/wire.ts'
import { forbidden } from '../model/errors.ts'
import { HttpError } from './errors.ts'
import { isHost, originOf } from './origin.ts'

/** Where a request comes from, as far as a browser says so. */
export interface Origin {
  /** Another site made a browser send it. Asked only when it matters. */
  readonly isForeign: () => boolean
  /** Its method may change something. */
  readonly mayChange: boolean
}

/** Of a client that isn't a browser. */
export const anyOrigin: Origin = { isForeign: () => false, mayChange: true }

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** @param everyMethodChanges the protocol takes changes by GET, too. */
export const originOfRequest = (wire: WireRequest, everyMethodChanges = false): Origin => ({
  isForeign: () => isForeign(wire),
  mayChange: everyMethodChanges || !safeMethods.has(wire.method),
})

/**
 * A browser says of each request where it comes from: by `Sec-Fetch-Site`, which no page can set, and where the address isn't trustworthy
 * enough for that (plain HTTP from another machine) by `Origin`, or by `Referer` where it only reads. Other clients send none of them.
 */
const isForeign = (wire: WireRequest): boolean => {
  const site = wire.header('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = wire.header('origin')
  if (origin !== undefined) return origin !== originOf(wire)
  const page = wire.header('referer')
  return page !== undefined && !`${page}/`.startsWith(`${originOf(wire)}/`)
}

const advice = 'Programs should send neither Origin nor Sec-Fetch-Site'

/** @throws CloudError `forbidden` */
export const refuseForeignChange = ({ isForeign, mayChange }: Origin): void => {
  if (mayChange && isForeign())
    throw forbidden(`Another site asked for this change. A browser may send changes only from the pages of this server. ${advice}`)
}

/** @throws CloudError `forbidden` */
export const refuseForeignChoice = ({ isForeign }: Origin): void => {
  if (isForeign())
    throw forbidden(
      `Another site chose the driver or provider of this request. A browser may choose them only on the pages of this server. ${advice}`,
    )
}

export interface HostOptions {
  /** Names by which clients may know the server, without port; `*.example.com` stands for all below it. */
  readonly allowed?: readonly string[] | undefined
}

/** Which hosts a server answers to: a name that was made to lead to this machine would make a foreign page one of ours (DNS rebinding). */
export class Hosts {
  /** Whether only this machine reaches the listener. Known once it listens. */
  isLoopback = true
  private readonly allowed: readonly string[]
  private readonly isLimited: boolean
  /** The last name that was found right: clients use one again and again. */
  private last: string | undefined

  /** @param own the name that the server listens on. */
  constructor({ allowed }: HostOptions, own: string) {
    this.isLimited = allowed !== undefined
    this.allowed = [own, ...(allowed ?? [])].map(name => name.toLowerCase())
  }

  /** Why a message isn't answered, by its Host header; undefined for one that is. */
  refusal({ rawHeaders, headers: { host } }: Pick<IncomingMessage, 'rawHeaders' | 'headers'>): Error | undefined {
    if (hasSeveralHosts(rawHeaders)) return new HttpError(400, 'The request has more than one Host header')
    // Without one a request gets no further than to what builds no links.
    if (host === undefined || host === this.last) return undefined
    if (!isHost(host)) return new HttpError(400, 'The Host header names no host')
    if (!this.isOurs(nameOf(host))) {
      const advice = this.isLoopback
        ? 'It listens on this machine alone, where localhost and addresses of this machine are its names. Start it with --allowed-hosts to add others'
        : 'Start it with --allowed-hosts to add it'
      return forbidden(`This server does not answer to the host '${host.slice(0, 100)}'. ${advice}`)
    }
    this.last = host
    return undefined
  }

  private isOurs(name: string): boolean {
    if (!this.isLoopback && !this.isLimited) return true
    if (isLoopbackName(name)) return true
    return this.allowed.some(one => (one.startsWith('*.') ? name.endsWith(one.slice(1)) : name === one))
  }
}

const hasSeveralHosts = (rawHeaders: readonly string[]): boolean => {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === 'host') count++
  return count > 1
}

/** Without port and without the brackets of an IPv6 address. */
const nameOf = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')

const isLoopbackName = (name: string): boolean =>
  name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
