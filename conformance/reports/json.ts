/** A report as JSON: what `merge` reads, with a version of its own; and the schema of it, for other programs. */

import { z } from 'zod'
import { type Report, reportSchema } from '../results.ts'

export const toJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`

/** Lenient to members that are added later, as a reader should be. */
export const jsonSchema = (): string => `${JSON.stringify(z.toJSONSchema(reportSchema, { io: 'input' }), null, 2)}\n`
