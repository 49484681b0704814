/** The simulator does what a small model of it does: in every collection, while time passes, calls fail on purpose, and quotas run out. */

import fc from 'fast-check'
import t from 'tap'
import { type Command, command, type Faultable, faultable } from '../../conformance/models/commands.ts'
import { apply, createModel, type Model, type Quota } from '../../conformance/models/model.ts'
import { passTime } from '../../conformance/models/passing.ts'
import { difference, pictureOfCloud, pictureOfModel } from '../../conformance/models/pictures.ts'
import { perform } from '../../conformance/models/real.ts'
import { advance } from '../../src/mock-cloud/time.ts'
import type { World } from '../../src/mock-cloud/world.ts'
import type { ErrorKind } from '../../src/model/errors.ts'
import { historyOf, play } from '../../test-postgres/history.ts'
import { isShared } from '../mock-cloud/place.ts'
import { beginning as begin, type FullCloud, open } from '../mock-cloud/support.ts'
import { runs } from '../support/server.ts'

t.setTimeout(0)

interface Real {
  readonly cloud: FullCloud
  readonly world: World
}

type Act = fc.AsyncCommand<Model, Real>

/** What was done by all runs: how often commands succeeded, and how often each was refused. */
const tally = new Map<string, number>()
const count = (what: string): void => {
  tally.set(what, (tally.get(what) ?? 0) + 1)
}

class Told implements Act {
  private readonly command: Command

  constructor(command: Command) {
    this.command = command
  }

  check(): boolean {
    return true
  }

  async run(model: Model, real: Real): Promise<void> {
    const answer = await perform(real, this.command)
    const outcome = apply(model, this.command)
    count('told' in answer ? this.command.op : answer.refused)
    const isRight =
      'told' in answer
        ? 'told' in outcome && answer.told === outcome.told
        : 'refused' in outcome && outcome.refused.includes(answer.refused)
    if (!isRight) throw new Error(`${this} gives ${JSON.stringify(answer)}, and not ${JSON.stringify(outcome)}`)
    same(pictureOfModel(model), await pictureOfCloud(real.cloud), `after ${this}`)
  }

  toString(): string {
    return JSON.stringify(this.command)
  }
}

class Passes implements Act {
  private readonly time: number

  constructor(time: number) {
    this.time = time
  }

  check(): boolean {
    return true
  }

  async run(model: Model, { cloud, world }: Real): Promise<void> {
    const now = await advance(world, this.time)
    const underWay = new Set([
      ...(await cloud.instances.list({})).filter(one => isUnderWay(one.state, one.doing)).map(({ id }) => `instances ${id}`),
      ...(await cloud.images.list({})).filter(({ state }) => state === 'PENDING').map(({ id }) => `images ${id}`),
      ...(await cloud.storage_snapshots.list({})).filter(({ state }) => state === 'PENDING').map(({ id }) => `storage_snapshots ${id}`),
    ])
    passTime(model, now, (collection, id) => underWay.has(`${collection} ${id}`))
    same(pictureOfModel(model), await pictureOfCloud(cloud), `after ${this.time} ms`)
    count('time')
  }

  toString(): string {
    return `${this.time} ms pass`
  }
}

const isUnderWay = (state: string, doing: string | undefined): boolean => state === 'pending' || state === 'stopping' || doing === 'reboot'

/** The next call of an operation is to fail, or the next boot. */
class Fails implements Act {
  private readonly fault: NonNullable<Model['fault']>

  constructor(fault: NonNullable<Model['fault']>) {
    this.fault = fault
  }

  /** One at a time: which of two is met first is another question. */
  check({ fault }: Readonly<Model>): boolean {
    return fault === undefined
  }

  async run(model: Model, { world }: Real): Promise<void> {
    const rule =
      'boot' in this.fault
        ? { match: { operation: ['instances.create', 'instances.start'] }, effect: { boot: this.fault.boot } }
        : { match: { operation: faultable[this.fault.operation] }, effect: { error: this.fault.kind } }
    await world.rules.add({ ...rule, limit: 1 })
    model.fault = this.fault
    count('fault')
  }

  toString(): string {
    return JSON.stringify(this.fault)
  }
}

class Limits implements Act {
  private readonly quota: Quota
  private readonly limit: number

  constructor(quota: Quota, limit: number) {
    this.quota = quota
    this.limit = limit
  }

  check(): boolean {
    return true
  }

  async run(model: Model, { world }: Real): Promise<void> {
    model.quotas[this.quota] = this.limit
    await world.limits.set({ quotas: model.quotas })
    count('quota')
  }

  toString(): string {
    return `at most ${this.limit} ${this.quota}`
  }
}

const operations = Object.keys(faultable).filter((name): name is Faultable => Object.hasOwn(faultable, name))
const errors: readonly ErrorKind[] = ['internal', 'forbidden', 'provider-error', 'provider-unavailable', 'over-quota', 'conflict']

const acts: readonly fc.Arbitrary<Act>[] = [
  // Drawn alike often: most of what is done is done by clients.
  ...Array.from({ length: 12 }, () => command().map((one): Act => new Told(one))),
  fc.integer({ min: 1, max: 1200 }).map((time): Act => new Passes(time)),
  fc.integer({ min: 200, max: 5000 }).map((time): Act => new Passes(time)),
  fc
    .oneof(
      fc.record({ operation: fc.constantFrom(...operations), kind: fc.constantFrom(...errors) }),
      fc.record({ boot: fc.constantFrom('fails' as const, 'sticks' as const) }),
    )
    .map((fault): Act => new Fails(fault)),
  fc
    .tuple(fc.constantFrom<Quota>('instances', 'storage_volumes', 'keys', 'addresses', 'buckets'), fc.integer({ min: 4, max: 9 }))
    .map(([quota, limit]): Act => new Limits(quota, limit)),
]

const same = (wanted: readonly string[], found: readonly string[], what: string): void => {
  const differs = difference(wanted, found)
  if (differs !== '') throw new Error(`${what}:\n${differs}`)
}

t.test('whatever is done, the cloud shows and answers what the model does', async t => {
  await fc.assert(
    fc.asyncProperty(fc.commands([...acts], { maxCommands: 200, size: 'max' }), async commands => {
      const { cloud: simulator, as } = await open()
      try {
        const real = { cloud: await as(), world: await simulator.world() }
        await fc.asyncModelRun(() => ({ model: createModel(begin), real }), commands)
        same([], play(await historyOf(real.world)).wrong, 'the log')
      } finally {
        await simulator.close()
      }
    }),
    // A database takes its time.
    runs(isShared ? 5 : 30),
  )
  t.comment(JSON.stringify(Object.fromEntries([...tally].sort())))
  t.same(
    ['launch', 'fault', 'quota', 'time', 'not-found', 'conflict'].filter(what => !tally.has(what)),
    [],
    'all of it came to pass',
  )
})
