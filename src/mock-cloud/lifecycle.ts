/** What happens by itself: a record says when its transition is due, and here is what becomes of it then. No timer decides anything. */

import { arriveInstance } from './instance-life.ts'
import type { Latency } from './personality.ts'
import type { Kind, Records } from './records.ts'
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
      case 'images':
      case 'storage_volumes':
      case 'storage_snapshots':
        await become(then, due.kind, due.id)
        break
      default:
        throw new Error(`Nothing becomes of ${due.kind}, but ${due.id} is due`)
    }
  }
}

/** Gives a resource the state that it was becoming. */
const become = async (turn: Turn, kind: 'images' | 'storage_volumes' | 'storage_snapshots', id: string): Promise<void> => {
  const record = await turn.tx.get(kind, id)
  if (record === undefined) return
  const { becomes, ...kept } = record.kept
  const shown = becomes === undefined ? record.shown : { ...record.shown, state: becomes }
  await turn.tx.put(kind, { shown, kept } as Records[typeof kind])
}

/** How long something takes, drawn for a resource; whole milliseconds. */
export const draw = (look: Look, latency: Latency, kind: Kind, id: string, purpose: string, n = 0): number =>
  look.draws.between(latency.least, latency.most, kind, id, purpose, n)
