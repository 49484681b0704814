/** A store in sqlite: in memory, or in a file. One transaction at a time, from a queue. */

import type { DatabaseSync } from 'node:sqlite'
import { CloudError, conflict, notFound } from '../../model/errors.ts'
import type { Bytes } from '../../model/requests.ts'
import type { Event, EventQuery } from '../events.ts'
import { Contents } from './contents.ts'
import type { Entry } from './entries.ts'
import { Queue } from './queue.ts'
import type { Incoming } from './receive.ts'
import { Reserve } from './reserve.ts'
import { copyWorld, emptyWorld, removeWorld } from './sqlite-copies.ts'
import { SqliteDump } from './sqlite-dump.ts'
import { openDatabase } from './sqlite-file.ts'
import { nextDue, SqliteTransaction, type Work } from './sqlite-transaction.ts'
import { SqliteWorld } from './sqlite-world.ts'
import { Statements } from './statements.ts'
import type { FreshWorld, Horizon, LiveWorld, Owner, Reading, Scope, Store, Transaction, WorldState } from './store.ts'

export class SqliteStore implements Store {
  private readonly db: DatabaseSync
  private readonly sql: Statements
  private readonly contents: Contents
  private readonly reserve: Reserve | undefined
  private readonly isWanted: (hash: string) => boolean
  private readonly queue = new Queue()
  private readonly entered = new Map<string, SqliteWorld>()
  /** The database as an image, for as long as nothing is written. */
  private kept: Uint8Array | undefined

  readonly kind = 'file'

  /**
   * @param contents where large contents are; the caller's to close.
   * @param options.file where the database is, if it's not in memory.
   * @param options.isWanted whether a content is to stay, where other stores have theirs in the same place.
   */
  constructor(db: DatabaseSync, contents: Contents, options: { readonly file?: string; readonly isWanted?: (hash: string) => boolean }) {
    this.db = db
    this.sql = new Statements(db, options.file)
    this.reserve = options.file === undefined ? undefined : new Reserve(`${options.file}-reserve`)
    this.contents = contents
    this.isWanted = options.isWanted ?? (hash => this.has(hash))
  }

  /** @throws StateError */
  static inFile(file: string): SqliteStore {
    const store = new SqliteStore(openDatabase(file), new Contents(`${file}.blobs`), { file })
    store.contents.sweep(hash => store.has(hash))
    return store
  }

  async check(): Promise<void> {
    await this.alone(async ({ sql }) => {
      sql.run('insert into meta values (?, ?) on conflict (name) do update set value = excluded.value', 'checked', new Date().toISOString())
    })
    if (this.sql.damage !== undefined) throw this.sql.damage
  }

  remember(name: string, make: () => string): Promise<string> {
    return this.alone(async () => {
      const row = this.sql.row('select value from meta where name = ?', name)
      if (row !== undefined) return String(row[0])
      const made = make()
      this.sql.run('insert into meta values (?, ?)', name, made)
      return made
    })
  }

  worlds(): Promise<readonly string[]> {
    return this.queue.run(async () => this.sql.rows('select name from world order by name').map(row => String(row[0])))
  }

  enter(name: string, fresh: FreshWorld): Promise<LiveWorld> {
    return this.alone(async () => {
      const world = this.entered.get(name) ?? SqliteWorld.find(this.sql, name) ?? SqliteWorld.make(this.sql, name, fresh)
      this.entered.set(name, world)
      return world
    })
  }

  change(name: string, change: (state: WorldState) => Partial<Pick<WorldState, 'clock' | 'settings'>>): Promise<void> {
    return this.inWorld(name, async ({ sql }, world) => {
      world.write(sql, { ...world.state, ...change(world.state) })
    })
  }

  clear(name: string, time: number): Promise<void> {
    return this.inWorld(name, async ({ sql, strays, purpose }, world) => {
      purpose.removes = true
      emptyWorld(sql, world.id, strays)
      world.append(sql, [{ time, type: 'reset' }])
    })
  }

  async remove(name: string): Promise<void> {
    await this.alone(async work => {
      work.purpose.removes = true
      const world = this.entered.get(name) ?? SqliteWorld.find(this.sql, name)
      if (world !== undefined) this.drop(world, work)
    })
  }

  fork(from: string, to: string, time: number): Promise<void> {
    return this.inWorld(from, async ({ sql }, { state, id }) => {
      if (SqliteWorld.find(sql, to) !== undefined) throw conflict(`There is a world '${to}' already`)
      const copy = SqliteWorld.make(sql, to, state)
      copyWorld(sql, id, copy.id)
      SqliteWorld.find(sql, to)?.append(sql, [{ time, type: 'forked' }])
    })
  }

  /** Makes a fork of a database that is a copy as a whole. */
  rename(from: string, to: string, time: number): Promise<void> {
    return this.alone(async ({ sql }) => {
      sql.run('update world set name = ? where name = ?', to, from)
      SqliteWorld.find(sql, to)?.append(sql, [{ time, type: 'forked' }])
    })
  }

  accounts(name: string): Promise<readonly Owner[]> {
    const { id } = this.world(name)
    return this.queue.run(async () =>
      this.sql
        .rows('select provider, account from account where world = ? order by provider, account', id)
        .map(([provider, account]) => ({ provider: String(provider), account: String(account) })),
    )
  }

  horizon(name: string): Promise<Horizon | undefined> {
    const { id } = this.world(name)
    return this.queue.run(async () => {
      const first = nextDue(this.sql, id, Number.MAX_SAFE_INTEGER)
      const last = this.sql.row('select max(due) from resource where world = ? and due is not null', id)?.[0]
      return first === undefined ? undefined : { first, last: Number(last) }
    })
  }

