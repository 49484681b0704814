/** Kinds of cloud with native habits: `ec2` and `openstack`; and what every kind must have right. */

import t from 'tap'
import { classic } from '../../src/mock-cloud/personalities/classic.ts'
import { usual } from '../../src/mock-cloud/personalities/default.ts'
import { ec2 } from '../../src/mock-cloud/personalities/ec2.ts'
import { openstack } from '../../src/mock-cloud/personalities/openstack.ts'
import { runUntilSettled } from '../../src/mock-cloud/time.ts'
import { features } from '../../src/model/features.ts'
import { failure, only, opened, there } from './support.ts'

for (const personality of [usual, classic, ec2, openstack]) {
  const { name, machine, realms, hardwareProfiles, preset, dataset, lacks } = personality

  t.test(`${name}: the machine is sound, and every action of the API but those it lacks leads somewhere`, async t => {
    t.strictSame(machine.flaws(), [])
    for (const action of ['create', 'stop', 'start', 'reboot', 'destroy'] as const)
      t.ok(
        machine.states.some(state => machine.target(state, action) !== undefined),
        action,
      )
  })

  t.test(`${name}: what it advertises is there`, async t => {
    for (const [collection, own] of Object.entries(personality.features)) {
      t.notOk(lacks.some(lacking => lacking === collection))
      for (const feature of Object.keys(own)) t.ok(features.some(f => f.collection === collection && f.name === feature))
    }
  })

  t.test(`${name}: what an account finds refers to what is there, each thing once`, async t => {
    t.ok(realms.some(({ id }) => id === preset.realm))
    t.ok(hardwareProfiles.some(({ id }) => id === preset.hardwareProfile))
    const { records } = dataset('somebody')
    for (const [kind, list] of Object.entries(records)) {
      const ids = list.map(({ shown }) => shown.id)
      t.equal(new Set(ids).size, ids.length, kind)
    }
    for (const { shown } of records.images ?? []) {
      t.equal(shown.state, personality.making.images.last)
      for (const id of shown.hardwareProfiles ?? []) t.ok(hardwareProfiles.some(profile => profile.id === id))
    }
    const subnets = new Set(records.subnets?.map(({ shown }) => shown.id))
    for (const { shown } of records.networks ?? []) for (const id of shown.subnets) t.ok(subnets.has(id))
  })
}

const forms = {
  ec2: {
    instances: /^i-0[0-9a-f]{16}$/,
    volumes: /^vol-0[0-9a-f]{16}$/,
    snapshots: /^snap-0[0-9a-f]{16}$/,
    images: /^ami-0[0-9a-f]{16}$/,
    networks: /^vpc-0[0-9a-f]{16}$/,
    subnets: /^subnet-0[0-9a-f]{16}$/,
    interfaces: /^eni-0[0-9a-f]{16}$/,
  },
  openstack: Object.fromEntries(
    ['instances', 'volumes', 'snapshots', 'images', 'networks', 'subnets', 'interfaces'].map(kind => [
      kind,
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    ]),
  ),
} as const

