/** A report as JSON: what `merge` reads, with a version of its own. */

import type { Report } from '../results.ts'

export const toJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`
