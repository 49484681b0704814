/** How long things take: distributions of time, and what is drawn from them. */

/**
 * Milliseconds of cloud time: always the same, evenly from `least` to `most`, or log-normal, as most services take their time:
 * half of all take at most `p50`, and all but one of a hundred at most `p99`.
 */
export type Latency =
  | { readonly fixed: number }
  | { readonly least: number; readonly most: number }
  | { readonly p50: number; readonly p99: number }

/** No time at all: what takes it is never seen under way. */
export const instantly: Latency = { fixed: 0 }

/**
 * A time drawn from a distribution; whole milliseconds.
 * @param fraction evenly from 0 to below 1, another one for each `n`.
 */
export const drawn = (latency: Latency, fraction: (n: number) => number): number => Math.min(longest, sample(latency, fraction))

/** Thirty years: no tail of a distribution is longer. */
const longest = 1e12

const sample = (latency: Latency, fraction: (n: number) => number): number => {
  if ('fixed' in latency) return Math.round(latency.fixed)
  if ('least' in latency) return latency.least + Math.floor(fraction(0) * (latency.most - latency.least + 1))
  const { p50, p99 } = latency
  if (p50 <= 0) return 0
  const deviation = Math.log(p99 / p50) / normal99
  return Math.round(p50 * Math.exp(deviation * normal(fraction(0), fraction(1))))
}

/** A time that passes until something happens whose chance is always the same; whole milliseconds. @param mean milliseconds. */
export const waited = (mean: number, fraction: number): number => Math.round(-mean * Math.log(1 - fraction))

/** The same, so many times as long. */
export const stretched = (latency: Latency, factor: number): Latency => {
  if ('fixed' in latency) return { fixed: Math.round(latency.fixed * factor) }
  if ('least' in latency) return { least: Math.round(latency.least * factor), most: Math.round(latency.most * factor) }
  return { p50: latency.p50 * factor, p99: latency.p99 * factor }
}

/** All but one of a hundred of the normal distribution's numbers are less. */
const normal99 = 2.3263478740408408

/** One of the normal distribution's numbers, of two even ones (Box and Muller). */
const normal = (a: number, b: number): number => Math.sqrt(-2 * Math.log(1 - a)) * Math.cos(2 * Math.PI * b)
