/** Opens the database that holds a cloud, and says in plain words what's wrong where it can't. */

import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StateError, sqliteCode } from './storage-errors.ts'

/** Marks a file as ours (`dcmc`); sqlite keeps it in the file's header. */
const applicationId = 0x64636d63
const schemaVersion = 2

const schema = `
create table meta (name text primary key, value text not null) without rowid;
create table world (
  world integer primary key, name text not null unique, origin text not null, seed text not null,
  clock text not null, settings text not null
);
create table account (
  tenant integer primary key, world integer not null, provider text not null, account text not null, reached integer not null,
  unique (world, provider, account)
);
create table number (tenant integer not null, name text not null, value integer not null, primary key (tenant, name)) without rowid;
create table resource (
  tenant integer not null, kind text not null, seq integer not null, id text not null,
  due integer, shown text not null, kept text not null, world integer not null,
  primary key (tenant, kind, seq)
) without rowid;
create unique index resource_by_id on resource (tenant, kind, id);
create index resource_by_due on resource (world, due, tenant, id, kind) where due is not null;
create table annotation (
  tenant integer not null, kind text not null, id text not null, key text not null, value text not null,
  primary key (tenant, kind, id, key)
) without rowid;
create table content (hash text primary key, size integer not null, refs integer not null, bytes blob) without rowid;
create table blob (
  tenant integer not null, bucket text not null, id text not null, content text not null, shown text not null,
  primary key (tenant, bucket, id)
) without rowid;
create table upload (
  tenant integer not null, bucket text not null, upload text not null, pending text not null,
  primary key (tenant, bucket, upload)
) without rowid;
create table part (
  tenant integer not null, bucket text not null, upload text not null, number integer not null,
  content text not null, shown text not null,
  primary key (tenant, bucket, upload, number)
) without rowid;
create index annotation_by_value on annotation (tenant, kind, key, value);
create table event (world integer not null, seq integer not null, body text not null, primary key (world, seq)) without rowid;
`

/** How a database of each version becomes one of the next. */
const migrations: Readonly<Record<number, string>> = {
  1: `
alter table world rename to world_1;
alter table account rename to account_1;
create table world (
  world integer primary key, name text not null unique, origin text not null, seed text not null,
  clock text not null, settings text not null
);
insert into world (name, origin, seed, clock, settings)
  select name, name, seed, json_object('mode', 'system', 'scale', 1, 'cloudAt', 0, 'wallAt', 0), '{}' from world_1 order by name;
create table account (
  tenant integer primary key, world integer not null, provider text not null, account text not null, reached integer not null,
  unique (world, provider, account)
);
insert into account select a.tenant, w.world, a.provider, a.account, old.reached
  from account_1 a join world w on w.name = a.world join world_1 old on old.name = a.world;
drop table account_1;
drop table world_1;
drop index resource_by_due;
alter table resource add column world integer not null default 0;
update resource set world = (select account.world from account where account.tenant = resource.tenant);
create index resource_by_due on resource (world, due, tenant, id, kind) where due is not null;
create table event (world integer not null, seq integer not null, body text not null, primary key (world, seq)) without rowid;
`,
}

/** @param file a path; without it the database is in memory. @throws StateError */
export const openDatabase = (file: string | undefined): DatabaseSync => {
  if (file !== undefined) checkPath(file)
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(file ?? ':memory:', { returnArrays: true, timeout: 0 })
    if (file !== undefined) {
      // Exclusive comes before WAL, so that no other process can get in between and none needs shared memory.
      db.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -32768')
    }
    prepare(db, file)
    if (file !== undefined) check(db, file)
    return db
  } catch (error) {
    db?.close()
    throw file === undefined ? error : explain(file, error)
  }
}

let empty: Uint8Array | undefined

/** A database in memory, from an image of one; empty without. */
export const openImage = (image?: Uint8Array): DatabaseSync => {
  empty ??= emptyImage()
  const db = new DatabaseSync(':memory:', { returnArrays: true })
  db.deserialize(image ?? empty)
  return db
}

const emptyImage = (): Uint8Array => {
  const db = openDatabase(undefined)
  const image = db.serialize()
  db.close()
  return image
}

const checkPath = (file: string): void => {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isDirectory()) throw new StateError(`The state file ${file} is a directory`)
  if (found !== undefined && !found.isFile()) throw new StateError(`The state file ${file} is not a regular file`)
  if (found === undefined && statSync(dirname(file), { throwIfNoEntry: false }) === undefined) {
    throw new StateError(`The state file ${file} can't be made: there is no directory ${dirname(file)}`)
  }
}

const prepare = (db: DatabaseSync, file: string | undefined): void => {
  db.exec('begin immediate')
  const version = pragma(db, 'user_version')
  const owner = pragma(db, 'application_id')
  const isEmpty = db.prepare('select 1 from sqlite_schema limit 1').get() === undefined
  if (isEmpty) {
    db.exec(schema)
    db.exec(`pragma user_version = ${schemaVersion}; pragma application_id = ${applicationId}`)
  } else if (owner !== applicationId) {
    throw new StateError(`The file ${file} is a database, but not the state of a mock cloud`)
  } else if (version > schemaVersion) {
    throw new StateError(
      `The state file ${file} was written by a newer version (its format is ${version}, this version knows ${schemaVersion})`,
    )
  } else if (version < schemaVersion) {
    // A state of this version is opened without a write, so that it is on a full disk too.
    for (let v = version; v < schemaVersion; v++) db.exec(migrations[v] ?? '')
    db.exec(`pragma user_version = ${schemaVersion}`)
  }
  db.exec('commit')
}

/** Reads the whole file, about a second for each GB that the system has in memory. */
const check = (db: DatabaseSync, file: string): void => {
  const row: unknown = db.prepare('pragma quick_check(1)').get()
  const found = Array.isArray(row) ? String(row[0]) : ''
  if (found !== 'ok') throw new StateError(`The state file ${file} is damaged: ${found.replace(/\s+/g, ' ')}`)
}

const pragma = (db: DatabaseSync, name: string): number => {
  // Rows are arrays in this database, which the types of node:sqlite don't know.
  const row: unknown = db.prepare(`pragma ${name}`).get()
  return Array.isArray(row) ? Number(row[0]) : 0
}

const explain = (file: string, error: unknown): unknown => {
  if (error instanceof StateError || !(error instanceof Error)) return error
  const primary = sqliteCode(error)
  switch (primary) {
    case 5:
    case 6:
      return new StateError(`The state file ${file} is in use by another process`, error)
    case 26:
      return new StateError(`The file ${file} is not a database`, error)
    case 8:
      return new StateError(`The state file ${file} can't be written`, error)
    case 14:
      return new StateError(`The state file ${file} can't be opened`, error)
    case 13:
      return new StateError(`The state file ${file} can't be opened: its disk is full`, error)
    case 11:
      return new StateError(`The state file ${file} is damaged`, error)
    default:
      return primary === undefined ? error : new StateError(`The state file ${file} can't be used: ${error.message}`, error)
  }
}
