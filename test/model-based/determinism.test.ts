/** The same seed, the same calls and the same time give the same bytes: in memory, in a file, across a restart, however often one looks. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { type Event, events } from '../../src/mock-cloud/events.ts'
import { setTexture } from '../../src/mock-cloud/texture.ts'
import { advance } from '../../src/mock-cloud/time.ts'
import { type Answer, begin, type InProcess, inProcess, runs } from '../support/server.ts'
import { collections, type Pause, type Step, stepOrPause, Walker } from './steps.ts'

const folder = mkdtempSync(join(tmpdir(), 'deltacloud-determinism-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
t.setTimeout(0)

const commands = 1000
let runsMade = 0

t.test(`${commands} commands give the same documents and the same log in every run with one seed`, async t => {
  const statuses = new Map<number, number>()
  await fc.assert(
    // By their own seed: a thousand commands are too many to print, and fewer say little.
    fc.asyncProperty(fc.nat(), fc.string({ minLength: 1 }), fc.nat(commands - 1), async (own, seed, middle) => {
      const steps = fc.sample(fc.noBias(stepOrPause()), { numRuns: commands, seed: own })
      const isTroubled = own % 2 === 1
      const inMemory = await run(steps, { seed, isTroubled })
      const restarted = await run(steps, { seed, isTroubled, state: join(folder, `cloud-${runsMade++}.db`), restartAt: middle })
      const watched = await run(steps, { seed, isTroubled, looksOften: true })
      for (const { status } of inMemory.answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
      same(inMemory, restarted, `with a restart before step ${middle}`)
      same(inMemory, watched, 'with a look after each step')
    }),
    { ...runs(2), endOnFailure: true, examples: [[1, 'troubled', 500]] },
  )
  t.comment(`answers by status: ${JSON.stringify(Object.fromEntries(statuses))}`)
  t.ok((statuses.get(201) ?? 0) > commands / 10, 'much was made')
  t.ok(statuses.has(503), 'some calls failed on purpose')
  t.notOk(statuses.has(500), 'and nothing broke')
})

t.test('another seed gives another cloud', async t => {
  const steps: readonly Step[] = [{ move: 'makeKey', picks: [1, 1, 1] }]
  const [one, other] = [await run(steps, { seed: 'one' }), await run(steps, { seed: 'other' })]
  t.not(text(one.answers[0]), text(other.answers[0]))
})

interface Course {
  readonly seed: string
  readonly state?: string
  /** The step before which the cloud is closed and opened again. */
  readonly restartAt?: number
  readonly looksOften?: boolean
  /** Whether calls fail, instances die and lists are late, by the draws of the seed. */
  readonly isTroubled?: boolean
}

/** Of calls that change something only: whoever looks more often would else meet more of them. */
const faults = [
  { match: { operation: ['create', 'attach', 'associate'], share: 0.1 }, effect: { error: 'provider-unavailable' } },
  { match: { operation: 'destroy', every: 7 }, effect: { throttle: 30 } },
  { match: { operation: 'instances.start', share: 0.5 }, effect: { boot: { slow: 3 } } },
]

const texture = {
  troubles: { failing: 0.1, sticking: 0.05, lifetime: 600 },
  staleness: { share: 0.3, delay: { least: 100, most: 2000 } },
  latencies: { attachment: { p50: 200, p99: 2000 }, volume: { least: 10, most: 1000 } },
}

interface Outcome {
  readonly answers: readonly Answer[]
  /** By path, once all steps were taken. */
  readonly documents: ReadonlyMap<string, Answer>
  readonly log: readonly Event[]
}

const run = async (steps: readonly (Step | Pause)[], { seed, state, restartAt, looksOften, isTroubled }: Course): Promise<Outcome> => {
  const open = (): Promise<InProcess> =>
    inProcess({ seed, clock: { mode: 'manual', now: begin }, ...(state === undefined ? {} : { state }) })
  let cloud = await open()
  if (isTroubled) {
    const world = await cloud.mock.world()
    await world.rules.add(faults)
    await setTexture(world, texture)
  }
  // An account begins when it's first asked for anything, be it by one who only looks.
  await cloud.ask('/api/instances')
  // The walker goes on with the cloud that is open.
  const walker = new Walker({ ask: request => cloud.ask(request) }, 'walker')
  const answers: Answer[] = []
  for (const [i, step] of steps.entries()) {
    if (i === restartAt) {
      await cloud.close()
      cloud = await open()
    }
    if ('pause' in step) await advance(await cloud.mock.world(), step.pause)
    else answers.push(await walker.take(step))
    if (looksOften) await cloud.ask(`/api/${collections[i % collections.length]}`)
  }
  const documents = new Map<string, Answer>()
  for (const format of ['xml', 'json']) {
    for (const collection of collections) {
      const path = `/api/${collection}?format=${format}`
      documents.set(path, await cloud.ask(path))
    }
  }
  const log = await events(await cloud.mock.world(), { limit: Number.MAX_SAFE_INTEGER })
  await cloud.close()
  return { answers, documents, log }
}

const text = (answer: Answer | undefined): string =>
  answer === undefined
    ? ''
    : [`${answer.status}`, ...[...answer.headers].filter(([name]) => name !== runtime).map(header => header.join(': ')), answer.text].join(
        '\n',
      )

/** How long the machine took is no part of what the cloud says. */
const runtime = 'x-backend-runtime'

/** @throws Error that says where they part. */
const same = (one: Outcome, other: Outcome, what: string): void => {
  for (const [i, answer] of one.answers.entries()) equal(text(other.answers[i]), text(answer), `${what}, answer ${i}`)
  for (const [path, answer] of one.documents) equal(text(other.documents.get(path)), text(answer), `${what}, ${path}`)
  for (const [i, event] of one.log.entries()) equal(JSON.stringify(other.log[i]), JSON.stringify(event), `${what}, event ${i}`)
  equal(`${other.log.length}`, `${one.log.length}`, `${what}, length of the log`)
}

const equal = (found: string, wanted: string, what: string): void => {
  if (found !== wanted) throw new Error(`${what}:\n${found}\nand not\n${wanted}`)
}
