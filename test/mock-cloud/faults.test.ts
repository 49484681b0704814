/** Fault rules: which calls they hit, what becomes of those, and that nothing else changes. */

import fc from 'fast-check'
import t from 'tap'
import { Draws } from '../../src/mock-cloud/draw.ts'
import { judge } from '../../src/mock-cloud/faults/judging.ts'
import { effectNames, noTallies } from '../../src/mock-cloud/faults/rules.ts'
import { startScenario, stopScenario } from '../../src/mock-cloud/faults/scenarios.ts'
import { fromShortForm } from '../../src/mock-cloud/faults/short-form.ts'
import { instantly } from '../../src/mock-cloud/latency.ts'
import { runToNext } from '../../src/mock-cloud/time.ts'
import type { ErrorKind } from '../../src/model/errors.ts'
import { complaint, connect, type FullCloud, failure, only, open, opened, there } from './support.ts'

const launch = (cloud: FullCloud, realmId = 'us') => cloud.instances.create({ imageId: 'img1', realmId })

/** How each of so many launches fared. */
const launches = async (cloud: FullCloud, count: number): Promise<(ErrorKind | 'none')[]> => {
  const fared: (ErrorKind | 'none')[] = []
  for (let i = 0; i < count; i++) fared.push(await failure(launch(cloud)))
  return fared
}

const kinds = [
  'bad-request',
  'unauthenticated',
  'forbidden',
  'over-quota',
  'throttled',
  'not-found',
  'conflict',
  'internal',
  'provider-unavailable',
] as const

t.test('a rule fails the calls that it names with the error that it names, and no others', async t => {
  const { cloud, as } = await opened(t)
  const { rules } = await cloud.world()
  const mine = await as()
  await rules.add({ match: { operation: 'instances.create', realm: 'eu' }, effect: { error: { kind: 'over-quota', message: 'No more' } } })
  t.equal(await complaint(launch(mine, 'eu')), 'No more')
  t.equal(await failure(launch(mine, 'us')), 'none')
  t.equal(await failure(mine.instances.list({})), 'none')
  t.equal(only(rules.list()).fired, 1)
  t.match(rules.fired(), [{ seq: 1, rule: 'rule-1', effect: 'error', account: 'mockuser', operation: 'instances.create' }])
})

t.test('operations can be named as the REST API does, by the verb alone, or all of a collection', async t => {
  const { cloud, as } = await opened(t)
  const { rules } = await cloud.world()
  const mine = await as()
  for (const [match, hits] of [
    [{ operation: 'index' }, [true, false]],
    [{ operation: 'instances.show' }, [false, true]],
    [{ operation: 'instances.*' }, [true, true]],
    [{ collection: 'instances' }, [true, true]],
    [{ operation: 'images.list' }, [false, false]],
    [{ resource: 'inst1' }, [false, true]],
    [{ account: ['alice', 'bob'] }, [false, false]],
    [{ provider: 'classic' }, [false, false]],
  ] as const) {
    await rules.remove(() => true)
    await rules.add({ match, effect: { error: 'forbidden' } })
    t.same(
      [await failure(mine.instances.list({})), await failure(mine.instances.get('inst1'))].map(kind => kind === 'forbidden'),
      hits,
    )
  }
})

t.test('a call that a rule fails before it runs leaves no trace', async t => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...kinds), fc.double({ min: 0, max: 1, noNaN: true }), async (kind, share) => {
      const [faulty, clear] = [await open(), await open()]
      try {
        const { rules } = await faulty.cloud.world()
        const [one, other] = [await faulty.as(), await clear.as()]
        await rules.add({ match: { operation: ['create', 'stop', 'destroy'], share }, effect: { error: kind } })
        for (const call of [
          (cloud: FullCloud) => launch(cloud),
          (cloud: FullCloud) => cloud.storage_volumes.create({ capacity: 3 }),
          (cloud: FullCloud) => cloud.instances.stop('inst1'),
          (cloud: FullCloud) => cloud.keys.create({ name: 'mine' }),
          (cloud: FullCloud) => cloud.instances.destroy('inst2'),
        ]) {
          // What is failed in the one cloud is never asked of the other.
          if ((await failure(call(one))) === 'none') await call(other)
        }
        const all = async (cloud: FullCloud) => [
          await cloud.instances.list({}),
          await cloud.storage_volumes.list({}),
          (await cloud.keys.list({})).map(({ id }) => id),
        ]
        t.same(await all(one), await all(other))
      } finally {
        await faulty.cloud.close()
        await clear.cloud.close()
      }
    }),
    { numRuns: 20 },
  )
})

