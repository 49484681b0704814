/** What laws ask of a cloud, in the words of the API. */

import { type OperationGroup, offers } from '../../src/drivers/driver.ts'
import type { Answer } from '../client.ts'
import { type CloudUnderTest, Inconclusive } from '../cloud-under-test.ts'
import { type Item, itemsAt, read, readIndex, readResource } from '../documents/read.ts'
import type { Setting } from './law.ts'

/** A query string of names and values, to be put behind what has a query already. */
export const query = (pairs: Iterable<readonly [string, string]>): string =>
  [...pairs].map(([name, value]) => `&${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`).join('')

export const encodeSegment = (id: string): string => encodeURIComponent(id.toWellFormed())

export const askIndex = (
  cloud: CloudUnderTest,
  collection: string,
  format: 'xml' | 'json',
  filters: Iterable<readonly [string, string]> = [],
): Promise<Answer> => cloud.ask(`${cloud.root}/${collection}?format=${format}${query(filters)}`)

export const askResource = (cloud: CloudUnderTest, collection: string, id: string, format: 'xml' | 'json'): Promise<Answer> =>
  cloud.ask(`${cloud.root}/${collection}/${encodeSegment(id)}?format=${format}`)

/** An instance as laws look at it. */
export interface SeenInstance {
  readonly id: string
  /** In lower case, as machines have it. */
  readonly state: string
  /** Names of its links: of actions, and of what else can be done with it. */
  readonly offered: readonly string[]
  readonly item: Item
}

export const toSeenInstance = (item: Item): SeenInstance => ({
  id: read(item, 'id') ?? '',
  state: (read(item, 'state') ?? '').toLowerCase(),
  offered: itemsAt(item, 'actions').map(action => read(action, 'rel') ?? ''),
  item,
})

/** All instances as they are now; their states are noted. @param on the action that was asked for since the last look, by instance */
export const instancesOf = async (cloud: CloudUnderTest, on: Readonly<Record<string, string>> = {}): Promise<readonly SeenInstance[]> => {
  const found = readIndex(await askIndex(cloud, 'instances', 'json'), 'instances').map(toSeenInstance)
  for (const { id, state } of found) cloud.sawInstance(id, state, on[id])
  return found
}

/** The four actions that a machine knows of, of those that a document offers. */
export const actionsOf = (offered: readonly string[]): readonly string[] =>
  offered.filter(rel => rel === 'start' || rel === 'stop' || rel === 'reboot' || rel === 'destroy')

/** The instances that can be looked at here: all of them, or on a recording those that its steps show. @throws Inconclusive where there are none */
export const seeInstances = async (cloud: CloudUnderTest): Promise<readonly SeenInstance[]> => {
  const found = cloud.collections.includes('instances') ? await instancesOf(cloud) : await instancesInSteps(cloud)
  if (found.length === 0) throw new Inconclusive('there is no instance to be seen')
  return found
}

const instancesInSteps = async (cloud: CloudUnderTest): Promise<readonly SeenInstance[]> => {
  const steps = cloud.abilities.recorded?.recording.scenario.steps ?? []
  const paths = new Set(
    steps.flatMap(({ request: { method, path }, expect }) =>
      method === 'GET' && /^\/api\/instances\/[^/]+$/.test(path) && [expect.status].flat().includes(200) ? [path] : [],
    ),
  )
  const found: SeenInstance[] = []
  for (const path of paths) {
    const answer = await cloud.ask(`${path}?format=json`)
    if (answer.status !== 200) continue
    const instance = toSeenInstance(readResource(answer))
    cloud.sawInstance(instance.id, instance.state)
    found.push(instance)
  }
  return found
}

/** A sentence where a driver lacks an operation. */
export const describeMissing = (
  { offer }: Pick<Setting, 'offer'>,
  group: OperationGroup,
  ...operations: readonly string[]
): string | undefined => {
  const missing = operations.filter(operation => !offers(offer.operations, group, operation))
  return missing.length === 0 ? undefined : `the driver has no ${group}.${missing.join(` and no ${group}.`)}`
}

/** Chosen by a number that was generated before it was known what there is. */
export const pickNth = <T>(from: readonly T[], n: number): T | undefined => from[n % Math.max(1, from.length)]

export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
