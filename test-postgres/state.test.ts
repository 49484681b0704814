/** A cloud in a database: it's there again, it's everyone's, and what can't be used is refused in plain words that tell no password. */

import t from 'tap'
import { ManualClock } from '../src/mock-cloud/clock.ts'
import { MockCloud } from '../src/mock-cloud/cloud.ts'
import { ask, deltacloudd } from '../test/cli/process.ts'
import { ask as askDatabase, place } from '../test/mock-cloud/place.ts'
import { accounts, aWhile, beginning, complaint, connect, failure, only, there } from '../test/mock-cloud/support.ts'
import { historyOf, play } from './history.ts'

const fresh = async (): Promise<string> => there((await place()).state)

/** An URL with something else in it. */
const but = (url: string, change: (url: URL) => void): string => {
  const changed = new URL(url)
  change(changed)
  return changed.href
}

t.test('a cloud is the same after it was closed and opened again', async t => {
  const state = await fresh()
  const clock = new ManualClock(beginning)
  const first = await MockCloud.open({ state, clock, accounts })
  const before = await connect(first, 'alice')
  const { id } = only(await before.instances.create({ imageId: 'img1', overrides: {}, name: 'mine' }))
  await before.annotations.set({ collection: 'instances', id }, { tag: 'value' })
  const key = await first.sealingKey()
  await first.close()
  clock.advance(aWhile)
  const second = await MockCloud.open({ state, clock, accounts })
  t.teardown(() => second.close())
  const after = await connect(second, 'alice')
  t.match(await after.instances.get(id), { name: 'mine', state: 'running', launchTime: '2026-11-21T00:00:00Z' })
  t.strictSame(await after.annotations.get({ collection: 'instances', id }), { tag: 'value' })
  t.strictSame(await second.sealingKey(), key)
})

t.test('many who come to an empty database at the same time make one cloud of it', async t => {
  const state = await fresh()
  const clouds = await Promise.all(Array.from({ length: 5 }, () => MockCloud.open({ state, accounts })))
  t.teardown(() => Promise.all(clouds.map(cloud => cloud.close())))
  const keys = await Promise.all(clouds.map(cloud => cloud.sealingKey()))
  t.equal(new Set(keys.map(key => key.toString('hex'))).size, 1, 'with one key')
  await Promise.all(
    clouds.map(async cloud => {
      await (await connect(cloud, 'alice')).instances.create({ imageId: 'img1', overrides: {} })
    }),
  )
  const seen = await Promise.all(clouds.map(async cloud => (await (await connect(cloud, 'alice')).instances.list({})).map(({ id }) => id)))
  for (const ids of seen) t.strictSame(ids, seen[0])
  t.equal(new Set(seen[0]).size, 4 + clouds.length)
})

t.test('texts of any characters and lengths are what they were', async t => {
  const cloud = await MockCloud.open({ state: await fresh(), accounts, openToAnyone: true })
  t.teardown(() => cloud.close())
  const names = ['\u0000', '\u0001', '\u0000\u0001', '\u0001\u0000', '\u0001\u0001', '\u0001\u0002', 'a\u0000b', '\u{10ffff}', 'ä', 'z']
  const { keys, instances, annotations, buckets, blobs } = await connect(cloud, 'alice')
  for (const name of names) await keys.create({ name })
  t.strictSame(
    (await keys.list({})).map(({ id }) => id).filter(id => names.includes(id)),
    names,
  )
  for (const name of names) t.equal((await keys.get(name))?.id, name)
  const long = 'é'.repeat(100_000)
  const entries = { [long]: long, '': '', '\u0000': '\u0001' }
  const ref = { collection: 'instances', id: 'inst1' } as const
  await annotations.set(ref, entries)
  t.strictSame(await annotations.get(ref), entries)
  t.strictSame(await annotations.find('instances', long, long), ['inst1'])
  await annotations.set(ref, { [long]: undefined })
  t.strictSame(await annotations.find('instances', long, long), [])
  await buckets.create({ name: '\u0000bucket' })
  for (const name of names) await blobs.create('\u0000bucket', name, { content: new Blob([name]).stream(), metadata: {} })
  t.strictSame(
    (await blobs.page('\u0000bucket', { limit: 100 })).items.map(({ id }) => id),
    names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    'in the order of their UTF-8',
  )
  t.equal(await failure(instances.get('\u0000').then(found => t.equal(found, undefined))), 'none')
})

