/** A world's clock: read by everyone, and moved by those who control it. */

import { conflict } from '../model/errors.ts'
import { type Clock, continuing, ManualClock } from './clock.ts'
import { type ClockMode, type ClockState, frozen, latestTime, moved, notBefore, running, timeAt } from './clock-state.ts'

export interface ClockReading {
  /** `own` is a clock that whoever opened the cloud made, and only they control. */
  readonly mode: ClockMode | 'own'
  readonly scale: number
  /** Milliseconds since 1970, cloud time. */
  readonly now: number
}

export interface Alarm {
  cancel(): void
}

export interface WorldClock extends Clock {
  read(): ClockReading
  /** Stops it where it is. */
  freeze(): Promise<void>
  /** Lets it go on as fast as it last did. */
  run(): Promise<void>
  /** Lets it run so many times as fast as the machine's. @throws RangeError */
  setScale(scale: number): Promise<void>
  /** @throws RangeError for what isn't a whole number of milliseconds, at least 0, or leads behind the end of the year 9999. */
  advance(milliseconds: number): Promise<void>
  /** @throws RangeError for a time that has passed, or that is behind the end of the year 9999. */
  set(time: number): Promise<void>
  /** Calls when the time may have come, if the clock gets there by itself as it runs now; now and then too early. */
  alarm(time: number, call: () => void): Alarm
  /** Whether it moves only when it's told to. */
  readonly isManual: boolean
}

/** What a clock needs of the place where it's kept. */
export interface ClockPlace {
  readonly state: ClockState
  change(change: (state: ClockState) => ClockState): Promise<void>
}

export class KeptClock implements WorldClock {
  private readonly place: ClockPlace
  private readonly wall: () => number
  private latest: number

  /** @param reached cloud time that was reached before. */
  constructor(place: ClockPlace, reached: number, wall: () => number) {
    this.place = place
    this.wall = wall
    this.latest = Math.min(reached, latestTime)
  }

  /** @param state where a transaction knows it better. */
  now(state = this.place.state): number {
    this.latest = Math.max(this.latest, timeAt(state, this.wall()))
    return this.latest
  }

  read(): ClockReading {
    const { mode, scale } = this.place.state
    return { mode, scale, now: this.now() }
  }

  get isManual(): boolean {
    return this.place.state.mode === 'manual'
  }

  freeze(): Promise<void> {
    return this.change(frozen)
  }

  run(): Promise<void> {
    return this.change((state, wall) => (state.mode === 'manual' ? running(state, state.scale, wall) : state))
  }

  setScale(scale: number): Promise<void> {
    return this.change((state, wall) => running(state, scale, wall))
  }

  advance(milliseconds: number): Promise<void> {
    return this.change((state, wall) => moved(state, timeAt(state, wall) + checkedDuration(milliseconds), wall))
  }

  set(time: number): Promise<void> {
    return this.change((state, wall) => moved(state, time, wall))
  }

  alarm(time: number, call: () => void): Alarm {
    const { mode, scale } = this.place.state
    if (mode === 'manual' || time > latestTime) return never
    return timer((time - this.now()) / (mode === 'system' ? 1 : scale), call)
  }

  private change(change: (state: ClockState, wall: number) => ClockState): Promise<void> {
    const wall = this.wall()
    return this.place.change(state => change(notBefore(state, this.latest, wall), wall))
  }
}

/** A clock that whoever opened the cloud gave it, which then is that of all its worlds. */
export class OwnClock implements WorldClock {
  private readonly source: Clock
  private readonly continued: Clock

  constructor(source: Clock, reached: number) {
    this.source = source
    this.continued = continuing(source, reached)
  }

  now(): number {
    return this.continued.now()
  }

  read(): ClockReading {
    return { mode: this.isManual ? 'manual' : 'own', scale: 1, now: this.now() }
  }

  get isManual(): boolean {
    return this.source instanceof ManualClock
  }

  async freeze(): Promise<void> {
    this.manual()
  }

  async run(): Promise<void> {
    throw conflict('The clock of this cloud is one that its owner moves by hand: it can be moved on, but not made to run')
  }

  setScale(): Promise<void> {
    return this.run()
  }

  async advance(milliseconds: number): Promise<void> {
    this.manual().advance(checkedDuration(milliseconds))
  }

  async set(time: number): Promise<void> {
    this.manual().advance(time - this.now())
  }

  /** Nothing is known of how fast it runs, so it's looked at again and again. */
  alarm(_time: number, call: () => void): Alarm {
    return this.isManual ? never : timer(glance, call)
  }

  private manual(): ManualClock {
    if (this.source instanceof ManualClock) return this.source
    throw conflict('The clock of this cloud belongs to whoever started it, and only they control it')
  }
}

const never: Alarm = { cancel: () => undefined }

/** Milliseconds. */
const glance = 50
const longestTimer = 2 ** 31 - 1

const timer = (milliseconds: number, call: () => void): Alarm => {
  const handle = setTimeout(call, Math.min(Math.max(0, Math.ceil(milliseconds)), longestTimer))
  return { cancel: () => clearTimeout(handle) }
}

const checkedDuration = (milliseconds: number): number => {
  if (Number.isSafeInteger(milliseconds) && milliseconds >= 0) return milliseconds
  throw new RangeError(`A duration is a whole number of milliseconds, at least 0, and not ${milliseconds}`)
}
