/** What goes wrong by itself, and what is seen late: declared, repeatable, and over at some time. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Event, events } from '../../src/mock-cloud/events.ts'
import { classic } from '../../src/mock-cloud/personalities/classic.ts'
import { usual } from '../../src/mock-cloud/personalities/default.ts'
import { ec2 } from '../../src/mock-cloud/personalities/ec2.ts'
import { openstack } from '../../src/mock-cloud/personalities/openstack.ts'
import type { Personality } from '../../src/mock-cloud/personality.ts'
import { setTexture, type TextureSetting } from '../../src/mock-cloud/texture.ts'
import { runUntilSettled } from '../../src/mock-cloud/time.ts'
import type { World } from '../../src/mock-cloud/world.ts'
import { type State, StateMachine, type Transition } from '../../src/model/state-machine.ts'
import { type Fixture, type FullCloud, only, open, there } from './support.ts'

/** As vSphere has it: what is created waits to be started, and only what is stopped can be destroyed. */
const waiting: Personality = {
  ...usual,
  machine: new StateMachine([
    { from: 'start', to: 'pending', on: 'create' },
    { from: 'pending', to: 'stopped', on: 'automatically' },
    { from: 'pending', to: 'error', on: 'possibly' },
    { from: 'stopped', to: 'running', on: 'start' },
    { from: 'stopped', to: 'finish', on: 'destroy' },
    { from: 'running', to: 'running', on: 'reboot' },
    { from: 'running', to: 'stopping', on: 'stop' },
    { from: 'running', to: 'stopped', on: 'possibly' },
    { from: 'stopping', to: 'stopped', on: 'automatically' },
    { from: 'error', to: 'finish', on: 'destroy' },
  ]),
}

const personalities: Readonly<Record<string, Personality>> = { default: usual, classic, ec2, openstack, waiting }
const providers = Object.keys(personalities)

const share = fc.constantFrom(0, 0.3, 1)
const latency = fc.constantFrom({ fixed: 0 }, { fixed: 700 }, { least: 0, most: 2000 }, { p50: 500, p99: 4000 })

const textures: fc.Arbitrary<TextureSetting> = fc.record(
  {
    latencies: fc.record(
      { boot: latency, stop: latency, reboot: latency, removal: latency, attachment: latency, detachment: latency, volume: latency },
      { requiredKeys: [] },
    ),
    troubles: fc.record({ failing: share, sticking: share, lifetime: fc.constantFrom(0, 3, 60) }),
    staleness: fc.record({ share, delay: latency, everywhere: fc.boolean() }),
  },
  { requiredKeys: [] },
)

type Step =
  | { readonly do: 'create' }
  | { readonly do: 'volume' }
  | { readonly do: 'stop' | 'start' | 'reboot' | 'destroy' | 'attach' | 'detach'; readonly which: number }
  | { readonly wait: number }

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.constant({ do: 'create' as const }),
    fc.constant({ do: 'volume' as const }),
    fc.record({ do: fc.constantFrom('stop', 'start', 'reboot', 'destroy', 'attach', 'detach'), which: fc.nat(5) }),
    fc.record({ wait: fc.integer({ min: 0, max: 5000 }) }),
  ),
  { maxLength: 30 },
)

interface Life extends Fixture {
  readonly world: World
  readonly provider: string
  readonly seen: FullCloud
  /** What was answered. */
  readonly answers: unknown[]
}