t.test('the same seed fails the same calls, whatever is looked at in between; another account fares otherwise', async t => {
  const fared = async (seed: string, user: string, looks: boolean) => {
    const { cloud, as } = await open({ seed })
    const mine = await as(user)
    const { rules } = await cloud.world()
    await rules.add({ id: 'some', match: { operation: 'instances.create', share: 0.5 }, effect: { error: 'over-quota' } })
    const result: (ErrorKind | 'none')[] = []
    for (let i = 0; i < 40; i++) {
      if (looks) await (await as('bob')).instances.list({})
      if (looks) await mine.instances.list({})
      if (looks) await failure(launch(await as('bob')))
      result.push(await failure(launch(mine)))
    }
    await cloud.close()
    return result
  }
  const first = await fared('one', 'alice', false)
  t.same(new Set(first), new Set(['none', 'over-quota']))
  t.same(await fared('one', 'alice', true), first)
  t.notSame(await fared('two', 'alice', false), first)
  t.notSame(await fared('one', 'mockuser', false), first)
})

t.test('a share of calls is about that share of them', async t => {
  const { cloud, as } = await opened(t)
  const { rules } = await cloud.world()
  const mine = await as()
  await rules.add({ match: { share: 0.25, operation: 'realms.list' }, effect: { error: 'internal' } })
  for (let i = 0; i < 400; i++) await failure(mine.realms.list({}))
  const { calls, fired } = only(rules.list())
  t.equal(calls, 400)
  t.ok(fired > 60 && fired < 140, `${fired} of 400`)
})

t.test('the n-th call, every n-th call, and at most so many are counted for each account by itself', async t => {
  const { cloud, as } = await opened(t)
  const { rules } = await cloud.world()
  const operation = 'instances.create'
  for (const [match, limit, expected] of [
    [{ nth: 2 }, undefined, ['none', 'conflict', 'none', 'none', 'none', 'none']],
    [{ every: 2 }, undefined, ['none', 'conflict', 'none', 'conflict', 'none', 'conflict']],
    [{}, 2, ['conflict', 'conflict', 'none', 'none', 'none', 'none']],
  ] as const) {
    await rules.remove(() => true)
    await rules.add({ match: { ...match, operation }, effect: { error: 'conflict' }, ...(limit === undefined ? {} : { limit }) })
    for (const user of ['alice', 'bob']) t.same(await launches(await as(user), 6), expected)
  }
})

t.test('what was counted outlives the process', async t => {
  const state = `${t.testdir()}/state`
  const rule = { id: 'third', match: { nth: 3, operation: 'instances.create' }, effect: { error: 'conflict' } }
  const first = await open({ state })
  await (await first.cloud.world()).rules.add(rule)
  t.same(await launches(await first.as(), 2), ['none', 'none'])
  await first.cloud.close()
  const second = await opened(t, { state })
  const { rules } = await second.cloud.world()
  await rules.add(rule)
  t.same(await launches(await second.as(), 2), ['conflict', 'none'])
  t.equal(only(rules.list()).fired, 1)
})

t.test('a world that is emptied counts from the beginning, by the rules that it had', async t => {
  const { cloud, as } = await opened(t)
  await (await cloud.world()).rules.add({ match: { nth: 2, operation: 'instances.create' }, effect: { error: 'conflict' } })
  const fared = await launches(await as(), 3)
  t.same(fared, ['none', 'conflict', 'none'])
  const { rules } = await cloud.resetWorld('default')
  t.match(rules.list(), [{ calls: 0, fired: 0 }])
  t.same(rules.fired(), [])
  t.same(await launches(await as(), 3), fared)
})

