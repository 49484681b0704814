/** The log: every change once, in order, and nothing else. */

import fc from 'fast-check'
import t, { type Test } from 'tap'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { type Event, events, watch } from '../../src/mock-cloud/events.ts'
import { type Act, act, perform } from './acts.ts'
import { isShared } from './place.ts'
import { aWhile, connect, type FullCloud, failure, only, open, opened } from './support.ts'

const kinds = ['images', 'instances', 'keys', 'storage_volumes', 'storage_snapshots', 'addresses', 'firewalls'] as const

interface Resource {
  readonly id: string
  readonly state?: string
}

/** State by resource, of all that an account has. */
const listed = async (cloud: FullCloud, account: string): Promise<Map<string, string | undefined>> => {
  const found = new Map<string, string | undefined>()
  for (const kind of kinds) {
    const resources: readonly Resource[] = await cloud[kind].list({})
    for (const { id, state } of resources) found.set(`${account} ${kind} ${id}`, state)
  }
  for (const blob of await blobIds(cloud)) found.set(`${account} blobs ${blob}`, undefined)
  return found
}

const blobIds = async ({ buckets }: FullCloud): Promise<string[]> =>
  (await buckets.list({})).flatMap(bucket => (bucket.blobs ?? []).map(id => `${bucket.id}/${id}`))

/** What becomes of the resources when all that the events tell happens to them. */
const replay = (from: ReadonlyMap<string, string | undefined>, log: readonly Event[]): Map<string, string | undefined> => {
  const now = new Map(from)
  for (const { type, account, kind, id, bucket, from: was, to } of log) {
    if (kind === undefined || (kind !== 'blobs' && !kinds.some(known => known === kind))) continue
    const key = `${account} ${kind} ${bucket === undefined ? '' : `${bucket}/`}${id}`
    if (type === 'created') {
      if (now.has(key)) throw new Error(`${key} is created twice`)
      now.set(key, to)
    } else {
      if (!now.has(key)) throw new Error(`${key} is ${type}, but isn't there`)
      if (was !== undefined && now.get(key) !== was) throw new Error(`${key} was ${now.get(key)}, and not ${was}`)
      if (type === 'destroyed') now.delete(key)
      else if (to !== undefined) now.set(key, to)
    }
  }
  return now
}

interface Step extends Act {
  readonly who: 'alice' | 'bob'
  readonly wait: number
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(act, fc.constantFrom('alice', 'bob'), fc.nat(2000)).map(([one, who, wait]) => ({ ...one, who, wait })),
  { minLength: 1, maxLength: 25 },
)

t.test('who replays the log comes to what is listed', async t => {
  await fc.assert(
    fc.asyncProperty(steps, async list => {
      const { cloud, clock, as } = await open()
      const clients = { alice: await as('alice'), bob: await as('bob') }
      const first = new Map([...(await listed(clients.alice, 'alice')), ...(await listed(clients.bob, 'bob'))])
      for (const step of list) {
        clock.advance(step.wait)
        await perform(clients[step.who], step)
      }
      const world = await cloud.world()
      const log = await events(world, { limit: 10_000 })
      const last = new Map([...(await listed(clients.alice, 'alice')), ...(await listed(clients.bob, 'bob'))])
      t.strictSame(replay(first, log), last)
      t.strictSame(
        log.map(({ seq }) => seq),
        log.map((_, i) => i + 1),
        'numbered without a gap',
      )
      if (!isShared)
        t.ok(
          log.every(({ time }, i) => time >= (log[i - 1]?.time ?? 0)),
          'in the order of time',
        )
      await cloud.close()
    }),
    { numRuns: 25 },
  )
})

const looksAreFree = async (t: Test): Promise<void> => {
  const play = async (list: readonly Step[], looks: readonly number[]): Promise<readonly Event[]> => {
    const { cloud, clock, as } = await open()
    const clients = { alice: await as('alice'), bob: await as('bob') }
    await listed(clients.alice, 'alice')
    await listed(clients.bob, 'bob')
    for (const [i, step] of list.entries()) {
      clock.advance(Math.floor(step.wait / 2))
      if (looks.includes(i)) await listed(clients.alice, 'alice')
      if (looks.includes(-i)) await events(await cloud.world(), { limit: 3 })
      clock.advance(Math.ceil(step.wait / 2))
      await perform(clients[step.who], step)
    }
    const log = await events(await cloud.world(), { limit: 10_000 })
    await cloud.close()
    return log
  }
  await fc.assert(
    fc.asyncProperty(steps, fc.array(fc.integer({ min: -25, max: 25 })), async (list, looks) => {
      t.strictSame(await play(list, looks), await play(list, []))
    }),
    { numRuns: 15 },
  )
}

// Where processes share a world, each account settles by itself, and the order between accounts is that of looks.
if (!isShared) t.test('looking at anything, at any time, leaves the log as it would be', looksAreFree)

