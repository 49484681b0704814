/** Recordings as they lie in folders: `<driver>/<name>.har` and `<driver>/<name>.scenario.json`. */

import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeText, isZip, readZip } from './archive.ts'
import { type Har, MalformedRecording, parseHar } from './har.ts'
import type { Attachments } from './har-entry.ts'
import { parseScenario, type Scenario } from './scenario.ts'
import type { Secrets } from './secrets.ts'

export interface Recording {
  readonly driver: string
  readonly name: string
  /** That of the driver. */
  readonly folder: string
  readonly har: Har
  readonly scenario: Scenario
  /** Where fresh secrets stand for those that were taken out. */
  readonly secrets?: Secrets
}

const scenarioEnding = '.scenario.json'
/** Playwright writes a HAR with the bodies beside it as one archive. */
const trafficEndings = ['.har', '.zip'] as const

/**
 * All recordings of a driver, or of all drivers, by driver and name; of one that is in several folders the first counts.
 * @throws MalformedRecording for a file that isn't what it should be, and for a half of a recording
 */
export const readRecordings = async (folders: readonly string[], driver?: string): Promise<readonly Recording[]> => {
  const found = new Map<string, Recording>()
  for (const folder of folders) {
    for (const one of await findDrivers(folder, driver)) {
      for (const recording of await readDriver(join(folder, one), one)) {
        const key = `${one}/${recording.name}`
        if (!found.has(key)) found.set(key, recording)
      }
    }
  }
  return [...found.values()].sort((a, b) => compare(a.driver, b.driver) || compare(a.name, b.name))
}

const findDrivers = async (folder: string, driver: string | undefined): Promise<readonly string[]> => {
  const all = (await readdir(folder, { withFileTypes: true })).filter(entry => entry.isDirectory()).map(({ name }) => name)
  return driver === undefined ? all.sort() : all.filter(name => name === driver)
}

const readDriver = async (folder: string, driver: string): Promise<readonly Recording[]> => {
  const files = await readdir(folder)
  const names = (ending: string) => files.filter(file => file.endsWith(ending)).map(file => file.slice(0, -ending.length))
  const [traffic, scenarios] = [new Set(trafficEndings.flatMap(names)), new Set(names(scenarioEnding))]
  for (const name of new Set([...traffic, ...scenarios])) {
    if (!traffic.has(name))
      throw new MalformedRecording(`${driver}/${name}${scenarioEnding}`, [`the traffic that belongs to it, ${name}.har, is missing`])
    if (!scenarios.has(name))
      throw new MalformedRecording(`${driver}/${name}.har`, [`the scenario that belongs to it, ${name}${scenarioEnding}, is missing`])
  }
  return Promise.all([...traffic].map(name => readRecording(folder, driver, name)))
}

/** One recording. @throws MalformedRecording */
export const readRecording = async (folder: string, driver: string, name: string): Promise<Recording> => {
  const scenarioName = `${driver}/${name}${scenarioEnding}`
  const scenario = parseScenario(scenarioName, (await readBytes(folder, driver, `${name}${scenarioEnding}`)).toString('utf8'))
  if (scenario.driver !== driver)
    throw new MalformedRecording(scenarioName, [`driver: is '${scenario.driver}', and the folder is ${driver}`])
  if (!trafficEndings.some(ending => scenario.traffic === `${name}${ending}`))
    throw new MalformedRecording(scenarioName, [`traffic: is '${scenario.traffic}', and must be ${name}.har`])
  const har = unpackHar(`${driver}/${scenario.traffic}`, await readBytes(folder, driver, scenario.traffic), file =>
    readBeside(folder, file),
  )
  return { driver, name, folder, har, scenario }
}

/** @throws MalformedRecording */
const readBytes = async (folder: string, driver: string, file: string): Promise<Buffer> => {
  try {
    return await readFile(join(folder, file))
  } catch (error) {
    throw new MalformedRecording(`${driver}/${file}`, [`it can't be read (${describeError(error)})`])
  }
}

/** @throws MalformedRecording */
const unpackHar = (name: string, bytes: Buffer, attachments: Attachments): Har => {
  let text: string
  let attached = attachments
  try {
    const files = isZip(bytes) ? readZip(bytes) : undefined
    const [, packed] = [...(files ?? [])].find(([file]) => file.endsWith('.har')) ?? []
    if (files !== undefined && packed === undefined) throw new RangeError('there is no .har file in it')
    if (files !== undefined) attached = file => files.get(file)
    text = decodeText(packed ?? bytes)
  } catch (error) {
    throw new MalformedRecording(name, [`it can't be unpacked (${describeError(error)})`])
  }
  return parseHar(name, text, attached)
}

/** A file beside a HAR; one that would be elsewhere isn't looked for. */
const readBeside = (folder: string, file: string): Buffer | undefined => {
  if (!/^\w[\w.-]*$/.test(file)) return undefined
  try {
    return readFileSync(join(folder, file))
  } catch {
    return undefined
  }
}

const describeError = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