/** A world with a texture, once the steps were taken in it. */
const live = async (
  provider: string,
  texture: TextureSetting,
  list: readonly Step[],
  options: { readonly looks?: readonly boolean[]; readonly personalities?: Readonly<Record<string, Personality>> } = {},
): Promise<Life> => {
  const fixture = await open({ personalities, ...options })
  const { looks = [false] } = options
  const world = await fixture.cloud.world()
  await setTexture(world, texture)
  const seen = await fixture.as('mockuser', provider)
  const image = there((await seen.images.list({}))[0]).id
  const made: string[] = (await seen.instances.list({})).map(({ id }) => id)
  const volumes: string[] = []
  const answers: unknown[] = []
  const take = async (step: Exclude<Step, { wait: number }>): Promise<unknown> => {
    if (step.do === 'create') {
      const created = await seen.instances.create({ imageId: image, overrides: {} })
      made.push(...created.map(({ id }) => id))
      return created
    }
    if (step.do === 'volume') {
      const volume = await seen.storage_volumes.create({ capacity: 1 })
      volumes.push(volume.id)
      return volume
    }
    const [instance = 'none', volume = 'none'] = [made[step.which % made.length], volumes[step.which % volumes.length]]
    if (step.do === 'attach') return seen.storage_volumes.attach(volume, { instanceId: instance, device: '' })
    if (step.do === 'detach') return seen.storage_volumes.detach(volume)
    return seen.instances[step.do](instance)
  }
  for (const [i, step] of list.entries()) {
    if (looks[i % looks.length]) {
      await seen.instances.list({})
      await seen.storage_volumes.page({}, { limit: 2 })
      await seen.instances.get(there(made[0] ?? 'none'))
    }
    if ('wait' in step) fixture.clock.advance(step.wait)
    else answers.push(await take(step).catch((error: Error) => error.message))
  }
  return { ...fixture, world, provider, seen, answers }
}

const log = (world: World): Promise<readonly Event[]> => events(world, { limit: 10_000 })

const byItself = ({ on }: Transition): boolean => on === 'automatically' || on === 'possibly'

/** Whether a change that was observed is one that the machine declares: an action, and what follows of it by itself. */
const isDeclared = (machine: StateMachine, { from = 'start', to = 'finish', action }: Event): boolean => {
  const begin = machine
    .from(from)
    .filter(({ on }) => (action === 'automatically' ? byItself({ from: 'start', to: 'start', on }) : on === action))
  return begin.some(first => machine.reachable(first.to, byItself).has(to as State))
}

t.test('every change of an instance is one that its machine declares', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...providers), textures, steps, async (provider, texture, list) => {
      const { cloud, world } = await live(provider, texture, list)
      await runUntilSettled(world, { limit: 1e7 })
      const changes = (await log(world)).filter(
        ({ kind, type, from, to }) => kind === 'instances' && (to !== undefined || (type === 'destroyed' && from !== 'finish')),
      )
      const { machine } = there(personalities[provider])
      for (const change of changes) assert.ok(isDeclared(machine, change), JSON.stringify(change))
      await cloud.close()
    }),
    { numRuns: 80 },
  )
})

t.test('left alone, all comes to rest, but for what is stuck and can be destroyed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...providers), textures, steps, async (provider, texture, list) => {
      const { cloud, world, seen } = await live(provider, texture, list)
      assert.equal((await runUntilSettled(world)).settled, true)
      const { machine } = there(personalities[provider])
      const sticky = (texture.troubles?.sticking ?? 0) > 0
      for (const { state, doing } of await seen.instances.list({})) {
        const isResting = machine.isStable(state) && doing === undefined
        assert.ok(isResting || (sticky && machine.actions(state).includes('destroy')), `${state} ${doing}`)
        assert.notEqual(state, 'finish')
      }
      for (const { state } of await seen.storage_volumes.list({})) assert.ok(['AVAILABLE', 'IN-USE'].includes(state ?? ''))
      await setTexture(world, undefined)
      for (const { id, state } of await seen.instances.list({}))
        if (machine.actions(state).includes('destroy')) await seen.instances.destroy(id)
      await runUntilSettled(world)
      for (const { state } of await seen.instances.list({}))
        assert.ok(!machine.actions(state).includes('destroy'), 'what could be destroyed is gone')
      await cloud.close()
    }),
    { numRuns: 40 },
  )
})

