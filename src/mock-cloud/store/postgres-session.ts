/** A connection to PostgreSQL as the store speaks through it: rows are arrays, statements are prepared once, what's only written isn't waited for. */

import { hash } from 'node:crypto'
import type { PoolClient } from 'pg'

/** Whole numbers of 64 bits come as text. */
export type Row = (string | number | null | Uint8Array)[]
type Value = string | number | null | Uint8Array | string[]

const mostSent = 1000

export class Session {
  private readonly client: PoolClient
  /** The first of the statements sent without waiting that failed. Those behind it fail because of it. */
  private failure: { readonly error: unknown } | undefined
  private sent: Promise<unknown>[] = []

  constructor(client: PoolClient) {
    this.client = client
  }

  /** @throws whatever failed first, be it this statement or one that was sent before. */
  async rows(sql: string, ...values: readonly Value[]): Promise<Row[]> {
    try {
      const { rows } = await this.client.query<Row>({ text: sql, name: nameOf(sql), values: values.map(written), rowMode: 'array' })
      return rows
    } catch (error) {
      throw this.failure === undefined ? error : this.failure.error
    }
  }

  async row(sql: string, ...values: readonly Value[]): Promise<Row | undefined> {
    const [row] = await this.rows(sql, ...values)
    return row
  }

  /** Sends a statement whose answer nobody needs. Whether it worked, `end` says, or the next that is waited for. */
  run(sql: string, ...values: readonly Value[]): void {
    const answer = this.client.query({ text: sql, name: nameOf(sql), values: values.map(written), rowMode: 'array' })
    this.sent.push(answer.catch((error: unknown) => this.fail(error)))
  }

  /** Begins a transaction; answered together with the first statement in it. */
  begin(mode: string): void {
    this.sent.push(this.client.query(`begin ${mode}`).catch((error: unknown) => this.fail(error)))
  }

  /** Waits where so much was sent that its answers would take much room. */
  async ease(): Promise<void> {
    if (this.sent.length >= mostSent) await this.flush()
  }

  /** Waits for all that was sent. @throws what failed first */
  async flush(): Promise<void> {
    const { sent } = this
    this.sent = []
    await Promise.all(sent)
    if (this.failure !== undefined) throw this.failure.error
  }

  /** Ends a transaction with all that was sent. @throws where anything of it failed: then nothing of it is kept. */
  async commit(): Promise<void> {
    const ended = this.client.query('commit')
    const [{ command }] = await Promise.all([ended, this.flush()])
    if (command !== 'COMMIT') throw new Error('A transaction was rolled back where it should have been kept')
  }

  private fail(error: unknown): void {
    this.failure ??= { error }
  }
}

const names = new Map<string, string>()

const nameOf = (sql: string): string => {
  let name = names.get(sql)
  if (name === undefined) {
    name = hash('sha256', sql, 'hex').slice(0, 32)
    names.set(sql, name)
  }
  return name
}

const written = (value: Value): string | number | null | Uint8Array | string[] =>
  typeof value === 'string' ? escapeNull(value) : Array.isArray(value) ? value.map(escapeNull) : value

/**
 * PostgreSQL's texts can't hold U+0000. It becomes U+0001 U+0001, and U+0001 becomes U+0001 U+0002, which keeps texts in their order.
 * JSON writes both as escapes, so that it stays as it is.
 */
const escapeNull = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it's about
  text.replaceAll(/[\u0000\u0001]/g, character => (character === '\u0000' ? '\u0001\u0001' : '\u0001\u0002'))

/** A text as it was before it was written. */
export const textOf = (value: Row[number] | undefined): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it's about
  String(value).replaceAll(/\u0001([\u0001\u0002])/g, (_, which) => (which === '\u0001' ? '\u0000' : '\u0001'))
