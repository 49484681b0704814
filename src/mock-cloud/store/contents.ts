/**
 * What is in blobs: small contents lie in the database, large ones in files named by their SHA-256.
 * Content is checked against its SHA-256 when it's read from its first byte to its last; of a part only its length is known to be right.
 * A file is whole and on disk before the database knows it, and it goes after the database has forgotten it; so a crash leaves at most
 * files that nobody knows, and they are swept when the store is opened again.
 */

import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bytes } from '../../model/requests.ts'
import { Queue } from './queue.ts'
import { type Incoming, receive, type Sink, smallest } from './receive.ts'
import { damagedContent, explainFile, verified } from './storage-errors.ts'

/** Content that can be read once from here on, whatever becomes of its blob meanwhile. */
export interface OpenContent {
  readonly size: number
  /**
   * The bytes from `first` to `last`, both included. Read or not, what's held for it is let go when it's ended or forgotten.
   * Where all is read and it isn't what was stored, it ends with a CloudError `internal` before the last piece.
   */
  read(first: number, last: number): Bytes
}

/** Bytes. */
const pieceSize = 256 * 1024

export class Contents {
  private directory: string | undefined
  private readonly isLasting: boolean
  /** A file gets its name and loses it in turns: clouds in memory have their files together. */
  private readonly naming = new Queue()
  private readonly held = new Map<string, number>()

  /** @param directory for good; without it, one that is gone when closed. */
  constructor(directory?: string) {
    this.directory = directory
    this.isLasting = directory !== undefined
  }

  /**
   * Takes content in.
   * @param length what its sender announced.
   * @throws CloudError `bad-request` where there's more or less than that; `storage-full` where it doesn't fit; whatever reading it throws.
   * Nothing is left of it then.
   */
  async receive(content: Bytes, length?: number): Promise<Incoming> {
    try {
      return await receive(content, length, new GrowingFile(() => join(this.home(), `${randomUUID()}.part`), this.isLasting))
    } catch (error) {
      throw explainFile(error)
    }
  }

  /** Lets go of content that came in, wherever it was kept or not. */
  async discard({ place }: Incoming): Promise<void> {
    if (place !== undefined) await rm(place, { force: true })
  }

  /** Gives a file its lasting name. */
  async place({ hash, place }: Incoming): Promise<void> {
    if (place === undefined) return
    try {
      await this.naming.run(() => rename(place, join(this.home(), hash)))
      // Windows can't flush a directory, and does it itself.
      if (this.isLasting && process.platform !== 'win32') await flushed(this.home())
    } catch (error) {
      throw explainFile(error)
    }
  }

  /** Removes a file, if nobody wants it then. */
  remove(hash: string, isWanted: () => boolean): Promise<void> {
    return this.naming.run(async () => {
      if (this.directory !== undefined && !this.held.has(hash) && !isWanted()) await rm(join(this.directory, hash), { force: true })
    })
  }

  /** Keeps files from being removed. @returns what ends that; whether they must go now, the caller sees to. */
  hold(hashes: readonly string[]): () => void {
    for (const hash of hashes) this.held.set(hash, (this.held.get(hash) ?? 0) + 1)
    return () => {
      for (const hash of hashes) {
        const left = (this.held.get(hash) ?? 1) - 1
        if (left > 0) this.held.set(hash, left)
        else this.held.delete(hash)
      }
    }
  }

