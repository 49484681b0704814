/** What happens by itself: a record says when its transition is due, and here is what becomes of it then. No timer decides anything. */

import type { Resource } from '../model/resources.ts'
import { arriveInstance } from './instance-life.ts'
import type { Latency } from './personality.ts'
import type { Becoming, Kind, Stored } from './records.ts'
import type { Look, Turn } from './tenant.ts'

/** Lets everything happen that is due, in the order of time and id, each dated at its own time; what follows from it too. */
export const settle = async (turn: Turn): Promise<void> => {
  for (let due = await turn.tx.nextDue(turn.now); due !== undefined; due = await turn.tx.nextDue(turn.now)) {
    const then: Turn = { ...turn, now: due.at }
    switch (due.kind) {
      case 'instances': {
        const record = await turn.tx.get('instances', due.id)
        if (record !== undefined) await arriveInstance(then, record)
        break
      }
      case 'images': {
        const record = await turn.tx.get('images', due.id)
        if (record !== undefined) await turn.tx.put('images', become(record))
        break
      }
      case 'storage_volumes': {
        const record = await turn.tx.get('storage_volumes', due.id)
        if (record !== undefined) await turn.tx.put('storage_volumes', become(record))
        break
      }
      case 'storage_snapshots': {
        const record = await turn.tx.get('storage_snapshots', due.id)
        if (record !== undefined) await turn.tx.put('storage_snapshots', become(record))
        break
      }
      default:
        throw new Error(`Nothing becomes of ${due.kind}, but ${due.id} is due`)
    }
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
