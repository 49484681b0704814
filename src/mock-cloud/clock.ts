/** The cloud's time. Nothing in the simulator asks the machine what time it is: it asks its clock. */

import { checkedScale, checkedTime, latestTime } from './clock-state.ts'

export interface Clock {
  /** Milliseconds since 1970, cloud time. Must not go backwards. */
  now(): number
}

/** The time of the machine. */
export const systemClock = (): Clock => ({ now: () => Date.now() })

/**
 * A clock that runs faster or slower than the machine's.
 * @param scale cloud seconds in a second.
 * @param origin cloud time at which it starts, milliseconds since 1970.
 * @param elapsed milliseconds that have passed since any one moment.
 */
export const scaledClock = (scale: number, origin: number = Date.now(), elapsed = () => performance.now()): Clock => {
  checkedScale(scale)
  const start = elapsed()
  return { now: () => Math.floor(origin + (elapsed() - start) * scale) }
}

/** A clock that moves only when it's told to. */
export class ManualClock implements Clock {
  private time: number
  private readonly listeners = new Set<() => void>()

  /** @param time milliseconds since 1970. */
  constructor(time = 0) {
    this.time = checkedTime(time)
  }

  now(): number {
    return this.time
  }

  advance(milliseconds: number): void {
    this.set(this.time + milliseconds)
  }

  /** @throws RangeError for a time that has passed, and for one behind the end of the year 9999. */
  set(time: number): void {
    if (!(time >= this.time)) throw new RangeError(`Time doesn't go back from ${this.time} to ${time}`)
    this.time = checkedTime(time)
    for (const listener of [...this.listeners]) listener()
  }

  /** Tells whenever it was moved. @returns what ends that. */
  onMove(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

/** A clock that goes on from a time that was reached before: never back, and as fast as the clock it's made of. */
export const continuing = (clock: Clock, reached: number): Clock => {
  let latest = Math.min(reached, latestTime)
  const offset = Math.max(0, latest - clock.now())
  return {
    now: () => {
      latest = Math.max(latest, Math.min(latestTime, Math.floor(clock.now() + offset)))
      return latest
    },
  }
}
