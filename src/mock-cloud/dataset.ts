/** What an account finds in its cloud when it first comes. */

import type { Kind, Records } from './records.ts'
import type { Turn } from './tenant.ts'

export interface Dataset {
  /** By kind, in the order in which they are listed. */
  readonly records: { readonly [K in Kind]?: readonly Records[K][] }
  /** Where counters stand. */
  readonly numbers: Readonly<Record<string, number>>
}

export const populate = async (turn: Turn): Promise<void> => {
  const { records, numbers } = turn.personality.dataset(turn.account)
  for (const [kind, list] of entries(records)) for (const record of list) await turn.tx.put(kind, record)
  for (const [name, value] of Object.entries(numbers)) await turn.tx.setNumber(name, value)
}

/** The kinds with their records, typed as they belong together for any one of them. */
const entries = (records: Dataset['records']): [Kind, readonly Records[Kind][]][] =>
  Object.entries(records) as [Kind, readonly Records[Kind][]][]
