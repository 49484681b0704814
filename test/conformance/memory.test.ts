/** What failed is remembered until it holds. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { entriesOf, type Failing, readMemory, remember, rememberedAfter } from '../../conformance/memory.ts'
import type { LawResult } from '../../conformance/results.ts'

const unit = { law: { id: 'S4' }, source: 'T', subject: { name: 'mock;provider=http://a/b' } } as const
const entry = (seed: number, path = '0.1:2'): Failing => ({
  driver: unit.subject.name,
  law: 'S4',
  source: 'T',
  seed,
  path,
  day: '2026-01-01',
})
const counterexample = (seed: number) => ({
  message: 'no',
  given: '',
  transcript: [],
  replay: `S4/T/${unit.subject.name}/${seed}/0.1:2`,
  command: '',
})

const result = (outcome: LawResult['outcome'], ...seeds: readonly number[]): LawResult => {
  const [first, ...more] = seeds.map(counterexample)
  return {
    law: 'S4',
    source: 'T',
    outcome,
    cases: 1,
    inconclusive: 0,
    seconds: 0,
    evidence: {},
    ...(first === undefined ? {} : { counterexample: first }),
    ...(more.length === 0 ? {} : { more }),
  }
}

const after = (memory: readonly Failing[], one: LawResult): number[] =>
  rememberedAfter(memory, [{ unit, result: one }], '2026-01-02').map(({ seed }) => seed)

t.test('what fails is remembered, what holds is dropped, and what was not tried stays', t => {
  t.same(after([], result('broken', 1, 2)), [1, 2])
  t.same(after([entry(1), entry(2)], result('holds')), [])
  t.same(after([entry(1), entry(2), entry(3)], result('broken', 2)), [2, 3], 'the first held, the third was not tried')
  t.same(after([entry(1), entry(2)], result('broken', 9)), [9], 'both held')
  t.same(after([entry(1)], result('n/a')), [1])
  t.same(
    after(
      [
        { ...entry(1), law: 'F1' },
        { ...entry(2), driver: 'ec2' },
        { ...entry(3), source: 'R' },
      ],
      result('holds'),
    ),
    [1, 2, 3],
  )
  t.end()
})

t.test('what is asked once, declared or live is not remembered', t => {
  for (const one of [
    { ...unit, source: 'L' },
    { ...unit, source: 'static' },
    { ...unit, law: { id: 'S4', once: true } },
  ] as const)
    t.same(entriesOf([{ ...entry(1), source: one.source }], one), [])
  t.same(entriesOf([entry(1)], unit), [entry(1)])
  t.end()
})

t.test('memory is a file of JSON lines; what can’t be read there is left out', t => {
  const folder = join(t.testdir(), 'memory')
  t.same(readMemory(folder), [])
  remember(folder, [{ unit, result: result('holds') }], new Date('2026-01-02'))
  t.notOk(existsSync(folder), 'nothing is written where there is nothing to remember')
  remember(folder, [{ unit, result: result('broken', -7) }], new Date('2026-01-02'))
  const file = join(folder, 'failures.jsonl')
  t.same(JSON.parse(readFileSync(file, 'utf8')), { ...entry(-7), day: '2026-01-02' })
  writeFileSync(file, `nonsense\n{"driver":1}\n${JSON.stringify(entry(5))}\n`)
  t.same(readMemory(folder), [entry(5)])
  remember(folder, [{ unit, result: result('holds') }], new Date('2026-01-02'))
  t.equal(readFileSync(file, 'utf8'), '')
  t.throws(() => remember(join(file, 'below'), [{ unit, result: result('broken', 1) }], new Date()), {
    name: 'Problem',
    message: /can't be remembered in .*--no-memory/,
  })
  t.end()
})
