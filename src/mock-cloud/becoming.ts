/** What takes its time: a resource in a passing state, and what it comes to. */

import type { Resource } from '../model/resources.ts'
import { drawn } from './latency.ts'
import type { Making } from './personality.ts'
import type { Becoming, Kind, Stored } from './records.ts'
import type { Look } from './tenant.ts'
import { type Latencies, textureOf } from './texture.ts'

/** Kinds that are made by themselves, and what their making takes. */
const latencyOf = { images: 'image', storage_volumes: 'volume', storage_snapshots: 'snapshot' } as const

/** A new resource that becomes usable in a while; or is at once, where that takes no time. */
export const becoming = <S extends Resource, T extends object>(
  look: Look,
  kind: keyof typeof latencyOf,
  { shown, kept }: Stored<S, T>,
): Stored<S & { readonly state: string }, T & Becoming> =>
  passing(look, { shown, kept }, look.personality.making[kind], duration(look, latencyOf[kind], kind, shown.id, 'creation'))

/** A resource in a state that it leaves for another by itself; in that one at once, where it takes no time. */
export const passing = <S extends Resource, T extends object>(
  look: Look,
  { shown, kept }: Stored<S, T>,
  { first, last }: Making,
  takes: number,
): Stored<S & { readonly state: string }, T & Becoming> =>
  takes === 0
    ? { shown: { ...shown, state: last }, kept }
    : { shown: { ...shown, state: first }, kept: { ...kept, becomes: last }, due: look.now + takes }

/** A resource in the state that it was becoming. */
export const become = <S extends object, T extends Becoming>({ shown, kept }: Stored<S, T>) => {
  const { becomes, ...rest } = kept
  return { shown: becomes === undefined ? shown : { ...shown, state: becomes }, kept: rest }
}

/** How long something takes, drawn for a resource; whole milliseconds. @param n how many-eth time, where it's done again and again. */
export const duration = (look: Look, latency: keyof Latencies, kind: Kind, id: string, purpose: string, n = 0): number => {
  const takes = look.fate?.latencies?.[latency] ?? textureOf(look.tx, look.personality).latencies[latency]
  return drawn(takes, which => (which === 0 ? look.draws.fraction(kind, id, purpose, n) : look.draws.fraction(kind, id, purpose, n, which)))
}
