/** A world's time: how it runs, stands still and is moved, and what happens on the way. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { ManualClock, scaledClock } from '../../src/mock-cloud/clock.ts'
import { latestTime } from '../../src/mock-cloud/clock-state.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { events } from '../../src/mock-cloud/events.ts'
import { advance, nextEvent, runToNext, runUntilSettled } from '../../src/mock-cloud/time.ts'
import type { World } from '../../src/mock-cloud/world.ts'
import { aWhile, beginning, complaint, connect, failure, only, opened, there } from './support.ts'

const stateFile = (t: Test): string => {
  const path = mkdtempSync(join(tmpdir(), 'mock-cloud-test-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return join(path, 'state')
}

/** A machine's clock that a test has in hand. */
class Machine {
  time = beginning
  readonly now = (): number => this.time
}

const still = { mode: 'manual', now: beginning } as const

const standing = async (t: Test): Promise<{ cloud: MockCloud; world: World }> => {
  const cloud = await MockCloud.open({ clock: still })
  t.teardown(() => cloud.close())
  return { cloud, world: await cloud.world() }
}

t.test('a clock keeps to the machine, runs faster, stands still and goes on, and is moved ahead', async t => {
  const machine = new Machine()
  const cloud = await MockCloud.open({ wall: machine.now })
  t.teardown(() => cloud.close())
  const { clock } = await cloud.world()
  t.strictSame(clock.read(), { mode: 'system', scale: 1, now: beginning })
  machine.time += 1000
  t.equal(clock.now(), beginning + 1000)
  await clock.setScale(60)
  machine.time += 1000
  t.strictSame(clock.read(), { mode: 'scaled', scale: 60, now: beginning + 61_000 })
  await clock.freeze()
  machine.time += 5000
  t.strictSame(clock.read(), { mode: 'manual', scale: 60, now: beginning + 61_000 })
  await clock.advance(500)
  t.equal(clock.now(), beginning + 61_500)
  await clock.run()
  machine.time += 100
  t.strictSame(clock.read(), { mode: 'scaled', scale: 60, now: beginning + 67_500 })
  await clock.set(beginning + 100_000)
  machine.time += 1
  t.equal(clock.now(), beginning + 100_060)
})

t.test('a clock that was stopped and runs as fast as the machine is not the machine’s any more', async t => {
  const machine = new Machine()
  const cloud = await MockCloud.open({ wall: machine.now })
  t.teardown(() => cloud.close())
  const { clock } = await cloud.world()
  await clock.freeze()
  await clock.run()
  t.equal(clock.read().mode, 'system', 'no time has passed')
  await clock.freeze()
  machine.time += 10
  await clock.run()
  t.strictSame(clock.read(), { mode: 'scaled', scale: 1, now: beginning })
})

t.test('a time that has passed, a duration and a scale that are none, are refused and change nothing', async t => {
  const { world } = await standing(t)
  const { clock } = world
  for (const attempt of [
    () => clock.set(beginning - 1),
    () => clock.set(Number.NaN),
    () => clock.set(9e15),
    () => clock.advance(-1),
    () => clock.advance(0.5),
    () => clock.advance(Number.POSITIVE_INFINITY),
    () => clock.setScale(0),
    () => clock.setScale(-2),
    () => clock.setScale(Number.NaN),
  ]) {
    await t.rejects(attempt(), RangeError)
  }
  t.strictSame(clock.read(), { mode: 'manual', scale: 1, now: beginning })
})

const scales = [0, -2, 0.0009, 1_000_001, 1e12, Number.NaN, Number.POSITIVE_INFINITY]

t.test('a clock runs from a thousandth to a million times as fast as the machine’s, wherever that is said', async t => {
  const cloud = await MockCloud.open()
  t.teardown(() => cloud.close())
  for (const scale of scales) {
    await t.rejects(MockCloud.open({ clock: { mode: 'scaled', scale } }), RangeError, `opened with ${scale}`)
    for (const mode of ['system', 'scaled', 'manual'] as const)
      await t.rejects(cloud.createWorld('made', { clock: { mode, scale } }), RangeError, `${mode} ${scale}`)
    await t.rejects((await cloud.world()).clock.setScale(scale), RangeError, `set to ${scale}`)
    t.throws(() => scaledClock(scale), RangeError)
  }
  t.notOk(await cloud.hasWorld('made'))
  for (const scale of [0.001, 1_000_000]) {
    await (await cloud.world()).clock.setScale(scale)
    t.equal((await cloud.world()).clock.read().scale, scale)
  }
  for (const now of [-1, 0.5, latestTime + 1, 9e15, Number.NaN]) {
    await t.rejects(cloud.createWorld('made', { clock: { mode: 'manual', now } }), RangeError, `${now}`)
    t.throws(() => new ManualClock(now), RangeError)
  }
})

