/** A bounded attack on a server of our own: so many generated requests, all drawn from one seed, and what is wrong with the answers. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { openJsonLog } from '../../src/cli/log.ts'
import type { Transport } from '../../src/drivers/context.ts'
import { type RunningServer, startServer } from '../../src/index.ts'
import { CloudError } from '../../src/model/errors.ts'
import { listedCollections, populate } from '../support/population.ts'
import type { WildRequest } from '../support/requests.ts'
import { basic, type Client, clientAt } from '../support/server.ts'
import { Connection, type RawAnswer } from './connection.ts'
import { type Attack, attacks } from './mutations.ts'
import { type Planted, plantedIn, plantedInLog } from './planted.ts'
import { complaintAbout, type Protocol } from './protocols.ts'
import { controlledWorld, type Holdings, seedsFor } from './seeds.ts'

/** Clouds that are attacked: of which kind, and whether they are kept in a file. */
export const clouds = {
  memory: { provider: 'default', isKept: false },
  ec2: { provider: 'ec2', isKept: false },
  'ec2-state': { provider: 'ec2', isKept: true },
  openstack: { provider: 'openstack', isKept: false },
} as const

export type CloudName = keyof typeof clouds

export const isCloudName = (name: string): name is CloudName => Object.hasOwn(clouds, name)

export interface Batch {
  readonly cloud: CloudName
  readonly seed: number
  readonly requests: number
}

export interface Finding {
  readonly what: string
  /** Bytes of the request as Latin-1; absent for what no single request shows. */
  readonly request?: string
  /** The beginning of the answer. */
  readonly answer?: string
  /** What was found where it shouldn't be, with what stands around it. */
  readonly excerpt?: string
}

export interface Outcome {
  readonly answers: number
  /** How many of a protocol's answers there were, and how many of them were of no error. */
  readonly byProtocol: ReadonlyMap<Protocol, { all: number; good: number }>
  readonly findings: readonly Finding[]
}

/** More than these of one kind are no news, nor more than so many in all. */
const mostAlike = 2
const mostFindings = 40

/** How many requests are on their way at a time. */
const width = 8

const attacker = { user: 'attacker', password: 'of-the-attacker' }
/** Somebody whose account no request of the attack has a part in. */
const bystander = { user: 'bystander', password: 'of-the-bystander' }

/** An attack stays on this machine: providers that a request names can't be reached. */
const closedNetwork: Transport = {
  send: () => Promise.reject(new CloudError('provider-unavailable', 'The network is closed to this test')),
}

/** Attacks a server of its own. */
export const runBatch = async ({ cloud, seed, requests }: Batch): Promise<Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), 'attack-'))
  const findings: Finding[] = []
  const report = (finding: Finding): void => {
    const alike = findings.filter(({ what }) => what === finding.what).length
    if (alike < mostAlike && findings.length < mostFindings) findings.push(finding)
  }
  const endListening = listenToErrors(report)
  try {
    const logFile = join(folder, 'log')
    const { provider, isKept } = clouds[cloud]
    const { log, close: closeLog } = await openJsonLog(logFile, {}, true)
    const server = await startServer({
      host: '127.0.0.1',
      port: 0,
      provider,
      frontends: ['deltacloud', 'ec2', 's3', 'openstack'],
      log,
      accessLog: true,
      transport: closedNetwork,
      mock: {
        seed: String(seed),
        accounts: { [attacker.user]: attacker.password, [bystander.user]: bystander.password },
        ...(isKept ? { state: join(folder, 'state') } : {}),
      },
    })
    const outcome = await attackServer(server, seed, requests, report).finally(async () => {
      await server.close(1)
      await closeLog()
    })
    const leak = plantedInLog(readFileSync(logFile, 'utf8'))
    if (leak !== undefined) report({ what: `the log holds the planted secret ${leak.word}`, excerpt: leak.excerpt })
    return { ...outcome, findings }
  } finally {
    endListening()
    rmSync(folder, { recursive: true })
  }
}

/** What Node or a library says on the standard error output, instead of the log. @returns ends it */
const listenToErrors = (report: (finding: Finding) => void): (() => void) => {
  const warned = ({ name, message }: Error): void => {
    if (name !== 'ExperimentalWarning') report({ what: `a warning was printed: ${name}: ${message}` })
  }
  const failed = (error: unknown): void =>
    report({ what: `an error was caught by nobody: ${error instanceof Error ? error.stack : String(error)}` })
  process.on('warning', warned).on('uncaughtException', failed).on('unhandledRejection', failed)
  return () => {
    process.off('warning', warned).off('uncaughtException', failed).off('unhandledRejection', failed)
  }
}

const as = ({ user, password }: typeof attacker, { ask }: Client): Client => ({
  ask: request => {
    const asked = typeof request === 'string' ? { target: request } : request
    return ask({ ...asked, login: false, headers: { ...asked.headers, Authorization: basic(user, password) } })
  },
})

