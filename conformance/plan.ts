/** What a run consists of: a unit for each law, source and subject; which of them are this shard's. */

import type { Subject } from './harness.ts'
import type { Law } from './laws/law.ts'
import type { SourceKind } from './results.ts'

export interface Unit {
  readonly law: Law
  readonly source: SourceKind
  readonly subject: Subject
}

/** Every unit there is, in the order of subjects, then sources, then laws: a source is opened once for all that ask it. */
export const unitsOf = (subjects: readonly Subject[], laws: readonly Law[], sources: readonly SourceKind[]): Unit[] =>
  subjects.flatMap(subject =>
    sources.flatMap(source => laws.filter(law => law.sources.includes(source)).map((law): Unit => ({ law, source, subject }))),
  )

/** One part of several, each unit in exactly one of them; all of a live cloud in the first, as it bears one user at a time. @param index from 1 */
export const shardOf = <T extends Pick<Unit, 'source'>>(
  units: readonly T[],
  { index, of }: { readonly index: number; readonly of: number },
): T[] => units.filter(({ source }, n) => (source === 'L' ? 0 : n % of) === index - 1)
