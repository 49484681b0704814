/** A Deltacloud server over a mock cloud for tests: behind a real port, or in process where many requests are asked. */

import { Agent, request as httpRequest, type IncomingHttpHeaders, validateHeaderName, validateHeaderValue } from 'node:http'
import type { Context, Log } from '../../src/drivers/context.ts'
import { createMockDriver } from '../../src/drivers/mock/index.ts'
import { Registry } from '../../src/drivers/registry.ts'
import { createSessionCache } from '../../src/drivers/sessions.ts'
import { readBody, wireRequest } from '../../src/drivers/wire.ts'
import { type ServerOptions, startServer } from '../../src/index.ts'
import { ManualClock } from '../../src/mock-cloud/clock.ts'
import { MockCloud, type MockCloudOptions } from '../../src/mock-cloud/cloud.ts'
import { deltacloud } from '../../src/server/deltacloud.ts'
import { Gate, type GateSettings } from '../../src/server/gate.ts'
import { Reach } from '../../src/server/reach.ts'
import { createSealer } from '../../src/server/sealing.ts'
import { originOfRequest } from '../../src/server/site.ts'

/** One request. It carries the credentials of `mockuser`, where it doesn't say otherwise. */
export interface Ask {
  readonly method?: string
  /** Path and query, as they go over the wire. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Sent as a JSON body; beats `body`. */
  readonly json?: unknown
  /** False for a request without credentials. */
  readonly login?: boolean
}

export interface Answer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
  readonly text: string
}

/** Whoever takes a request and brings the answer. */
export interface Client {
  ask(request: Ask | string): Promise<Answer>
}

export const basic = (user = 'mockuser', password = 'mockpassword'): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** One line of a log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly details: object
  readonly message: string
}

/** A log that keeps its lines. */
export const keepingLog = (): { log: Log; lines: LogLine[] } => {
  const lines: LogLine[] = []
  const writer = (level: LogLine['level']) => (details: object, message: string) => {
    lines.push({ level, details, message })
  }
  return { log: { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') }, lines }
}

/** A log as text, errors with their stacks and causes: what a person could find in it. */
export const inText = (lines: readonly LogLine[]): string =>
  lines.map(({ message, details }) => `${message} ${JSON.stringify(details, unfolded)}`).join('\n')

const unfolded = (_key: string, value: unknown): unknown =>
  value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value

interface Sent {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | Uint8Array | undefined
}

const sent = (request: Ask | string): Sent => {
  const { method, target, headers = {}, body, json, login = true } = typeof request === 'string' ? { target: request } : request
  const content = json === undefined ? body : JSON.stringify(json)
  return {
    method: method ?? (content === undefined ? 'GET' : 'POST'),
    target,
    headers: [
      ...(login ? [['Authorization', basic()] as const] : []),
      ...(json === undefined ? [] : [['Content-Type', 'application/json'] as const]),
      ...Object.entries(headers),
    ],
    body: content,
  }
}

export interface InProcess extends Client {
  readonly mock: MockCloud
  /** Stands still until it's told to move. */
  readonly clock: ManualClock
  readonly lines: LogLine[]
  close(): Promise<void>
}

/** When the cloud of a test begins, milliseconds since 1970. */
export const begin = Date.UTC(2030, 0, 1)

/** The Deltacloud frontend in process, without a port, on a cloud whose time stands still. */
export const inProcess = async (options: MockCloudOptions & { provider?: string } = {}): Promise<InProcess> => {
  const { provider, ...cloud } = options
  const clock = new ManualClock(begin)
  const mock = await MockCloud.open({ clock, ...cloud })
  const { log, lines } = keepingLog()
  const settings: GateSettings = {
    registry: new Registry([createMockDriver(mock)]),
    driver: 'mock',
    provider,
    fixed: [],
    reach: new Reach({}, () => 'any'),
    keys: new Map(),
    sealer: createSealer(() => mock.sealingKey()),
  }
  const sessions = createSessionCache({ limit: 10, now: () => clock.now() })
  return {
    mock,
    clock,
    lines,
    async ask(request) {
      const { method, target, headers, body } = sent(request)
      const context: Context = {
        signal: new AbortController().signal,
        deadline: Number.POSITIVE_INFINITY,
        transport: { send: () => Promise.reject(new TypeError('The mock cloud needs no network')) },
        now: () => clock.now(),
        sleep: async () => undefined,
        random: () => 0,
        log,
        sessions,
        wire: {},
        world: 'default',
      }
      const length = body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const]
      const wire = wireRequest({
        method,
        target,
        headers: [['Host', 'cloud.test'], ...length, ...headers],
        ...(body === undefined ? {} : { body }),
      })
      const response = await deltacloud.answer(wire, new Gate(settings, context, originOfRequest(wire)))
      for (const [name, value] of response.headers) {
        // What Node would refuse to send is a failure here too.
        validateHeaderName(name)
        validateHeaderValue(name, value)
      }
      const content = await readBody(response.body)
      return {
        status: response.status,
        headers: new Map(response.headers.map(([name, value]) => [name.toLowerCase(), value])),
        body: content,
        text: content.toString('utf8'),
      }
    },
    close: () => mock.close(),
  }
}

export interface OverHttp extends Client {
  readonly url: string
  readonly port: number
  readonly mock: MockCloud
  readonly lines: LogLine[]
  close(): Promise<void>
}

/** A server behind a free port of this machine, with its access log kept. */
export const overHttp = async (options: ServerOptions = {}): Promise<OverHttp> => {
  const { log, lines } = keepingLog()
  const server = await startServer({ host: '127.0.0.1', port: 0, log, accessLog: true, ...options })
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const { port } = server.address
  return {
    url: server.url,
    port,
    mock: server.mock,
    lines,
    ask: request => send(agent, port, sent(request)),
    async close() {
      agent.destroy()
      await server.close(2)
    },
  }
}

/** A client of a server that runs already, on a port of 127.0.0.1. */
export const clientAt = (port: number): Client & { close(): void } => {
  const agent = new Agent({ keepAlive: true })
  return { ask: request => send(agent, port, sent(request)), close: () => agent.destroy() }
}

const send = (agent: Agent, port: number, { method, target, headers, body }: Sent): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(
      { agent, host: '127.0.0.1', port, method, path: target, headers: Object.fromEntries(headers) },
      response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const content = Buffer.concat(chunks)
          resolve({
            status: response.statusCode ?? 0,
            headers: flat(response.headers),
            body: content,
            text: content.toString('utf8'),
          })
        })
      },
    )
    request.on('error', reject)
    // A POST without a body has a length all the same: 0.
    request.setHeader('Content-Length', body === undefined ? 0 : Buffer.byteLength(body))
    request.end(body)
  })

const flat = (headers: IncomingHttpHeaders): Map<string, string> =>
  new Map(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
    ),
  )

/** How often a property of these tests is tried: few times by default, so that all run in seconds; `FC_RUNS` sets it (with `TAP_TIMEOUT=0`). */
export const runs = (usual: number): { numRuns: number } => {
  const wanted = Number(process.env.FC_RUNS)
  return { numRuns: Number.isInteger(wanted) && wanted > 0 ? wanted : usual }
}

/** Waits for what must come true without a request to wait for. @throws Error where it doesn't, in 10 seconds */
export const until = async (claim: () => boolean): Promise<void> => {
  const deadline = performance.now() + 10_000
  while (!claim()) {
    if (performance.now() > deadline) throw new Error(`It never comes true that ${claim}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
