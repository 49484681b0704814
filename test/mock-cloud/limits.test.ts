/** Limits: what an account may have, how fast it may ask, and how large things may be. */

import fc from 'fast-check'
import t from 'tap'
import { seed } from '../../src/mock-cloud/seeds.ts'
import { complaint, connect, type FullCloud, failure, opened, there } from './support.ts'

const launch = (cloud: FullCloud, realmId = 'us', hardwareProfileId = 'm1-small') =>
  cloud.instances.create({ imageId: 'img1', realmId, hardwareProfileId })

const bytes = (length: number) => ({
  async *[Symbol.asyncIterator]() {
    yield Buffer.alloc(length)
  },
})

t.test('a quota is never exceeded, however many ask at once, and what was given back can be had again', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 6 }),
      fc.array(fc.record({ create: fc.integer({ min: 1, max: 5 }), destroy: fc.integer({ min: 0, max: 3 }) }), { maxLength: 6 }),
      async (room, rounds) => {
        const { cloud, as } = await opened(t)
        const { limits } = await cloud.world()
        const mine = await as()
        await limits.set({ quotas: { keys: 1 + room } })
        let free = room
        for (const [round, { create, destroy }] of rounds.entries()) {
          const names = Array.from({ length: create }, (_, i) => `key-${round}-${i}`)
          const fared = await Promise.all(names.map(name => failure(mine.keys.create({ name }))))
          t.equal(fared.filter(kind => kind === 'none').length, Math.min(free, create))
          t.ok(fared.every(kind => kind === 'none' || kind === 'over-quota'))
          const own = (await mine.keys.list({})).filter(({ id }) => id.startsWith('key-'))
          const gone = own.slice(0, destroy)
          await Promise.all(gone.map(({ id }) => mine.keys.destroy(id)))
          free = room - own.length + gone.length
        }
      },
    ),
    { numRuns: 20 },
  )
})

t.test('every collection has its quota, and volumes one for all their gigabytes', async t => {
  const { cloud, as, clock } = await opened(t)
  const { limits } = await cloud.world()
  const mine = await as()
  clock.advance(10_000)
  const network = there((await mine.networks.list({}))[0]).id
  const subnet = there((await mine.subnets.list({}))[0]).id
  const creations: Readonly<Record<string, () => Promise<unknown>>> = {
    images: () => mine.images.create({ instanceId: 'inst1' }),
    instances: () => launch(mine),
    keys: () => mine.keys.create({ name: 'one more' }),
    storage_volumes: () => mine.storage_volumes.create({ capacity: 1 }),
    storage_snapshots: () => mine.storage_snapshots.create({ volumeId: 'vol1' }),
    buckets: () => mine.buckets.create({ name: 'one-more' }),
    addresses: () => mine.addresses.create(),
    firewalls: () => mine.firewalls.create({ name: 'more', description: 'more' }),
    load_balancers: () =>
      mine.load_balancers.create({ name: 'more', realmId: 'us', listener: { protocol: 'HTTP', loadBalancerPort: 80, instancePort: 80 } }),
    networks: () => mine.networks.create({ addressBlock: '10.9.0.0/16' }),
    subnets: () => mine.subnets.create({ networkId: network, addressBlock: '192.168.200.0/24' }),
    network_interfaces: () => mine.network_interfaces.create({ instanceId: 'inst2', networkId: subnet }),
    volume_gigabytes: () => mine.storage_volumes.create({ capacity: 1 }),
  }
  for (const [name, create] of Object.entries(creations)) {
    await limits.set(undefined)
    const { used } = there((await limits.usage('default', 'mockuser')).quotas.find(quota => quota.name === name))
    await limits.set({ quotas: { [name]: used } })
    const refusal: unknown = await create().catch((error: unknown) => error)
    t.match(refusal, { kind: 'over-quota', exhausted: { resource: name, limit: used, used } }, `${name}: ${used} of ${used}`)
    await limits.setQuotas({ [name]: used + 1 })
    t.equal(await failure(create()), 'none', `${name}: ${used} of ${used + 1}`)
    t.same(
      (await limits.usage('default', 'mockuser')).quotas.find(quota => quota.name === name),
      { name, used: used + 1, limit: used + 1 },
    )
  }
})

