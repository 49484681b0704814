/** Holds a law to a source: many generated cases, a seed that tells which, and the shortest counterexample where it's broken. */

import fc from 'fast-check'
import { Inconclusive, LawViolation } from './cloud-under-test.ts'
import type { Exemption } from './harness.ts'
import type { Case, Law, Setting } from './laws/law.ts'
import { addCoverage, nothingSeen } from './observations.ts'
import type { Counterexample, Coverage, Exchange, Grade, LawResult } from './results.ts'
import type { OpenCloud, Setup, Source } from './sources/source.ts'

export interface Checking {
  readonly law: Law
  readonly setting: Setting
  readonly source: Source
  readonly runs: number
  readonly seed: number
  /** Where the case stands that is to be seen again; only that is tried. */
  readonly path?: string
  /** Counterexamples that a quirk excuses. */
  readonly excuses?: readonly Exemption[]
  /** Makes the command that shows a counterexample again. */
  readonly command: (replay: string) => string
}

/** How many cases go through real sockets at most. */
const mostRemote = 5

/** How much of a log is shown with a counterexample, in characters: enough to see what broke. */
const longestLog = 1500

/** How often a failing case is tried to be made shorter. */
const mostShrinks = 400

interface Failure {
  readonly message: string
  readonly given: string
  readonly transcript: readonly Exchange[]
}

export const checkLaw = async ({ law, setting, source, runs, seed, path, excuses = [], command }: Checking): Promise<LawResult> => {
  if (law.cases === undefined) throw new TypeError(`${law.id} asks no cloud anything`)
  const tally = new Tally()
  const begun = performance.now()
  const place = path === undefined ? undefined : placeIn(path)
  const parts = (await source.partsFor?.(law.id)) ?? source.parts
  const share = law.once === true ? 1 : Math.ceil(runs / Math.max(1, parts.length))
  let broken: { readonly failure: Failure; readonly at: string } | undefined
  const remote = source.remote !== undefined && law.remote === true ? [source.remote] : []
  for (const [part, setups] of [...parts, ...remote].entries()) {
    if (place !== undefined && place.part !== part) continue
    const found = await firstFailure(setups, law.cases(setting), tally, excuses, {
      numRuns: part < parts.length ? share : Math.min(share, mostRemote),
      seed,
      ...(place === undefined ? {} : { path: place.path, endOnFailure: true }),
    })
    if (found === undefined) continue
    broken = { failure: found.failure, at: `${part}.${found.path}` }
    break
  }
  const seconds = (performance.now() - begun) / 1000
  const common = {
    law: law.id,
    source: source.kind,
    seconds,
    inconclusive: tally.inconclusive,
    cases: tally.cases,
    evidence: tally.evidence,
  }
  if (broken !== undefined) {
    const replay = replayOf(law, setting, { seed, path: broken.at })
    return { ...common, outcome: 'broken', counterexample: counterexampleOf(broken.failure, replay, command(replay)) }
  }
  if (tally.cases === 0) return { ...common, outcome: 'n/a', reason: tally.whyNothing() }
  return { ...common, outcome: 'holds', ...tally.excuseReason() }
}

/** `2.0:4:1`: part, and place in it. */
const placeIn = (text: string): { readonly part: number; readonly path: string } => {
  const [part = '0', path = '0'] = text.split('.')
  return { part: Number(part), path }
}

/** The shortest counterexample that was found, and its place; undefined where all cases held or couldn't be judged. */
const firstFailure = async (
  setups: fc.Arbitrary<Setup>,
  cases: fc.Arbitrary<Case>,
  tally: Tally,
  excuses: readonly Exemption[],
  parameters: { readonly numRuns: number; readonly seed: number; readonly path?: string; readonly endOnFailure?: true },
): Promise<{ readonly failure: Failure; readonly path: string } | undefined> => {
  let failure: Failure | undefined
  let shrinks = 0
  const property = fc.asyncProperty(setups, cases, async (setup, question) => {
    // The shortest that was found by then will do.
    if (failure !== undefined && ++shrinks > mostShrinks) return
    const found = await judgeCase(setup, question, excuses, failure === undefined ? tally : undefined)
    if (found === undefined) return
    failure = found
    throw new Error(found.message)
  })
  // Time limits of requests don't keep a process alive, and a provider that never answers is nothing else to wait for.
  const waiting = setInterval(() => undefined, 1000)
  const { counterexamplePath } = await fc.check(property, parameters).finally(() => clearInterval(waiting))
  return failure === undefined ? undefined : { failure, path: counterexamplePath ?? parameters.path ?? '0' }
}

/** What `--replay` is told: law, source, subject, seed and place of a case. */
export const replayOf = (
  { id }: Law,
  { source, subject }: Pick<Setting, 'source' | 'subject'>,
  at: { readonly seed: number; readonly path: string },
): string => [id, source, subject.name, at.seed, at.path].join('/')

const judgeCase = async (
  setup: Setup,
  question: Case,
  excuses: readonly Exemption[],
  tally: Tally | undefined,
): Promise<Failure | undefined> => {
  let opened: OpenCloud | undefined
  const failure = (error: unknown): Failure => {
    const log = opened?.cloud.abilities.log?.() ?? ''
    if (log !== '') opened?.cloud.transcript.remark(`the server logged: ${log.slice(0, longestLog)}`)
    return {
      message: messageOf(error),
      given: [setup.given, question.given()].filter(text => text !== '').join('; '),
      transcript: opened?.cloud.transcript.all() ?? [],
    }
  }
  let found: Failure | undefined
  try {
    opened = await setup.open()
    const { cloud, grade, date } = opened
    await question.judge(cloud)
    tally?.count(grade, { ...cloud.seen.coverage(), ...(date === undefined ? {} : { date }) })
  } catch (error) {
    const excuse = error instanceof LawViolation ? excuses.find(({ where }) => where?.test(error.message)) : undefined
    if (error instanceof Inconclusive) tally?.skip(error.message)
    else if (excuse !== undefined) tally?.excuse(excuse)
    else found = failure(error)
  }
  try {
    await opened?.[Symbol.asyncDispose]()
  } catch (error) {
    // What a case leaves behind is the reader's to know, whatever the law says.
    found ??= failure(error)
  }
  return found
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const counterexampleOf = ({ message, given, transcript }: Failure, replay: string, command: string): Counterexample => ({
  message,
  given,
  transcript: [...transcript],
  replay,
  command,
})

/** What was judged, and what couldn't be. */
class Tally {
  cases = 0
  inconclusive = 0
  readonly evidence: Partial<Record<Grade, Coverage>> = {}
  private readonly reasons = new Map<string, number>()
  private readonly excuses = new Set<Exemption>()

  count(grade: Grade, coverage: Coverage): void {
    this.cases++
    this.evidence[grade] = addCoverage(this.evidence[grade] ?? nothingSeen, coverage)
  }

  /** What was excused, in words, where anything was. */
  excuseReason(): { readonly reason?: string } {
    return this.excuses.size === 0
      ? {}
      : { reason: [...this.excuses].map(({ quirk, because }) => `${because} (quirk ${quirk})`).join('; ') }
  }

  excuse(exemption: Exemption): void {
    this.inconclusive++
    this.excuses.add(exemption)
  }

  skip(reason: string): void {
    this.inconclusive++
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1)
  }

  /** Why no case was left: what stood in the way most often. */
  whyNothing(): string {
    const [first] = [...this.reasons].sort(([, a], [, b]) => b - a)
    return first === undefined ? 'no case was generated' : `every case was inconclusive: ${first[0]}`
  }
}
