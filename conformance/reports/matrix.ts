/** The matrix laws × drivers, derived from a report: what all reports show. */

import { nothingSeen, together } from '../observations.ts'
import {
  type Coverage,
  type Grade,
  grades,
  type LawResult,
  type LawSummary,
  type Outcome,
  type Report,
  type SubjectResult,
} from '../results.ts'

/** One law of one driver, over all sources. */
export interface Cell {
  readonly law: LawSummary
  readonly subject: SubjectResult
  readonly outcome: Outcome
  readonly results: readonly LawResult[]
  readonly cases: number
  readonly discarded: number
  /** The best there is. */
  readonly grade: Grade | undefined
  /** Why it's n/a or exempt, or what is excused: each once. */
  readonly reasons: readonly string[]
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
    discarded: results.reduce((sum, { discarded }) => sum + discarded, 0),
    grade: grades.findLast(grade => results.some(({ evidence }) => (evidence[grade]?.cases ?? 0) > 0)),
    reasons: [...new Set(results.flatMap(({ reason, source }) => (reason === undefined ? [] : [`${source}: ${reason}`])))],
  }
}

/** All that was seen of a driver, by grade. */
export const evidenceOf = ({ laws }: SubjectResult): Readonly<Partial<Record<Grade, Coverage>>> => {
  const all: Partial<Record<Grade, Coverage>> = {}
  for (const { evidence } of laws)
    for (const grade of grades) if (evidence[grade] !== undefined) all[grade] = together(all[grade] ?? nothingSeen, evidence[grade])
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
const seen = (
  names: readonly string[],
  subject: SubjectResult,
  of: (coverage: Coverage) => Readonly<Record<string, number>>,
): readonly Seen[] => {
  const evidence = evidenceOf(subject)
  return names.map(name => {
    const counted = grades.flatMap(grade => {
      const coverage = evidence[grade]
      const cases = coverage === undefined || grade === 'declared' ? 0 : (of(coverage)[name] ?? 0)
      return cases > 0 ? [{ grade, cases }] : []
    })
    return { name, cases: counted.reduce((sum, { cases }) => sum + cases, 0), grade: counted.at(-1)?.grade }
  })
}

/** Those of the machine, in its order. */
export const statesOf = (subject: SubjectResult): readonly Seen[] =>
  seen(
    [...new Set(subject.machine.flatMap(({ from, to }) => [from, to]))].filter(state => state !== 'start'),
    subject,
    ({ states }) => states,
  )

/** Those of the machine, in its order, as `running stop stopping`. */
export const transitionsOf = (subject: SubjectResult): readonly Seen[] =>
  seen(
    subject.machine.map(({ from, on, to }) => `${from} ${on} ${to}`),
    subject,
    ({ transitions }) => transitions,
  )

export const collectionsOf = (subject: SubjectResult): readonly Seen[] =>
  seen(
    Object.keys(subject.operations).filter(name => name !== 'annotations' && name !== 'blobs'),
    subject,
    ({ collections }) => collections,
  )

export interface Totals {
  readonly cases: number
  readonly discarded: number
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
    discarded: cells.reduce((sum, cell) => sum + cell.discarded, 0),
    broken: count('broken'),
    holding: count('holds'),
    notApplicable: count('n/a'),
    exempt: count('exempt'),
    perSecond: report.seconds > 0 ? cases / report.seconds : 0,
  }
}

/** Reasons, and which cells have them: a reason that many share is told once. */
export const reasonsOf = (
  report: Report,
): readonly { readonly outcome: Outcome; readonly reason: string; readonly where: readonly string[] }[] => {
  const found = new Map<string, { outcome: Outcome; reason: string; where: string[] }>()
  for (const { law, subject, results } of cellsOf(report)) {
    for (const { outcome, reason, source } of results) {
      if (reason === undefined || outcome === 'broken') continue
      const key = `${outcome} ${reason} ${subject.subject}`
      const one = found.get(key) ?? { outcome, reason, where: [] }
      one.where.push(`${law.id} on ${source} of ${subject.subject}`)
      found.set(key, one)
    }
  }
  return [...found.values()]
}
