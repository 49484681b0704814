/** Volumes, snapshots and keys. */

import t from 'tap'
import { usual } from '../../src/mock-cloud/personalities/default.ts'
import { aWhile, complaint, failure, only, opened, there } from './support.ts'

t.test('a volume is made, attached, detached and destroyed', async t => {
  const { storage_volumes, instances } = await (await opened(t)).as()
  const made = await storage_volumes.create({ capacity: 10, name: 'data', description: 'mine', realmId: 'us' })
  t.match(made, {
    id: 'vol4',
    name: 'data',
    description: 'mine',
    capacity: 10,
    realmId: 'us',
    state: 'AVAILABLE',
    created: '2026-11-21T00:00:00Z',
  })
  t.match(await storage_volumes.attach('vol4', { instanceId: 'inst0', device: '/dev/sdc' }), {
    state: 'IN-USE',
    instanceId: 'inst0',
    device: '/dev/sdc',
  })
  t.strictSame(there(await instances.get('inst0')).storageVolumes, [{ id: 'vol4', device: '/dev/sdc' }])
  t.equal(await failure(storage_volumes.destroy('vol4')), 'conflict')
  t.equal(await failure(storage_volumes.attach('vol4', { instanceId: 'inst2', device: '/dev/sdc' })), 'conflict')
  const free = await storage_volumes.detach('vol4')
  t.equal(free.state, 'AVAILABLE')
  t.notOk('instanceId' in free || 'device' in free)
  t.strictSame(there(await instances.get('inst0')).storageVolumes, [])
  t.equal(await failure(storage_volumes.detach('vol4')), 'conflict')
  await storage_volumes.destroy('vol4')
  t.equal(await storage_volumes.get('vol4'), undefined)
})

t.test('where volumes take their time, they are good for nothing before', async t => {
  const slow = { ...usual, latencies: { ...usual.latencies, volume: { least: 200, most: 800 } } }
  const { clock, as } = await opened(t, { personalities: { default: slow } })
  const { storage_volumes, storage_snapshots } = await as()
  const { id, state } = await storage_volumes.create({})
  t.equal(state, 'CREATING')
  t.equal(await failure(storage_volumes.attach(id, { instanceId: 'inst0', device: '/dev/sdc' })), 'conflict')
  t.equal(await failure(storage_snapshots.create({ volumeId: id })), 'conflict')
  clock.advance(800)
  t.equal(there(await storage_volumes.get(id)).state, 'AVAILABLE')
  t.ok(await storage_volumes.attach(id, { instanceId: 'inst0', device: '/dev/sdc' }))
})

t.test('a volume is refused that can not be', async t => {
  const { storage_volumes } = await (await opened(t)).as()
  for (const capacity of [0, -1, 1.5, Number.NaN, 1e9])
    t.equal(await failure(storage_volumes.create({ capacity })), 'bad-request', String(capacity))
  t.equal(await failure(storage_volumes.create({ realmId: 'nosuch' })), 'bad-request')
  t.equal(await failure(storage_volumes.create({ snapshotId: 'nosuch' })), 'bad-request')
  t.match(await storage_volumes.create({}), { id: 'vol4', name: 'vol4', capacity: 1, realmId: 'us' })
})

t.test('an attachment is refused where volume, instance and device do not fit', async t => {
  const { clock, as } = await opened(t)
  const { storage_volumes, instances } = await as()
  const attach = (id: string, instanceId: string, device = '/dev/sdc') => failure(storage_volumes.attach(id, { instanceId, device }))
  t.equal(await attach('nosuch', 'inst0'), 'not-found')
  t.equal(await attach('vol1', 'nosuch'), 'bad-request')
  t.equal(await attach('vol1', 'inst3'), 'bad-request', 'another realm')
  t.equal(await attach('vol1', 'inst1', '/dev/sda1'), 'conflict', 'the device is in use')
  const young = only(await instances.create({ imageId: 'img1', overrides: {} })).id
  t.equal(await attach('vol1', young), 'conflict', 'it boots')
  clock.advance(aWhile)
  t.equal(await attach('vol1', young), 'none')
  t.equal((await storage_volumes.attach('vol2', { instanceId: young, device: '' })).device, '/dev/sdb', 'a free device is found')
  t.equal(await failure(storage_volumes.detach('nosuch')), 'not-found')
  t.equal(await failure(storage_volumes.destroy('nosuch')), 'not-found')
})

