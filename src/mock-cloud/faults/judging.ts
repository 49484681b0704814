/** What becomes of a call, by the rules that it fits and what was counted before. Pure: chance comes by hashing. */

import { CloudError, throttled } from '../../model/errors.ts'
import type { Draws } from '../draw.ts'
import { drawn, type Latency, stretched } from '../latency.ts'
import type { Fate, Verdict } from '../rules.ts'
import { type Effect, type Firing, longestLog, nameOf, type Rule, type Tallies, type Tally, type Throttle } from './rules.ts'

/** A call, as far as its fate depends on it. */
export interface Facts {
  readonly provider: string
  readonly account: string
  /** `instances.create` */
  readonly operation: string
  readonly id: string | undefined
  /** Milliseconds since 1970, cloud time. */
  readonly now: number
  readonly draws: Draws
  /** How long the cloud takes to boot an instance. */
  readonly boot: Latency
}

export interface Judged {
  readonly verdict: Verdict | undefined
  /** The same object where nothing was counted. */
  readonly tallies: Tallies
}

const nothing: Tally = { calls: 0, fired: 0 }

/**
 * Whether a rule may still matter to an account: one that is spent isn't counted on, so that calls stop costing anything.
 */
export const isSpent = ({ match, limit }: Rule, { calls, fired }: Tally): boolean =>
  (limit !== undefined && fired >= limit) || (match.nth !== undefined && calls >= match.nth)

export const tallyOf = ({ counts }: Tallies, rule: Rule, provider: string, account: string): Tally =>
  counts[rule.id]?.[accountKey(provider, account)] ?? nothing

const accountKey = (provider: string, account: string): string => `${provider}/${account}`

/**
 * Rules are asked in their order. Latencies add up; of the ends that a call may come to, and of the fates of a launch, the first counts,
 * and the rules for others aren't asked.
 */
export const judge = (rules: readonly Rule[], before: Tallies, facts: Facts): Judged => {
  let tallies = before
  let wait = 0
  let ending: Ending | undefined
  let fate: Fate | undefined
  for (const rule of rules) {
    const { effect } = rule
    const isBoot = 'boot' in effect
    if (isBoot ? fate !== undefined : !('latency' in effect) && ending !== undefined) continue
    const tally = tallyOf(tallies, rule, facts.provider, facts.account)
    if (isSpent(rule, tally)) continue
    const counted = count(rule, tally, facts)
    const fires = isChosen(rule, counted, facts)
    tallies = noted(tallies, rule, fires ? { ...counted, fired: counted.fired + 1 } : counted, fires, facts)
    if (!fires) continue
    if ('latency' in effect) wait += latencyOf(effect.latency, rule, counted, facts)
    else if (isBoot) fate = fateOf(effect.boot, facts)
    else ending = endingOf(rule, effect, counted, facts)
  }
  if (tallies === before) return { verdict: undefined, tallies }
  const verdict: Verdict = { ...ending, ...(wait === 0 ? {} : { wait }), ...(fate === undefined ? {} : { fate }) }
  return { verdict, tallies }
}

type Ending = Pick<Verdict, 'effect' | 'error'>

const count = ({ effect }: Rule, tally: Tally, { now }: Facts): Tally => {
  const counted: Tally = { ...tally, calls: tally.calls + 1 }
  if (!('throttle' in effect) || effect.throttle.calls === undefined) return counted
  const begun = windowOf(effect.throttle.window, now)
  return { ...counted, window: { begun, calls: tally.window?.begun === begun ? tally.window.calls + 1 : 1 } }
}

const isChosen = (rule: Rule, { calls, window }: Tally, facts: Facts): boolean => {
  const { match, effect } = rule
  if (match.nth !== undefined && calls !== match.nth) return false
  if (match.every !== undefined && calls % match.every !== 0) return false
  if (match.share !== undefined && facts.draws.fraction(...purpose(rule, facts, calls), 'share') >= match.share) return false
  return !('throttle' in effect) || effect.throttle.calls === undefined || (window?.calls ?? 0) > effect.throttle.calls
}

