/** What a run of the suite found, as plain data: the one form that all reports are made of, that shards write and that `merge` joins. */

import { z } from 'zod'

/** Where behaviour is seen: declared, recorded, mutated recordings, the round trip, a live endpoint. */
export const sourceKinds = ['static', 'R', 'M', 'T', 'L'] as const
export type SourceKind = (typeof sourceKinds)[number]

/** How much a case is worth, least first: a driver's own word, generated cases, traffic from documents, traffic of the live service, the service itself. */
export const grades = ['declared', 'property-tested', 'replayed from documentation', 'replayed from live traffic', 'verified live'] as const
export type Grade = (typeof grades)[number]

const count = z.int().min(0)
const counts = z.record(z.string(), count)

/** What cases touched, and how many of them each: collections, states, and transitions as `running stop stopping` or `pending automatically running`. */
const coverage = z.object({
  cases: count,
  collections: counts,
  states: counts,
  transitions: counts,
  /** Rows of the driver's shapes that a document was held against. */
  rows: counts.optional(),
  /** The newest day of what was seen, `2026-11-27`, where it's known. */
  date: z.string().optional(),
})
export type Coverage = z.infer<typeof coverage>

/** One request and its answer, as a person reads it. */
const exchange = z.object({ request: z.string(), answer: z.string() })
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

const lawResult = z
  .object({
    law: z.string(),
    source: z.enum(sourceKinds),
    outcome: z.enum(['holds', 'broken', 'n/a', 'exempt']),
    /** Why it's not applicable, or exempt. */
    reason: z.string().optional(),
    /** Cases that were judged. */
    cases: count,
    /** Cases that the source couldn't answer. */
    inconclusive: count,
    seconds: z.number().min(0),
    evidence: z.partialRecord(z.enum(grades), coverage),
    counterexample: counterexample.optional(),
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
  provider: z.string().optional(),
  /** The driver's name, for people. */
  name: z.string(),
  machine: z.array(transition),
  /** What the driver says it can do: collection → operations. */
  operations: z.record(z.string(), z.array(z.string())),
  recordings: z.array(recordingSummary),
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
  runs: count,
  /** Which part of the whole this is, from 1; absent where it's all. */
  shard: z.object({ index: z.int().min(1), of: z.int().min(1) }).optional(),
  laws: z.array(lawSummary),
  subjects: z.array(subjectResult),
  /** What a person should know beside: recordings that grow old, what was left out. */
  warnings: z.array(z.string()),
  /** What fails the run though no law is broken: recordings older than is allowed. */
  failures: z.array(z.string()).default([]),
})
export type Report = z.infer<typeof reportSchema>

/** What all of a run comes to, and its exit code: 0 all hold, 1 a law is broken, 3 nothing was compared. */
export const verdictOf = (report: Report): { readonly verdict: 'holds' | 'broken' | 'nothing compared'; readonly exitCode: 0 | 1 | 3 } => {
  const results = report.subjects.flatMap(({ laws }) => laws)
  if (report.failures.length > 0 || results.some(({ outcome }) => outcome === 'broken')) return { verdict: 'broken', exitCode: 1 }
  return results.some(({ outcome, cases }) => outcome === 'holds' && cases > 0)
    ? { verdict: 'holds', exitCode: 0 }
    : { verdict: 'nothing compared', exitCode: 3 }
}
