/**
 * Where the clouds of these tests are kept: in memory, or where MOCK_STATE names a PostgreSQL server, in databases of it. So the same tests
 * hold for both stores.
 */

import pg from 'pg'

const server = process.env.MOCK_STATE
/** Databases of clouds that were closed, to be used again. */
const free: string[] = []
let made = 0

/** Whether the clouds are in PostgreSQL. */
export const isShared = server !== undefined

export interface Place {
  /** As `MockCloudOptions.state`. */
  readonly state: string | undefined
  /** Lets another cloud have it. */
  leave(): void
}

/** An empty place. */
export const place = async (): Promise<Place> => {
  if (server === undefined) return { state: undefined, leave: () => undefined }
  const used = free.pop()
  const state = used ?? (await makeDatabase(server))
  if (used !== undefined) await clear(used)
  return { state, leave: () => free.push(state) }
}

const makeDatabase = async (url: string): Promise<string> => {
  const name = `test_${process.pid}_${made++}`
  await ask(url, `create database ${name} encoding 'UTF8' template template0`)
  const its = new URL(url)
  its.pathname = `/${name}`
  return its.href
}

const tables = ['event', 'part', 'blob', 'upload', 'chunk', 'content', 'annotation', 'resource', 'number', 'account', 'world']

const clear = (url: string): Promise<unknown> =>
  ask(url, `${tables.map(table => `delete from ${table};`).join(' ')} delete from meta where name <> 'format'`)

/** Asks a database something of which the cloud knows nothing. */
export const ask = async (url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}
