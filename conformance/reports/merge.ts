/** Joins what shards of one run have found, and reads reports that were written. */

import { Problem } from '../problem.ts'
import { type LawResult, type Report, reportSchema, type SubjectResult } from '../results.ts'

/** @param name of the file, for messages @throws Problem */
export const readReport = (name: string, text: string): Report => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Problem(`${name} is no report: it isn’t JSON (${error instanceof Error ? error.message : String(error)})`)
  }
  const result = reportSchema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new Problem(`${name} is no report of this suite: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}

/** @throws Problem for reports that aren't of one run, or that overlap */
export const merge = (reports: readonly Report[]): Report => {
  const [first] = reports
  if (first === undefined) throw new Problem('There is no report to merge')
  const other = reports.find(({ seed, runs }) => seed !== first.seed || runs !== first.runs)
  if (other !== undefined)
    throw new Problem(
      `These are reports of different runs: one has the seed ${first.seed} and ${first.runs} runs, another the seed ${other.seed} and ${other.runs} runs. Give all shards one --seed`,
    )
  const { shard: _, ...rest } = first
  const order = new Map(reports.flatMap(({ laws }) => laws).map(({ id }, n) => [id, n]))
  return {
    ...rest,
    startedAt: reports.map(({ startedAt }) => startedAt).sort()[0] ?? first.startedAt,
    // Shards run at the same time.
    seconds: Math.max(...reports.map(({ seconds }) => seconds)),
    laws: [...new Map(reports.flatMap(({ laws }) => laws).map(law => [law.id, law])).values()],
    subjects: [...new Set(reports.flatMap(({ subjects }) => subjects.map(({ subject }) => subject)))].map(name =>
      joined(name, reports, order),
    ),
    warnings: [...new Set([...reports.flatMap(({ warnings }) => warnings), ...missingOf(reports)])],
    failures: [...new Set(reports.flatMap(({ failures }) => failures))],
  }
}

const joined = (name: string, reports: readonly Report[], order: ReadonlyMap<string, number>): SubjectResult => {
  const parts = reports.flatMap(({ subjects }) => subjects.filter(({ subject }) => subject === name))
  const [first] = parts
  if (first === undefined) throw new Problem(`There is nothing of ${name}`)
  const found = new Map<string, LawResult>()
  for (const result of parts.flatMap(({ laws }) => laws)) {
    const key = `${result.source} ${result.law}`
    if (found.has(key)) throw new Problem(`Two of the reports have ${result.law} on ${result.source} of ${name}: shards must not overlap`)
    found.set(key, result)
  }
  return { ...first, laws: [...found.values()].sort((a, b) => (order.get(a.law) ?? 0) - (order.get(b.law) ?? 0)) }
}

/** Which shards there should be and aren't, as sentences. */
const missingOf = (reports: readonly Report[]): string[] => {
  const shards = reports.flatMap(({ shard }) => (shard === undefined ? [] : [shard]))
  const of = shards[0]?.of
  if (of === undefined || shards.some(shard => shard.of !== of)) return []
  const missing = Array.from({ length: of }, (_, n) => n + 1).filter(index => !shards.some(shard => shard.index === index))
  return missing.length === 0
    ? []
    : [
        `The shard${missing.length > 1 ? 's' : ''} ${missing.map(index => `${index}/${of}`).join(', ')} of this run ${missing.length > 1 ? 'are' : 'is'} missing`,
      ]
}
