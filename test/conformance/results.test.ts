/** What a report comes to: a success needs evidence. */

import t from 'tap'
import { type LawResult, type Report, type SourceKind, verdictOf, warningsOf } from '../../conformance/results.ts'
import { sample } from './reports/sample.ts'

const result = (law: string, source: SourceKind, outcome: LawResult['outcome'] = 'holds', cases = 5): LawResult => ({
  law,
  source,
  outcome,
  cases,
  inconclusive: 0,
  seconds: 0,
  evidence: {},
  ...(outcome === 'broken' ? { counterexample: { message: 'no', given: '', transcript: [], replay: '', command: '' } } : {}),
})

const report = (drivers: Readonly<Record<string, readonly LawResult[]>>, more: Partial<Report> = {}): Report => ({
  ...sample,
  warnings: [],
  failures: [],
  ...more,
  subjects: Object.entries(drivers).map(([driver, laws]) => ({
    subject: driver,
    driver,
    name: driver,
    machine: [],
    operations: {},
    recordings: [],
    lossy: {},
    laws: [...laws],
  })),
})

const declared = result('S0', 'static')

t.test('where only declarations were judged, that is told and no success', t => {
  for (const [laws, exitCode, verdict] of [
    [[declared], 3, 'not enough evidence'],
    [[declared, result('R1', 'R', 'n/a', 0)], 3, 'not enough evidence'],
    [[declared, result('F1', 'T', 'holds', 0)], 3, 'not enough evidence'],
    [[declared, result('F1', 'T')], 0, 'holds'],
    [[declared, result('F1', 'T', 'expected', 0)], 0, 'holds'],
    [[result('S0', 'static', 'broken')], 1, 'broken'],
    [[result('R1', 'R', 'n/a', 0)], 3, 'nothing compared'],
  ] as const)
    t.match(verdictOf(report({ a: laws })), { exitCode, verdict })
  t.match(verdictOf(report({ a: [declared] })).lacking, [/^Only what drivers declare was judged/])
  t.equal(verdictOf(report({ a: [declared] }, { shard: { index: 1, of: 2 } })).exitCode, 0, 'the joined report tells')
  t.end()
})

t.test('a driver of which only declarations were judged is warned of beside others', t => {
  const others = report({ a: [declared], b: [declared, result('F1', 'T')] })
  t.same(warningsOf(others), ['Of a only what it declares was judged, and nothing of what it does'])
  t.equal(verdictOf(others).exitCode, 0)
  t.same(warningsOf(report({ b: [declared, result('F1', 'T')] })), [])
  t.end()
})

t.test('each driver needs a law that holds on the sources that are required', t => {
  const demands = { require: ['R', 'T'] as SourceKind[] }
  const whole = [result('R1', 'R'), result('F1', 'T')]
  t.equal(verdictOf(report({ a: whole }, { demands })).exitCode, 0)
  t.match(verdictOf(report({ a: whole, b: [result('F1', 'T')] }, { demands })), {
    exitCode: 3,
    lacking: ['No law holds on R of b, and --require asks for one.'],
  })
  t.equal(verdictOf(report({ a: [result('R1', 'R', 'broken'), result('F1', 'T')] }, { demands })).exitCode, 1)
  t.equal(verdictOf(report({ a: [declared] }, { demands, shard: { index: 1, of: 2 } })).exitCode, 0)
  t.end()
})

t.test('as many laws must hold as are asked for, counted as the report counts them', t => {
  const two = { a: [result('F1', 'R'), result('F1', 'T'), result('S1', 'T'), result('S2', 'T', 'n/a', 0)] }
  t.equal(verdictOf(report(two, { demands: { minCells: 2 } })).exitCode, 0)
  t.match(verdictOf(report(two, { demands: { minCells: 3 } })), {
    exitCode: 3,
    lacking: ['2 laws of drivers hold, and --min-cells asks for 3.'],
  })
  t.end()
})

t.test('a part that is missing is no success', t => {
  t.match(verdictOf(report({ a: [result('F1', 'T')] }, { missingShards: ['2/3'] })), {
    exitCode: 3,
    lacking: ['A part of the run is missing.'],
  })
  t.equal(verdictOf(report({ a: [result('F1', 'T', 'broken')] }, { missingShards: ['2/3'] })).exitCode, 1)
  t.end()
})
