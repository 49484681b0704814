/** How old recordings are: what a provider said years ago proves little of today's. */

import type { Recording } from '../replay/recording.ts'

const day = 86_400_000

/**
 * @param now wall time, milliseconds since 1970
 * @returns whole days since it was captured; of a month or a year, since its first day; undefined where nobody says
 */
export const ageOf = ({ scenario }: Pick<Recording, 'scenario'>, now: number): number | undefined => {
  const { captured } = scenario.provenance
  const begun = captured === undefined ? Number.NaN : Date.parse(captured)
  return Number.isNaN(begun) ? undefined : Math.max(0, Math.floor((now - begun) / day))
}

/** Those that are older than so many days, or of unknown age. */
export const stale = <One extends Pick<Recording, 'scenario'>>(recordings: readonly One[], maxAge: number, now: number): readonly One[] =>
  recordings.filter(recording => (ageOf(recording, now) ?? Number.POSITIVE_INFINITY) > maxAge)
