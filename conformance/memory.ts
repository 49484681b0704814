/** Remembers failing cases in a file, so that the next run tries them first: JSON lines, in a folder that isn't committed. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Unit } from './plan.ts'
import { Problem } from './problem.ts'
import { type Counterexample, type LawResult, sourceKinds } from './results.ts'

const failing = z.object({
  /** A driver at a provider, as a column of the report has it. */
  driver: z.string(),
  law: z.string(),
  source: z.enum(sourceKinds),
  seed: z.int(),
  path: z.string(),
  /** When it failed last: `2026-11-27`. */
  day: z.string(),
})
export type Failing = z.infer<typeof failing>

/** How many cases of a law on one source are kept, newest first. */
const mostKept = 10

const fileIn = (folder: string): string => join(folder, 'failures.jsonl')

/** A line that can't be read is left out: what is remembered is a help, and no record. */
export const readMemory = (folder: string): readonly Failing[] => {
  let text: string
  try {
    text = readFileSync(fileIn(folder), 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap(line => {
    try {
      const read = failing.safeParse(JSON.parse(line))
      return read.success ? [read.data] : []
    } catch {
      return []
    }
  })
}

type Cell = {
  readonly law: Pick<Unit['law'], 'id' | 'once'>
  readonly source: Unit['source']
  readonly subject: Pick<Unit['subject'], 'name'>
}

/** Those of one law, source and subject. A live cloud isn't the same again, and what is asked once is asked anyway. */
export const entriesOf = (memory: readonly Failing[], { law, source, subject }: Cell): readonly Failing[] =>
  source === 'static' || source === 'L' || law.once === true
    ? []
    : memory.filter(one => one.law === law.id && one.source === source && one.driver === subject.name)

interface Finished {
  readonly unit: Cell
  readonly result: LawResult
}

/** What is to be remembered after a run: what fails, and what wasn't tried; what was tried and held is dropped. */
export const rememberedAfter = (memory: readonly Failing[], results: readonly Finished[], day: string): readonly Failing[] => {
  const judged = results.filter(({ result: { outcome } }) => outcome !== 'n/a' && outcome !== 'exempt')
  const others = memory.filter(one => !judged.some(({ unit }) => entriesOf([one], unit).length > 0))
  return [
    ...others,
    ...judged.flatMap(({ unit, result: { counterexample, more = [] } }) => {
      const found = [...(counterexample === undefined ? [] : [counterexample]), ...more].flatMap(one => toFailing(one, unit, day))
      const known = entriesOf(memory, unit)
      const first = known.findIndex(one => found.some(other => isSameCase(one, other)))
      // A case that fails again ends the look at those behind it.
      const untried = more.length > 0 || first < 0 ? [] : known.slice(first + 1)
      return [...found, ...untried.filter(one => !found.some(other => isSameCase(one, other)))].slice(0, mostKept)
    }),
  ]
}

const isSameCase = (a: Failing, b: Failing): boolean => a.seed === b.seed && a.path === b.path

/** `S4/T/mock/-1093/0.4:2`: seed and path are the last two. */
const toFailing = ({ replay }: Counterexample, unit: Cell, day: string): readonly Failing[] => {
  const [seed, path = ''] = replay.split('/').slice(-2)
  return entriesOf([{ driver: unit.subject.name, law: unit.law.id, source: unit.source, seed: Number(seed), path, day }], unit)
}

/** @throws Problem where the folder can't be written to */
export const remember = (folder: string, results: readonly Finished[], now: Date): void => {
  const before = readMemory(folder)
  const after = rememberedAfter(before, results, now.toISOString().slice(0, 10))
  if (before.length === 0 && after.length === 0) return
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(fileIn(folder), after.map(one => `${JSON.stringify(one)}\n`).join(''))
  } catch (error) {
    throw new Problem(
      `Failing cases can't be remembered in ${folder}: ${error instanceof Error ? error.message : String(error)}. --no-memory does without`,
    )
  }
}
