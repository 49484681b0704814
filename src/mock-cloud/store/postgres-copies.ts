/** A whole world in PostgreSQL: emptied, copied, and taken out. */

import { hash } from 'node:crypto'
import type { Kind } from '../records.ts'
import { openBytes } from './contents.ts'
import type { ContentEntry, Entry } from './entries.ts'
import type { PostgresContents } from './postgres-contents.ts'
import { type Row, type Session, textOf } from './postgres-session.ts'
import { parse } from './statements.ts'
import type { WorldState } from './store.ts'

/** Tables whose rows belong to an account, with their columns beside it. */
const owned = {
  number: 'name, value',
  resource: 'kind, seq, id, due, shown, kept',
  annotation: 'kind, id, key, value',
  blob: 'bucket, id, content, bytes, shown',
  upload: 'bucket, upload, pending',
  part: 'bucket, upload, number, content, bytes, shown',
}

/** Removes all accounts of a world with what is theirs. New ones wait until the transaction is over. */
export const empty = async (sql: Session, world: string): Promise<void> => {
  sql.run('select 1 from world where world = $1 for update', world)
  sql.run('select 1 from account where world = $1 order by tenant for update', world)
  for (const table of ['blob', 'part']) {
    sql.run(`update content set loose = now() where content in (select content from ${table} where ${its})`, world)
  }
  for (const table of Object.keys(owned)) sql.run(`delete from ${table} where ${its}`, world)
  sql.run('delete from account where world = $1', world)
  await sql.flush()
}

/** Copies all of a world into one that is empty. @param ids of their rows */
export const copy = async (sql: Session, from: string, to: string): Promise<void> => {
  sql.run(
    'insert into account (world, provider, account, reached) select $2, provider, account, reached from account where world = $1',
    from,
    to,
  )
  for (const [table, columns] of Object.entries(owned)) {
    sql.run(
      `insert into ${table} (tenant, ${columns}) select n.tenant, ${columns} from ${table} join account o using (tenant)
       join account n on n.world = $2 and n.provider = o.provider and md5(n.account) = md5(o.account) and n.account = o.account
       where o.world = $1`,
      from,
      to,
    )
  }
  const columns = 'seq, time, type, provider, account, kind, id, body'
  sql.run(`insert into event (world, ${columns}) select $2, ${columns} from event where world = $1 order by event`, from, to)
  sql.run('update world set seq = (select seq from world where world = $1) where world = $2', from, to)
  await sql.flush()
}

/** As `Store.dump`, in a transaction that sees the world as it was when it began. Events are numbered before. */
export async function* dump(sql: Session, contents: PostgresContents, world: string, state: WorldState): AsyncGenerator<Entry> {
  const { seed, origin, clock, settings } = state
  const seq = Number((await sql.row('select seq from world where world = $1', world))?.[0])
  yield { is: 'world', seed, origin, clock, settings, seq }
  yield* contentsOf(sql, contents, world)
  const accounts = await sql.rows(
    'select tenant, provider, account, reached from account where world = $1 order by provider, account',
    world,
  )
  for (const [tenant, provider, account, reached] of accounts) {
    yield { is: 'account', provider: textOf(provider), account: textOf(account), reached: Number(reached) }
    yield* belongings(sql, String(tenant))
  }
  for await (const [number, body] of inParts(sql, 'seq, body', 'event where world = $1', world, 'seq')) {
    yield { is: 'event', seq: Number(number), event: parse(body) }
  }
}

