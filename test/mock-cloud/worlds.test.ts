/** Worlds: independent clouds beside each other, made, copied, kept, brought back and forgotten. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { ManualClock } from '../../src/mock-cloud/clock.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { events } from '../../src/mock-cloud/events.ts'
import { type Act, acts, perform, seen } from './acts.ts'
import { accounts, aWhile, beginning, complaint, connect, failure, open, opened } from './support.ts'

const directory = (t: Test): string => {
  const path = mkdtempSync(join(tmpdir(), 'mock-cloud-test-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

const whole = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

async function* piecewise(content: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}

/** Does all of it in a world. @returns what it was answered with */
const play = async (cloud: MockCloud, world: string, list: readonly Act[], user = 'mockuser'): Promise<unknown[]> => {
  const answers: unknown[] = []
  const account = await connect(cloud, user, undefined, world)
  for (const one of list) answers.push(await perform(account, one))
  return answers
}

const history = async (cloud: MockCloud, world: string): Promise<string> =>
  JSON.stringify(await events(await cloud.world(world), { limit: 10_000 }))

t.test('what is done in one world is seen in no other', async t => {
  await fc.assert(
    fc.asyncProperty(acts, acts, acts, async (before, there, elsewhere) => {
      const { cloud } = await open()
      await play(cloud, 'here', before)
      const state = await seen(await cloud.world('here'))
      const log = await history(cloud, 'here')
      await play(cloud, 'there', there)
      await play(cloud, 'default', elsewhere, 'alice')
      t.equal(await seen(await cloud.world('here')), state)
      t.equal(await history(cloud, 'here'), log)
      await cloud.close()
    }),
    { numRuns: 10 },
  )
})

t.test('worlds have clocks of their own, which are set each by itself', async t => {
  const cloud = await MockCloud.open({ clock: { mode: 'manual', now: beginning } })
  t.teardown(() => cloud.close())
  const early = await cloud.createWorld('early', { clock: { mode: 'manual', now: 1000 } })
  await early.clock.advance(500)
  t.equal(cloud.now('early'), 1500)
  t.equal(cloud.now(), beginning)
  t.equal(cloud.now('unborn'), beginning, 'one that nobody entered begins like all')
})

t.test('a fork goes on as its original would, and each goes its own way', async t => {
  await fc.assert(
    fc.asyncProperty(acts, acts, acts, fc.nat(3000), async (before, after, others, wait) => {
      const { cloud, clock } = await open()
      await play(cloud, 'original', before)
      await cloud.forkWorld('original', 'copy')
      const state = await seen(await cloud.world('original'))
      t.equal(await seen(await cloud.world('copy')), state)
      await cloud.forkWorld('original', 'other')
      clock.advance(wait)
      t.strictSame(await play(cloud, 'copy', after), await play(cloud, 'original', after))
      const copied = await seen(await cloud.world('copy'))
      t.equal(await seen(await cloud.world('original')), copied)
      await play(cloud, 'other', others)
      t.equal(await seen(await cloud.world('copy')), copied)
      await cloud.removeWorld('original')
      t.equal(await seen(await cloud.world('copy')), copied, 'contents that were shared stay')
      await cloud.close()
    }),
    { numRuns: 10 },
  )
})

t.test('a fork has the log of its original, and where it began in it', async t => {
  const { cloud } = await opened(t)
  await play(cloud, 'default', [{ what: 6, which: 1 }])
  await cloud.forkWorld('default', 'copy')
  const [original, copy] = await Promise.all(
    ['default', 'copy'].map(async name => (await events(await cloud.world(name), { limit: 100 })).map(({ seq, type }) => `${seq} ${type}`)),
  )
  t.strictSame(copy, [...(original ?? []), `${(original ?? []).length + 1} forked`])
})

