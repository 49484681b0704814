/** A recording as a way to a provider: no sockets, for the many cases that are generated. */

import type { Transport } from '../../src/drivers/context.ts'
import { readBody } from '../../src/drivers/wire.ts'
import { CloudError } from '../../src/model/errors.ts'
import { responseBodyOf } from './har.ts'
import { type Player, Unrecorded } from './player.ts'

/** What isn't recorded is for the driver as if nobody were there; the player keeps what it was. */
export const createReplayTransport = (player: Player): Transport => ({
  async send(request, { signal }) {
    signal.throwIfAborted()
    const body = request.body === undefined ? undefined : await readBody(request.body)
    try {
      const entry = player.answer({ method: request.method, url: request.target, headers: request.headers, body })
      return {
        status: entry.response.status,
        headers: answeredHeaders(entry.response.headers, request.method),
        body: responseBodyOf(entry),
      }
    } catch (error) {
      if (!(error instanceof Unrecorded)) throw error
      throw new CloudError('provider-error', 'The recording has no answer to this', { cause: error })
    }
  },
})

/** Headers that fit a body as it was kept: whole, and neither packed nor cut into chunks. The length that answers a HEAD is of no body. */
export const answeredHeaders = (
  headers: readonly { readonly name: string; readonly value: string }[],
  method: string,
): (readonly [string, string])[] =>
  headers
    .map(({ name, value }) => [name, value] as const)
    .filter(([name]) => !framing.has(name.toLowerCase()) || (method === 'HEAD' && name.toLowerCase() === 'content-length'))

const framing: ReadonlySet<string> = new Set(['transfer-encoding', 'content-encoding', 'content-length', 'connection', 'keep-alive'])