t.test('a database that can not be used is refused in plain words, and its password is not told', async t => {
  const state = await fresh()
  const password = 'correct-horse'
  const refusal = async (url: string): Promise<string> => {
    const said = await complaint(MockCloud.open({ state: url }))
    t.notMatch(said, password)
    t.notMatch(said, new URL(state).password)
    return said
  }
  t.match(await refusal(but(state, url => (url.port = '1'))), /database postgres:\/\/mock@\S+ can't be reached: nobody listens there/)
  t.match(await refusal(but(state, url => (url.password = password))), /can't be used: wrong user or password/)
  t.match(await refusal(but(state, url => (url.username = 'nobody'))), /can't be used: wrong user or password/)
  t.match(await refusal(but(state, url => (url.password = ''))), /can't be used: it asks for a password/)
  t.match(await refusal(but(state, url => (url.pathname = '/nosuch'))), /nosuch does not exist/)
  t.match(await refusal(but(state, url => (url.hostname = 'no-such-host.invalid'))), /can't be reached/)
  t.match(await refusal(`postgres://mock:${password}@[`), /database of that URL can't be used/)

  await askDatabase(state, 'create table shopping (what text)')
  t.match(await refusal(state), /has tables, but not those of a mock cloud/)
  await askDatabase(state, 'create table meta (name text)')
  t.match(await refusal(state), /has tables, but not those of a mock cloud/)
  await askDatabase(state, 'drop table shopping; drop table meta')
  t.equal(await complaint(MockCloud.open({ state, seed: 'a' }).then(cloud => cloud.close())), '', 'and one that can be used is not')
  t.match(await complaint(MockCloud.open({ state, seed: 'b' })), /seed 'a', not 'b'/)
  await askDatabase(state, "update meta set value = 'mock cloud 999' where name = 'format'")
  t.match(await refusal(state), /was written by a newer version \(its format is 999, this version knows 1\)/)
})

t.test('deltacloudd takes a database as its state, and says what is wrong with one', async t => {
  const state = await fresh()
  const args = ['-i', 'mock', '-r', '127.0.0.1', '-p', '0', '--state']
  const server = deltacloudd([...args, state])
  t.teardown(() => server.child.kill('SIGKILL'))
  const url = await server.listens()
  t.equal((await ask(`${url}/api/instances?format=json`)).status, 200)
  server.child.kill('SIGTERM')
  t.equal((await server.ended).code, 0)
  t.match(await askDatabase(state, 'select account from account'), [{ account: 'mockuser' }])
  const refused = await deltacloudd([...args, but(state, url => (url.password = 'correct-horse'))]).ended
  t.equal(refused.code, 1)
  t.match(refused.err, /wrong user or password/)
  for (const text of [refused.out, refused.err, server.said.out, server.said.err]) {
    t.notMatch(text, 'correct-horse')
    t.notMatch(text, new URL(state).password)
  }
})

const others = 'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'

t.test('a connection that breaks is replaced', async t => {
  const state = await fresh()
  const cloud = await MockCloud.open({ state, accounts })
  t.teardown(() => cloud.close())
  const { instances } = await connect(cloud, 'alice')
  await instances.list({})
  await askDatabase(state, others)
  t.equal((await instances.list({})).length, 4)
  t.equal((await instances.create({ imageId: 'img1', overrides: {} })).length, 1)
})

t.test('where connections break in the middle, what was begun is begun again, and no answer is wrong', async t => {
  const state = await fresh()
  const clock = new ManualClock(beginning)
  const clouds = await Promise.all([1, 2].map(() => MockCloud.open({ state, accounts, clock })))
  t.teardown(() => Promise.all(clouds.map(cloud => cloud.close())))
  const sides = await Promise.all(clouds.map(cloud => connect(cloud, 'alice')))
  let isOver = false
  const breaking = (async () => {
    while (!isOver) await askDatabase(state, others)
  })()
  const asking = Promise.all(
    sides.map(async (cloud, side) => {
      const told: { name: string; how: string }[] = []
      for (let i = 0; i < 25; i++) {
        const name = `${side}-${i}`
        told.push({ name, how: await failure(cloud.keys.create({ name })) })
      }
      return told
    }),
  )
  const outcomes = await asking.finally(() => {
    isOver = true
  })
  await breaking
  const names = new Set((await there(sides[0]).keys.list({})).map(({ id }) => id))
  for (const { name, how } of outcomes.flat()) {
    if (how === 'none') t.ok(names.has(name), `${name} was acknowledged, and is there`)
    // Nobody could know, or nobody came through.
    else t.ok(['provider-error', 'provider-unavailable'].includes(how), how)
  }
  t.same(play(await historyOf(await there(clouds[1]).world())).wrong, [])
})
