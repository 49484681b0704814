/** The control of the mock cloud, over the simulator itself. */

import type { MockCloud } from '../../mock-cloud/cloud.ts'
import { scenarioParameters, scenarios } from '../../mock-cloud/faults/scenarios.ts'
import type { MockControl, ScenarioDocument } from '../control.ts'
import { inRange } from './ranges.ts'
import { MockWorldControl } from './world-control.ts'

/** @param cloud stays the caller's. */
export const createMockControl = (cloud: MockCloud): MockControl => {
  const control = (world: ConstructorParameters<typeof MockWorldControl>[1]) => new MockWorldControl(cloud, world)
  return {
    worlds: () => cloud.worlds(),
    hasWorld: name => cloud.hasWorld(name),
    world: async name => control(await cloud.world(name)),
    createWorld: async (name, making) => control(await inRange(() => cloud.createWorld(name, making))),
    removeWorld: name => cloud.removeWorld(name),
    forkWorld: async (from, to) => control(await cloud.forkWorld(from, to)),
    restoreWorld: async (name, snapshot) => control(await cloud.restore(name, snapshot)),
    scenarios: async () => Object.keys(scenarios).map(scenarioDocument),
    schemas,
  }
}

const scenarioDocument = (name: string): ScenarioDocument => ({
  name,
  doc: scenarios[name]?.doc ?? '',
  parameters: Object.entries(scenarioParameters(name)).map(([key, { doc, usual, optional }]) => ({
    name: key,
    doc,
    required: usual === undefined && optional === undefined,
    ...(usual === undefined ? {} : { usual }),
  })),
})

const schemas = async (): Promise<Record<string, object>> => {
  const [{ toJSONSchema }, { ruleSchema }, { limitsSchema }, { textureSchema }, { seedJsonSchema }] = await Promise.all([
    import('zod'),
    import('../../mock-cloud/faults/schema.ts'),
    import('../../mock-cloud/limits/schema.ts'),
    import('../../mock-cloud/texture-schema.ts'),
    import('../../mock-cloud/seeds.ts'),
  ])
  const rule = toJSONSchema(ruleSchema, { io: 'input' })
  return {
    rules: { anyOf: [rule, { type: 'array', items: rule }] },
    limits: toJSONSchema(limitsSchema, { io: 'input' }),
    texture: toJSONSchema(textureSchema, { io: 'input' }),
    seed: seedJsonSchema(),
  }
}
