/** What a run consists of, and which shard has what. */

import t from 'tap'
import { shardOf } from '../../conformance/plan.ts'
import type { SourceKind } from '../../conformance/results.ts'

t.test('each unit is in one shard, and a live cloud is asked by the first alone', t => {
  const units = (['static', 'R', 'M', 'T', 'L'] as const).flatMap(source =>
    Array.from({ length: 7 }, (_, n): { source: SourceKind; n: number } => ({ source, n })),
  )
  const shards = [1, 2, 3].map(index => shardOf(units, { index, of: 3 }))
  t.same(new Set(shards.flat()), new Set(units))
  t.equal(shards.flat().length, units.length)
  t.same(
    shards.map(shard => shard.filter(({ source }) => source === 'L').length),
    [7, 0, 0],
  )
  t.end()
})
