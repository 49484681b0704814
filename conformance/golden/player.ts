/** Sends a recorded request to our server, byte for byte but for words that the original made up. */

import { request } from 'node:http'
import type { Aliases } from './aliases.ts'
import { type Answer, type Exchange, targetOf } from './exchange.ts'

/** Milliseconds after which a request counts as unanswered. */
const patience = 30_000

/** @throws Error when the server gives no answer. */
export const play = (server: URL, exchange: Exchange, aliases: Aliases, renamed: boolean): Promise<Answer> => {
  const target = targetOf(exchange.url)
  const path = renamed || exchange.volatile.url ? aliases.translated(target) : target
  const body = bodyOf(exchange, aliases, renamed)
  const headers = exchange.headers.flatMap(([name, value]) => [
    name,
    name.toLowerCase() === 'content-length' ? String(body?.length ?? 0) : value,
  ])
  return new Promise((resolve, reject) => {
    const options = {
      host: server.hostname,
      port: server.port,
      method: exchange.method,
      path,
      headers,
      setHost: false,
      agent: false,
      timeout: patience,
    }
    const sent = request(options, response => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: pairsOf(response.rawHeaders), body: Buffer.concat(parts) }),
      )
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${patience / 1000} s`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

const bodyOf = ({ body, volatile }: Exchange, aliases: Aliases, renamed: boolean): Buffer | undefined =>
  body !== undefined && (renamed || volatile.requestBody) ? Buffer.from(aliases.translated(body.toString())) : body

const pairsOf = (raw: readonly string[]): [string, string][] =>
  raw.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : []))
