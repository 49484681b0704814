/** All operations of the control API. */

import type { ControlRoute } from './route.ts'
import { consoleRoutes } from './routes-console.ts'
import { dataRoutes } from './routes-data.ts'
import { eventRoutes } from './routes-events.ts'
import { ruleRoutes } from './routes-rules.ts'
import { timeRoutes } from './routes-time.ts'
import { worldRoutes } from './routes-worlds.ts'

export const routes: readonly ControlRoute[] = [
  {
    name: 'health',
    tag: 'server',
    method: 'GET',
    path: ['health'],
    doc: 'Says that the simulator answers, and of which world',
    run: async ({ world }) => ({ document: { status: 'ok', world: await world.describe() } }),
  },
  ...timeRoutes,
  ...ruleRoutes,
  ...worldRoutes,
  ...dataRoutes,
  ...eventRoutes,
  ...consoleRoutes,
]
