/** Fault rules and quotas of a world that two processes serve: counted once, whoever was asked. */

import fc from 'fast-check'
import t from 'tap'
import { ManualClock } from '../src/mock-cloud/clock.ts'
import { MockCloud } from '../src/mock-cloud/cloud.ts'
import { place } from '../test/mock-cloud/place.ts'
import { accounts, beginning, connect, failure, there } from '../test/mock-cloud/support.ts'

/** Two clouds over one database, each asked for so many at once. */
const race = async (prepare: (cloud: MockCloud) => Promise<unknown>, each: number): Promise<Readonly<Record<string, number>>> => {
  const { state, leave } = await place()
  const open = () => MockCloud.open({ state: there(state), accounts, clock: new ManualClock(beginning) })
  const clouds = [await open(), await open()]
  try {
    await prepare(there(clouds[0]))
    const fared = clouds.map(async cloud => {
      const mine = await connect(cloud, 'alice')
      // What was prepared may still be on its way to the other.
      while ((await cloud.world()).rules.isEmpty && Object.keys((await cloud.world()).limits.setting).length === 0)
        await new Promise(resolve => setTimeout(resolve, 5))
      return Promise.all(Array.from({ length: each }, (_, i) => failure(mine.keys.create({ name: `${clouds.indexOf(cloud)}-${i}` }))))
    })
    const counts: Record<string, number> = {}
    for (const kind of (await Promise.all(fared)).flat()) counts[kind] = (counts[kind] ?? 0) + 1
    return counts
  } finally {
    for (const cloud of clouds) await cloud.close()
    leave()
  }
}

t.test('the n-th call fails once, whichever of two servers it is asked of', async t => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), async nth => {
      const add = async (cloud: MockCloud) =>
        (await cloud.world()).rules.add({ match: { nth, operation: 'keys.create' }, effect: { error: 'conflict' } })
      t.same(await race(add, 3), { none: 5, conflict: 1 })
    }),
    { numRuns: 5 },
  )
})

t.test('two servers together never give more than a quota', async t => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), async room => {
      const limit = async (cloud: MockCloud) => {
        await connect(cloud, 'alice').then(mine => mine.keys.list({}))
        await (await cloud.world()).limits.set({ quotas: { keys: 1 + room } })
      }
      t.same(await race(limit, 3), { none: room, 'over-quota': 6 - room })
    }),
    { numRuns: 5 },
  )
})