t.test('a clock stops at the end of the year 9999, however fast it ran, and nothing leads it further', async t => {
  const machine = new Machine()
  const cloud = await MockCloud.open({ wall: machine.now, clock: { mode: 'scaled', scale: 1_000_000 } })
  t.teardown(() => cloud.close())
  const world = await cloud.world()
  machine.time += 10 * 365 * 24 * 3600 * 1000
  t.equal(new Date(world.now()).toISOString(), '9999-12-31T23:59:59.999Z')
  machine.time += 1000
  t.equal(world.now(), latestTime)
  const { instances } = await connect(cloud, 'mockuser')
  const made = await instances.create({ imageId: 'img1', overrides: {} })
  t.equal(made.length, 1)
  machine.time += 1000 * 3600
  // What would come later never does.
  const there = await instances.list({})
  t.same(
    there.filter(one => one.id === only(made).id),
    made,
  )
  t.equal(await nextEvent(world), undefined)
  await t.rejects(world.clock.advance(1), RangeError)
  await t.rejects(world.clock.set(latestTime + 1), RangeError)
  await world.clock.advance(0)
  await world.clock.freeze()
  t.equal(await runToNext(world), undefined)
  t.strictSame(await runUntilSettled(world), { now: latestTime, settled: false })
  await t.rejects(advance(world, 1), RangeError)
  t.equal(world.now(), latestTime)
  t.equal((await events(world, { limit: 1000 })).at(-1)?.time, latestTime)
})

t.test('a clock that would be led behind the end stays where it is, and so does who waits for a time before', async t => {
  const { world } = await standing(t)
  let isWoken = false
  const waiting = world.agenda.after(1000, new AbortController().signal, async () => {
    isWoken = true
  })
  for (const milliseconds of [latestTime, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY])
    await t.rejects(advance(world, milliseconds), RangeError)
  t.equal(world.now(), beginning)
  t.notOk(isWoken)
  t.match(await runUntilSettled(world, { limit: Number.MAX_SAFE_INTEGER }), { settled: true })
  await waiting
})

t.test('a clock that whoever opened the cloud made stops there, too', async t => {
  let time = latestTime - 10
  const cloud = await MockCloud.open({ clock: { now: () => time } })
  t.teardown(() => cloud.close())
  t.equal(cloud.now('default'), latestTime - 10)
  time = 9e15
  t.equal((await cloud.world()).now(), latestTime)
  const manual = new ManualClock(latestTime - 1)
  manual.advance(1)
  t.throws(() => manual.advance(1), RangeError)
  t.equal(manual.now(), latestTime)
})

t.test('a world that was kept with a clock that none can have now is there, and its clock can be set', async t => {
  const state = stateFile(t)
  const machine = new Machine()
  await (await MockCloud.open({ state, wall: machine.now })).close()
  const file = new DatabaseSync(state)
  const kept = JSON.stringify({ mode: 'scaled', scale: 1e12, cloudAt: 9e15, wallAt: beginning })
  file.prepare('update world set clock = ?').run(kept)
  file.close()
  machine.time += 10_000
  const cloud = await MockCloud.open({ state, wall: machine.now })
  t.teardown(() => cloud.close())
  const world = await cloud.world()
  t.equal(world.now(), latestTime)
  await (await connect(cloud, 'mockuser')).keys.create({ name: 'k' })
  await world.clock.setScale(1)
  t.equal(world.clock.read().scale, 1)
})

t.test('a snapshot with a clock that no world can have is refused', async t => {
  const { cloud } = await standing(t)
  const pieces: Uint8Array[] = []
  for await (const piece of cloud.snapshot('default')) pieces.push(piece)
  const snapshot = String(Buffer.concat(pieces))
  for (const [from, to] of [
    ['"scale":1,', '"scale":1e12,'],
    ['"mode":"manual"', '"mode":"none"'],
    [`"cloudAt":${beginning}`, '"cloudAt":9e15'],
    [`"cloudAt":${beginning}`, '"cloudAt":null'],
  ] as const) {
    const damaged = snapshot.replace(from, to)
    t.not(damaged, snapshot, to)
    const attempt = cloud.restore(
      'restored',
      (async function* () {
        yield Buffer.from(damaged)
      })(),
    )
    t.equal(await failure(attempt), 'bad-request', to)
  }
  t.notOk(await cloud.hasWorld('restored'))
})

