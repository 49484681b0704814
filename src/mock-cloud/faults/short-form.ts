/** A fault rule in one line, for the command line: `operation=instances.create,share=0.2,error=over-quota`. */

const matchKeys = ['operation', 'collection', 'realm', 'resource', 'account', 'provider', 'after', 'until'] as const
const numberKeys = ['share', 'nth', 'every'] as const

/** What each effect is called with, in a line. */
const effects: Readonly<Record<string, (value: string) => unknown>> = {
  error: value => {
    const colon = value.indexOf(':')
    return colon < 0 ? value : { kind: value.slice(0, colon), message: value.slice(colon + 1) }
  },
  status: numberOr,
  throttle: value => {
    // Two calls in ten seconds: `2/10s`.
    const [calls, window] = value.split('/')
    if (window !== undefined) return { calls: numberOr(calls ?? ''), window }
    return value === '' ? true : numberOr(value)
  },
  latency: value => {
    const log = /^p50:(.+)\.\.p99:(.+)$/.exec(value)
    if (log !== null) return { p50: log[1], p99: log[2] }
    const [least, most] = value.split('..')
    return most === undefined ? value : { least, most }
  },
  reset: flag,
  never: flag,
  truncated: value => (value === '' ? true : numberOr(value)),
  garbled: flag,
  boot: value => (value.startsWith('slow:') ? { slow: numberOr(value.slice('slow:'.length)) } : value),
}

/**
 * @returns the rule in its long form, still to be checked.
 * @throws Error that says what is wrong, as the end of a sentence that begins with the option's name.
 */
export const fromShortForm = (text: string): object => {
  const match: Record<string, unknown> = {}
  const effect: Record<string, unknown> = {}
  const rest: Record<string, unknown> = {}
  let retryAfter: number | string | undefined
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    const key = (equals < 0 ? part : part.slice(0, equals)).trim()
    const value = equals < 0 ? '' : part.slice(equals + 1).trim()
    const effectOf = Object.hasOwn(effects, key) ? effects[key] : undefined
    if (effectOf !== undefined) effect[key] = effectOf(value)
    else if (isOneOf(matchKeys, key)) match[key] = value.includes('|') ? value.split('|') : value
    else if (isOneOf(numberKeys, key)) match[key] = numberOr(value)
    else if (key === 'limit') rest[key] = numberOr(value)
    else if (key === 'id' || key === 'note') rest[key] = value
    else if (key === 'retry-after') retryAfter = numberOr(value)
    else throw new Error(`doesn't know '${key}'; there are ${known.join(', ')}`)
  }
  return { ...rest, match, effect: retryAfter === undefined ? effect : withRetryAfter(effect, retryAfter) }
}

const known = [...matchKeys, ...numberKeys, 'limit', 'id', 'note', 'retry-after', ...Object.keys(effects)]

const isOneOf = <T extends string>(list: readonly T[], key: string): key is T => list.some(one => one === key)

function numberOr(value: string): number | string {
  return value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value)
}

function flag(value: string): unknown {
  return value === '' || value === 'true' ? true : value
}

/** Of the effects that can say when to come again. */
const withRetryAfter = (effect: Record<string, unknown>, retryAfter: number | string): object => {
  const { error, status, throttle } = effect
  if (error !== undefined) return { ...effect, error: { ...(typeof error === 'object' ? error : { kind: error }), retryAfter } }
  if (status !== undefined) return { ...effect, status: { code: status, retryAfter } }
  if (throttle !== undefined) return { ...effect, throttle: { ...(typeof throttle === 'object' ? throttle : {}), retryAfter } }
  throw new Error("says 'retry-after' of an effect that isn't error, status or throttle")
}
