/** Records a script: its steps are asked of a driver through the real server, and what the driver and its provider say is written down. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Credentials } from '../../src/drivers/context.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { type Expectation, expectationOf } from '../../src/record/expectations.ts'
import { Recorder } from '../../src/record/recorder.ts'
import { save, type Texts, textsOf } from '../../src/record/save.ts'
import { isTellable } from '../../src/record/spellings.ts'
import type { RecordedStep } from '../../src/record/steps.ts'
import { prepareRequest } from '../client.ts'
import type { Harness } from '../harness.ts'
import { Problem } from '../problem.ts'
import { parseHar } from '../replay/har.ts'
import { type Recording, readRecording } from '../replay/recording.ts'
import { parseScenario, parseScript, type Script } from '../replay/scenario.ts'
import { requestOf } from '../replay/steps.ts'
import { type InProcess, startInProcess } from '../sources/in-process.ts'
import { renewExpectation } from './again.ts'
import { changesBetween } from './changes.ts'

export interface RecordOptions {
  readonly harness: Harness
  readonly driver: string
  readonly provider: string | undefined
  readonly credentials: Credentials
  /** What the provider is: `live`, or `emulator` for another implementation. */
  readonly kind: 'live' | 'emulator'
  readonly service: string
  /** The folder of all drivers. */
  readonly out: string
  /** The script is a recording that is made again: what it expects keeps its form. */
  readonly isUpdate?: boolean
  readonly now?: () => number
}

/** What became of a script. */
export interface Recorded {
  readonly name: string
  readonly texts: Texts
  /** How the steps were answered, as lines. */
  readonly answers: readonly string[]
  /** What is another than in the recording that was there, as lines; undefined where there was none. */
  readonly changes: readonly string[] | undefined
}

/** @throws Problem where nothing can be recorded; Refusal where a secret would be written */
export const recordScript = async (script: Script, name: string, options: RecordOptions): Promise<Recorded> => {
  const { driver, provider = script.provider, credentials, isUpdate = false, now = Date.now } = options
  if (!isTellable(credentials.password))
    throw new Problem('The password is too short to be told from other text, so it could not be taken out of the recording: use another')
  const recorder = new Recorder(now)
  recorder.knows(credentials.password)
  await ask(script, recorder, { ...options, provider })
  if (recorder.size.exchanges === 0) throw new Problem(`The driver '${driver}' asked its provider nothing: there is nothing to record`)
  const { note } = script.provenance ?? {}
  const texts = textsOf(recorder, {
    driver,
    name,
    title: script.title,
    provider,
    user: credentials.user,
    kind: options.kind,
    service: options.service,
    captured: new Date(now()).toISOString().slice(0, 10),
    script: script.steps,
    expect: (step, n) => expectationFor(script.steps[n], step, isUpdate),
    ...(script.options === undefined ? {} : { options: script.options }),
    ...(script.match?.body === undefined ? {} : { body: script.match.body }),
    ...(note === undefined ? {} : { note }),
  })
  const answers = recorder.steps.map(({ status }, n) => `${status} ${script.steps[n]?.title ?? ''}`)
  return { name, texts, answers, changes: await changesOf(options, name, texts) }
}

const ask = async (script: Script, recorder: Recorder, { harness, provider, driver, credentials }: RecordOptions): Promise<void> => {
  const mock = await MockCloud.open({ accounts: { [credentials.user]: credentials.password } })
  try {
    const server = await serve(harness, mock, recorder, provider)
    try {
      for (const step of script.steps) {
        const whom = { driver, ...(provider === undefined ? {} : { provider }) }
        // A step that is to be turned away says so itself.
        const login = isStranger(step) ? { ...credentials, password: 'not-the-password' } : credentials
        await server.send(prepareRequest({ ...requestOf(step, whom, 'json'), login }, undefined), 'default')
      }
    } finally {
      await server.close()
    }
  } finally {
    await mock.close()
  }
}

/** @throws Problem for a provider that the driver doesn't have */
const serve = async (harness: Harness, mock: MockCloud, recorder: Recorder, provider: string | undefined): Promise<InProcess> => {
  const own = typeof harness.driver === 'function' ? harness.driver(mock) : harness.driver
  try {
    return await startInProcess({ driver: own.id, drivers: [own], mock, recorder, ...(provider === undefined ? {} : { provider }) })
  } catch (error) {
    if (error instanceof TypeError) throw new Problem(error.message)
    throw error
  }
}

type ScriptStep = Script['steps'][number]

const isStranger = ({ expect }: ScriptStep): boolean => [expect?.status].flat()[0] === 401

/** What a person chose to expect is kept, with today's values; all else is drafted. */
const expectationFor = (step: ScriptStep | undefined, answered: RecordedStep, isUpdate: boolean): Expectation => {
  const before = step?.expect
  const isChosen = isUpdate || before?.element !== undefined || before?.collection !== undefined
  return before !== undefined && isChosen ? renewExpectation(before, answered) : expectationOf(answered)
}

const changesOf = async (
  { out, driver }: RecordOptions,
  name: string,
  { har, scenario }: Texts,
): Promise<readonly string[] | undefined> => {
  const folder = join(out, driver)
  if (!existsSync(join(folder, `${name}.har`))) return undefined
  const before: Recording = await readRecording(folder, driver, name)
  return changesBetween(before, {
    ...before,
    har: parseHar(`${name}.har`, har),
    scenario: parseScenario(`${name}.scenario.json`, scenario),
  })
}

/** @throws Problem for a file that's none */
export const readScript = async (file: string): Promise<Script> => {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new Problem(`The script ${file} can't be read: ${reasonOf(error)}`)
  }
  return parseScript(file, text)
}

/** @throws Problem where it can't be written */
export const write = (out: string, driver: string, { name, texts }: Recorded): void => {
  try {
    save(join(out, driver), name, texts)
  } catch (error) {
    throw new Problem(`The recording ${name} can't be written into ${join(out, driver)}: ${reasonOf(error)}`)
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
