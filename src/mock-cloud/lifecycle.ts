/** What happens by itself: a record says when its transition is due, and here is what becomes of it then. No timer decides anything. */

import { become } from './becoming.ts'
import { arriveAddress } from './collections/addresses.ts'
import { arriveVolume } from './collections/volumes.ts'
import { arriveInstance } from './instance-life.ts'
import type { Due, Transaction } from './store/store.ts'
import type { Turn } from './tenant.ts'

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
      if (record !== undefined) await arriveVolume(turn, record)
      return
    }
    case 'storage_snapshots': {
      const record = await tx.get('storage_snapshots', id)
      if (record !== undefined) await tx.put('storage_snapshots', become(record))
      return
    }
    case 'addresses': {
      const record = await tx.get('addresses', id)
      if (record !== undefined) await arriveAddress(turn, record)
      return
    }
    case 'echoes':
      return tx.remove('echoes', id)
    default:
      throw new Error(`Nothing becomes of ${kind}, but ${id} is due`)
  }
}