  /** @throws CloudError `internal` where the file is missing, is of another length, or is small enough to be read here and is damaged. */
  async open(hash: string, size: number): Promise<OpenContent> {
    const path = join(this.home(), hash)
    const handle = await open(path).catch((error: unknown) => {
      throw isMissing(error) ? damagedContent(`The content file ${path} is missing`) : error
    })
    try {
      const { size: found } = await handle.stat()
      if (found !== size) throw damagedContent(`The content file ${path} has ${found} bytes instead of ${size}`)
      if (size > pieceSize) return new FileContent(handle, size, path, hash)
      const bytes = verified(await handle.readFile(), hash, path)
      await handle.close()
      return openBytes(bytes)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** Removes what a crash left. */
  sweep(isKnown: (hash: string) => boolean): void {
    if (this.directory === undefined || !existsSync(this.directory)) return
    for (const name of readdirSync(this.directory)) {
      if (name.endsWith('.part') || (/^[0-9a-f]{64}$/.test(name) && !isKnown(name))) rmSync(join(this.directory, name), { force: true })
    }
  }

  close(): void {
    if (!this.isLasting && this.directory !== undefined) rmSync(this.directory, { recursive: true, force: true })
    this.directory = this.isLasting ? this.directory : undefined
  }

  private home(): string {
    if (this.directory === undefined) this.directory = mkdtempSync(join(tmpdir(), 'mock-cloud-'))
    else mkdirSync(this.directory, { recursive: true })
    return this.directory
  }
}

const flushed = async (path: string): Promise<void> => {
  const directory = await open(path)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && Reflect.get(error, 'code') === 'ENOENT'

/** Content that is all here, and was verified. */
export const openBytes = (bytes: Uint8Array): OpenContent => ({
  size: bytes.length,
  async *read(first, last) {
    if (last >= first) yield bytes.subarray(first, last + 1)
  },
})

/** Keeps bytes in memory for as long as they're few, and in a file from then on. */
class GrowingFile implements Sink {
  private readonly pathOf: () => string
  private readonly isDurable: boolean
  private pieces: Uint8Array[] = []
  private size = 0
  private path: string | undefined
  private handle: FileHandle | undefined

  constructor(pathOf: () => string, isDurable: boolean) {
    this.pathOf = pathOf
    this.isDurable = isDurable
  }

  async add(piece: Uint8Array): Promise<void> {
    this.pieces.push(piece)
    this.size += piece.length
    if (this.size > smallest) await this.write()
  }

  async finish(): Promise<Pick<Incoming, 'bytes' | 'place'>> {
    if (this.handle === undefined) return { bytes: Buffer.concat(this.pieces), place: undefined }
    if (this.isDurable) await this.handle.sync()
    await this.close()
    return { bytes: undefined, place: this.path }
  }

  async remove(): Promise<void> {
    // The failure that it's removed for is told, not what closing says after it.
    await this.close().catch(() => undefined)
    if (this.path !== undefined) await rm(this.path, { force: true })
  }

  private async write(): Promise<void> {
    this.path ??= this.pathOf()
    this.handle ??= await open(this.path, 'wx')
    // One write may take less than it's given; writing the whole file's rest does not.
    for (const piece of this.pieces) await this.handle.writeFile(piece)
    this.pieces = []
  }

  private async close(): Promise<void> {
    await this.handle?.close()
    this.handle = undefined
  }
}

/** Closes a file whose content nobody came to read. */
const forgotten = new FinalizationRegistry<FileHandle>(handle => void handle.close().catch(() => undefined))

class FileContent implements OpenContent {
  readonly size: number
  private readonly handle: FileHandle
  private readonly path: string
  private readonly hash: string

  constructor(handle: FileHandle, size: number, path: string, hash: string) {
    this.handle = handle
    this.size = size
    this.path = path
    this.hash = hash
    forgotten.register(this, handle, this)
  }

  read(first: number, last: number): Bytes {
    const begin = (): AsyncIterator<Uint8Array> => this.stream(first, last)
    const release = (): Promise<void> => this.release()
    return {
      [Symbol.asyncIterator]() {
        let inner: AsyncIterator<Uint8Array> | undefined
        return {
          next: () => {
            inner ??= begin()
            return inner.next()
          },
          // A generator that hasn't begun would skip its own end.
          return: async () => {
            await inner?.return?.()
            await release()
            return { done: true, value: undefined }
          },
        }
      },
    }
  }

  private async *stream(first: number, last: number): AsyncGenerator<Uint8Array> {
    const digest = first === 0 && last === this.size - 1 ? createHash('sha256') : undefined
    try {
      for (let at = first; at <= last; ) {
        const room = Buffer.allocUnsafe(Math.min(pieceSize, last - at + 1))
        const { bytesRead } = await this.handle.read(room, 0, room.length, at)
        if (bytesRead === 0) throw damagedContent(`The content file ${this.path} is shorter than it was`)
        at += bytesRead
        const piece = room.subarray(0, bytesRead)
        digest?.update(piece)
        if (at > last && digest !== undefined && digest.digest('hex') !== this.hash)
          throw damagedContent(`The content file ${this.path} is not what was stored`)
        yield piece
      }
    } finally {
      await this.release()
    }
  }

  private async release(): Promise<void> {
    forgotten.unregister(this)
    await this.handle.close()
  }
}
