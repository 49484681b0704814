/**
 * Makes sure that what was committed is on disk, for many transactions at once. They are committed without waiting for the disk, so that the
 * next writer of an account need not wait for it either; but nobody is told that something was done before it's there for good.
 */

import type { Pool } from 'pg'

export class Flush {
  private readonly pool: Pool
  private running: Promise<unknown> = Promise.resolve()
  private next: Promise<void> | undefined

  constructor(pool: Pool) {
    this.pool = pool
  }

  /** Waits until all that was committed before is on disk. */
  done(): Promise<void> {
    // One that is under way may have begun too early.
    this.next ??= this.running.then(() => {
      this.next = undefined
      const flushed = this.flush()
      this.running = flushed.catch(() => undefined)
      return flushed
    })
    return this.next
  }

  /** A commit that waits for the disk takes with it what was written before. This one writes a message that nobody reads. */
  private async flush(): Promise<void> {
    await this.pool.query({ name: 'flush', text: "select pg_logical_emit_message(true, 'mock-cloud', '')" })
  }
}
