/** What worlds cost: one that is empty, the fork of a large one as a test makes and drops it, its reset, and the memory of each instance. */

import { createMockCloud, type MockCloudInHand } from '../../src/mock.ts'
import { usual } from '../../src/mock-cloud/personalities/default.ts'
import { type Bench, type Figure, median } from '../bench.ts'

/** Instances in the large world. */
const many = 20_000
/** How often each is done. */
const times = 60

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
    const empty = await dropped(mock, 1, name => simulator.createWorld(name))
    const fork = await dropped(mock, 1, name => simulator.forkWorld('default', name))
    const beside = await dropped(mock, 10, name => simulator.forkWorld('default', name))
    const written = await dropped(mock, 1, async name => {
      const { keys } = await (await mock.fork(name)).as()
      await keys.create({ name: 'first' })
    })
    const reset = await dropped(
      mock,
      1,
      name => simulator.resetWorld(name),
      name => simulator.forkWorld('default', name),
    )
    return [
      figure('an empty world', empty, 1),
      figure(`fork of a world of ${large} instances`, fork, 5),
      // Each of them takes memory from the system that none had before.
      figure('ten such forks at once, each', beside),
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

/**
 * Milliseconds that a world takes, the median of many.
 * @param atOnce how many there are before all are dropped.
 */
const dropped = async (
  { simulator }: MockCloudInHand,
  atOnce: number,
  task: (name: string) => Promise<unknown>,
  prepare: (name: string) => Promise<unknown> = async () => undefined,
): Promise<number> => {
  const taken: number[] = []
  for (let done = 0; done < times; done += atOnce) {
    const names = Array.from({ length: atOnce }, (_, i) => `world-${i}`)
    for (const name of names) {
      await prepare(name)
      const begun = performance.now()
      await task(name)
      taken.push(performance.now() - begun)
    }
    for (const name of names) await simulator.removeWorld(name)
  }
  return median(taken)
}

const figure = (what: string, value: number, atMost?: number): Figure => ({
  what,
  value,
  unit: 'ms',
  ...(atMost === undefined ? {} : { target: { atMost } }),
  behind: `median of ${times}`,
})

/** Bytes that this process holds. */
const memory = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().rss
}
