/** The form in which fault rules are given, in files, on the command line and over the control API; zod stays out of a start without any. */

import { z } from 'zod'
import { badRequest, type ErrorKind } from '../../model/errors.ts'
import { readDuration } from '../duration.ts'
import type { Latency } from '../latency.ts'
import { type Effect, effectNames, type Match, type Rule } from './rules.ts'

const kinds = [
  'bad-request',
  'unauthenticated',
  'forbidden',
  'over-quota',
  'throttled',
  'not-found',
  'not-permitted',
  'conflict',
  'internal',
  'not-supported',
  'provider-error',
  'provider-unavailable',
  'provider-timeout',
] as const satisfies readonly ErrorKind[]

const oneOf = (words: readonly string[]): string => `must be one of ${words.join(', ')}`
const whole = (least: number, what: string) => z.int(what).min(least, what).max(1e9, what)

const count = whole(1, 'must be a whole number, at least 1')
const share = z.number('must be a number from 0 to 1').min(0, 'must be a number from 0 to 1').max(1, 'must be a number from 0 to 1')
const seconds = z.number('must be a number of seconds').min(0, 'must be a number of seconds').max(1e9, 'must be a number of seconds')

const durationSays = "must be a duration, as '90s' or a number of milliseconds"
const duration = z
  .union([z.number(durationSays), z.string(durationSays).transform(text => readDuration(text) ?? Number.NaN)], durationSays)
  .refine(ms => ms >= 0 && ms <= 1e12, durationSays)

const names = (what: string) =>
  z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)], `must be ${what}, or a list of such`)
    .transform(value => (typeof value === 'string' ? [value] : value))

const operationSays = "an operation such as 'create' or 'instances.create'"
const operation = z
  .union([z.string(), z.array(z.string()).min(1)], `must be ${operationSays}, or a list of such`)
  .transform(value => (typeof value === 'string' ? [value] : value))
  .refine(list => list.every(name => /^([a-z_]+\.)?([a-zA-Z]+|\*)$/.test(name)), `must be ${operationSays}`)

/** A time of the cloud, or how long after the rule was added. */
type Moment = { readonly at: number } | { readonly in: number }

const momentSays = "must be a time such as '2030-01-01T00:00:00Z', or a duration after now such as '90s'"
const moment = z.union([z.number(momentSays), z.string(momentSays)], momentSays).transform((value, context): Moment => {
  if (typeof value === 'number') return { at: value }
  const later = readDuration(value)
  if (later !== undefined && !/^\d+$/.test(value)) return { in: later }
  const time = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN
  if (!Number.isNaN(time)) return { at: time }
  context.issues.push({ code: 'custom', message: momentSays, input: value })
  return z.NEVER
})

const match = z
  .strictObject(
    {
      operation: operation.optional(),
      collection: names('the name of a collection').optional(),
      realm: names('the id of a realm').optional(),
      resource: names('the id of a resource').optional(),
      account: names('the name of an account').optional(),
      provider: names('the name of a provider').optional(),
      share: share.optional(),
      nth: count.optional(),
      every: count.optional(),
      after: moment.optional(),
      until: moment.optional(),
    },
    { error: issue => unknownKeys(issue) ?? 'must be an object that says which calls the rule is for' },
  )
  .refine(({ nth, every }) => nth === undefined || every === undefined, "can't have both 'nth' and 'every'")

const latencySays = 'must be a duration, {least, most} or {p50, p99}, in milliseconds'
const latency = z
  .union(
    [
      duration,
      z.strictObject({ fixed: duration }).transform(({ fixed }) => fixed),
      z.strictObject({ least: duration, most: duration }).refine(({ least, most }) => least <= most, latencySays),
      z.strictObject({ p50: duration, p99: duration }).refine(({ p50, p99 }) => p50 > 0 && p50 <= p99, latencySays),
    ],
    latencySays,
  )
  .transform((value): Latency => (typeof value === 'number' ? { fixed: value } : value))

const lossSays = "must be 'before' or 'after' (the call was carried out)"
const loss = z.union([z.literal(true), z.enum(['before', 'after'])], lossSays).transform(when => (when === true ? 'after' : when))

const statusSays = 'must be a status from 400 to 599, or {code, retryAfter}'
const code = whole(400, statusSays).max(599, statusSays)

