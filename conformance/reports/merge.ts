/** Joins what shards of one run have found, and reads reports that were written. */

import { Problem } from '../problem.ts'
import { type LawResult, type LawSummary, type Report, reportSchema, type SubjectResult, sizeInWords, sourceKinds } from '../results.ts'
import { neverSucceededInWords } from '../statistics.ts'

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
  const other = reports.find(({ seed, runs, budget }) => seed !== first.seed || runs !== first.runs || budget !== first.budget)
  if (other !== undefined)
    throw new Problem(
      `These are reports of different runs: one has --seed ${first.seed} ${sizeInWords(first)}, another --seed ${other.seed} ${sizeInWords(other)}. Give all shards one --seed`,
    )
  const { shard: _, ...rest } = first
  const laws = lawsOf(reports)
  const missing = [...new Set([...reports.flatMap(({ missingShards = [] }) => missingShards), ...missingOf(reports)])]
  const order = new Map(laws.map(({ id }, n) => [id, n]))
  const placeOf = ({ law, source }: LawResult): number => sourceKinds.indexOf(source) * laws.length + (order.get(law) ?? 0)
  const subjects = [
    ...Map.groupBy(
      reports.flatMap(one => one.subjects),
      ({ subject }) => subject,
    ),
  ].map(([, parts]) => joinSubjects(parts, placeOf))
  return {
    ...rest,
    startedAt: reports.map(({ startedAt }) => startedAt).sort()[0] ?? first.startedAt,
    // Shards run at the same time.
    seconds: Math.max(...reports.map(({ seconds }) => seconds)),
    laws,
    subjects,
    warnings: [
      ...new Set([
        ...reports.flatMap(({ warnings }) => warnings),
        ...missingInWords(missing),
        ...(first.shard !== undefined && missing.length === 0 ? neverSucceededInWords({ subjects, laws }) : []),
      ]),
    ],
    failures: [...new Set(reports.flatMap(({ failures }) => failures))],
    ...(missing.length === 0 ? {} : { missingShards: missing }),
  }
}

/** @throws Problem where reports mean different laws by one id */
const lawsOf = (reports: readonly Report[]): LawSummary[] => {
  const laws = new Map<string, LawSummary>()
  for (const law of reports.flatMap(report => report.laws)) {
    const known = laws.get(law.id) ?? law
    if (known.says !== law.says)
      throw new Problem(`${law.id} isn't the same law in all of the reports: they are of different versions of the suite`)
    laws.set(law.id, known)
  }
  return [...laws.values()]
}

const joinSubjects = (parts: readonly SubjectResult[], placeOf: (result: LawResult) => number): SubjectResult => {
  const [first, ...others] = parts
  if (first === undefined) throw new TypeError('A subject has at least one part')
  const laws = [first, ...others].flatMap(one => one.laws)
  const found = new Set<string>()
  for (const { law, source } of laws) {
    const key = `${source} ${law}`
    if (found.has(key)) throw new Problem(`Two of the reports have ${law} on ${source} of ${first.subject}: shards must not overlap`)
    found.add(key)
  }
  return { ...first, laws: laws.sort((a, b) => placeOf(a) - placeOf(b)) }
}

/** Which shards there should be and aren't. @throws Problem where it's not even known how many there should be */
const missingOf = (reports: readonly Report[]): readonly string[] => {
  const shards = reports.flatMap(({ shard }) => (shard === undefined ? [] : [shard]))
  const of = shards[0]?.of
  if (of === undefined) return []
  const odd = shards.find(shard => shard.of !== of)
  if (odd !== undefined) throw new Problem(`One of the reports is a part of ${of}, another a part of ${odd.of}: they don't make a whole`)
  const missing = Array.from({ length: of }, (_, n) => n + 1).filter(index => !shards.some(shard => shard.index === index))
  return missing.map(index => `${index}/${of}`)
}

const missingInWords = (names: readonly string[]): readonly string[] => {
  if (names.length === 0) return []
  return [names.length === 1 ? `The shard ${names[0]} of this run is missing` : `The shards ${names.join(', ')} of this run are missing`]
}
