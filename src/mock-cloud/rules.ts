/** The one place that every operation passes before it's carried out: where faults and limits stand. */

import type { CloudError } from '../model/errors.ts'
import type { Kind, Shown } from './records.ts'
import type { Turn } from './tenant.ts'
import type { Latencies } from './texture.ts'
import type { World } from './world.ts'

/** A fault that is to be seen on the wire; whoever speaks the protocol applies it to what the operation was answered with. */
export type WireEffect =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'truncated'; readonly share: number }
  | { readonly kind: 'garbled'; readonly seed: string }
  | { readonly kind: 'never' }

/** Who asks: waiting ends with the signal, and an effect on the wire is left for them to find. */
export interface Caller {
  readonly signal: AbortSignal
  /** Ends waiting, too, for all who wait at once. */
  readonly closing?: AbortSignal | undefined
  readonly wire: { effect?: WireEffect }
}

/** One operation that somebody asks for. */
export interface Call {
  readonly world: World
  readonly provider: string
  readonly account: string
  /** As in the table of operations: `instances`, `create`. */
  readonly collection: string
  readonly operation: string
  /** Of the resource that it's about, where it's about one; of a blob, beside its bucket. */
  readonly id?: string
  readonly bucket?: string
  readonly args: readonly unknown[]
  /** The realm that the request names, or else that of its resource; undefined where there is none. */
  realm(): Promise<string | undefined>
  readonly caller: Caller
}

/** What is to become of a call: its effect is left on the wire, the wait waited, and then it fails, or is carried out. */
export interface Verdict {
  readonly effect?: WireEffect
  /** Milliseconds of cloud time. */
  readonly wait?: number
  readonly error?: CloudError
  readonly fate?: Fate
}

/** How the operation fares otherwise than usual. */
export interface Fate {
  /** Instead of the personality's. */
  readonly latencies?: Partial<Latencies>
  readonly outcome?: 'fails' | 'stuck'
}

export interface Rules {
  /** Whether no rule is there: then nobody is asked. */
  readonly isEmpty: boolean
  before(call: Call): Promise<Verdict | undefined>
}

export interface Limits {
  /** Whether any limit is on such calls: asked of each, and so quick. */
  concerns(provider: string, call: Pick<Call, 'collection' | 'operation'>): boolean
  /** @throws CloudError for a call that comes too soon, or asks for what can't be. */
  before(call: Call): Promise<void>
  /** Asked in the transaction before a resource is added. @throws CloudError where there is no room for it. */
  creating<K extends Kind>(turn: Turn, kind: K, shown: Shown<K>): Promise<void>
  /** What was counted of an account isn't true any more: resources came without being asked for. */
  forget(turn: Turn): Promise<void>
}