const effect = z
  .strictObject(
    {
      error: z
        .union(
          [z.enum(kinds), z.strictObject({ kind: z.enum(kinds), message: z.string().min(1).optional(), retryAfter: seconds.optional() })],
          `${oneOf(kinds)}, or {kind, message, retryAfter}`,
        )
        .transform(value => (typeof value === 'string' ? { kind: value } : value))
        .optional(),
      status: z
        .union([code, z.strictObject({ code, retryAfter: seconds.optional() })], statusSays)
        .transform(value => (typeof value === 'number' ? { code: value } : value))
        .optional(),
      throttle: z
        .union(
          [
            z.literal(true),
            seconds,
            z.strictObject({
              calls: whole(0, 'must be a whole number').optional(),
              window: duration.refine(ms => ms >= 1, 'must last at least a millisecond').optional(),
              retryAfter: seconds.optional(),
            }),
          ],
          'must be the seconds of Retry-After, or {calls, window, retryAfter}',
        )
        .transform(value => (typeof value === 'number' ? { retryAfter: value } : value === true ? {} : value))
        .optional(),
      latency: latency.optional(),
      reset: loss.optional(),
      never: loss.optional(),
      truncated: z
        .union([z.literal(true), share.lt(1)], 'must be the share of the answer that still comes, from 0 to below 1')
        .transform(value => (value === true ? 0.5 : value))
        .optional(),
      garbled: z.literal(true, 'must be true').optional(),
      boot: z
        .union(
          [z.enum(['fails', 'sticks']), z.strictObject({ slow: z.number().min(0).max(1e6) })],
          "must be 'fails', 'sticks' or {slow: how many times as long}",
        )
        .optional(),
    },
    { error: issue => unknownKeys(issue) ?? `must be an object with one of ${effectNames.join(', ')}` },
  )
  .refine(value => Object.keys(value).length === 1, `must have just one of ${effectNames.join(', ')}`)

const ruleId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/, 'must be 1 to 100 letters, digits and any of _.:- and begin with a letter or digit')

/** One rule, as it's written. */
export const ruleSchema = z.strictObject(
  {
    id: ruleId.optional(),
    match: match.default({}),
    effect,
    limit: count.optional(),
    note: z.string('must be text').max(1000, 'must be at most 1000 characters').optional(),
    scenario: z.string('must be text').optional(),
    atStart: z.literal(true, 'must be true').optional(),
  },
  { error: issue => unknownKeys(issue) ?? "must be an object with 'match' and 'effect'" },
)

const unknownKeys = (issue: { readonly code?: string | undefined; readonly keys?: unknown }): string | undefined =>
  issue.code === 'unrecognized_keys' && Array.isArray(issue.keys) ? `doesn't know '${issue.keys.join("', '")}'` : undefined

/** A rule that was checked; it has an id when it's added. */
export type CheckedRule = Omit<Rule, 'id'> & { readonly id?: string }

/**
 * Rules as somebody wrote them: one, a list, or `{rules: […]}`.
 * @param now cloud time that durations count from, milliseconds since 1970.
 * @param what they are called in messages.
 * @throws CloudError `bad-request` that says where and what is wrong; all of them are taken, or none.
 */
export const parseRules = (input: unknown, now: number, what = 'rules'): readonly CheckedRule[] => {
  const list = listOf(input)
  return list.map((one, index) => {
    const parsed = ruleSchema.safeParse(one)
    if (!parsed.success) throw badRequest(saysOf(parsed.error, list === input || list.length > 1 ? `${what}[${index}]` : what))
    const { match: checked, effect: does, id, ...rest } = withoutGaps(parsed.data)
    const { after, until, ...others } = checked
    const times: Pick<Match, 'after' | 'until'> = {
      ...(after === undefined ? {} : { after: timeOf(after, now) }),
      ...(until === undefined ? {} : { until: timeOf(until, now) }),
    }
    if (times.after !== undefined && times.until !== undefined && times.after >= times.until)
      throw badRequest(`${list.length > 1 ? `${what}[${index}]` : what}.match: 'until' is not later than 'after'`)
    return {
      ...rest,
      ...(id === undefined ? {} : { id }),
      match: { ...others, ...times } as Match,
      // The schema lets just one of them pass.
      effect: does as Effect,
    } as CheckedRule
  })
}

const listOf = (input: unknown): readonly unknown[] => {
  if (Array.isArray(input)) return input
  if (typeof input === 'object' && input !== null && 'rules' in input && Array.isArray(input.rules)) return input.rules
  return [input]
}

const timeOf = (moment: Moment, now: number): number => ('at' in moment ? moment.at : now + moment.in)

/** As JSON has it: what is undefined isn't there. */
const withoutGaps = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** The first thing that is wrong, with its place: `rules[0].match.share must be a number from 0 to 1`. */
export const saysOf = (error: z.ZodError, what: string): string => {
  const [issue] = error.issues
  if (issue === undefined) return `${what} can't be read`
  let path = what
  for (const part of issue.path) path += typeof part === 'number' ? `[${part}]` : `.${String(part)}`
  return `${path} ${issue.message}`
}
