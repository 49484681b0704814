/**
 * A store in PostgreSQL, which any number of processes may share.
 *
 * Who writes in an account holds the lock of its row from the first statement on, so that the writers of an account come one after the other,
 * in whichever process they are, and see all that was committed before. Who reads sees the account as it was at one moment, and waits for
 * nobody. What still gets in each other's way (a content that two accounts give up) is started again.
 */

import type { Client, Pool, PoolConfig } from 'pg'
import { conflict, notFound } from '../../model/errors.ts'
import type { Bytes } from '../../model/requests.ts'
import type { Event, EventQuery } from '../events.ts'
import type { Entry } from './entries.ts'
import { PostgresContents } from './postgres-contents.ts'
import { copy, dump, empty } from './postgres-copies.ts'
import { Flush } from './postgres-flush.ts'
import * as log from './postgres-log.ts'
import { explain, prepare, shownUrl } from './postgres-schema.ts'
import { Session, textOf } from './postgres-session.ts'
import { type Opening, PostgresTransaction } from './postgres-transaction.ts'
import { copying, doubtful, explainPostgres, reading, Transactions, unhurried, writing } from './postgres-transactions.ts'
import { PostgresWorlds, type Versioned, versionedOf, worldColumns } from './postgres-worlds.ts'
import { Queue } from './queue.ts'
import type { Incoming } from './receive.ts'
import type { FreshWorld, Horizon, LiveWorld, Owner, Reading, Scope, Store, Transaction, WorldState } from './store.ts'

/** Connections of a process, beside one that it hears news on, and one that it flushes by. */
const connections = 10
/** Milliseconds after which a process that fell silent in the middle of a transaction loses what it holds. */
const silence = 60_000
/** Between two sweeps of contents and logs. Milliseconds. */
const sweeping = 60_000

export class PostgresStore implements Store {
  private readonly pool: Pool
  private readonly transactions: Transactions
  private readonly contents: PostgresContents
  private readonly flush: Flush
  private readonly worldsHere: PostgresWorlds
  /** Writers of an account in this process: only the first of them holds a connection. */
  private readonly writers = new Map<string, { readonly queue: Queue; waiting: number }>()
  private readonly sweeper: NodeJS.Timeout

  readonly kind = 'postgresql'

  /**
   * @param url of a database: `postgres://user:password@host:port/database`.
   * @param options.grace how long a content stays that nobody has, milliseconds.
   * @throws StateError
   */
  static async open(url: string, options: { readonly grace?: number } = {}): Promise<PostgresStore> {
    const config: PoolConfig = {
      connectionString: url,
      pipeline: true,
      max: connections,
      connectionTimeoutMillis: 10_000,
      idleTimeoutMillis: silence,
      idle_in_transaction_session_timeout: silence,
      keepAlive: true,
      application_name: 'mock-cloud',
    }
    const { default: pg } = await import('pg')
    let pool: Pool | undefined
    try {
      const connect = (): Client => new pg.Client(config)
      await prepared(connect(), url)
      pool = new pg.Pool(config)
      // A connection that breaks is told of by those who use it.
      pool.on('error', () => undefined)
      pool.on('connect', client => client.on('error', () => undefined))
      const store = new PostgresStore(pool, connect, options.grace)
      await store.worldsHere.listen()
      return store
    } catch (error) {
      await pool?.end()
      throw explain(url, error)
    }
  }

  private constructor(pool: Pool, connect: () => Client, grace?: number) {
    this.pool = pool
    this.transactions = new Transactions(pool)
    this.contents = new PostgresContents(pool, grace)
    this.flush = new Flush(connect)
    this.worldsHere = new PostgresWorlds(pool, connect)
    // What one sweep doesn't get to, the next does.
    this.sweeper = setInterval(() => void this.sweep().catch(() => undefined), sweeping)
    this.sweeper.unref()
  }

