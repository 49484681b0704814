/** One account of a world in sqlite, in one transaction. */

import type { Page } from '../../model/requests.ts'
import type { NewEvent } from '../events.ts'
import type { Kind, Records, Shown } from '../records.ts'
import { byId } from './annotations.ts'
import type { Contents } from './contents.ts'
import type { Incoming } from './receive.ts'
import { SqliteBlobs } from './sqlite-blobs.ts'
import type { SqliteWorld } from './sqlite-world.ts'
import { longestRecalled, parse, recall, type Statements } from './statements.ts'
import type { Due, Transaction, WorldState } from './store.ts'

const nobody = 0

/** A whole record as the text of one JSON object. */
const record = `'{"shown":' || shown || ',"kept":' || kept || coalesce(',"due":' || due, '') || '}'`

/** One transaction of the database. */
export interface Work {
  readonly sql: Statements
  readonly contents: Contents
  /** Hashes of contents whose files may have to go once it's over: whether they must, the database says then. */
  readonly strays: Set<string>
  /** Content whose files are to get their lasting names: the last thing before it's committed. */
  readonly arrived: Incoming[]
  /** What is to be told when it's over. */
  readonly after: ((isCommitted: boolean) => void)[]
  /** Whether it removes something: that is to be possible on a full disk too. */
  readonly purpose: { removes: boolean }
}

type Sharing = Work & { readonly world: SqliteWorld }

export class SqliteTransaction implements Transaction {
  private readonly shared: Sharing
  private readonly sql: Statements
  private readonly provider: string
  private readonly account: string
  readonly blobs: SqliteBlobs
  readonly world: WorldState
  private tenant = nobody
  reached = 0

  constructor(shared: Sharing, provider: string, account: string) {
    this.shared = shared
    this.sql = shared.sql
    this.world = shared.world.state
    this.provider = provider
    this.account = account
    this.blobs = new SqliteBlobs(shared, () => this.tenant)
    const sql = 'select tenant, reached from account where world = ? and provider = ? and account = ?'
    const row = this.sql.row(sql, shared.world.id, provider, account)
    if (row === undefined) return
    this.tenant = Number(row[0])
    this.reached = Number(row[1])
  }

  async isKnown(): Promise<boolean> {
    return this.tenant !== nobody
  }

  async isDue(now: number): Promise<boolean> {
    return this.sql.row('select 1 from resource where world = ? and due <= ? limit 1', this.shared.world.id, now) !== undefined
  }

  async show<K extends Kind>(kind: K, id: string): Promise<Shown<K> | undefined> {
    const row = this.sql.row('select shown from resource where tenant = ? and kind = ? and id = ?', this.tenant, kind, id)
    return row === undefined ? undefined : recall(row[0])
  }

  async list<K extends Kind>(kind: K): Promise<Shown<K>[]> {
    const rows = this.sql.rows('select shown from resource where tenant = ? and kind = ? order by seq', this.tenant, kind)
    const read = rows.length > longestRecalled ? parse<Shown<K>> : recall<Shown<K>>
    return rows.map(row => read(row[0]))
  }

  async page<K extends Kind>(kind: K, { after, limit }: { readonly after?: string; readonly limit: number }): Promise<Page<Shown<K>>> {
    // One more than asked for says whether there is a next part.
    const sql = 'select shown, seq from resource where tenant = ? and kind = ? and seq > ? order by seq limit ?'
    const rows = this.sql.rows(sql, this.tenant, kind, Number(after ?? 0), limit + 1)
    const next = rows.length > limit ? rows[limit - 1]?.[1] : undefined
    return { items: rows.slice(0, limit).map(row => parse<Shown<K>>(row[0])), ...(next == null ? {} : { next: String(next) }) }
  }

  async get<K extends Kind>(kind: K, id: string): Promise<Records[K] | undefined> {
    const row = this.sql.row(`select ${record} from resource where tenant = ? and kind = ? and id = ?`, this.tenant, kind, id)
    return row === undefined ? undefined : parse(row[0])
  }

  async number(name: string): Promise<number> {
    return Number(this.sql.row('select value from number where tenant = ? and name = ?', this.tenant, name)?.[0] ?? 0)
  }

