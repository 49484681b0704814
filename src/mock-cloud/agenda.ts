/** Who waits for a time of the cloud: requests that a fault holds back. On a clock that stands still, they wait until it's moved. */

import { notFound } from '../model/errors.ts'
import type { World } from './world.ts'

export class Agenda {
  private readonly world: World
  private readonly times = new Set<{ readonly at: number }>()
  private readonly woken = new Set<Promise<unknown>>()

  constructor(world: World) {
    this.world = world
  }

  /** The earliest time that anyone waits for. */
  next(): number | undefined {
    return this.times.size === 0 ? undefined : Math.min(...[...this.times].map(({ at }) => at))
  }

  /**
   * Waits, and then does something.
   * @param milliseconds of cloud time.
   * @throws the signal's reason where it's aborted before; what the task throws.
   */
  async after<T>(milliseconds: number, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    await this.wait(milliseconds, signal)
    const done = task()
    // Its failure is the caller's, who gets `done`.
    const watched = done.catch(() => undefined).finally(() => this.woken.delete(watched))
    this.woken.add(watched)
    return done
  }

  /** When all that were woken have done what they waited for, or are taking too long over it. */
  async finished(): Promise<void> {
    // Who is woken is told in one turn of the loop, and begins in the next.
    await new Promise(resolve => setImmediate(resolve))
    if (this.woken.size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    // One may itself wait for whoever moves the clock: for a body that isn't sent yet.
    const timer = setTimeout(resolve, patience)
    await Promise.race([promise, Promise.all(this.woken)])
    clearTimeout(timer)
  }

  private async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { world } = this
    const appointment = { at: world.now() + milliseconds }
    this.times.add(appointment)
    try {
      while (world.now() < appointment.at) {
        signal.throwIfAborted()
        if (world.isLeft) throw notFound(`The world '${world.name}' is gone`)
        using change = world.nextChange()
        await until(world, appointment.at, change.promise, signal)
      }
    } finally {
      this.times.delete(appointment)
    }
  }
}

/** Milliseconds. */
const patience = 1000

/** Until the world's time may have come, or something in it has changed, or the signal is aborted. */
export const until = async (world: World, time: number | undefined, change: Promise<void>, signal: AbortSignal): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = (): void => resolve()
  signal.addEventListener('abort', stop, { once: true })
  const alarm = time === undefined ? undefined : world.clock.alarm(time, stop)
  if (signal.aborted) stop()
  try {
    await Promise.race([change, promise])
  } finally {
    alarm?.cancel()
    signal.removeEventListener('abort', stop)
  }
}
