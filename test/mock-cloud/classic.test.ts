/** The original's mock: its data, its instant machine, and what it lets pass. */

import t, { type Test } from 'tap'
import { classic } from '../../src/mock-cloud/personalities/classic.ts'
import { usual } from '../../src/mock-cloud/personalities/default.ts'
import { complaint, failure, only, opened, there } from './support.ts'

const launch = { imageId: 'img1', overrides: {} }

const asClassic = async (t: Test) => {
  const { clock, as } = await opened(t)
  return { clock, cloud: await as('mockuser', 'classic') }
}

t.test('both machines are sound', async t => {
  t.strictSame(classic.machine.flaws(), [])
  t.strictSame(usual.machine.flaws(), [])
})

t.test('its data are the original’s, contradictions included', async t => {
  const { cloud } = await asClassic(t)
  t.match(await cloud.instances.get('inst1'), {
    imageId: 'img3',
    publicAddresses: [{ address: 'img1.inst1.public.com', type: 'hostname' }],
  })
  t.strictSame(there(await cloud.instances.get('inst1')).storageVolumes, [])
  t.match(await cloud.storage_volumes.get('vol3'), { instanceId: 'inst1', device: '/dev/sda1', state: 'IN-USE' })
  t.equal((await cloud.network_interfaces.get('nicinst3'))?.networkId, 'net1')
  t.equal(there(await cloud.instances.get('inst3')).canCreateImage, undefined)
  t.equal(there(await cloud.instances.get('inst3')).keyName, '')
  t.notOk('networkInterfaces' in there(await cloud.instances.get('inst2')))
  t.ok((await cloud.keys.get('test-key'))?.pem)
})

t.test('an instance runs at once, stops at once, and is destroyed only when it has stopped', async t => {
  const { cloud } = await asClassic(t)
  const { instances } = cloud
  const made = only(await instances.create(launch))
  t.match(made, { id: 'inst4', state: 'running', name: 'i-1795219200', canCreateImage: true })
  t.notOk('launchTime' in made || 'doing' in made)
  t.equal((await instances.reboot('inst4')).state, 'running')
  t.equal(await failure(instances.destroy('inst4')), 'not-permitted')
  t.equal(await failure(instances.start('inst4')), 'not-permitted')
  t.equal((await instances.stop('inst4')).state, 'stopped')
  t.equal((await instances.start('inst4')).state, 'running')
  await instances.stop('inst4')
  await instances.destroy('inst4')
  t.equal(await instances.get('inst4'), undefined)
})

t.test('the lowest free number is the next instance’s', async t => {
  const { cloud } = await asClassic(t)
  const { instances } = cloud
  const make = async () => only(await instances.create(launch)).id
  t.strictSame([await make(), await make()], ['inst4', 'inst5'])
  for (const id of ['inst1', 'inst4', 'inst5']) {
    await instances.stop(id)
    await instances.destroy(id)
  }
  t.strictSame([await make(), await make(), await make(), await make()], ['inst1', 'inst4', 'inst5', 'inst6'])
})

t.test('images, realms, keys, volumes and values are taken as they are given', async t => {
  const { cloud } = await asClassic(t)
  const { instances, storage_snapshots, storage_volumes } = cloud
  const made = only(
    await instances.create({
      imageId: 'nosuch',
      realmId: 'nosuch',
      keyName: 'nosuch',
      hardwareProfileId: 'm1-small',
      overrides: { memory: '9999', cpu: 'abc' },
    }),
  )
  t.match(made, { imageId: 'nosuch', realmId: 'nosuch', keyName: 'nosuch', hardwareProfile: { overrides: { memory: '9999', cpu: 'abc' } } })
  t.strictSame(made.publicAddresses, [{ address: 'nosuch.inst4.public.com', type: 'hostname' }])
  t.equal(only(await instances.create({ ...launch, imageId: '' })).imageId, '')
  t.equal(await complaint(instances.create({ ...launch, hardwareProfileId: 'nosuch' })), "Hardware profile 'nosuch' does not exists.")
  t.match(await storage_snapshots.create({ volumeId: 'nosuch' }), { storageVolumeId: 'nosuch', state: 'COMPLETED' })
  const volume = await storage_volumes.create({ capacity: 10, realmId: 'us' })
  t.match(volume, {
    id: 'volume_1795219200',
    name: 'Volumevolume_1795219200',
    capacity: 10,
    state: 'AVAILABLE',
    created: '2026-11-21 00:00:00 +0000',
  })
  t.notOk('realmId' in volume)
  t.equal((await storage_volumes.create({})).id, 'volume_1795219201', 'two in a second are two')
})

t.test('a volume in use can be attached elsewhere', async t => {
  const { cloud } = await asClassic(t)
  const { storage_volumes } = cloud
  await storage_volumes.attach('vol1', { instanceId: 'inst1', device: '/dev/sdc' })
  t.equal((await storage_volumes.attach('vol1', { instanceId: 'inst2', device: '/dev/sdd' })).instanceId, 'inst2')
  await storage_volumes.detach('vol1')
  t.equal(await failure(storage_volumes.detach('vol1')), 'conflict')
  t.equal(await failure(storage_volumes.attach('vol1', { instanceId: 'nosuch', device: '' })), 'bad-request')
})

