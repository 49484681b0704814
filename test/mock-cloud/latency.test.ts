/** Distributions of time. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Draws } from '../../src/mock-cloud/draw.ts'
import { drawn, instantly, type Latency, stretched, waited } from '../../src/mock-cloud/latency.ts'

const draws = new Draws('seed')

/** As many as asked for, drawn one after the other. */
const many = (latency: Latency, count: number): number[] =>
  Array.from({ length: count }, (_, i) => drawn(latency, n => draws.fraction(i, n))).sort((a, b) => a - b)

const milliseconds = fc.integer({ min: 1, max: 1_000_000 })

const latency = fc.oneof(
  fc.record({ fixed: milliseconds }),
  fc.tuple(milliseconds, milliseconds).map(([a, b]) => ({ least: Math.min(a, b), most: Math.max(a, b) })),
  fc.tuple(milliseconds, milliseconds).map(([a, b]) => ({ p50: Math.min(a, b), p99: Math.max(a, b) })),
)

t.test('what is drawn is whole, not negative, and the same for the same chance', async () => {
  fc.assert(
    fc.property(latency, fc.string(), (latency, what) => {
      const once = drawn(latency, n => draws.fraction(what, n))
      assert.ok(Number.isSafeInteger(once) && once >= 0)
      assert.equal(
        once,
        drawn(latency, n => draws.fraction(what, n)),
      )
    }),
  )
})

t.test('an even distribution keeps to its bounds and reaches both', async t => {
  const all = many({ least: 3, most: 7 }, 500)
  t.strictSame([...new Set(all)], [3, 4, 5, 6, 7])
})

t.test('half of a log-normal distribution is below its median, and all but one of a hundred below the other', async t => {
  const all = many({ p50: 1000, p99: 9000 }, 4000)
  const share = (limit: number): number => all.filter(one => one <= limit).length / all.length
  t.ok(Math.abs(share(1000) - 0.5) < 0.03, `${share(1000)} of them up to the median`)
  t.ok(Math.abs(share(9000) - 0.99) < 0.01, `${share(9000)} of them up to p99`)
})

t.test('what takes no time takes none, however long it is made', async t => {
  t.equal(
    drawn(instantly, () => 0.9),
    0,
  )
  t.equal(
    drawn(stretched(instantly, 100), () => 0.9),
    0,
  )
  t.equal(
    drawn({ p50: 0, p99: 0 }, () => 0.9),
    0,
  )
})

t.test('a stretched distribution takes so many times as long', async () => {
  fc.assert(
    fc.property(latency, fc.integer({ min: 1, max: 20 }), fc.string(), (latency, factor, what) => {
      const fraction = (n: number): number => draws.fraction(what, n)
      const [usual, slow] = [drawn(latency, fraction), drawn(stretched(latency, factor), fraction)]
      assert.ok(Math.abs(slow - usual * factor) <= factor)
    }),
  )
})

t.test('what happens at any time with the same chance is waited for as long as its mean says', async t => {
  const all = Array.from({ length: 4000 }, (_, i) => waited(60_000, draws.fraction('waits', i)))
  const mean = all.reduce((sum, one) => sum + one, 0) / all.length
  t.ok(Math.abs(mean - 60_000) < 3000, `${mean} on average`)
})
