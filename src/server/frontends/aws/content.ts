/** Content as it was signed: out of its chunks, checked while it passes, and never handed on whole where it isn't what was signed. */

import { createHash, type Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Bytes } from '../../../model/requests.ts'
import { chunked } from './chunked.ts'
import { ContentError, type ContentFault, type SignedContent } from './signature.ts'

/** What the sender said of the content, beside its signature. */
export interface Promised {
  /** Content-MD5, in Base64. */
  readonly md5?: string | undefined
  /** Checksums by algorithm (`crc32`, `sha1`, `sha256`), in Base64; those of other algorithms pass unchecked. */
  readonly checksums?: ReadonlyMap<string, string>
}

/**
 * The bytes of the content, in pieces. The last piece is held back until all is known to be right, so that nobody keeps what is wrong.
 * @throws ContentError while it's read
 */
export const contentOf = (body: Bytes | undefined, signed: SignedContent, promised: Promised = {}): Bytes => {
  const source = body ?? nothing
  const checks: Check[] = [...(promised.checksums ?? [])].map(([algorithm, value]) => checksum(algorithm, value))
  if (promised.md5 !== undefined) checks.push(digest('md5', 'base64', promised.md5, 'digest'))
  if (signed.kind === 'hash') checks.push(digest('sha256', 'hex', signed.sha256, 'sha256'))
  if (signed.kind !== 'chunks') return checked(source, checks)
  // What the trailer promises is known only behind the content: all that it may be is counted on the way.
  const trailing = signed.trailer ? ['crc32', 'sha1', 'sha256'].map(algorithm => trailingChecksum(algorithm)) : []
  const pieces = chunked(source, signed, trailer => {
    for (const one of trailing) one.promise(trailer.get(`x-amz-checksum-${one.algorithm}`))
  })
  return checked(pieces, [...checks, ...trailing])
}

const nothing: Bytes = {
  async *[Symbol.asyncIterator]() {
    // There is none.
  },
}

interface Check {
  add(piece: Uint8Array): void
  /** @throws ContentError */
  end(): void
}

async function* checked(source: Bytes, checks: readonly Check[]): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined
  for await (const piece of source) {
    if (piece.length === 0) continue
    if (held !== undefined) yield held
    for (const check of checks) check.add(piece)
    held = piece
  }
  for (const check of checks) check.end()
  if (held !== undefined) yield held
}

/** What counts bytes, and tells their sum in Base64. */
interface Sum {
  add(piece: Uint8Array): void
  value(): string
}

const hashSum = (hash: Hash): Sum => ({ add: piece => hash.update(piece), value: () => hash.digest('base64') })

const crc32Sum = (): Sum => {
  let value = 0
  return {
    add(piece) {
      value = crc32(piece, value)
    },
    value() {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(value)
      return bytes.toString('base64')
    },
  }
}

const sums: ReadonlyMap<string, () => Sum> = new Map([
  ['crc32', crc32Sum],
  ['sha1', () => hashSum(createHash('sha1'))],
  ['sha256', () => hashSum(createHash('sha256'))],
])

const trailingChecksum = (algorithm: string) => {
  const sum = sums.get(algorithm)?.()
  let promised: string | undefined
  return {
    algorithm,
    promise(value: string | undefined) {
      promised = value
    },
    add(piece: Uint8Array) {
      sum?.add(piece)
    },
    end() {
      if (promised !== undefined && sum !== undefined && sum.value() !== promised)
        throw new ContentError('checksum', `Value for x-amz-checksum-${algorithm} header is invalid.`)
    },
  }
}

const checksum = (algorithm: string, promised: string): Check => {
  const check = trailingChecksum(algorithm)
  check.promise(promised)
  return check
}

const digest = (algorithm: 'md5' | 'sha256', form: 'base64' | 'hex', promised: string, fault: ContentFault): Check => {
  const hash = createHash(algorithm)
  return {
    add(piece) {
      hash.update(piece)
    },
    end() {
      if (hash.digest(form) !== promised) throw new ContentError(fault, 'The content is not what its digest says')
    },
  }
}
