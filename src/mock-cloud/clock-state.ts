/** A world's clock as it's kept: the cloud's time as a function of the machine's, so that every server of a world reads the same. */

export type ClockMode = 'system' | 'scaled' | 'manual'

export interface ClockState {
  /** `system` is the machine's time, `scaled` runs `scale` times as fast, `manual` stands still. */
  readonly mode: ClockMode
  /** Cloud seconds in a second while it runs; one that stands still runs on with it. */
  readonly scale: number
  /** The cloud's time at one moment, and the machine's: milliseconds since 1970. */
  readonly cloudAt: number
  readonly wallAt: number
}

/** How a clock is to begin. */
export interface ClockSetting {
  readonly mode: ClockMode
  /** Of a scaled clock; 1 by default. */
  readonly scale?: number
  /** The time that it begins with, milliseconds since 1970; the machine's by default, and always for `system`. */
  readonly now?: number
}

/** The slowest and the fastest that a clock runs, in cloud seconds a second. */
export const slowestScale = 0.001
export const fastestScale = 1_000_000

/** 9999-12-31T23:59:59.999Z: the last time that every document can write. Every clock stops there. */
export const latestTime = 253_402_300_799_999

/** @throws RangeError for a scale or a time that a clock can't have. */
export const begun = ({ mode, scale = 1, now }: ClockSetting, wall: number): ClockState => {
  checkedScale(scale)
  return mode === 'system'
    ? { mode, scale: 1, cloudAt: wall, wallAt: wall }
    : { mode, scale, cloudAt: now === undefined ? wall : checkedTime(now), wallAt: wall }
}

/** Whole milliseconds since 1970, cloud time. A machine's clock that was set back stops this one until it's there again. */
export const timeAt = ({ mode, scale, cloudAt, wallAt }: ClockState, wall: number): number => {
  const passed = mode === 'manual' ? 0 : Math.max(0, wall - wallAt)
  return Math.min(latestTime, Math.floor(cloudAt + passed * (mode === 'system' ? 1 : scale)))
}

export const frozen = (state: ClockState, wall: number): ClockState => ({
  mode: 'manual',
  scale: state.scale,
  cloudAt: timeAt(state, wall),
  wallAt: wall,
})

/** Goes on from the time that it shows. @throws RangeError for a scale that a clock can't have. */
export const running = (state: ClockState, scale: number, wall: number): ClockState => {
  const cloudAt = timeAt(state, wall)
  // One that has left the machine's time never finds back to it, though it runs as fast.
  return { mode: scale === 1 && cloudAt === wall ? 'system' : 'scaled', scale: checkedScale(scale), cloudAt, wallAt: wall }
}

/** Shows a later time, and runs on from there if it runs. @throws RangeError for a time that has passed. */
export const moved = (state: ClockState, time: number, wall: number): ClockState => {
  const now = timeAt(state, wall)
  if (!(Number.isSafeInteger(time) && time >= now && time <= latestTime)) {
    throw new RangeError(`The clock shows ${now}: it can be set to whole milliseconds from there to ${latestTime}, not to ${time}`)
  }
  return { mode: state.mode === 'manual' ? 'manual' : 'scaled', scale: state.scale, cloudAt: time, wallAt: wall }
}

/** A clock that has shown a time never goes behind it again, but on from it, wherever the machine's time is. */
export const notBefore = (state: ClockState, reached: number, wall: number): ClockState => {
  const now = timeAt(state, wall)
  const least = Math.min(reached, latestTime)
  return now >= least && (wall >= state.wallAt || state.mode === 'manual') ? state : moved(state, Math.max(now, least), wall)
}

/** @throws RangeError for a scale that a clock can't have. */
export const checkedScale = (scale: number): number => {
  if (scale >= slowestScale && scale <= fastestScale) return scale
  throw new RangeError(`The time scale must be a number from ${slowestScale} to ${fastestScale}, not ${scale}`)
}

/** @throws RangeError for a time that a clock can't show. */
export const checkedTime = (time: number): number => {
  if (Number.isSafeInteger(time) && time >= 0 && time <= latestTime) return time
  throw new RangeError(
    `The time of a clock is a whole number of milliseconds from 1970 to ${latestTime}, the end of the year 9999, not ${time}`,
  )
}

/** A clock that was kept somewhere, as far as it is one; undefined for anything else. */
export const readClockState = ({ mode, scale, cloudAt }: { readonly [Member in keyof ClockState]?: unknown }): ClockState | undefined => {
  if (mode !== 'system' && mode !== 'scaled' && mode !== 'manual') return undefined
  if (typeof scale !== 'number' || typeof cloudAt !== 'number') return undefined
  try {
    return { mode, scale: checkedScale(scale), cloudAt: checkedTime(cloudAt), wallAt: 0 }
  } catch {
    return undefined
  }
}
