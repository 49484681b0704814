/** Durations as people write them: `90s`, `1.5h`, `250ms`. */

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** @returns milliseconds; undefined for what is no duration. A bare number is milliseconds. */
export const readDuration = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)?$/.exec(text.trim())
  const unit = units[match?.[2] ?? 'ms']
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit)
}
