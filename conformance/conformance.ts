/** Runs the suite: which laws on which sources of which drivers; what came of it is a report. */

import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { covers, type ExpectedFailure, passingEntries, readBaseline } from './baseline.ts'
import { Dealer, type Size, type Slice, type Task } from './budget.ts'
import { type Checking, checkLaw } from './check.ts'
import { type Found, findDrivers } from './drivers.ts'
import { impossibleFor, type Subject, subjectsOf } from './harness.ts'
import { laws } from './laws/index.ts'
import type { Law, Setting } from './laws/law.ts'
import { entriesOf, type Failing, readMemory, remember } from './memory.ts'
import { rowsOf } from './mutations/expectations.ts'
import { shapesOf } from './mutations/shapes.ts'
import { nothingSeen } from './observations.ts'
import { shardOf, type Unit, unitsOf } from './plan.ts'
import { Problem } from './problem.ts'
import { ageOf, stale } from './record/age.ts'
import { type Recording, readRecordings } from './replay/recording.ts'
import {
  type Demands,
  type LawResult,
  type RecordingSummary,
  type Report,
  type SourceKind,
  type SubjectResult,
  sizeInWords,
  warningsOf,
} from './results.ts'
import { quoteWord } from './shell.ts'
import { withDriver } from './sources/declared.ts'
import { openSource } from './sources/index.ts'
import { LiveBudget, type LiveOptions, usualLiveLimit } from './sources/live.ts'
import type { Source } from './sources/source.ts'

export interface ConformanceOptions {
  /** Names of our drivers, `all`, or paths of modules. */
  readonly drivers: readonly string[]
  /** Providers to test at, instead of those that the harness names. */
  readonly providers?: readonly string[]
  /** Folders; `recordings` and `../shared/recordings` by default, where they exist. */
  readonly recordings?: readonly string[]
  /** Ids; all by default. */
  readonly laws?: readonly string[]
  /** All but `L` by default; a live endpoint adds it. */
  readonly sources?: readonly SourceKind[]
  /** Generated cases a law, instead of a budget. */
  readonly runs?: number
  /** Seconds of a processor for each driver, which are dealt to what was covered least; 10 by default. Each law has 25 cases whatever that takes. */
  readonly budget?: number
  /** 32 bits; drawn by chance where there is none. */
  readonly seed?: number
  readonly live?: LiveOptions
  readonly shard?: { readonly index: number; readonly of: number }
  /** Days after which a recording is stale, and whether that fails the run. */
  readonly maxAge?: { readonly days: number; readonly fails: boolean }
  /** Ends with the first law that is broken. */
  readonly bail?: boolean
  /** One case to be seen again, as a counterexample names it. */
  readonly replay?: string
  /** Goes on after a law's first failure, and reports all that differ. */
  readonly all?: boolean
  /** A file of failures that are expected. */
  readonly baseline?: string
  /** A folder in which failing cases are remembered, to be tried first the next time; nothing is by default. */
  readonly memory?: string
  /** How much evidence there must be for the run to succeed. */
  readonly demands?: Demands
  readonly progress?: Progress
  /** How the suite was started, for the commands that show a counterexample again: `npm run conformance --`. */
  readonly program?: string
}

/** Told of what is going on. */
export interface Progress {
  planned(units: number): void
  /** A sentence that is worth knowing before anything is run. */
  told?(sentence: string): void
  began(unit: UnitName): void
  finished(unit: UnitName, result: LawResult): void
  end(): void
}

export interface UnitName {
  readonly law: string
  readonly source: SourceKind
  readonly subject: string
}

/** @throws Problem for options that can't be met. */
export const runConformance = async (options: ConformanceOptions): Promise<Report> => {
  const plan = await prepare(options)
  const { progress } = options
  announce(plan, progress)
  const run = new Run(plan)
  await runHere(run)
  progress?.end()
  return conclude(plan, run.dealer.results())
}

