/** Histories reach what a driver declares: actions that lead elsewhere are noticed, and what never succeeded is told. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { follow } from '../../../conformance/generators/commands.ts'
import { livesOf, transitionTargets } from '../../../conformance/generators/targets.ts'
import { TargetsFirst } from '../../../conformance/generators/targets-first.ts'
import { subjectsOf } from '../../../conformance/harness.ts'
import type { SubjectResult } from '../../../conformance/results.ts'
import { openSimulated } from '../../../conformance/sources/simulated.ts'
import { attemptedTransitionsOf, neverSucceededInWords, operationsOf, requestedBy } from '../../../conformance/statistics.ts'
import type { Operations } from '../../../src/drivers/driver.ts'
import { judge, judgeHarbour, sound, withOperations } from './support.ts'

t.setTimeout(0)

type InstancesOperations = NonNullable<Operations<unknown>['instances']>

/** The mock driver whose instances are told something else. */
const actingOtherwise = (change: (table: InstancesOperations) => Partial<InstancesOperations>) =>
  withOperations(operations => {
    const table = operations.instances
    return table === undefined ? operations : { ...operations, instances: { ...table, ...change(table) } }
  })

t.test('S4 rejects a stop that destroys, at the least number of cases and any seed', async t => {
  const broken = actingOtherwise(({ destroy, get }) => ({
    stop: async (session, id) => {
      const before = await get?.(session, id)
      assert.ok(before)
      await destroy?.(session, id)
      return (await get?.(session, id)) ?? before
    },
  }))
  for (const seed of [1, 2, 3]) {
    const { outcome, counterexample } = await judge('S4', broken, { runs: 25, seed })
    t.equal(outcome, 'broken')
    t.match(counterexample?.message ?? '', /After stop of .* it rests FINISH/)
  }
})

t.test('S4 rejects a stop that reboots', async t => {
  const broken = actingOtherwise(table => (table.reboot === undefined ? {} : { stop: table.reboot }))
  t.equal((await judge('S4', broken, { runs: 25 })).outcome, 'broken')
})

t.test('S4 and S2 pass what is right, on the simulator and through a driver', async t => {
  for (const id of ['S2', 'S4']) {
    t.equal((await judge(id, sound, { runs: 25 })).outcome, 'holds', id)
    t.equal((await judgeHarbour(id, 'T', undefined, { runs: 25 })).outcome, 'holds', id)
  }
})

t.test('each life of a collection goes by without a refusal', async t => {
  const [subject] = subjectsOf('mock', sound)
  assert.ok(subject)
  await using source = await openSimulated(subject)
  const [setups] = source.parts
  assert.ok(setups)
  const lives = livesOf(source.offer)
  t.ok(lives.length > 10)
  for (const life of lives)
    await fc.assert(
      fc.asyncProperty(setups, life, async (setup, all) => {
        await using opened = await setup.open()
        for (const { command, answer } of await follow(opened.cloud, all))
          assert.ok(command.op === 'settle' || (answer !== undefined && answer.status < 400), JSON.stringify([command, answer?.text]))
      }),
      { numRuns: 3 },
    )
})

t.test('each transition of the machine but those that only chance brings has a history', async t => {
  const [subject] = subjectsOf('mock', sound)
  assert.ok(subject)
  await using source = await openSimulated(subject)
  const reached = transitionTargets(source.offer).map(({ transition: { from, on, to } }) => `${from} ${on} ${to}`)
  t.ok(reached.includes('stopping automatically stopped') && reached.includes('stopping automatically finish'))
  t.ok(reached.includes('pending possibly error') && reached.includes('error destroy finish'))
  t.notOk(reached.includes('running possibly error'))
})

t.test('targets come first, by the number of the case, whichever slice asks', async t => {
  const seen = async (path: string | undefined): Promise<readonly string[]> => {
    const found: string[] = []
    const cases = new TargetsFirst([fc.constant('a'), fc.constant('b'), fc.constant('c')], fc.constant('other'))
    const property = cases.numbering(
      fc.asyncProperty(cases, async one => {
        found.push(one)
      }),
    )
    await fc.check(property, { numRuns: 3, seed: 1, ...(path === undefined ? {} : { path }) })
    return found
  }
  t.same(await seen(undefined), ['a', 'b', 'c'])
  t.same(await seen('2'), ['c', 'other', 'other'])
})

t.test('a target is shortened as any other', async t => {
  const cases = new TargetsFirst([fc.constant(0), fc.integer({ min: 500, max: 1000 })], fc.constant(0))
  const property = cases.numbering(fc.asyncProperty(cases, async n => assert.ok(n < 100)))
  const { counterexample } = await fc.check(property, { numRuns: 2, seed: 7 })
  t.same(counterexample, [500])
})

t.test('requests are counted as the operations that they ask for', async t => {
  const of = (method: string, target: string) => requestedBy({ method, target })?.operation
  t.equal(of('GET', '/api/instances?format=json'), 'instances.list')
  t.equal(of('POST', '/api/load_balancers/a/register?format=json'), 'load_balancers.register')
  t.equal(of('DELETE', '/api/firewalls/a/b'), 'firewalls.destroyRule')
  t.equal(of('PUT', '/api/buckets/a/b'), 'blobs.create')
  t.equal(of('GET', '/api'), undefined)
})

t.test('what never succeeded is told by name, but for what is impossible', async t => {
  const subject: SubjectResult = {
    subject: 'x',
    driver: 'x',
    name: 'X',
    machine: [
      { from: 'running', on: 'stop', to: 'stopped' },
      { from: 'running', on: 'possibly', to: 'error' },
    ],
    operations: { instances: ['list', 'stop', 'page'] },
    recordings: [],
    lossy: {},
    impossible: { 'running possibly error': 'nothing breaks' },
    laws: [
      {
        law: 'S2',
        source: 'T',
        outcome: 'holds',
        cases: 1,
        inconclusive: 0,
        seconds: 0,
        evidence: {
          'property-tested': {
            cases: 1,
            collections: {},
            states: {},
            transitions: {},
            operations: {
              'instances.list': { asked: 2, refused: 0, succeeded: 2 },
              'instances.stop': { asked: 1, refused: 1, succeeded: 0 },
            },
            actions: { 'running stop': { asked: 1, refused: 1, succeeded: 0 } },
          },
        },
      },
    ],
  }
  const laws = ['S2', 'S4', 'T1', 'T2', 'D2'].map(id => ({ id }))
  t.same(neverSucceededInWords({ subjects: [subject], laws }), ['Of x these never succeeded: instances.stop, running stop stopped'])
  t.same(neverSucceededInWords({ subjects: [subject], laws: laws.slice(1) }), [])
  t.same(
    operationsOf(subject).map(({ name, asked, refused, succeeded }) => [name, asked, refused, succeeded]),
    [
      ['instances.list', 2, 0, 2],
      ['instances.stop', 1, 1, 0],
    ],
  )
  t.equal(attemptedTransitionsOf(subject)[0]?.refused, 1)
})
