/** Failures that are known and expected, from a file: they don't break a run, and one that begins to hold does. */

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Unit } from './plan.ts'
import { Problem } from './problem.ts'
import { type LawResult, sourceKinds } from './results.ts'

const entry = z.strictObject({
  /** A driver, or one column of it: `mock;provider=classic`. */
  driver: z.string(),
  law: z.string(),
  /** All of the law's, where there is none. */
  source: z.enum(sourceKinds).optional(),
  /** A regular expression that the failure's message fits; any where there is none. */
  message: z.string().optional(),
  /** Why it's expected, for people. */
  reason: z.string().min(1),
})

export interface ExpectedFailure extends Omit<z.infer<typeof entry>, 'message'> {
  readonly message: RegExp | undefined
  /** Which entry of the file it is, from 0. */
  readonly place: number
}

/** @param file JSON or YAML: a list of entries @throws Problem that says which entry is wrong */
export const readBaseline = (file: string): readonly ExpectedFailure[] => {
  let value: unknown
  try {
    value = parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Problem(`The baseline ${file} can't be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  const read = z.array(entry).safeParse(value ?? [])
  if (!read.success) {
    const [issue] = read.error.issues
    throw new Problem(`The baseline ${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
  }
  return read.data.map((one, place) => ({
    ...one,
    message: one.message === undefined ? undefined : parsePattern(file, place, one.message),
    place,
  }))
}

const parsePattern = (file: string, place: number, text: string): RegExp => {
  try {
    return new RegExp(text)
  } catch {
    throw new Problem(`The baseline ${file}: ${place}.message: '${text}' is no regular expression`)
  }
}

export const covers = ({ driver, law, source }: ExpectedFailure, unit: Unit): boolean =>
  (driver === unit.subject.driver || driver === unit.subject.name) &&
  law.toLowerCase() === unit.law.id.toLowerCase() &&
  (source === undefined || source === unit.source)

interface Finished {
  readonly unit: Unit
  readonly result: LawResult
}

/**
 * Entries whose failures are gone: sentences. Only what was judged in full counts; where not all cells of an entry were run, nothing is said of it.
 * @param all every unit of the whole run @param isFull whether enough cases were tried that a failure would have been met
 */
export const passingEntries = (
  entries: readonly ExpectedFailure[],
  all: readonly Unit[],
  finished: readonly Finished[],
  isFull: (unit: Unit) => boolean,
): readonly string[] =>
  entries.flatMap(one => {
    const cells = all.filter(unit => covers(one, unit))
    const results = finished.filter(({ unit }) => covers(one, unit))
    if (cells.length === 0 || results.length < cells.length || !cells.every(isFull)) return []
    if (results.some(({ result }) => result.expected?.includes(one.place) === true || result.outcome === 'broken')) return []
    if (!results.some(({ result: { outcome, cases } }) => outcome === 'expected' || (outcome === 'holds' && cases > 0))) return []
    const { law, source, driver, message, reason } = one
    const where = `${law}${source === undefined ? '' : ` on ${source}`} of ${driver}`
    const how = message === undefined ? '' : ` with a message that fits '${message.source}'`
    return [`${where} is expected to fail${how} (${reason}), and doesn't: take the entry out of the baseline`]
  })
