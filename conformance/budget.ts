/** How many cases each unit of a run gets: a floor for each, and what is left of a driver's time to what was covered least. */

import { addCoverage, nothingSeen } from './observations.ts'
import type { Unit } from './plan.ts'
import { grades, type LawResult } from './results.ts'

/** Cases that are tried of a law on a source, whatever time that takes. */
export const floor = 25

/** Cases of a unit, from one of them on. */
export interface Slice {
  readonly from: number
  readonly runs: number
}

/** A unit by its number in the plan, and which of its cases. */
export interface Task extends Slice {
  readonly unit: number
}

/** What a run may cost: a number of cases for each unit, or a time for each driver, in seconds of a processor. */
export type Size = { readonly runs: number } | { readonly budget: number }

/** What a unit has cost and shown so far. */
interface Record {
  readonly unit: Unit
  readonly n: number
  seconds: number
  result: LawResult | undefined
}

/** How many times the floor a unit may get: where a law's cases cost nearly nothing, more of them are of little use. */
const most = 40

/** Of the cases that are tried at least so many are taken to be judged, where hardly any were. */
const leastYield = 0.05

/**
 * Deals the units of a run to those who work on them. By a number of cases each is given out once. By time each is given out with the floor
 * first; when a driver's have all come back, the rest of its time is spread so that the units end with as many judged cases each as it can buy.
 */
export class Dealer {
  private readonly records: readonly Record[]
  private readonly size: Size
  private readonly waiting: Task[]
  /** Units of each driver that are out, or wait to be given out with their floor. */
  private readonly pending = new Map<string, number>()
  private readonly dealt = new Set<string>()

  constructor(units: readonly Unit[], size: Size) {
    this.size = size
    this.records = units.map((unit, n) => ({ unit, n, seconds: 0, result: undefined }))
    const runs = 'runs' in size ? size.runs : floor
    this.waiting = units.map((_, unit) => ({ unit, from: 0, runs }))
    for (const { subject } of units) this.pending.set(subject.driver, (this.pending.get(subject.driver) ?? 0) + 1)
  }

  /** Nothing is given out any more. */
  end(): void {
    this.waiting.length = 0
    for (const { driver } of this.records.map(({ unit }) => unit.subject)) this.dealt.add(driver)
  }

  /** Whether something may still come to be given out, when what is out has come back. */
  get mayGetMore(): boolean {
    return 'budget' in this.size && [...this.pending].some(([driver, n]) => n > 0 && !this.dealt.has(driver))
  }

  /**
   * The next task. Whoever takes one goes on with the same source, as long as it has any: that one is open already.
   * @param takesLive whether it may be one of a live cloud, of which it then gets those first
   */
  take(last: Unit | undefined, takesLive: boolean): Task | undefined {
    const open = this.waiting.filter(({ unit }) => takesLive || this.unitAt(unit)?.source !== 'L')
    const live = takesLive ? open.find(({ unit }) => this.unitAt(unit)?.source === 'L') : undefined
    const same = last === undefined ? undefined : open.find(({ unit }) => isTogether(this.unitAt(unit), last))
    const task = same ?? live ?? open[0]
    if (task !== undefined) this.waiting.splice(this.waiting.indexOf(task), 1)
    return task
  }

  /** What became of a task. @param seconds of a processor @returns the unit's result so far */
  note({ unit: n }: Task, result: LawResult, seconds: number): LawResult {
    const record = this.records[n]
    if (record === undefined) throw new TypeError(`There is no unit ${n}`)
    record.seconds += seconds
    record.result = record.result === undefined ? result : joined(record.result, result)
    const { driver } = record.unit.subject
    const left = (this.pending.get(driver) ?? 0) - 1
    this.pending.set(driver, left)
    if (left === 0 && 'budget' in this.size && !this.dealt.has(driver)) {
      this.dealt.add(driver)
      this.dealMore(driver, this.size.budget)
    }
    return record.result
  }

  /** The results of all units that were judged, in the order of the plan. */
  results(): { readonly unit: Unit; readonly result: LawResult }[] {
    return this.records.flatMap(({ unit, result }) => (result === undefined ? [] : [{ unit, result }]))
  }

  private unitAt(n: number): Unit | undefined {
    return this.records[n]?.unit
  }

  private dealMore(driver: string, budget: number): void {
    const all = this.records.filter(({ unit }) => unit.subject.driver === driver)
    const rest = budget - all.reduce((sum, { seconds }) => sum + seconds, 0)
    const shares = sharesOf(
      all.flatMap(({ n, unit, seconds, result }) =>
        result === undefined || !canGoOn(unit, result)
          ? []
          : [{ n, cases: result.cases, tried: Math.max(1, result.cases + result.inconclusive), seconds }],
      ),
      rest,
    )
    for (const { n, runs } of shares) this.waiting.push({ unit: n, from: floor, runs })
    this.pending.set(driver, shares.length)
  }
}

const isTogether = (one: Unit | undefined, other: Unit): boolean => one?.source === other.source && one.subject === other.subject

/** What is asked once has been; what is broken is known; a live cloud isn't asked for more than it must; what has no case has a reason. */
const canGoOn = ({ law, source }: Unit, { outcome, cases, inconclusive }: LawResult): boolean =>
  source !== 'static' && source !== 'L' && law.once !== true && (outcome === 'holds' || outcome === 'n/a') && cases + inconclusive > 0

interface Costing {
  readonly n: number
  /** Judged, of those that were tried. */
  readonly cases: number
  readonly tried: number
  /** What those cost. */
  readonly seconds: number
}

/** How many more cases each gets, so that the least covered have as many judged ones as the time can buy. */
const sharesOf = (units: readonly Costing[], seconds: number): { readonly n: number; readonly runs: number }[] => {
  const runsTo = ({ cases, tried }: Costing, level: number): number =>
    Math.min((most - 1) * floor, Math.max(0, Math.ceil((level - cases) / Math.max(leastYield, cases / tried))))
  const cost = (level: number): number =>
    units.reduce((sum, unit) => sum + runsTo(unit, level) * (Math.max(0.0001, unit.seconds) / unit.tried), 0)
  if (seconds <= 0) return []
  let [low, high] = [0, most * floor]
  while (high - low > 1) {
    const middle = (low + high) / 2
    if (cost(middle) <= seconds) low = middle
    else high = middle
  }
  return units.map(unit => ({ n: unit.n, runs: runsTo(unit, low) })).filter(({ runs }) => runs > 0)
}

/** What two slices of one unit came to together. */
const joined = (a: LawResult, b: LawResult): LawResult => {
  const [worse, other] = outcomes.indexOf(b.outcome) < outcomes.indexOf(a.outcome) ? [b, a] : [a, b]
  const expected = [...new Set([...(a.expected ?? []), ...(b.expected ?? [])])]
  return {
    ...worse,
    ...(worse.outcome === 'holds' && other.outcome === 'holds' && other.reason !== undefined ? { reason: other.reason } : {}),
    cases: a.cases + b.cases,
    inconclusive: a.inconclusive + b.inconclusive,
    seconds: a.seconds + b.seconds,
    evidence: Object.fromEntries(
      grades.flatMap(grade => {
        const [one, two] = [a.evidence[grade], b.evidence[grade]]
        return one === undefined && two === undefined ? [] : [[grade, addCoverage(one ?? nothingSeen, two ?? nothingSeen)] as const]
      }),
    ),
    ...(expected.length === 0 ? {} : { expected }),
  }
}

/** Which outcome says more. */
const outcomes: readonly LawResult['outcome'][] = ['broken', 'expected', 'holds', 'exempt', 'n/a']
