/** From a request to the frontend that its host or first path segment names: the same for a port, and for clients in process. */

import type { WireEffect } from '../drivers/context.ts'
import { discard, type Headers, type WireRequest, type WireResponse } from '../drivers/wire.ts'
import { addressed } from './addressing.ts'
import { type ContextSettings, RequestContext } from './context.ts'
import { failureOf, HttpError } from './errors.ts'
import type { FrontendDefinition } from './frontend.ts'
import { Gate, type GateSettings } from './gate.ts'
import { challenge, refusal as refusalOf } from './refusal.ts'
import { originOfRequest } from './site.ts'

/** What answering takes, wherever requests come from. */
export interface FrontendSettings extends GateSettings, ContextSettings {
  readonly frontends: readonly FrontendDefinition[]
}

export interface Answered {
  readonly response: WireResponse
  /** A fault that the simulator left for whoever puts the answer on the wire. */
  readonly effect: WireEffect | undefined
  /** A failure in the form of the frontend that the request was for. */
  readonly refuse: (error: unknown) => Promise<WireResponse>
}

/**
 * Answers a request; undefined where no frontend is for its path.
 * @param onGone calls back when the client has gone.
 * @param refusal why the request isn't to be answered, in the frontend's own form.
 */
export type Dispatch = (request: WireRequest, onGone: (abort: () => void) => void, refusal?: Error) => Promise<Answered> | undefined

export const createDispatch = (settings: FrontendSettings): Dispatch => {
  const byRoot = new Map(settings.frontends.map(frontend => [frontend.root, frontend]))
  const withHosts = settings.frontends.filter(({ hosts }) => hosts !== undefined)
  const discerning = settings.frontends.filter(({ recognizes }) => recognizes !== undefined)
  const find = (request: WireRequest): FrontendDefinition | undefined => {
    const host = withHosts.length === 0 ? undefined : request.header('host')
    return (
      (host === undefined ? undefined : withHosts.find(({ hosts }) => hosts?.test(host))) ??
      byRoot.get(rootOf(request.target)) ??
      discerning.find(({ recognizes }) => recognizes?.(request))
    )
  }
  return (request, onGone, refusal) => {
    const { world, request: inner } = addressed(request)
    const frontend = find(inner)
    if (frontend === undefined) return undefined
    const context = new RequestContext(settings, world, onGone)
    const gate = new Gate(settings, context, originOfRequest(inner, frontend.everyMethodChanges))
    const refuse = (error: unknown): Promise<WireResponse> => refused(frontend, error, inner, gate)
    return (refusal === undefined ? answered(frontend, inner, gate).catch(refuse) : refuse(refusal)).then(response => ({
      response,
      effect: context.wire.effect,
      refuse,
    }))
  }
}

/** @throws unknown what the frontend didn't catch; TypeError for an answer that can't be sent; HttpError 417 */
const answered = async (frontend: FrontendDefinition, request: WireRequest, gate: Gate): Promise<WireResponse> => {
  const expectation = request.header('expect')
  if (expectation !== undefined && !/^100-continue$/i.test(expectation))
    throw new HttpError(417, 'The only expectation that can be met is 100-continue')
  const response = await frontend.answer(request, gate)
  const unsendable = unsendableIn(response.headers)
  if (unsendable === undefined) return response
  await discard(response)
  throw new TypeError(`The header ${JSON.stringify(unsendable)} of the answer has characters that no header can hold`)
}

/** Node and the Fetch standard refuse such a header only when the answer is written, which is too late for another one. */
const unsendableIn = (headers: Headers): string | undefined =>
  headers.find(([name, value]) => !/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value))?.[0]

const refused = async (frontend: FrontendDefinition, error: unknown, request: WireRequest, gate: Gate): Promise<WireResponse> => {
  if (frontend.refuse !== undefined) return frontend.refuse(error, request, gate)
  const failure = failureOf(error, challenge)
  if (failure.unexpected) gate.context.log.error({ err: error, method: request.method, status: 500 }, 'a request failed unexpectedly')
  return refusalOf(gate.settings, failure, { target: (request.prefix ?? '') + request.target, accept: request.header('accept') })
}

/** The first path segment, without matrix parameters. */
export const rootOf = (target: string): string => {
  const end = target.slice(1).search(/[/;?]/)
  return end < 0 ? target.slice(1) : target.slice(1, end + 1)
}
