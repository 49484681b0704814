/** Recordings made up for tests. */

import { parseHar } from '../../../conformance/replay/har.ts'
import type { Recording } from '../../../conformance/replay/recording.ts'
import { parseScenario } from '../../../conformance/replay/scenario.ts'

export interface Exchange {
  readonly method?: string
  readonly url: string
  readonly answer: string
}

export const recordingOf = (exchanges: readonly Exchange[]): Recording => ({
  driver: 'made',
  name: 'made',
  folder: '',
  har: parseHar('made.har', JSON.stringify({ log: { version: '1.2', creator: { name: 'a test' }, entries: exchanges.map(entryOf) } })),
  scenario: parseScenario(
    'made.scenario.json',
    JSON.stringify({
      driver: 'made',
      title: 'a test',
      traffic: 'made.har',
      provenance: { kind: 'composed', service: 'none' },
      steps: [{ title: 'all', request: { method: 'GET', path: '/api/realms' }, expect: { status: 200 } }],
    }),
  ),
})

const entryOf = ({ method = 'GET', url, answer }: Exchange) => ({
  startedDateTime: '2026-11-27T00:00:00.000Z',
  time: 1,
  request: { method, url, httpVersion: 'HTTP/1.1', headers: [], queryString: [], cookies: [], headersSize: -1, bodySize: 0 },
  response: {
    status: 200,
    statusText: 'OK',
    httpVersion: 'HTTP/1.1',
    headers: [
      { name: 'Content-Type', value: answer.startsWith('<') ? 'application/xml' : 'application/json' },
      { name: 'Content-Length', value: String(Buffer.byteLength(answer)) },
    ],
    cookies: [],
    content: { size: Buffer.byteLength(answer), mimeType: 'text/plain', text: answer },
    redirectURL: '',
    headersSize: -1,
    bodySize: Buffer.byteLength(answer),
  },
  cache: {},
  timings: { send: 0, wait: 0, receive: 0 },
})
