/** What a provider was sent, as the transport saw it: laws about who is asked, how often and when are judged by it. */

import { createHash } from 'node:crypto'
import type { Transport } from '../src/drivers/context.ts'
import { retryAfter } from '../src/drivers/transport.ts'
import { headerOf, readBody, type WireRequest, wireRequest } from '../src/drivers/wire.ts'
import { CloudError } from '../src/model/errors.ts'
import { meaningOf } from './replay/matching.ts'

export interface SentRequest {
  readonly method: string
  readonly origin: string
  readonly path: string
  /** As `meaningOf` names it. */
  readonly operation: string
  /** A read or a login: it changes nothing. */
  readonly isRead: boolean
  /** The provider's documents let it be sent again, whatever became of it. */
  readonly isIdempotent: boolean
  /** The body is in memory: a transport can send it again. */
  readonly isRepeatable: boolean
  /** Alike for requests that ask the same. */
  readonly content: string
  /** Stands for the token that it carries. */
  readonly token: string | undefined
  /** That its signature is for. */
  readonly region: string | undefined
  /** Which request of a client it was sent for, counted. */
  readonly command: number
  /** In the time that the driver is told. Milliseconds since 1970. */
  readonly time: number
  /** Absent where no answer came. */
  answer?: { readonly status: number /** Milliseconds. */; readonly retryAfter: number | undefined }
}

/** A driver that is refused so often in a row asks without end. */
const mostRefusals = 20

export class Traffic {
  readonly requests: SentRequest[] = []
  private readonly now: () => number
  private refusals = 0
  private command = 0

  /** @param now milliseconds since 1970, of the clock that the driver is told */
  constructor(now: () => number) {
    this.now = now
  }

  /** A client asks something. */
  begin(): void {
    this.command++
  }

  /** The same transport, whose requests are noted. */
  through(transport: Transport): Transport {
    return {
      send: async (request, options) => {
        if (this.refusals > mostRefusals) throw new CloudError('provider-error', 'The provider is asked without end')
        const body = request.body === undefined ? undefined : await readBody(request.body)
        const sent: SentRequest = { ...sentRequest(request, body), command: this.command, time: this.now() }
        this.requests.push(sent)
        const again: WireRequest = body === undefined ? request : { ...wireRequest({ ...request, headers: request.headers, body }) }
        const response = await transport.send(again, options)
        sent.answer = { status: response.status, retryAfter: retryAfter(response, this.now()) }
        this.refusals = response.status === 401 ? this.refusals + 1 : 0
        return response
      },
    }
  }
}

const sentRequest = (request: WireRequest, body: Buffer | undefined): Omit<SentRequest, 'command' | 'time'> => {
  const { method, target, headers } = request
  const { origin, pathname } = new URL(target)
  const { operation, isRead, parameters, body: asked } = meaningOf({ method, url: target, headers, body })
  const token = tokenOf(headers)
  return {
    method,
    origin,
    path: pathname,
    operation,
    isRead,
    isIdempotent:
      isRead || /^(PUT|DELETE)$/.test(method) || isReplacement(method, pathname) || /(^|&)ClientToken=/.test(String(body ?? '')),
    isRepeatable: request.body === undefined || request.repeatable === true,
    content: tagOf(JSON.stringify([method, origin, pathname, operation, [...parameters], asked])),
    token: token === undefined ? undefined : tagOf(token),
    region: /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headerOf(headers, 'authorization') ?? '')?.[1],
  }
}

/** Swift's POST replaces all metadata of a container or an object. */
const isReplacement = (method: string, path: string): boolean => method === 'POST' && /\/AUTH_[^/]+\//.test(path)

/** The token that a request carries. */
export const tokenOf = (headers: WireRequest['headers']): string | undefined =>
  headerOf(headers, 'x-auth-token') ??
  headerOf(headers, 'x-storage-token') ??
  /^Bearer (.+)$/i.exec(headerOf(headers, 'authorization') ?? '')?.[1] ??
  headerOf(headers, 'cookie')

const tagOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 12)

const isSameRequest = (a: SentRequest, b: SentRequest): boolean => a.command === b.command && a.content === b.content

/** Requests that may have been carried out, and were sent again although that may do more: sentences. */
export const repeated = (requests: readonly SentRequest[]): readonly string[] =>
  requests.flatMap((one, n) => {
    const isLost = one.answer === undefined || (one.answer.status >= 500 && one.answer.retryAfter === undefined)
    const isRepeated = requests.slice(n + 1).some(next => isSameRequest(next, one))
    return !one.isIdempotent && isLost && isRepeated ? [`${one.operation} is sent again although its answer was lost`] : []
  })

/** Requests that were put off and came again too early: sentences. */
export const hurried = (requests: readonly SentRequest[]): readonly string[] =>
  requests.flatMap((one, n) => {
    const wait = one.answer?.retryAfter
    const next = requests.slice(n + 1).find(next => isSameRequest(next, one))
    return wait !== undefined && isPutOff(one) && next !== undefined && next.time < one.time + wait
      ? [`${one.operation} is to be asked again after ${wait} ms, and is after ${next.time - one.time} ms`]
      : []
  })

/** Whether the provider said that it's asked too often. */
export const isPutOff = ({ answer }: SentRequest): boolean =>
  answer !== undefined && (answer.status === 429 || (answer.status === 503 && answer.retryAfter !== undefined))

/** How often the same login was asked for: requests without a token, where others have one. */
export const loginsIn = (requests: readonly SentRequest[]): number => {
  if (!requests.some(({ token }) => token !== undefined)) return 0
  const logins = requests.filter(({ token }) => token === undefined)
  return Math.max(0, ...logins.map(one => logins.filter(({ content }) => content === one.content).length))
}