t.test('the two sides of an attachment agree whenever nothing is under way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('default', 'ec2', 'openstack'), textures, steps, async (provider, texture, list) => {
      const { cloud, world, seen } = await live(provider, texture, list)
      await runUntilSettled(world)
      const mounts = (await seen.instances.list({})).flatMap(({ id, storageVolumes }) => storageVolumes.map(mount => `${mount.id} ${id}`))
      const owners = (await seen.storage_volumes.list({})).filter(v => v.instanceId !== undefined).map(v => `${v.id} ${v.instanceId}`)
      assert.deepEqual(mounts.sort(), owners.sort())
      await cloud.close()
    }),
    { numRuns: 40 },
  )
})

t.test('the same seed gives the same life, and looking changes nothing of it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...providers),
      textures,
      steps,
      fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
      async (provider, texture, list, looks) => {
        const outcome = async (how: readonly boolean[]): Promise<unknown> => {
          const { cloud, world, seen, answers } = await live(provider, texture, list, { looks: how })
          const before = await seen.instances.list({})
          await runUntilSettled(world, { limit: 1e7 })
          const result = { answers, before, after: await seen.instances.list({}), log: await log(world) }
          await cloud.close()
          return result
        }
        assert.deepEqual(await outcome(looks), await outcome([false]))
      },
    ),
    { numRuns: 40 },
  )
})

const stale = { staleness: { share: 1, delay: { fixed: 1000 } } }

t.test('what was created is missing from lists for a while, and there by its id', async t => {
  const { cloud, clock, seen, world } = await live('default', stale, [])
  const before = await seen.instances.list({})
  const { id } = only(await seen.instances.create({ imageId: 'img1', overrides: {} }))
  t.strictSame(await seen.instances.list({}), before)
  t.equal(there(await seen.instances.get(id)).state, 'pending')
  clock.advance(999)
  t.strictSame(await seen.instances.list({}), before)
  await runUntilSettled(world)
  t.equal((await seen.instances.list({})).at(-1)?.state, 'running')
  await cloud.close()
})

t.test('what was changed is listed as it was, and what was destroyed is still listed', async t => {
  const { cloud, clock, seen } = await live('classic', stale, [])
  const before = await seen.instances.list({})
  await seen.instances.stop('inst0')
  await seen.instances.destroy('inst0')
  t.strictSame(
    [...(await seen.instances.list({}))].sort((a, b) => a.id.localeCompare(b.id)),
    before,
  )
  t.equal(await seen.instances.get('inst0'), undefined)
  clock.advance(1000)
  t.strictSame(await seen.instances.list({}), before.slice(1))
  await cloud.close()
})

t.test('where reads are late everywhere, so is a resource by its own id', async t => {
  const { cloud, clock, seen } = await live('classic', { staleness: { ...stale.staleness, everywhere: true } }, [])
  await seen.instances.stop('inst0')
  t.equal(there(await seen.instances.get('inst0')).state, 'running')
  const key = await seen.keys.create({ name: 'k' })
  t.equal(await seen.keys.get(key.id), undefined)
  await seen.keys.destroy('k')
  t.equal(await seen.keys.get('k'), undefined, 'what nobody saw yet is never seen')
  clock.advance(1000)
  t.equal(there(await seen.instances.get('inst0')).state, 'stopped')
  t.equal(await seen.keys.get('k'), undefined)
  await cloud.close()
})

t.test('a world that stops being late is so at once', async t => {
  const { cloud, seen, world } = await live('classic', stale, [])
  await seen.instances.stop('inst0')
  t.equal((await seen.instances.list({}))[0]?.state, 'running')
  await setTexture(world, undefined)
  t.equal((await seen.instances.list({}))[0]?.state, 'stopped')
  await cloud.close()
})

t.test('late or not, parts of a list are the list, and it ends up as things are', async () => {
  await fc.assert(
    fc.asyncProperty(textures, steps, fc.integer({ min: 1, max: 4 }), async (texture, list, limit) => {
      const { cloud, world, seen, provider } = await live('default', { ...texture, ...stale }, list)
      for (const collection of ['instances', 'storage_volumes'] as const) {
        const parts: unknown[] = []
        for (let after: string | undefined; ; ) {
          const { items, next } = await seen[collection].page({}, { limit, ...(after === undefined ? {} : { after }) })
          assert.ok(items.length <= limit)
          parts.push(...items)
          if (next === undefined) break
          after = next
        }
        assert.deepEqual(parts, await seen[collection].list({}))
      }
      await runUntilSettled(world)
      const actual = await world.tenant(provider, 'mockuser').write(({ tx }) => tx.list('instances'))
      assert.deepEqual(await seen.instances.list({}), actual)
      await cloud.close()
    }),
    { numRuns: 40 },
  )
})

