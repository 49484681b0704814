/**
 * Makes sure that what was committed is on disk, for many transactions at once. They are committed without waiting for the disk, so that the
 * next writer of an account need not wait for it either; but nobody is told that something was done before it's there for good.
 *
 * It has a connection of its own, which a crash of the database would break: as long as it's the same, nothing was lost since it was made.
 */

import type { Client } from 'pg'

interface Line {
  readonly client: Client
  running: Promise<void>
  next: Promise<void> | undefined
}

export class Flush {
  private readonly connect: () => Client
  private line: Line | undefined
  private opening: Promise<void> | undefined

  /** @param connect makes a connection that isn't open yet. */
  constructor(connect: () => Client) {
    this.connect = connect
  }

  /** Has its connection: to be waited for before anything is committed that is to be flushed. */
  async ready(): Promise<void> {
    if (this.line !== undefined) return
    this.opening ??= this.open().finally(() => {
      this.opening = undefined
    })
    await this.opening
  }

  /** Waits until all that was committed before is on disk. @throws where that can't be known */
  async done(): Promise<void> {
    const { line } = this
    if (line === undefined) throw new Error('The connection that flushes is gone')
    // One that is under way may have begun too early.
    line.next ??= line.running.then(() => {
      line.next = undefined
      line.running = flush(line.client)
      return line.running
    })
    await line.next
  }

  async close(): Promise<void> {
    await this.opening?.catch(() => undefined)
    await this.line?.client.end()
  }

  private async open(): Promise<void> {
    const client = this.connect()
    client.on('error', () => undefined)
    const line: Line = { client, running: Promise.resolve(), next: undefined }
    client.on('end', () => {
      if (this.line === line) this.line = undefined
    })
    await client.connect()
    this.line = line
  }
}

/** A commit that waits for the disk takes with it what was written before. This one writes a message that nobody reads. */
const flush = async (client: Client): Promise<void> => {
  await client.query({ name: 'flush', text: "select pg_logical_emit_message(true, 'mock-cloud', '')" })
}
