/** Several processes that share the units of a run: each takes the next one as soon as it's done with its last. */

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  announce,
  Bench,
  type ConformanceOptions,
  conclude,
  type Plan,
  type Progress,
  prepare,
  type UnitName,
  type UnitResult,
} from './conformance.ts'
import type { Unit } from './plan.ts'
import type { LawResult, Report } from './results.ts'

/** What a process is told first: all that it needs to make the same plan. */
type Order = { readonly options: ConformanceOptions } | { readonly unit: number }
type Told = { readonly ready: true } | { readonly unit: number; readonly result: LawResult } | { readonly failed: string }

/** @param jobs processes, this one included @throws Problem; Error where a process ends that shouldn't */
export const runInJobs = async (options: ConformanceOptions, jobs: number): Promise<Report> => {
  const { progress, ...rest } = options
  const plan = await prepare(options)
  announce(plan, progress)
  const queue = new Queue(plan.units)
  const results: UnitResult[] = []
  const note = (unit: Unit, result: LawResult): void => {
    results.push({ unit, result })
    progress?.finished(nameOf(unit), result)
    if (options.bail === true && result.outcome === 'broken') queue.end()
  }
  const shared: ConformanceOptions = { ...rest, seed: plan.seed }
  // Only this process asks a live cloud: what it makes is counted here, and nothing changes it meanwhile.
  const others = Math.min(jobs - 1, plan.units.filter(({ source }) => source !== 'L').length)
  await Promise.all([
    runHere(plan, queue, note, progress),
    ...Array.from({ length: Math.max(0, others) }, () => runInChild(shared, plan, queue, note, progress)),
  ])
  progress?.end()
  const order = new Map(plan.units.map((unit, n) => [unit, n]))
  return conclude(
    plan,
    results.sort((a, b) => (order.get(a.unit) ?? 0) - (order.get(b.unit) ?? 0)),
  )
}

/** The units that nobody has taken yet. Whoever takes one goes on with the same source, as long as it has any: that one is open already. */
class Queue {
  private readonly units: readonly Unit[]
  private readonly waiting: Set<number>

  constructor(units: readonly Unit[]) {
    this.units = units
    this.waiting = new Set(units.keys())
  }

  /** Nobody takes any more. */
  end(): void {
    this.waiting.clear()
  }

  /** @param isMain whether it's the process that asks live clouds; it begins with them */
  take(last: number | undefined, isMain: boolean): number | undefined {
    const before = last === undefined ? undefined : this.units[last]
    const open = [...this.waiting].filter(n => isMain || this.units[n]?.source !== 'L')
    const first = (isMain ? open.find(n => this.units[n]?.source === 'L') : undefined) ?? open[0]
    const same =
      before === undefined
        ? undefined
        : open.find(n => this.units[n]?.source === before.source && this.units[n]?.subject === before.subject)
    const taken = same ?? first
    if (taken !== undefined) this.waiting.delete(taken)
    return taken
  }
}

const nameOf = ({ law, source, subject }: Unit): UnitName => ({ law: law.id, source, subject: subject.name })

type Note = (unit: Unit, result: LawResult) => void

const runHere = async (plan: Plan, queue: Queue, note: Note, progress: Progress | undefined): Promise<void> => {
  await using bench = new Bench(plan)
  let last: number | undefined
  for (let n = queue.take(last, true); n !== undefined; n = queue.take(last, true)) {
    const unit = plan.units[n]
    if (unit === undefined) return
    progress?.began(nameOf(unit))
    note(unit, await bench.result(unit))
    last = n
  }
}

const runInChild = (options: ConformanceOptions, plan: Plan, queue: Queue, note: Note, progress: Progress | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    let last: number | undefined
    const next = (): void => {
      const n = queue.take(last, false)
      const unit = n === undefined ? undefined : plan.units[n]
      last = n
      if (n === undefined || unit === undefined) {
        child.disconnect()
        return
      }
      progress?.began(nameOf(unit))
      sendOrder(child, { unit: n })
    }
    child.on('message', (told: Told) => {
      if ('failed' in told) {
        child.kill()
        reject(new Error(told.failed))
      } else {
        if ('unit' in told) {
          const unit = plan.units[told.unit]
          if (unit !== undefined) note(unit, told.result)
        }
        next()
      }
    })
    child.on('error', reject)
    child.on('exit', code =>
      code === 0 && last === undefined ? resolve() : reject(new Error(`A process of the suite ended too early (${code})`)),
    )
    sendOrder(child, { options })
  })

const sendOrder = (child: ChildProcess, order: Order): void => {
  child.send(order)
}

/** The other end. */
const obeyOrders = (answer: (told: Told) => void): void => {
  let bench: Bench | undefined
  let plan: Plan | undefined
  const obey = async (order: Order): Promise<void> => {
    if ('options' in order) {
      plan = await prepare(order.options)
      bench = new Bench(plan)
      answer({ ready: true })
      return
    }
    const unit = plan?.units[order.unit]
    if (unit === undefined || bench === undefined) throw new TypeError(`There is no unit ${order.unit}`)
    answer({ unit: order.unit, result: await bench.result(unit) })
  }
  process.on('message', (order: Order) => {
    obey(order).catch((error: unknown) => answer({ failed: error instanceof Error ? error.message : String(error) }))
  })
  process.on('disconnect', () => {
    void bench?.[Symbol.asyncDispose]().finally(() => process.exit(0))
    if (bench === undefined) process.exit(0)
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.send !== undefined) {
  const send = process.send.bind(process)
  obeyOrders(told => {
    send(told)
  })
}