type Move = { readonly do: 'freeze' | 'run' | 'reopen' } | { readonly do: 'scale' | 'advance' | 'machine'; readonly by: number }

const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    fc.constantFrom<Move>({ do: 'freeze' }, { do: 'run' }, { do: 'reopen' }),
    fc.record({ do: fc.constant('scale' as const), by: fc.double({ min: 0.01, max: 1000, noNaN: true }) }),
    fc.record({ do: fc.constant('advance' as const), by: fc.nat(100_000) }),
    // The machine's own clock may be set back.
    fc.record({ do: fc.constant('machine' as const), by: fc.integer({ min: -100_000, max: 100_000 }) }),
  ),
  { maxLength: 15 },
)

t.test('no clock ever goes back, whatever is done with it, and wherever the machine’s goes', async t => {
  const state = stateFile(t)
  let n = 0
  await fc.assert(
    fc.asyncProperty(moves, fc.constantFrom<'system' | 'scaled' | 'manual'>('system', 'scaled', 'manual'), async (list, mode) => {
      const machine = new Machine()
      const file = `${state}${n++}`
      let cloud = await MockCloud.open({ state: file, wall: machine.now, clock: { mode, scale: 3 } })
      let last = cloud.now()
      for (const move of list) {
        const { clock } = await cloud.world()
        const before = clock.read()
        // What is written at a time is what a restart must not go behind.
        await (await connect(cloud, 'mockuser')).keys.create({ name: `key ${n++}` })
        if (move.do === 'freeze' || move.do === 'run') await clock[move.do]()
        else if (move.do === 'scale') await clock.setScale(move.by)
        else if (move.do === 'advance') await clock.advance(move.by)
        else if (move.do === 'machine') machine.time += move.by
        else {
          await cloud.close()
          cloud = await MockCloud.open({ state: file, wall: machine.now })
        }
        const after = (await cloud.world()).clock.read()
        t.ok(after.now >= last, `${after.now} after ${last}`)
        if (before.mode === 'manual' && (move.do === 'machine' || move.do === 'reopen')) t.equal(after.now, before.now)
        if (move.do === 'advance') t.equal(after.now, before.now + move.by)
        last = after.now
      }
      await cloud.close()
    }),
    { numRuns: 30 },
  )
})

t.test('a clock goes on after a restart: one that stands still where it was, one that runs also meanwhile', async t => {
  const state = stateFile(t)
  const machine = new Machine()
  const open = (clock?: { mode: 'manual' } | { mode: 'scaled'; scale: number }) =>
    MockCloud.open({ state, wall: machine.now, ...(clock === undefined ? {} : { clock }) })
  let cloud = await open({ mode: 'manual' })
  await cloud.world().then(({ clock }) => clock.advance(1234))
  await cloud.close()
  machine.time += 1_000_000
  cloud = await open()
  t.equal(cloud.now(), beginning + 1234)
  await cloud.close()
  cloud = await open({ mode: 'scaled', scale: 10 })
  t.equal(cloud.now(), beginning + 1234, 'another way to run begins where it is')
  await cloud.close()
  machine.time += 100
  cloud = await open()
  t.equal(cloud.now(), beginning + 2234)
  await cloud.close()
  machine.time = beginning
  cloud = await open()
  t.teardown(() => cloud.close())
  const { clock } = await cloud.world()
  t.match(clock.read(), { mode: 'scaled', scale: 10 })
})

t.test('what was begun goes on when the machine’s time was set back over a restart', async t => {
  const state = stateFile(t)
  const machine = new Machine()
  const first = await MockCloud.open({ state, wall: machine.now })
  await (await connect(first, 'mockuser')).instances.stop('inst1')
  await first.close()
  machine.time -= 3_600_000
  const second = await MockCloud.open({ state, wall: machine.now })
  t.teardown(() => second.close())
  const { instances } = await connect(second, 'mockuser')
  t.match(await instances.get('inst1'), { state: 'stopping' })
  machine.time += aWhile
  t.match(await instances.get('inst1'), { state: 'stopped' })
})

