/** One account in a transaction of PostgreSQL. */

import type { Page } from '../../model/requests.ts'
import type { NewEvent } from '../events.ts'
import type { Kind, Records, Shown, Stored } from '../records.ts'
import { byId } from './annotations.ts'
import { PostgresBlobs } from './postgres-blobs.ts'
import type { PostgresContents } from './postgres-contents.ts'
import { append } from './postgres-log.ts'
import { type Session, textOf } from './postgres-session.ts'
import { parse } from './statements.ts'
import type { Due, Scope, Transaction, WorldState } from './store.ts'

/** What a transaction begins with. */
export interface Opening {
  /** Of the account's row; undefined where it wasn't used before, and nothing is written. */
  readonly tenant: string | undefined
  readonly isKnown: boolean
  /** Of the world's row. */
  readonly worldId: string
  readonly world: WorldState
  readonly reached: number
  /** When the first of the account's transitions is due. */
  readonly due: number | undefined
}

/** Takes another account into a transaction, as it begins for one. */
export type Joining = (sql: Session, scope: Scope) => Promise<Opening>

/** A whole record as the text of one JSON object. */
const record = `'{"shown":' || shown || ',"kept":' || kept || coalesce(',"due":' || due, '') || '}'`

/** No account has this number. */
const nobody = '0'

export class PostgresTransaction implements Transaction {
  readonly world: WorldState
  readonly reached: number
  readonly blobs: PostgresBlobs
  private readonly sql: Session
  private readonly contents: PostgresContents
  private readonly scope: Scope
  private readonly opening: Opening
  private readonly joining: Joining
  private readonly tenant: string
  /** Nothing is due before this time. */
  private quietUntil: number
  /** Whether there is something to be told of it once it's committed. */
  hasEvents = false

  constructor(sql: Session, contents: PostgresContents, scope: Scope, opening: Opening, joining: Joining) {
    this.sql = sql
    this.contents = contents
    this.scope = scope
    this.opening = opening
    this.joining = joining
    this.tenant = opening.tenant ?? nobody
    this.world = opening.world
    this.reached = opening.reached
    this.blobs = new PostgresBlobs(sql, contents, this.tenant)
    this.quietUntil = opening.due ?? Number.POSITIVE_INFINITY
  }

  async isKnown(): Promise<boolean> {
    return this.opening.isKnown
  }

  async isDue(now: number): Promise<boolean> {
    return this.opening.due !== undefined && this.opening.due <= now
  }

  async show<K extends Kind>(kind: K, id: string): Promise<Shown<K> | undefined> {
    const row = await this.sql.row('select shown from resource where tenant = $1 and kind = $2 and id = $3', this.tenant, kind, id)
    return row === undefined ? undefined : parse(row[0])
  }

  async list<K extends Kind>(kind: K): Promise<Shown<K>[]> {
    const rows = await this.sql.rows('select shown from resource where tenant = $1 and kind = $2 order by seq', this.tenant, kind)
    return rows.map(row => parse<Shown<K>>(row[0]))
  }

  async page<K extends Kind>(kind: K, { after, limit }: { readonly after?: string; readonly limit: number }): Promise<Page<Shown<K>>> {
    // One more than asked for says whether there is a next part.
    const rows = await this.sql.rows(
      'select shown, seq from resource where tenant = $1 and kind = $2 and seq > $3 order by seq limit $4',
      this.tenant,
      kind,
      Number(after ?? 0),
      limit + 1,
    )
    const next = rows.length > limit ? rows[limit - 1]?.[1] : undefined
    return { items: rows.slice(0, limit).map(row => parse<Shown<K>>(row[0])), ...(next == null ? {} : { next: String(next) }) }
  }

  async get<K extends Kind>(kind: K, id: string): Promise<Records[K] | undefined> {
    const row = await this.sql.row(`select ${record} from resource where tenant = $1 and kind = $2 and id = $3`, this.tenant, kind, id)
    return row === undefined ? undefined : parse(row[0])
  }

  async number(name: string): Promise<number> {
    return Number((await this.sql.row('select value from number where tenant = $1 and name = $2', this.tenant, name))?.[0] ?? 0)
  }

