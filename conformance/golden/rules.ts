/** Rules that excuse differences: each names its quirk, when it holds, which places it excuses, and what ours must be instead. */

import { type Difference, different, isAt } from './difference.ts'
import type { Answer, Exchange, Format } from './exchange.ts'
import type { World } from './world.ts'

/** Everything that is given must hold. Methods and statuses are alternatives. */
export interface When {
  /** As overridden. */
  readonly method?: readonly string[]
  readonly path?: RegExp
  /** Status of the original. */
  readonly status?: readonly number[]
  /** Body of the original. */
  readonly says?: RegExp
  readonly format?: readonly Format[]
  readonly and?: (exchange: Exchange, world: World) => boolean
}

/** Says what is wrong with our answer, if anything. */
export type Check = (ours: Answer, exchange: Exchange, world: World) => string | undefined

interface Reason {
  /** Entry of the list of quirks. */
  readonly quirk: string
  readonly because: string
  readonly when: When
  /** For quirks that the captures in hand, or this machine, need not show: such a rule may lie unused. */
  readonly unseen?: true
}

export type Rule = Reason &
  (
    | { readonly excuses: 'the answer'; readonly instead: Check }
    | {
        readonly excuses: readonly string[]
        readonly only?: (difference: Difference, exchange: Exchange, world: World) => boolean
        readonly instead?: Check
      }
  )

/** Something that ours has beyond the original's, looked at and found right. */
export interface Addition {
  readonly quirk: string
  readonly because: string
  readonly at: readonly string[]
  readonly when?: When
}

export interface Verdict {
  readonly listed: readonly { readonly difference: Difference; readonly rule: Rule }[]
  readonly added: readonly { readonly difference: Difference; readonly addition: Addition }[]
  readonly unlisted: readonly Difference[]
}

/** A rule applies wherever it holds, also where nothing differs: what it says ours must be is then missing. */
export const judge = (found: readonly Difference[], ours: Answer, exchange: Exchange, world: World, lists: Lists): Verdict => {
  const complaints: Difference[] = []
  const listed: { difference: Difference; rule: Rule }[] = []
  let open = [...found]
  for (const rule of lists.rules.filter(({ when }) => holds(when, exchange, world))) {
    const complaint = rule.instead?.(ours, exchange, world)
    if (complaint !== undefined) complaints.push(different(`instead, by ${rule.quirk}`, rule.because, complaint))
    else {
      const excused = open.filter(difference => excuses(rule, difference, exchange, world))
      listed.push(...excused.map(difference => ({ difference, rule })))
      open = open.filter(difference => !excused.includes(difference))
    }
  }
  const additions = lists.additions.filter(({ when }) => when === undefined || holds(when, exchange, world))
  const added = open.flatMap(difference => {
    const addition = additions.find(({ at }) => difference.kind === 'unexpected' && at.some(pattern => isAt(pattern, difference.at)))
    return addition === undefined ? [] : [{ difference, addition }]
  })
  return { listed, added, unlisted: [...complaints, ...open.filter(difference => !added.some(one => one.difference === difference))] }
}

export interface Lists {
  readonly rules: readonly Rule[]
  readonly additions: readonly Addition[]
}

export const holds = (when: When, exchange: Exchange, world: World): boolean =>
  (when.method?.includes(exchange.verb) ?? true) &&
  (when.path?.test(exchange.path) ?? true) &&
  (when.status?.includes(exchange.recorded.status) ?? true) &&
  (when.format?.includes(exchange.format) ?? true) &&
  (when.says?.test(exchange.recorded.body.toString()) ?? true) &&
  (when.and?.(exchange, world) ?? true)

/** A whole answer is excused without the headers that name driver, provider and metadata. */
const excuses = (rule: Rule, difference: Difference, exchange: Exchange, world: World): boolean => {
  if (rule.excuses === 'the answer') return !difference.at.startsWith('header x-deltacloud-')
  if (!rule.excuses.some(pattern => isAt(pattern, difference.at))) return false
  return !('only' in rule) || rule.only === undefined || rule.only(difference, exchange, world)
}