  events(name: string, query: EventQuery): Promise<readonly Event[]> {
    const world = this.world(name)
    return this.queue.run(async () => world.events(this.sql, query))
  }

  async lastEvent(name: string): Promise<number> {
    return this.world(name).lastEvent
  }

  async *dump(name: string): AsyncGenerator<Entry> {
    const world = this.world(name)
    const dump = await this.queue.run(async () => new SqliteDump(this.sql, this.contents, world))
    try {
      yield* dump.entries()
    } finally {
      dump.release()
      for (const hash of dump.held) await this.contents.remove(hash, () => this.isWanted(hash))
    }
  }

  replace(name: string, fresh: FreshWorld & { readonly seq: number }, fill: (tx: Transaction) => Promise<void>): Promise<void> {
    // What fills it may have been read for it, so this isn't started again.
    return this.once(async work => {
      const old = this.entered.get(name) ?? SqliteWorld.find(this.sql, name)
      if (old !== undefined) this.drop(old, work)
      const world = SqliteWorld.make(this.sql, name, fresh)
      world.countFrom(fresh.seq)
      await fill(new SqliteTransaction({ ...work, world }, '', ''))
    })
  }

  read<T>(scope: Scope, operation: (tx: Reading) => Promise<T>): Promise<T> {
    const world = this.world(scope.world)
    return this.queue.run(() => {
      world.checkThere()
      return operation(new SqliteTransaction({ ...this.work(), world }, scope.provider, scope.account))
    })
  }

  write<T>(scope: Scope, operation: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.inWorld(scope.world, (work, world) => operation(new SqliteTransaction({ ...work, world }, scope.provider, scope.account)))
  }

  receive(content: Bytes, length?: number): Promise<Incoming> {
    return this.contents.receive(content, length)
  }

  discard(incoming: Incoming): Promise<void> {
    return this.contents.discard(incoming)
  }

  async close(): Promise<void> {
    await this.queue.run(async () => {
      this.sql.close()
      this.contents.close()
    })
  }

  /** Closes the database alone, once what runs has ended; its worlds are gone. @returns hashes of the contents that it had in files. */
  end(): Promise<readonly string[]> {
    return this.queue.run(async () => {
      const files = this.sql.rows('select hash from content where bytes is null').map(row => String(row[0]))
      for (const world of this.entered.values()) world.end()
      this.sql.close()
      return files
    })
  }

  /** Whether a content is anyone's in this store. */
  has(hash: string): boolean {
    return this.sql.row('select 1 from content where hash = ?', hash) !== undefined
  }

  /** All of the database as it is, once what runs has ended; `take` comes before anything else runs. */
  image<T>(take: (image: Uint8Array) => T): Promise<T> {
    return this.queue.run(async () => {
      this.kept ??= this.db.serialize()
      return take(this.kept)
    })
  }

  /** @throws CloudError `not-found` */
  private world(name: string): SqliteWorld {
    const world = this.entered.get(name)
    if (world === undefined) throw notFound(`There is no world '${name}'`)
    return world
  }

  private drop(world: SqliteWorld, { sql, strays, after }: Work): void {
    removeWorld(sql, world.id, strays)
    after.push(() => {
      this.entered.delete(world.state.name)
      world.end()
    })
  }

  private work(): Work {
    return { sql: this.sql, contents: this.contents, strays: new Set(), arrived: [], after: [], purpose: { removes: false } }
  }

  /** Runs a task on a world that was entered; what it changes of the world itself holds when it's committed. */
  private inWorld<T>(name: string, task: (work: Work, world: SqliteWorld) => Promise<T>): Promise<T> {
    const world = this.world(name)
    return this.alone(async work => {
      world.checkThere()
      work.after.push(isCommitted => world.settle(isCommitted))
      return task(work, world)
    })
  }

  /** @param task is run again from its start where room could be made for it on a full disk: so what is there can be removed. */
  private alone<T>(task: (work: Work) => Promise<T>): Promise<T> {
    return this.queue.run(async () => {
      const work = this.work()
      try {
        return await this.transact(work, task)
      } catch (error) {
        // The files of content that came in are gone by now.
        if (!isFull(error) || work.arrived.length > 0) throw error
        this.makeRoom(work.purpose.removes)
      }
      const result = await this.transact(this.work(), task)
      this.reserve?.fill()
      return result
    })
  }

  private once<T>(task: (work: Work) => Promise<T>): Promise<T> {
    return this.queue.run(() => this.transact(this.work(), task))
  }

  private async transact<T>(work: Work, task: (work: Work) => Promise<T>): Promise<T> {
    this.kept = undefined
    let isCommitted = false
    this.sql.exec('begin immediate')
    try {
      const result = await task(work)
      for (const incoming of work.arrived) await this.contents.place(incoming)
      this.sql.exec('commit')
      isCommitted = true
      return result
    } catch (error) {
      // Some failures (a full disk) have rolled back already.
      if (this.sql.isOpen()) this.sql.exec('rollback')
      throw error
    } finally {
      for (const tell of work.after) tell(isCommitted)
      // Still in the queue, so that nobody takes up a content that is on its way out.
      for (const hash of work.strays) await this.contents.remove(hash, () => this.isWanted(hash))
    }
  }

  /** Moves what the log of the database holds to where it belongs, and gives the room of the log back: as far as there's room for that. */
  private makeRoom(forRemoval: boolean): void {
    if (forRemoval) this.reserve?.release()
    try {
      this.sql.exec('pragma wal_checkpoint(truncate)')
    } catch {
      // It takes room too. The next attempt tells.
    }
  }
}

const isFull = (error: unknown): boolean => error instanceof CloudError && error.kind === 'storage-full'
