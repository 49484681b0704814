/** From a request to the frontend that its host or first path segment names: the same for a port, and for clients in process. */

import type { WireEffect } from '../drivers/context.ts'
import type { WireRequest, WireResponse } from '../drivers/wire.ts'
import { addressed } from './addressing.ts'
import { type ContextSettings, RequestContext } from './context.ts'
import type { FrontendDefinition } from './frontend.ts'
import { Gate, type GateSettings } from './gate.ts'
import { originOfRequest } from './site.ts'

/** What answering takes, wherever requests come from. */
export interface FrontendSettings extends GateSettings, ContextSettings {
  readonly frontends: readonly FrontendDefinition[]
}

export interface Answered {
  readonly response: WireResponse
  /** A fault that the simulator left for whoever puts the answer on the wire. */
  readonly effect: WireEffect | undefined
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
    const answer = refusal === undefined ? frontend.answer(inner, gate) : Promise.resolve(frontend.refuse(refusal, inner, gate))
    return answer.then(response => ({ response, effect: context.wire.effect }))
  }
}

/** The first path segment, without matrix parameters. */
export const rootOf = (target: string): string => {
  const end = target.slice(1).search(/[/;?]/)
  return end < 0 ? target.slice(1) : target.slice(1, end + 1)
}
