/** Shards joined are the whole that they were parts of; what is no whole is refused. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../../conformance/problem.ts'
import { jsonSchema, toJson } from '../../../conformance/reports/json.ts'
import { merge, readReport } from '../../../conformance/reports/merge.ts'
import { type Report, verdictOf } from '../../../conformance/results.ts'
import { runs } from '../../support/server.ts'
import { anyReport, sample } from './sample.ts'

/** The whole cut into parts. @param draw which part, from 0, has the nth result */
const cut = (report: Report, of: number, draw: (n: number) => number): Report[] => {
  let n = 0
  const parts = report.subjects.map(({ laws }) => laws.map(result => ({ result, part: draw(n++) })))
  return Array.from({ length: of }, (_, index) => ({
    ...report,
    shard: { index: index + 1, of },
    subjects: report.subjects.map((subject, s) => ({
      ...subject,
      laws: (parts[s] ?? []).filter(({ part }) => part === index).map(({ result }) => result),
    })),
  }))
}

const inTurn = (report: Report, of: number): Report[] => cut(report, of, n => n % of)

t.test('any parts of a whole make the whole, in whatever order they come', async () => {
  fc.assert(
    fc.property(anyReport(), fc.integer({ min: 1, max: 5 }), fc.func(fc.nat()), fc.infiniteStream(fc.nat()), (report, of, draw, chance) => {
      const parts = cut(report, of, n => draw(n) % of)
      const shuffled = parts.map(part => ({ part, at: chance.next().value })).sort((a, b) => a.at - b.at)
      assert.deepEqual(merge(shuffled.map(({ part }) => part)), report)
    }),
    runs(100),
  )
})

t.test('shards that ran at the same time took as long as the longest', t => {
  const [first, second] = inTurn(sample, 2)
  if (first === undefined || second === undefined) throw new TypeError('There are two parts')
  const whole = merge([
    { ...first, startedAt: '2026-11-27T09:30:05.000Z', seconds: 12 },
    { ...second, startedAt: '2026-11-27T09:30:00.000Z', seconds: 15 },
  ])
  t.match(whole, { seconds: 15, startedAt: '2026-11-27T09:30:00.000Z' })
  t.notOk('shard' in whole)
  t.end()
})

t.test('reports of different drivers are joined too', t => {
  const apart = sample.subjects.map((subject): Report => ({ ...sample, subjects: [subject] }))
  t.same(merge(apart), sample)
  t.end()
})

t.test('a shard that is missing is told of, and no success', t => {
  const [first, , third] = inTurn(sample, 4)
  if (first === undefined || third === undefined) throw new TypeError('There are four parts')
  const joined = merge([first, third])
  t.same(joined.warnings, [...sample.warnings, 'The shards 2/4, 4/4 of this run are missing'])
  t.same(joined.missingShards, ['2/4', '4/4'])
  const sound = { ...joined, subjects: joined.subjects.filter(({ subject }) => subject !== 'ec2') }
  t.match(verdictOf(sound), { exitCode: 3, lacking: ['A part of the run is missing.'] })
  t.same(merge([joined]).missingShards, ['2/4', '4/4'], 'joined reports lack what they lacked')
  t.end()
})

t.test('what makes no whole is refused, with the reason', t => {
  const [first, second] = inTurn(sample, 2)
  const [third] = inTurn(sample, 3)
  if (first === undefined || second === undefined || third === undefined) throw new TypeError('There are parts')
  const rewritten = { ...second, laws: second.laws.map(law => ({ ...law, says: `${law.says} Or not.` })) }
  const refusals: readonly (readonly [reports: readonly Report[], reason: RegExp])[] = [
    [[], /^There is no report to merge/],
    [[first, { ...second, seed: 1 }], /one has --seed 20261127 --runs 100, another --seed 1 --runs 100/],
    [[first, { ...second, runs: 7 }], /another --seed 20261127 --runs 7/],
    [[first, first], /^Two of the reports have S0 on static of mock: shards must not overlap/],
    [[first, rewritten], /^D1 isn't the same law in all of the reports/],
    [[{ ...first, subjects: [] }, third], /a part of 2, another a part of 3/],
  ]
  for (const [reports, reason] of refusals) {
    t.throws(() => merge(reports), { message: reason })
    t.throws(() => merge(reports), Problem)
  }
  t.end()
})

t.test('a file that is no report is refused: which file, where and why', t => {
  const broken = sample.subjects.map(subject => ({ ...subject, laws: subject.laws.map(law => ({ ...law, counterexample: undefined })) }))
  const refusals: readonly (readonly [text: string, reason: RegExp])[] = [
    ['', /^1\.json is no report: it isn’t JSON/],
    ['[]', /^1\.json is no report of this suite: the file: .*expected object/],
    [toJson(sample).replace('"version": 1', '"version": 2'), /^1\.json is no report of this suite: version: /],
    [toJson(sample).replace('"holds"', '"fine"'), /: subjects\.0\.laws\.0\.outcome: /],
    [JSON.stringify({ ...sample, subjects: broken }), /: subjects\.1\.laws\.\d+: a law that is broken has a counterexample/],
  ]
  for (const [text, reason] of refusals) t.throws(() => readReport('1.json', text), { message: reason })
  t.end()
})

t.test('the schema in the documentation is the one that reports are read by', t => {
  t.same(JSON.parse(readFileSync(new URL('../../../docs/report.schema.json', import.meta.url), 'utf8')), JSON.parse(jsonSchema()))
  t.end()
})