t.test('what is attached from the start is so on both sides', async t => {
  const cloud = await (await opened(t)).as()
  for (const volume of await cloud.storage_volumes.list({})) {
    const mounted = volume.instanceId === undefined ? [] : there(await cloud.instances.get(volume.instanceId)).storageVolumes
    t.equal(
      volume.state === 'IN-USE',
      mounted.some(mount => mount.id === volume.id && mount.device === volume.device),
    )
  }
  for (const nic of await cloud.network_interfaces.list({})) {
    t.ok(there(await cloud.instances.get(there(nic.instanceId))).networkInterfaces?.includes(nic.id))
    t.ok(await cloud.subnets.get(there(nic.networkId)))
  }
})

t.test('a snapshot is of a volume, and makes volumes of its size', async t => {
  const { clock, as } = await opened(t)
  const { storage_snapshots, storage_volumes } = await as()
  const { id } = await storage_volumes.create({ capacity: 7 })
  const snapshot = await storage_snapshots.create({ volumeId: id, name: 's', description: 'd' })
  t.match(snapshot, { id: 'snap4', name: 's', description: 'd', storageVolumeId: id, state: 'PENDING' })
  t.equal(await failure(storage_volumes.create({ snapshotId: snapshot.id })), 'conflict', 'not before it is completed')
  clock.advance(aWhile)
  t.equal(there(await storage_snapshots.get(snapshot.id)).state, 'COMPLETED')
  t.equal((await storage_volumes.create({ snapshotId: snapshot.id })).capacity, 7)
  t.equal((await storage_volumes.create({ snapshotId: snapshot.id, capacity: 9 })).capacity, 9)
  t.equal(await failure(storage_volumes.create({ snapshotId: snapshot.id, capacity: 6 })), 'bad-request')
  t.equal(await failure(storage_snapshots.create({ volumeId: 'nosuch' })), 'bad-request')
  await storage_volumes.destroy(id)
  t.ok(await storage_snapshots.get(snapshot.id), 'it outlives its volume')
  await storage_snapshots.destroy(snapshot.id)
  t.equal(await failure(storage_snapshots.destroy(snapshot.id)), 'not-found')
})

t.test('a key is shown with its private half once', async t => {
  const { keys } = await (await opened(t)).as()
  const made = await keys.create({ name: 'k' })
  t.match(made, { id: 'k', name: 'k', credentialType: 'key', fingerprint: /^([0-9a-f]{2}:){19}[0-9a-f]{2}$/ })
  t.match(made.pem, /^-----BEGIN RSA PRIVATE KEY-----\n([A-Za-z0-9+/=]+\n)+-----END RSA PRIVATE KEY-----$/)
  const later = there(await keys.get('k'))
  t.equal(later.fingerprint, made.fingerprint)
  t.notOk('pem' in later)
  t.equal(await failure(keys.create({ name: 'k' })), 'conflict')
  t.equal(await complaint(keys.create({ name: 'k' })), 'Key with same name already exists')
  await keys.destroy('k')
  t.equal(await failure(keys.destroy('k')), 'not-found')
  t.not((await keys.create({ name: 'k' })).pem, made.pem, 'made again, it is another')
  for (const name of ['', '.', '..', 'x'.repeat(256)]) t.equal(await failure(keys.create({ name })), 'bad-request')
})

t.test('a public key is imported with its own fingerprint', async t => {
  const { keys } = await (await opened(t)).as()
  const body = Buffer.from('a public key').toString('base64')
  const imported = await keys.create({ name: 'k', publicKey: `ssh-rsa ${body} me@here` })
  t.equal(imported.fingerprint, '58:0d:fa:35:2d:f4:bf:1f:f4:1f:01:90:13:71:fb:de')
  t.notOk('pem' in imported)
  const same = await keys.create({ name: 'l', publicKey: `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n` })
  t.equal(same.fingerprint, imported.fingerprint)
  t.equal(await failure(keys.create({ name: 'm', publicKey: 'nonsense' })), 'bad-request')
  t.equal(await keys.get('m'), undefined)
})