t.test('an event tells who did what to which resource, from which state to which, and when', async t => {
  const { cloud, clock, as } = await opened(t)
  const { instances } = await as('alice')
  const begun = clock.now()
  const { id } = only(await instances.create({ imageId: 'img1', overrides: {} }))
  clock.advance(aWhile)
  await instances.stop(id)
  const log = await events(await cloud.world(), { limit: 100 })
  const whose = { world: 'default', provider: 'default', account: 'alice' }
  t.match(log[0], { ...whose, seq: 1, type: 'populated', time: begun })
  t.match(log[1], { ...whose, type: 'created', kind: 'instances', id, action: 'create', to: 'pending', time: begun })
  t.match(log[2], { ...whose, type: 'changed', kind: 'instances', id, action: 'automatically', from: 'pending', to: 'running' })
  t.ok((log[2]?.time ?? 0) > begun && (log[2]?.time ?? 0) < clock.now(), 'when it was due, not when somebody looked')
  t.match(log[3], { ...whose, type: 'changed', kind: 'instances', id, action: 'stop', from: 'running', to: 'stopping', time: clock.now() })
  t.ok(log[3]?.changed?.includes('state'))
  t.equal(log.length, 4)
})

t.test('what fails, and what changes nothing, is no event', async t => {
  const { cloud, as } = await opened(t)
  const { instances, annotations } = await as()
  await instances.list({})
  const world = await cloud.world()
  const before = await events(world, { limit: 100 })
  t.equal(await failure(instances.create({ imageId: 'nosuch', overrides: {} })), 'bad-request')
  t.equal(
    await failure(instances.create({ imageId: 'img1', overrides: {}, firewalls: ['default'], snapshotId: 'nosuch' })),
    'bad-request',
    'after the firewall was entered',
  )
  t.equal(await failure(instances.destroy('nosuch')), 'not-found')
  await annotations.set({ collection: 'instances', id: 'inst1' }, { nothing: undefined })
  t.strictSame(await events(world, { limit: 100 }), before)
})

t.test('events can be found by what they tell', async t => {
  const { cloud, as } = await opened(t)
  const [alice, bob] = [await as('alice'), await as('bob')]
  await alice.keys.create({ name: 'Red key' })
  await bob.keys.create({ name: 'blue key' })
  await bob.instances.stop('inst1')
  const world = await cloud.world()
  const found = async (query: Parameters<typeof events>[1] extends infer Q ? Partial<Q> : never) =>
    (await events(world, { limit: 100, ...query })).map(({ account, kind, id }) => [account, kind, id].filter(Boolean).join(' '))
  t.strictSame(await found({ account: 'alice' }), ['alice', 'alice keys Red key'])
  t.strictSame(await found({ kind: 'keys' }), ['alice keys Red key', 'bob keys blue key'])
  t.strictSame(await found({ kind: 'keys', account: 'bob' }), ['bob keys blue key'])
  t.strictSame(await found({ id: 'inst1' }), ['bob instances inst1'])
  t.strictSame(await found({ text: 'red' }), ['alice keys Red key'])
  t.strictSame(await found({ type: 'populated' }), ['alice', 'bob'])
  t.strictSame(await found({ text: "'; drop table event" }), [])
  t.strictSame(await found({ after: 2, limit: 1 }), ['bob'])
})

t.test('a log that is full forgets what is oldest, and goes on counting', async t => {
  const { cloud, as } = await opened(t)
  const { keys } = await as()
  const world = await cloud.world()
  await world.set('events', { limit: 50 })
  for (let i = 0; i < 320; i++) await keys.create({ name: `key ${i}` })
  const log = await events(world, { limit: 1000 })
  t.ok(log.length >= 50 && log.length < 200, `${log.length} events are left`)
  t.equal(log.at(-1)?.seq, 321)
  t.equal(log[0]?.seq, 322 - log.length)
})

t.test('who watches gets each event once, from the number asked for, as soon as it is there', async t => {
  const { cloud, clock, as } = await opened(t)
  const { keys, instances } = await as()
  await keys.create({ name: 'before' })
  const world = await cloud.world()
  const stop = new AbortController()
  const watching = watch(world, 1, stop.signal)
  const next = async () => (await watching.next()).value?.id
  t.equal(await next(), 'before')
  const waiting = next()
  await keys.create({ name: 'after' })
  t.equal(await waiting, 'after')
  await instances.stop('inst1')
  t.equal(await next(), 'inst1')
  const settled = watching.next()
  clock.advance(aWhile)
  t.match((await settled).value, { id: 'inst1', to: 'stopped' }, 'what was due comes with the time')
  const last = watching.next()
  stop.abort()
  t.match(await last, { done: true })
})

t.test('on a clock that runs, what is due happens on time for who watches', async t => {
  const cloud = await MockCloud.open({ clock: { mode: 'scaled', scale: 100_000 } })
  t.teardown(() => cloud.close())
  const { instances } = await connect(cloud, 'mockuser')
  const { id } = only(await instances.create({ imageId: 'img1', overrides: {} }))
  for await (const event of watch(await cloud.world(), 0, new AbortController().signal)) {
    if (event.id === id && event.to === 'running') break
  }
  t.match(await instances.get(id), { state: 'running' })
})

t.test('watching ends with the world', async t => {
  const { cloud } = await opened(t)
  const world = await cloud.createWorld('fleeting')
  const watching = watch(world, 0, new AbortController().signal)
  const next = watching.next()
  await cloud.removeWorld('fleeting')
  t.match(await next, { done: true })
})
