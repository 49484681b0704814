/** Resources from a file, and all of a world as one. */

import fc from 'fast-check'
import t from 'tap'
import { events } from '../../src/mock-cloud/events.ts'
import { exportWorld } from '../../src/mock-cloud/export.ts'
import { seed, seedJsonSchema } from '../../src/mock-cloud/seeds.ts'
import { acts, perform } from './acts.ts'
import { aWhile, complaint, connect, failure, only, open, opened } from './support.ts'

/** A little of everything, each saying no more than it must. */
const shop = {
  accounts: [
    {
      account: 'mockuser',
      empty: true,
      collections: {
        images: [{ id: 'debian' }],
        keys: [{ id: 'mine' }],
        networks: [{ id: 'net' }],
        subnets: [{ id: 'inner', networkId: 'net', addressBlock: '10.0.1.0/24' }],
        firewalls: [{ id: 'web', rules: [{ id: 'r1', protocol: 'tcp', portFrom: 80, portTo: 80, sources: [] }] }],
        instances: [
          { id: 'shop', firewalls: ['web'], hardwareProfile: { id: 'm1-large', overrides: { memory: 8192 } } },
          { id: 'spare', state: 'stopped', realmId: 'eu', name: 'Spare' },
        ],
        storage_volumes: [{ id: 'data', capacity: 20, instanceId: 'shop', device: '/dev/sdb' }],
        storage_snapshots: [{ id: 'yesterday', storageVolumeId: 'data' }],
        buckets: [{ id: 'files' }],
        blobs: [
          { bucketId: 'files', id: 'greeting', text: 'Hello', contentType: 'text/plain', userMetadata: { lang: 'en' } },
          { bucketId: 'files', id: 'bytes', base64: 'AP8=' },
        ],
        addresses: [{ id: '192.0.2.1', instanceId: 'shop' }],
        load_balancers: [{ id: 'front', instances: ['shop'] }],
        network_interfaces: [{ id: 'nic', instanceId: 'shop', networkId: 'inner', ipAddress: '10.0.1.9' }],
      },
    },
  ],
}

t.test('a seeded cloud has what its seed says, and what that leaves open as usual', async t => {
  const { cloud, as } = await opened(t)
  const world = await cloud.world()
  await seed(world, shop)
  const c = await as()
  t.match(await c.instances.list({}), [
    {
      id: 'shop',
      state: 'running',
      imageId: 'debian',
      realmId: 'us',
      ownerId: 'mockuser',
      hardwareProfile: { id: 'm1-large', overrides: { memory: 8192 } },
      publicAddresses: [{ address: '192.0.2.1', type: 'ipv4' }],
      storageVolumes: [{ id: 'data', device: '/dev/sdb' }],
      networkInterfaces: ['nic'],
    },
    { id: 'spare', state: 'stopped', realmId: 'eu', name: 'Spare' },
  ])
  t.match(only(await c.images.list({})), { id: 'debian', state: 'AVAILABLE', ownerId: 'mockuser' })
  t.match(only(await c.storage_volumes.list({})), { state: 'IN-USE', capacity: 20, instanceId: 'shop' })
  t.match(only(await c.networks.list({})), { subnets: ['inner'], addressBlocks: ['10.0.0.0/16'] })
  t.match(only(await c.buckets.list({})), { size: 2, blobs: ['bytes', 'greeting'] })
  t.match(await c.blobs.get('files', 'greeting'), { contentLength: 5, contentType: 'text/plain', userMetadata: { lang: 'en' } })
  t.match(await events(world, { limit: 100 }), [{ type: 'seeded', account: 'mockuser' }], 'which is one event')
})

t.test('what was seeded lives like what was made', async t => {
  const { cloud, clock, as } = await opened(t)
  await seed(await cloud.world(), shop)
  const c = await as()
  t.equal(await failure(c.storage_volumes.destroy('data')), 'conflict')
  t.equal(await failure(c.firewalls.destroy('web')), 'conflict')
  await c.instances.start('spare')
  await c.instances.destroy('shop')
  clock.advance(aWhile)
  t.match(await c.instances.list({}), [{ id: 'spare', state: 'running' }])
  t.match(only(await c.storage_volumes.list({})), { state: 'AVAILABLE' })
  t.strictSame(only(await c.addresses.list({})), { id: '192.0.2.1' })
  t.strictSame(only(await c.load_balancers.list({})).instances, [])
  t.strictSame(await c.network_interfaces.list({}), [])
  await c.subnets.destroy('inner')
  await c.firewalls.destroy('web')
  const { id } = only(await c.instances.create({ imageId: 'debian', overrides: {} }))
  t.match(await c.instances.get(id), { state: 'pending' })
})