t.test('a launch of several is refused whole where one is too many', async t => {
  const { cloud, as } = await opened(t)
  const { limits } = await cloud.world()
  const mine = await as()
  const before = await mine.instances.list({})
  await limits.set({ quotas: { instances: before.length + 2 } })
  t.equal(await complaint(mine.instances.create({ imageId: 'img1', count: 3 })), `The quota of ${before.length + 2} instances is used up`)
  t.same(await mine.instances.list({}), before)
  t.equal(await failure(mine.instances.create({ imageId: 'img1', count: 2 })), 'none')
})

t.test('what came while there was no quota counts as soon as there is one, and so does what was seeded', async t => {
  const { cloud, as } = await opened(t)
  const world = await cloud.world()
  const mine = await as()
  await world.limits.set({ quotas: { keys: 5 } })
  await mine.keys.create({ name: 'a' })
  await world.limits.set({ quotas: { keys: null } })
  for (const name of ['b', 'c', 'd']) await mine.keys.create({ name })
  await world.limits.set({ quotas: { keys: 5 } })
  t.equal(await failure(mine.keys.create({ name: 'e' })), 'over-quota')
  await mine.keys.destroy('d')
  await mine.keys.destroy('c')
  t.equal(await failure(mine.keys.create({ name: 'e' })), 'none')
  await seed(world, { accounts: [{ account: 'mockuser', collections: { keys: [{ id: 'f', credentialType: 'key' }] } }] })
  t.equal(await failure(mine.keys.create({ name: 'g' })), 'over-quota')
})

t.test('a realm has room for so many instances and so many of their cpus, and says how many more', async t => {
  const { cloud, as } = await opened(t)
  const { limits } = await cloud.world()
  const mine = await as()
  const limit = async (id: string) => (await mine.realms.list({})).find(realm => realm.id === id)?.limit
  t.equal(await limit('eu'), 'unlimited')
  await limits.set({ capacity: { eu: { instances: 3 } } })
  t.equal(await limit('eu'), '2')
  t.equal((await mine.realms.get('eu'))?.limit, '2')
  t.equal(await limit('us'), 'unlimited')
  t.same([await failure(launch(mine, 'eu')), await failure(launch(mine, 'eu'))], ['none', 'none'])
  t.equal(await failure(launch(mine, 'eu')), 'provider-unavailable')
  t.equal(await limit('eu'), '0')
  t.equal(await failure(launch(mine, 'us')), 'none')
  t.equal(await failure(launch(await as('bob'), 'eu')), 'none', "another account's realm is as empty as it was")

  await limits.set({ capacity: { '*': { cpus: 12 } } })
  const { cpus } = there((await limits.usage('default', 'bob')).realms.find(({ id }) => id === 'eu'))
  t.same(cpus, { used: 2, limit: 12 })
})

t.test('calls that come too fast are refused until there is room in the bucket again', async t => {
  const { cloud, as, clock } = await opened(t)
  const { limits } = await cloud.world()
  const mine = await as()
  await limits.set({ rate: { calls: 3, window: '3s' } })
  const look = () => failure(mine.keys.list({}))
  t.same([await look(), await look(), await look(), await look()], ['none', 'none', 'none', 'throttled'])
  t.equal(await mine.keys.list({}).catch(({ retryAfter }) => retryAfter), 1)
  t.equal(await failure((await as('bob')).keys.list({})), 'none')
  clock.advance(999)
  t.equal(await look(), 'throttled')
  clock.advance(1)
  t.same([await look(), await look()], ['none', 'throttled'])
  clock.advance(60_000)
  t.same([await look(), await look(), await look(), await look()], ['none', 'none', 'none', 'throttled'])
})