/** A run that is under way: what is left to do, and what became of what was done. */
export class Run {
  readonly plan: Plan
  readonly dealer: Dealer
  private readonly idle = new Set<() => void>()

  constructor(plan: Plan) {
    this.plan = plan
    this.dealer = new Dealer(plan.units, plan.size)
  }

  /** The next task for one of those who work on it; undefined when there is no more. Waits for what others are at, as long as that may bring some. */
  async next(last: Unit | undefined, takesLive: boolean): Promise<{ readonly task: Task; readonly unit: Unit } | undefined> {
    for (;;) {
      const task = this.dealer.take(last, takesLive)
      const unit = task === undefined ? undefined : this.plan.units[task.unit]
      if (task !== undefined && unit !== undefined) {
        this.plan.options.progress?.began(nameOf(unit))
        return { task, unit }
      }
      if (!this.dealer.mayGetMore) return undefined
      await new Promise<void>(resolve => this.idle.add(resolve))
    }
  }

  /** @param seconds of a processor */
  finished(task: Task, unit: Unit, result: LawResult, seconds: number): void {
    const whole = this.dealer.note(task, result, seconds)
    // More cases of a law are news only where they break it.
    if (task.from === 0 || result.outcome === 'broken') this.plan.options.progress?.finished(nameOf(unit), whole)
    if (this.plan.options.bail === true && result.outcome === 'broken') this.dealer.end()
    for (const wake of this.idle) wake()
    this.idle.clear()
  }
}

/** Does in this process what there is to do, until there's no more. */
export const runHere = async (run: Run): Promise<void> => {
  await using bench = new Bench(run.plan)
  let last: Unit | undefined
  for (let next = await run.next(last, true); next !== undefined; next = await run.next(last, true)) {
    const { task, unit } = next
    const { result, seconds } = await bench.timed(unit, task)
    run.finished(task, unit, result, seconds)
    last = unit
  }
}

/** Says what is to be run, and what it may cost. */
export const announce = ({ units, options, seed, size }: Plan, progress: Progress | undefined): void => {
  progress?.planned(units.length)
  if (options.replay === undefined) progress?.told?.(`The seed is ${seed}; the same cases again: --seed ${seed} ${sizeInWords(size)}`)
  if (options.live !== undefined && units.some(({ source }) => source === 'L'))
    progress?.told?.(
      `The live cloud is asked to make at most ${options.live.limit ?? usualLiveLimit} resources, and all are destroyed: --live-limit changes that`,
    )
}

/** The report of a run, whose failing cases are kept for the next. */
export const conclude = async (plan: Plan, results: readonly UnitResult[]): Promise<Report> => {
  if (plan.options.memory !== undefined && plan.options.replay === undefined) remember(plan.options.memory, results, new Date())
  return reportOf(plan, results)
}

export interface UnitResult {
  readonly unit: Unit
  readonly result: LawResult
}

const nameOf = ({ law, source, subject }: Unit): UnitName => ({ law: law.id, source, subject: subject.name })

/** All that is known before the first case. */
export interface Plan {
  readonly options: ConformanceOptions
  readonly startedAt: number
  readonly seed: number
  readonly size: Size
  readonly laws: readonly Law[]
  readonly subjects: readonly PlannedSubject[]
  readonly units: readonly Unit[]
  /** Those of all shards. */
  readonly all: readonly Unit[]
  readonly baseline: readonly ExpectedFailure[]
  /** Cases that failed before. */
  readonly memory: readonly Failing[]
}

interface PlannedSubject {
  readonly subject: Subject
  readonly found: Found
  readonly recordings: readonly Recording[]
}

