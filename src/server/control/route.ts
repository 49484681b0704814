/** An operation of the control API, declared as data: it's dispatched, checked and described from this. */

import type { MockControl, WorldControl } from '../../drivers/control.ts'
import type { WireRequest, WireResponse } from '../../drivers/wire.ts'
import { HttpError } from '../errors.ts'
import type { Parameters } from '../target.ts'
import type { ControlBody } from './body.ts'
import type { BodyName } from './schemas.ts'

export interface ControlRoute {
  readonly name: string
  readonly tag: 'time' | 'faults' | 'limits' | 'worlds' | 'data' | 'events' | 'server'
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/_mock`; a segment that begins with a colon stands for any. */
  readonly path: readonly string[]
  /** A sentence. */
  readonly doc: string
  readonly query?: readonly QueryParameter[]
  /** What its body holds: a form that a schema says, or bytes. */
  readonly takes?: BodyName | 'bytes'
  /** What it answers with; JSON where nothing is said. */
  readonly gives?: 'bytes' | 'events' | 'page'
  /** 200 where nothing is said. */
  readonly status?: 201 | 204
  run(request: ControlRequest): Promise<ControlResult>
}

export interface QueryParameter {
  readonly name: string
  readonly kind: 'text' | 'number' | 'yes'
  readonly doc: string
}

/** A document, or a response that's ready; nothing for 204. */
export type ControlResult = { readonly document: unknown } | { readonly response: WireResponse } | undefined

export interface ControlRequest {
  readonly wire: WireRequest
  readonly control: MockControl
  /** Of the world that the request is for, by prefix or header. */
  readonly worldName: string
  readonly world: WorldControl
  /** `http://host:port`, and the world's prefix where the path has one. */
  readonly root: string
  readonly query: Parameters
  readonly body: ControlBody
  /** Aborted when the client has gone, or the server is about to stop. */
  readonly over: AbortSignal
  /** Why `over` was aborted, where it's the server. */
  readonly closing: AbortSignal
  /** The value of a segment of the path. */
  at(name: string): string
}

/** A number of the query. @throws HttpError 400 */
export const numberOf = (query: Parameters, name: string): number | undefined => {
  const text = query.get(name)
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) throw new HttpError(400, `The parameter '${name}' must be a whole number, at least 0, and not '${text}'`)
  return Number(text)
}

export const isYes = (query: Parameters, name: string): boolean => /^(1|true|yes|on)?$/i.test(query.get(name) ?? 'no')

/** @throws HttpError 404 where there is nothing at the path, 405 where the method isn't one of it. */
export const findRoute = (
  routes: readonly ControlRoute[],
  method: string,
  segments: readonly string[],
): { readonly route: ControlRoute; readonly values: ReadonlyMap<string, string> } => {
  const there = routes.filter(route => matches(route.path, segments))
  if (there.length === 0) throw new HttpError(404, 'Not Found', { details: `There is nothing at /_mock/${segments.join('/')}` })
  const wanted = method === 'HEAD' ? 'GET' : method
  // What is named word by word beats what stands for any.
  const [route] = there.filter(one => one.method === wanted).sort((a, b) => wildness(a) - wildness(b))
  if (route === undefined) throw new HttpError(405, 'Method Not Allowed', { headers: [['Allow', methodsOf(there).join(', ')]] })
  const values = new Map(route.path.flatMap((part, i) => (part.startsWith(':') ? [[part.slice(1), segments[i] ?? ''] as const] : [])))
  return { route, values }
}

export const methodsOf = (routes: readonly ControlRoute[]): string[] => [
  'OPTIONS',
  ...new Set(routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))),
]

export const matches = (path: readonly string[], segments: readonly string[]): boolean =>
  path.length === segments.length && path.every((part, i) => part.startsWith(':') || part === segments[i])

const wildness = ({ path }: ControlRoute): number => path.filter(part => part.startsWith(':')).length
