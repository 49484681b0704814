/** `deltacloud/conformance`: the suite as a library, for drivers kept elsewhere. */

export { type ConformanceOptions, type Progress, runConformance } from './conformance.ts'
export type { Exemption, Kit, RoundTrip } from './kit.ts'
export { type Report, reportSchema, verdictOf } from './results.ts'
