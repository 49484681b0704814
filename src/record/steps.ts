/** Requests of clients, as a scenario has them. */

import { headerOf, type WireRequest, type WireResponse } from '../drivers/wire.ts'
import type { Pieces } from './bodies.ts'

/** What a client asked, without what says who asks and in which format. */
export interface StepRequest {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly form?: Readonly<Record<string, string>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: { readonly mimeType: string; readonly text: string; readonly encoding?: 'base64' | undefined } | undefined
}

export interface RecordedStep {
  readonly request: StepRequest
  readonly status: number
  readonly answer: string
}

/** Undefined for what isn't asked of the API. */
export const stepOf = (request: WireRequest, response: WireResponse, sent: Pieces, received: Pieces): RecordedStep | undefined => {
  const url = new URL(request.target, 'http://deltacloud.test')
  if (!/^\/api(\/|$)/.test(url.pathname)) return undefined
  const { format: _, ...query } = Object.fromEntries(url.searchParams)
  const body = sent.whole()
  return {
    request: {
      method: request.method,
      path: url.pathname,
      ...(Object.keys(query).length === 0 ? {} : { query }),
      ...headersIn(request),
      ...(body === undefined || body.length === 0 ? {} : contentIn(body, headerOf(request.headers, 'content-type') ?? '')),
    },
    status: response.status,
    answer: received.whole()?.toString('utf8') ?? '',
  }
}

/** Those that are a part of what is asked. */
const headersIn = ({ headers }: WireRequest): Pick<StepRequest, 'headers'> => {
  const meant = headers.filter(([name]) => /^(?:x-deltacloud-(?:blob|segment)|range$)/i.test(name))
  return meant.length === 0 ? {} : { headers: Object.fromEntries(meant) }
}

const contentIn = (body: Buffer, type: string): Pick<StepRequest, 'form' | 'body'> => {
  const text = body.toString('utf8')
  if (/^application\/x-www-form-urlencoded/i.test(type)) return { form: Object.fromEntries(new URLSearchParams(text)) }
  const mimeType = type === '' ? 'application/octet-stream' : type
  return {
    body: Buffer.from(text).equals(body) ? { mimeType, text } : { mimeType, text: body.toString('base64'), encoding: 'base64' },
  }
}
