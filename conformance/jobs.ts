/** Several processes that share the units of a run: each takes the next one as soon as it's done with its last. */

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Task } from './budget.ts'
import { announce, Bench, type ConformanceOptions, conclude, type Plan, prepare, Run, runHere } from './conformance.ts'
import type { Unit } from './plan.ts'
import type { LawResult, Report } from './results.ts'

/** What a process is told first: all that it needs to make the same plan. */
type Order = { readonly options: ConformanceOptions } | Task
type Told =
  | { readonly ready: true }
  | { readonly unit: number; readonly result: LawResult; readonly seconds: number }
  | { readonly failed: string }

/** @param jobs processes, this one included @throws Problem; Error where a process ends that shouldn't */
export const runInJobs = async (options: ConformanceOptions, jobs: number): Promise<Report> => {
  const { progress, ...rest } = options
  const plan = await prepare(options)
  announce(plan, progress)
  const run = new Run(plan)
  const shared: ConformanceOptions = { ...rest, seed: plan.seed }
  // Only this process asks a live cloud: what it makes is counted here, and nothing changes it meanwhile.
  const others = Math.min(jobs - 1, plan.units.filter(({ source }) => source !== 'L').length)
  await Promise.all([runHere(run), ...Array.from({ length: Math.max(0, others) }, () => runInChild(shared, run))])
  progress?.end()
  return conclude(plan, run.dealer.results())
}

const runInChild = (options: ConformanceOptions, run: Run): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    let current: { readonly task: Task; readonly unit: Unit } | undefined
    let last: Unit | undefined
    let isDone = false
    const next = async (): Promise<void> => {
      current = await run.next(last, false)
      if (current === undefined) {
        isDone = true
        child.disconnect()
        return
      }
      last = current.unit
      sendOrder(child, current.task)
    }
    child.on('message', (told: Told) => {
      if ('failed' in told) {
        child.kill()
        reject(new Error(told.failed))
        return
      }
      if ('unit' in told && current !== undefined) run.finished(current.task, current.unit, told.result, told.seconds)
      next().catch(reject)
    })
    child.on('error', reject)
    child.on('exit', code => (code === 0 && isDone ? resolve() : reject(new Error(`A process of the suite ended too early (${code})`))))
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
    answer({ unit: order.unit, ...(await bench.timed(unit, order)) })
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