t.test('a seed adds to what an account has, and takes the place of what has its id', async t => {
  const { cloud, as } = await opened(t)
  const c = await as()
  await c.keys.create({ name: 'mine' })
  const collections = { images: [{ id: 'img1', name: 'Another' }], instances: [{ id: 'extra' }] }
  await seed(await cloud.world(), { accounts: [{ account: 'mockuser', collections }] })
  t.equal((await c.instances.list({})).length, 5)
  t.match(await c.images.get('img1'), { name: 'Another' })
  t.equal((await c.images.list({})).length, 3)
  t.match(await c.keys.get('mine'), { id: 'mine' })
})

t.test('what is wrong with a seed is said with its place, and the account stays as it was', async t => {
  const { cloud, as } = await opened(t)
  const world = await cloud.world()
  const { instances, images } = await as('alice')
  const before = await images.list({})
  const refusal = (collections: object) => complaint(seed(world, { accounts: [{ account: 'alice', collections }] }))
  t.match(await complaint(seed(world, 'text')), /wrong at the top/)
  t.match(
    await complaint(seed(world, { accounts: [{ account: 'a', provider: 'nosuch', collections: {} }] })),
    /accounts\[0\]\.provider.*nosuch/,
  )
  t.match(await refusal({ instances: [{ id: 'a' }, { id: 'b', stat: 'running' }] }), /accounts\[0\]\.collections\.instances\[1\].*stat/)
  t.match(await refusal({ instances: [{ id: 'a', state: 'pending' }] }), /instances\[0\]\.state/)
  t.match(await refusal({ machines: [] }), /machines/)
  t.match(await refusal({ instances: [{ id: '..' }] }), /instances\[0\]\.id/)
  t.match(await refusal({ images: [{ id: 'new' }], storage_volumes: [{ id: 'v', instanceId: 'nosuch' }] }), /storage_volumes\[0\].*nosuch/)
  t.match(await refusal({ instances: [{ id: 'a', realmId: 'mars' }] }), /instances\[0\].*mars/)
  t.match(await refusal({ blobs: [{ bucketId: 'nosuch', id: 'x', text: '' }] }), /blobs\[0\].*nosuch/)
  t.strictSame(await images.list({}), before)
  t.equal((await instances.list({})).length, 4)
})

t.test('an export is a seed: it makes what it was made of', async t => {
  await fc.assert(
    fc.asyncProperty(acts, async list => {
      const { cloud, clock } = await open()
      const account = await connect(cloud, 'mockuser')
      await account.instances.list({})
      for (const act of list) await perform(account, act)
      clock.advance(aWhile)
      const exported = await exportWorld(await cloud.world(), { contents: true })
      const copy = await cloud.world('copy')
      const accounts = exported.accounts.map(one => ({ ...one, empty: true }))
      await seed(copy, JSON.parse(JSON.stringify({ ...exported, accounts })))
      const again = await exportWorld(copy, { contents: true })
      t.has(again.accounts, exported.accounts)
      await cloud.close()
    }),
    { numRuns: 15 },
  )
})

t.test('an export leaves contents out unless they are asked for', async t => {
  const { cloud } = await opened(t)
  const world = await cloud.world()
  await seed(world, shop)
  const blobs = async (contents: boolean) => (await exportWorld(world, { contents })).accounts[0]?.collections.blobs
  t.match(await blobs(true), [{ id: 'bytes', base64: 'AP8=' }, { id: 'greeting' }])
  t.ok((await blobs(false))?.every(blob => !('base64' in blob)))
})

t.test('the form of a seed can be told as a schema', async t => {
  t.match(seedJsonSchema(), { properties: { accounts: { type: 'array' } }, required: ['accounts'] })
})
