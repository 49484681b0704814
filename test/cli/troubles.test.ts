/** Faults and limits that a mock cloud is started with. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readOptions } from '../../src/cli/options.ts'
import { Problem } from '../../src/cli/problem.ts'
import { settle } from '../../src/cli/settings.ts'
import { bringTroubles, type Troubles } from '../../src/cli/troubles.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import type { World } from '../../src/mock-cloud/world.ts'
import { ask, deltacloudd } from './process.ts'

const asked = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Troubles> => {
  const options = readOptions(['-i', 'mock', ...args], env, '')
  if (options.wants !== 'serve') throw new Error('not to be served')
  return (await settle(options.options, env)).troubles
}

const world = async (t: Test, state?: string): Promise<World> => {
  const cloud = await MockCloud.open(state === undefined ? {} : { state })
  t.teardown(() => cloud.close())
  return cloud.world()
}

const file = (t: Test, content: string): string => {
  const path = join(t.testdir(), 'faults.yaml')
  writeFileSync(path, content)
  return path
}

const problem = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  if (error instanceof Problem) return error.message
  throw new Error('it was accepted')
}

const about = ({ rules }: World) => rules.list().map(({ id, match, effect }) => ({ id, match, effect }))

t.test('flags and the environment say the same', async t => {
  const typed = await asked([
    ...['--fault', 'operation=instances.create,share=0.2,error=over-quota', '--fault', 'latency=200'],
    ...['--scenario', 'brown-out:realm=us,share=0.5', '--scenario', 'slow-boot', '--quota', 'instances=10', '--quota', 'keys=2'],
  ])
  const inherited = await asked([], {
    API_FAULT: 'operation=instances.create,share=0.2,error=over-quota;latency=200',
    API_SCENARIO: 'brown-out:realm=us,share=0.5;slow-boot',
    API_QUOTA: 'instances=10,keys=2',
  })
  t.same(typed, inherited)
  const there = await world(t)
  await bringTroubles(there, typed)
  t.match(about(there), [
    { id: 'fault-1', match: { operation: ['instances.create'], share: 0.2 }, effect: { error: { kind: 'over-quota' } } },
    { id: 'fault-2', effect: { latency: { fixed: 200 } } },
    { id: 'brown-out-1', match: { realm: ['us'] } },
    { id: 'brown-out-2', match: { share: 0.5 } },
    { id: 'slow-boot-1' },
    { id: 'slow-boot-2' },
  ])
  t.same(there.limits.setting, { quotas: { instances: 10, keys: 2 } })
})

t.test('a file has rules, scenarios and limits', async t => {
  const there = await world(t)
  const path = file(
    t,
    `rules:
  - match: { operation: instances.create, nth: 3 }
    effect: { error: { kind: conflict, message: No } }
  - id: slow
    effect: { latency: { least: 10, most: 20 } }
scenarios:
  - capacity-exhausted
  - { name: expired-credentials, account: alice }
limits:
  quotas: { instances: 3 }
  rate: { calls: 10, window: 1s }
`,
  )
  await bringTroubles(there, await asked(['--faults', path]))
  t.same(
    about(there).map(({ id }) => id),
    ['file-1', 'slow', 'capacity-exhausted-1', 'expired-credentials-1'],
  )
  t.same(there.limits.setting, { quotas: { instances: 3 }, rate: { calls: 10, window: 1000 } })
})

t.test('a file may be a list of rules', async t => {
  const there = await world(t)
  await bringTroubles(there, await asked(['--faults', file(t, '- effect: { reset: before }\n')]))
  t.same(about(there), [{ id: 'file-1', match: {}, effect: { reset: 'before' } }])
})

t.test('what was given at an earlier start goes when it is not given again; what was added otherwise stays', async t => {
  const there = await world(t)
  await there.rules.add({ id: 'mine', effect: { garbled: true } })
  await bringTroubles(there, await asked(['--fault', 'reset', '--fault', 'never', '--scenario', 'slow-boot']))
  t.same(
    about(there).map(({ id }) => id),
    ['mine', 'fault-1', 'fault-2', 'slow-boot-1', 'slow-boot-2'],
  )
  await bringTroubles(there, await asked(['--fault', 'reset']))
  t.same(
    about(there).map(({ id }) => id),
    ['mine', 'fault-1'],
  )
  await bringTroubles(there, await asked([]))
  t.same(
    about(there).map(({ id }) => id),
    ['mine'],
  )
})

t.test('what is wrong is said with its place', async t => {
  const there = await world(t)
  const wrong = async (args: readonly string[]) => problem(asked(args).then(troubles => bringTroubles(there, troubles)))
  t.match(await wrong(['--fault', 'breaks=yes']), /^--fault doesn't know 'breaks'; there are operation,/)
  t.match(await wrong(['--fault', 'share=2,reset']), '--fault fault[0].match.share must be a number from 0 to 1.')
  t.match(await wrong(['--quota', 'instances']), "--quota is 'instances'; it must be COLLECTION=NUMBER.")
  t.match(await wrong(['--quota', 'servers=3']), /^--quota limits.quotas may have images, instances,/)
  t.match(await wrong(['--scenario', 'earthquake']), /^--scenario There is no scenario 'earthquake'/)
  t.match(await wrong(['--scenario', 'brown-out']), /^--scenario brown-out needs the parameter 'realm'/)
  t.match(await wrong(['--faults', 'nowhere.yaml']), "The faults file nowhere.yaml can't be read: it does not exist.")
  t.match(await wrong(['--faults', file(t, 'rules: [')]), /line \d: not valid YAML/)
  t.match(await wrong(['--faults', file(t, 'faults: []')]), /has 'faults'; there are rules, scenarios, limits/)
  t.match(await wrong(['--faults', file(t, '- effect: { eror: conflict }')]), /rules\[0\].effect doesn't know 'eror'/)
  t.ok(there.rules.isEmpty)
})

t.test('a server has them before it says that it listens, and none starts with what can not be', async t => {
  const server = deltacloudd(['-i', 'mock', '-p', '0', '--fault', 'operation=instances.create,error=over-quota'])
  t.teardown(() => server.child.kill('SIGKILL'))
  const url = await server.listens()
  t.match(await ask(`${url}/api/instances?image_id=img1`, { method: 'POST' }), { status: 403 })
  t.match(await ask(`${url}/api/instances`), { status: 200 })
  server.child.kill('SIGTERM')
  await server.ended
  t.match(await deltacloudd(['-i', 'mock', '-p', '0', '--quota', 'servers=3']).ended, { code: 2, err: /^--quota limits\.quotas may have/ })
})
