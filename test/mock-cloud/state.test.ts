/** A cloud in a file: what was answered is there again, and what can't be used is refused in plain words. */

import { fork } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { ManualClock } from '../../src/mock-cloud/clock.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { accounts, aWhile, beginning, complaint, connect, type FullCloud, only, there } from './support.ts'

const directory = (t: Test): string => {
  const path = mkdtempSync(join(tmpdir(), 'mock-cloud-test-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function* bytes(text: string, times = 1): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < times; i++) yield Buffer.from(text)
}

const textOf = async (cloud: FullCloud, bucket: string, id: string): Promise<string> => {
  let text = ''
  for await (const piece of (await cloud.blobs.read(bucket, id, {})).content) text += Buffer.from(piece).toString()
  return text
}

t.test('a cloud is the same after it was closed and opened again', async t => {
  const state = join(directory(t), 'state')
  const clock = new ManualClock(beginning)
  const first = await MockCloud.open({ state, clock, accounts })
  const before = await connect(first, 'alice')
  const { id } = only(await before.instances.create({ imageId: 'img1', overrides: {}, name: 'mine' }))
  await before.blobs.create('bucket1', 'large', { content: bytes('0123456789abcdef', 10_000), metadata: { a: 'b' } })
  await before.annotations.set({ collection: 'instances', id }, { tag: 'value' })
  const key = await first.sealingKey()
  await first.close()
  clock.advance(aWhile)
  const second = await MockCloud.open({ state, clock, accounts })
  t.teardown(() => second.close())
  const after = await connect(second, 'alice')
  t.match(await after.instances.get(id), { name: 'mine', state: 'running', launchTime: '2026-11-21T00:00:00Z' })
  t.equal((await textOf(after, 'bucket1', 'large')).length, 160_000)
  t.strictSame(await after.annotations.get({ collection: 'instances', id }), { tag: 'value' })
  t.strictSame(await second.sealingKey(), key)
})

t.test('time goes on from where it was, though the clock begins anew', async t => {
  const state = join(directory(t), 'state')
  const first = await MockCloud.open({ state, clock: new ManualClock(beginning) })
  await (await connect(first, 'mockuser')).instances.stop('inst1')
  await first.close()
  const clock = new ManualClock(0)
  const second = await MockCloud.open({ state, clock })
  t.teardown(() => second.close())
  const { instances } = await connect(second, 'mockuser')
  t.equal(second.now(), beginning)
  t.equal(there(await instances.get('inst1')).state, 'stopping')
  clock.advance(aWhile)
  t.equal(there(await instances.get('inst1')).state, 'stopped')
})

/** Something that a client does, with time passing before it. */
const commands = fc.array(fc.record({ wait: fc.nat(1500), which: fc.nat(8), what: fc.nat(11) }), { minLength: 1, maxLength: 20 })

/** What a command is answered with. */
const answer = async (cloud: FullCloud, what: number, which: number): Promise<unknown> => {
  const id = `inst${which}`
  const volume = `vol${which}`
  const requests: (() => Promise<unknown>)[] = [
    () => cloud.instances.create({ imageId: 'img1', overrides: {} }),
    () => cloud.instances.stop(id),
    () => cloud.instances.start(id),
    () => cloud.instances.destroy(id),
    () => cloud.keys.create({ name: `key${which}` }),
    () => cloud.storage_volumes.create({ capacity: which }),
    () => cloud.storage_volumes.attach(volume, { instanceId: id, device: '' }),
    () => cloud.storage_volumes.destroy(volume),
    () => cloud.addresses.create(),
    () => cloud.network_interfaces.create({ instanceId: id, networkId: 'subnet1' }),
    () => cloud.metrics.get(id),
    () => cloud.blobs.begin('bucket1', 'x', { metadata: {} }),
  ]
  const request = requests[what]
  return request === undefined ? undefined : request().catch((error: unknown) => String(error))
}

t.test('the same seed, commands and clock give the same answers, with a restart in the middle too', async t => {
  const home = directory(t)
  let n = 0
  const play = async (list: readonly { wait: number; which: number; what: number }[], restartAt: number): Promise<string[]> => {
    const state = join(home, `state${n++}`)
    const clock = new ManualClock(beginning)
    let cloud = await MockCloud.open({ state, clock, seed: 'a seed' })
    const answers: string[] = []
    for (const [i, { wait, what, which }] of list.entries()) {
      if (i === restartAt) {
        await cloud.close()
        cloud = await MockCloud.open({ state, clock })
      }
      clock.advance(wait)
      answers.push(JSON.stringify(await answer(await connect(cloud, 'mockuser'), what, which)))
    }
    await cloud.close()
    return answers
  }
  await fc.assert(
    fc.asyncProperty(commands, fc.nat(), async (list, at) => {
      t.strictSame(await play(list, at % list.length), await play(list, -1))
    }),
    { numRuns: 12 },
  )
})

t.test('another seed gives another course', async t => {
  const keyOf = async (seed: string) => {
    const cloud = await MockCloud.open({ seed, clock: new ManualClock(beginning) })
    const { pem } = await (await connect(cloud, 'mockuser')).keys.create({ name: 'k' })
    await cloud.close()
    return pem
  }
  t.equal(await keyOf('one'), await keyOf('one'))
  t.not(await keyOf('one'), await keyOf('two'))
})

t.test('an operation that fails has changed nothing', async t => {
  const cloud = await MockCloud.open({ clock: new ManualClock(beginning) })
  t.teardown(() => cloud.close())
  const { instances, firewalls, storage_volumes, keys } = await connect(cloud, 'mockuser')
  // The firewalls are entered before the snapshot turns out not to be there.
  const request = { imageId: 'img1', overrides: {}, firewalls: ['default'], snapshotId: 'nosuch' }
  t.match(await complaint(instances.create(request)), /nosuch/)
  t.equal((await instances.list({})).length, 4)
  t.equal((await storage_volumes.list({})).length, 3)
  await firewalls.destroy('default')
  const [a, b] = await Promise.allSettled([keys.create({ name: 'same' }), keys.create({ name: 'same' })])
  t.strictSame([a.status, b.status], ['fulfilled', 'rejected'], 'of two at once, one is first')
})

t.test('a file that can not be used is refused in plain words', async t => {
  const home = directory(t)
  const at = (name: string): string => join(home, name)
  const refusal = async (name: string, seed?: string) =>
    complaint(MockCloud.open({ state: at(name), ...(seed === undefined ? {} : { seed }) }))

  mkdirSync(at('directory'))
  t.match(await refusal('directory'), /state file .*directory is a directory/)
  t.match(await refusal('nowhere/state'), /there is no directory .*nowhere/)
  writeFileSync(at('letter'), 'Dear reader, '.repeat(1000))
  t.match(await refusal('letter'), /letter is not a database/)

  const foreign = new DatabaseSync(at('foreign'))
  foreign.exec('create table shopping (what text)')
  foreign.close()
  t.match(await refusal('foreign'), /foreign is a database, but not the state of a mock cloud/)

  const first = await MockCloud.open({ state: at('mine'), seed: 'a' })
  t.match(await refusal('mine'), /mine is in use by another process/)
  await first.close()
  t.match(await refusal('mine', 'b'), /made with the seed 'a', not 'b'/)
  t.equal(await refusal('other'), '', 'and one that can be used is not')

  const newer = new DatabaseSync(at('mine'))
  newer.exec('pragma user_version = 999')
  newer.close()
  t.match(await refusal('mine'), /mine was written by a newer version/)
})

t.test('what a crash left of contents is swept, and nothing else', async t => {
  const state = join(directory(t), 'state')
  const clock = new ManualClock(beginning)
  const first = await MockCloud.open({ state, clock })
  await (await connect(first, 'mockuser')).blobs.create('bucket1', 'x', { content: bytes('x'.repeat(50_000)), metadata: {} })
  await first.close()
  const [kept] = readdirSync(`${state}.blobs`)
  writeFileSync(join(`${state}.blobs`, 'begun.part'), 'half a content')
  writeFileSync(join(`${state}.blobs`, 'f'.repeat(64)), 'a content that no blob has')
  writeFileSync(join(`${state}.blobs`, 'notes.txt'), 'not ours')
  const second = await MockCloud.open({ state, clock })
  t.teardown(() => second.close())
  t.strictSame(readdirSync(`${state}.blobs`).sort(), [kept, 'notes.txt'].sort())
  t.equal((await textOf(await connect(second, 'mockuser'), 'bucket1', 'x')).length, 50_000)
})

t.test('a cloud in memory leaves no file behind', async t => {
  const before = new Set(readdirSync(tmpdir()))
  const cloud = await MockCloud.open({})
  await (await connect(cloud, 'mockuser')).blobs.create('bucket1', 'x', { content: bytes('x'.repeat(50_000)), metadata: {} })
  const made = readdirSync(tmpdir()).filter(
    name => name.startsWith('mock-cloud-') && !name.startsWith('mock-cloud-test-') && !before.has(name),
  )
  t.ok(made.length > 0)
  await cloud.close()
  t.ok(made.some(name => !existsSync(join(tmpdir(), name))))
})

t.test('what was answered outlives a kill at any moment', async t => {
  const state = join(directory(t), 'state')
  const promised: string[] = []
  for (let round = 0; round < 3; round++) {
    const child = fork(new URL('writer.ts', import.meta.url), [state], { stdio: 'inherit' })
    await new Promise<void>(resolve => {
      let left = 5 + 17 * round
      child.on('message', id => {
        promised.push(String(id))
        if (left-- === 0) child.kill('SIGKILL')
      })
      child.on('exit', () => resolve())
    })
    const cloud = await MockCloud.open({ state })
    const seen = await connect(cloud, 'mockuser')
    const instances = new Set((await seen.instances.list({})).map(instance => instance.name))
    for (const name of promised) {
      t.ok(instances.has(name), `${name} is there`)
      t.equal((await textOf(seen, 'bucket1', name)).length, 20_000)
    }
    await cloud.close()
  }
})
