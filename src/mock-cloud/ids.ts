/** How new resources get their ids. */

import { conflict } from '../model/errors.ts'
import type { Kind } from './records.ts'
import type { Turn } from './tenant.ts'

export type IdRule =
  /** Counted up, never used again: `inst4`. */
  | { readonly by: 'count'; readonly prefix: string }
  /** The lowest number that is free, so used again. */
  | { readonly by: 'gap'; readonly prefix: string }
  /** The second in which it's made: `volume_1795219440`; the next that is free. */
  | { readonly by: 'second'; readonly prefix: string }
  /** Its name; without one as `else` says. */
  | { readonly by: 'name'; readonly else: IdRule }

/** @throws CloudError `conflict` where the name is the id and it's taken. */
export const newId = async (turn: Turn, kind: Kind, rule: IdRule, name?: string): Promise<string> => {
  const isTaken = async (id: string): Promise<boolean> => (await turn.tx.show(kind, id)) !== undefined
  switch (rule.by) {
    case 'name': {
      if (name === undefined || name === '') return newId(turn, kind, rule.else)
      if (await isTaken(name)) throw conflict(`'${name}' is already taken`)
      return name
    }
    case 'second': {
      let second = Math.floor(turn.now / 1000)
      while (await isTaken(`${rule.prefix}${second}`)) second++
      return `${rule.prefix}${second}`
    }
    case 'count':
    case 'gap': {
      let next = await turn.tx.number(counterOf(kind))
      while (await isTaken(`${rule.prefix}${next}`)) next++
      await turn.tx.setNumber(counterOf(kind), next + 1)
      return `${rule.prefix}${next}`
    }
  }
}

/** Gives an id back that may be used again. */
export const releaseId = async (turn: Turn, kind: Kind, rule: IdRule, id: string): Promise<void> => {
  if (rule.by !== 'gap' || !id.startsWith(rule.prefix)) return
  const digits = id.slice(rule.prefix.length)
  // The counter stands at the lowest number that may be free: below it, all are taken.
  if (/^\d+$/.test(digits) && Number(digits) < (await turn.tx.number(counterOf(kind)))) {
    await turn.tx.setNumber(counterOf(kind), Number(digits))
  }
}

const counterOf = (kind: Kind): string => `next ${kind}`