t.test('a bucket may be made again, and stays as it is', async t => {
  const { cloud } = await asClassic(t)
  t.match(await cloud.buckets.create({ name: 'bucket2' }), { id: 'bucket2', size: 2, blobs: ['blob4', 'blob5'] })
  t.equal(await complaint(cloud.buckets.destroy('bucket2')), 'BucketNotEmpty')
})

t.test('a network goes with its subnets', async t => {
  const { cloud } = await asClassic(t)
  const { networks, subnets, network_interfaces } = cloud
  await networks.destroy('net1')
  t.strictSame(
    (await subnets.list({})).map(({ id }) => id),
    ['subnet3', 'subnet4'],
  )
  await network_interfaces.destroy('nic1')
  t.match(await networks.create({ name: 'netA', addressBlock: '10.1.0.0/16' }), { id: 'netA', name: 'netA' })
  const subnet = await subnets.create({ networkId: 'netA', addressBlock: '10.1.2.0/24', name: 'subA' })
  t.notOk('type' in subnet)
  const nic = await network_interfaces.create({ instanceId: 'inst2', networkId: 'netA', name: 'nicA' })
  t.match(nic, { id: 'nicA', networkId: 'netA', ipAddress: /^10\.1\.2\./ })
  t.strictSame(there(await cloud.instances.get('inst2')).networkInterfaces, ['nicA'])
  t.equal(await failure(networks.create({ name: 'netA' })), 'conflict', 'ids are still one resource’s own')
  t.strictSame((await networks.create({})).addressBlocks, [])
  t.equal(await failure(subnets.create({ networkId: 'nosuch', addressBlock: '10.9.0.0/24' })), 'bad-request')
})

t.test('an address that was given back is given out again', async t => {
  const { cloud } = await asClassic(t)
  const { addresses, instances } = cloud
  t.equal((await addresses.create()).id, '192.168.0.5')
  await addresses.destroy('192.168.0.5')
  t.equal((await addresses.create()).id, '192.168.0.5')
  await addresses.associate('192.168.0.5', 'inst1')
  t.equal(await complaint(addresses.destroy('192.168.0.5')), 'AddressInUse')
  await addresses.disassociate('192.168.0.5')
  t.equal(await complaint(addresses.disassociate('192.168.0.5')), 'AddressNotInUse')
  t.strictSame(there(await instances.get('inst1')).publicAddresses, [{ address: 'img3.inst1.public.com', type: 'hostname' }])
})

t.test('an image has the name it was given for an id, belongs to root, and is there at once', async t => {
  const { cloud } = await asClassic(t)
  const { images } = cloud
  const image = await images.create({ instanceId: 'inst1', name: 'newimg', description: 'made of inst1' })
  t.match(image, { id: 'newimg', ownerId: 'root', architecture: 'i386', state: 'AVAILABLE', description: 'made of inst1' })
  t.notOk('creationTime' in image)
  t.equal(await failure(images.create({ instanceId: 'inst1', name: 'newimg' })), 'conflict')
  t.equal((await images.create({ instanceId: 'inst1' })).id, 'img4', 'without a name it gets an id')
  t.equal(await complaint(images.create({ instanceId: 'inst3', name: 'x' })), 'CreateImageNotSupported')
  t.equal(await complaint(images.create({ instanceId: 'nosuch', name: 'x' })), 'NotFound')
})

t.test('commands need no login and are only said again', async t => {
  const { cloud } = await asClassic(t)
  t.match(await cloud.instances.run('inst1', { command: 'uname' }), {
    id: 'inst1',
    publicAddress: 'img1.inst1.public.com',
    output: /'uname'/,
  })
})

t.test('metrics are of the instance that was asked for, six samples a second apart', async t => {
  const { cloud } = await asClassic(t)
  const metric = there(await cloud.metrics.get('inst1'))
  t.equal(metric.entity, 'MockUserInstance')
  t.strictSame(
    metric.properties.map(property => property.name),
    [...metric.properties.map(property => property.name)].sort(),
  )
  for (const { name, values } of metric.properties) {
    t.strictSame(
      there(values).map(sample => sample.timestamp),
      [0, 1, 2, 3, 4, 5].map(i => 1795219200 - i),
    )
    for (const sample of there(values)) {
      const factor = name === 'cpuUtilization' ? 100 : 1
      t.ok(Number(sample.minimum) * factor >= 1 && Number(sample.minimum) * factor < 50)
      t.ok(Number(sample.maximum) * factor >= 50 && Number(sample.maximum) * factor < 100)
      t.equal(sample.unit, name === 'cpuUtilization' ? 'Percent' : name.includes('Byte') ? 'Bytes' : 'Count')
    }
  }
})