/** @throws Problem */
export const prepare = async (options: ConformanceOptions): Promise<Plan> => {
  const replay = options.replay === undefined ? undefined : readReplay(options.replay)
  const chosen = findLaws(replay === undefined ? options.laws : [replay.law])
  const folders = foldersOf(options.recordings)
  const found = (await Promise.all(options.drivers.map(findDrivers))).flat()
  const planned = await Promise.all(
    found.map(async one => {
      const recordings = await recordingsOf(one, folders)
      return subjectsOf(one.driver, one.harness, options.providers).map((subject): PlannedSubject => ({ subject, found: one, recordings }))
    }),
  )
  const subjects = planned.flat().filter(({ subject }) => replay === undefined || subject.name === replay.subject)
  if (subjects.length === 0)
    throw new Problem(replay === undefined ? 'No driver was named' : `None of the drivers is '${replay.subject}', which the replay is of`)
  const usual: readonly SourceKind[] = options.live === undefined ? ['static', 'R', 'M', 'T'] : ['static', 'R', 'M', 'T', 'L']
  const units = unitsOf(
    subjects.map(({ subject }) => subject),
    chosen,
    replay === undefined ? (options.sources ?? usual) : [replay.source],
  )
  if (units.length === 0) throw new Problem('None of these laws is asked of these sources')
  return {
    options,
    startedAt: Date.now(),
    seed: replay?.seed ?? options.seed ?? (Math.random() * 2 ** 31) | 0,
    size: sizeOf(options),
    laws: chosen,
    subjects,
    units: options.shard === undefined ? units : shardOf(units, options.shard),
    all: units,
    baseline: options.baseline === undefined ? [] : readBaseline(options.baseline),
    memory: options.memory === undefined || replay !== undefined ? [] : readMemory(options.memory),
  }
}

const findLaws = (ids: readonly string[] | undefined): readonly Law[] => {
  if (ids === undefined) return laws
  const wanted = ids.map(id => id.toUpperCase())
  const unknown = wanted.filter(id => !laws.some(one => one.id === id))
  if (unknown.length > 0) throw new Problem(`There is no law ${unknown.join(', ')}; there are ${laws.map(({ id }) => id).join(', ')}`)
  return laws.filter(({ id }) => wanted.includes(id))
}

/** `F1/T/mock/123/0.4:1` @throws Problem */
const readReplay = (text: string): { law: string; source: SourceKind; subject: string; seed: number; path: string } => {
  const [, law = '', source = '', subject = '', seed = '', path = ''] =
    /^(\w+)\/(static|R|M|T|L)\/(.+)\/(-?\d+)\/([\d.:]+)$/.exec(text) ?? []
  if (law === '')
    throw new Problem(
      `'${text}' names no case to be seen again: it's law/source/driver/seed/place, such as F1/T/mock/123/0.0:4, as a report has it`,
    )
  return { law, source: source as SourceKind, subject, seed: Number(seed), path }
}

const defaultFolders = ['recordings', '../shared/recordings']

const foldersOf = (given: readonly string[] | undefined): readonly string[] => {
  for (const folder of given ?? []) if (!existsSync(folder)) throw new Problem(`There is no folder ${folder}`)
  return given ?? defaultFolders.filter(folder => existsSync(folder))
}

const recordingsOf = async ({ driver, harness }: Found, folders: readonly string[]): Promise<readonly Recording[]> => {
  const own = (harness.recordings ?? []).map(folder => (folder instanceof URL ? fileURLToPath(folder) : folder))
  const missing = own.find(folder => !existsSync(folder))
  if (missing !== undefined) throw new Problem(`The driver '${driver}' names a folder of recordings that isn’t there: ${missing}`)
  return readRecordings([...own, ...folders.filter(folder => !own.includes(folder))], driver)
}

/** Holds units to their laws, one after the other; a source is opened once for all units of it that come together. */
export class Bench implements AsyncDisposable {
  private readonly plan: Plan
  private readonly budget: LiveBudget
  private open: { readonly key: string; readonly source: Source | string } | undefined

  constructor(plan: Plan) {
    this.plan = plan
    this.budget = new LiveBudget(plan.options.live?.limit)
  }