t.test('however many accounts there are, what is counted of a rule stays small, and its sums right', async t => {
  const rule = { id: 'all', match: {}, effect: { error: { kind: 'conflict' as const } } }
  let tallies = noTallies
  for (let i = 0; i < 400; i++) {
    const facts = {
      provider: 'default',
      account: `a${i}`,
      operation: 'keys.list',
      id: undefined,
      now: 0,
      draws: new Draws('seed'),
      boot: instantly,
    }
    tallies = judge([rule], tallies, facts).tallies
  }
  const counts = Object.values(there(tallies.counts.all))
  t.ok(counts.length <= 251)
  t.equal(
    counts.reduce((sum, { fired }) => sum + fired, 0),
    400,
  )
  t.equal(tallies.log.length, 200)
})

t.test('a rule holds for its time, by the clock of its cloud', async t => {
  const { cloud, clock, as } = await opened(t)
  const { rules } = await cloud.world()
  const mine = await as()
  await rules.add({ match: { after: '10s', until: '1m' }, effect: { error: 'internal' } })
  const fares: string[] = []
  for (const passed of [0, 9_999, 1, 49_999, 1]) {
    clock.advance(passed)
    fares.push(await failure(mine.realms.list({})))
  }
  t.same(fares, ['none', 'none', 'internal', 'internal', 'none'])
})

t.test('a rule that was removed hits nothing more; the others stay', async t => {
  const { cloud, as } = await opened(t)
  const { rules } = await cloud.world()
  const mine = await as()
  await rules.add([
    { id: 'a', match: { operation: 'images.list' }, effect: { error: 'internal' } },
    { id: 'b', match: { operation: 'keys.list' }, effect: { error: 'internal' } },
  ])
  t.equal(await rules.remove(({ id }) => id === 'a'), 1)
  t.equal(await rules.remove(({ id }) => id === 'a'), 0)
  t.equal(await failure(mine.images.list({})), 'none')
  t.equal(await failure(mine.keys.list({})), 'internal')
  await rules.remove(() => true)
  t.ok(rules.isEmpty)
  t.equal(await failure(mine.keys.list({})), 'none')
})

t.test('rules of one world are no other world’s', async t => {
  const { cloud, as } = await opened(t)
  await (await cloud.world('broken')).rules.add({ effect: { error: 'internal' } })
  t.equal(await failure((await as()).keys.list({})), 'none')
  t.equal(await failure((await connect(cloud, 'alice', undefined, 'broken')).keys.list({})), 'internal')
})

t.test('too many calls in a window are throttled until it is over', async t => {
  const { cloud, clock, as } = await opened(t)
  const { rules } = await cloud.world()
  const mine = await as()
  await rules.add({ effect: { throttle: { calls: 2, window: '10s' } } })
  clock.advance(4_000)
  const look = () => mine.keys.list({})
  t.same([await failure(look()), await failure(look()), await failure(look())], ['none', 'none', 'throttled'])
  t.equal(await look().catch(({ retryAfter }) => retryAfter), 6)
  t.equal(await failure((await as('bob')).keys.list({})), 'none', 'another account has its own window')
  clock.advance(6_000)
  t.equal(await failure(look()), 'none')
})

t.test('a slow call waits for the time of the cloud, and is carried out then', async t => {
  const { cloud, clock, as } = await opened(t)
  const world = await cloud.world()
  const mine = await as()
  await mine.keys.list({})
  await world.rules.add([
    { match: { operation: 'instances.create' }, effect: { latency: '3s' } },
    { match: { operation: 'instances.create' }, effect: { latency: { least: 1000, most: 2000 } } },
  ])
  const begun = clock.now()
  const launched = launch(mine)
  while (world.agenda.next() === undefined) await new Promise(resolve => setImmediate(resolve))
  t.equal((await mine.instances.list({})).length, 4)
  await runToNext(world)
  const made = only(await launched)
  t.ok(clock.now() - begun >= 4000 && clock.now() - begun <= 5000)
  t.equal(Date.parse(there(made.launchTime)), Math.floor(clock.now() / 1000) * 1000)
})