  /** Not tried again: who asks wants to know how it is now. */
  async check(): Promise<void> {
    await this.transactions.once(writing, async sql => {
      sql.run(
        'insert into meta values ($1, $2) on conflict (name) do update set value = excluded.value',
        'checked',
        new Date().toISOString(),
      )
    })
  }

  remember(name: string, make: () => string): Promise<string> {
    return this.transactions.run(writing, async sql => {
      sql.run('insert into meta values ($1, $2) on conflict do nothing', name, make())
      return textOf((await sql.row('select value from meta where name = $1', name))?.[0])
    })
  }

  worlds(): Promise<readonly string[]> {
    return this.transactions.run(reading, async sql => (await sql.rows('select name from world order by name')).map(row => textOf(row[0])))
  }

  enter(name: string, { seed, origin, clock, settings }: FreshWorld): Promise<LiveWorld> {
    return this.transactions.run(writing, async sql => {
      const values = [name, origin, seed, JSON.stringify(clock), JSON.stringify(settings)] as const
      sql.run('insert into world (name, origin, seed, clock, settings) values ($1, $2, $3, $4, $5) on conflict do nothing', ...values)
      const known = await this.find(sql, name)
      const reached = await sql.row('select max(reached) from account where world = $1', known.id)
      return this.worldsHere.enter(known, Number(reached?.[0] ?? 0))
    })
  }

  async change(name: string, change: (state: WorldState) => Partial<Pick<WorldState, 'clock' | 'settings'>>): Promise<void> {
    const known = await this.transactions.run(writing, async sql => {
      const before = await this.find(sql, name, 'for no key update')
      const state = { ...before.state, ...change(before.state) }
      const row = await sql.row(
        `update world set clock = $2, settings = $3, version = nextval('world_version') where world = $1 returning version`,
        before.id,
        JSON.stringify(state.clock),
        JSON.stringify(state.settings),
      )
      return { id: before.id, version: Number(row?.[0]), state }
    })
    this.worldsHere.learn(known)
    this.worldsHere.changed(name)
  }

  async clear(name: string, time: number): Promise<void> {
    await this.transactions.run(writing, async sql => {
      const { id, state } = await this.find(sql, name, 'for update')
      await empty(sql, id)
      await log.number(sql, id, state)
      sql.run('delete from event where world = $1', id)
      log.append(sql, id, [{ type: 'reset', time }])
    })
    this.worldsHere.changed(name)
  }

  async remove(name: string): Promise<void> {
    await this.transactions.run(writing, async sql => {
      const row = await sql.row('select world from world where name = $1 for update', name)
      if (row !== undefined) await this.drop(sql, String(row[0]))
    })
    this.worldsHere.changed(name)
    this.worldsHere.forget(name)
  }

  fork(from: string, to: string, time: number): Promise<void> {
    return this.transactions.run(copying, async sql => {
      const { id, state } = await this.find(sql, from)
      if ((await sql.row('select 1 from world where name = $1', to)) !== undefined) throw conflict(`There is a world '${to}' already`)
      const copied = await this.make(sql, to, state)
      await copy(sql, id, copied)
      log.append(sql, copied, [{ type: 'forked', time }])
    })
  }

  accounts(name: string): Promise<readonly Owner[]> {
    return this.transactions.run(reading, async sql =>
      (
        await sql.rows(
          'select a.provider, a.account from account a join world w using (world) where w.name = $1 order by a.provider, a.account',
          name,
        )
      ).map(([provider, account]) => ({ provider: textOf(provider), account: textOf(account) })),
    )
  }

  horizon(name: string): Promise<Horizon | undefined> {
    return this.transactions.run(reading, async sql => {
      const row = await sql.row(
        `select a.provider, a.account, f.kind, f.id, f.due, max(l.due) over ()
         from world w join account a using (world)
         cross join lateral (select kind, id, due from resource where tenant = a.tenant and due is not null order by due, id, kind limit 1) f
         cross join lateral (select max(due) as due from resource where tenant = a.tenant and due is not null) l
         where w.name = $1 order by f.due, a.provider, a.account, f.id, f.kind limit 1`,
        name,
      )
      if (row === undefined) return undefined
      const [provider, account, kind, id, due, last] = row
      return {
        // The kind was written by `put`.
        first: { provider: textOf(provider), account: textOf(account), kind: String(kind) as never, id: textOf(id), at: Number(due) },
        last: Number(last),
      }
    })
  }

