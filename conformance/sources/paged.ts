/** M: recordings whose lists come in pages, each beside the same recording with its lists in one. */

import type fc from 'fast-check'
import type { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { Inconclusive } from '../cloud-under-test.ts'
import type { Subject } from '../harness.ts'
import { PagedTransport } from '../mutations/paged-transport.ts'
import { cutIntoPages, type PagesMutation, pagedAnswers, pagesMutations } from '../mutations/pages.ts'
import type { Shapes } from '../mutations/shapes.ts'
import { Player } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'
import { performSteps, type StepOutcome } from '../replay/steps.ts'
import { openPlayed } from './recorded.ts'
import type { OpenCloud, Setup } from './source.ts'

/** Seconds that a request may take. */
const timeLimit = 10

interface Ground {
  readonly subject: Subject
  readonly shapes: Shapes
  readonly mock: MockCloud
  /** What the steps of a recording are answered. */
  readonly perform: (recording: Recording) => Promise<readonly StepOutcome[]>
}

/** A part for each recording that has lists to cut. */
export const pagedParts = (recordings: readonly Recording[], ground: Ground): readonly fc.Arbitrary<Setup>[] =>
  recordings
    .filter(recording => pagedAnswers(recording, ground.shapes).length > 0)
    .map((recording, n) =>
      pagesMutations(n).map(mutation => ({
        given: `the recording ${recording.name}, with ${JSON.stringify(mutation)}`,
        open: () => openPaged(recording, mutation, ground),
      })),
    )

const openPaged = async (cut: Recording, mutation: PagesMutation, { subject, shapes, mock, perform }: Ground): Promise<OpenCloud> => {
  const { recording, lists, done } = cutIntoPages(cut, shapes, mutation)
  if (lists.length === 0) throw new Inconclusive('no list of the recording has more than one page')
  const player = new Player(recording)
  const transport = new PagedTransport(player, lists)
  const outcomes: StepOutcome[] = []
  const played = await openPlayed({
    subject,
    recording,
    mock,
    player,
    transport,
    rewound: () => new PagedTransport(new Player(recording), lists),
    timeLimit,
    mutations: done,
    outcomes,
    pages: { flaw: mutation.flaw, transport, whole: () => perform(recording) },
  })
  try {
    outcomes.push(...(await performSteps(played.cloud, recording.scenario, 'json')))
  } catch (error) {
    await played[Symbol.asyncDispose]()
    throw error
  }
  return { ...played, grade: 'property-tested' }
}