async function* belongings(sql: Session, tenant: string): AsyncGenerator<Entry> {
  for (const [name, value] of await sql.rows('select name, value from number where tenant = $1 order by name', tenant)) {
    yield { is: 'number', name: textOf(name), value: Number(value) }
  }
  const kinds = await sql.rows('select distinct kind from resource where tenant = $1 order by kind', tenant)
  for (const [kind] of kinds) {
    const what = `resource where tenant = $1 and kind = '${String(kind)}'`
    for await (const [, shown, kept, due] of inParts(sql, 'seq, shown, kept, due', what, tenant, 'seq')) {
      // The kind was written by `put`.
      const is = { is: 'resource', kind: String(kind) as Kind, shown: parse<{ id: string }>(shown), kept: parse<object>(kept) } as const
      yield due === null ? is : { ...is, due: Number(due) }
    }
  }
  for (const [kind, id, key, value] of await sql.rows(
    'select kind, id, key, value from annotation where tenant = $1 order by kind, id, key',
    tenant,
  )) {
    yield { is: 'annotation', kind: String(kind) as Kind, id: textOf(id), key: textOf(key), value: textOf(value) }
  }
  const digestOf = "coalesce(hash, encode(sha256(bytes), 'hex'))"
  const blobs = `select ${digestOf}, shown from blob left join content using (content) where tenant = $1 order by bucket, id`
  for (const [digest, shown] of await sql.rows(blobs, tenant)) yield { is: 'blob', hash: String(digest), shown: parse(shown) }
  const uploads = 'select bucket, upload, pending from upload where tenant = $1 order by bucket, upload'
  for (const [bucket, upload, pending] of await sql.rows(uploads, tenant)) {
    yield { is: 'upload', bucket: textOf(bucket), upload: textOf(upload), pending: parse(pending) }
  }
  const parts = `select bucket, upload, ${digestOf}, shown from part left join content using (content)
    where tenant = $1 order by bucket, upload, number`
  for (const [bucket, upload, digest, shown] of await sql.rows(parts, tenant)) {
    yield { is: 'part', bucket: textOf(bucket), upload: textOf(upload), hash: String(digest), shown: parse(shown) }
  }
}

/** All contents of a world, each once. */
async function* contentsOf(sql: Session, contents: PostgresContents, world: string): AsyncGenerator<ContentEntry> {
  const given = new Set<string>()
  for await (const bytes of smallOnes(sql, world)) {
    const digest = hash('sha256', bytes, 'hex')
    if (given.has(digest)) continue
    given.add(digest)
    yield { is: 'content', hash: digest, size: bytes.length, content: openBytes(bytes).read(0, bytes.length - 1) }
  }
  // Held, so that none is swept before it's read.
  const large = `select content, hash, size from content where content in
    (select content from blob where ${its} union all select content from part where ${its}) order by content for key share`
  for (const [content, digest, size] of await sql.rows(large, world)) {
    const total = Number(size)
    yield {
      is: 'content',
      hash: String(digest),
      size: total,
      content: contents.open(String(content), total, String(digest)).read(0, total - 1),
    }
  }
}

/** Of an account of the world `$1`. */
const its = 'tenant in (select tenant from account where world = $1)'

/** Contents that lie with those who have them. */
async function* smallOnes(sql: Session, world: string): AsyncGenerator<Uint8Array> {
  for (const [table, key] of [
    ['blob', 'tenant, bucket, id'],
    ['part', 'tenant, bucket, upload, number'],
  ] as const) {
    const names = key.split(', ')
    const behind = `(${key}) > (${names.map((_, i) => `$${i + 2}`).join(', ')})`
    const some = (condition: string): string =>
      `select bytes, ${key} from ${table} where ${its} and bytes is not null ${condition} order by ${key} limit ${partSize}`
    for (let rows = await sql.rows(some(''), world); rows.length > 0; ) {
      for (const [bytes] of rows) if (bytes instanceof Uint8Array) yield bytes
      if (rows.length < partSize) break
      const [, ...last] = rows.at(-1) ?? []
      rows = await sql.rows(
        some(`and ${behind}`),
        world,
        ...last.map(value => (typeof value === 'string' ? textOf(value) : (value ?? null))),
      )
    }
  }
}

/** How many rows are in hand at a time. */
const partSize = 500

/** Rows in the order of their first column, a number. */
async function* inParts(sql: Session, columns: string, from: string, owner: string, by: string): AsyncGenerator<Row> {
  let after = 0
  for (;;) {
    const rows = await sql.rows(`select ${columns} from ${from} and ${by} > $2 order by ${by} limit ${partSize}`, owner, after)
    yield* rows
    if (rows.length < partSize) return
    after = Number(rows.at(-1)?.[0])
  }
}