  /** What a unit comes to, and seconds of the processor that it took. */
  async timed(unit: Unit, slice: Slice): Promise<{ readonly result: LawResult; readonly seconds: number }> {
    const begun = process.cpuUsage()
    const result = await this.result(unit, slice)
    const { user, system } = process.cpuUsage(begun)
    return { result, seconds: (user + system) / 1e6 }
  }

  private async result(unit: Unit, slice: Slice): Promise<LawResult> {
    const { law, source, subject } = unit
    const exemption = exemptionsOf(unit).find(({ where }) => where === undefined)
    const nothing = { law: law.id, source, cases: 0, inconclusive: 0, seconds: 0, evidence: {} }
    if (exemption !== undefined) return { ...nothing, outcome: 'exempt', reason: `${exemption.because} (quirk ${exemption.quirk})` }
    if (source === 'static') return this.examine(unit)
    const opened = await this.openSource(source, subject)
    if (typeof opened === 'string') return { ...nothing, outcome: 'n/a', reason: opened }
    const setting: Setting = {
      subject,
      driver: opened.driver,
      offer: opened.offer,
      source,
      recordings: this.findPlanned(subject).recordings,
    }
    const missing = law.missing(setting)
    if (missing !== undefined) return { ...nothing, outcome: 'n/a', reason: missing }
    return this.check(this.checking(unit, setting, opened, slice), unit)
  }

