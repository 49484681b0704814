/** A fault rule: which calls it's for, and what becomes of them. Plain data, kept with the world as it stands here. */

import type { ErrorKind } from '../../model/errors.ts'
import type { Latency } from '../latency.ts'

export interface Rule {
  readonly id: string
  readonly match: Match
  readonly effect: Effect
  /** How often it may fire, for each account. */
  readonly limit?: number
  /** For the person who reads it. */
  readonly note?: string
  /** The scenario that it's a part of. */
  readonly scenario?: string
  /** Whether it was given when the server was started, and goes when that is started without it. */
  readonly atStart?: true
}

/** All that is named must fit; what isn't, fits every call. Of several values one must fit. */
export interface Match {
  /** `create`, or `instances.create`. */
  readonly operation?: readonly string[]
  readonly collection?: readonly string[]
  /** Of the request, or of the resource that it's about. */
  readonly realm?: readonly string[]
  /** Ids; of a blob also as `bucket/blob`. */
  readonly resource?: readonly string[]
  readonly account?: readonly string[]
  readonly provider?: readonly string[]
  /** Milliseconds since 1970, cloud time: from the one, and before the other. */
  readonly after?: number
  readonly until?: number
  /** Of the calls of an account that fit, which ones: a share drawn by chance, only the n-th, or every n-th. */
  readonly share?: number
  readonly nth?: number
  readonly every?: number
}

export type Effect =
  | { readonly error: { readonly kind: ErrorKind; readonly message?: string; readonly retryAfter?: number } }
  /** A status that something in front of the cloud answers with: the call doesn't reach the cloud. */
  | { readonly status: { readonly code: number; readonly retryAfter?: number } }
  | { readonly throttle: Throttle }
  | { readonly latency: Latency }
  /** Whether the connection is lost before the call reaches the cloud, or when its answer is on its way. */
  | { readonly reset: 'before' | 'after' }
  | { readonly never: 'before' | 'after' }
  /** The share of the answer that still comes. */
  | { readonly truncated: number }
  | { readonly garbled: true }
  /** What becomes of an instance that is launched or started. */
  | { readonly boot: 'fails' | 'sticks' | { readonly slow: number } }

/** Every call that fits is refused; or only those beyond so many in a window of cloud time. */
export interface Throttle {
  readonly calls?: number
  /** Milliseconds. */
  readonly window?: number
  /** Seconds; the rest of the window where it isn't said. */
  readonly retryAfter?: number
}

/** What a rule did, once. */
export interface Firing {
  /** Counted in a world from 1. */
  readonly seq: number
  /** Milliseconds since 1970, cloud time. */
  readonly time: number
  readonly rule: string
  readonly effect: EffectName
  readonly provider: string
  readonly account: string
  readonly operation: string
  readonly id?: string
}

export const effectNames = ['error', 'status', 'throttle', 'latency', 'reset', 'never', 'truncated', 'garbled', 'boot'] as const
export type EffectName = (typeof effectNames)[number]

/** What a rule does, in one word. */
export const nameOf = (effect: Effect): EffectName => {
  for (const name of effectNames) if (name in effect) return name
  throw new TypeError('A rule without an effect')
}

/** What was counted of one account's calls that fit a rule. */
export interface Tally {
  readonly calls: number
  readonly fired: number
  /** Of a throttle: the window that the last call was in, and how many came in it. */
  readonly window?: { readonly begun: number; readonly calls: number }
}

/** What a world remembers of its rules. */
export interface Tallies {
  /** By rule, then by provider and account. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, Tally>>>>
  /** The latest, oldest first. */
  readonly log: readonly Firing[]
  /** How many there ever were. */
  readonly fired: number
}

export const noTallies: Tallies = { counts: {}, log: [], fired: 0 }

/** How many firings are remembered. */
export const longestLog = 200
