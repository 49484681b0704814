/** Two processes' clouds over one database, here in one process: whoever asks whichever of them is told of one and the same cloud. */

import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import pg from 'pg'
import t, { type Test } from 'tap'
import { ManualClock } from '../src/mock-cloud/clock.ts'
import { MockCloud, type MockCloudOptions } from '../src/mock-cloud/cloud.ts'
import { watch } from '../src/mock-cloud/events.ts'
import { advance } from '../src/mock-cloud/time.ts'
import { ask as askDatabase, place } from '../test/mock-cloud/place.ts'
import { accounts, aWhile, beginning, connect, type FullCloud, failure, only, there } from '../test/mock-cloud/support.ts'
import { historyOf, keyOf, play } from './history.ts'

type Options = Omit<MockCloudOptions, 'state'>

const pair = async (options: Options) => {
  const { state, leave } = await place()
  const open = () => MockCloud.open({ state: there(state), accounts, ...options })
  const [one, two] = [await open(), await open()]
  const close = async () => {
    await Promise.all([one.close(), two.close()])
    leave()
  }
  return { one, two, close }
}

const opened = async (t: Test, options: Options = {}) => {
  const clouds = await pair(options)
  t.teardown(clouds.close)
  return clouds
}

/** Something that somebody asks one of the two. */
const asked = fc.record({ second: fc.boolean(), what: fc.nat(11), which: fc.nat(3), other: fc.nat(2) })

const carryOut = (cloud: FullCloud, { what, which, other }: { what: number; which: number; other: number }): Promise<unknown> => {
  const id = `inst${which}`
  const volume = `vol${other}`
  const requests: (() => Promise<unknown>)[] = [
    () => cloud.instances.create({ imageId: 'img1', overrides: {} }),
    () => cloud.instances.create({ imageId: 'img1', overrides: {}, count: 2 }),
    () => cloud.instances.stop(id),
    () => cloud.instances.start(id),
    () => cloud.instances.reboot(id),
    () => cloud.instances.destroy(id),
    () => cloud.keys.create({ name: `key${which}` }),
    () => cloud.keys.destroy(`key${which}`),
    () => cloud.storage_volumes.attach(volume, { instanceId: id, device: '' }),
    () => cloud.storage_volumes.detach(volume),
    () => cloud.storage_snapshots.create({ volumeId: volume }),
    () => cloud.instances.list({}),
  ]
  return there(requests[what])().catch((error: unknown) => error)
}

t.test('whatever both are asked at the same time, the log has each step once and leads to what both show', async t => {
  const clock = new ManualClock(beginning)
  const { one, two } = await opened(t, { clock })
  let n = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(700), fc.array(asked, { minLength: 2, maxLength: 6 })), { minLength: 1, maxLength: 6 }),
      async rounds => {
        const name = `w${n++}`
        const [first, second] = [await connect(one, 'alice', undefined, name), await connect(two, 'alice', undefined, name)]
        for (const [wait, round] of rounds) {
          clock.advance(wait)
          await Promise.all(round.map(request => carryOut(request.second ? second : first, request)))
        }
        clock.advance(aWhile)
        const shown = await first.instances.list({})
        t.strictSame(await second.instances.list({}), shown)
        const { known, wrong } = play(await historyOf(await two.world(name)))
        t.same(wrong, [])
        for (const { id, state } of shown) {
          const told = known.get(keyOf('default', 'alice', 'instances', id))
          if (told !== undefined) t.same(told, { isThere: true, state: told.state === undefined ? undefined : state })
        }
        const left = [...known].filter(([key, { isThere }]) => key.includes(' instances ') && isThere)
        t.ok(left.length <= shown.length)
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 25) },
  )
})

