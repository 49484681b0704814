/** Bodies as they pass, and what of them is written down. */

import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import type { Content } from './har.ts'
import type { Scrubber } from './scrubbing.ts'

/** Of a body, in bytes; one that is larger isn't written down. */
const mostKept = 4 * 1024 * 1024
/** What it may be unpacked. */
const mostUnpacked = 4 * mostKept

/** Bytes as they pass. */
export class Pieces {
  private chunks: Uint8Array[] = []
  /** How many there were, kept or not. */
  size = 0

  add(chunk: Uint8Array): void {
    this.size += chunk.length
    if (this.size <= mostKept) this.chunks.push(Uint8Array.from(chunk))
    else this.chunks = []
  }

  /** Undefined where there were more than are kept: half a body would be another. */
  whole(): Buffer | undefined {
    return this.size <= mostKept ? Buffer.concat(this.chunks) : undefined
  }
}

/** A body that can be looked into. */
export interface Readable {
  readonly bytes: Buffer
  /** It came packed, and isn't any more. */
  readonly wasPacked: boolean
}

/** @param encoding of the header Content-Encoding */
export const unpacked = (bytes: Buffer, encoding: string): Readable => {
  const unpack = unpackers[encoding.trim().toLowerCase()]
  if (unpack === undefined || bytes.length === 0) return { bytes, wasPacked: false }
  try {
    return { bytes: unpack(bytes, { maxOutputLength: mostUnpacked }), wasPacked: true }
  } catch {
    return { bytes, wasPacked: false }
  }
}

const unpackers: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
}

/** Undefined for an empty body. */
export const contentOf = (bytes: Buffer, type: string, scrubber: Scrubber): Content | undefined => {
  if (bytes.length === 0) return undefined
  const text = bytes.toString('utf8')
  if (Buffer.from(text).equals(bytes)) {
    const clean = scrubber.body(text, type)
    return { size: Buffer.byteLength(clean), text: clean }
  }
  // Text in other letters is looked through like all text, and stays what it was.
  const letters = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'latin1'
  const foreign = letters === 'utf16le' || /^text\/|^multipart\/|xml|json|x-www-form-urlencoded/i.test(type)
  const clean = scrubber.bytes(foreign ? Buffer.from(scrubber.body(bytes.toString(letters), type), letters) : bytes)
  return { size: clean.length, text: clean.toString('base64'), encoding: 'base64' }
}
