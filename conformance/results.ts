/** What a run of the suite found, as plain data: the one form that all reports are made of, that shards write and that `merge` joins. */

import { z } from 'zod'
import { neverSucceededInWords } from './statistics.ts'

/** Where behaviour is seen: declared, recorded, mutated recordings, the round trip, a live endpoint. */
export const sourceKinds = ['static', 'R', 'M', 'T', 'L'] as const
export type SourceKind = (typeof sourceKinds)[number]

/** How much a case is worth, least first: a driver's own word, generated cases, traffic from documents, traffic of the live service, the service itself. */
export const grades = ['declared', 'property-tested', 'replayed from documentation', 'replayed from live traffic', 'verified live'] as const
export type Grade = (typeof grades)[number]

const count = z.int().min(0)
const counts = z.record(z.string(), count)

/** How often something was asked for, refused (4xx), and succeeded. */
const tally = z.object({ asked: count, refused: count, succeeded: count })
export type Tally = z.infer<typeof tally>

/** What cases touched, and how many of them each: collections, states, and transitions as `running stop stopping` or `pending automatically running`. */
const coverage = z.object({
  cases: count,
  collections: counts,
  states: counts,
  transitions: counts,
  /** Rows of the driver's shapes that a document was held against. */
  rows: counts.optional(),
  /** Requests by operation: `instances.stop`. */
  operations: z.record(z.string(), tally).optional(),
  /** Requests for an action by the state that the instance was last seen in: `running stop`. */
  actions: z.record(z.string(), tally).optional(),
  /** The newest day of what was seen, `2026-11-27`, where it's known. */
  date: z.string().optional(),
})
export type Coverage = z.infer<typeof coverage>

/** One request and its answer, as a person reads it. */
const exchange = z.object({
  request: z.string(),
  answer: z.string(),
  /** The request as a command of curl, without credentials. */
  curl: z.string().optional(),
})
export type Exchange = z.infer<typeof exchange>

const counterexample = z.object({
  /** What is wrong, in a sentence. */
  message: z.string(),
  /** What was generated, in words. */
  given: z.string(),
  /** The shortest conversation found that shows it. */
  transcript: z.array(exchange),
  /** For `--replay`. */
  replay: z.string(),
  /** The whole command that shows it again. */
  command: z.string(),
})
export type Counterexample = z.infer<typeof counterexample>

/** What one part of a source showed, where a law is asked once of each: a recording. */
const partResult = z.object({
  name: z.string(),
  outcome: z.enum(['holds', 'broken', 'expected', 'n/a']),
  /** Why it couldn't be judged, or is expected to fail. */
  reason: z.string().optional(),
  seconds: z.number().min(0),
  /** That of its counterexample, where it's broken. */
  replay: z.string().optional(),
})
export type PartResult = z.infer<typeof partResult>

const lawResult = z
  .object({
    law: z.string(),
    source: z.enum(sourceKinds),
    outcome: z.enum(['holds', 'broken', 'expected', 'n/a', 'exempt']),
    /** Why it's not applicable, exempt, or expected to fail. */
    reason: z.string().optional(),
    /** Cases that were judged. */
    cases: count,
    /** Cases that the source couldn't answer. */
    inconclusive: count,
    seconds: z.number().min(0),
    evidence: z.partialRecord(z.enum(grades), coverage),
    counterexample: counterexample.optional(),
    /** Further failures that differ from the first. */
    more: z.array(counterexample).optional(),
    /** Of a law that is asked once of each recording. */
    parts: z.array(partResult).optional(),
    /** The entries of the baseline whose failures were met, by their place there. */
    expected: z.array(count).optional(),
  })
  .refine(({ outcome, counterexample }) => (outcome === 'broken') === (counterexample !== undefined), {
    error: 'a law that is broken has a counterexample, and no other has',
  })
export type LawResult = z.infer<typeof lawResult>
export type Outcome = LawResult['outcome']

const recordingSummary = z.object({
  name: z.string(),
  kind: z.string(),
  service: z.string(),
  captured: z.string().optional(),
  /** Days since it was captured. */
  age: z.number().optional(),
  exchanges: count,
  steps: count,
  /** Older than `--max-age`. */
  stale: z.boolean(),
})
export type RecordingSummary = z.infer<typeof recordingSummary>

const transition = z.object({ from: z.string(), to: z.string(), on: z.string() })

/** A state, an error or an attribute as the provider documents it, and where. */
const documentedRow = z.object({
  key: z.string(),
  /** The law that holds documents against it. */
  law: z.string(),
  source: z.string(),
  from: z.enum(['document', 'recording', 'driver sheet']),
})

const subjectResult = z.object({
  /** `mock`, or `mock;provider=classic`: the column of the matrix. */
  subject: z.string(),
  driver: z.string(),
  /** Where it's kept: a path that's relative to the working directory of the run. */
  file: z.string().optional(),
  provider: z.string().optional(),
  /** The driver's name, for people. */
  name: z.string(),
  machine: z.array(transition),
  /** What the driver says it can do: collection → operations. */
  operations: z.record(z.string(), z.array(z.string())),
  recordings: z.array(recordingSummary),
  /** Operations and transitions that no client can bring about, `running possibly error` → why. */
  impossible: z.record(z.string(), z.string()).optional(),
  /** Attributes that the round trip may lose, `collection attribute` → why. */
  lossy: z.record(z.string(), z.string()),
  /** What the driver's shapes expect of it. */
  rows: z.array(documentedRow).optional(),
  laws: z.array(lawResult),
})
export type SubjectResult = z.infer<typeof subjectResult>

const lawSummary = z.object({
  id: z.string(),
  title: z.string(),
  says: z.string(),
  family: z.string(),
  sources: z.array(z.enum(sourceKinds)),
})
export type LawSummary = z.infer<typeof lawSummary>

