/** What is in a world: as a snapshot, as JSON, put in as seed data, or taken out. */

import type { ControlRoute } from './route.ts'
import { isYes } from './route.ts'

export const dataRoutes: readonly ControlRoute[] = [
  {
    name: 'reset',
    tag: 'data',
    method: 'POST',
    path: ['reset'],
    doc: 'Empties the world; its clock, rules and limits stay',
    async run({ world }) {
      await world.reset()
      return { document: await world.describe() }
    },
  },
  {
    name: 'snapshot',
    tag: 'data',
    method: 'GET',
    path: ['snapshot'],
    doc: 'The world in one file, contents of blobs included',
    gives: 'bytes',
    run: async ({ world }) => ({
      response: {
        status: 200,
        headers: [
          ['Content-Type', 'application/octet-stream'],
          ['Content-Disposition', `attachment; filename="${world.name}.snapshot"`],
        ],
        body: world.snapshot(),
      },
    }),
  },
  {
    name: 'restore',
    tag: 'data',
    method: 'POST',
    path: ['restore'],
    doc: 'Puts a snapshot in place of all that is in the world; a form sends it as the file `file`',
    takes: 'bytes',
    async run({ control, worldName, body }) {
      const restored = await control.restoreWorld(worldName, await body.bytes())
      return { document: await restored.describe() }
    },
  },
  {
    name: 'export',
    tag: 'data',
    method: 'GET',
    path: ['export'],
    doc: 'Everything in the world as JSON',
    query: [{ name: 'contents', kind: 'yes', doc: 'Whether what is in blobs is there, too, in base 64' }],
    run: async ({ world, query }) => ({ document: await world.export(isYes(query, 'contents')) }),
  },
  {
    name: 'seed',
    tag: 'data',
    method: 'POST',
    path: ['seed'],
    doc: 'Adds resources from JSON or YAML, all or none; a form sends it as the file `file`',
    takes: 'seed',
    async run({ world, body }) {
      await world.seed(await body.data())
      return { document: await world.describe() }
    },
  },
  {
    name: 'accounts',
    tag: 'data',
    method: 'GET',
    path: ['accounts'],
    doc: 'The accounts of the world, and how much each has of what',
    run: async ({ world }) => ({
      document: {
        accounts: (await world.accounts(0)).map(({ provider, account, collections }) => ({
          provider,
          account,
          collections: Object.fromEntries(collections.map(({ name, count }) => [name, count])),
        })),
      },
    }),
  },
]