t.test('a boot may fail as the machine says: in an error, or at its end', async t => {
  const troubles = { failing: 1 }
  for (const [provider, end] of [
    ['default', 'error'],
    ['openstack', 'error'],
    ['ec2', 'finish'],
    ['classic', 'running'],
  ] as const) {
    const { cloud, clock, seen } = await live(provider, { troubles, latencies: { boot: { fixed: 10 } } }, [{ do: 'create' }])
    clock.advance(10)
    t.equal((await seen.instances.list({})).at(-1)?.state, end, provider)
    await cloud.close()
  }
})

t.test('what is stuck stays as it is until it is destroyed', async t => {
  const { cloud, clock, seen, world } = await live('default', { troubles: { sticking: 1 } }, [{ do: 'create' }])
  clock.advance(1e9)
  const { id } = there((await seen.instances.list({})).at(-1))
  t.match(await seen.instances.get(id), { state: 'pending', doing: 'create' })
  await seen.instances.destroy(id)
  await runUntilSettled(world)
  t.equal(await seen.instances.get(id), undefined)
  await seen.instances.reboot('inst0')
  clock.advance(1e9)
  t.match(await seen.instances.get('inst0'), { state: 'running', doing: 'reboot' })
  t.equal((await seen.instances.stop('inst0')).state, 'stopping', 'a stuck reboot gives way to a stop')
  await cloud.close()
})

t.test('instances that may die do so, each in its own time, and a reboot puts off nothing', async t => {
  const { cloud, clock, seen, world } = await live('default', { troubles: { lifetime: 100 } }, [
    { do: 'create' },
    { do: 'create' },
    { wait: 2000 },
  ])
  const ids = (await seen.instances.list({})).slice(-2).map(({ id }) => id)
  await seen.instances.reboot(there(ids[0]))
  clock.advance(1e7)
  for (const id of ids) t.equal(there(await seen.instances.get(id)).state, 'error')
  const deaths = (await log(world)).filter(({ to }) => to === 'error').map(({ time }) => time)
  t.equal(new Set(deaths).size, 2)
  t.equal(there(await seen.instances.get('inst0')).state, 'running', 'those that ran before live on')
  await cloud.close()
})

/** Moves that one driver or another declares. */
const moves: readonly Transition[] = [
  { from: 'pending', to: 'running', on: 'automatically' },
  { from: 'pending', to: 'stopped', on: 'automatically' },
  { from: 'pending', to: 'stopping', on: 'destroy' },
  { from: 'pending', to: 'finish', on: 'destroy' },
  { from: 'pending', to: 'error', on: 'possibly' },
  { from: 'running', to: 'running', on: 'reboot' },
  { from: 'running', to: 'pending', on: 'reboot' },
  { from: 'running', to: 'stopping', on: 'stop' },
  { from: 'running', to: 'stopped', on: 'stop' },
  { from: 'running', to: 'stopping', on: 'destroy' },
  { from: 'running', to: 'finish', on: 'destroy' },
  { from: 'running', to: 'error', on: 'possibly' },
  { from: 'running', to: 'stopping', on: 'possibly' },
  { from: 'stopping', to: 'stopped', on: 'automatically' },
  { from: 'stopping', to: 'finish', on: 'automatically' },
  { from: 'stopped', to: 'pending', on: 'start' },
  { from: 'stopped', to: 'running', on: 'start' },
  { from: 'stopped', to: 'finish', on: 'destroy' },
  { from: 'stopped', to: 'finish', on: 'automatically' },
  { from: 'error', to: 'finish', on: 'destroy' },
  { from: 'error', to: 'pending', on: 'reboot' },
]

