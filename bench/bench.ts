/** What a benchmark is: it measures something against a baseline in the same run, and says how well that went. */

export interface Bench {
  /** As in `--only`. */
  readonly name: string
  /** Why it can't be measured on this machine; undefined where it can. */
  obstacle?(): string | undefined
  run(effort: Effort): Promise<readonly Figure[]>
}

export interface Effort {
  /** Seconds of one round of load. */
  readonly seconds: number
}

/** One number that was measured. */
export interface Figure {
  readonly what: string
  readonly value: number
  /** `×` for a ratio against the baseline. */
  readonly unit: '×' | 'MiB' | 'KiB' | 'ms'
  /** Absent where nothing is promised. */
  readonly target?: Target
  /** The absolute numbers behind it: they hold for this machine only. */
  readonly behind: string
}

export type Target = { readonly atLeast: number } | { readonly atMost: number }

export const isMet = ({ value, target }: Figure): boolean =>
  target === undefined || ('atLeast' in target ? value >= target.atLeast : value <= target.atMost)

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  if (low === undefined || high === undefined) throw new RangeError('There is no median of nothing')
  return (low + high) / 2
}

export interface Compared {
  /** Median of the ratios of neighbouring rounds: what disturbs the machine for a while disturbs both. */
  readonly ratio: number
  readonly ours: number
  readonly baseline: number
}

type Measure = () => number | Promise<number>

/** Measures two things in turns, after one round of each that doesn't count. Which of them begins changes from round to round. */
export const alternate = async (rounds: number, ours: Measure, baseline: Measure): Promise<Compared> => {
  await baseline()
  await ours()
  const pairs: [ours: number, baseline: number][] = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const other = await baseline()
      pairs.push([await ours(), other])
    } else pairs.push([await ours(), await baseline()])
  }
  return {
    ratio: median(pairs.map(([one, other]) => one / other)),
    ours: median(pairs.map(([one]) => one)),
    baseline: median(pairs.map(([, other]) => other)),
  }
}

/**
 * Milliseconds that the thread computes for a task, on average over as many turns as `turns` says. Other programs on the machine disturb
 * that less than the time that passes; for a task that waits for nothing the two are the same.
 */
export const timed = async (turns: number, task: () => unknown): Promise<number> => {
  const before = process.threadCpuUsage()
  for (let turn = 0; turn < turns; turn++) await task()
  const after = process.threadCpuUsage()
  return (after.user + after.system - before.user - before.system) / 1000 / turns
}
