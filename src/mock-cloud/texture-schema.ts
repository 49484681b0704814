/** The form in which a world's texture is set; zod stays out of a start that needs none of it. */

import { z } from 'zod'
import type { TextureSetting } from './texture.ts'

const milliseconds = z.number().nonnegative().max(1e12)
const share = z.number().min(0).max(1)

const latency = z.union([
  z.strictObject({ fixed: milliseconds }),
  z
    .strictObject({ least: milliseconds.int(), most: milliseconds.int() })
    .refine(({ least, most }) => least <= most, 'least is greater than most'),
  z.strictObject({ p50: milliseconds, p99: milliseconds }).refine(({ p50, p99 }) => p50 <= p99, 'p50 is greater than p99'),
])

const names = ['boot', 'stop', 'reboot', 'removal', 'image', 'volume', 'attachment', 'detachment', 'snapshot', 'association'] as const

export const textureSchema = z.strictObject({
  latencies: z.partialRecord(z.enum(names), latency).optional(),
  troubles: z
    .strictObject({ failing: share, sticking: share, lifetime: z.number().nonnegative().max(1e10) })
    .partial()
    .optional(),
  staleness: z.strictObject({ share, delay: latency, everywhere: z.boolean() }).partial().optional(),
})

/** @returns the setting, or a sentence that says what is wrong with it. */
export const parseTexture = (value: unknown): { readonly texture: TextureSetting } | { readonly wrong: string } => {
  const parsed = textureSchema.safeParse(value)
  // As JSON has it: what is undefined isn't there.
  if (parsed.success) return { texture: JSON.parse(JSON.stringify(parsed.data)) }
  const [issue] = parsed.error.issues
  const path = ['texture', ...(issue?.path ?? [])].join('.')
  return { wrong: `${path}: ${issue?.message ?? 'not a texture'}` }
}
