/** A world as a sequence of entries, the same from any store: what a snapshot is made of. */

import type { Bytes, UploadedPart } from '../../model/requests.ts'
import type { Blob } from '../../model/resources.ts'
import type { ClockState } from '../clock-state.ts'
import type { NewEvent } from '../events.ts'
import type { Kind } from '../records.ts'
import type { PendingUpload, Settings } from './store.ts'

/** First, what's of the world itself. */
export interface WorldEntry {
  readonly is: 'world'
  readonly seed: string
  readonly origin: string
  readonly clock: ClockState
  readonly settings: Settings
  /** Number of its last event. */
  readonly seq: number
}

/** Then what's in blobs, each content once. Its bytes are read before the next entry is asked for. */
export interface ContentEntry {
  readonly is: 'content'
  /** SHA-256, in hexadecimal digits. */
  readonly hash: string
  readonly size: number
  readonly content: Bytes
}

/** An account; what follows is its own, up to the next account. */
export interface AccountEntry {
  readonly is: 'account'
  readonly provider: string
  readonly account: string
  /** The latest cloud time that was written in it. */
  readonly reached: number
}

export type Entry =
  | WorldEntry
  | ContentEntry
  | AccountEntry
  | { readonly is: 'number'; readonly name: string; readonly value: number }
  /** In the order in which they're listed. */
  | {
      readonly is: 'resource'
      readonly kind: Kind
      readonly shown: { readonly id: string }
      readonly kept: object
      readonly due?: number
    }
  | { readonly is: 'annotation'; readonly kind: Kind; readonly id: string; readonly key: string; readonly value: string }
  | { readonly is: 'blob'; readonly hash: string; readonly shown: Blob }
  | { readonly is: 'upload'; readonly bucket: string; readonly upload: string; readonly pending: PendingUpload }
  | { readonly is: 'part'; readonly bucket: string; readonly upload: string; readonly hash: string; readonly shown: UploadedPart }
  /** Last, the log, oldest first. */
  | { readonly is: 'event'; readonly seq: number; readonly event: NewEvent }
