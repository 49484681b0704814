/** The form in which limits are set; zod stays out of a start that needs none of it. */

import { z } from 'zod'
import { badRequest } from '../../model/errors.ts'
import { readDuration } from '../duration.ts'
import { saysOf } from '../faults/schema.ts'
import { resourceKinds } from '../records.ts'
import type { LimitsSetting, Quota } from './limits.ts'

const quotaNames = [...resourceKinds, 'volume_gigabytes'] as const satisfies readonly Quota[]

const says = 'must be a whole number from 0, or null for no limit'
const most = (largest: number) => z.int(says).min(0, says).max(largest, `must be at most ${largest}`).nullable().optional()
const amount = most(1e9)

const rateSays = 'must be {calls, window}: how many calls in how long, or null for no limit'

export const limitsSchema = z.strictObject(
  {
    quotas: z
      .strictObject(Object.fromEntries(quotaNames.map(name => [name, amount])), `may have ${quotaNames.join(', ')}, each with a number`)
      .optional(),
    capacity: z
      .record(
        z.string(),
        z.strictObject({ instances: amount, cpus: amount }, 'must be {instances, cpus}, or null for no limit').nullable(),
        'must be an object by realm',
      )
      .optional(),
    rate: z
      .strictObject(
        {
          calls: z.int(rateSays).min(1, rateSays).max(1e6, rateSays),
          window: z
            .union([z.number(), z.string().transform(text => readDuration(text) ?? Number.NaN)], rateSays)
            .refine(ms => ms >= 1 && ms <= 1e9, "must be a duration, as '10s' or a number of milliseconds")
            .default(1000),
        },
        rateSays,
      )
      .nullable()
      .optional(),
    sizes: z
      .strictObject(
        { name: amount, description: amount, userData: amount, blob: most(2 ** 50) },
        'may have name, description, userData, blob',
      )
      .optional(),
  },
  'may have quotas, capacity, rate, sizes',
)

/** @throws CloudError `bad-request` that says where and what is wrong. */
export const parseLimits = (input: unknown, what = 'limits'): LimitsSetting => {
  const parsed = limitsSchema.safeParse(input)
  if (!parsed.success) throw badRequest(saysOf(parsed.error, what))
  // As JSON has it: what is undefined isn't there.
  return JSON.parse(JSON.stringify(parsed.data))
}
