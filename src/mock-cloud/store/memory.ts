/** A store in memory: each world is a database of its own, so that one is made, copied and forgotten at once. Large contents are in files that all share. */

import { conflict, notFound } from '../../model/errors.ts'
import type { Bytes } from '../../model/requests.ts'
import type { Event, EventQuery } from '../events.ts'
import { Contents } from './contents.ts'
import type { Entry } from './entries.ts'
import type { Incoming } from './receive.ts'
import { SqliteStore } from './sqlite.ts'
import { openImage } from './sqlite-file.ts'
import type { FreshWorld, Horizon, LiveWorld, Owner, Reading, Scope, Store, Transaction, WorldState } from './store.ts'

export class MemoryStore implements Store {
  readonly kind = 'memory'
  private readonly contents = new Contents()
  private readonly stores = new Map<string, SqliteStore>()
  /** Those that aren't a world yet, but have contents already. */
  private readonly making = new Set<SqliteStore>()
  private readonly remembered = new Map<string, string>()

  async check(): Promise<void> {
    // Nothing of it can be out of reach.
  }

  async remember(name: string, make: () => string): Promise<string> {
    const value = this.remembered.get(name) ?? make()
    this.remembered.set(name, value)
    return value
  }

  async worlds(): Promise<readonly string[]> {
    return [...this.stores.keys()].sort()
  }

  enter(name: string, fresh: FreshWorld): Promise<LiveWorld> {
    let store = this.stores.get(name)
    if (store === undefined) {
      store = this.open()
      this.stores.set(name, store)
    }
    return store.enter(name, fresh)
  }

  async change(name: string, change: (state: WorldState) => Partial<Pick<WorldState, 'clock' | 'settings'>>): Promise<void> {
    return this.of(name).change(name, change)
  }

  async clear(name: string, time: number): Promise<void> {
    return this.of(name).clear(name, time)
  }

  async remove(name: string): Promise<void> {
    const store = this.stores.get(name)
    if (store === undefined) return
    this.stores.delete(name)
    const files = await store.end()
    for (const hash of files) await this.contents.remove(hash, () => this.isWanted(hash))
  }

  async fork(from: string, to: string, time: number): Promise<void> {
    // Among the others in the same turn of the loop, so that its contents are known to be wanted.
    const copy = await this.of(from).image(image => {
      if (this.stores.has(to)) throw conflict(`There is a world '${to}' already`)
      const opened = this.open(image)
      this.stores.set(to, opened)
      return opened
    })
    await copy.rename(from, to, time)
  }

  async accounts(name: string): Promise<readonly Owner[]> {
    return this.of(name).accounts(name)
  }

  async horizon(name: string): Promise<Horizon | undefined> {
    return this.of(name).horizon(name)
  }

  async events(name: string, query: EventQuery): Promise<readonly Event[]> {
    return this.of(name).events(name, query)
  }

  async lastEvent(name: string): Promise<number> {
    return this.of(name).lastEvent(name)
  }

  dump(name: string): AsyncIterable<Entry> {
    return this.of(name).dump(name)
  }

  async replace(name: string, fresh: FreshWorld & { readonly seq: number }, fill: (tx: Transaction) => Promise<void>): Promise<void> {
    const store = this.open()
    this.making.add(store)
    try {
      await store.replace(name, fresh, fill)
      await this.remove(name)
      this.stores.set(name, store)
    } catch (error) {
      await store.end()
      throw error
    } finally {
      this.making.delete(store)
    }
  }

  async read<T>(scope: Scope, operation: (tx: Reading) => Promise<T>): Promise<T> {
    return this.of(scope.world).read(scope, operation)
  }

  async write<T>(scope: Scope, operation: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.of(scope.world).write(scope, operation)
  }

  receive(content: Bytes, length?: number): Promise<Incoming> {
    return this.contents.receive(content, length)
  }

  discard(incoming: Incoming): Promise<void> {
    return this.contents.discard(incoming)
  }

  async close(): Promise<void> {
    await Promise.all([...this.stores.values()].map(store => store.end()))
    this.contents.close()
  }

  private open(image?: Uint8Array): SqliteStore {
    return new SqliteStore(openImage(image), this.contents, { isWanted: hash => this.isWanted(hash) })
  }

  private isWanted(hash: string): boolean {
    return [...this.stores.values(), ...this.making].some(store => store.has(hash))
  }

  /** @throws CloudError `not-found` */
  private of(name: string): SqliteStore {
    const store = this.stores.get(name)
    if (store === undefined) throw notFound(`There is no world '${name}'`)
    return store
  }
}
