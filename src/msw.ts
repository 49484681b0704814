/** `deltacloud/msw`: the mock cloud behind `fetch` and `node:http`, with no port open. */

import { type HttpHandler, http } from 'msw'
import { compose, frontendNamed, frontendNames } from './compose.ts'
import { discard } from './drivers/wire.ts'
import { type InProcessOptions, originOf } from './in-process.ts'
import { addressed } from './server/addressing.ts'
import { type Answered, createDispatch, type Dispatch, rootOf } from './server/dispatch.ts'
import { HttpError, reasonOf } from './server/errors.ts'
import { fromFetch, toFetch, truncated } from './server/fetch-wire.ts'
import { altered } from './server/wire-effects.ts'

/**
 * Handlers for msw, one for each protocol that the server speaks: `setupServer(...deltacloudHandlers({ cloud }))`. They catch what msw
 * catches: the global `fetch`, `node:http` and `node:https`, and what stands on them; for undici see `deltacloud/undici`.
 * @throws TypeError for an address that is more than an origin, and for a frontend that isn't there. A driver or provider that isn't there
 * fails each request.
 */
export const deltacloudHandlers = (options: InProcessOptions = {}): HttpHandler[] => {
  const { url, cloud, frontends: names = frontendNames, ...rest } = options
  const origin = originOf(url)
  const roots = names.map(name => frontendNamed(name).root)
  let composed: Promise<Dispatch> | undefined
  const answer = async (request: Request): Promise<Response | undefined> => {
    composed ??= compose({ ...rest, frontends: names, ...(cloud === undefined ? {} : { mock: cloud }) }).then(({ settings }) =>
      createDispatch(settings),
    )
    const dispatch = await composed
    const answered = await dispatch(fromFetch(request), abort => request.signal.addEventListener('abort', abort, { once: true }))
    return answered === undefined ? undefined : deliver(answered, request)
  }
  return roots.map(root =>
    http.all(
      ({ request }) => belongs(request, origin, root),
      ({ request }) => answer(request),
    ),
  )
}

// A world may stand before the root, and matrix parameters behind it (`/_worlds/mine/api;driver=mock`): msw's own patterns know neither.
const belongs = (request: Request, origin: string, root: string): boolean =>
  new URL(request.url).origin === origin && rootOf(addressed(fromFetch(request)).request.target) === root

/** With the fault that is to be seen on the wire. A connection that is to break, or to stay silent, is one that fails: there's no other. */
const deliver = async ({ response, effect, refuse }: Answered, request: Request): Promise<Response> => {
  const { method, signal } = request
  switch (effect?.kind) {
    case undefined:
      return toFetch(response, method)
    case 'status':
    case 'garbled':
      return toFetch(await altered(effect, response, status => refuse(new HttpError(status, reasonOf(status)))), method)
    case 'truncated':
      return toFetch(truncated(response, effect.share), method)
    case 'reset':
      await discard(response)
      return Response.error()
    case 'never':
      await discard(response)
      await aborted(signal)
      return Response.error()
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
