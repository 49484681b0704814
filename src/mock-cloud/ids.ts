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
  /** Drawn, so that nobody can guess the next: so many hexadecimal digits, or a UUID. */
  | { readonly by: 'draw'; readonly form: 'hex'; readonly prefix: string; readonly digits: number }
  | { readonly by: 'draw'; readonly form: 'uuid' }
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
    case 'draw': {
      for (let n = await turn.tx.number(counterOf(kind)); ; n++) {
        const bytes = turn.draws.bytes(16, kind, 'id', n)
        const id = rule.form === 'uuid' ? uuidOf(bytes) : `${rule.prefix}${bytes.toString('hex').slice(0, rule.digits)}`
        if (await isTaken(id)) continue
        await turn.tx.setNumber(counterOf(kind), n + 1)
        return id
      }
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

/** A UUID of the random kind (version 4). @param bytes 16 of them. */
export const uuidOf = (bytes: Uint8Array): string => {
  const hex = Buffer.from(bytes).toString('hex')
  // The digits for version and variant give up some of their chance.
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}

const counterOf = (kind: Kind): string => `next ${kind}`