const attackServer = async (
  { address: { port } }: RunningServer,
  seed: number,
  requests: number,
  report: (finding: Finding) => void,
): Promise<Omit<Outcome, 'findings'>> => {
  const plain = clientAt(port)
  const [own, others] = [as(attacker, plain), as(bystander, plain)]
  try {
    for (const client of [own, others]) await populate(client, ['a', 'b', 'c', 'd'])
    await plain.ask({ method: 'POST', target: '/_mock/worlds', json: { name: controlledWorld }, login: false })
    // What was launched has booted by then, and stays as it is.
    await plain.ask({ method: 'POST', target: '/_mock/clock/advance', json: { by: '1d' }, login: false })
    const before = await everythingOf(others)
    const { holdings, token } = await learn(own)
    const all = fc.sample(attacks(seedsFor(holdings), { ...attacker, port, token }), { seed, numRuns: requests })
    const byProtocol = await sendAll(port, all, report)
    if ((await everythingOf(others)) !== before) report({ what: 'an account that the attack never used has changed' })
    for (const collection of await listedCollections(own)) {
      const { status, text } = await own.ask(`/api/${collection}?format=json`)
      if (status !== 200) report({ what: `at the end the list of ${collection} is answered with ${status}: ${text.slice(0, 200)}` })
    }
    for (const polluted of ['polluted', 'x', 'a']) if (polluted in {}) report({ what: `every object has the member '${polluted}'` })
    return { answers: all.length, byProtocol }
  } finally {
    plain.close()
  }
}

/** All documents of an account. Metrics change by themselves. */
const everythingOf = async (client: Client): Promise<string> => {
  const documents: string[] = []
  for (const collection of await listedCollections(client))
    if (collection !== 'metrics') documents.push((await client.ask(`/api/${collection}?format=xml`)).text)
  return documents.join('\n')
}

/** What an attacker can know of the own account. */
const learn = async (client: Client): Promise<{ holdings: Holdings; token: string }> => {
  const ids = new Map<string, string[]>()
  for (const collection of await listedCollections(client)) {
    const { text } = await client.ask(`/api/${collection}?format=xml`)
    // Ids go into addresses as they stand in links.
    const found = [...text.matchAll(new RegExp(`href='[^']*/api/${collection}/([^/'?]+)'|href="[^"]*/api/${collection}/([^/"?]+)"`, 'g'))]
    ids.set(collection, [...new Set(found.flatMap(([, a, b]) => a ?? b ?? []))])
  }
  const { user, password } = attacker
  const json = { auth: { identity: { methods: ['password'], password: { user: { name: user, password, domain: { id: 'default' } } } } } }
  const login = await client.ask({ target: '/openstack/identity/v3/auth/tokens', json })
  const project = /"project":\{[^}]*?"id":"([0-9a-f]{32})"/.exec(login.text)?.[1] ?? 'none'
  return { holdings: { ids, project }, token: login.headers.get('x-subject-token') ?? '' }
}

const sendAll = async (
  port: number,
  all: readonly Attack[],
  report: (finding: Finding) => void,
): Promise<ReadonlyMap<Protocol, { all: number; good: number }>> => {
  const byProtocol = new Map<Protocol, { all: number; good: number }>()
  let next = 0
  const work = async (): Promise<void> => {
    const connection = new Connection(port)
    try {
      for (;;) {
        const attack = all[next++]
        if (attack === undefined) return
        const bytes = bytesOf(attack.request)
        const fail = (what: string, answer?: RawAnswer, excerpt?: string): void =>
          report({
            what: `${attack.protocol}: ${what}`,
            request: bytes.toString('latin1'),
            ...(answer === undefined ? {} : { answer: `${answer.head}\n\n${answer.body.subarray(0, 1000).toString('utf8')}` }),
            ...(excerpt === undefined ? {} : { excerpt }),
          })
        try {
          const answer = await connection.ask(bytes, attack.request.method === 'HEAD')
          const count = byProtocol.get(attack.protocol) ?? { all: 0, good: 0 }
          byProtocol.set(attack.protocol, { all: count.all + 1, good: count.good + (answer.status < 400 ? 1 : 0) })
          for (const what of complaints(attack, answer)) fail(what, answer)
          const leak = leakIn(attack, answer)
          if (leak !== undefined) fail(`the answer holds the planted secret ${leak.word}`, answer, leak.excerpt)
        } catch (error) {
          fail(error instanceof Error ? error.message : String(error))
        }
      }
    } finally {
      connection.close()
    }
  }
  await Promise.all(Array.from({ length: width }, work))
  return byProtocol
}

/** The request as it goes over the wire. A body is as long as it says: others are sent by `any-request.test.ts`. */
const bytesOf = ({ method, target, headers, body }: WildRequest): Buffer => {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Content-Length: ${body?.length ?? 0}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)])
}

/** Statuses from 500 on that say something other than that the server is broken. */
const toldFailures = new Set([501, 502, 503, 504, 507])

/** Whether the answer is what a client has put there: it may hold anything. */
const isContent = (method: string, target: string): boolean =>
  method === 'GET' && /^(\/_worlds\/[^/]+)?(\/api.*\/content|\/s3\/[^/?]+\/|\/openstack\/object-store\/v1\/[^/?]+\/[^/?]+\/)/.test(target)

const leakIn = ({ request: { method, target } }: Attack, { status, head, body }: RawAnswer): Planted | undefined =>
  plantedIn(head) ?? (status < 300 && isContent(method, target) ? undefined : plantedIn(body.toString('latin1')))

const complaints = ({ protocol, request: { method, target } }: Attack, answer: RawAnswer): string[] => {
  const { status, head, headers, body } = answer
  const path = target.replace(/^\/_worlds\/[^/?]*/, '')
  return [
    status >= 500 && !toldFailures.has(status) ? `status ${status}` : undefined,
    headers.get('x-content-type-options') === 'nosniff' ? undefined : 'no X-Content-Type-Options: nosniff',
    /^x-injected:/im.test(head) ? 'a header was injected' : undefined,
    /root:[^:\n]*:0:0:/.test(body.toString('latin1')) ? 'a file of the machine was shown' : undefined,
    complaintAbout(protocol, method, path, answer),
  ].filter(one => one !== undefined)
}
