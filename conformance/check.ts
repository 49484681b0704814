/** Holds a law to a source: many generated cases, a seed that tells which, and the shortest counterexample where it's broken. */

import fc from 'fast-check'
import type { ExpectedFailure } from './baseline.ts'
import { countComparisons, Inconclusive, LawViolation } from './cloud-under-test.ts'
import { TargetsFirst } from './generators/targets-first.ts'
import type { Exemption } from './harness.ts'
import type { Case, Law, Setting } from './laws/law.ts'
import { addCoverage, nothingSeen } from './observations.ts'
import type { Counterexample, Coverage, Exchange, Grade, LawResult, PartResult } from './results.ts'
import type { OpenCloud, Setup, Source } from './sources/source.ts'

export interface Checking {
  readonly law: Law
  readonly setting: Setting
  readonly source: Source
  readonly runs: number
  /** How many cases were tried before; these come after them. */
  readonly from?: number
  readonly seed: number
  /** Where the case stands that is to be seen again; only that is tried. */
  readonly path?: string
  /** Counterexamples that a quirk excuses. */
  readonly excuses?: readonly Exemption[]
  /** Failures that the baseline lists. */
  readonly expected?: readonly ExpectedFailure[]
  /** Goes on after a failure, and looks for others. */
  readonly all?: boolean
  /** Makes the command that shows a counterexample again. */
  readonly command: (replay: string) => string
}

/** How many cases go through real sockets at most. */
const mostRemote = 5

/** How much of a log is shown with a counterexample, in characters: enough to see what broke. */
const longestLog = 1500

/** How often a failing case is tried to be made shorter. */
const mostShrinks = 400

/** How many failures of a law on one source are looked for, where all are asked for. */
const mostFailures = 10

interface Failure {
  readonly message: string
  readonly given: string
  readonly transcript: readonly Exchange[]
}

export const checkLaw = async (checking: Checking): Promise<LawResult> => {
  const { law, setting, source, runs, from: before = 0, seed, path, all = false, command } = checking
  if (law.cases === undefined) throw new TypeError(`${law.id} asks no cloud anything`)
  const cases = new TargetsFirst(law.targets?.(setting) ?? [], law.cases(setting))
  const tally = new Tally()
  const begun = performance.now()
  const place = path === undefined ? undefined : placeIn(path)
  const sourceParts = (await source.partsFor?.(law.id)) ?? source.parts
  // Each part has its share of the cases, and goes on where it ended before.
  const shareOf = (cases: number): number => Math.ceil(cases / Math.max(1, sourceParts.length))
  const [begin, share] = law.once === true ? [0, 1] : [shareOf(before), shareOf(before + runs)]
  const remote = source.remote !== undefined && law.remote === true ? [source.remote] : []
  const most = law.once === true ? Number.POSITIVE_INFINITY : all ? mostFailures : 1
  const failures: Counterexample[] = []
  const parts: PartResult[] = []
  const known = new Set<string>()
  for (const [part, setups] of [...sourceParts, ...remote].entries()) {
    if (place !== undefined && place.part !== part) continue
    const numRuns = part < sourceParts.length ? share : Math.min(share, mostRemote)
    const partBegun = performance.now()
    const mark = tally.mark()
    let last: Counterexample | undefined
    for (let from = begin; from < numRuns && failures.length < most; ) {
      const found = await firstFailure(
        { setups, cases, tally, known: law.once === true ? new Set() : known, checking },
        {
          numRuns: numRuns - from,
          seed,
          ...(place !== undefined ? { path: place.path, endOnFailure: true } : from > 0 ? { path: String(from) } : {}),
        },
      )
      if (found === undefined) break
      const replay = replayOf(law, setting, { seed, path: `${part}.${found.path}` })
      last = counterexampleOf(found.failure, replay, command(replay))
      failures.push(last)
      known.add(kindOf(last.message))
      if (place !== undefined || law.once === true) break
      // The case that failed is asked again: what made it fail is known, and it may show something else.
      from = Number(found.path.split(':')[0])
    }
    if (law.once === true && tally.lastGiven !== undefined)
      parts.push({ name: tally.lastGiven, ...tally.since(mark, last), seconds: secondsSince(partBegun) })
    if (failures.length >= most) break
  }
  const [first, ...more] = failures
  const expected = [...tally.expected.keys()].map(({ place: entry }) => entry)
  const common = {
    law: law.id,
    source: source.kind,
    seconds: secondsSince(begun),
    inconclusive: tally.inconclusive,
    cases: tally.cases,
    evidence: tally.evidence,
    ...(parts.length === 0 ? {} : { parts }),
    ...(expected.length === 0 ? {} : { expected }),
  }
  if (first !== undefined) return { ...common, outcome: 'broken', counterexample: first, ...(more.length === 0 ? {} : { more }) }
  if (expected.length > 0) return { ...common, outcome: 'expected', reason: tally.expectedReason() }
  if (tally.cases === 0) return { ...common, outcome: 'n/a', reason: tally.whyNothing() }
  return { ...common, outcome: 'holds', ...tally.excuseReason() }
}

const secondsSince = (begun: number): number => (performance.now() - begun) / 1000

