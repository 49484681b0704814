/** `deltacloud/msw`: the mock cloud behind every HTTP client of a test, with no port open. */

import { type HttpHandler, http } from 'msw'
import { type CompositionOptions, compose, frontendNamed, frontendNames, type OpenCloud } from './compose.ts'
import { createDispatch, type Dispatch, rootOf } from './server/dispatch.ts'
import { fromFetch, toFetch } from './server/fetch-wire.ts'

export interface HandlerOptions extends Omit<CompositionOptions, 'mock'> {
  /** Where clients believe the server to be: scheme, host and port. `http://localhost:3001` by default. */
  readonly url?: string
  /** What `createMockCloud` gave; stays its maker's to close. Without it, a cloud of the handlers' own with the time of the machine. */
  readonly cloud?: OpenCloud
}

/**
 * Handlers for msw, one for each protocol that the server speaks: `setupServer(...deltacloudHandlers({ cloud }))`. They catch what msw
 * catches: `fetch`, `node:http` and `node:https` and what stands on them, and undici's `request` on the default dispatcher.
 * @throws TypeError for an address that is more than an origin, and for a frontend that isn't there. A driver or provider that isn't there
 * fails each request.
 */
export const deltacloudHandlers = (options: HandlerOptions = {}): HttpHandler[] => {
  const { url = 'http://localhost:3001', cloud, frontends: names = frontendNames, ...rest } = options
  const origin = originOf(url)
  const roots = names.map(name => frontendNamed(name).root)
  let dispatching: Promise<Dispatch> | undefined
  const answer = async (request: Request): Promise<Response | undefined> => {
    dispatching ??= compose({ ...rest, frontends: names, ...(cloud === undefined ? {} : { mock: cloud }) }).then(({ settings }) =>
      createDispatch(settings),
    )
    const dispatch = await dispatching
    const answered = await dispatch(fromFetch(request), abort => request.signal.addEventListener('abort', abort, { once: true }))
    return answered === undefined ? undefined : toFetch(answered.response, request.method)
  }
  return roots.map(root =>
    http.all(
      ({ request }) => belongs(new URL(request.url), origin, root),
      ({ request }) => answer(request),
    ),
  )
}

const originOf = (url: string): string => {
  const parsed = new URL(url)
  if (parsed.pathname !== '/' || parsed.search !== '') throw new TypeError(`'${url}' is more than scheme, host and port`)
  return parsed.origin
}

// Matrix parameters may follow the root at once (`/api;driver=mock`), which msw's own patterns don't know.
const belongs = (url: URL, origin: string, root: string): boolean => url.origin === origin && rootOf(url.pathname) === root
