/** Recordings as they lie in folders: `<driver>/<name>.har` and `<driver>/<name>.scenario.json`. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Har, MalformedRecording, parseHar } from './har.ts'
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

const endings = { har: '.har', scenario: '.scenario.json' } as const

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
  const [hars, scenarios] = [new Set(names(endings.har)), new Set(names(endings.scenario))]
  for (const name of new Set([...hars, ...scenarios])) {
    if (!hars.has(name))
      throw new MalformedRecording(`${driver}/${name}${endings.scenario}`, [`the traffic that belongs to it, ${name}.har, is missing`])
    if (!scenarios.has(name))
      throw new MalformedRecording(`${driver}/${name}.har`, [`the scenario that belongs to it, ${name}${endings.scenario}, is missing`])
  }
  return Promise.all([...hars].map(name => readRecording(folder, driver, name)))
}

/** One recording. @throws MalformedRecording */
export const readRecording = async (folder: string, driver: string, name: string): Promise<Recording> => {
  const text = (ending: string) => readFile(join(folder, `${name}${ending}`), 'utf8')
  const scenarioName = `${driver}/${name}${endings.scenario}`
  const har = parseHar(`${driver}/${name}.har`, await text(endings.har))
  const scenario = parseScenario(scenarioName, await text(endings.scenario))
  if (scenario.driver !== driver)
    throw new MalformedRecording(scenarioName, [`driver: is '${scenario.driver}', and the folder is ${driver}`])
  if (scenario.traffic !== `${name}.har`)
    throw new MalformedRecording(scenarioName, [`traffic: is '${scenario.traffic}', and must be ${name}.har`])
  return { driver, name, folder, har, scenario }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