  async events(name: string, query: EventQuery): Promise<readonly Event[]> {
    await this.number(name)
    return this.transactions.run(reading, async sql => log.read(sql, (await this.find(sql, name)).id, name, query))
  }

  lastEvent(name: string): Promise<number> {
    return this.number(name)
  }

  async *dump(name: string): AsyncGenerator<Entry> {
    await this.number(name)
    const client = await this.pool.connect().catch(error => {
      throw explainPostgres(error)
    })
    try {
      const sql = new Session(client)
      sql.begin(copying)
      const { id, state } = await this.find(sql, name)
      yield* dump(sql, this.contents, id, state)
      await sql.commit()
      client.release()
    } catch (error) {
      client.release(true)
      throw explainPostgres(error)
    }
  }

  async replace(name: string, fresh: FreshWorld & { readonly seq: number }, fill: (tx: Transaction) => Promise<void>): Promise<void> {
    const { seq, ...world } = fresh
    // What fills it may have been read for it, so this isn't started again.
    await this.transactions.once(writing, async sql => {
      const there = await sql.row('select world from world where name = $1 for update', name)
      if (there !== undefined) await this.drop(sql, String(there[0]))
      const id = await this.make(sql, name, world)
      sql.run('update world set seq = $2 where world = $1', id, seq)
      const nobody = { world: name, provider: '', account: '' }
      const opening = { tenant: undefined, isKnown: false, worldId: id, world: { name, ...world }, reached: 0, due: undefined }
      await fill(this.at(sql, nobody, opening, opening.world))
    })
    this.worldsHere.forget(name)
    this.worldsHere.changed(name)
  }

  read<T>(scope: Scope, operation: (tx: Reading) => Promise<T>): Promise<T> {
    return this.transactions.run(reading, async sql => operation(this.at(sql, scope, await this.look(sql, scope))))
  }

  async write<T>(scope: Scope, operation: (tx: Transaction) => Promise<T>): Promise<T> {
    const result = await this.inTurn(scope, async () => {
      const { result, hasEvents } = await this.transactions.run(unhurried, async sql => {
        await this.flush.ready()
        const tx = this.at(sql, scope, await this.take(sql, scope))
        return { result: await operation(tx), hasEvents: tx.hasEvents }
      })
      if (hasEvents) this.worldsHere.changed(scope.world)
      return result
    })
    await this.flush.done().catch(error => {
      throw doubtful(error)
    })
    return result
  }

  receive(content: Bytes, length?: number): Promise<Incoming> {
    return this.contents.receive(content, length)
  }

  /** What no blob has is swept. */
  discard(): Promise<void> {
    return Promise.resolve()
  }

  async close(): Promise<void> {
    clearInterval(this.sweeper)
    await this.worldsHere.close()
    await this.flush.close()
    await this.pool.end()
  }

  /** Removes what nobody wants any more, and numbers events that nobody has asked for, so that logs don't grow for ever. */
  async sweep(): Promise<void> {
    await this.contents.sweep()
    for (const name of await this.worlds()) await this.number(name)
  }

  /** @param made the world's state where it's made in this transaction, and nobody can have entered it */
  private at(sql: Session, scope: Scope, opening: Opening, made?: WorldState): PostgresTransaction {
    return new PostgresTransaction(sql, this.contents, scope, opening, (session, other) => this.take(session, other, made))
  }