t.test('of two who want the same at the same time, one gets it', async t => {
  const { one, two } = await opened(t, { clock: new ManualClock(beginning) })
  const sides = await Promise.all([one, two].map(cloud => connect(cloud, 'alice')))
  const outcomes = async (ask: (cloud: FullCloud, side: number) => Promise<unknown>): Promise<string[]> =>
    (await Promise.all(sides.map((cloud, side) => failure(ask(cloud, side))))).sort()
  for (let turn = 0; turn < 10; turn++) {
    t.strictSame(await outcomes(cloud => cloud.keys.create({ name: `k${turn}` })), ['conflict', 'none'])
    t.strictSame(await outcomes(cloud => cloud.keys.destroy(`k${turn}`)), ['none', 'not-found'])
  }
  t.strictSame(await outcomes(cloud => cloud.instances.stop('inst1')), ['none', 'not-permitted'])
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, i) => there(sides[i % 2]).instances.create({ imageId: 'img1', overrides: {}, count: 2 })),
  )
  t.equal(new Set(made.flat().map(({ id }) => id)).size, 40, 'no id is given twice')
})

t.test('a transition that both come upon happens once', async t => {
  const clock = new ManualClock(beginning)
  const { one, two } = await opened(t, { clock })
  const sides = await Promise.all([one, two].map(cloud => connect(cloud, 'alice')))
  for (let turn = 0; turn < 10; turn++) {
    const { id } = only(await there(sides[turn % 2]).instances.create({ imageId: 'img1', overrides: {} }))
    clock.advance(aWhile)
    const seen = await Promise.all([...sides, ...sides].map(cloud => cloud.instances.get(id)))
    for (const instance of seen) t.equal(instance?.state, 'running')
  }
  const events = await historyOf(await one.world())
  t.same(play(events).wrong, [])
  t.equal(events.filter(({ to }) => to === 'running').length, 10)
})

t.test('the clock that one sets is that of the other, in every request from then on', async t => {
  const { one, two } = await opened(t, { clock: { mode: 'manual', now: beginning } })
  const [mine, theirs] = [await one.world(), await two.world()]
  const { id } = only(await (await connect(one, 'alice')).instances.create({ imageId: 'img1', overrides: {} }))
  t.equal((await (await connect(two, 'alice')).instances.get(id))?.state, 'pending')
  await advance(mine, aWhile)
  t.equal((await (await connect(two, 'alice')).instances.get(id))?.state, 'running')
  t.equal(theirs.now(), beginning + aWhile)
  await theirs.set('faults', { a: 'rule' })
  await (await connect(one, 'alice')).instances.list({})
  t.strictSame(mine.settings, { faults: { a: 'rule' } })
})

t.test('who watches one sees what the other does', async t => {
  const { one, two } = await opened(t, { clock: new ManualClock(beginning) })
  const bob = await connect(two, 'bob')
  await bob.instances.list({})
  const end = new AbortController()
  const seen: string[] = []
  const watching = (async () => {
    for await (const { type, id } of watch(await one.world(), 0, end.signal)) {
      seen.push(`${type} ${id ?? ''}`)
      if (id === 'second') end.abort()
    }
  })()
  await bob.keys.create({ name: 'first' })
  await bob.keys.destroy('first')
  await bob.keys.create({ name: 'second' })
  await watching
  t.strictSame(seen, ['populated ', 'created first', 'destroyed first', 'created second'])
})