t.test('slow calls are over by themselves on a clock that runs', async t => {
  const { cloud } = await opened(t, { clock: { mode: 'scaled', scale: 1_000_000 } })
  const world = await cloud.world()
  const mine = await connect(cloud, 'alice')
  await world.rules.add({ match: { operation: 'keys.list' }, effect: { latency: { p50: 100, p99: 5000 } } })
  for (let i = 0; i < 20; i++) t.equal(await failure(mine.keys.list({})), 'none')
  t.equal(only(world.rules.list()).fired, 20)
})

t.test('launches can fail, stick, or take many times as long, and others are as usual', async t => {
  const { cloud, clock, as } = await opened(t)
  const { rules } = await cloud.world()
  const mine = await as()
  const state = async (id: string) => (await mine.instances.get(id))?.state
  const fate = async (boot: unknown): Promise<string> => {
    await rules.remove(() => true)
    await rules.add({ match: { operation: ['instances.create', 'instances.start'] }, effect: { boot } })
    return only(await launch(mine)).id
  }
  const [failed, stuck, slow] = [await fate('fails'), await fate('sticks'), await fate({ slow: 100 })]
  await rules.remove(() => true)
  const { id: usual } = only(await launch(mine))
  clock.advance(10_000)
  t.same([await state(failed), await state(stuck), await state(slow), await state(usual)], ['error', 'pending', 'pending', 'running'])
  clock.advance(1_000_000)
  t.same([await state(failed), await state(stuck), await state(slow)], ['error', 'pending', 'running'])
  await mine.instances.destroy(stuck)
  clock.advance(10_000)
  t.equal(await state(stuck), undefined)
})

t.test('what is wrong with rules is said with its place, and none of them is taken', async t => {
  const { cloud } = await opened(t)
  const { rules } = await cloud.world()
  const good = { effect: { error: 'conflict' } }
  for (const [bad, says] of [
    [{ match: { share: 2 }, effect: { error: 'conflict' } }, 'rules[1].match.share must be a number from 0 to 1'],
    [{ effect: {} }, 'rules[1].effect must have just one of'],
    [{ effect: { error: 'conflict', status: 500 } }, 'rules[1].effect must have just one of'],
    [{ effect: { error: 'broken' } }, 'rules[1].effect.error must be one of bad-request,'],
    [{ match: { operations: 'create' }, effect: { error: 'conflict' } }, "rules[1].match doesn't know 'operations'"],
    [{ match: { until: 'soon' }, effect: { error: 'conflict' } }, 'rules[1].match.until must be a time'],
    [{ match: { nth: 1, every: 2 }, effect: { error: 'conflict' } }, "rules[1].match can't have both"],
    [{ effect: { status: 200 } }, 'rules[1].effect.status must be a status from 400 to 599'],
    [{ effect: { latency: { p50: 10, p99: 1 } } }, 'rules[1].effect.latency must be a duration'],
    [{ match: { operation: 'create instances' }, effect: { error: 'conflict' } }, 'rules[1].match.operation must be an operation'],
    ['conflict', "rules[1] must be an object with 'match' and 'effect'"],
  ] as const) {
    const said = await complaint(rules.add([good, bad]))
    t.ok(said.startsWith(says), `${said} begins with ${says}`)
    t.equal(await failure(rules.add([good, bad])), 'bad-request')
  }
  t.ok(rules.isEmpty)
})

t.test('whatever is given as rules or limits is taken as it is, or refused in words', async t => {
  const { cloud } = await opened(t)
  const { rules, limits } = await cloud.world()
  const value = fc.oneof(fc.constantFrom(true, 'before', '5s', 0.5, 3, null, 'create', 'conflict'), fc.jsonValue({ maxDepth: 2 }))
  const effect = fc.dictionary(fc.constantFrom(...effectNames), value, { maxKeys: 2 })
  const match = fc.dictionary(fc.constantFrom('operation', 'share', 'nth', 'after', 'until', 'realm'), value, { maxKeys: 3 })
  const rule = fc.oneof(fc.record({ match, effect }), fc.jsonValue())
  const setting = fc.dictionary(
    fc.constantFrom('quotas', 'capacity', 'rate', 'sizes'),
    fc.oneof(fc.dictionary(fc.constantFrom('keys', 'us', 'calls', 'blob'), value), value),
  )
  await fc.assert(
    fc.asyncProperty(rule, fc.oneof(setting, fc.jsonValue()), async (one, limit) => {
      const fares = [await failure(rules.add(one)), await failure(limits.set(limit))]
      t.ok(fares.every(kind => kind === 'none' || kind === 'bad-request'))
      const listed = rules.list().map(({ calls: _, fired: __, ...kept }) => kept)
      await rules.remove(() => true)
      t.same(await rules.add(listed), listed)
      await rules.remove(() => true)
      await limits.set(limits.setting)
    }),
    { numRuns: 300 },
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), text => {
      try {
        return typeof fromShortForm(text) === 'object'
      } catch (error) {
        return error instanceof Error && error.constructor === Error
      }
    }),
  )
})

