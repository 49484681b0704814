/** A store in sqlite: in memory, or in a file. One transaction at a time, from a queue. */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Page } from '../../model/requests.ts'
import type { Kind, Records, Shown } from '../records.ts'
import { Queue } from './queue.ts'
import { openDatabase } from './sqlite-file.ts'
import type { Due, Reading, Scope, Store, Transaction } from './store.ts'

type Row = readonly (string | number | null)[]

/** A database with its prepared statements; its rows are arrays, which cost half of what objects do. */
class Statements {
  private readonly db: DatabaseSync
  private readonly prepared = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.db = db
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.statement(sql).run(...values)
  }

  row(sql: string, ...values: SQLInputValue[]): Row | undefined {
    // The database was opened with arrays as rows; the types of node:sqlite know objects only.
    const row: unknown = this.statement(sql).get(...values)
    return Array.isArray(row) ? row : undefined
  }

  rows(sql: string, ...values: SQLInputValue[]): Row[] {
    const rows: unknown = this.statement(sql).all(...values)
    return Array.isArray(rows) ? rows : []
  }

  exec(sql: string): void {
    this.db.exec(sql)
  }

  close(): void {
    this.prepared.clear()
    this.db.close()
  }

  private statement(sql: string): StatementSync {
    let statement = this.prepared.get(sql)
    if (statement === undefined) {
      statement = this.db.prepare(sql)
      this.prepared.set(sql, statement)
    }
    return statement
  }
}

export class SqliteStore implements Store {
  private readonly statements: Statements
  private readonly queue = new Queue()

  /** @param file a path; without it the store is in memory. @throws StateError */
  constructor(file?: string) {
    this.statements = new Statements(openDatabase(file))
  }

  enter(world: string, seed: string): Promise<{ seed: string; reached: number }> {
    return this.alone(async () => {
      this.statements.run('insert into world values (?, ?, 0) on conflict do nothing', world, seed)
      const row = this.statements.row('select seed, reached from world where name = ?', world)
      return { seed: String(row?.[0]), reached: Number(row?.[1]) }
    })
  }

  remember(name: string, make: () => string): Promise<string> {
    return this.alone(async () => {
      const row = this.statements.row('select value from meta where name = ?', name)
      if (row !== undefined) return String(row[0])
      const made = make()
      this.statements.run('insert into meta values (?, ?)', name, made)
      return made
    })
  }

  read<T>(scope: Scope, operation: (tx: Reading) => Promise<T>): Promise<T> {
    return this.queue.run(() => operation(new SqliteTransaction(this.statements, scope)))
  }

  write<T>(scope: Scope, operation: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.alone(() => operation(new SqliteTransaction(this.statements, scope)))
  }

  async close(): Promise<void> {
    await this.queue.run(async () => this.statements.close())
  }

  private alone<T>(task: () => Promise<T>): Promise<T> {
    return this.queue.run(async () => {
      this.statements.exec('begin immediate')
      try {
        const result = await task()
        this.statements.exec('commit')
        return result
      } catch (error) {
        this.statements.exec('rollback')
        throw error
      }
    })
  }
}

const nobody = 0

/** A whole record as the text of one JSON object. */
const record = `'{"shown":' || shown || ',"kept":' || kept || coalesce(',"due":' || due, '') || '}'`

class SqliteTransaction implements Transaction {
  private readonly sql: Statements
  private readonly scope: Scope
  private tenant: number

  constructor(sql: Statements, scope: Scope) {
    this.sql = sql
    this.scope = scope
    const { world, provider, account } = scope
    const row = sql.row('select tenant from account where world = ? and provider = ? and account = ?', world, provider, account)
    this.tenant = row === undefined ? nobody : Number(row[0])
  }

  async isKnown(): Promise<boolean> {
    return this.tenant !== nobody
  }

  async isDue(now: number): Promise<boolean> {
    return this.sql.row('select 1 from resource where tenant = ? and due <= ? limit 1', this.tenant, now) !== undefined
  }

  async show<K extends Kind>(kind: K, id: string): Promise<Shown<K> | undefined> {
    const row = this.sql.row('select shown from resource where tenant = ? and kind = ? and id = ?', this.tenant, kind, id)
    return row === undefined ? undefined : parse(row[0])
  }

  async list<K extends Kind>(kind: K): Promise<Shown<K>[]> {
    return this.sql
      .rows('select shown from resource where tenant = ? and kind = ? order by seq', this.tenant, kind)
      .map(row => parse<Shown<K>>(row[0]))
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
    const { world, provider, account } = this.scope
    this.sql.run('update world set reached = max(reached, ?) where name = ?', now, world)
    if (this.tenant !== nobody) return
    const row = this.sql.row('insert into account (world, provider, account) values (?, ?, ?) returning tenant', world, provider, account)
    this.tenant = Number(row?.[0])
  }

  async put<K extends Kind>(kind: K, { shown, kept, due }: Records[K]): Promise<void> {
    const { id } = shown
    this.sql.run(
      `insert into resource (tenant, kind, seq, id, due, shown, kept)
       values (?1, ?2, (select coalesce(max(seq), 0) + 1 from resource where tenant = ?1 and kind = ?2), ?3, ?4, ?5, ?6)
       on conflict (tenant, kind, id) do update set due = excluded.due, shown = excluded.shown, kept = excluded.kept`,
      this.tenant,
      kind,
      id,
      due ?? null,
      JSON.stringify(shown),
      JSON.stringify(kept),
    )
  }

  async remove(kind: Kind, id: string): Promise<void> {
    this.sql.run('delete from resource where tenant = ? and kind = ? and id = ?', this.tenant, kind, id)
    this.sql.run('delete from annotation where tenant = ? and kind = ? and id = ?', this.tenant, kind, id)
  }

  async nextDue(now: number): Promise<Due | undefined> {
    const row = this.sql.row(
      'select kind, id, due from resource where tenant = ? and due <= ? order by due, id, kind limit 1',
      this.tenant,
      now,
    )
    // The kind was written by `put`.
    return row === undefined ? undefined : { kind: String(row[0]) as Kind, id: String(row[1]), at: Number(row[2]) }
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

/** What `put` wrote, and nobody else writes. */
const parse = <T>(text: string | number | null | undefined): T => JSON.parse(String(text)) as T
