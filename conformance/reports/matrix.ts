/** The matrix laws × drivers, derived from a report: what all reports show. */

import { addCoverage, nothingSeen } from '../observations.ts'
import {
  type Counterexample,
  type Coverage,
  type Grade,
  grades,
  type LawResult,
  type LawSummary,
  type Outcome,
  type Report,
  type SourceKind,
  type SubjectResult,
  sourceKinds,
} from '../results.ts'

/** One law of one driver, over all sources. */
export interface Cell {
  readonly law: LawSummary
  readonly subject: SubjectResult
  readonly outcome: Outcome
  readonly results: readonly LawResult[]
  readonly cases: number
  readonly inconclusive: number
  /** The best there is. */
  readonly grade: Grade | undefined
}

/** From best to worst, as one word for several. */
const worst: readonly Outcome[] = ['broken', 'holds', 'exempt', 'n/a']

export const cellsOf = (report: Report): readonly Cell[] => report.laws.flatMap(law => report.subjects.map(subject => cellOf(law, subject)))

export const cellOf = (law: LawSummary, subject: SubjectResult): Cell => {
  const results = subject.laws.filter(result => result.law === law.id)
  const outcome = worst.find(one => results.some(result => result.outcome === one)) ?? 'n/a'
  return {
    law,
    subject,
    outcome,
    results,
    cases: results.reduce((sum, { cases }) => sum + cases, 0),
    inconclusive: results.reduce((sum, { inconclusive }) => sum + inconclusive, 0),
    grade: bestOf(results),
  }
}

export const bestOf = (results: readonly LawResult[]): Grade | undefined =>
  grades.findLast(grade => results.some(({ evidence }) => (evidence[grade]?.cases ?? 0) > 0))

/** A law that doesn't hold, and what shows it. */
export interface Breach {
  readonly law: string
  /** Undefined where the report doesn't describe the law. */
  readonly summary: LawSummary | undefined
  readonly source: SourceKind
  readonly subject: string
  /** Which of the report's subjects it is, from 0. */
  readonly column: number
  readonly counterexample: Counterexample
}

export const breachesOf = ({ laws, subjects }: Report): readonly Breach[] =>
  subjects.flatMap(({ subject, laws: results }, column) =>
    results.flatMap(({ law, source, counterexample }) =>
      counterexample === undefined ? [] : [{ law, summary: laws.find(({ id }) => id === law), source, subject, column, counterexample }],
    ),
  )

/** All that was seen of a driver, by grade. */
export const evidenceOf = ({ laws }: SubjectResult): Readonly<Partial<Record<Grade, Coverage>>> => {
  const all: Partial<Record<Grade, Coverage>> = {}
  for (const { evidence } of laws)
    for (const grade of grades) if (evidence[grade] !== undefined) all[grade] = addCoverage(all[grade] ?? nothingSeen, evidence[grade])
  return all
}

/** A state, a transition or a collection, and the best grade of what was seen of it. */
export interface Seen {
  readonly name: string
  readonly cases: number
  /** Undefined where it was never seen. */
  readonly grade: Grade | undefined
}

/** What was seen of things by name; a declaration is no sight. */
const evidenceSeen = (
  names: readonly string[],
  subject: SubjectResult,
  of: (coverage: Coverage) => Readonly<Record<string, number>>,
): readonly Seen[] => {
  const evidence = evidenceOf(subject)
  return names.map(name => {
    const counted = sightsOf(evidence)
      .map(({ grade, coverage }) => ({ grade, cases: countOf(of(coverage), name) }))
      .filter(({ cases }) => cases > 0)
    return { name, cases: counted.reduce((sum, { cases }) => sum + cases, 0), grade: counted.at(-1)?.grade }
  })
}

/** Least grade first. */
const sightsOf = (evidence: LawResult['evidence']): readonly { readonly grade: Grade; readonly coverage: Coverage }[] =>
  grades.flatMap(grade => {
    const coverage = evidence[grade]
    return coverage === undefined || grade === 'declared' ? [] : [{ grade, coverage }]
  })

const countOf = (counts: Readonly<Record<string, number>>, name: string): number => (Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0)

export const shareOf = (all: readonly Seen[]): string => `${all.filter(({ grade }) => grade !== undefined).length} of ${all.length}`

/** Those of the machine, in its order. */
export const statesOf = (subject: SubjectResult): readonly Seen[] =>
  evidenceSeen(
    [...new Set(subject.machine.flatMap(({ from, to }) => [from, to]))].filter(state => state !== 'start'),
    subject,
    ({ states }) => states,
  )

/** Those of the machine, in its order, as `running stop stopping`. */
export const transitionsOf = (subject: SubjectResult): readonly Seen[] =>
  evidenceSeen(
    subject.machine.map(({ from, on, to }) => `${from} ${on} ${to}`),
    subject,
    ({ transitions }) => transitions,
  )

export const collectionsOf = (subject: SubjectResult): readonly Seen[] =>
  evidenceSeen(collectionNames(subject), subject, ({ collections }) => collections)

/** Rows of the driver's shapes that the laws of a report are about, and what was seen of them. */
export interface SeenRows {
  /** Of each kind of source, how many rows there are and how many a document was held against. */
  readonly bySource: readonly { readonly from: string; readonly rows: readonly Seen[] }[]
  /** Those that no case exercised. */
  readonly never: readonly string[]
}