t.test('worlds are copied, emptied, taken out, put in and removed, and everyone has them as they then are', async t => {
  const clock = new ManualClock(beginning)
  const { one, two } = await opened(t, { clock })
  const at = (cloud: MockCloud, world: string) => connect(cloud, 'alice', undefined, world)
  const large = Buffer.alloc(400_000, 'large')
  const mine = await at(one, 'mine')
  await mine.keys.create({ name: 'k' })
  await mine.blobs.create('bucket1', 'large', { content: new Blob([large]).stream(), metadata: { a: 'b' } })
  const upload = await mine.blobs.begin('bucket1', 'joined', { metadata: {} })
  const part = await mine.blobs.part('bucket1', 'joined', upload, { number: 1, content: new Blob(['part']).stream() })
  await mine.annotations.set({ collection: 'instances', id: 'inst1' }, { tag: 'value' })
  const facts = async (cloud: MockCloud, world: string) => {
    const there = await at(cloud, world)
    const read = async (id: string) => {
      const all: Uint8Array[] = []
      for await (const piece of (await there.blobs.read('bucket1', id, {})).content) all.push(piece)
      return Buffer.concat(all).equals(large)
    }
    return {
      instances: await there.instances.list({}),
      keys: await there.keys.list({}),
      blobs: await there.blobs.page('bucket1', { limit: 10 }),
      isLarge: await read('large'),
      parts: await there.blobs.parts('bucket1', 'joined', upload),
      notes: await there.annotations.get({ collection: 'instances', id: 'inst1' }),
    }
  }
  const before = await facts(two, 'mine')
  t.equal(before.isLarge, true)

  await two.forkWorld('mine', 'copy')
  t.strictSame(await facts(one, 'copy'), before)
  const copy = await at(one, 'copy')
  await copy.keys.create({ name: 'of the copy' })
  await copy.blobs.finish('bucket1', 'joined', upload, [part])
  t.strictSame(await facts(one, 'mine'), before, 'the original goes its own way')

  const snapshot: Uint8Array[] = []
  for await (const piece of one.snapshot('mine')) snapshot.push(piece)
  const pieces = async function* () {
    yield* snapshot
  }
  await (await at(one, 'mine')).instances.destroy('inst1')
  await two.restore('mine', pieces())
  // The other is told soon; until then its requests may find that the world is gone.
  await until(async () => (await failure(at(one, 'mine').then(cloud => cloud.keys.list({})))) === 'none')
  t.strictSame(await facts(one, 'mine'), before)
  t.strictSame(await facts(two, 'mine'), before)
  await two.restore('again', pieces())
  t.strictSame(await facts(one, 'again'), before)

  await one.resetWorld('mine')
  t.notOk((await (await at(two, 'mine')).keys.list({})).some(({ id }) => id === 'k'))
  await one.removeWorld('copy')
  t.strictSame(await two.worlds(), ['again', 'default', 'mine'])
})

/** Asks again, as one who waits for news does. */
const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  for (let turn = 0; turn < 1000; turn++) if (await isSo()) return
  throw new Error('It never came to be so')
}

t.test('what one account does is seen in no other, and no other waits for it', async t => {
  const { one, two } = await opened(t, { clock: new ManualClock(beginning) })
  const names = ['alice', 'bob', 'mockuser']
  await Promise.all(
    names.flatMap(name =>
      [one, two].map(async (cloud, side) => {
        const its = await connect(cloud, name)
        for (let i = 0; i < 10; i++) await its.keys.create({ name: `${name} ${side} ${i}` })
      }),
    ),
  )
  for (const name of names) {
    const ids = (await (await connect(one, name)).keys.list({})).map(({ id }) => id).filter(id => id.includes(' '))
    t.equal(ids.length, 20)
    t.ok(ids.every(id => id.startsWith(name)))
  }
  t.same(play(await historyOf(await two.world())).wrong, [])
})

t.test('an account that is made while another process removes its world finds it gone', async t => {
  const { state, leave } = await place()
  const url = there(state)
  const cloud = await MockCloud.open({ state: url, accounts })
  t.teardown(async () => {
    await cloud.close()
    leave()
  })
  const alice = await connect(cloud, 'alice', undefined, 'fleeting')
  const remover = new pg.Client({ connectionString: url })
  await remover.connect()
  await remover.query("begin; delete from world where name = 'fleeting'")
  const made = failure(alice.keys.create({ name: 'late' }))
  const isWaiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
  while ((await askDatabase(url, isWaiting)).length === 0) await pause(5)
  await remover.query('commit')
  await remover.end()
  t.equal(await made, 'not-found')
})