t.test('in any stretch of time as long as the window, no more calls pass than the bucket holds twice', async t => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }), async (calls, gaps) => {
      const { cloud, as, clock } = await opened(t)
      const { limits } = await cloud.world()
      await limits.set({ rate: { calls, window: 1000 } })
      const mine = await as()
      const passed: number[] = []
      for (const gap of gaps) {
        clock.advance(gap)
        if ((await failure(mine.realms.list({}))) === 'none') passed.push(clock.now())
      }
      for (const begin of passed) t.ok(passed.filter(time => time >= begin && time < begin + 1000).length < calls * 2)
    }),
    { numRuns: 20 },
  )
})

t.test('names, descriptions, user data and blobs can be too large', async t => {
  const { cloud, as } = await opened(t)
  const { limits } = await cloud.world()
  const mine = await as()
  await limits.set({ sizes: { name: 5, description: 3, userData: 4, blob: 10 } })
  t.equal(await complaint(mine.keys.create({ name: '123456' })), 'A name can have at most 5 characters, and not 6')
  t.equal(await failure(mine.keys.create({ name: '😀😀😀😀😀' })), 'none')
  t.equal(await failure(mine.storage_volumes.create({ name: 'v', description: '1234' })), 'bad-request')
  t.equal(await failure(mine.instances.create({ imageId: 'img1', userData: '12345' })), 'bad-request')
  t.equal(await failure(mine.instances.create({ imageId: 'img1', userData: '1234' })), 'none')
  const put = (length: number, announced: boolean) =>
    failure(mine.blobs.create('bucket1', 'large', { content: bytes(length), metadata: {}, ...(announced ? { length } : {}) }))
  t.same(
    [await put(11, true), await put(11, false), await put(10, true), await put(10, false)],
    ['bad-request', 'bad-request', 'none', 'none'],
  )
})

t.test('limits of one world are no other world’s, and a fork takes them along', async t => {
  const { cloud, as } = await opened(t)
  const tight = await cloud.world('tight')
  await tight.limits.set({ quotas: { keys: 0 } })
  t.equal(await failure((await as()).keys.create({ name: 'a' })), 'none')
  await cloud.forkWorld('tight', 'copy')
  for (const world of ['tight', 'copy'])
    t.equal(await failure((await connect(cloud, 'alice', undefined, world)).keys.create({ name: 'a' })), 'over-quota')
})

t.test('what is wrong with limits is said with its place, and all stays as it was', async t => {
  const { cloud } = await opened(t)
  const { limits } = await cloud.world()
  await limits.set({ quotas: { keys: 3 } })
  for (const [bad, says] of [
    [{ quotas: { servers: 3 } }, 'limits.quotas may have images, instances,'],
    [{ quotas: { keys: -1 } }, 'limits.quotas.keys must be a whole number from 0'],
    [{ capacity: { us: { ram: 1 } } }, 'limits.capacity.us must be {instances, cpus}'],
    [{ rate: { calls: 0 } }, 'limits.rate.calls must be {calls, window}'],
    [{ sizes: { blob: '1 MB' } }, 'limits.sizes.blob must be a whole number'],
    [{ quota: {} }, 'limits may have quotas, capacity, rate, sizes'],
  ] as const) {
    const said = await complaint(limits.set(bad))
    t.ok(said.startsWith(says), `${said} begins with ${says}`)
  }
  t.same(limits.setting, { quotas: { keys: 3 } })
})

t.test('the classic cloud has no limits, the default one generous ones', async t => {
  const { cloud } = await opened(t)
  const { limits } = await cloud.world()
  t.same(limits.of('classic'), { quotas: {}, capacity: {}, sizes: {} })
  t.ok(there(limits.of('default').quotas.instances) >= 10_000)
})
