/** Failures that are expected: what a file says of them, and that the file is kept true. */

import { join } from 'node:path'
import t from 'tap'
import { covers, passingEntries, readBaseline } from '../../conformance/baseline.ts'
import { subjectsOf } from '../../conformance/harness.ts'
import { law } from '../../conformance/laws/law.ts'
import type { Unit } from '../../conformance/plan.ts'
import type { LawResult, SourceKind } from '../../conformance/results.ts'
import { sound } from './laws/support.ts'

const [subject] = subjectsOf('mock', sound, ['classic'])
if (subject === undefined) throw new TypeError('The mock driver has no column')
const unit = (id: string, source: SourceKind): Unit => ({
  law: law({ id, title: '', says: '', family: '', sources: [source] }),
  source,
  subject,
})
const entry = { driver: 'mock', law: 'F1', source: undefined, message: undefined, reason: 'a bug of theirs', place: 0 }
const result = (outcome: LawResult['outcome'], expected?: number[]): LawResult => ({
  law: 'F1',
  source: 'T',
  outcome,
  cases: outcome === 'holds' ? 100 : 0,
  inconclusive: 0,
  seconds: 0,
  evidence: {},
  ...(expected === undefined ? {} : { expected }),
})

t.test('a baseline is read from JSON or YAML, and what is wrong in it is told', t => {
  const folder = t.testdir({
    'a.json': '[{"driver":"mock","law":"F1","source":"T","message":"^GET","reason":"a bug"}]',
    'a.yaml': '- { driver: mock, law: F1, reason: a bug }\n',
    'empty.yaml': '',
    'no-reason.json': '[{"driver":"mock","law":"F1"}]',
    'unknown.json': '[{"driver":"mock","law":"F1","reason":"a","because":"b"}]',
    'pattern.json': '[{"driver":"mock","law":"F1","reason":"a","message":"("}]',
  })
  t.match(readBaseline(join(folder, 'a.json')), [{ driver: 'mock', law: 'F1', source: 'T', message: /^GET/, reason: 'a bug', place: 0 }])
  t.match(readBaseline(join(folder, 'a.yaml')), [{ law: 'F1', message: undefined }])
  t.same(readBaseline(join(folder, 'empty.yaml')), [])
  for (const [file, message] of [
    ['none.json', /none\.json can't be read/],
    ['no-reason.json', /no-reason\.json: 0\.reason: /],
    ['unknown.json', /unknown\.json: 0: .*because/],
    ['pattern.json', /pattern\.json: 0\.message: '\(' is no regular expression/],
  ] as const)
    t.throws(() => readBaseline(join(folder, file)), { name: 'Problem', message })
  t.end()
})

t.test('an entry is of a driver or a column, and of one source or all', t => {
  t.ok(covers(entry, unit('F1', 'T')))
  t.ok(covers({ ...entry, driver: 'mock;provider=classic', law: 'f1', source: 'T' }, unit('F1', 'T')))
  t.notOk(covers({ ...entry, driver: 'ec2' }, unit('F1', 'T')))
  t.notOk(covers({ ...entry, source: 'R' }, unit('F1', 'T')))
  t.notOk(covers(entry, unit('F2', 'T')))
  t.end()
})

t.test('an entry whose failure is gone is told of, where all that it covers was judged in full', t => {
  const units = [unit('F1', 'R'), unit('F1', 'T')]
  const [first, second] = units
  if (first === undefined || second === undefined) throw new TypeError('There are two')
  const told = (results: readonly LawResult[], isFull = true) =>
    passingEntries(
      [entry],
      units,
      results.flatMap((one, n) => ({ unit: units[n] ?? first, result: one })),
      () => isFull,
    )
  t.match(told([result('holds'), result('holds')]), [
    /^F1 of mock is expected to fail \(a bug of theirs\), and doesn't: take the entry out/,
  ])
  t.equal(told([result('n/a'), result('holds')]).length, 1)
  t.same(told([result('holds'), result('expected', [0])]), [])
  t.equal(told([result('holds'), result('expected', [1])]).length, 1, 'another entry was met')
  t.same(told([result('holds')]), [], 'one cell was not run')
  t.same(told([result('holds'), result('holds')], false), [], 'too few cases')
  t.same(told([result('n/a'), result('n/a')]), [], 'nothing was judged')
  t.end()
})
