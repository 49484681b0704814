/** Opens the sources of a subject's behaviour, each only where there is one. */

import type { Subject } from '../harness.ts'
import type { Recording } from '../replay/recording.ts'
import type { SourceKind } from '../results.ts'
import type { LiveBudget, LiveOptions } from './live.ts'
import type { Source } from './source.ts'

export interface Sources {
  /** Those of the subject's driver. */
  readonly recordings: readonly Recording[]
  /** Where a live endpoint is to be asked. */
  readonly live: LiveOptions | undefined
  /** What may still be made of live clouds. */
  readonly budget: LiveBudget
}

/** A source, or the sentence that says why there is none. */
export const openSource = async (
  source: Exclude<SourceKind, 'static'>,
  subject: Subject,
  { recordings, live, budget }: Sources,
): Promise<Source | string> => {
  const { harness } = subject
  switch (source) {
    case 'T':
      if (isSimulator(subject)) return (await import('./simulated.ts')).openSimulated(subject)
      if (harness.roundTrip === undefined) return 'there is no frontend of its protocol'
      return (await import('./round-trip.ts')).openRoundTrip(subject)
    case 'R':
      if (isSimulator(subject)) return 'the simulator asks no provider: there is nothing to record'
      if (recordings.length === 0) return 'there are no recordings of its provider'
      return (await import('./recorded.ts')).openRecorded(subject, recordings)
    case 'M':
      if (isSimulator(subject)) return 'the simulator asks no provider: there is nothing to mutate'
      if (recordings.length === 0) return 'there are no recordings of its provider'
      if (harness.shapes === undefined) return 'nobody has written down what of its provider’s answers may change'
      return (await import('./mutated.ts')).openMutated(subject, recordings)
    case 'L':
      return live === undefined ? 'no live endpoint was asked' : (await import('./live.ts')).openLive(subject, live, budget)
  }
}

const isSimulator = ({ harness }: Subject): boolean => typeof harness.driver === 'function'
