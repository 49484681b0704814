/** What a Deltacloud client asks, and what it must get, when the provider answers as it was recorded. */

import { z } from 'zod'
import { parseFile } from './har.ts'

/** Where traffic comes from: the service itself, another implementation, the provider's documents, another project's tests, or written after documents. */
export const provenanceKinds = ['live', 'emulator', 'documentation', 'fixture', 'composed'] as const

const text = z.string().min(1)
const texts = z.record(z.string(), z.string())

const plain = z.union([z.string(), z.number(), z.boolean(), z.null()])
const attributes = z
  .record(z.string(), z.union([plain, z.array(plain)]))
  .refine(value => Object.keys(value).length > 0, 'must have an attribute')
export type Attributes = z.infer<typeof attributes>

const status = z.int().min(100).max(599)

const expectation = z
  .strictObject({
    status: z.union([status, z.array(status).min(1)]),
    error: z.looseObject({ status: status.optional() }).optional(),
    collection: text.optional(),
    count: z.int().min(0).optional(),
    members: z.array(attributes).optional(),
    element: attributes.optional(),
  })
  .refine(one => (one.collection === undefined) === (one.count === undefined), 'collection and count belong together')
  .refine(one => one.members === undefined || one.collection !== undefined, 'members need a collection')
  .refine(one => one.collection === undefined || one.element === undefined, 'is either a collection or an element')
export type Expectation = z.infer<typeof expectation>

const step = z.strictObject({
  title: text,
  request: z.strictObject({
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']),
    path: z.string().regex(/^\/api(\/[^?#\s]*)?$/, 'must be a path of the API, without query'),
    query: texts.optional(),
    form: texts.optional(),
    headers: texts.optional(),
    body: z.strictObject({ mimeType: text, text: z.string(), encoding: z.literal('base64').optional() }).optional(),
  }),
  expect: expectation,
})
export type Step = z.infer<typeof step>

const provenance = z.looseObject({
  kind: z.enum(provenanceKinds),
  service: text,
  captured: z
    .string()
    .regex(/^\d{4}(-\d\d){0,2}$/, 'must be a day, a month or a year')
    .optional(),
  source: text.optional(),
  license: text.optional(),
  note: text.optional(),
})
export type Provenance = z.infer<typeof provenance>

const scenario = z.strictObject({
  driver: text,
  title: text,
  provider: text.optional(),
  credentials: z.strictObject({ user: z.string(), password: z.string() }).optional(),
  traffic: text,
  match: z.strictObject({ body: z.enum(['compare', 'ignore']).optional(), unused: z.enum(['fail', 'allow']).optional() }).optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  provenance,
  steps: z.array(step).min(1),
})
export type Scenario = z.infer<typeof scenario>

/** @param name of the file, for messages @throws MalformedRecording */
export const parseScenario = (name: string, content: string): Scenario => parseFile(name, content, scenario)

/** What a recorder is to ask: a scenario whose expectations, and all that only a recording knows, may be left out. */
const script = scenario.extend({
  driver: text.optional(),
  traffic: text.optional(),
  provenance: provenance.partial().optional(),
  steps: z.array(step.extend({ expect: expectation.optional() })).min(1),
})
export type Script = z.infer<typeof script>

/** @param name of the file, for messages @throws MalformedRecording */
export const parseScript = (name: string, content: string): Script => parseFile(name, content, script)

export const writeScenario = (value: Scenario): string => `${JSON.stringify(value, null, 2)}\n`

/** Whether an exchange that no request used is a failure: of our own recordings it is, of others' only where they say so. */
export const unusedFails = ({ match, provenance: { source } }: Scenario): boolean =>
  match?.unused === undefined ? source === undefined || !/[\w.-]+\/[\w.-]+/.test(source) : match.unused === 'fail'