  async annotations(kind: Kind, id: string): Promise<Readonly<Record<string, string>>> {
    const rows = await this.sql.rows(
      'select key, value from annotation where tenant = $1 and kind = $2 and id = $3 order by key',
      this.tenant,
      kind,
      id,
    )
    return Object.fromEntries(rows.map(row => [textOf(row[0]), textOf(row[1])]))
  }

  async allAnnotations(kind: Kind): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    const rows = await this.sql.rows(
      'select id, key, value from annotation where tenant = $1 and kind = $2 order by id, key',
      this.tenant,
      kind,
    )
    return byId(rows, textOf)
  }

  async annotated(kind: Kind, key: string, value: string): Promise<string[]> {
    const rows = await this.sql.rows(
      `select a.id from annotation a join resource r on r.tenant = a.tenant and r.kind = a.kind and r.id = a.id
       where a.tenant = $1 and a.kind = $2 and md5(a.key) = md5($3) and md5(a.value) = md5($4) order by r.seq`,
      this.tenant,
      kind,
      key,
      value,
    )
    return rows.map(row => textOf(row[0]))
  }

  /** The account's row was made when the transaction began, where there was none. */
  async arrive(now: number): Promise<void> {
    if (now > this.reached) this.sql.run('update account set reached = $2 where tenant = $1', this.tenant, now)
  }

  put<K extends Kind>(kind: K, record: Records[K]): Promise<void> {
    return this.putAny(kind, record)
  }

  /** The same, for who doesn't know what the kind asks for. */
  async putAny(kind: Kind, { shown, kept, due }: Stored<{ readonly id: string }, object>): Promise<void> {
    this.sql.run(
      `insert into resource (tenant, kind, seq, id, due, shown, kept)
       values ($1, $2, (select coalesce(max(seq), 0) + 1 from resource where tenant = $1 and kind = $2), $3, $4, $5, $6)
       on conflict (tenant, kind, id) do update set due = excluded.due, shown = excluded.shown, kept = excluded.kept`,
      this.tenant,
      kind,
      shown.id,
      due ?? null,
      JSON.stringify(shown),
      JSON.stringify(kept),
    )
    this.quietUntil = Math.min(this.quietUntil, due ?? Number.POSITIVE_INFINITY)
    await this.sql.ease()
  }

  async remove(kind: Kind, id: string): Promise<void> {
    this.sql.run('delete from resource where tenant = $1 and kind = $2 and id = $3', this.tenant, kind, id)
    this.sql.run('delete from annotation where tenant = $1 and kind = $2 and id = $3', this.tenant, kind, id)
  }

  async nextDue(now: number): Promise<Due | undefined> {
    if (now < this.quietUntil) return undefined
    const row = await this.sql.row(
      'select kind, id, due from resource where tenant = $1 and due <= $2 order by due, id, kind limit 1',
      this.tenant,
      now,
    )
    const { provider, account } = this.scope
    this.quietUntil = row === undefined ? now + 1 : Number(row[2])
    // The kind was written by `put`.
    return row === undefined ? undefined : { kind: String(row[0]) as Kind, id: textOf(row[1]), at: Number(row[2]), provider, account }
  }

  async setNumber(name: string, value: number): Promise<void> {
    this.sql.run(
      'insert into number values ($1, $2, $3) on conflict (tenant, name) do update set value = excluded.value',
      this.tenant,
      name,
      value,
    )
  }

  async annotate(kind: Kind, id: string, entries: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [key, value] of Object.entries(entries)) {
      if (value === undefined) {
        this.sql.run(
          'delete from annotation where tenant = $1 and kind = $2 and id = $3 and md5(key) = md5($4)',
          this.tenant,
          kind,
          id,
          key,
        )
      } else {
        this.sql.run(
          `insert into annotation values ($1, $2, $3, $4, $5)
           on conflict (tenant, kind, id, md5(key)) do update set value = excluded.value`,
          this.tenant,
          kind,
          id,
          key,
          value,
        )
      }
    }
  }

  async within(provider: string, account: string): Promise<Transaction> {
    const scope = { ...this.scope, provider, account }
    return new PostgresTransaction(this.sql, this.contents, scope, await this.joining(this.sql, scope), this.joining)
  }

  async append(events: readonly NewEvent[]): Promise<void> {
    append(this.sql, this.opening.worldId, events)
    this.hasEvents ||= events.length > 0
    await this.sql.ease()
  }
}
