/** A store in sqlite: in memory, or in a file. One transaction at a time, from a queue. */

import type { Bytes, Page } from '../../model/requests.ts'
import type { Kind, Records, Shown } from '../records.ts'
import { Contents, type Incoming } from './contents.ts'
import { Queue } from './queue.ts'
import { SqliteBlobs, type Strays } from './sqlite-blobs.ts'
import { openDatabase } from './sqlite-file.ts'
import { longestRecalled, parse, recall, Statements } from './statements.ts'
import type { Due, Reading, Scope, Store, Transaction } from './store.ts'

export class SqliteStore implements Store {
  private readonly statements: Statements
  private readonly contents: Contents
  private readonly queue = new Queue()

  /** @param file a path; without it the store is in memory. @throws StateError */
  constructor(file?: string) {
    this.statements = new Statements(openDatabase(file))
    this.contents = new Contents(file === undefined ? undefined : `${file}.blobs`)
    this.contents.sweep(hash => this.isKnown(hash))
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
    return this.queue.run(() => operation(new SqliteTransaction(this.statements, this.contents, scope)))
  }

  write<T>(scope: Scope, operation: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.alone(async strays => {
      const tx = new SqliteTransaction(this.statements, this.contents, scope, strays)
      const result = await operation(tx)
      await tx.blobs.place()
      return result
    })
  }

  receive(content: Bytes, length?: number): Promise<Incoming> {
    return this.contents.receive(content, length)
  }

  discard(incoming: Incoming): Promise<void> {
    return this.contents.discard(incoming)
  }

  async close(): Promise<void> {
    await this.queue.run(async () => {
      this.statements.close()
      this.contents.close()
    })
  }

  private alone<T>(task: (strays: Strays) => Promise<T>): Promise<T> {
    return this.queue.run(async () => {
      const strays: Strays = new Set()
      this.statements.exec('begin immediate')
      try {
        const result = await task(strays)
        this.statements.exec('commit')
        return result
      } catch (error) {
        // Some failures (a full disk) have rolled back already.
        if (this.statements.isOpen()) this.statements.exec('rollback')
        throw error
      } finally {
        // Still in the queue, so that nobody takes up a content that is on its way out.
        for (const hash of strays) if (!this.isKnown(hash)) await this.contents.remove(hash)
      }
    })
  }

  private isKnown(hash: string): boolean {
    return this.statements.row('select 1 from content where hash = ?', hash) !== undefined
  }
}

const nobody = 0

/** A whole record as the text of one JSON object. */
const record = `'{"shown":' || shown || ',"kept":' || kept || coalesce(',"due":' || due, '') || '}'`

class SqliteTransaction implements Transaction {
  private readonly sql: Statements
  private readonly scope: Scope
  readonly blobs: SqliteBlobs
  private tenant: number

  constructor(sql: Statements, contents: Contents, scope: Scope, strays: Strays = new Set()) {
    this.sql = sql
    this.scope = scope
    this.blobs = new SqliteBlobs(sql, contents, strays, () => this.tenant)
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
