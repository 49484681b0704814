/** What a run found, as lines of text. */

import type { Difference } from './difference.ts'
import { lineOf } from './exchange.ts'
import type { Judged } from './replay.ts'
import type { Addition, Rule } from './rules.ts'

export interface Totals {
  readonly exchanges: number
  readonly agree: number
  readonly listed: number
  readonly pending: number
  readonly differ: number
}

export const totalsOf = (judged: readonly Judged[]): Totals => {
  const compared = judged.filter(({ pending }) => pending === undefined)
  const differ = compared.filter(({ verdict }) => verdict.unlisted.length > 0).length
  const listed = compared.filter(({ verdict }) => verdict.unlisted.length === 0 && verdict.listed.length > 0).length
  return { exchanges: judged.length, agree: compared.length - differ - listed, listed, pending: judged.length - compared.length, differ }
}

export const summaryOf = ({ exchanges, agree, listed, pending, differ }: Totals): string =>
  `${exchanges} exchanges: ${agree} agree, ${listed} differ as listed, ${pending} pending, ${differ} differ`

/** One line for a file, and below it its differences: those that no list excuses, or all of them. */
export const linesOf = (file: string, judged: readonly Judged[], verbose: boolean): string[] => {
  const { exchanges, differ, pending } = totalsOf(judged)
  const state = differ > 0 ? 'differs' : pending === exchanges ? 'pending' : 'ok'
  const counts = [`${exchanges}`, ...(differ > 0 ? [`${differ} differ`] : []), ...(pending > 0 ? [`${pending} pending`] : [])].join(', ')
  return [`${state.padEnd(9)}${file} (${counts})`, ...judged.flatMap(one => exchangeLines(one, verbose))]
}

const exchangeLines = ({ exchange, pending, verdict }: Judged, verbose: boolean): string[] => {
  const lines = [
    ...verdict.unlisted.map(difference => `    ${describeDifference(difference)}`),
    ...(verbose ? verdict.listed.map(({ difference, rule }) => `    [${rule.quirk}] ${describeDifference(difference)}`) : []),
    ...(verbose ? verdict.added.map(({ difference, addition }) => `    [+ ${addition.quirk}] ${describeDifference(difference)}`) : []),
    ...(verbose && pending !== undefined ? [`    waits for the ${pending}`] : []),
  ]
  return lines.length === 0 ? [] : [`  ${exchange.file}#${exchange.index} ${lineOf(exchange)}`, ...lines]
}

const describeDifference = ({ kind, at, expected, ours }: Difference): string => {
  if (kind === 'missing') return `${at}: ${shorten(expected)} is missing`
  return kind === 'unexpected'
    ? `${at}: ${shorten(ours)} is not in the capture`
    : `${at}: expected ${shorten(expected)}, ours ${shorten(ours)}`
}

const longest = 160

const shorten = (text = ''): string => {
  const line = text.replace(/\s*\n\s*/g, ' ')
  return line.length > longest ? `${line.slice(0, longest)}…` : `"${line}"`
}

/** Rules and additions that nothing needed, as sentences; those that the captures in hand don't show are allowed to rest. */
export const unusedOf = (
  judged: readonly Judged[],
  lists: { readonly rules: readonly Rule[]; readonly additions: readonly Addition[] },
): string[] => {
  const used = new Set(
    judged.flatMap(({ verdict }) => [...verdict.listed.map(({ rule }): unknown => rule), ...verdict.added.map(({ addition }) => addition)]),
  )
  return [
    ...lists.rules.filter(rule => rule.unseen !== true && !used.has(rule)).map(({ quirk, because }) => `unused rule ${quirk}: ${because}`),
    ...lists.additions.filter(addition => !used.has(addition)).map(({ quirk, at }) => `unused addition ${quirk}: ${at.join(', ')}`),
  ]
}
