/** What happened in a world: each change once, in the order in which it was committed. */

import { until } from './agenda.ts'
import type { Kind } from './records.ts'
import type { World } from './world.ts'

/** `created`, `changed` and `destroyed` tell of one resource, `populated` of an account, the others of a whole world. */
export type EventType = 'created' | 'changed' | 'destroyed' | 'populated' | 'seeded' | 'restored' | 'forked' | 'reset'

/** An event before the store has given it its number. */
export interface NewEvent {
  /** When it happened: milliseconds since 1970, cloud time. */
  readonly time: number
  readonly type: EventType
  readonly provider?: string
  readonly account?: string
  readonly kind?: Kind | 'blobs'
  readonly id?: string
  /** Of a blob. */
  readonly bucket?: string
  /** The operation that did it; `automatically` for what happened by itself. */
  readonly action?: string
  /** The state before and after, where the resource has states. */
  readonly from?: string
  readonly to?: string
  /** Attributes that are not as they were. */
  readonly changed?: readonly string[]
}

export interface Event extends NewEvent {
  /** Counted in a world from 1, without gaps. */
  readonly seq: number
  readonly world: string
}

export interface EventQuery {
  /** Those behind this number only. */
  readonly after?: number
  readonly limit: number
  readonly type?: EventType
  readonly provider?: string
  readonly account?: string
  readonly kind?: string
  readonly id?: string
  /** What the event holds somewhere, in any case. */
  readonly text?: string
}

/** Events of a world, oldest first, once all that is due has happened. */
export const events = async (world: World, query: EventQuery): Promise<readonly Event[]> => {
  await world.settle()
  return world.store.events(world.name, query)
}

const batch = 500

/**
 * Events as they happen, from those behind a number on; ends with the signal, or with the world.
 * On a clock that runs, transitions happen on time for as long as somebody watches.
 */
export async function* watch(world: World, after: number, signal: AbortSignal): AsyncGenerator<Event> {
  let last = after
  while (!signal.aborted && !world.isLeft) {
    // Asked for before the log is read, so that nothing is missed in between.
    using change = world.nextChange()
    const found = await events(world, { after: last, limit: batch }).catch((error: unknown) => {
      if (world.isLeft) return []
      throw error
    })
    for (const event of found) {
      yield event
      last = event.seq
    }
    if (found.length > 0 || world.isLeft) continue
    const due = (await world.store.horizon(world.name))?.first.at
    await until(world, due, change.promise, signal)
  }
}
