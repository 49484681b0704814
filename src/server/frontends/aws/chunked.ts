/** Takes content out of the chunks of `aws-chunked`: `size;chunk-signature=…`, the bytes, and so on, at the end perhaps a trailer. */

import { createHash } from 'node:crypto'
import type { Bytes } from '../../../model/requests.ts'
import { sha256 } from './canonical.ts'
import { ContentError, type SignedContent } from './signature.ts'

type Chunks = Extract<SignedContent, { kind: 'chunks' }>

/** Bytes that a line may have, of a chunk or of the trailer. */
const longestLine = 4096

/**
 * The content, in pieces. A chunk's pieces are handed on before its signature could be checked; whoever reads learns of a wrong one before
 * the end, and keeps nothing.
 * @param onTrailer told the trailer's headers by lower-case name, before the content ends
 * @throws ContentError `framing`, `signature`
 */
export async function* chunked(
  source: Bytes,
  { chain, trailer }: Chunks,
  onTrailer: (headers: ReadonlyMap<string, string>) => void,
): AsyncGenerator<Uint8Array> {
  const reader = new Reader(source)
  try {
    for (;;) {
      const [, size = '', signature] = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?(?:;.*)?$/i.exec(await reader.line()) ?? []
      if (size === '') throw new ContentError('framing', 'A chunk begins with its size')
      const hash = createHash('sha256')
      for (let left = Number.parseInt(size, 16); left > 0; ) {
        const piece = await reader.some(left)
        left -= piece.length
        if (chain !== undefined) hash.update(piece)
        yield piece
      }
      if (chain !== undefined && !(signature !== undefined && chain.next(signature, hash.digest('hex'))))
        throw new ContentError('signature', 'The signature of a chunk is not that of its content')
      if (Number.parseInt(size, 16) === 0) break
      if ((await reader.line()) !== '') throw new ContentError('framing', 'A chunk is longer than it says')
    }
    onTrailer(trailer ? await trailerOf(reader, chain) : new Map())
    await reader.rest()
  } finally {
    await reader.close()
  }
}

const trailerOf = async (reader: Reader, chain: Chunks['chain']): Promise<ReadonlyMap<string, string>> => {
  const headers = new Map<string, string>()
  let signed = ''
  for (;;) {
    const line = await reader.lineOrEnd()
    if (line === undefined || line === '') break
    const at = line.indexOf(':')
    if (at < 0) throw new ContentError('framing', 'The trailer has a line that is no header')
    const [name, value] = [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()]
    headers.set(name, value)
    if (name !== 'x-amz-trailer-signature') signed += `${name}:${value}\n`
  }
  const signature = headers.get('x-amz-trailer-signature')
  if (chain !== undefined && !(signature !== undefined && chain.trailer(signature, sha256(signed))))
    throw new ContentError('signature', 'The signature of the trailer is not that of its headers')
  return headers
}

/** Lines and stretches out of pieces of any size. */
class Reader {
  private readonly source: AsyncIterator<Uint8Array>
  private held: Uint8Array = new Uint8Array(0)

  constructor(source: Bytes) {
    this.source = source[Symbol.asyncIterator]()
  }

  /** @throws ContentError `framing` where the source ends first */
  async line(): Promise<string> {
    const line = await this.lineOrEnd()
    if (line === undefined) throw new ContentError('framing', 'The content ends in the middle of a chunk')
    return line
  }

  /** Undefined where the source has ended. */
  async lineOrEnd(): Promise<string | undefined> {
    for (;;) {
      const end = this.held.indexOf(10)
      if (end >= 0) {
        const line = Buffer.from(this.held.subarray(0, end)).toString('latin1').replace(/\r$/, '')
        this.held = this.held.subarray(end + 1)
        return line
      }
      if (this.held.length > longestLine) throw new ContentError('framing', 'A line between chunks is too long')
      if (!(await this.more())) {
        if (this.held.length === 0) return undefined
        throw new ContentError('framing', 'The content ends in the middle of a line')
      }
    }
  }

  /** At least one byte, and at most `limit`. @throws ContentError `framing` where the source ends first */
  async some(limit: number): Promise<Uint8Array> {
    while (this.held.length === 0) {
      if (!(await this.more())) throw new ContentError('framing', 'The content ends in the middle of a chunk')
    }
    const piece = this.held.subarray(0, limit)
    this.held = this.held.subarray(piece.length)
    return piece
  }

  /** Reads on to the end, where nothing but an empty line may stand. */
  async rest(): Promise<void> {
    for (let line = await this.lineOrEnd(); line !== undefined; line = await this.lineOrEnd()) {
      if (line !== '') throw new ContentError('framing', 'There is something behind the last chunk')
    }
  }

  async close(): Promise<void> {
    await this.source.return?.()
  }

  private async more(): Promise<boolean> {
    const step = await this.source.next()
    if (step.done === true) return false
    this.held = this.held.length === 0 ? step.value : Buffer.concat([this.held, step.value])
    return true
  }
}
