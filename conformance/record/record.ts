/** Records a script: its steps are asked of a driver through the real server, and what the driver and its provider say is written down. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Credentials } from '../../src/drivers/context.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { Recorder } from '../../src/record/recorder.ts'
import { save, type Texts, textsOf } from '../../src/record/save.ts'
import { sent } from '../client.ts'
import type { Kit } from '../kit.ts'
import { Problem } from '../problem.ts'
import { parseHar } from '../replay/har.ts'
import { readRecording } from '../replay/recording.ts'
import { parseScenario, type Scenario } from '../replay/scenario.ts'
import { requestOf } from '../replay/steps.ts'
import { inProcess } from '../sources/in-process.ts'
import { changesBetween } from './changes.ts'

export interface RecordOptions {
  readonly kit: Kit
  readonly driver: string
  readonly provider: string | undefined
  readonly credentials: Credentials
  /** What the provider is: `live`, or `emulator` for another implementation. */
  readonly kind: 'live' | 'emulator'
  readonly service: string
  /** The folder of all drivers. */
  readonly out: string
  readonly now?: () => number
}

/** What became of a script. */
export interface Recorded {
  readonly name: string
  readonly texts: Texts
  /** What is another than in the recording that was there, as lines; undefined where there was none. */
  readonly changes: readonly string[] | undefined
}

/** A script is a scenario whose expectations don't matter: its requests are what is asked. */
export const recordScript = async (script: Scenario, name: string, options: RecordOptions): Promise<Recorded> => {
  const { kit, driver, provider = script.provider, credentials, now = Date.now } = options
  const mock = await MockCloud.open({ accounts: { [credentials.user]: credentials.password } })
  const own = typeof kit.driver === 'function' ? kit.driver(mock) : kit.driver
  const recorder = new Recorder(now)
  recorder.knows(credentials.password)
  const server = await inProcess({ driver: own.id, drivers: [own], mock, recorder, ...(provider === undefined ? {} : { provider }) })
  try {
    const { credentials: _, provider: __, ...rest } = script
    for (const step of rest.steps) {
      const { login: ___, ...request } = requestOf(step, { ...rest, driver, ...(provider === undefined ? {} : { provider }) }, 'json')
      // A step that is to be turned away says so itself.
      await server.send(
        sent(
          { ...request, login: isStranger(step.expect.status) ? { ...credentials, password: 'not-the-password' } : credentials },
          undefined,
        ),
        'default',
      )
    }
  } finally {
    await server.close()
    await mock.close()
  }
  if (recorder.size.exchanges === 0) throw new Problem(`The driver '${driver}' asked its provider nothing: there is nothing to record`)
  const texts = textsOf(recorder, {
    driver,
    name,
    title: script.title,
    provider,
    user: credentials.user,
    kind: options.kind,
    service: options.service,
    captured: new Date(now()).toISOString().slice(0, 10),
    titles: script.steps.map(({ title }) => title),
  })
  return { name, texts, changes: await changesOf(options, name, texts) }
}

const isStranger = (status: Scenario['steps'][number]['expect']['status']): boolean => [status].flat()[0] === 401

const changesOf = async (
  { out, driver }: RecordOptions,
  name: string,
  { har, scenario }: Texts,
): Promise<readonly string[] | undefined> => {
  const folder = join(out, driver)
  if (!existsSync(join(folder, `${name}.har`))) return undefined
  const before = await readRecording(folder, driver, name)
  return changesBetween(before, {
    ...before,
    har: parseHar(`${name}.har`, har),
    scenario: parseScenario(`${name}.scenario.json`, scenario),
  })
}

/** @throws Problem for a file that's none */
export const readScript = async (file: string): Promise<Scenario> => {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new Problem(`The script ${file} can’t be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  return parseScenario(file, text)
}

export const write = (out: string, driver: string, { name, texts }: Recorded): void => save(join(out, driver), name, texts)