  /** An account as it is. */
  private async look(sql: Session, { world, provider, account }: Scope, made?: WorldState): Promise<Opening> {
    const row = await sql.row(
      `select w.world, w.version, a.tenant, a.reached, (select min(due) from resource r where r.tenant = a.tenant and due is not null)
       from world w left join account a on a.world = w.world and a.provider = $2 and md5(a.account) = md5($3) and a.account = $3
       where w.name = $1`,
      world,
      provider,
      account,
    )
    if (row === undefined) throw gone(world)
    const [id, version, tenant, reached, due] = row
    if (made === undefined && !this.worldsHere.isEntered(world, String(id))) throw gone(world)
    return {
      worldId: String(id),
      world: made ?? this.worldsHere.known(world, Number(version)) ?? (await this.find(sql, world)).state,
      tenant: tenant == null ? undefined : String(tenant),
      isKnown: tenant != null,
      reached: Number(reached ?? 0),
      due: due == null ? undefined : Number(due),
    }
  }

  /** An account as it is, locked from here to the transaction's end; made where there is none. */
  private async take(sql: Session, scope: Scope, made?: WorldState): Promise<Opening> {
    const { world, provider, account } = scope
    for (;;) {
      sql.run(
        `select 1 from account a join world w using (world)
         where w.name = $1 and provider = $2 and md5(account) = md5($3) and account = $3 for no key update of a`,
        world,
        provider,
        account,
      )
      const opening = await this.look(sql, scope, made)
      if (opening.isKnown) return opening
      const added = await sql.row(
        'insert into account (world, provider, account) values ($1, $2, $3) on conflict do nothing returning tenant',
        opening.worldId,
        provider,
        account,
      )
      if (added !== undefined) return { ...opening, tenant: String(added[0]) }
      // Another process has made it just now.
    }
  }

  /** A world's row. @throws CloudError `not-found` where there is none. */
  private async find(sql: Session, name: string, lock: '' | 'for update' | 'for no key update' = ''): Promise<Versioned> {
    const row = await sql.row(`select ${worldColumns} from world where name = $1 ${lock}`, name)
    if (row === undefined) throw gone(name)
    const known = versionedOf(row)
    this.worldsHere.learn(known)
    return known
  }

  private async make(sql: Session, name: string, { seed, origin, clock, settings }: FreshWorld): Promise<string> {
    const values = [name, origin, seed, JSON.stringify(clock), JSON.stringify(settings)] as const
    const row = await sql.row(
      'insert into world (name, origin, seed, clock, settings) values ($1, $2, $3, $4, $5) returning world',
      ...values,
    )
    return String(row?.[0])
  }

  private async drop(sql: Session, world: string): Promise<void> {
    await empty(sql, world)
    sql.run('delete from event where world = $1', world)
    sql.run('delete from world where world = $1', world)
  }

  /** @returns the number of the world's last event */
  private number(name: string): Promise<number> {
    return this.transactions.run(writing, async sql => {
      const { id, state } = await this.find(sql, name)
      if (await log.isWaiting(sql, id)) return log.number(sql, id, state)
      return Number((await sql.row('select seq from world where world = $1', id))?.[0])
    })
  }

  private async inTurn<T>(scope: Scope, task: () => Promise<T>): Promise<T> {
    const key = JSON.stringify([scope.world, scope.provider, scope.account])
    const place = this.writers.get(key) ?? { queue: new Queue(), waiting: 0 }
    this.writers.set(key, place)
    place.waiting++
    try {
      return await place.queue.run(task)
    } finally {
      if (--place.waiting === 0) this.writers.delete(key)
    }
  }
}

/** Makes sure of the tables. */
const prepared = async (client: Client, url: string): Promise<void> => {
  client.on('error', () => undefined)
  try {
    await client.connect()
    await prepare({ query: async sql => (await client.query({ text: sql, rowMode: 'array' })).rows ?? [] }, shownUrl(url))
    await client.end()
  } catch (error) {
    // Where it broke off in the middle of greeting, there's nobody to wait for.
    void client.end().catch(() => undefined)
    throw error
  }
}

const gone = (world: string) => notFound(`The world '${world}' is gone`)
