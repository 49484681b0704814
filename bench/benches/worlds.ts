/** What worlds cost: one that is empty, the fork of a large one as tests make and drop it, its reset, and the memory of each instance. */

import { createMockCloud, type MockCloudInHand } from '../../src/mock.ts'
import { usual } from '../../src/mock-cloud/personalities/default.ts'
import { type Bench, type Figure, median, timed } from '../bench.ts'

/** Instances in the large world. */
const many = 20_000
const rounds = 9
/** Worlds that there are at once in a round: of small ones many, because processor time is counted in large steps. */
const atOnce = { large: 5, small: 300 }

export const worlds: Bench = {
  name: 'worlds',
  async run() {
    const before = memory()
    await using mock = await createMockCloud({ personalities: { default: { ...usual, dataset } } })
    const cloud = await mock.as()
    if ((await cloud.instances.get(`many${many - 1}`)) === undefined) throw new Error('The large world is not large')
    const each = (memory() - before) / many
    const { simulator } = mock
    const large = many.toLocaleString('en')
    const empty = await dropped(mock, atOnce.small, name => simulator.createWorld(name))
    const fork = await dropped(mock, atOnce.large, name => simulator.forkWorld('default', name))
    const written = await dropped(mock, atOnce.large, async name => {
      const { keys } = await (await mock.fork(name)).as()
      await keys.create({ name: 'first' })
    })
    const reset = await dropped(
      mock,
      atOnce.large,
      name => simulator.resetWorld(name),
      name => simulator.forkWorld('default', name),
    )
    return [
      figure('an empty world', empty, 1),
      figure(`fork of a world of ${large} instances`, fork, 5),
      figure('such a fork, and its first change', written),
      figure('its reset', reset),
      { what: 'memory of one instance', value: each / 1024, unit: 'KiB', behind: `resident, of ${large} that were there from the start` },
    ]
  },
}

const dataset: typeof usual.dataset = account => {
  const own = usual.dataset(account)
  const [one] = own.records.instances ?? []
  if (one === undefined) throw new RangeError('There is nothing to copy')
  const instances = Array.from({ length: many }, (_, i) => ({ ...one, shown: { ...one.shown, id: `many${i}` } }))
  return { ...own, records: { ...own.records, instances } }
}

/** Milliseconds that one of several worlds takes, all of which are dropped then; the median of the rounds. */
const dropped = async (
  { simulator }: MockCloudInHand,
  count: number,
  task: (name: string) => Promise<unknown>,
  prepare: (name: string) => Promise<unknown> = async () => undefined,
): Promise<number> => {
  const taken: number[] = []
  // The first round fetches the memory that the others use again, and doesn't count.
  for (let round = 0; round <= rounds; round++) {
    const names = Array.from({ length: count }, (_, i) => `world-${i}`)
    for (const name of names) await prepare(name)
    let next = 0
    const one = await timed(count, () => task(names[next++] ?? ''))
    if (round > 0) taken.push(one)
    for (const name of names) await simulator.removeWorld(name)
  }
  return median(taken)
}

const figure = (what: string, value: number, atMost?: number): Figure => ({
  what,
  value,
  unit: 'ms',
  ...(atMost === undefined ? {} : { target: { atMost } }),
  behind: 'of the processor',
})

/** Bytes that this process holds. */
const memory = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().rss
}
