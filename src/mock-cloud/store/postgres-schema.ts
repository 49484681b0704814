/** The tables of a cloud in PostgreSQL, in the schema that its connections find first: made once, whoever comes first. */

import { StateError } from './storage-errors.ts'

/** What asks and tells in one connection. */
export interface Asking {
  /** @returns rows as arrays */
  query(sql: string): Promise<readonly (readonly unknown[])[]>
}

/** Any number that nobody else's locks use: the letters `dcmc`. */
const lock = 0x64636d63
const schemaVersion = 1

/** Texts are compared by their UTF-8, whatever the database was made for. */
const tables = `
create table meta (name text primary key, value text not null);
-- Never the same twice, so that one process can tell whether another has changed a world, or made it anew.
create sequence world_version;
create table world (
  world bigint generated always as identity primary key, name text collate "C" not null unique,
  origin text not null, seed text not null, clock text not null, settings text not null,
  version bigint not null default nextval('world_version'), seq bigint not null default 0
);
create table account (
  tenant bigint generated always as identity primary key, world bigint not null references world,
  provider text collate "C" not null, account text collate "C" not null, reached bigint not null default 0
);
-- An account's name may be longer than what an index takes.
create unique index account_by_name on account (world, provider, md5(account));
create table number (tenant bigint not null, name text not null, value bigint not null, primary key (tenant, name));
create table resource (
  tenant bigint not null, kind text collate "C" not null, seq bigint not null, id text collate "C" not null,
  due bigint, shown text not null, kept text not null,
  primary key (tenant, kind, seq)
);
create unique index resource_by_id on resource (tenant, kind, id);
create index resource_by_due on resource (tenant, due, id) where due is not null;
create table annotation (
  tenant bigint not null, kind text not null, id text collate "C" not null, key text collate "C" not null, value text not null
);
create unique index annotation_by_key on annotation (tenant, kind, id, md5(key));
create index annotation_by_value on annotation (tenant, kind, md5(key), md5(value));
-- A content is whole once it has a hash. One that's loose may have nobody who wants it: since when.
create table content (
  content bigint generated always as identity primary key, hash text unique, size bigint not null default 0, loose timestamptz default now()
);
create index content_loose on content (loose) where loose is not null;
create table chunk (
  content bigint not null references content on delete cascade, number integer not null, bytes bytea not null,
  primary key (content, number)
);
-- What's compressed already isn't compressed again, and a part of it can be read alone.
alter table chunk alter bytes set storage external;
-- A small content lies with those who have it, a large one in chunks.
create table blob (
  tenant bigint not null, bucket text collate "C" not null, id text collate "C" not null,
  content bigint references content, bytes bytea, shown text not null,
  primary key (tenant, bucket, id)
);
create index blob_content on blob (content) where content is not null;
create table upload (
  tenant bigint not null, bucket text collate "C" not null, upload text not null, pending text not null,
  primary key (tenant, bucket, upload)
);
create table part (
  tenant bigint not null, bucket text collate "C" not null, upload text not null, number integer not null,
  content bigint references content, bytes bytea, shown text not null,
  primary key (tenant, bucket, upload, number)
);
create index part_content on part (content) where content is not null;
-- Events are numbered after they were committed, so that no writer waits for another to number its own.
create table event (
  event bigint generated always as identity primary key, world bigint not null, seq bigint, time bigint not null,
  type text not null, provider text, account text, kind text, id text, body text not null
);
create unique index event_by_seq on event (world, seq);
create index event_unnumbered on event (world, event) where seq is null;
`

/** Makes the tables where there are none. @throws StateError where something else is there */
export const prepare = async (db: Asking, shown: string): Promise<void> => {
  const ask = async (sql: string): Promise<unknown> => (await db.query(sql))[0]?.[0]
  await db.query('begin')
  await db.query(`select pg_advisory_xact_lock(${lock})`)
  if ((await ask("select current_setting('server_encoding')")) !== 'UTF8') {
    throw new StateError(`The database ${shown} is not encoded in UTF-8`)
  }
  if ((await ask('select current_schema()')) === null) throw new StateError(`The database ${shown} has no schema to keep a cloud in`)
  if ((await ask('select count(*) from pg_tables where schemaname = current_schema()')) === '0') {
    await db.query(tables)
    await db.query(`insert into meta values ('format', 'mock cloud ${schemaVersion}')`)
  } else {
    const isMeta = "schemaname = current_schema() and tablename = 'meta'"
    const hasMeta = (await ask(`select count(*) from pg_tables where ${isMeta}`)) === '1'
    const format = hasMeta ? String(await ask("select to_jsonb(m) ->> 'value' from meta m where to_jsonb(m) ->> 'name' = 'format'")) : ''
    const version = /^mock cloud (\d+)$/.exec(format)?.[1]
    if (version === undefined) throw new StateError(`The database ${shown} has tables, but not those of a mock cloud`)
    if (Number(version) > schemaVersion) {
      throw new StateError(
        `The database ${shown} was written by a newer version (its format is ${version}, this version knows ${schemaVersion})`,
      )
    }
  }
  await db.query('commit')
}

/** A database as people may see it: without its password. */
export const shownUrl = (url: string): string => {
  try {
    const { username, host, pathname } = new URL(url)
    return `postgres://${username === '' ? '' : `${username}@`}${host}${pathname}`
  } catch {
    return 'of that URL'
  }
}

/** What keeps a database from being used, by the code of the system or of PostgreSQL: the end of a sentence. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "can't be reached: nobody listens there",
  ENOTFOUND: "can't be reached: there is no such host",
  EAI_AGAIN: "can't be reached: its host is not known at the moment",
  EHOSTUNREACH: "can't be reached: there is no way to its host",
  ENETUNREACH: "can't be reached: there is no way to its network",
  ETIMEDOUT: "can't be reached: no answer",
  ECONNRESET: "can't be reached: the connection was cut",
  '28P01': "can't be used: wrong user or password",
  '28000': "can't be used: this user may not connect",
  '3D000': 'does not exist',
  '42501': "can't be used: this user may not make or change its tables",
  '53300': "can't be used: it has too many connections already",
  '57P03': "can't be used: it's starting or stopping",
}

/** The failure to open a database, in words for the person who named it; never with the password in them. */
export const explain = (url: string, error: unknown): unknown => {
  if (error instanceof StateError || !(error instanceof Error)) return error
  const code: unknown = Reflect.get(error, 'code')
  const known = typeof code === 'string' ? reasons[code] : undefined
  const reason = /password must be a/.test(error.message) ? "can't be used: it asks for a password" : known
  const said = error.message === '' ? 'no reason given' : error.message
  // A driver's message may repeat what it was given.
  return new StateError(`The database ${shownUrl(url)} ${reason ?? `can't be used: ${withoutPassword(url, said)}`}`)
}

const withoutPassword = (url: string, text: string): string => {
  const password = /^[^:]+:\/\/[^:@/]*:(.*)@/s.exec(url)?.[1]
  return password === undefined || password === '' ? text : text.replaceAll(password, '***')
}
