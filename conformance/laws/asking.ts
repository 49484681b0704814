/** What laws ask of a site, in the words of the API. */

import type { Answer } from '../client.ts'
import { type Item, itemsAt, listed, read } from '../documents/read.ts'
import type { Site } from '../site.ts'

/** A query string of names and values, to be put behind what has a query already. */
export const query = (pairs: Iterable<readonly [string, string]>): string =>
  [...pairs].map(([name, value]) => `&${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`).join('')

export const segment = (id: string): string => encodeURIComponent(id.toWellFormed())

export const index = (
  site: Site,
  collection: string,
  format: 'xml' | 'json',
  filters: Iterable<readonly [string, string]> = [],
): Promise<Answer> => site.ask(`${site.root}/${collection}?format=${format}${query(filters)}`)

export const show = (site: Site, collection: string, id: string, format: 'xml' | 'json'): Promise<Answer> =>
  site.ask(`${site.root}/${collection}/${segment(id)}?format=${format}`)

/** An instance as laws look at it. */
export interface SeenInstance {
  readonly id: string
  /** In lower case, as machines have it. */
  readonly state: string
  /** Names of its links: of actions, and of what else can be done with it. */
  readonly offered: readonly string[]
  readonly item: Item
}

export const seenInstance = (item: Item): SeenInstance => ({
  id: read(item, 'id') ?? '',
  state: (read(item, 'state') ?? '').toLowerCase(),
  offered: itemsAt(item, 'actions').map(action => read(action, 'rel') ?? ''),
  item,
})

/** All instances as they are now; their states are noted. @param on the action that was asked for since the last look, by instance */
export const instancesOf = async (site: Site, on: Readonly<Record<string, string>> = {}): Promise<readonly SeenInstance[]> => {
  const found = listed(await index(site, 'instances', 'json'), 'instances').map(seenInstance)
  for (const { id, state } of found) site.sawInstance(id, state, on[id])
  return found
}

/** The four actions that a machine knows of, of those that a document offers. */
export const actionsOf = (offered: readonly string[]): readonly string[] =>
  offered.filter(rel => rel === 'start' || rel === 'stop' || rel === 'reboot' || rel === 'destroy')
