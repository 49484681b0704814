/** The control API of the simulator, under `/_mock`: from a request to its answer. */

import type { Log } from '../../drivers/context.ts'
import type { MockControl } from '../../drivers/control.ts'
import type { WireRequest, WireResponse } from '../../drivers/wire.ts'
import { failureOf, HttpError } from '../errors.ts'
import { type Format, mediaTypes, wanted } from '../negotiation.ts'
import { baseOf } from '../origin.ts'
import { pagePolicy } from '../pages/policy.ts'
import { errorResponse } from '../render.ts'
import { formatNamed, type RequestTarget, readTarget } from '../target.ts'
import { admit } from './access.ts'
import { ControlBody } from './body.ts'
import { openApi } from './openapi.ts'
import { type ControlRequest, type ControlResult, type ControlRoute, findRoute, matches, methodsOf } from './route.ts'
import { routes } from './routes.ts'
import { existing } from './routes-worlds.ts'

export interface ControlSettings {
  readonly control: MockControl
  /** What clients must show; without it only this machine is let in. */
  readonly token: string | undefined
  readonly log: Log
  /** Aborted when the server is about to stop. */
  readonly closing: AbortSignal
}

export interface ControlClient {
  /** The world that it means. */
  readonly world: string
  /** Its network address; undefined where it isn't known. */
  readonly address: string | undefined
  /** Calls back when it has gone. */
  readonly onGone: (abort: () => void) => void
}

/** Answers a request whose path begins with `/_mock`. */
export type ControlDispatch = (request: WireRequest, client: ControlClient) => Promise<WireResponse>

export const createControl =
  (settings: ControlSettings): ControlDispatch =>
  (wire, client) =>
    answer(settings, wire, client)

const answer = async (settings: ControlSettings, wire: WireRequest, client: ControlClient): Promise<WireResponse> => {
  const format = formatOf(wire)
  try {
    admit(wire, client.address, settings.token)
    return withHeaders(await dispatch(settings, wire, client, format))
  } catch (error) {
    const failure = failureOf(error, 'Basic realm="mock control"')
    if (failure.unexpected) settings.log.error({ err: error, method: wire.method }, 'a request failed unexpectedly')
    return withHeaders(
      await errorResponse(failure, format, { target: wire.target, driver: 'mock', provider: undefined, parameters: [], page: undefined }),
    )
  }
}

const withHeaders = (response: WireResponse): WireResponse => {
  const has = (name: string): boolean => response.headers.some(([one]) => one === name)
  const isPage = response.headers.some(([name, value]) => name === 'Content-Type' && value === mediaTypes.html)
  return {
    ...response,
    headers: [
      ...(has('Cache-Control') ? [] : [['Cache-Control', 'no-store'] as const]),
      ...(isPage && !has('Content-Security-Policy') ? [['Content-Security-Policy', pagePolicy] as const] : []),
      ...response.headers,
    ],
  }
}

/** JSON, where nobody asks for a page or for XML; `*` is no wish. */
const formatOf = (wire: WireRequest): Format => {
  const accept = wire.header('accept')?.replaceAll('*/*', 'application/json') ?? 'application/json'
  return wanted(formatNamed(wire.target), accept).find(one => one === 'json' || one === 'html' || one === 'xml') ?? 'json'
}

const dispatch = async (settings: ControlSettings, wire: WireRequest, client: ControlClient, format: Format): Promise<WireResponse> => {
  const { control, closing } = settings
  const target = readTarget(wire.target)
  const segments = target.segments.slice(1)
  const root = baseOf(wire)
  if (wire.method === 'OPTIONS') {
    const there = segments.length === 0 ? routes : routes.filter(({ path }) => matches(path, segments))
    return { status: 200, headers: [['Allow', methodsOf(there).join(', ')]] }
  }
  const body = new ControlBody(wire)
  try {
    const method = methodOf(wire, target)
    if (segments.length === 0 || (segments.length === 1 && segments[0] === 'openapi.json')) {
      if (method !== 'GET' && method !== 'HEAD')
        throw new HttpError(405, 'Method Not Allowed', { headers: [['Allow', 'OPTIONS, GET, HEAD']] })
      if (segments.length > 0) return json(200, await openApi(control, root))
      return format === 'html' ? seeOther(`${root}/_mock/console`) : json(200, overview(root))
    }
    const { route, values } = findRoute(routes, method, segments)
    const gone = new AbortController()
    client.onGone(() => gone.abort())
    const request: ControlRequest = {
      wire,
      control,
      worldName: client.world,
      world: await existing(control, client.world),
      root,
      query: target.query,
      body,
      over: gone.signal,
      closing,
      at: name => values.get(name) ?? '',
    }
    return respond(route, await route.run(request), format, root)
  } finally {
    await body.discard()
  }
}

/** A form can ask for a method that HTML lacks, in its address. */
const methodOf = (wire: WireRequest, { query }: RequestTarget): string => {
  const asked = query.get('_method')?.toUpperCase()
  return wire.method === 'POST' && (asked === 'DELETE' || asked === 'PUT') ? asked : wire.method
}

/** What a browser did by a form leads back to the console. */
const respond = (route: ControlRoute, result: ControlResult, format: Format, root: string): WireResponse => {
  if (result !== undefined && 'response' in result) return result.response
  if (format === 'html' && route.method !== 'GET') return seeOther(`${root}/_mock/console`)
  if (result === undefined) return { status: route.status ?? 204, headers: [] }
  return json(route.status ?? 200, result.document)
}

const json = (status: number, document: unknown): WireResponse => ({
  status,
  headers: [['Content-Type', 'application/json']],
  body: JSON.stringify(document, undefined, 2),
})

const seeOther = (location: string): WireResponse => ({
  status: 303,
  headers: [
    ['Location', location],
    ['Content-Type', mediaTypes.html],
  ],
})

const overview = (root: string): object => ({
  console: `${root}/_mock/console`,
  openapi: `${root}/_mock/openapi.json`,
  operations: routes.map(({ method, path, doc }) => ({ method, href: `${root}/_mock/${path.join('/')}`, doc })),
})
