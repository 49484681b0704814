/** What an account finds in its cloud when it first comes. */

import type { Blob } from '../model/resources.ts'
import type { Kind, Records } from './records.ts'
import { contentOf } from './store/receive.ts'
import type { Turn } from './tenant.ts'

export interface Dataset {
  /** By kind, in the order in which they are listed. */
  readonly records: { readonly [K in Kind]?: readonly Records[K][] }
  /** Of the buckets among the records, which say their numbers themselves. */
  readonly blobs: readonly { readonly blob: Omit<Blob, 'etag' | 'contentLength'>; readonly content: string }[]
  /** Where counters stand. */
  readonly numbers: Readonly<Record<string, number>>
}

export const populate = async (turn: Turn): Promise<void> => {
  const { records, blobs, numbers } = turn.personality.dataset(turn.account)
  for (const [kind, list] of entries(records)) for (const record of list) await turn.tx.put(kind, record)
  for (const { blob, content } of blobs) {
    const incoming = contentOf(content)
    await turn.tx.blobs.put({ ...blob, contentLength: incoming.size, etag: incoming.etag }, incoming)
  }
  for (const [name, value] of Object.entries(numbers)) await turn.tx.setNumber(name, value)
}

/** The kinds with their records, typed as they belong together for any one of them. */
const entries = (records: Dataset['records']): [Kind, readonly Records[Kind][]][] =>
  Object.entries(records) as [Kind, readonly Records[Kind][]][]
