/** Moving a world's time: what is due on the way happens when it's due, whether anybody looks or not. */

import { conflict } from '../model/errors.ts'
import { checkedTime, latestTime } from './clock-state.ts'
import type { World } from './world.ts'

/** When something happens next by itself: a transition, or a request that waits for its time. */
export const nextEvent = async (world: World): Promise<{ readonly at: number } | undefined> => {
  const due = (await world.store.horizon(world.name))?.first.at
  const waiting = world.agenda.next()
  const at = Math.min(due ?? Number.POSITIVE_INFINITY, waiting ?? Number.POSITIVE_INFINITY)
  // What is due behind the end of all clocks never comes.
  return at <= latestTime ? { at: Math.max(at, world.now()) } : undefined
}

/**
 * Moves the clock on.
 * @returns the time that it shows then; later, where it runs.
 * @throws RangeError for what isn't a whole number of milliseconds, at least 0, or leads behind the end of the year 9999; CloudError `conflict` where the clock can't be moved.
 */
export const advance = async (world: World, milliseconds: number): Promise<number> => {
  if (!world.clock.isManual) {
    await world.clock.advance(milliseconds)
    await world.settle()
    return world.now()
  }
  const end = checkedTime(world.now() + milliseconds)
  // Who waits for a time finds all that was due by then, and nothing that wasn't.
  for (let next = world.agenda.next(); next !== undefined && next <= end; next = world.agenda.next()) await moveTo(world, next)
  // Asked of the clock even where it's there already: it knows what it can't do.
  await world.clock.advance(Math.max(0, end - world.now()))
  await world.settle()
  return world.now()
}

/** Moves a clock that stands still to what happens next. @returns the time then; undefined where nothing is to come. */
export const runToNext = async (world: World): Promise<number | undefined> => {
  checkManual(world)
  const next = await nextEvent(world)
  if (next === undefined) return undefined
  await moveTo(world, next.at)
  return world.now()
}

/**
 * Moves a clock that stands still on until nothing is to come, or the limit is reached.
 * @param options.limit milliseconds of cloud time; a year by default.
 * @returns the time then, and whether all is settled.
 */
export const runUntilSettled = async (
  world: World,
  options: { readonly limit?: number } = {},
): Promise<{ now: number; settled: boolean }> => {
  checkManual(world)
  const end = Math.min(latestTime, world.now() + (options.limit ?? 365 * 24 * 3600 * 1000))
  for (;;) {
    const last = (await world.store.horizon(world.name))?.last
    const waiting = world.agenda.next()
    if (last === undefined && waiting === undefined) return { now: world.now(), settled: true }
    const next = Math.max(world.now(), Math.min(waiting ?? Number.POSITIVE_INFINITY, last ?? Number.POSITIVE_INFINITY))
    if (next > end) {
      await moveTo(world, end)
      return { now: world.now(), settled: false }
    }
    await moveTo(world, next)
  }
}

const moveTo = async (world: World, time: number): Promise<void> => {
  if (time > world.now()) await world.clock.set(time)
  await world.settle()
  await world.agenda.finished()
}

const checkManual = ({ clock }: World): void => {
  if (!clock.isManual) throw conflict('The clock of this world runs: freeze it first')
}
