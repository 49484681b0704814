/** What a report comes to, cell by cell: one verdict over all sources, the best evidence, and what of a driver was seen. */

import t from 'tap'
import {
  breachesOf,
  cellOf,
  collectionLawsOf,
  collectionsOf,
  placesInWords,
  reasonsOf,
  statesOf,
  totalsOf,
  transitionsOf,
} from '../../../conformance/reports/matrix.ts'
import type { LawResult, SubjectResult } from '../../../conformance/results.ts'
import { sample } from './sample.ts'

const subjectNamed = (name: string): SubjectResult => {
  const found = sample.subjects.find(({ subject }) => subject === name)
  if (found === undefined) throw new TypeError(`The sample has no ${name}`)
  return found
}

const cellFor = (id: string, subject: SubjectResult) => {
  const law = sample.laws.find(one => one.id === id)
  if (law === undefined) throw new TypeError(`The sample has no ${id}`)
  return cellOf(law, subject)
}

const result = (outcome: LawResult['outcome']): LawResult => ({
  law: 'F1',
  source: 'T',
  outcome,
  cases: 0,
  inconclusive: 0,
  seconds: 0,
  evidence: {},
})

t.test('the worst that a source has to say is the verdict, and what could not be asked says nothing', t => {
  const verdict = (...outcomes: LawResult['outcome'][]) => cellFor('F1', { ...subjectNamed('mock'), laws: outcomes.map(result) }).outcome
  t.equal(verdict('n/a', 'holds', 'broken', 'exempt'), 'broken')
  t.equal(verdict('exempt', 'n/a', 'holds'), 'holds')
  t.equal(verdict('n/a', 'exempt'), 'exempt')
  t.equal(verdict('n/a'), 'n/a')
  t.equal(verdict(), 'n/a')
  t.end()
})

t.test('a cell has the cases of all sources, and the best grade of them', t => {
  t.match(cellFor('D1', subjectNamed('ec2')), { outcome: 'holds', cases: 203, grade: 'replayed from documentation' })
  t.match(cellFor('D1', subjectNamed('mock')), { outcome: 'holds', cases: 100, grade: 'property-tested' })
  t.match(cellFor('R2', subjectNamed('mock')), { outcome: 'n/a', cases: 0, grade: undefined })
  t.end()
})

t.test('a state or transition counts as seen with its best grade, and not by being declared', t => {
  const named = (all: readonly { readonly name: string }[], name: string) => all.find(one => one.name === name)
  const ec2 = subjectNamed('ec2')
  t.match(named(statesOf(ec2), 'error'), { grade: 'replayed from documentation' })
  t.match(named(transitionsOf(ec2), 'running stop stopping'), { grade: 'property-tested' })
  t.match(named(transitionsOf(ec2), 'stopped destroy finish'), { cases: 0, grade: undefined })
  t.match(named(collectionsOf(ec2), 'buckets'), { cases: 0, grade: undefined })
  t.notOk(named(collectionsOf(ec2), 'blobs'), 'operations on a part of a collection are no collection')
  const declared = ec2.laws.filter(({ source }) => source === 'static')
  t.ok(
    statesOf({ ...ec2, laws: declared }).every(({ grade }) => grade === undefined),
    'a declaration is no sight',
  )
  t.end()
})

t.test('laws are counted by the collections that their cases touched', t => {
  const { laws, rows } = collectionLawsOf(subjectNamed('ec2'), sample.laws)
  const casesOf = (name: string, law: string) => rows.find(row => row.name === name)?.cases.get(law)
  t.equal(casesOf('instances', 'D1'), 203)
  t.equal(casesOf('realms', 'D1'), 62)
  t.equal(casesOf('buckets', 'D1'), undefined)
  t.notOk(laws.includes('S0'), 'what is only declared touches nothing')
  t.end()
})

t.test('a reason that many share is told once, with all places', t => {
  const reasons = reasonsOf(sample)
  t.equal(new Set(reasons.map(({ reason }) => reason)).size, reasons.length)
  const live = reasons.find(({ reason }) => reason === 'no live endpoint was named')
  t.same(
    live?.where.map(({ source, subjects }) => [source, subjects]),
    [['L', ['mock', 'ec2', 'openstack;provider=one']]],
  )
  const exempt = reasons.find(({ outcome }) => outcome === 'exempt')
  t.equal(exempt && placesInWords(exempt), 'S5 on T of openstack;provider=one')
  t.equal(reasons.find(({ outcome }) => outcome === 'excused')?.reason, 'one link leads nowhere, as it always did (quirk M11)')
  t.end()
})

t.test('the numbers are those of the cells', t => {
  const { broken, holding, exempt, notApplicable, perSecond, cases } = totalsOf(sample)
  t.equal(holding + broken + exempt + notApplicable, sample.laws.length * sample.subjects.length)
  t.equal(broken, 1)
  t.equal(exempt, 1)
  t.equal(perSecond, cases / sample.seconds)
  t.same(
    breachesOf(sample).map(({ law, source, subject, column }) => [law, source, subject, column]),
    [['F1', 'T', 'ec2', 1]],
  )
  t.end()
})
