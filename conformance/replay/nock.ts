/** A recording played to the real HTTP stack: nock stands in for the provider, whichever host is asked. */

import type { Transport } from '../../src/drivers/context.ts'
import { createTransport } from '../../src/drivers/transport.ts'
import { responseBodyOf } from './har.ts'
import { type Player, Unrecorded } from './player.ts'
import { answeredHeaders } from './transport.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** What a request gets that isn't recorded: no provider answers like that, and drivers take it for a fault of their provider's. */
const unanswered = 599

/** Text of a header as HTTP carries it, a letter for each byte: what isn't Latin-1 goes as UTF-8. */
const encodeHeader = (text: string): string => ([...text].some(letter => letter > '\xff') ? Buffer.from(text).toString('latin1') : text)

/**
 * Runs a task whose requests to any host are answered by a player, through undici's own sockets. One at a time in a process, as nock changes
 * what all of it uses; and never together with msw, which changes the same.
 */
export const withNock = async <T>(player: Player, task: (transport: Transport) => Promise<T>): Promise<T> => {
  const { default: nock } = await import('nock')
  if (!nock.isActive()) nock.activate()
  nock.disableNetConnect()
  const anyHost = nock(/.*/).persist()
  for (const method of methods) {
    anyHost.intercept(/.*/, method).reply(async (request: Request) => {
      // What is thrown in here may never come out again.
      try {
        const body = Buffer.from(await request.clone().arrayBuffer())
        const entry = player.answer({
          method: request.method,
          url: request.url,
          headers: [...request.headers],
          body: body.length === 0 ? undefined : body,
        })
        const { status, headers } = entry.response
        // nock never ends an answer with 205; 204 says the same to a program.
        return [
          status === 205 ? 204 : status,
          method === 'HEAD' ? '' : responseBodyOf(entry),
          answeredHeaders(headers, method).flat().map(encodeHeader),
        ] as never
      } catch (error) {
        return [unanswered, error instanceof Unrecorded ? 'not recorded' : String(error)] as never
      }
    })
  }
  const transport = createTransport({ headersTimeout: 5000, bodyTimeout: 5000 })
  try {
    return await task(transport)
  } finally {
    await transport.close()
    nock.cleanAll()
    nock.enableNetConnect()
    nock.restore()
  }
}
