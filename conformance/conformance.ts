/** Runs the suite: which laws on which sources of which drivers; what came of it is a report. */

import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Checking, checkLaw } from './check.ts'
import { type Found, findDrivers } from './drivers.ts'
import { type Subject, subjectsOf } from './harness.ts'
import { laws } from './laws/index.ts'
import type { Law, Setting } from './laws/law.ts'
import { rowsOf } from './mutations/expectations.ts'
import { shapesOf } from './mutations/shapes.ts'
import { nothingSeen } from './observations.ts'
import { shardOf, type Unit, unitsOf } from './plan.ts'
import { Problem } from './problem.ts'
import { ageOf, stale } from './record/age.ts'
import { type Recording, readRecordings } from './replay/recording.ts'
import type { LawResult, RecordingSummary, Report, SourceKind, SubjectResult } from './results.ts'
import { withDriver } from './sources/declared.ts'
import { openSource } from './sources/index.ts'
import type { LiveOptions } from './sources/live.ts'
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
  /** Generated cases a law; 100 by default. */
  readonly runs?: number
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
  readonly progress?: Progress
  /** How the suite was started, for the commands that show a counterexample again: `npm run conformance --`. */
  readonly program?: string
}

/** Told of what is going on. */
export interface Progress {
  planned(units: number): void
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
  progress?.planned(plan.units.length)
  const results: UnitResult[] = []
  await using bench = new Bench(plan)
  for (const unit of plan.units) {
    progress?.began(nameOf(unit))
    const result = await bench.result(unit)
    results.push({ unit, result })
    progress?.finished(nameOf(unit), result)
    if (options.bail === true && result.outcome === 'broken') break
  }
  progress?.end()
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
  readonly runs: number
  readonly laws: readonly Law[]
  readonly subjects: readonly PlannedSubject[]
  readonly units: readonly Unit[]
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
    runs: options.runs ?? 100,
    laws: chosen,
    subjects,
    units: options.shard === undefined ? units : shardOf(units, options.shard),
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
  private open: { readonly key: string; readonly source: Source | string } | undefined

  constructor(plan: Plan) {
    this.plan = plan
  }

  async result(unit: Unit): Promise<LawResult> {
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
    return checkLaw(this.checking(unit, setting, opened))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  private async examine({ law, subject }: Unit): Promise<LawResult> {
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
        const replay = [law.id, 'static', subject.name, 0, 0].join('/')
        return {
          ...common,
          outcome: 'broken',
          cases: 1,
          seconds: secondsSince(begun),
          evidence: { declared: nothingSeen },
          counterexample: {
            message: error instanceof Error ? error.message : String(error),
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
    const opened = await openSource(source, subject, { recordings: this.findPlanned(subject).recordings, live: this.plan.options.live })
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

  private checking({ law, source, subject }: Unit, setting: Setting, opened: Source): Checking {
    const { options, seed, runs } = this.plan
    const replay = options.replay === undefined ? undefined : readReplay(options.replay)
    return {
      law,
      setting,
      source: opened,
      runs: source === 'L' ? Math.min(runs, mostLiveRuns) : runs,
      // A unit's cases are the same in whichever shard it is, and whatever else is run.
      excuses: exemptionsOf({ law, source, subject }),
      seed: replay?.seed ?? seedOf(seed, `${law.id}/${source}/${subject.name}`),
      ...(replay === undefined ? {} : { path: replay.path }),
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

/** A live cloud is slow, and may cost money. */
const mostLiveRuns = 5

const secondsSince = (begun: number): number => (performance.now() - begun) / 1000

const seedOf = (seed: number, name: string): number => Number.parseInt(hash('sha256', `${seed} ${name}`, 'hex').slice(0, 8), 16) | 0

const quoteWord = (word: string): string => (/^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

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
    runs: plan.runs,
    ...(options.shard === undefined ? {} : { shard: options.shard }),
    laws: plan.laws.map(({ id, title, says, family, sources }) => ({ id, title, says, family, sources })),
    subjects,
    warnings: options.maxAge?.fails === true ? [] : sentences,
    failures: options.maxAge?.fails === true ? sentences : [],
  }
}

const subjectResult = (
  { subject, recordings }: PlannedSubject,
  results: readonly UnitResult[],
  { options, startedAt }: Plan,
): Promise<SubjectResult> =>
  withDriver(subject, async (driver, { machine, operations }) => ({
    subject: subject.name,
    driver: subject.driver,
    ...(subject.provider === undefined ? {} : { provider: subject.provider }),
    name: driver.name,
    machine: machine?.transitions.map(({ from, to, on }) => ({ from, to, on })) ?? [],
    operations: Object.fromEntries(Object.entries(operations).map(([group, table]) => [group, Object.keys(table ?? {})])),
    recordings: recordings.map(recording => summaryOf(recording, startedAt, options.maxAge?.days)),
    lossy: { ...subject.harness.roundTrip?.lossy },
    ...describeRows(subject),
    laws: results.filter(({ unit }) => unit.subject.name === subject.name).map(({ result }) => result),
  }))

const describeRows = ({ harness }: Subject): Pick<SubjectResult, 'rows'> => {
  const shapes = shapesOf(harness)
  const rows = shapes === undefined ? [] : rowsOf(shapes)
  return rows.length === 0 ? {} : { rows: [...rows] }
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
