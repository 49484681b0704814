/** Fault rules as the control shows them. */

import type { CountedRule } from '../../mock-cloud/faults/fault-book.ts'
import { type Effect, nameOf, type Rule } from '../../mock-cloud/faults/rules.ts'
import type { FaultDocument } from '../control.ts'

export const faultDocument = (counted: CountedRule): FaultDocument => {
  const { calls, fired, scenario, atStart: _, ...rule } = counted
  return { id: rule.id, summary: summaryOf(rule), calls, fired, ...(scenario === undefined ? {} : { scenario }), rule }
}

/** `instances.create of account bob, 20 % of calls: over-quota` */
const summaryOf = ({ match, effect, limit, note }: Rule): string => {
  const { operation, collection, realm, resource, account, provider, share, nth, every, after, until } = match
  const named = (what: string, values: readonly string[] | undefined): string[] =>
    values === undefined ? [] : [`${what} ${values.join(' or ')}`]
  const parts = [
    [...(operation ?? collection?.map(name => `all of ${name}`) ?? ['every call'])].join(' or '),
    ...named('resource', resource),
    ...named('realm', realm),
    ...named('account', account),
    ...named('provider', provider),
    ...(share === undefined ? [] : [`${Math.round(share * 1000) / 10} % of calls`]),
    ...(nth === undefined ? [] : [`call number ${nth}`]),
    ...(every === undefined ? [] : [`one call in ${every}`]),
    ...(after === undefined ? [] : [`from ${new Date(after).toISOString()}`]),
    ...(until === undefined ? [] : [`until ${new Date(until).toISOString()}`]),
    ...(limit === undefined ? [] : [`at most ${limit} times`]),
  ]
  return `${parts.join(', ')}: ${effectInWords(effect)}${note === undefined ? '' : ` (${note})`}`
}

const effectInWords = (effect: Effect): string => {
  if ('error' in effect) return effect.error.kind
  if ('status' in effect) return `status ${effect.status.code}`
  if ('throttle' in effect) {
    const { calls, window } = effect.throttle
    return calls === undefined ? 'throttled' : `throttled beyond ${calls} calls${window === undefined ? '' : ` in ${window} ms`}`
  }
  if ('latency' in effect) {
    const { latency } = effect
    if ('fixed' in latency) return `takes ${latency.fixed} ms`
    return 'p50' in latency ? `takes ${latency.p50} ms, up to ${latency.p99} ms` : `takes ${latency.least} to ${latency.most} ms`
  }
  if ('boot' in effect) return typeof effect.boot === 'string' ? `booting ${effect.boot}` : `boots ${effect.boot.slow} times as slowly`
  return wireWords[nameOf(effect)] ?? nameOf(effect)
}

const wireWords: Readonly<Record<string, string>> = {
  reset: 'the connection is lost',
  never: 'no answer comes',
  truncated: 'the answer breaks off',
  garbled: 'the answer is garbled',
}
