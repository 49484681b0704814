/** A database of node:sqlite with its prepared statements. */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { explainSqlite, sqliteCode } from './storage-errors.ts'

export type Row = readonly (string | number | null | Uint8Array)[]

/** Rows are arrays, which cost half of what objects do: the database is opened so. */
export class Statements {
  private readonly db: DatabaseSync
  private readonly file: string | undefined
  private readonly prepared = new Map<string, StatementSync>()
  /** The first sign that the database is damaged. */
  damage: unknown

  /** @param file undefined for a database in memory */
  constructor(db: DatabaseSync, file?: string) {
    this.db = db
    this.file = file
  }

  /** Where it is, for people. */
  get place(): string {
    return this.file ?? 'memory'
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    try {
      this.statement(sql).run(...values)
    } catch (error) {
      throw this.explain(error)
    }
  }

  row(sql: string, ...values: SQLInputValue[]): Row | undefined {
    try {
      // The database was opened with arrays as rows; the types of node:sqlite know objects only.
      const row: unknown = this.statement(sql).get(...values)
      return Array.isArray(row) ? row : undefined
    } catch (error) {
      throw this.explain(error)
    }
  }

  rows(sql: string, ...values: SQLInputValue[]): Row[] {
    try {
      const rows: unknown = this.statement(sql).all(...values)
      return Array.isArray(rows) ? rows : []
    } catch (error) {
      throw this.explain(error)
    }
  }

  exec(sql: string): void {
    try {
      this.db.exec(sql)
    } catch (error) {
      throw this.explain(error)
    }
  }

  /** Whether a transaction is open. */
  isOpen(): boolean {
    return this.db.isTransaction
  }

  close(): void {
    this.prepared.clear()
    this.db.close()
  }

  private explain(error: unknown): unknown {
    const explained = explainSqlite(error, this.file)
    const code = sqliteCode(error)
    if (code === 11 || code === 26) this.damage ??= explained
    return explained
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

/** What this store wrote as JSON, and nobody else writes. */
export const parse = <T>(text: Row[number] | undefined): T => JSON.parse(String(text)) as T

/** Parsed texts by the text itself: a few, since what is asked again and again is little. */
const recalled = new Map<string, unknown>()
const mostRecalled = 1000

/**
 * The same for what is only looked at: of a text that was parsed lately the object is the same again. So a document made of it can be
 * recalled too, and nothing can be stale, since the text is read from the database each time (decision 007).
 */
export const recall = <T>(text: Row[number] | undefined): T => {
  const key = String(text)
  const known = recalled.get(key)
  if (known !== undefined) return known as T
  const parsed = parse<T>(key)
  if (recalled.size >= mostRecalled) recalled.clear()
  recalled.set(key, parsed)
  return parsed
}

/** A listing longer than this isn't recalled: it would only push out what is. */
export const longestRecalled = 64
