/** What keeps a store from working, as errors of the cloud: the message is for clients, the cause names the file for whoever runs the server. */

import { hash as digest } from 'node:crypto'
import { CloudError } from '../../model/errors.ts'

/** A state that can't be used; the message is for the person who named it. */
export class StateError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StateError'
  }
}

/** Of SQLite's primary result codes those that a transaction may meet: the kind, what clients read, and the end of a sentence about the file. */
const troubles: Readonly<Record<number, readonly [kind: 'storage-full' | 'internal', message: string, says: string]>> = {
  8: ['internal', "The state of the mock cloud can't be written", "can't be written"],
  10: ['internal', "The state of the mock cloud can't be read or written", "can't be read or written: disk I/O error"],
  11: ['internal', 'The state of the mock cloud is damaged', 'is damaged'],
  13: ['storage-full', 'The mock cloud has no space left', "can't grow: its disk is full"],
  26: ['internal', 'The state of the mock cloud is damaged', 'is damaged'],
}

/** SQLite's primary result code, where an error has one. */
export const sqliteCode = (error: unknown): number | undefined => {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'errcode') : undefined
  return typeof code === 'number' ? code & 0xff : undefined
}

/** @param file undefined for a database in memory */
export const explainSqlite = (error: unknown, file: string | undefined): unknown => {
  const trouble = troubles[sqliteCode(error) ?? 0]
  if (trouble === undefined) return error
  const [kind, message, says] = trouble
  return new CloudError(kind, message, { cause: file === undefined ? error : new StateError(`The state file ${file} ${says}`, error) })
}

/** Of the system's codes those that say that nothing more fits: the disk, a quota, the largest file. */
const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** The failure to write a file. */
export const explainFile = (error: unknown): unknown =>
  error instanceof Error && full.has(Reflect.get(error, 'code'))
    ? new CloudError('storage-full', 'The mock cloud has no space left', { cause: error })
    : error

/** Content that isn't what was stored. @param what names it, and says how that shows */
export const damagedContent = (what: string): CloudError =>
  new CloudError('internal', 'The stored content of this blob is damaged', { cause: new StateError(what) })

/** @param hash SHA-256, in hexadecimal digits @throws CloudError `internal` where the bytes aren't those of it */
export const verified = (bytes: Uint8Array, hash: string, place: string): Uint8Array => {
  if (digest('sha256', bytes, 'hex') !== hash) throw damagedContent(`The content ${hash} in ${place} is not what was stored`)
  return bytes
}