for (const provider of ['ec2', 'openstack'] as const) {
  t.test(`${provider}: ids have the form of that cloud, and none comes twice`, async t => {
    const { cloud, as } = await opened(t)
    const world = await cloud.world()
    const seen = await as('mockuser', provider)
    const imageId = there((await seen.images.list({}))[0]).id
    const [first] = await seen.networks.list({})
    const ids: Record<string, string[]> = {
      instances: [],
      volumes: [],
      snapshots: [],
      images: [],
      networks: [],
      subnets: [],
      interfaces: [],
    }
    for (let i = 0; i < 4; i++) {
      const instance = only(await seen.instances.create({ imageId, overrides: {}, networks: [there(first).id] }))
      const volume = await seen.storage_volumes.create({ capacity: 2 })
      const network = await seen.networks.create({ addressBlock: '10.20.0.0/16' })
      const subnet = await seen.subnets.create({ networkId: network.id, addressBlock: '10.20.1.0/24' })
      const nic = await seen.network_interfaces.create({ instanceId: instance.id, networkId: subnet.id })
      await runUntilSettled(world, { limit: 600_000 })
      const snapshot = await seen.storage_snapshots.create({ volumeId: volume.id })
      const image = await seen.images.create({ instanceId: instance.id, name: `image ${i}` })
      const made = {
        instances: instance,
        volumes: volume,
        snapshots: snapshot,
        images: image,
        networks: network,
        subnets: subnet,
        interfaces: nic,
      }
      for (const [kind, { id }] of Object.entries(made)) ids[kind]?.push(id)
    }
    for (const [kind, list] of Object.entries(ids)) {
      t.equal(new Set(list).size, 4)
      for (const id of list) t.match(id, there(new Map(Object.entries(forms[provider])).get(kind)), kind)
    }
  })

  t.test(`${provider}: attachments and associations take their time, and hold what they are about`, async t => {
    const { cloud, as } = await opened(t)
    const world = await cloud.world()
    const settle = () => runUntilSettled(world, { limit: 600_000 })
    const seen = await as('mockuser', provider)
    const launch = { imageId: there((await seen.images.list({}))[0]).id, overrides: {} }
    const [one, other] = [only(await seen.instances.create(launch)).id, only(await seen.instances.create(launch)).id]
    const volume = (await seen.storage_volumes.create({ capacity: 1 })).id
    const address = (await seen.addresses.create()).id
    t.equal(await failure(seen.storage_volumes.attach(volume, { instanceId: one, device: '' })), 'conflict', 'neither is ready')
    await settle()

    t.match(await seen.storage_volumes.attach(volume, { instanceId: one, device: '/dev/sdf' }), { state: 'ATTACHING', instanceId: one })
    t.equal(await failure(seen.storage_volumes.attach(volume, { instanceId: other, device: '' })), 'conflict')
    t.equal(await failure(seen.storage_volumes.detach(volume)), 'conflict')
    t.equal(await failure(seen.storage_volumes.destroy(volume)), 'conflict')
    await seen.addresses.associate(address, one)
    t.equal(there(await seen.addresses.get(address)).instanceId, undefined)
    t.equal(await failure(seen.addresses.associate(address, other)), 'conflict')
    t.equal(await failure(seen.addresses.destroy(address)), 'conflict')
    await settle()
    t.match(await seen.storage_volumes.get(volume), { state: 'IN-USE', device: '/dev/sdf' })
    t.equal(there(await seen.addresses.get(address)).instanceId, one)
    t.match(await seen.instances.get(one), { publicAddresses: [{ address }], storageVolumes: [{ id: volume, device: '/dev/sdf' }] })

    t.equal((await seen.storage_volumes.detach(volume)).state, 'DETACHING')
    t.match(await seen.instances.get(one), { storageVolumes: [{ id: volume }] })
    await seen.addresses.disassociate(address)
    await settle()
    t.match(await seen.storage_volumes.get(volume), { state: 'AVAILABLE', instanceId: undefined })
    t.strictSame(there(await seen.instances.get(one)).storageVolumes, [])

    await seen.storage_volumes.attach(volume, { instanceId: one, device: '' })
    await seen.addresses.associate(address, one)
    await seen.instances.destroy(one)
    await settle()
    t.match(await seen.storage_volumes.get(volume), { state: 'AVAILABLE', instanceId: undefined }, 'an end is the end of both')
    t.equal(there(await seen.addresses.get(address)).instanceId, undefined)
    await seen.addresses.associate(address, other)
  })
}

t.test('an instance of ec2 is seen for about an hour after its end, with nothing left to it', async t => {
  const { clock, as } = await opened(t)
  const seen = await as('mockuser', 'ec2')
  const imageId = there((await seen.images.list({}))[0]).id
  const { id } = only(await seen.instances.create({ imageId, overrides: {}, firewalls: ['default'] }))
  clock.advance(600_000)
  await seen.instances.destroy(id)
  t.match(await seen.instances.get(id), { state: 'stopping', doing: 'destroy' })
  clock.advance(50 * 60_000)
  const last = there(await seen.instances.get(id))
  t.match(last, { state: 'finish', publicAddresses: [], privateAddresses: [], storageVolumes: [] })
  t.notOk('firewalls' in last || 'doing' in last)
  t.equal(await failure(seen.instances.destroy(id)), 'not-permitted')
  t.equal(await failure(seen.addresses.associate((await seen.addresses.create()).id, id)), 'conflict')
  clock.advance(75 * 60_000)
  t.equal(await seen.instances.get(id), undefined)
})

t.test('an image of ec2 runs on types of its own architecture only', async t => {
  const { as } = await opened(t)
  const seen = await as('mockuser', 'ec2')
  const image = there((await seen.images.list({})).find(({ architecture }) => architecture === 'arm64'))
  const launch = { imageId: image.id, overrides: {} }
  t.equal(await failure(seen.instances.create({ ...launch, hardwareProfileId: 't3.micro' })), 'bad-request')
  t.equal(only(await seen.instances.create({ ...launch, hardwareProfileId: 't4g.micro' })).hardwareProfile?.id, 't4g.micro')
})

t.test('instances of openstack take the names that Nova needs, and private addresses only', async t => {
  const { as } = await opened(t)
  const seen = await as('mockuser', 'openstack')
  const imageId = there((await seen.images.list({}))[0]).id
  t.match(only(await seen.instances.create({ imageId, overrides: {}, name: 'web' })), {
    name: 'web',
    publicAddresses: [],
    realmId: 'default',
  })
  t.match(only(await seen.instances.create({ imageId, overrides: {} })).name, /^server\d+$/)
})