t.test('time can be moved to what happens next, and on until nothing is to come', async t => {
  const { cloud, world } = await standing(t)
  t.equal(await nextEvent(world), undefined)
  t.equal(await runToNext(world), undefined)
  const alice = await connect(cloud, 'mockuser')
  const [one] = await alice.instances.create({ imageId: 'img1', overrides: {}, count: 5 })
  const next = there(await nextEvent(world))
  t.ok(next.at > beginning)
  t.equal(await runToNext(world), next.at)
  t.equal(world.now(), next.at)
  const booted = (await events(world, { limit: 100 })).filter(({ action }) => action === 'automatically')
  t.match(booted, [{ time: next.at, to: 'running' }])
  t.strictSame(await runUntilSettled(world), { now: world.now(), settled: true })
  const log = await events(world, { limit: 100 })
  t.equal(log.filter(({ action, to }) => action === 'automatically' && to === 'running').length, 5)
  t.equal(log.at(-1)?.time, world.now(), 'it stands where the last thing happened')
  t.match(await alice.instances.get(there(one).id), { state: 'running' })
})

t.test('running until all is settled stops at its limit', async t => {
  const { cloud, world } = await standing(t)
  await (await connect(cloud, 'mockuser')).instances.create({ imageId: 'img1', overrides: {} })
  t.strictSame(await runUntilSettled(world, { limit: 1 }), { now: beginning + 1, settled: false })
  t.ok(await nextEvent(world))
})

t.test('what is due on the way happens at its time, also for those who don’t look, in the order of time', async t => {
  const cloud = await MockCloud.open({ clock: still, accounts: { alice: 'wonderland', bob: 'builder' } })
  t.teardown(() => cloud.close())
  const world = await cloud.world()
  for (const user of ['alice', 'bob', 'mockuser']) {
    const { instances, images } = await connect(cloud, user)
    await instances.create({ imageId: 'img1', overrides: {}, count: 3 })
    await instances.stop('inst1')
    await images.create({ instanceId: 'inst0' }).catch(() => undefined)
  }
  t.equal(await advance(world, aWhile * 10), beginning + aWhile * 10)
  const log = (await world.store.events('default', { limit: 100 })).filter(({ action }) => action === 'automatically')
  t.ok(log.length >= 12)
  t.ok(log.every(({ time }, i) => time >= (log[i - 1]?.time ?? beginning) && time < beginning + aWhile * 10))
})

t.test('who waits for a time of the cloud goes on when the clock comes there, in the order of time', async t => {
  const { world } = await standing(t)
  const done: string[] = []
  const waiter = (name: string, milliseconds: number) =>
    world.agenda.after(milliseconds, new AbortController().signal, async () => {
      done.push(`${name} at ${world.now() - beginning}`)
    })
  const all = [waiter('late', 900), waiter('soon', 100), waiter('between', 500)]
  t.match(await nextEvent(world), { at: beginning + 100 })
  await runToNext(world)
  t.strictSame(done, ['soon at 100'])
  await advance(world, 2000)
  t.strictSame(done, ['soon at 100', 'between at 500', 'late at 900'])
  t.equal(world.now(), beginning + 2100)
  await Promise.all(all)
})

t.test('who waits goes on when the clock begins to run, and leaves when nobody is there any more', async t => {
  const { cloud, world } = await standing(t)
  const stop = new AbortController()
  const left = world.agenda.after(1e9, stop.signal, async () => 'never')
  stop.abort(new Error('gone'))
  t.match(await complaint(left), 'gone')
  const waiting = world.agenda.after(50_000, new AbortController().signal, async () => 'done')
  await world.clock.setScale(1_000_000)
  t.equal(await waiting, 'done')
  t.equal(world.agenda.next(), undefined)
  const fleeting = await cloud.createWorld('fleeting')
  const lost = failure(fleeting.agenda.after(1000, new AbortController().signal, async () => 'never'))
  await cloud.removeWorld('fleeting')
  t.equal(await lost, 'not-found')
})

t.test('a clock that runs is not moved from event to event', async t => {
  const cloud = await MockCloud.open({})
  t.teardown(() => cloud.close())
  const world = await cloud.world()
  t.equal(await failure(runToNext(world)), 'conflict')
  t.equal(await failure(runUntilSettled(world)), 'conflict')
  const { instances } = await connect(cloud, 'mockuser')
  const { id } = only(await instances.create({ imageId: 'img1', overrides: {} }))
  await advance(world, aWhile)
  t.match(await instances.get(id), { state: 'running' }, 'but it can be moved ahead')
})

