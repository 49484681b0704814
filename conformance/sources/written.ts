/** What a recorder that looked on would write: the texts of its files. */

import { Refusal } from '../../src/record/gate.ts'
import type { Recorder } from '../../src/record/recorder.ts'
import { textsOf } from '../../src/record/save.ts'

/** @returns HAR and scenario; nothing where nothing was exchanged, or where the recorder refuses to write a secret */
export const writtenBy = (recorder: Recorder, driver: string, provider: string | undefined): readonly string[] => {
  if (recorder.size.exchanges === 0) return []
  const about = {
    driver,
    provider,
    name: 'written',
    title: 'written',
    kind: 'emulator',
    service: 'a replay',
    captured: '2030-01-01',
  } as const
  try {
    const { har, scenario } = textsOf(recorder, { ...about, user: recorder.user })
    return [har, scenario]
  } catch (error) {
    if (error instanceof Refusal) return []
    throw error
  }
}