t.test('a world is what it was when it is restored from its snapshot', async t => {
  const home = directory(t)
  let n = 0
  await fc.assert(
    fc.asyncProperty(acts, acts, acts, async (before, meanwhile, after) => {
      const { cloud } = await open()
      await play(cloud, 'default', before)
      await play(cloud, 'default', before.slice(1), 'alice')
      const snapshot = await whole(cloud.snapshot('default'))
      const state = await seen(await cloud.world('default'))
      const log = await events(await cloud.world('default'), { limit: 10_000 })
      const expected = await cloud.forkWorld('default', 'expected').then(() => play(cloud, 'expected', after))
      await play(cloud, 'default', meanwhile)
      await cloud.restore('default', piecewise(snapshot))
      t.equal(await seen(await cloud.world('default')), state)
      const restored = await events(await cloud.world('default'), { limit: 10_000 })
      t.strictSame(restored.slice(0, -1), log)
      t.match(restored.at(-1), { type: 'restored' })
      t.strictSame(await play(cloud, 'default', after), expected)
      await cloud.close()
      // The same file makes the same world where another kind of store keeps it.
      const kept = await MockCloud.open({ state: join(home, `state${n++}`), clock: new ManualClock(beginning), accounts })
      t.equal(await seen(await kept.restore('elsewhere', piecewise(snapshot))), state)
      t.strictSame(await play(kept, 'elsewhere', after), expected)
      await kept.close()
    }),
    { numRuns: 6 },
  )
})

t.test('a snapshot is of one moment, whatever happens while it is read', async t => {
  const { cloud } = await opened(t)
  await play(cloud, 'default', [
    { what: 12, which: 1 },
    { what: 12, which: 3 },
  ])
  const state = await seen(await cloud.world())
  const reading = cloud.snapshot('default')
  const first = await reading.next()
  await play(cloud, 'default', [
    { what: 13, which: 1 },
    { what: 13, which: 3 },
    { what: 0, which: 0 },
  ])
  const rest = await whole(reading)
  const snapshot = Buffer.concat([first.value ?? Buffer.alloc(0), rest])
  t.equal(await seen(await cloud.restore('again', piecewise(snapshot))), state)
})

