/** Which world of the simulator a request is for: the one that its path begins with, or else that of its header. */

import type { Headers, WireRequest } from '../drivers/wire.ts'
import type { Bytes } from '../model/requests.ts'

export interface Addressed {
  readonly world: string
  /** Without what of the path named the world; links that are built on it have it again. */
  readonly request: WireRequest
}

export const addressed = (request: WireRequest): Addressed => {
  const prefix = prefixes.exec(request.target)
  if (prefix?.[1] === undefined) return { world: request.header('x-deltacloud-world') ?? 'default', request }
  return { world: prefix[1], request: new RequestBehind(prefix[0], request) }
}

/** Another name is none that a world can have, and so no part of an address. */
const prefixes = /^\/_worlds\/([a-z0-9][a-z0-9_.-]{0,62})(?=[/?]|$)/

class RequestBehind implements WireRequest {
  readonly method: string
  readonly scheme: 'http' | 'https'
  readonly prefix: string
  readonly target: string
  readonly body?: Bytes
  readonly repeatable?: boolean
  readonly isProxied?: boolean
  private readonly whole: WireRequest

  constructor(prefix: string, whole: WireRequest) {
    const rest = whole.target.slice(prefix.length)
    this.whole = whole
    this.method = whole.method
    this.scheme = whole.scheme
    this.prefix = prefix
    this.target = rest.startsWith('/') ? rest : `/${rest}`
    if (whole.body !== undefined) this.body = whole.body
    if (whole.repeatable !== undefined) this.repeatable = whole.repeatable
    if (whole.isProxied !== undefined) this.isProxied = whole.isProxied
  }

  get headers(): Headers {
    return this.whole.headers
  }

  header(name: string): string | undefined {
    return this.whole.header(name)
  }
}
