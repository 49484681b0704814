/** All of a world as JSON, for people and their programs: resources as documents show them, by account and collection. */

import type { Blob } from '../model/resources.ts'
import type { Entry } from './store/entries.ts'
import type { World } from './world.ts'

export interface ExportedAccount {
  readonly provider: string
  readonly account: string
  /** By collection, in the order in which they're listed; blobs with their content where that's wanted. */
  readonly collections: Readonly<Record<string, readonly object[]>>
}

export interface ExportedWorld {
  readonly world: string
  readonly seed: string
  /** Cloud time, ISO 8601. */
  readonly time: string
  readonly accounts: readonly ExportedAccount[]
}

/** @param options.contents whether blobs have their content, as `base64`. */
export const exportWorld = async (world: World, options: { readonly contents?: boolean } = {}): Promise<ExportedWorld> => {
  await world.settle()
  const contents = new Map<string, string>()
  const accounts: { provider: string; account: string; collections: Record<string, object[]> }[] = []
  const time = new Date(world.now()).toISOString()
  for await (const entry of world.store.dump(world.name)) {
    if (entry.is === 'account') accounts.push({ provider: entry.provider, account: entry.account, collections: {} })
    else if (entry.is === 'content') await take(entry, options.contents === true ? contents : undefined)
    else {
      const [kind, shown] = resourceOf(entry, contents) ?? []
      const collections = accounts.at(-1)?.collections
      if (kind === undefined || shown === undefined || collections === undefined) continue
      collections[kind] ??= []
      collections[kind]?.push(shown)
    }
  }
  return { world: world.name, seed: world.seed, time, accounts }
}

const take = async ({ hash, content }: Extract<Entry, { is: 'content' }>, contents: Map<string, string> | undefined): Promise<void> => {
  if (contents === undefined) {
    await content[Symbol.asyncIterator]().return?.()
    return
  }
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  contents.set(hash, Buffer.concat(pieces).toString('base64'))
}

/** What only the simulator knows of. */
const unseen: ReadonlySet<string> = new Set(['leases', 'echoes'])

const resourceOf = (entry: Entry, contents: ReadonlyMap<string, string>): [string, object] | undefined => {
  if (entry.is === 'resource') return unseen.has(entry.kind) ? undefined : [entry.kind, entry.shown]
  if (entry.is !== 'blob') return undefined
  const base64 = contents.get(entry.hash)
  const shown: Blob = entry.shown
  return ['blobs', base64 === undefined ? shown : { ...shown, base64 }]
}