t.test('what is no whole snapshot is refused, and changes nothing', async t => {
  const { cloud } = await opened(t)
  await play(cloud, 'default', [{ what: 12, which: 1 }])
  const snapshot = await whole(cloud.snapshot('default'))
  const state = await seen(await cloud.world())
  const refusal = (content: string | Uint8Array) => complaint(cloud.restore('default', piecewise(Buffer.from(content))))
  t.match(await refusal(''), /no snapshot/)
  t.match(await refusal('Dear reader,\n'), /damaged/)
  t.match(await refusal('{"snapshot":"mock cloud","version":99}\n'), /version 99/)
  const text = snapshot.toString()
  const lines = text.split('\n')
  t.match(await refusal(lines.slice(0, -2).join('\n')), /breaks off/)
  t.match(await refusal(lines.toSpliced(4, 1).join('\n')), /breaks off|damaged/)
  t.match(await refusal(text.replace(/"bytes":"./, '"bytes":"/')), /damaged|announced/)
  t.match(await refusal(text.replace('"is":"account"', '"is":"stranger"')), /damaged/)
  t.equal(await seen(await cloud.world()), state)
})

t.test('a world that is emptied is found as it was at first, and its log says so', async t => {
  const { cloud, clock } = await opened(t)
  const fresh = await cloud.world('fresh')
  await (await connect(cloud, 'mockuser', undefined, 'fresh')).instances.list({})
  await play(cloud, 'used', [
    { what: 0, which: 0 },
    { what: 12, which: 7 },
    { what: 5, which: 1 },
  ])
  clock.advance(aWhile)
  const used = await cloud.world('used')
  await used.set('mine', { a: 1 })
  await cloud.resetWorld('used')
  const log = await events(used, { limit: 100 })
  t.match(log, [{ type: 'reset' }])
  t.ok((log[0]?.seq ?? 0) > 1, 'its numbers go on')
  t.strictSame(used.settings.mine, { a: 1 })
  const { instances, blobs } = await connect(cloud, 'mockuser', undefined, 'used')
  t.equal((await instances.list({})).length, 4)
  t.equal(await blobs.get('bucket1', 'blob7'), undefined)
  t.equal(await seen(used), await seen(fresh))
})

t.test('a world is made, listed and removed by its name, and a bad name is none', async t => {
  const { cloud } = await opened(t)
  await cloud.createWorld('b', { seed: 'another' })
  await cloud.world('a.1-x_y')
  t.strictSame(await cloud.worlds(), ['a.1-x_y', 'b', 'default'])
  t.equal((await cloud.world('b')).seed, 'another')
  t.equal(await failure(cloud.createWorld('b')), 'conflict')
  t.strictSame(await Promise.all([failure(cloud.createWorld('c')), failure(cloud.createWorld('c'))]), ['none', 'conflict'])
  await cloud.removeWorld('c')
  t.equal(await failure(cloud.forkWorld('a.1-x_y', 'b')), 'conflict')
  t.equal(await failure(cloud.forkWorld('nosuch', 'c')), 'not-found')
  t.equal(await failure(cloud.resetWorld('nosuch')), 'not-found')
  t.equal(await failure(cloud.removeWorld('nosuch')), 'not-found')
  t.equal(await failure(whole(cloud.snapshot('nosuch'))), 'not-found')
  t.equal(await failure(cloud.removeWorld('default')), 'conflict')
  for (const name of ['', 'A', '-a', '.', '../a', 'a b', 'ä', 'x'.repeat(64)]) {
    t.equal(await failure(cloud.world(name)), 'bad-request', name)
    t.equal(await failure(cloud.createWorld(name)), 'bad-request', name)
  }
  await cloud.removeWorld('b')
  t.strictSame(await cloud.worlds(), ['a.1-x_y', 'default'])
  t.equal((await cloud.world('b')).seed, 'deltacloud', 'one of that name is another')
})

t.test('who is in a world that goes is told that it is gone', async t => {
  const { cloud } = await opened(t)
  const there = await connect(cloud, 'mockuser', undefined, 'fleeting')
  const begun = Array.from({ length: 20 }, () => there.instances.create({ imageId: 'img1', overrides: {} }))
  const removed = cloud.removeWorld('fleeting')
  const outcomes = await Promise.all(begun.map(failure))
  await removed
  t.ok(outcomes.every(outcome => outcome === 'none' || outcome === 'not-found'))
  t.equal(await failure(there.instances.list({})), 'not-found')
})

t.test('the worlds of a state file are there again, those in memory share their files and leave none', async t => {
  const state = join(directory(t), 'state')
  const clock = new ManualClock(beginning)
  const first = await MockCloud.open({ state, clock })
  await play(first, 'one', [{ what: 12, which: 3 }])
  await first.forkWorld('one', 'two')
  await first.createWorld('three', { seed: 'own' })
  const state1 = await seen(await first.world('one'))
  await first.close()
  t.equal(readdirSync(`${state}.blobs`).length, 1, 'a content that two have is kept once')
  const second = await MockCloud.open({ state, clock })
  t.strictSame(await second.worlds(), ['default', 'one', 'three', 'two'])
  t.equal(await seen(await second.world('two')), state1)
  t.equal((await second.world('three')).seed, 'own')
  await second.removeWorld('one')
  t.equal(await seen(await second.world('two')), state1)
  t.equal(readdirSync(`${state}.blobs`).length, 1)
  await second.resetWorld('two')
  t.equal(readdirSync(`${state}.blobs`).length, 0)
  await second.close()

  const memory = await MockCloud.open({ clock })
  const before = new Set(readdirSync(tmpdir()))
  await play(memory, 'one', [{ what: 12, which: 3 }])
  await play(memory, 'two', [{ what: 12, which: 3 }])
  const [home, ...rest] = readdirSync(tmpdir()).filter(name => /^mock-cloud-\w{6}$/.test(name) && !before.has(name))
  t.strictSame(rest, [])
  const files = () => readdirSync(join(tmpdir(), home ?? '')).length
  t.equal(files(), 1)
  await memory.removeWorld('one')
  t.equal(files(), 1)
  await memory.removeWorld('two')
  t.equal(files(), 0)
  await memory.close()
  t.notOk(existsSync(join(tmpdir(), home ?? '')))
})

t.test('contents that come and go in worlds at once are there for whom they belong to', async t => {
  const { cloud } = await opened(t)
  const worlds = await Promise.all([1, 2, 3, 4].map(n => connect(cloud, 'mockuser', undefined, `w${n}`)))
  const content = 'shared '.repeat(5000)
  for (let round = 0; round < 5; round++) {
    await Promise.all(
      worlds.map(async ({ blobs }, i) => {
        await blobs.create('bucket1', 'x', { content: bytes(content), metadata: {} })
        if ((round + i) % 2 === 0) await blobs.destroy('bucket1', 'x')
      }),
    )
    for (const [i, { blobs }] of worlds.entries()) {
      if ((round + i) % 2 === 0) continue
      const { content: found } = await blobs.read('bucket1', 'x', {})
      t.equal((await whole(found)).toString(), content)
    }
  }
})
