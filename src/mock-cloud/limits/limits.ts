/** What an account may have, how fast it may ask, and how large things may be. Plain data: a personality has some, a world may set others. */

import type { ResourceKind } from '../records.ts'

/** Collections with a quota, and the sum of all volumes. */
export type Quota = ResourceKind | 'volume_gigabytes'

export interface Allowance {
  /** How many of each an account may have. */
  readonly quotas: Readonly<Partial<Record<Quota, number>>>
  /** How much fits into a realm, by its id; `*` is any that isn't named. Each account has a realm to itself, so that none is felt by another. */
  readonly capacity: Readonly<Record<string, Capacity>>
  /** How many calls an account may make in a window: it may make them all at once, and gets them back evenly. */
  readonly rate?: Rate
  readonly sizes: Sizes
}

export interface Capacity {
  readonly instances?: number
  readonly cpus?: number
}

export interface Rate {
  readonly calls: number
  /** Milliseconds of cloud time. */
  readonly window: number
}

export interface Sizes {
  /** Characters of a resource's name. */
  readonly name?: number
  /** Characters of a description. */
  readonly description?: number
  /** Bytes of an instance's user data, as it's sent. */
  readonly userData?: number
  /** Bytes of a blob. */
  readonly blob?: number
}

export type PersonalityLimits = Partial<Allowance>

/** What a world sets otherwise than its personalities; null is no limit at all. */
export interface LimitsSetting {
  readonly quotas?: Readonly<Partial<Record<Quota, number | null>>>
  readonly capacity?: Readonly<Record<string, { readonly [Name in keyof Capacity]?: number | null } | null>>
  readonly rate?: Rate | null
  readonly sizes?: { readonly [Name in keyof Sizes]?: number | null }
}

/** What holds in the end. */
export const combined = (own: PersonalityLimits, set: LimitsSetting): Allowance => {
  const realms = new Set([...Object.keys(own.capacity ?? {}), ...Object.keys(set.capacity ?? {})])
  const rate = set.rate === undefined ? own.rate : set.rate
  return {
    quotas: overlaid(own.quotas, set.quotas),
    capacity: Object.fromEntries([...realms].map(realm => [realm, overlaid(own.capacity?.[realm], nulled(set.capacity?.[realm]))])),
    ...(rate === undefined || rate === null ? {} : { rate }),
    sizes: overlaid(own.sizes, set.sizes),
  }
}

const overlaid = <T extends object>(own: T | undefined, set: { readonly [Name in keyof T]?: T[Name] | null } | undefined): T =>
  // What is null has gone.
  Object.fromEntries(Object.entries({ ...own, ...set }).filter(([, value]) => value !== null && value !== undefined)) as T

/** A realm without any limit. */
const nulled = (capacity: { readonly [Name in keyof Capacity]?: number | null } | null | undefined) =>
  capacity === null ? { instances: null, cpus: null } : capacity

export const capacityOf = ({ capacity }: Allowance, realm: string): Capacity | undefined => capacity[realm] ?? capacity['*']
