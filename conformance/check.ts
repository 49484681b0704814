/** Holds a law to a source: many generated cases, a seed that tells which, and the shortest counterexample where it's broken. */

import fc from 'fast-check'
import type { Case, Law, Setting } from './laws/law.ts'
import { nothingSeen, together } from './observations.ts'
import type { Counterexample, Coverage, Exchange, Grade, LawResult } from './results.ts'
import { Discarded } from './site.ts'
import type { Ground, Situation } from './sources/ground.ts'

export interface Checking {
  readonly law: Law
  readonly setting: Setting
  readonly ground: Ground
  readonly runs: number
  readonly seed: number
  /** Where the case stands that is to be seen again; only that is tried. */
  readonly path?: string
  /** Makes the command that shows a counterexample again. */
  readonly command: (replay: string) => string
}

/** How often a failing case is tried to be made shorter. */
const mostShrinks = 400

interface Failure {
  readonly message: string
  readonly given: string
  readonly transcript: readonly Exchange[]
}

export const checkLaw = async ({ law, setting, ground, runs, seed, path, command }: Checking): Promise<LawResult> => {
  if (law.cases === undefined) throw new TypeError(`${law.id} asks no cloud anything`)
  const tally = new Tally()
  const begun = performance.now()
  const place = path === undefined ? undefined : placeIn(path)
  const share = law.once === true ? 1 : Math.ceil(runs / Math.max(1, ground.parts.length))
  let broken: { readonly failure: Failure; readonly at: string } | undefined
  for (const [part, situations] of ground.parts.entries()) {
    if (place !== undefined && place.part !== part) continue
    const found = await firstFailure(situations, law.cases(setting), tally, {
      numRuns: share,
      seed,
      ...(place === undefined ? {} : { path: place.path, endOnFailure: true }),
    })
    if (found === undefined) continue
    broken = { failure: found.failure, at: `${part}.${found.path}` }
    break
  }
  const seconds = (performance.now() - begun) / 1000
  const common = { law: law.id, source: ground.source, seconds, discarded: tally.discarded, cases: tally.cases, evidence: tally.evidence }
  if (broken !== undefined) {
    const replay = replayOf(law, setting, { seed, path: broken.at })
    return { ...common, outcome: 'broken', counterexample: shown(broken.failure, replay, command(replay)) }
  }
  return tally.cases === 0 ? { ...common, outcome: 'n/a', reason: tally.whyNothing() } : { ...common, outcome: 'holds' }
}

/** `2.0:4:1`: part, and place in it. */
const placeIn = (text: string): { readonly part: number; readonly path: string } => {
  const [part = '0', path = '0'] = text.split('.')
  return { part: Number(part), path }
}

/** The shortest counterexample that was found, and its place; undefined where all cases held or couldn't be judged. */
const firstFailure = async (
  situations: fc.Arbitrary<Situation>,
  cases: fc.Arbitrary<Case>,
  tally: Tally,
  parameters: { readonly numRuns: number; readonly seed: number; readonly path?: string; readonly endOnFailure?: true },
): Promise<{ readonly failure: Failure; readonly path: string } | undefined> => {
  let failure: Failure | undefined
  let shrinks = 0
  const property = fc.asyncProperty(situations, cases, async (situation, question) => {
    // The shortest that was found by then will do.
    if (failure !== undefined && ++shrinks > mostShrinks) return
    const found = await judged(situation, question, failure === undefined ? tally : undefined)
    if (found === undefined) return
    failure = found
    throw new Error(found.message)
  })
  const { counterexamplePath } = await fc.check(property, parameters)
  return failure === undefined ? undefined : { failure, path: counterexamplePath ?? parameters.path ?? '0' }
}

/** What `--replay` is told: law, source, subject, seed and place of a case. */
export const replayOf = (
  { id }: Law,
  { source, subject }: Pick<Setting, 'source' | 'subject'>,
  at: { readonly seed: number; readonly path: string },
): string => [id, source, subject.name, at.seed, at.path].join('/')

const judged = async (situation: Situation, question: Case, tally: Tally | undefined): Promise<Failure | undefined> => {
  let opened: Awaited<ReturnType<Situation['open']>> | undefined
  try {
    opened = await situation.open()
    const { site, grade, date } = opened
    await question.judge(site)
    tally?.judged(grade, { ...site.seen.coverage(), ...(date === undefined ? {} : { date }) })
    return undefined
  } catch (error) {
    if (error instanceof Discarded) {
      tally?.discard(error.message)
      return undefined
    }
    return {
      message: error instanceof Error ? error.message : String(error),
      given: [situation.given, question.given].filter(text => text !== '').join('; '),
      transcript: opened?.site.transcript.all() ?? [],
    }
  } finally {
    await opened?.[Symbol.asyncDispose]()
  }
}

const shown = ({ message, given, transcript }: Failure, replay: string, command: string): Counterexample => ({
  message,
  given,
  transcript: [...transcript],
  replay,
  command,
})

/** What was judged, and what couldn't be. */
class Tally {
  cases = 0
  discarded = 0
  readonly evidence: Partial<Record<Grade, Coverage>> = {}
  private readonly reasons = new Map<string, number>()

  judged(grade: Grade, coverage: Coverage): void {
    this.cases++
    this.evidence[grade] = together(this.evidence[grade] ?? nothingSeen, coverage)
  }

  discard(reason: string): void {
    this.discarded++
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1)
  }

  /** Why no case was left: what stood in the way most often. */
  whyNothing(): string {
    const [first] = [...this.reasons].sort(([, a], [, b]) => b - a)
    return first === undefined ? 'no case was generated' : `every case was discarded: ${first[0]}`
  }
}
