/** The mock cloud in a test's own hands: driven directly, by the clock of the test. */

import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startServer } from '../src/index.ts'
import { CloudError, createMockCloud, systemClock } from '../src/mock.ts'

t.test('time stands still until the test moves it', async t => {
  await using mock = await createMockCloud()
  const cloud = await mock.as()
  const [launched] = await cloud.instances.create({ imageId: 'img1', name: 'web' })
  t.equal(launched?.state, 'pending')
  const state = async (): Promise<string | undefined> => (await cloud.instances.get(launched?.id ?? ''))?.state
  t.equal(await state(), 'pending')
  mock.clock.advance(10_000)
  t.equal(await state(), 'running')
})

t.test('the same calls give the same cloud, to the last identifier and time', async t => {
  const run = async (): Promise<unknown> => {
    await using mock = await createMockCloud({ seed: 'again' })
    const cloud = await mock.as()
    await cloud.instances.create({ imageId: 'img1' })
    mock.clock.advance(1_234)
    await cloud.storage_volumes.create({ capacity: 10 })
    mock.clock.advance(60_000)
    return { instances: await cloud.instances.list({}), volumes: await cloud.storage_volumes.list({}) }
  }
  t.same(await run(), await run())
})

t.test('all that is under way comes to its end, at its own time', async t => {
  await using mock = await createMockCloud()
  const cloud = await mock.as()
  await cloud.instances.create({ imageId: 'img1', name: 'web' })
  const took = await mock.settle()
  t.ok(took > 0)
  t.equal((await cloud.instances.list({})).find(instance => instance.name === 'web')?.state, 'running')
  t.equal(await mock.settle(), 0)
  const history = (await mock.events()).filter(event => event.kind === 'instances')
  t.match(history, [
    { action: 'create', to: 'pending' },
    { action: 'automatically', from: 'pending', to: 'running' },
  ])
  const before = mock.clock.now()
  await mock.advance(1_000)
  t.equal(mock.clock.now(), before + 1_000)
})

t.test('what seldom happens can be provoked, and taken back', async t => {
  await using mock = await createMockCloud()
  const cloud = await mock.as()
  const stop = await mock.provoke('operation=instances.create,error=over-quota')
  const refused: unknown = await cloud.instances.create({ imageId: 'img1' }).catch((error: unknown) => error)
  t.match(refused, { kind: 'over-quota' })
  await stop()
  t.equal((await cloud.instances.create({ imageId: 'img1' })).length, 1)
  await mock.provoke({ match: { operation: 'instances.create' }, effect: { boot: 'fails' } })
  const [doomed] = await cloud.instances.create({ imageId: 'img1' })
  await mock.settle()
  t.equal((await cloud.instances.get(doomed?.id ?? ''))?.state, 'error')
  await t.rejects(mock.provoke({ effect: 'rain' }), /effect/)
  await t.rejects(mock.provoke('weather=rain'), /The rule 'weather=rain' doesn't know 'weather'/)
})

t.test('an account begins with what it is given', async t => {
  await using mock = await createMockCloud()
  await mock.seed({ accounts: [{ account: 'alice', empty: true, collections: { keys: [{ id: 'deploy' }] } }] })
  t.match(await (await mock.as('alice')).keys.list({}), [{ id: 'deploy' }])
  await t.rejects(mock.seed({ accounts: 'alice' }), /accounts/)
})

t.test('a fork goes its own way, and an account has nothing in common with itself in another world', async t => {
  await using mock = await createMockCloud()
  const cloud = await mock.as()
  await cloud.keys.create({ name: 'before' })
  const fork = await (await mock.fork('copy')).as()
  await fork.keys.create({ name: 'after' })
  t.equal((await cloud.keys.get('after'))?.id, undefined)
  t.equal((await fork.keys.get('before'))?.id, 'before')
  const elsewhere = await (await mock.in('elsewhere')).as()
  t.equal((await elsewhere.keys.get('before'))?.id, undefined)
  t.equal((await (await (await mock.in('copy')).as()).keys.get('after'))?.id, 'after')
  await t.rejects(mock.fork('copy'), /There is a world 'copy' already/)
})

t.test('every name is an account of its own, without a password', async t => {
  await using mock = await createMockCloud()
  const [alice, bob] = await Promise.all([mock.as('alice'), mock.as('bob')])
  await alice.keys.create({ name: 'deploy' })
  t.equal((await alice.keys.list({})).length, (await bob.keys.list({})).length + 1)
})

t.test('an account is refused where the cloud is closed to strangers', async t => {
  await using mock = await createMockCloud({ openToAnyone: false, accounts: { alice: 'wonderland' } })
  await mock.as('alice')
  await t.rejects(mock.as('mallory'), new CloudError('unauthenticated', "The mock cloud has no account 'mallory'"))
})

t.test('another provider is another kind of cloud, and one that is not there is named', async t => {
  await using mock = await createMockCloud()
  const classic = await mock.as('mockuser', 'classic')
  t.equal(classic.firewalls, undefined)
  t.equal((await classic.instances?.create?.({ imageId: 'img1' }))?.[0]?.state, 'running')
  await t.rejects(mock.as('mockuser', 'cloudy'), /no provider 'cloudy'; there are default, classic/)
})

t.test('a clock of any kind can be given', async t => {
  await using mock = await createMockCloud({ clock: systemClock() })
  t.ok(Math.abs(mock.clock.now() - Date.now()) < 60_000)
})

t.test('a server can show the same cloud, and leaves it open', async t => {
  await using mock = await createMockCloud()
  const server = await startServer({ port: 0, host: '127.0.0.1', mock })
  const cloud = await mock.as()
  await cloud.keys.create({ name: 'deploy' })
  const listed = await fetch(`${server.url}/api/keys?format=json`, {
    headers: { authorization: `Basic ${Buffer.from('mockuser:mockpassword').toString('base64')}` },
  })
  t.match(await listed.text(), '"id":"deploy"')
  await server.close(0)
  t.ok((await cloud.keys.list({})).some(key => key.id === 'deploy'))
})

t.test('a cloud in a file goes on where it was', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'mock-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const state = join(folder, 'cloud.db')
  {
    await using mock = await createMockCloud({ state })
    await (await mock.as()).keys.create({ name: 'deploy' })
  }
  await using again = await createMockCloud({ state })
  t.ok(await (await again.as()).keys.get('deploy'))
})
