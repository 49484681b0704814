/** `deltacloud/conformance`: the suite as a library, for drivers kept elsewhere. */

export { type ConformanceOptions, type Progress, runConformance } from './conformance.ts'
export type { Exemption, Harness, Regions, RoundTrip } from './harness.ts'
export { type Report, reportSchema, verdictOf } from './results.ts'
