/** The worlds of the simulator: made, copied, emptied, removed. */

import type { MockControl, UnreadableWorld, WorldControl, WorldDocument } from '../../drivers/control.ts'
import { notFound } from '../../model/errors.ts'
import type { ControlRequest, ControlRoute } from './route.ts'

export const worldRoutes: readonly ControlRoute[] = [
  {
    name: 'worlds_index',
    tag: 'worlds',
    method: 'GET',
    path: ['worlds'],
    doc: 'The worlds that there are',
    async run({ control }) {
      return { document: { worlds: await describeAll(control, await control.worlds()) } }
    },
  },
  {
    name: 'worlds_create',
    tag: 'worlds',
    method: 'POST',
    path: ['worlds'],
    doc: 'Makes an empty world; each account finds the data set in it when it first comes',
    takes: 'world',
    status: 201,
    async run({ control, body }) {
      const { name, seed, clock } = await body.as('world')
      const { timeOf } = await import('./schemas.ts')
      const made = await control.createWorld(name, {
        ...(seed === undefined ? {} : { seed }),
        ...(clock === undefined
          ? {}
          : {
              clock: {
                mode: clock.mode,
                ...(clock.scale === undefined ? {} : { scale: clock.scale }),
                ...(clock.now === undefined ? {} : { now: timeOf(clock.now) }),
              },
            }),
      })
      return { document: await made.describe() }
    },
  },
  {
    name: 'worlds_show',
    tag: 'worlds',
    method: 'GET',
    path: ['worlds', ':world'],
    doc: 'A world: its seed, clock, rules and the number of its last event',
    run: async request => ({ document: await (await named(request)).describe() }),
  },
  {
    name: 'worlds_destroy',
    tag: 'worlds',
    method: 'DELETE',
    path: ['worlds', ':world'],
    doc: 'Removes a world with all that is in it; the world `default` stays',
    status: 204,
    async run(request) {
      await request.control.removeWorld((await named(request)).name)
      return undefined
    },
  },
  {
    name: 'worlds_fork',
    tag: 'worlds',
    method: 'POST',
    path: ['worlds', ':world', 'fork'],
    doc: 'Makes a copy of a world as it is; from then on the two know nothing of each other',
    takes: 'fork',
    status: 201,
    async run(request) {
      const { to } = await request.body.as('fork')
      const { name } = await named(request)
      return { document: await (await request.control.forkWorld(name, to)).describe() }
    },
  },
  {
    name: 'worlds_reset',
    tag: 'worlds',
    method: 'POST',
    path: ['worlds', ':world', 'reset'],
    doc: 'Empties a world; its clock, rules and limits stay',
    async run(request) {
      const world = await named(request)
      await world.reset()
      return { document: await world.describe() }
    },
  },
]

/** Worlds by name. One whose state can't be read doesn't hide the others, and can be removed. */
export const describeAll = (control: MockControl, names: readonly string[]): Promise<readonly (WorldDocument | UnreadableWorld)[]> =>
  Promise.all(
    names.map(async name => {
      try {
        return await (await control.world(name)).describe()
      } catch {
        return { name, problem: 'The state of this world cannot be read' }
      }
    }),
  )

const named = ({ control, at }: ControlRequest): Promise<WorldControl> => existing(control, at('world'))

/** @throws CloudError `not-found` for a world that isn't there: only its use, or `POST /_mock/worlds`, makes one. */
export const existing = async (control: MockControl, name: string): Promise<WorldControl> => {
  if (await control.hasWorld(name)) return control.world(name)
  throw notFound(`There is no world '${name}'`)
}
