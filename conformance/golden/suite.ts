/** Replays a folder of captures: each file against a server of its own over a classic mock cloud, in this process. */

import { accessSync, constants, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { startServer } from '../../src/index.ts'
import { classic } from '../../src/mock-cloud/personalities/classic.ts'
import { frontends } from '../../src/server/frontends.ts'
import { additions } from './additions.ts'
import { readCapture } from './har.ts'
import { intended } from './intended.ts'
import { isObject, parseJson } from './json.ts'
import { driversOfTheirOwn, findOverdue, type Pending, pending, unlistedDrivers } from './pending.ts'
import { type Abilities, type Judged, replay } from './replay.ts'
import type { Lists } from './rules.ts'

export const lists: Lists & { readonly pending: Pending } = {
  rules: [...intended, unlistedDrivers(pending), driversOfTheirOwn(pending)],
  additions,
  pending,
}

export interface Outcome {
  readonly judged: readonly Judged[]
  /** Pending entries that have to go, as sentences. */
  readonly overdue: readonly string[]
}

/**
 * @param only files whose path below the folder has this in it.
 * @throws MalformedCapture for a file that isn't a capture.
 */
export const replayFolder = async (
  folder: string,
  only: string,
  tell: (file: string, judged: readonly Judged[]) => void,
): Promise<Outcome> => {
  const files = globSync('**/*.har', { cwd: folder }).sort()
  const judged: Judged[] = []
  const late = new Set<string>()
  for (const file of files.filter(name => name.includes(only))) {
    const capture = await readCapture(file, join(folder, file))
    const server = await startServer({
      driver: 'mock',
      port: 0,
      frontends: [...frontends.keys()],
      mock: { personalities: { default: classic } },
    })
    try {
      const abilities = await abilitiesOf(server.url)
      for (const sentence of findOverdue(pending, abilities)) late.add(sentence)
      const ofFile = await replay(capture, new URL(server.url), abilities, lists)
      judged.push(...ofFile)
      tell(file, ofFile)
    } finally {
      await server.close(0)
    }
  }
  return { judged, overdue: [...late] }
}

const abilitiesOf = async (url: string): Promise<Abilities> => {
  const drivers = parseJson(await (await fetch(`${url}/api/drivers?format=json`)).text())
  return { drivers: new Set(isObject(drivers) ? Object.keys(drivers) : []), frontends: new Set(frontends.keys()), graphviz: hasGraphviz() }
}

const hasGraphviz = (): boolean =>
  (process.env.PATH ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, 'dot'), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
