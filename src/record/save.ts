/** Writes recordings, whole or not at all. */

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DraftOptions, draftOf } from './draft.ts'
import type { Recorder } from './recorder.ts'

/** The two files of a recording, as text. */
export interface Texts {
  readonly har: string
  readonly scenario: string
}

/** @throws Refusal where a secret would be in one of them; then there is neither */
export const textsOf = (recorder: Recorder, options: DraftOptions): Texts => {
  const scenario = (): string => recorder.scenario(`${options.name}.scenario.json`, draftOf(recorder.steps, options))
  // Secrets that only clients tell have to be known before the traffic is written, and then all have their numbers.
  scenario()
  const har = recorder.har(`${options.name}.har`)
  return { har, scenario: scenario() }
}

/** @param folder that of the driver; made where there is none @throws what the file system does */
export const save = (folder: string, name: string, { har, scenario }: Texts): void => {
  mkdirSync(folder, { recursive: true })
  // Both are whole before one takes its place.
  const files = [
    [join(folder, `${name}.har`), har],
    [join(folder, `${name}.scenario.json`), scenario],
  ] as const
  try {
    for (const [file, text] of files) writeFileSync(`${file}.part`, text)
    for (const [file] of files) renameSync(`${file}.part`, file)
  } catch (error) {
    for (const [file] of files) rmSync(`${file}.part`, { force: true })
    throw error
  }
}