export const rowsOf = (subject: SubjectResult, laws: readonly LawSummary[]): SeenRows => {
  const rows = (subject.rows ?? []).filter(({ law }) => laws.some(({ id }) => id === law))
  const seen = evidenceSeen(
    rows.map(({ key }) => key),
    subject,
    ({ rows: counts = {} }) => counts,
  )
  const fromOf = new Map(rows.map(({ key, from }) => [key, from]))
  const bySource = Map.groupBy(seen, ({ name }) => fromOf.get(name) ?? '')
  return {
    bySource: [...bySource].map(([from, all]) => ({ from, rows: all })),
    never: seen.filter(({ grade }) => grade === undefined).map(({ name }) => name),
  }
}

/** `document 12 of 14 (property-tested 10, replayed from documentation 2)`: each kind of source, and the best grade of its rows. */
export const rowsInWords = ({ bySource }: SeenRows): string =>
  bySource
    .map(({ from, rows }) => {
      const graded = grades.flatMap(grade => {
        const count = rows.filter(row => row.grade === grade).length
        return count === 0 ? [] : [`${grade} ${count}`]
      })
      return `${from} ${shareOf(rows)}${graded.length === 0 ? '' : ` (${graded.join(', ')})`}`
    })
    .join('; ')

/** Groups of operations that belong to a collection, and are none. */
const parts: readonly string[] = ['annotations', 'blobs']

const collectionNames = ({ operations }: SubjectResult): readonly string[] => Object.keys(operations).filter(name => !parts.includes(name))

/** Which laws were asked of which collections: a row for each collection, a column for each law that touched any. */
export const collectionLawsOf = (
  subject: SubjectResult,
  laws: readonly LawSummary[],
): { readonly laws: readonly string[]; readonly rows: readonly CollectionLaws[] } => {
  const rows = collectionNames(subject).map((name): CollectionLaws => {
    const cases = new Map<string, number>()
    for (const { law, evidence } of subject.laws)
      for (const { coverage } of sightsOf(evidence)) {
        const touched = countOf(coverage.collections, name)
        if (touched > 0) cases.set(law, (cases.get(law) ?? 0) + touched)
      }
    return { name, cases }
  })
  return { laws: laws.map(({ id }) => id).filter(id => rows.some(({ cases }) => cases.has(id))), rows }
}

export interface CollectionLaws {
  readonly name: string
  readonly cases: ReadonlyMap<string, number>
}

export interface Totals {
  readonly cases: number
  readonly inconclusive: number
  readonly broken: number
  readonly holding: number
  readonly notApplicable: number
  readonly exempt: number
  readonly perSecond: number
}

export const totalsOf = (report: Report): Totals => {
  const cells = cellsOf(report)
  const count = (outcome: Outcome): number => cells.filter(cell => cell.outcome === outcome).length
  const cases = cells.reduce((sum, cell) => sum + cell.cases, 0)
  return {
    cases,
    inconclusive: cells.reduce((sum, cell) => sum + cell.inconclusive, 0),
    broken: count('broken'),
    holding: count('holds'),
    notApplicable: count('n/a'),
    exempt: count('exempt'),
    perSecond: report.seconds > 0 ? cases / report.seconds : 0,
  }
}

/** Why something wasn't judged, or was excused. */
export interface Reason {
  readonly outcome: 'n/a' | 'exempt' | 'excused'
  readonly reason: string
  readonly where: readonly Where[]
}

export interface Where {
  readonly source: SourceKind
  readonly laws: readonly string[]
  readonly subjects: readonly string[]
}

/** A reason that many share is told once. */
export const reasonsOf = (report: Report): readonly Reason[] => {
  const found = new Map<string, Omit<Reason, 'where'> & { readonly places: Place[] }>()
  for (const { subject, laws } of report.subjects)
    for (const { law, source, outcome, reason } of laws) {
      if (reason === undefined || outcome === 'broken') continue
      const name = outcome === 'holds' ? 'excused' : outcome
      const key = `${name} ${reason}`
      const one = found.get(key) ?? { outcome: name, reason, places: [] }
      one.places.push({ law, source, subject })
      found.set(key, one)
    }
  return [...found.values()].map(({ places, ...rest }) => ({ ...rest, where: gatherReasons(places) }))
}

interface Place {
  readonly law: string
  readonly source: SourceKind
  readonly subject: string
}

/** Subjects of which the same laws are said stand together. */
const gatherReasons = (places: readonly Place[]): readonly Where[] =>
  sourceKinds.flatMap(source => {
    const here = places.filter(place => place.source === source)
    const bySubject = Map.groupBy(here, ({ subject }) => subject)
    const byLaws = Map.groupBy(bySubject, ([, all]) => all.map(({ law }) => law).join())
    return [...byLaws.values()].map(group => ({
      source,
      laws: group[0]?.[1].map(({ law }) => law) ?? [],
      subjects: group.map(([subject]) => subject),
    }))
  })

export const placesInWords = ({ where }: Reason): string =>
  where.map(({ source, laws, subjects }) => `${laws.join(' ')} on ${source} of ${subjects.join(', ')}`).join('; ')
