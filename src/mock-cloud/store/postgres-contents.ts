/**
 * What is in blobs, in PostgreSQL: small contents lie with their blobs, large ones in chunks that all who have the same content share.
 *
 * Nobody counts who has a content: blobs and parts refer to it by a foreign key, which their transactions only share a lock for. A content
 * that came in, or that someone gave up, is marked as loose at that moment. It goes when it has been loose for a while and nobody refers to
 * it, so that whoever reads a content can finish, whatever becomes of its blob meanwhile.
 */

import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import { CloudError } from '../../model/errors.ts'
import type { Bytes } from '../../model/requests.ts'
import type { OpenContent } from './contents.ts'
import { explainPostgres } from './postgres-transactions.ts'
import { type Incoming, receive, type Sink, smallest } from './receive.ts'
import { damagedContent } from './storage-errors.ts'

/** Bytes. */
const chunkSize = 256 * 1024
/** How long a content stays that nobody has: longer than any reader pauses between two chunks. Milliseconds. */
const usualGrace = 15 * 60_000
/** How many contents are looked at in one sweep's transaction. */
const sweptAtOnce = 100

export class PostgresContents {
  private readonly pool: Pool
  private readonly grace: number

  constructor(pool: Pool, grace = usualGrace) {
    this.pool = pool
    this.grace = grace
  }

  /** As `Store.receive`. No connection is held while the content is waited for. */
  receive(content: Bytes, length?: number): Promise<Incoming> {
    return receive(content, length, new Chunks(this.pool))
  }

  /** @param content the number of its row @param hash SHA-256, in hexadecimal digits */
  open(content: string, size: number, hash: string): OpenContent {
    return { size, read: (first, last) => this.stream(content, first, last, first === 0 && last === size - 1 ? hash : undefined) }
  }

  /** Removes contents that nobody wants any more. @returns how many */
  async sweep(): Promise<number> {
    let removed = 0
    for (;;) {
      const { swept, gone } = await this.sweepSome()
      removed += gone
      if (swept < sweptAtOnce) return removed
    }
  }