/** Failures of one kind have messages that differ in ids, numbers and values only. */
const kindOf = (message: string): string =>
  (message.split('\n')[0] ?? '').replaceAll(/'[^']*'|"[^"]*"/g, '…').replaceAll(/\w*\d[\w-]*/g, '#')

/** `2.0:4:1`: part, and place in it. */
const placeIn = (text: string): { readonly part: number; readonly path: string } => {
  const [part = '0', path = '0'] = text.split('.')
  return { part: Number(part), path }
}

interface Search {
  readonly setups: fc.Arbitrary<Setup>
  readonly cases: TargetsFirst<Case>
  readonly tally: Tally
  /** Kinds of failures that were found before. */
  readonly known: ReadonlySet<string>
  readonly checking: Checking
}

/** The shortest counterexample that was found, and its place; undefined where all cases held or couldn't be judged. */
const firstFailure = async (
  { setups, cases, tally, known, checking }: Search,
  parameters: { readonly numRuns: number; readonly seed: number; readonly path?: string; readonly endOnFailure?: true },
): Promise<{ readonly failure: Failure; readonly path: string } | undefined> => {
  let failure: Failure | undefined
  let shrinks = 0
  const property = cases.numbering(
    fc.asyncProperty(setups, cases, async (setup, question) => {
      // The shortest that was found by then will do.
      if (failure !== undefined && ++shrinks > mostShrinks) return
      const found = await judgeCase(setup, question, checking, failure === undefined ? tally : undefined)
      if (found === undefined || known.has(kindOf(found.message))) return
      failure = found
      throw new Error(found.message)
    }),
  )
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
  { excuses = [], expected = [] }: Pick<Checking, 'excuses' | 'expected'>,
  tally: Tally | undefined,
): Promise<Failure | undefined> => {
  if (tally !== undefined) tally.lastGiven = setup.given
  let opened: OpenCloud | undefined
  const failure = (error: unknown): Failure => {
    const log = opened?.cloud.abilities.log?.() ?? ''
    if (log !== '') opened?.cloud.transcript.remark(`the server logged: ${log.slice(0, longestLog)}`)
    return {
      message: messageOf(error),
      given: [setup.given, ...(opened?.cloud.abilities.recorded?.mutations ?? []), question.given()].filter(text => text !== '').join('; '),
      transcript: opened?.cloud.transcript.all() ?? [],
    }
  }
  let found: Failure | undefined
  try {
    opened = await setup.open()
    const { cloud, grade, date } = opened
    const before = countComparisons()
    await question.judge(cloud)
    if (countComparisons() === before) throw new Inconclusive('nothing was compared')
    tally?.count(grade, { ...cloud.seen.coverage(), ...(date === undefined ? {} : { date }) })
  } catch (error) {
    const excuse = error instanceof LawViolation ? excuses.find(({ where }) => where?.test(error.message)) : undefined
    const [gap] = error instanceof LawViolation ? (opened?.cloud.abilities.gaps?.() ?? []) : []
    if (error instanceof Inconclusive) tally?.skip(error.message)
    else if (gap !== undefined) tally?.skip(gap)
    else if (excuse !== undefined) tally?.excuse(excuse)
    else found = failure(error)
  }
  try {
    await opened?.[Symbol.asyncDispose]()
  } catch (error) {
    // What a case leaves behind is the reader's to know, whatever the law says.
    found ??= failure(error)
  }
  const listed = found === undefined ? undefined : expected.find(({ message }) => message?.test(found.message) !== false)
  if (found === undefined || listed === undefined) return found
  tally?.expect(listed, found.message)
  return undefined
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
  /** Failures of the baseline that were met, and the first message of each. */
  readonly expected = new Map<ExpectedFailure, string>()
  /** What the last case was made from. */
  lastGiven: string | undefined
  private lastReason: string | undefined
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
    this.lastReason = exemption.because
  }

  expect(failure: ExpectedFailure, message: string): void {
    if (!this.expected.has(failure)) this.expected.set(failure, message)
    this.lastReason = `${failure.reason}: ${message}`
  }

  expectedReason(): string {
    return [...this.expected].map(([{ reason }, message]) => `${reason}: ${message.split('\n')[0]}`).join('; ')
  }

  mark(): { readonly cases: number; readonly inconclusive: number } {
    return { cases: this.cases, inconclusive: this.inconclusive }
  }

  /** What became of the part that was looked at since a mark. */
  since(before: ReturnType<Tally['mark']>, broken: Counterexample | undefined): Pick<PartResult, 'outcome' | 'reason' | 'replay'> {
    if (broken !== undefined) return { outcome: 'broken', replay: broken.replay }
    if (this.cases > before.cases) return { outcome: 'holds' }
    const { lastReason: reason = '' } = this
    return { outcome: this.inconclusive > before.inconclusive ? 'n/a' : 'expected', reason }
  }

  skip(reason: string): void {
    this.inconclusive++
    this.lastReason = reason
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1)
  }

  /** Why no case was left: what stood in the way most often. */
  whyNothing(): string {
    const [first] = [...this.reasons].sort(([, a], [, b]) => b - a)
    return first === undefined ? 'no case was generated' : `every case was inconclusive: ${first[0]}`
  }
}