/** What chance is drawn for. */
const purpose = ({ id }: Rule, { operation, id: resource }: Facts, calls: number): [string, string, string, string, number] => [
  'fault',
  id,
  operation,
  resource ?? '',
  calls,
]

/** Windows follow each other without a gap, from the beginning of time. */
const windowOf = (window = usualWindow, now: number): number => Math.floor(now / window) * window

/** Milliseconds. */
const usualWindow = 1000

const latencyOf = (latency: Latency, rule: Rule, { calls }: Tally, facts: Facts): number =>
  drawn(latency, n => facts.draws.fraction(...purpose(rule, facts, calls), 'latency', n))

const fateOf = (boot: Extract<Effect, { boot: unknown }>['boot'], facts: Facts): Fate => {
  if (boot === 'fails') return { outcome: 'fails' }
  if (boot === 'sticks') return { outcome: 'stuck' }
  return { latencies: { boot: stretched(facts.boot, boot.slow) } }
}

/** A call that ends before it reaches the cloud fails inside of it too, so that it's not carried out; that failure nobody sees. */
const unreached = (): CloudError => new CloudError('provider-error', 'The call did not reach the cloud')

const endingOf = (rule: Rule, effect: Exclude<Effect, { latency: unknown } | { boot: unknown }>, tally: Tally, facts: Facts): Ending => {
  if ('error' in effect) {
    const { kind, message = `The rule '${rule.id}' made this call fail`, retryAfter } = effect.error
    // What is used up is what the call would have made.
    const [resource = ''] = facts.operation.split('.')
    return { error: new CloudError(kind, message, { retryAfter, exhausted: kind === 'over-quota' ? { resource } : undefined }) }
  }
  if ('throttle' in effect) return { error: tooManyCalls(effect.throttle, facts.now) }
  if ('status' in effect) {
    const { code, retryAfter } = effect.status
    return { effect: { kind: 'status', status: code, ...(retryAfter === undefined ? {} : { retryAfter }) }, error: unreached() }
  }
  if ('reset' in effect) return { effect: { kind: 'reset' }, ...(effect.reset === 'before' ? { error: unreached() } : {}) }
  if ('never' in effect) return { effect: { kind: 'never' }, ...(effect.never === 'before' ? { error: unreached() } : {}) }
  if ('truncated' in effect) return { effect: { kind: 'truncated', share: effect.truncated } }
  const seed = facts.draws.bytes(16, ...purpose(rule, facts, tally.calls), 'garbled').toString('hex')
  return { effect: { kind: 'garbled', seed } }
}

const tooManyCalls = ({ calls, window = usualWindow, retryAfter }: Throttle, now: number): CloudError =>
  throttled(
    'Too many requests: slow down',
    retryAfter ?? (calls === undefined ? 1 : Math.ceil((windowOf(window, now) + window - now) / 1000)),
  )

const noted = (tallies: Tallies, rule: Rule, tally: Tally, fires: boolean, facts: Facts): Tallies => {
  const counts = { ...tallies.counts, [rule.id]: withTally(tallies.counts[rule.id], accountKey(facts.provider, facts.account), tally) }
  if (!fires) return { ...tallies, counts }
  const { provider, account, operation, id, now } = facts
  const fired = tallies.fired + 1
  const firing: Firing = {
    seq: fired,
    time: now,
    rule: rule.id,
    effect: nameOf(rule.effect),
    provider,
    account,
    operation,
    ...(id === undefined ? {} : { id }),
  }
  return { counts, log: [...tallies.log, firing].slice(-longestLog), fired }
}

type ByAccount = Readonly<Record<string, Tally>>

/** How many accounts a rule is counted for by name. Where there are more, those that came first are counted together and begin anew. */
const mostAccounts = 250
const others = 'others'

const withTally = (before: ByAccount = {}, account: string, tally: Tally): ByAccount => {
  const after = { ...before, [account]: tally }
  const names = Object.keys(after)
  if (names.length <= mostAccounts) return after
  const first = names.find(name => name !== others) ?? account
  const { [first]: gone = nothing, ...rest } = after
  const sum = rest[others] ?? nothing
  return { ...rest, [others]: { calls: sum.calls + gone.calls, fired: sum.fired + gone.fired } }
}
