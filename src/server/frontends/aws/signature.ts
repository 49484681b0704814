/** A request's signature, read: who is to have signed it, how that is proven, and what of the content was signed with it. */

import type { Claim } from '../../gate.ts'

/** Why a signature doesn't hold. Each protocol has codes of its own for these. */
export type Fault =
  /** The header or the parameters aren't what a signature consists of. */
  | 'malformed'
  /** The scope names another region than that of the endpoint: `region`, `expected`. */
  | 'region'
  /** The scope names another service than that of the endpoint: `service`, `expected`. */
  | 'service'
  /** There are headers that must be signed and aren't: `headers`. */
  | 'unsigned'
  /** Signed by a clock that is more than 15 minutes off. */
  | 'skewed'
  /** A presigned address whose time has not come. */
  | 'early'
  /** A presigned address whose time is over. */
  | 'expired'
  /** Another secret, or another request. */
  | 'mismatch'

export class SignatureError extends Error {
  readonly fault: Fault
  /** Whether the signature stands in the query. */
  readonly presigned: boolean
  /** What the fault is about, by the names that `Fault` gives. */
  readonly facts: Readonly<Record<string, string>>

  /** @param message in S3's words */
  constructor(fault: Fault, message: string, presigned = false, facts: Readonly<Record<string, string>> = {}) {
    super(message)
    this.name = 'SignatureError'
    this.fault = fault
    this.presigned = presigned
    this.facts = facts
  }
}

/** Why content isn't what it's said to be; protocols have codes of their own for these. */
export type ContentFault = 'digest' | 'sha256' | 'checksum' | 'signature' | 'framing'

export class ContentError extends Error {
  readonly fault: ContentFault

  constructor(fault: ContentFault, message: string) {
    super(message)
    this.name = 'ContentError'
    this.fault = fault
  }
}

/** How the content is bound to the signature. */
export type SignedContent =
  | { readonly kind: 'unsigned' }
  /** Its SHA-256, in hexadecimal digits. */
  | { readonly kind: 'hash'; readonly sha256: string }
  /** Framed in chunks, each signed if `chain` is there, perhaps with a trailer. */
  | { readonly kind: 'chunks'; readonly trailer: boolean; readonly chain: ChunkChain | undefined }

/** The signatures of chunks: each is made over the one before. */
export interface ChunkChain {
  /** @returns whether `signature` is that of the next chunk, or true where the secret was never needed. */
  next(signature: string, chunkHash: string): boolean
  trailer(signature: string, trailerHash: string): boolean
}

export interface Signature {
  /** For the gate. */
  readonly claim: Extract<Claim, { kind: 'signature' }>
  readonly keyId: string
  readonly version: 2 | 4
  readonly presigned: boolean
  /** As the scope of version 4 names them; undefined for version 2. */
  readonly region: string | undefined
  readonly service: string | undefined
  readonly content: SignedContent
  /** What the gate found when it had the signature checked; undefined where it didn't, or all was well: then the key is unknown. */
  fault(): Fault | undefined
}

/** What is known beside the request itself. */
export interface SignatureContext {
  /** The provider's name, which may have a region in it. */
  readonly provider?: string | undefined
  /** The regions that the endpoint serves, where the cloud is divided into regions: others are refused. */
  readonly regions?: readonly string[]
  /** Milliseconds since 1970, by the clock that clients sign with: the machine's. */
  readonly now: number
  /** The body, where it's in memory: its hash is what was signed (EC2). Without it `x-amz-content-sha256` says what was (S3). */
  readonly body?: Uint8Array
  /** Parameters of the query and of the form (EC2); those of the query where they aren't given. */
  readonly parameters?: readonly (readonly [string, string])[]
  /** The bucket where the host names it (S3). */
  readonly bucket?: string | undefined
  /** What of the path isn't the protocol's own, as `/s3`: signers of version 2 may leave it out. */
  readonly mount?: string | undefined
}

/** Milliseconds that a client's clock may be off. */
export const allowedSkew = 15 * 60_000
