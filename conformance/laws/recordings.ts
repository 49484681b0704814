/** Laws R1 to R4: a driver asks what was recorded, and makes of a provider's answer what it says, in whatever order and with whatever else in it. */

import fc from 'fast-check'
import { type CloudUnderTest, hold, Inconclusive } from '../cloud-under-test.ts'
import { type Law, law } from './law.ts'

/** Judges a mutated recording by what was done to it. */
const mutated =
  (kind: 'order' | 'extra' | 'absent') =>
  async (cloud: CloudUnderTest): Promise<void> => {
    const { recorded } = cloud.abilities
    if (recorded?.judge === undefined) throw new Inconclusive('the recording is as it was')
    const verdict = await recorded.judge(kind)
    if (verdict === undefined) throw new Inconclusive('nothing of that kind was changed')
    hold(verdict.length === 0, () => verdict.join('; '))
  }

export const recordingLaws: readonly Law[] = [
  law({
    id: 'R1',
    title: 'replay',
    says: 'Requests match, no mutation is skipped or repeated; every exchange is used where `match.unused` is `fail`; and each step is answered as the scenario expects, as XML and as JSON.',
    family: 'recordings',
    sources: ['R'],
    once: true,
    question: () => fc.constant(undefined),
    async check(cloud) {
      const { recorded } = cloud.abilities
      if (recorded === undefined) throw new Inconclusive('nothing is recorded')
      for (const format of ['xml', 'json'] as const) {
        const wrong = await recorded.replay(format)
        hold(wrong.length === 0, () => `As ${format.toUpperCase()}: ${wrong.join('\n')}`)
      }
    },
  }),
  law({
    id: 'R2',
    title: 'order free',
    says: 'Permuting the provider’s list permutes nothing but order.',
    family: 'recordings',
    sources: ['M'],
    question: () => fc.constant(undefined),
    check: mutated('order'),
  }),
  law({
    id: 'R3',
    title: 'forward compatible',
    says: 'Unknown extra elements in a provider’s answer change nothing (outside the shapes’ `maps`).',
    family: 'recordings',
    sources: ['M'],
    question: () => fc.constant(undefined),
    check: mutated('extra'),
  }),
  law({
    id: 'R4',
    title: 'optional absent',
    says: 'Leaving out one element loses only the attributes made from it; for an `essential` one a 502 that names it is right too; never anything else.',
    family: 'recordings',
    sources: ['M'],
    question: () => fc.constant(undefined),
    check: mutated('absent'),
  }),
]
