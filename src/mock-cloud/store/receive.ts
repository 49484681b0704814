/** How content comes in, wherever it's kept: digested and counted on its way, and given up where it isn't as announced. */

import { createHash } from 'node:crypto'
import { badRequest } from '../../model/errors.ts'
import type { Bytes } from '../../model/requests.ts'

/** Content that has come in whole, and that no blob has yet. */
export interface Incoming extends Digest {
  /** All of it where it's small; else it's at a place of its own, and here is which. */
  readonly bytes: Uint8Array | undefined
  readonly place: string | undefined
}

interface Digest {
  /** SHA-256, in hexadecimal digits. */
  readonly hash: string
  /** MD5, in hexadecimal digits. */
  readonly etag: string
  /** Bytes. */
  readonly size: number
}

/** What keeps content while it comes in. */
export interface Sink {
  add(piece: Uint8Array): Promise<void>
  /** It's all there. */
  finish(digest: Digest): Promise<Pick<Incoming, 'bytes' | 'place'>>
  /** It's not wanted after all. */
  remove(): Promise<void>
}

/** Bytes: up to here a content is kept with the rows that have it. */
export const smallest = 16 * 1024

/**
 * @param length what the sender announced.
 * @throws CloudError `bad-request` where there's more or less than that; whatever reading it throws. Nothing is left of it then.
 */
export const receive = async (content: Bytes, length: number | undefined, sink: Sink): Promise<Incoming> => {
  const sha256 = createHash('sha256')
  const md5 = createHash('md5')
  let size = 0
  try {
    for await (const piece of content) {
      size += piece.length
      if (length !== undefined && size > length) break
      sha256.update(piece)
      md5.update(piece)
      await sink.add(piece)
    }
    if (length !== undefined && size !== length) throw badRequest(`The content is not of the ${length} bytes that were announced`)
    const digest = { hash: sha256.digest('hex'), etag: md5.digest('hex'), size }
    return { ...digest, ...(await sink.finish(digest)) }
  } catch (error) {
    await sink.remove()
    throw error
  }
}

/** Content that is all here. */
export const contentOf = (text: string): Incoming => {
  const bytes = Buffer.from(text)
  const digest = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex')
  return { hash: digest('sha256'), etag: digest('md5'), size: bytes.length, bytes, place: undefined }
}