t.test('an instance of openstack is in the only network, or in those that it names', async t => {
  const { as } = await opened(t)
  const seen = await as('mockuser', 'openstack')
  const imageId = there((await seen.images.list({}))[0]).id
  const instance = only(await seen.instances.create({ imageId, overrides: {} }))
  const [port] = await seen.network_interfaces.list({})
  t.match(instance, {
    networkInterfaces: [port?.id],
    privateAddresses: [{ address: port?.ipAddress, type: 'ipv4' }],
    firewalls: ['default'],
  })
  const other = await seen.networks.create({ name: 'other' })
  t.equal(await failure(seen.instances.create({ imageId, overrides: {} })), 'conflict')
  t.same(only(await seen.instances.create({ imageId, overrides: {}, networks: [] })).privateAddresses, [])
  t.equal(await failure(seen.instances.create({ imageId, overrides: {}, networks: ['none'] })), 'bad-request')
  const subnet = await seen.subnets.create({ networkId: other.id, addressBlock: '10.77.0.0/24' })
  const inBoth = only(await seen.instances.create({ imageId, overrides: {}, networks: [other.id, there(port).networkId ?? ''] }))
  t.match(inBoth.privateAddresses, [{ address: /^10\.77\.0\./ }, { address: /^10\.0\./ }])
  const own = there((await seen.network_interfaces.list({})).find(({ networkId }) => networkId === subnet.id))
  await seen.network_interfaces.detach(own.id)
  t.match(await seen.instances.get(inBoth.id), { privateAddresses: [{ address: /^10\.0\./ }] })
})

t.test('networks of openstack are no more than their subnets', async t => {
  const { as } = await opened(t)
  const seen = await as('mockuser', 'openstack')
  const { id } = await seen.networks.create({ addressBlock: '10.50.0.0/16' })
  t.match(await seen.networks.get(id), { name: /^net_\d+$/, addressBlocks: [] })
  const { id: subnet } = await seen.subnets.create({ networkId: id, addressBlock: '10.60.1.0/24' })
  t.match(await seen.networks.get(id), { addressBlocks: ['10.60.1.0/24'], subnets: [subnet] })
  t.equal(await failure(seen.subnets.create({ networkId: id, addressBlock: '10.60.1.128/25' })), 'bad-request')
  const { id: port } = await seen.network_interfaces.reserve({ networkId: subnet })
  t.equal(await failure(seen.networks.destroy(id)), 'conflict')
  await seen.network_interfaces.destroy(port)
  await seen.networks.destroy(id)
  t.equal(await seen.subnets.get(subnet), undefined)
})

t.test('openstack refuses what a real one refused', async t => {
  const { cloud, as } = await opened(t)
  const world = await cloud.world()
  const settle = () => runUntilSettled(world, { limit: 600_000 })
  const seen = await as('mockuser', 'openstack')
  const imageId = there((await seen.images.list({}))[0]).id
  t.equal(await failure(seen.images.destroy(imageId)), 'forbidden')
  t.equal(await failure(seen.firewalls.destroy('default')), 'conflict')
  const { id: volume } = await seen.storage_volumes.create({ capacity: 1 })
  await settle()
  const { id: snapshot } = await seen.storage_snapshots.create({ volumeId: volume })
  t.equal(await failure(seen.storage_volumes.destroy(volume)), 'conflict')
  await seen.storage_snapshots.destroy(snapshot)
  await seen.storage_volumes.destroy(volume)
  const { id } = only(await seen.instances.create({ imageId, overrides: {}, password: 'once' }))
  t.equal((await seen.instances.get(id))?.password, undefined, 'a password is told once')
  await settle()
  const rebooting = await seen.instances.reboot(id)
  t.match(rebooting, { doing: 'reboot', permits: ['destroy'] })
  t.equal(rebooting.canCreateImage, undefined)
  t.equal(await failure(seen.instances.stop(id)), 'not-permitted')
  await settle()
  await seen.instances.stop(id)
})

t.test('each has the quotas that such a cloud comes with, and what is only shown yet takes none', async t => {
  const { cloud, as } = await opened(t)
  const world = await cloud.world()
  for (const [provider, most] of [
    ['ec2', 20],
    ['openstack', 10],
  ] as const) {
    const seen = await as('mockuser', provider)
    const launch = { imageId: there((await seen.images.list({}))[0]).id, overrides: {} }
    for (let i = 0; i < most; i++) await seen.instances.create(launch)
    t.equal(await failure(seen.instances.create(launch)), 'over-quota')
    await runUntilSettled(world, { limit: 600_000 })
    await seen.instances.destroy(there((await seen.instances.list({}))[0]).id)
    await runUntilSettled(world, { limit: 600_000 })
    await seen.instances.create(launch)
  }
})