  /** What failed before comes first: while it fails, nothing else is asked, unless all failures are. */
  private async check(checking: Checking, unit: Unit): Promise<LawResult> {
    const again: LawResult[] = []
    const remembered = (checking.from ?? 0) > 0 ? [] : entriesOf(this.plan.memory, unit)
    for (const { seed, path } of remembered) {
      const result = await checkLaw({ ...checking, seed, path })
      if (result.outcome !== 'broken') continue
      if (checking.all !== true) return result
      again.push(result)
    }
    const result = await checkLaw(checking)
    return again.length === 0 ? result : joinFailures(again, result)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  private async examine(unit: Unit): Promise<LawResult> {
    const { law, subject } = unit
    const begun = performance.now()
    const common = { law: law.id, source: 'static' as const, inconclusive: 0 }
    return withDriver(subject, async (driver, offer) => {
      const setting: Setting = { subject, driver, offer, source: 'static', recordings: this.findPlanned(subject).recordings }
      const reason = law.missing(setting)
      if (reason !== undefined || law.examine === undefined)
        return { ...common, outcome: 'n/a', reason: reason ?? 'nothing is declared', cases: 0, seconds: 0, evidence: {} }
      try {
        const coverage = await law.examine(setting)
        return { ...common, outcome: 'holds', cases: coverage.cases, seconds: secondsSince(begun), evidence: { declared: coverage } }
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        const replay = [law.id, 'static', subject.name, 0, 0].join('/')
        const failed = { ...common, cases: 1, seconds: secondsSince(begun), evidence: { declared: nothingSeen } }
        const listed = this.plan.baseline.find(entry => covers(entry, unit) && entry.message?.test(message) !== false)
        if (listed !== undefined)
          return { ...failed, outcome: 'expected', reason: `${listed.reason}: ${message}`, expected: [listed.place] }
        return {
          ...failed,
          outcome: 'broken',
          counterexample: {
            message,
            given: 'what the driver declares',
            transcript: [],
            replay,
            command: this.command(subject, replay),
          },
        }
      }
    })
  }

  private async openSource(source: Exclude<SourceKind, 'static'>, subject: Subject): Promise<Source | string> {
    const key = `${source} ${subject.name}`
    if (this.open?.key === key) return this.open.source
    await this.close()
    const opened = await openSource(source, subject, {
      recordings: this.findPlanned(subject).recordings,
      live: this.plan.options.live,
      budget: this.budget,
    })
    this.open = { key, source: opened }
    return opened
  }

  private async close(): Promise<void> {
    const { open } = this
    this.open = undefined
    if (open !== undefined && typeof open.source !== 'string') await open.source[Symbol.asyncDispose]()
  }

  private findPlanned(subject: Subject): PlannedSubject {
    const found = this.plan.subjects.find(one => one.subject.name === subject.name)
    if (found === undefined) throw new TypeError(`${subject.name} was not planned`)
    return found
  }

  private checking({ law, source, subject }: Unit, setting: Setting, opened: Source, { from, runs }: Slice): Checking {
    const { options, seed } = this.plan
    const replay = options.replay === undefined ? undefined : readReplay(options.replay)
    return {
      law,
      setting,
      source: opened,
      runs: source === 'L' ? Math.min(runs, mostLiveRuns) : runs,
      from,
      // A unit's cases are the same in whichever shard it is, and whatever else is run.
      excuses: exemptionsOf({ law, source, subject }),
      seed: replay?.seed ?? seedOf(seed, `${law.id}/${source}/${subject.name}`),
      ...(replay === undefined ? {} : { path: replay.path }),
      expected: this.plan.baseline.filter(entry => covers(entry, { law, source, subject })),
      ...(options.all === true ? { all: true } : {}),
      command: text => this.command(subject, text),
    }
  }

  private command(subject: Subject, replay: string): string {
    const { program = 'npm run conformance --', recordings } = this.plan.options
    const folders = (recordings ?? []).map(folder => ` --recordings ${quoteWord(folder)}`).join('')
    return `${program} --driver ${quoteWord(this.findPlanned(subject).found.named)}${folders} --replay ${quoteWord(replay)}`
  }
}

const exemptionsOf = ({ law, subject }: Unit) =>
  (subject.harness.exempt ?? []).filter(one => one.law === law.id && one.provider === subject.provider)

/** The failures that were found again come first; one that the law's cases show as well is told once. */
const joinFailures = (again: readonly LawResult[], result: LawResult): LawResult => {
  const all = [...again, result].flatMap(({ counterexample, more = [] }) => (counterexample === undefined ? [] : [counterexample, ...more]))
  const [first, ...more] = [...new Map(all.toReversed().map(one => [one.message, one])).values()].toReversed()
  if (first === undefined) return result
  const { reason: _, ...rest } = result
  return { ...rest, outcome: 'broken', counterexample: first, ...(more.length === 0 ? {} : { more }) }
}

/** Seconds of a processor. */
const usualBudget = 10

/** A case that is seen again is one of as many as there may be. */
const sizeOf = ({ runs, budget, replay }: ConformanceOptions): Size =>
  runs !== undefined ? { runs } : replay !== undefined ? { runs: 1 } : { budget: budget ?? usualBudget }

/** As many cases of a law as must have been tried for a failure that wasn't met to be taken for gone. */
const manyCases = 100

/** A live cloud is slow, and may cost money. */
const mostLiveRuns = 5

const secondsSince = (begun: number): number => (performance.now() - begun) / 1000

const seedOf = (seed: number, name: string): number => Number.parseInt(hash('sha256', `${seed} ${name}`, 'hex').slice(0, 8), 16) | 0

/** What a run found, put together. */
export const reportOf = async (plan: Plan, results: readonly UnitResult[]): Promise<Report> => {
  const { options } = plan
  const subjects = await Promise.all(plan.subjects.map(planned => subjectResult(planned, results, plan)))
  const old = subjects.flatMap(({ driver, recordings }) =>
    recordings
      .filter(recording => recording.stale)
      .map(({ name, age }) =>
        age === undefined
          ? `The recording ${driver}/${name} has no date, and at most ${options.maxAge?.days} days are allowed`
          : `The recording ${driver}/${name} is ${age} days old, more than the ${options.maxAge?.days} that are allowed`,
      ),
  )
  const sentences = [...new Set(old)]
  return {
    format: 'deltacloud-conformance',
    version: 1,
    startedAt: new Date(plan.startedAt).toISOString(),
    seconds: (Date.now() - plan.startedAt) / 1000,
    seed: plan.seed,
    ...plan.size,
    ...(options.shard === undefined ? {} : { shard: options.shard }),
    ...(options.demands === undefined ? {} : { demands: options.demands }),
    laws: plan.laws.map(({ id, title, says, family, sources }) => ({ id, title, says, family, sources })),
    subjects,
    warnings: [
      ...(options.maxAge?.fails === true ? [] : sentences),
      ...new Set(plan.subjects.flatMap(({ recordings }) => recordings.flatMap(describeNotes))),
      ...(options.shard === undefined ? warningsOf({ subjects, laws: plan.laws }) : []),
    ],
    failures: [
      ...(options.maxAge?.fails === true ? sentences : []),
      ...(options.replay === undefined ? passingEntries(plan.baseline, plan.all, results, unit => isFull(unit, results)) : []),
    ],
  }
}

/** What of a recording isn't replayed as it stands in its file. */
const describeNotes = ({ driver, name, har: { notes } }: Recording): readonly string[] => [
  ...notes.slice(0, mostNotes).map(({ text }) => `The recording ${driver}/${name}: ${text}`),
  ...(notes.length > mostNotes ? [`The recording ${driver}/${name}: ${notes.length - mostNotes} more of its entries are like that`] : []),
]

/** A person reads as many, of one recording. */
const mostNotes = 20

/** Whether so many cases were tried that a failure which wasn't met is gone: with fewer it may just not have been met. */
const isFull = ({ law, source, subject }: Unit, results: readonly UnitResult[]): boolean => {
  if (source === 'static' || source === 'L' || law.once === true) return true
  const found = results.find(({ unit }) => unit.law === law && unit.source === source && unit.subject === subject)
  return found !== undefined && found.result.cases + found.result.inconclusive >= manyCases
}

const subjectResult = (
  { subject, recordings, found }: PlannedSubject,
  results: readonly UnitResult[],
  { options, startedAt }: Plan,
): Promise<SubjectResult> =>
  withDriver(subject, async (driver, { machine, operations }) => ({
    subject: subject.name,
    driver: subject.driver,
    ...fileOf(found),
    ...(subject.provider === undefined ? {} : { provider: subject.provider }),
    name: driver.name,
    machine: machine?.transitions.map(({ from, to, on }) => ({ from, to, on })) ?? [],
    operations: Object.fromEntries(Object.entries(operations).map(([group, table]) => [group, Object.keys(table ?? {})])),
    recordings: recordings.map(recording => summaryOf(recording, startedAt, options.maxAge?.days)),
    ...(subject.harness.impossible === undefined ? {} : { impossible: impossibleFor(subject) }),
    lossy: { ...subject.harness.roundTrip?.lossy },
    ...describeRows(subject),
    laws: results.filter(({ unit }) => unit.subject.name === subject.name).map(({ result }) => result),
  }))

const describeRows = ({ harness }: Subject): Pick<SubjectResult, 'rows'> => {
  const shapes = shapesOf(harness)
  const rows = shapes === undefined ? [] : rowsOf(shapes)
  return rows.length === 0 ? {} : { rows: [...rows] }
}

/** Where the driver is kept, as far as that is below the working directory. */
const fileOf = ({ driver, named }: Found): { readonly file?: string } => {
  const file = relative('.', resolve(named === driver ? `src/drivers/${driver}/index.ts` : named))
  return existsSync(file) && !file.startsWith('..') ? { file } : {}
}

const summaryOf = (recording: Recording, now: number, maxAge: number | undefined): RecordingSummary => {
  const { name, har, scenario } = recording
  const { kind, service, captured } = scenario.provenance
  const age = ageOf(recording, now)
  return {
    name,
    kind,
    service,
    ...(captured === undefined ? {} : { captured }),
    ...(age === undefined ? {} : { age }),
    exchanges: har.log.entries.length,
    steps: scenario.steps.length,
    stale: maxAge !== undefined && stale([recording], maxAge, now).length > 0,
  }
}
