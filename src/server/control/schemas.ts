/** What bodies of the control API look like. Loaded when the first is read. */

import * as z from 'zod'

/** Text of a form, where JSON has a number. */
const number = z.coerce.number()

/** Milliseconds, or a duration in words: `90s`, `1h30m`, `250ms`. */
const duration = z
  .union([z.number().int().min(0), z.string().regex(/^(\d+|(\d+(\.\d+)?(ms|s|m|h|d))+)$/)])
  .describe('Milliseconds, or a duration such as 90s, 1h30m or 250ms')

/** Milliseconds since 1970, or ISO 8601. */
const time = z.union([z.number().int(), z.iso.datetime({ offset: true })]).describe('Milliseconds since 1970, or ISO 8601')

const mode = z
  .enum(['system', 'scaled', 'manual'])
  .describe('system is the machine’s time, scaled runs faster or slower, manual stands still')

const scale = number.describe('Cloud seconds in a second, from 0.001 to 1000000')

const worldName = z.string().describe('Lower-case letters, digits, and . _ - between them; at most 63')

const isQuotaForm = (value: unknown): value is { quota: string; limit?: string } =>
  typeof value === 'object' && value !== null && 'quota' in value && typeof value.quota === 'string'

export const schemas = {
  clock: z.strictObject({ mode: mode.optional(), scale: scale.optional(), now: time.optional() }),
  advance: z.strictObject({ by: duration }),
  settle: z.strictObject({ limit: duration.optional() }),
  world: z.strictObject({
    name: worldName,
    seed: z.string().optional().describe('What every draw begins with'),
    clock: z.strictObject({ mode, scale: scale.optional(), now: time.optional() }).optional(),
  }),
  fork: z.strictObject({ to: worldName }),
  quotas: z.preprocess(
    // A form has one quota, in two fields.
    value => (isQuotaForm(value) ? { [value.quota]: value.limit === undefined ? null : Number(value.limit) } : value),
    z.record(z.string(), z.number().int().min(0).nullable()),
  ),
  scenario: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
} as const

export type Bodies = { readonly [Name in keyof typeof schemas]: z.infer<(typeof schemas)[Name]> }

/** Those whose form only the simulator knows come last. */
export type BodyName = keyof Bodies | 'rules' | 'limits' | 'seed' | 'texture'

/** @returns what is wrong, beside what's read. */
export const check = <Name extends keyof Bodies>(
  name: Name,
  value: unknown,
): { readonly read: Bodies[Name] } | { readonly wrong: readonly string[] } => {
  const result = schemas[name].safeParse(value)
  if (result.success) return { read: result.data as Bodies[Name] }
  return { wrong: result.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)) }
}

export const jsonSchemas = (): Readonly<Record<keyof Bodies, object>> => {
  const made = Object.entries(schemas).map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input' })])
  return Object.fromEntries(made) as Record<keyof Bodies, object>
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a duration that the schema has let pass. */
export const millisecondsOf = (value: number | string): number => {
  if (typeof value === 'number' || /^\d+$/.test(value)) return Number(value)
  let sum = 0
  for (const [, amount = '0', unit = 's'] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) sum += Number(amount) * (units[unit] ?? 0)
  return Math.round(sum)
}

export const timeOf = (value: number | string): number => (typeof value === 'number' ? value : Date.parse(value))
