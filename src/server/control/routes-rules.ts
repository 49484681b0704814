/** What makes a world fare otherwise than usual: fault rules, scenarios, limits. */

import type { ControlRoute } from './route.ts'
import { numberOf } from './route.ts'

export const ruleRoutes: readonly ControlRoute[] = [
  {
    name: 'faults_index',
    tag: 'faults',
    method: 'GET',
    path: ['faults'],
    doc: 'The fault rules, and how often each has struck',
    run: async ({ world }) => ({ document: { faults: await world.faults() } }),
  },
  {
    name: 'faults_create',
    tag: 'faults',
    method: 'POST',
    path: ['faults'],
    doc: 'Adds a rule or several, all or none; a form gives one as text in the field `rule`, as `--fault` takes it',
    takes: 'rules',
    status: 201,
    async run({ world, body }) {
      return { document: { faults: await world.addFaults(shortForm(await body.data())) } }
    },
  },
  {
    name: 'faults_destroy_all',
    tag: 'faults',
    method: 'DELETE',
    path: ['faults'],
    doc: 'Removes all rules',
    status: 204,
    async run({ world }) {
      await world.removeFaults()
      return undefined
    },
  },
  {
    name: 'faults_fired',
    tag: 'faults',
    method: 'GET',
    path: ['faults', 'fired'],
    doc: 'What rules have done: which, to which operation, when',
    query: [{ name: 'after', kind: 'number', doc: 'Only what came behind this number' }],
    run: async ({ world, query }) => ({ document: { fired: await world.fired(numberOf(query, 'after') ?? 0) } }),
  },
  {
    name: 'faults_destroy',
    tag: 'faults',
    method: 'DELETE',
    path: ['faults', ':id'],
    doc: 'Removes a rule',
    status: 204,
    async run({ world, at }) {
      await world.removeFault(at('id'))
      return undefined
    },
  },
  {
    name: 'scenarios_index',
    tag: 'faults',
    method: 'GET',
    path: ['scenarios'],
    doc: 'Situations that are known by name, with their parameters',
    run: async ({ control }) => ({ document: { scenarios: await control.scenarios() } }),
  },
  {
    name: 'scenarios_start',
    tag: 'faults',
    method: 'POST',
    path: ['scenarios', ':scenario'],
    doc: 'Starts a scenario: adds its rules',
    takes: 'scenario',
    status: 201,
    run: async ({ world, body, at }) => ({
      document: { faults: await world.startScenario(at('scenario'), await body.as('scenario')) },
    }),
  },
  {
    name: 'scenarios_stop',
    tag: 'faults',
    method: 'DELETE',
    path: ['scenarios', ':scenario'],
    doc: 'Stops a scenario: removes its rules',
    status: 204,
    async run({ world, at }) {
      await world.stopScenario(at('scenario'))
      return undefined
    },
  },
  {
    name: 'limits_show',
    tag: 'limits',
    method: 'GET',
    path: ['limits'],
    doc: 'Quotas, capacities and rates, and how much of each is used',
    run: async ({ world }) => ({ document: await world.limits() }),
  },
  {
    name: 'limits_set',
    tag: 'limits',
    method: 'PUT',
    path: ['limits'],
    doc: 'Sets the limits, in place of those before',
    takes: 'limits',
    run: async ({ world, body }) => ({ document: await world.setLimits((await body.data()) ?? {}) }),
  },
  {
    name: 'quotas_set',
    tag: 'limits',
    method: 'POST',
    path: ['limits', 'quotas'],
    doc: 'Sets some quotas and leaves the others; null is no quota. A form names one in `quota`, with its `limit`',
    takes: 'quotas',
    run: async ({ world, body }) => ({ document: await world.setQuotas(await body.as('quotas')) }),
  },
  {
    name: 'texture_show',
    tag: 'faults',
    method: 'GET',
    path: ['texture'],
    doc: 'How long things take, what goes wrong by itself and how late answers are, as far as this world has it otherwise than usual',
    run: async ({ world }) => ({ document: await world.texture() }),
  },
  {
    name: 'texture_set',
    tag: 'faults',
    method: 'PUT',
    path: ['texture'],
    doc: 'Sets it, in place of what was set before; an empty body goes back to what is usual',
    takes: 'texture',
    run: async ({ world, body }) => ({ document: await world.setTexture(await body.data()) }),
  },
]

/** A form's only field, where that is a rule in short form. */
const shortForm = (data: unknown): unknown =>
  typeof data === 'object' && data !== null && 'rule' in data && typeof data.rule === 'string' ? data.rule : data
