/** A world in sqlite as it was at one moment, told entry by entry while it goes on. */

import { type Contents, openBytes } from './contents.ts'
import type { Entry } from './entries.ts'
import type { SqliteWorld } from './sqlite-world.ts'
import { parse, type Row, type Statements } from './statements.ts'
import { verified } from './storage-errors.ts'
import type { WorldState } from './store.ts'

/** What is told of each account: columns in this order, and how they make an entry. */
const parts: readonly { readonly select: string; readonly entry: (row: Row) => Entry }[] = [
  {
    select: 'name, value from number where tenant = ? order by name',
    entry: ([name, value]) => ({ is: 'number', name: String(name), value: Number(value) }),
  },
  {
    select: 'kind, shown, kept, due from resource where tenant = ? order by kind, seq',
    entry: ([kind, shown, kept, due]) => ({
      is: 'resource',
      // What `put` wrote.
      kind: String(kind) as never,
      shown: parse(shown),
      kept: parse(kept),
      ...(due == null ? {} : { due: Number(due) }),
    }),
  },
  {
    select: 'kind, id, key, value from annotation where tenant = ? order by kind, id, key',
    entry: ([kind, id, key, value]) => ({
      is: 'annotation',
      kind: String(kind) as never,
      id: String(id),
      key: String(key),
      value: String(value),
    }),
  },
  {
    select: 'content, shown from blob where tenant = ? order by bucket, id',
    entry: ([hash, shown]) => ({ is: 'blob', hash: String(hash), shown: parse(shown) }),
  },
  {
    select: 'bucket, upload, pending from upload where tenant = ? order by bucket, upload',
    entry: ([bucket, upload, pending]) => ({ is: 'upload', bucket: String(bucket), upload: String(upload), pending: parse(pending) }),
  },
  {
    select: 'bucket, upload, content, shown from part where tenant = ? order by bucket, upload, number',
    entry: ([bucket, upload, hash, shown]) => ({
      is: 'part',
      bucket: String(bucket),
      upload: String(upload),
      hash: String(hash),
      shown: parse(shown),
    }),
  },
]

export class SqliteDump {
  /** Hashes of the files that it keeps from being removed. */
  readonly held: readonly string[]
  /** Lets go of them. */
  readonly release: () => void
  private readonly store: Contents
  private readonly place: string
  private readonly state: WorldState
  private readonly seq: number
  private readonly contents: readonly Row[]
  private readonly accounts: readonly { readonly row: Row; readonly parts: readonly (readonly Row[])[] }[]
  private readonly log: readonly Row[]

  /** Reads all that there is, but what is in files: that is held until it's released. */
  constructor(sql: Statements, store: Contents, world: SqliteWorld) {
    const { id, state, lastEvent } = world
    this.store = store
    this.place = sql.place
    this.state = state
    this.seq = lastEvent
    const accounts = sql.rows('select tenant, provider, account, reached from account where world = ? order by tenant', id)
    this.accounts = accounts.map(row => ({ row, parts: parts.map(({ select }) => sql.rows(`select ${select}`, Number(row[0]))) }))
    this.contents = sql.rows(
      `select hash, size, bytes from content where hash in (
         select content from blob where tenant in (select tenant from account where world = ?1)
         union select content from part where tenant in (select tenant from account where world = ?1)
       ) order by hash`,
      id,
    )
    this.log = sql.rows('select seq, body from event where world = ? order by seq', id)
    this.held = this.contents.filter(([, , bytes]) => bytes === null).map(([hash]) => String(hash))
    this.release = store.hold(this.held)
  }

  async *entries(): AsyncGenerator<Entry> {
    const { seed, origin, clock, settings } = this.state
    yield { is: 'world', seed, origin, clock, settings, seq: this.seq }
    for (const [hash, size, bytes] of this.contents) {
      const content =
        bytes instanceof Uint8Array
          ? openBytes(verified(bytes, String(hash), this.place))
          : await this.store.open(String(hash), Number(size))
      yield { is: 'content', hash: String(hash), size: content.size, content: content.read(0, content.size - 1) }
    }
    for (const { row, parts: rows } of this.accounts) {
      yield { is: 'account', provider: String(row[1]), account: String(row[2]), reached: Number(row[3]) }
      for (const [i, { entry }] of parts.entries()) for (const one of rows[i] ?? []) yield entry(one)
    }
    for (const [seq, body] of this.log) yield { is: 'event', seq: Number(seq), event: parse(body) }
  }
}