const machines = fc
  .tuple(fc.constantFrom<State>('pending', 'running'), fc.subarray([...moves], { minLength: 4 }))
  .map(([to, some]) => new StateMachine([{ from: 'start', to, on: 'create' }, ...some]))
  .filter(machine => machine.flaws().length === 0)

t.test('whatever sound machine a kind of cloud declares, its instances keep to it and come to rest', async () => {
  await fc.assert(
    fc.asyncProperty(machines, textures, steps, async (machine, texture, list) => {
      const personality = { ...usual, machine }
      const { cloud, world, seen } = await live('default', { ...texture, staleness: {} }, list, { personalities: { default: personality } })
      await runUntilSettled(world)
      const changes = (await log(world)).filter(({ kind, type, to }) => kind === 'instances' && (to !== undefined || type === 'destroyed'))
      for (const change of changes) assert.ok(change.from === 'finish' || isDeclared(machine, change), JSON.stringify(change))
      for (const { state, doing } of await seen.instances.list({}))
        assert.ok((machine.isStable(state) && doing === undefined) || (texture.troubles?.sticking ?? 0) > 0, `${state} ${doing}`)
      await cloud.close()
    }),
    { numRuns: 40 },
  )
})

t.test('a machine may create what is stopped, and destroy only that', async t => {
  const { cloud, clock, seen } = await live('waiting', {}, [{ do: 'create' }, { wait: 5000 }])
  const { id, state } = there((await seen.instances.list({})).at(-1))
  t.equal(state, 'stopped')
  t.equal((await seen.instances.start(id)).state, 'running')
  await t.rejects(seen.instances.destroy(id))
  await seen.instances.stop(id)
  clock.advance(5000)
  await seen.instances.destroy(id)
  t.equal(await seen.instances.get(id), undefined)
  await cloud.close()
})

t.test('where a machine leads several ways by itself, what is being done says which', async t => {
  const machine = new StateMachine([
    { from: 'start', to: 'pending', on: 'create' },
    { from: 'pending', to: 'stopped', on: 'automatically' },
    { from: 'pending', to: 'running', on: 'automatically' },
    { from: 'stopped', to: 'pending', on: 'start' },
    { from: 'running', to: 'stopping', on: 'stop' },
    { from: 'running', to: 'stopping', on: 'destroy' },
    { from: 'stopping', to: 'finish', on: 'automatically' },
    { from: 'stopping', to: 'stopped', on: 'automatically' },
  ])
  const { cloud, clock, seen } = await live('default', {}, [{ do: 'create' }], { personalities: { default: { ...usual, machine } } })
  const { id } = there((await seen.instances.list({})).at(-1))
  const later = async (): Promise<string | undefined> => {
    clock.advance(5000)
    return (await seen.instances.get(id))?.state
  }
  t.equal(await later(), 'stopped', 'created')
  await seen.instances.start(id)
  t.equal(await later(), 'running', 'started')
  await seen.instances.stop(id)
  t.equal(await later(), 'stopped', 'stopped')
  await seen.instances.start(id)
  await later()
  await seen.instances.destroy(id)
  t.equal(await later(), undefined, 'destroyed')
  await cloud.close()
})

t.test('a texture is taken whole or refused with the place that is wrong', async t => {
  const { cloud, world } = await live('default', {}, [])
  for (const [wrong, place] of [
    [{ troubles: { failing: 2 } }, /^texture\.troubles\.failing: /],
    [{ staleness: { share: 1, delay: { least: 2, most: 1 } } }, /^texture\.staleness\.delay/],
    [{ latencies: { lunch: { fixed: 1 } } }, /^texture\.latencies/],
    [{ trouble: {} }, /^texture: /],
    ['slow', /^texture: /],
  ] as const) {
    await t.rejects(setTexture(world, wrong), { message: place })
  }
  t.strictSame(world.settings, { texture: {} }, 'and nothing is changed')
  await cloud.close()
})