t.test('a clock of one’s own is moved by hand, or not at all', async t => {
  const { cloud, clock } = await opened(t)
  const world = await cloud.world()
  await advance(world, 1000)
  t.equal(clock.now(), beginning + 1000)
  await world.clock.set(beginning + 5000)
  await world.clock.freeze()
  t.strictSame(world.clock.read(), { mode: 'manual', scale: 1, now: beginning + 5000 })
  t.equal(await failure(world.clock.run()), 'conflict')
  t.equal(await failure(world.clock.setScale(2)), 'conflict')
  t.equal(await failure(cloud.createWorld('w', { clock: { mode: 'system' } })), 'conflict')
  const other = await MockCloud.open({ clock: { now: () => 7 } })
  t.teardown(() => other.close())
  const fixed = await other.world()
  t.match(fixed.clock.read(), { mode: 'own', now: 7 })
  t.equal(await failure(fixed.clock.advance(1)), 'conflict')
  t.equal(await failure(fixed.clock.freeze()), 'conflict')
})

t.test('a clock of one’s own wakes those who wait for it', async t => {
  const { cloud, clock } = await opened(t)
  const world = await cloud.world()
  const waiting = world.agenda.after(1000, new AbortController().signal, async () => world.now())
  clock.advance(999)
  t.equal(world.agenda.next(), beginning + 1000)
  clock.advance(1)
  t.equal(await waiting, beginning + 1000)
})

/** What the first version wrote. */
const firstVersion = `
create table meta (name text primary key, value text not null) without rowid;
create table world (name text primary key, seed text not null, reached integer not null) without rowid;
create table account (
  tenant integer primary key, world text not null, provider text not null, account text not null,
  unique (world, provider, account)
);
create table number (tenant integer not null, name text not null, value integer not null, primary key (tenant, name)) without rowid;
create table resource (
  tenant integer not null, kind text not null, seq integer not null, id text not null,
  due integer, shown text not null, kept text not null,
  primary key (tenant, kind, seq)
) without rowid;
create unique index resource_by_id on resource (tenant, kind, id);
create index resource_by_due on resource (tenant, due, id) where due is not null;
create table annotation (
  tenant integer not null, kind text not null, id text not null, key text not null, value text not null,
  primary key (tenant, kind, id, key)
) without rowid;
create table content (hash text primary key, size integer not null, refs integer not null, bytes blob) without rowid;
create table blob (
  tenant integer not null, bucket text not null, id text not null, content text not null, shown text not null,
  primary key (tenant, bucket, id)
) without rowid;
create table upload (
  tenant integer not null, bucket text not null, upload text not null, pending text not null,
  primary key (tenant, bucket, upload)
) without rowid;
create table part (
  tenant integer not null, bucket text not null, upload text not null, number integer not null,
  content text not null, shown text not null,
  primary key (tenant, bucket, upload, number)
) without rowid;
create index annotation_by_value on annotation (tenant, kind, key, value);
insert into world values ('default', 'old seed', ${beginning});
insert into account values (7, 'default', 'default', 'mockuser');
insert into resource values (7, 'storage_volumes', 1, 'vol9', ${beginning + 1000},
  '{"id":"vol9","state":"CREATING","capacity":3}', '{"becomes":"AVAILABLE"}');
pragma user_version = 1; pragma application_id = ${0x64636d63};
`

t.test('a state file of the first version is taken over as it is', async t => {
  const state = stateFile(t)
  const old = new DatabaseSync(state)
  old.exec(firstVersion)
  old.close()
  const clock = new ManualClock(beginning)
  const cloud = await MockCloud.open({ state, clock })
  const { storage_volumes, keys } = await connect(cloud, 'mockuser')
  t.match(await storage_volumes.list({}), [{ id: 'vol9', state: 'CREATING' }])
  t.equal((await cloud.world()).seed, 'old seed')
  clock.advance(1000)
  t.match(await storage_volumes.list({}), [{ id: 'vol9', state: 'AVAILABLE' }])
  await keys.create({ name: 'new' })
  t.match(await events(await cloud.world(), { limit: 10 }), [{ id: 'vol9', to: 'AVAILABLE' }, { id: 'new' }])
  await cloud.close()
  const again = await MockCloud.open({ state, clock })
  t.teardown(() => again.close())
  t.match(await (await connect(again, 'mockuser')).keys.list({}), [{ id: 'new' }])
})
