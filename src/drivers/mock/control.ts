/** The control of the mock cloud, over the simulator itself. */

import type { MockCloud } from '../../mock-cloud/cloud.ts'
import { badRequest } from '../../model/errors.ts'
import type { MockControl, WorldMaking } from '../control.ts'
import { MockWorldControl } from './world-control.ts'

/** @param cloud stays the caller's. */
export const createMockControl = (cloud: MockCloud): MockControl => {
  const control = (world: ConstructorParameters<typeof MockWorldControl>[1]) => new MockWorldControl(cloud, world)
  return {
    worlds: () => cloud.worlds(),
    hasWorld: name => cloud.hasWorld(name),
    world: async name => control(await cloud.world(name)),
    createWorld: async (name, making) => control(await inRange(() => cloud.createWorld(name, making satisfies WorldMaking))),
    removeWorld: name => cloud.removeWorld(name),
    forkWorld: async (from, to) => control(await cloud.forkWorld(from, to)),
    restoreWorld: async (name, snapshot) => control(await cloud.restore(name, snapshot)),
    scenarios: async () => [],
    schemas: async () => ({ rules: {}, limits: {}, seed: {} }),
  }
}

/** What a clock or a number can't be is the caller's mistake here. */
export const inRange = async <T>(task: () => Promise<T>): Promise<T> => {
  try {
    return await task()
  } catch (error) {
    throw error instanceof RangeError ? badRequest(error.message) : error
  }
}