t.test('rules are listed in the form in which they are added', async t => {
  const { cloud } = await opened(t)
  const { rules } = await cloud.world()
  await rules.add(
    [
      'operation=instances.create,share=0.2,error=over-quota:Nothing left,limit=3',
      'operation=create|stop,status=503,retry-after=5,until=1h',
      'throttle=2/10s,account=alice',
      'latency=100..200,realm=us',
      'latency=p50:1s..p99:10s,nth=2',
      'boot=slow:3,operation=instances.create',
      'reset',
      'never=before',
      'truncated=0.3,every=2',
      'garbled,note=spoilt',
    ].map(fromShortForm),
  )
  const listed = rules.list().map(({ calls: _, fired: __, ...rule }) => rule)
  t.equal(listed.length, 10)
  await rules.remove(() => true)
  t.same(await rules.add(listed), listed)
})

t.test('a line that is no rule says which word is wrong', async t => {
  t.throws(() => fromShortForm('operation=create,fails=yes'), /doesn't know 'fails'/)
  t.throws(() => fromShortForm('reset,retry-after=3'), /retry-after/)
})

t.test('scenarios bring about what they are called, and end when they are stopped', async t => {
  const { cloud, clock, as } = await opened(t)
  const world = await cloud.world()
  const mine = await as()
  await startScenario(world, 'region-outage', { for: '1m' })
  t.equal(await failure(mine.keys.list({})), 'provider-unavailable')
  clock.advance(60_000)
  t.equal(await failure(mine.keys.list({})), 'none')

  await startScenario(world, 'expired-credentials', { account: 'mockuser' })
  t.equal(await failure(mine.keys.list({})), 'unauthenticated')
  t.equal(await failure((await as('bob')).keys.list({})), 'none')
  t.equal(await stopScenario(world, 'expired-credentials'), true)
  t.equal(await stopScenario(world, 'expired-credentials'), false)
  t.equal(await failure(mine.keys.list({})), 'none')

  await startScenario(world, 'capacity-exhausted', { realm: 'us' })
  t.equal(await failure(launch(mine, 'us')), 'provider-unavailable')
  t.equal(await failure(launch(mine, 'eu')), 'none')
  await stopScenario(world, 'capacity-exhausted')

  await startScenario(world, 'throttling-storm', { calls: '1', window: '5s' })
  t.same([await failure(mine.keys.list({})), await failure(mine.keys.list({}))], ['none', 'throttled'])
  await stopScenario(world, 'throttling-storm')

  await startScenario(world, 'slow-boot', { factor: 100 })
  const { id } = only(await launch(mine))
  clock.advance(20_000)
  t.equal((await mine.instances.get(id))?.state, 'pending')
})

t.test('a scenario says which parameter is missing or wrong', async t => {
  const { cloud } = await opened(t)
  const world = await cloud.world()
  t.equal(await failure(startScenario(world, 'earthquake')), 'not-found')
  t.match(await complaint(startScenario(world, 'brown-out')), /needs the parameter 'realm'/)
  t.match(await complaint(startScenario(world, 'brown-out', { realm: 'us', share: 3 })), /share must be a number from 0 to 1/)
  t.match(await complaint(startScenario(world, 'slow-boot', { speed: 3 })), /no parameter 'speed'/)
  t.ok(world.rules.isEmpty)
})
