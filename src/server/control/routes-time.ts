/** The clock of a world: read, stopped, moved. */

import type { ControlRoute } from './route.ts'

export const timeRoutes: readonly ControlRoute[] = [
  {
    name: 'clock_show',
    tag: 'time',
    method: 'GET',
    path: ['clock'],
    doc: 'What the clock shows, how it runs, and when something happens next',
    run: async ({ world }) => ({ document: await world.clock() }),
  },
  {
    name: 'clock_set',
    tag: 'time',
    method: 'POST',
    path: ['clock'],
    doc: 'Stops the clock (mode manual), lets it run (scaled, system), or sets it to a later time',
    takes: 'clock',
    async run({ world, body }) {
      const { mode, scale, now } = await body.as('clock')
      const { timeOf } = await import('./schemas.ts')
      const change = {
        ...(mode === undefined ? {} : { mode }),
        ...(scale === undefined ? {} : { scale }),
        ...(now === undefined ? {} : { now: timeOf(now) }),
      }
      return { document: await world.setClock(change) }
    },
  },
  {
    name: 'clock_advance',
    tag: 'time',
    method: 'POST',
    path: ['clock', 'advance'],
    doc: 'Moves the clock on; what comes to be due on the way happens at its own time',
    takes: 'advance',
    async run({ world, body }) {
      const { by } = await body.as('advance')
      const { millisecondsOf } = await import('./schemas.ts')
      return { document: await world.advance(millisecondsOf(by)) }
    },
  },
  {
    name: 'clock_next',
    tag: 'time',
    method: 'POST',
    path: ['clock', 'next'],
    doc: 'Moves a clock that stands still to what happens next',
    run: async ({ world }) => ({ document: await world.runToNext() }),
  },
  {
    name: 'clock_settle',
    tag: 'time',
    method: 'POST',
    path: ['clock', 'settle'],
    doc: 'Moves a clock that stands still until nothing is to come, or by the limit',
    takes: 'settle',
    async run({ world, body }) {
      const { limit } = await body.as('settle')
      const { millisecondsOf } = await import('./schemas.ts')
      return { document: await world.runUntilSettled(limit === undefined ? undefined : millisecondsOf(limit)) }
    },
  },
]