export const reportSchema = z.object({
  format: z.literal('deltacloud-conformance'),
  version: z.literal(1),
  startedAt: z.iso.datetime(),
  seconds: z.number().min(0),
  seed: z.int(),
  /** Cases a law, where they were counted; else there was a time for each driver. */
  runs: count.optional(),
  /** Seconds of a processor for each driver. */
  budget: z.number().min(0).optional(),
  /** Which part of the whole this is, from 1; absent where it's all. */
  shard: z.object({ index: z.int().min(1), of: z.int().min(1) }).optional(),
  laws: z.array(lawSummary),
  subjects: z.array(subjectResult),
  /** What a person should know beside: recordings that grow old, what was left out. */
  warnings: z.array(z.string()),
  /** What fails the run though no law is broken: recordings older than is allowed. */
  failures: z.array(z.string()).default([]),
  /** How much evidence there must be for the run to succeed. */
  demands: z
    .object({
      /** Sources of which each driver needs a law that holds. */
      require: z.array(z.enum(sourceKinds)).optional(),
      /** How many laws of drivers must hold. */
      minCells: count.optional(),
    })
    .optional(),
  /** Shards that were not there to be joined: `2/3`. */
  missingShards: z.array(z.string()).optional(),
})
export type Report = z.infer<typeof reportSchema>
export type Demands = NonNullable<Report['demands']>

/** What makes the same run again, beside its seed. */
export const sizeInWords = ({ runs, budget }: { readonly runs?: number | undefined; readonly budget?: number | undefined }): string =>
  runs === undefined ? `--budget ${budget ?? 0}` : `--runs ${runs}`

export interface Verdict {
  readonly verdict: 'holds' | 'broken' | 'not enough evidence' | 'nothing compared'
  readonly exitCode: 0 | 1 | 3
  /** What is lacking for a success, as sentences; none where it isn't evidence that lacks. */
  readonly lacking: readonly string[]
}

/** What all of a run comes to, and its exit code: 0 all hold, 1 a law is broken, 3 there is too little evidence, or none. */
export const verdictOf = (report: Report): Verdict => {
  const results = report.subjects.flatMap(({ laws }) => laws)
  const lacking = lackingIn(report)
  if (report.failures.length > 0 || results.some(({ outcome }) => outcome === 'broken')) return { verdict: 'broken', exitCode: 1, lacking }
  if (!results.some(isJudged)) return { verdict: 'nothing compared', exitCode: 3, lacking }
  return lacking.length > 0 ? { verdict: 'not enough evidence', exitCode: 3, lacking } : { verdict: 'holds', exitCode: 0, lacking }
}

const isJudged = ({ outcome, cases }: LawResult): boolean => outcome === 'expected' || (outcome === 'holds' && cases > 0)

/** Whether a law holds for something that was seen, and not for a driver's word alone. */
const isSeen = (result: LawResult): boolean => result.source !== 'static' && (isJudged(result) || result.outcome === 'broken')

const lackingIn = ({ subjects, laws, shard, demands, missingShards = [] }: Report): readonly string[] => {
  const lacking = missingShards.length > 0 ? ['A part of the run is missing.'] : []
  // What one part lacks another has: the joined report tells.
  if (shard !== undefined) return lacking
  const results = subjects.flatMap(({ laws }) => laws)
  if (results.some(isJudged) && !results.some(isSeen))
    lacking.push(
      'Only what drivers declare was judged, and nothing of what they do: they need recordings (R, M), a frontend of their protocol (T), or a live endpoint (L).',
    )
  for (const source of demands?.require ?? [])
    for (const [driver, columns] of Map.groupBy(subjects, subject => subject.driver)) {
      const holds = columns.some(({ laws }) => laws.some(result => result.source === source && isHeld(result)))
      if (!holds) lacking.push(`No law holds on ${source} of ${driver}, and --require asks for one.`)
    }
  if (demands?.require?.includes('T') === true) lacking.push(...neverSucceededInWords({ subjects, laws }))
  const held = subjects.reduce((sum, { laws }) => sum + heldCells(laws), 0)
  const { minCells = 0 } = demands ?? {}
  if (held < minCells) lacking.push(`${held} laws of drivers hold, and --min-cells asks for ${minCells}.`)
  return lacking
}

const isHeld = ({ outcome, cases }: LawResult): boolean => outcome === 'holds' && cases > 0

/** Laws of one column that hold on some source and are broken on none. */
const heldCells = (results: readonly LawResult[]): number => {
  const byLaw = [...Map.groupBy(results, ({ law }) => law).values()]
  return byLaw.filter(cells => cells.some(isHeld) && !cells.some(({ outcome }) => outcome === 'broken')).length
}

/** What a driver's column says of a driver that nothing but declarations were judged of, beside others of which more was. */
export const warningsOf = ({
  subjects,
  laws,
}: Pick<Report, 'subjects'> & { readonly laws: readonly Pick<LawSummary, 'id'>[] }): readonly string[] => [
  ...barelyJudged(subjects),
  ...neverSucceededInWords({ subjects, laws }),
]

const barelyJudged = (subjects: readonly SubjectResult[]): readonly string[] => {
  const drivers = [...Map.groupBy(subjects, ({ driver }) => driver)].map(([driver, columns]) => ({
    driver,
    results: columns.flatMap(({ laws }) => laws),
  }))
  if (!drivers.some(({ results }) => results.some(isSeen))) return []
  return drivers
    .filter(({ results }) => results.some(isJudged) && !results.some(isSeen))
    .map(({ driver }) => `Of ${driver} only what it declares was judged, and nothing of what it does`)
}
