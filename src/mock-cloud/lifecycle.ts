/** What happens by itself: a record says when its transition is due, and here is what becomes of it then. No timer decides anything. */

import type { Resource } from '../model/resources.ts'
import { arriveInstance } from './instance-life.ts'
import type { Latency } from './personality.ts'
import type { Becoming, Kind, Stored } from './records.ts'
import type { Due, Transaction } from './store/store.ts'
import type { Look, Turn } from './tenant.ts'

/**
 * Lets everything happen that is due, in the order of time, account and id, each dated at its own time; what follows from it too.
 * @param turnOf the account that it happens to, at that time.
 */
export const settle = async (tx: Transaction, now: number, turnOf: (due: Due) => Promise<Turn>): Promise<void> => {
  for (let due = await tx.nextDue(now); due !== undefined; due = await tx.nextDue(now)) await arrive(await turnOf(due), due)
}

const arrive = async (turn: Turn, { kind, id }: Due): Promise<void> => {
  const { tx } = turn
  switch (kind) {
    case 'instances': {
      const record = await tx.get('instances', id)
      if (record !== undefined) await arriveInstance(turn, record)
      return
    }
    case 'images': {
      const record = await tx.get('images', id)
      if (record !== undefined) await tx.put('images', become(record))
      return
    }
    case 'storage_volumes': {
      const record = await tx.get('storage_volumes', id)
      if (record !== undefined) await tx.put('storage_volumes', become(record))
      return
    }
    case 'storage_snapshots': {
      const record = await tx.get('storage_snapshots', id)
      if (record !== undefined) await tx.put('storage_snapshots', become(record))
      return
    }
    default:
      throw new Error(`Nothing becomes of ${kind}, but ${id} is due`)
  }
}

/** A resource in the state that it was becoming. */
const become = <S extends object, T extends Becoming>({ shown, kept }: Stored<S, T>) => {
  const { becomes, ...rest } = kept
  return { shown: becomes === undefined ? shown : { ...shown, state: becomes }, kept: rest }
}

/** A new resource that becomes usable in a while; or is at once, where that takes no time. */
export const becoming = <S extends Resource, T extends object>(
  look: Look,
  kind: Kind,
  { shown, kept }: Stored<S, T>,
  states: { readonly first: string; readonly last: string },
  latency: Latency,
): Stored<S & { readonly state: string }, T & Becoming> => {
  const takes = draw(look, latency, kind, shown.id, 'creation')
  return takes === 0
    ? { shown: { ...shown, state: states.last }, kept }
    : { shown: { ...shown, state: states.first }, kept: { ...kept, becomes: states.last }, due: look.now + takes }
}

/** How long something takes, drawn for a resource; whole milliseconds. */
export const draw = (look: Look, latency: Latency, kind: Kind, id: string, purpose: string, n = 0): number =>
  look.draws.between(latency.least, latency.most, kind, id, purpose, n)
