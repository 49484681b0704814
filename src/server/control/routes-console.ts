/** The console: everything that the control API tells of a world, on a page. */

import { hash, randomUUID } from 'node:crypto'
import type { ConsoleView } from '../pages/console/view.ts'
import { consolePolicy } from '../pages/policy.ts'
import type { ControlRoute } from './route.ts'
import { describeAll } from './routes-worlds.ts'

/** How many resources of each collection the page shows, and how many events. */
const shownRows = 50
const shownEvents = 100
const shownWorlds = 50

export const consoleRoutes: readonly ControlRoute[] = [
  {
    name: 'console',
    tag: 'server',
    method: 'GET',
    path: ['console'],
    doc: 'The console: the world as a page that keeps itself up to date',
    query: [{ name: 'text', kind: 'text', doc: 'What events must hold to be shown' }],
    gives: 'page',
    async run({ wire, world, control, root, query }) {
      const worlds = await describeAll(control, (await control.worlds()).slice(0, shownWorlds))
      const tag = tagOf(wire.target, world.revision(), worlds)
      const headers: [string, string][] = [
        ['ETag', tag],
        ['Cache-Control', 'no-cache'],
        ['Content-Security-Policy', consolePolicy],
      ]
      // A page that's open asks again and again, mostly for what it has.
      if (wire.header('if-none-match') === tag) return { response: { status: 304, headers } }
      const { consolePage } = await import('../pages/index.ts')
      const text = query.get('text') ?? ''
      // In an order: looking at the accounts lets all happen that is due, and the rest tells of that.
      const accounts = await world.accounts(shownRows)
      const described = await world.describe()
      const body = consolePage({
        root,
        world: described,
        worlds,
        accounts,
        rows: shownRows,
        faults: await world.faults(),
        fired: (await world.fired(0)).slice(-20).reverse(),
        scenarios: await control.scenarios(),
        limits: await world.limits(),
        events: await latest(world, described.events, text),
        text,
      })
      return { response: { status: 200, headers: [['Content-Type', 'text/html'], ...headers], body } }
    },
  },
]

type World = Parameters<ControlRoute['run']>[0]['world']

/** The last events that hold a text: looked for from the end on, a stretch at a time, through the last thousands. */
const latest = async (world: World, last: number, text: string) => {
  if (text === '') return [...(await world.events({ after: Math.max(0, last - shownEvents), limit: shownEvents }))].reverse()
  const found = await world.events({ after: Math.max(0, last - 10_000), limit: 10_000, text })
  return found.slice(-shownEvents).reverse()
}

/** The time alone, where it runs, makes no other page: the script lets it run, too. What comes to be due is an event. */
const tagOf = (target: string, revision: string, worlds: ConsoleView['worlds']): string => {
  const still = worlds.map(one => {
    if ('problem' in one) return one
    const {
      clock: { now, time: _, ...clock },
      ...world
    } = one
    return { ...world, ...clock, ...(clock.mode === 'manual' ? { now } : {}) }
  })
  return `"${hash('sha1', JSON.stringify([program, target, revision, still]), 'base64url')}"`
}

/** Another process may have other pages. */
const program = randomUUID()