  private async sweepSome(): Promise<{ swept: number; gone: number }> {
    const client = await this.pool.connect()
    try {
      await client.query('begin')
      // Who holds the row's lock is about to refer to the content; and who comes later waits for this one, and then finds it gone.
      const { rows } = await client.query<{ content: string }>(
        `select content from content where loose < now() - $1 * interval '1 millisecond' order by loose limit ${sweptAtOnce}
         for update skip locked`,
        [this.grace],
      )
      const contents = rows.map(({ content }) => content)
      const { rowCount } = await client.query(
        `delete from content c where content = any($1) and not exists (select from blob where content = c.content)
         and not exists (select from part where content = c.content)`,
        [contents],
      )
      await client.query('update content set loose = null where content = any($1)', [contents])
      await client.query('commit')
      client.release()
      return { swept: contents.length, gone: rowCount ?? 0 }
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  /** @param hash what all that is read must have, where it's the whole content */
  private async *stream(content: string, first: number, last: number, hash: string | undefined): AsyncGenerator<Uint8Array> {
    const digest = hash === undefined ? undefined : createHash('sha256')
    let kept = Date.now()
    for (let at = first; at <= last; ) {
      const number = Math.floor(at / chunkSize)
      const from = at - number * chunkSize
      const count = Math.min(chunkSize - from, last - at + 1)
      const bytes = await this.chunk(content, number, from + 1, count).catch(rejectExplained)
      if (bytes === undefined || bytes.length === 0) throw damagedContent(`Chunk ${number} of the content ${content} is missing or short`)
      at += bytes.length
      // A reader that takes its time keeps a content that was given up since it began.
      if (Date.now() - kept > this.grace / 4) {
        await this.pool.query('update content set loose = now() where content = $1 and loose is not null', [content]).catch(rejectExplained)
        kept = Date.now()
      }
      digest?.update(bytes)
      if (at > last && digest !== undefined && digest.digest('hex') !== hash)
        throw damagedContent(`The content ${content} (SHA-256 ${hash}) is not what was stored`)
      yield bytes
    }
  }

  private async chunk(content: string, number: number, from: number, count: number): Promise<Buffer | undefined> {
    const { rows } = await this.pool.query<[Buffer]>({
      name: 'chunk',
      text: 'select substr(bytes, $3, $4) from chunk where content = $1 and number = $2',
      values: [content, number, from, count],
      rowMode: 'array',
    })
    return rows[0]?.[0]
  }
}

const rejectExplained = (error: unknown): never => {
  throw explainPostgres(error)
}

/** A content on its way in. */
class Chunks implements Sink {
  private readonly pool: Pool
  private pieces: Uint8Array[] = []
  private waiting = 0
  private written = 0
  private content: string | undefined

  constructor(pool: Pool) {
    this.pool = pool
  }

  add(piece: Uint8Array): Promise<void> {
    return this.take(piece).catch(rejectExplained)
  }

  finish(digest: { readonly hash: string; readonly size: number }): Promise<Pick<Incoming, 'bytes' | 'place'>> {
    return this.end(digest).catch(rejectExplained)
  }

  private async take(piece: Uint8Array): Promise<void> {
    this.pieces.push(piece)
    this.waiting += piece.length
    if (this.waiting < chunkSize) return
    const bytes = Buffer.concat(this.pieces)
    let at = 0
    for (; bytes.length - at >= chunkSize; at += chunkSize) await this.write(bytes.subarray(at, at + chunkSize))
    const rest = bytes.subarray(at)
    this.pieces = rest.length === 0 ? [] : [rest]
    this.waiting = rest.length
  }

  private async end({ hash, size }: { readonly hash: string; readonly size: number }): Promise<Pick<Incoming, 'bytes' | 'place'>> {
    const rest = Buffer.concat(this.pieces)
    if (size <= smallest) return { bytes: rest, place: undefined }
    if (rest.length > 0) await this.write(rest)
    return { bytes: undefined, place: await this.name(hash, size) }
  }

  async remove(): Promise<void> {
    const { content } = this
    if (content === undefined) return
    this.content = undefined
    // Where that fails, it's swept.
    await this.pool.query('delete from content where content = $1', [content]).catch(() => undefined)
  }

  private async write(bytes: Uint8Array): Promise<void> {
    this.content ??= await this.begin()
    // On disk before anyone is told of the blob, as all that's committed before its transaction.
    const added = await this.pool
      .query({
        name: 'add chunk',
        text: `with kept as (update content set loose = now() where content = $1)
          insert into chunk select $1, $2, $3 where set_config('synchronous_commit', 'off', true) = 'off'`,
        values: [this.content, this.written, bytes],
      })
      .catch(rejectAllBut('23503'))
    if (added === undefined) throw givenUp()
    this.written += 1
  }

  private async begin(): Promise<string> {
    const { rows } = await this.pool.query<{ content: string }>('insert into content default values returning content')
    const content = rows[0]?.content
    if (content === undefined) throw new Error('PostgreSQL has made no row')
    return content
  }

  /** Gives a whole content its hash, or gives it up for one that has it already. @returns the number of the one that's left */
  private async name(hash: string, size: number): Promise<string> {
    const { content } = this
    if (content === undefined) throw new Error('A content without a row can have no name')
    for (;;) {
      const named = await this.pool
        .query(
          `update content set hash = $2, size = $3, loose = now() where content = $1
         and not exists (select from content where hash = $2)`,
          [content, hash, size],
        )
        .catch(rejectAllBut('23505'))
      if (named?.rowCount === 1) return content
      const { rows } = await this.pool.query<{ content: string }>('update content set loose = now() where hash = $1 returning content', [
        hash,
      ])
      const found = rows[0]?.content
      if (found !== undefined) {
        await this.remove()
        return found
      }
      // The one with the name was swept just now, and the name is free; or this one was, and there's nothing left to name.
      const { rowCount } = await this.pool.query('select from content where content = $1', [content])
      if (rowCount === 0) throw givenUp()
    }
  }
}

/** A content that was swept while it came in. */
const givenUp = (): CloudError => new CloudError('provider-error', 'The content came in too slowly, and was given up')

const rejectAllBut =
  (code: string) =>
  (error: unknown): undefined => {
    if (error instanceof Error && Reflect.get(error, 'code') === code) return undefined
    throw error
  }
