/** Records while the server runs: both files are renewed after each request of a client, so whoever ends the server, by whatever means, loses nothing. */

import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../drivers/context.ts'
import { Refusal } from '../record/gate.ts'
import { Recorder } from '../record/recorder.ts'
import { save, textsOf } from '../record/save.ts'
import { Problem, whyFile } from './problem.ts'
import type { Settings } from './settings.ts'

/** @param tell what the person who runs the server has to know @throws Problem where nothing can be written */
export const recordInto = (
  folder: string,
  { driver, provider, credentials }: Pick<Settings, 'driver' | 'provider' | 'credentials'>,
  log: Log,
  tell: (line: string) => void = line => process.stderr.write(`${line}\n`),
): Recorder => {
  const own = join(folder, driver)
  try {
    mkdirSync(own, { recursive: true })
    accessSync(own, constants.W_OK)
  } catch (error) {
    throw new Problem(`Recordings can't be written into ${own}: ${whyFile(error)}.`)
  }
  const begun = new Date().toISOString()
  // Servers that begin in the same second write files of their own.
  const name = `capture-${begun.slice(0, 19).replace(/[:T]/g, '-')}-${process.pid}`
  const recorder = new Recorder()
  if (credentials !== undefined) recorder.knows(credentials.password)
  const told = new Set<string>()
  const tellOnce = (line: string): void => {
    if (told.has(line)) return
    told.add(line)
    log.warn({ recording: name }, line)
    tell(line)
  }
  recorder.onStep(() => {
    if (recorder.size.exchanges === 0) return
    if (recorder.isFull) tellOnce(`The recording ${name} is full: what is asked from now on is not recorded`)
    try {
      const texts = textsOf(recorder, {
        driver,
        name,
        title: 'captured while a server ran',
        provider,
        user: credentials?.user ?? recorder.user,
        kind: 'live',
        service: provider ?? driver,
        captured: begun.slice(0, 10),
      })
      save(own, name, texts)
    } catch (error) {
      // The clients' requests go on; what was written before stays.
      tellOnce(error instanceof Refusal ? error.message : `The recording ${name} can't be written: ${whyFile(error)}`)
    }
  })
  return recorder
}