  async annotations(kind: Kind, id: string): Promise<Readonly<Record<string, string>>> {
    const rows = this.sql.rows(
      'select key, value from annotation where tenant = ? and kind = ? and id = ? order by key',
      this.tenant,
      kind,
      id,
    )
    return Object.fromEntries(rows.map(row => [String(row[0]), String(row[1])]))
  }

  async allAnnotations(kind: Kind): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    return byId(
      this.sql.rows('select id, key, value from annotation where tenant = ? and kind = ? order by id, key', this.tenant, kind),
      String,
    )
  }

  async annotated(kind: Kind, key: string, value: string): Promise<string[]> {
    const rows = this.sql.rows(
      `select a.id from annotation a join resource r on r.tenant = a.tenant and r.kind = a.kind and r.id = a.id
       where a.tenant = ? and a.kind = ? and a.key = ? and a.value = ? order by r.seq`,
      this.tenant,
      kind,
      key,
      value,
    )
    return rows.map(row => String(row[0]))
  }

  async arrive(now: number): Promise<void> {
    this.reached = Math.max(this.reached, now)
    if (this.tenant !== nobody) {
      this.sql.run('update account set reached = ? where tenant = ?', this.reached, this.tenant)
      return
    }
    const sql = 'insert into account (world, provider, account, reached) values (?, ?, ?, ?) returning tenant'
    this.tenant = Number(this.sql.row(sql, this.shared.world.id, this.provider, this.account, this.reached)?.[0])
  }

  async put<K extends Kind>(kind: K, { shown, kept, due }: Records[K]): Promise<void> {
    const { id } = shown
    this.sql.run(
      `insert into resource (tenant, kind, seq, id, due, shown, kept, world)
       values (?1, ?2, (select coalesce(max(seq), 0) + 1 from resource where tenant = ?1 and kind = ?2), ?3, ?4, ?5, ?6, ?7)
       on conflict (tenant, kind, id) do update set due = excluded.due, shown = excluded.shown, kept = excluded.kept`,
      this.tenant,
      kind,
      id,
      due ?? null,
      JSON.stringify(shown),
      JSON.stringify(kept),
      this.shared.world.id,
    )
  }

  async remove(kind: Kind, id: string): Promise<void> {
    this.shared.purpose.removes = true
    this.sql.run('delete from resource where tenant = ? and kind = ? and id = ?', this.tenant, kind, id)
    this.sql.run('delete from annotation where tenant = ? and kind = ? and id = ?', this.tenant, kind, id)
  }

  async nextDue(now: number): Promise<Due | undefined> {
    return nextDue(this.sql, this.shared.world.id, now)
  }

  async within(provider: string, account: string): Promise<Transaction> {
    return new SqliteTransaction(this.shared, provider, account)
  }

  async append(events: readonly NewEvent[]): Promise<void> {
    this.shared.world.append(this.sql, events)
  }

  async setNumber(name: string, value: number): Promise<void> {
    this.sql.run(
      'insert into number values (?, ?, ?) on conflict (tenant, name) do update set value = excluded.value',
      this.tenant,
      name,
      value,
    )
  }

  async annotate(kind: Kind, id: string, entries: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [key, value] of Object.entries(entries)) {
      if (value === undefined) {
        this.sql.run('delete from annotation where tenant = ? and kind = ? and id = ? and key = ?', this.tenant, kind, id, key)
      } else {
        this.sql.run(
          'insert into annotation values (?, ?, ?, ?, ?) on conflict (tenant, kind, id, key) do update set value = excluded.value',
          this.tenant,
          kind,
          id,
          key,
          value,
        )
      }
    }
  }
}

/** The accounts of a world come in the order in which they were first used. */
export const nextDue = (sql: Statements, world: number, now: number): Due | undefined => {
  const row = sql.row(
    `select a.provider, a.account, r.kind, r.id, r.due from resource r join account a on a.tenant = r.tenant
     where r.world = ? and r.due <= ? order by r.due, r.tenant, r.id, r.kind limit 1`,
    world,
    now,
  )
  if (row === undefined) return undefined
  // The kind was written by `put`.
  return { provider: String(row[0]), account: String(row[1]), kind: String(row[2]) as Kind, id: String(row[3]), at: Number(row[4]) }
}
