/** What an instance can be launched with, and what it can't. */

import t from 'tap'
import { aWhile, complaint, failure, only, opened, there } from './support.ts'

const launch = { imageId: 'img1', overrides: {} }

t.test('an instance is launched as it was asked for', async t => {
  const { clock, as } = await opened(t)
  const cloud = await as()
  const made = only(
    await cloud.instances.create({
      imageId: 'img2',
      realmId: 'eu',
      hardwareProfileId: 'm1-large',
      overrides: { memory: '12288', storage: '1024', cpu: '' },
      name: 'web',
      keyName: 'test-key',
      password: 'secret',
      firewalls: ['default', 'default'],
    }),
  )
  t.match(made, {
    id: 'inst4',
    name: 'web',
    ownerId: 'mockuser',
    imageId: 'img2',
    realmId: 'eu',
    hardwareProfile: { id: 'm1-large', overrides: { memory: '12288', storage: '1024' } },
    keyName: 'test-key',
    username: 'root',
    password: 'secret',
    launchTime: '2026-11-21T00:00:00Z',
    storageVolumes: [],
    networkInterfaces: [],
  })
  t.strictSame(made.firewalls, ['default'])
  t.notOk('cpu' in there(made.hardwareProfile).overrides)
  clock.advance(aWhile)
  t.strictSame(
    (await cloud.instances.list({})).map(({ id }) => id),
    ['inst0', 'inst1', 'inst2', 'inst3', 'inst4'],
  )
})

t.test('without more, it gets a name, the usual realm and the usual profile', async t => {
  const { instances } = await (await opened(t)).as()
  t.match(only(await instances.create(launch)), { name: 'inst4', realmId: 'us', hardwareProfile: { id: 'm1-small', overrides: {} } })
  t.match(only(await instances.create({ ...launch, name: '', realmId: '', hardwareProfileId: '' })), { name: 'inst5', realmId: 'us' })
})

t.test('a launch that names what is not there is a bad request and launches nothing', async t => {
  const { instances } = await (await opened(t)).as()
  const wrong = {
    image: { imageId: 'nosuch' },
    'no image': { imageId: '' },
    realm: { realmId: 'nosuch' },
    profile: { hardwareProfileId: 'nosuch' },
    key: { keyName: 'nosuch' },
    firewall: { firewalls: ['default', 'nosuch'] },
    balancer: { loadBalancerId: 'nosuch' },
    snapshot: { snapshotId: 'nosuch' },
    'value out of range': { hardwareProfileId: 'm1-large', overrides: { memory: '1' } },
    'value that is no number': { hardwareProfileId: 'm1-large', overrides: { cpu: 'abc' } },
    'property that the profile lacks': { hardwareProfileId: 'opaque', overrides: { cpu: '1' } },
    'no instances': { count: 0 },
    'half an instance': { count: 0.5 },
    'too many': { count: 1_000_000 },
  }
  for (const [what, request] of Object.entries(wrong))
    t.equal(await failure(instances.create({ ...launch, ...request })), 'bad-request', what)
  t.equal((await instances.list({})).length, 4)
  t.equal(await complaint(instances.create({ ...launch, hardwareProfileId: 'nosuch' })), "Hardware profile 'nosuch' does not exists.")
  t.equal(only(await instances.create(launch)).id, 'inst4', 'not even an id is used up')
})

t.test('a fixed property keeps its value, whatever is asked for', async t => {
  const { instances } = await (await opened(t)).as()
  t.strictSame(only(await instances.create({ ...launch, hardwareProfileId: 'm1-small', overrides: { memory: '9999' } })).hardwareProfile, {
    id: 'm1-small',
    overrides: {},
  })
})

t.test('many are launched at once, or none', async t => {
  const { instances } = await (await opened(t)).as()
  const made = await instances.create({ ...launch, count: 3 })
  t.strictSame(
    made.map(({ id }) => id),
    ['inst4', 'inst5', 'inst6'],
  )
  t.equal(await failure(instances.create({ ...launch, count: 3, firewalls: ['nosuch'] })), 'bad-request')
  t.equal((await instances.list({})).length, 7)
})

t.test('a volume made of a snapshot is attached from the start, and free when the instance is gone', async t => {
  const { clock, as } = await opened(t)
  const { instances, storage_volumes } = await as()
  const made = only(await instances.create({ ...launch, snapshotId: 'snap1', deviceName: '/dev/sdd' }))
  t.strictSame(made.storageVolumes, [{ id: 'vol4', device: '/dev/sdd' }])
  clock.advance(aWhile)
  t.match(await storage_volumes.get('vol4'), { state: 'IN-USE', instanceId: made.id, device: '/dev/sdd', realmId: 'us' })
  await instances.destroy(made.id)
  clock.advance(aWhile)
  const free = there(await storage_volumes.get('vol4'))
  t.equal(free.state, 'AVAILABLE')
  t.notOk('instanceId' in free || 'device' in free)
})

t.test('an instance can be registered with a load balancer at once', async t => {
  const { instances, load_balancers } = await (await opened(t)).as()
  await load_balancers.create({ name: 'lb', realmId: 'us', listener: { protocol: 'HTTP', loadBalancerPort: 80, instancePort: 8080 } })
  const made = only(await instances.create({ ...launch, loadBalancerId: 'lb' }))
  t.strictSame(there(await load_balancers.get('lb')).instances, [made.id])
  t.equal(await failure(instances.create({ ...launch, realmId: 'eu', loadBalancerId: 'lb' })), 'bad-request', 'in its own realm only')
})

t.test('an image of an instance is made of one that runs or has stopped, and lets others be launched once it is available', async t => {
  const { clock, as } = await opened(t)
  const { instances, images } = await as()
  const image = await images.create({ instanceId: 'inst1', name: 'mine', description: 'as it was' })
  t.match(image, { id: 'img4', name: 'mine', description: 'as it was', ownerId: 'mockuser', architecture: 'i386', state: 'PENDING' })
  t.equal(await failure(instances.create({ ...launch, imageId: 'img4' })), 'conflict')
  clock.advance(aWhile)
  t.equal(there(await images.get('img4')).state, 'AVAILABLE')
  const young = only(await instances.create({ ...launch, imageId: 'img4' }))
  t.equal(await failure(images.create({ instanceId: young.id })), 'conflict', 'not of one that boots')
  t.equal(await failure(images.create({ instanceId: 'inst3' })), 'conflict', 'not of one that can’t be copied')
  t.equal(await failure(images.create({ instanceId: 'nosuch' })), 'bad-request')
  t.equal((await images.create({ instanceId: 'inst1' })).name, 'img5', 'without a name it has its id')
  await images.destroy('img4')
  t.equal(await images.get('img4'), undefined)
  t.equal(await failure(images.destroy('img4')), 'not-found')
})

t.test('commands run on a running instance for who can log in', async t => {
  const { clock, as } = await opened(t)
  const { instances, keys } = await as()
  const key = await keys.create({ name: 'k' })
  const { id } = only(
    await instances.create({
      ...launch,
      keyName: 'k',
      password: 'secret',
      userData: Buffer.from('some data').toString('base64'),
      files: [{ path: '/etc/motd', content: 'hello' }],
    }),
  )
  const run = (command: string, login: object = { password: 'secret' }) => instances.run(id, { command, ...login })
  t.equal(await failure(run('id')), 'not-permitted', 'not while it boots')
  clock.advance(aWhile)
  t.equal(await complaint(instances.run(id, { command: 'id' })), 'Either password or key must be specified')
  t.equal(await failure(run('id', { password: 'wrong' })), 'forbidden')
  t.equal(await failure(run('id', { privateKey: 'wrong' })), 'forbidden')
  t.match(await run('whoami', { privateKey: `${key.pem}\r\n` }), {
    id,
    command: 'whoami',
    output: 'root\n',
    publicAddress: `img1.${id}.public.com`,
  })
  t.equal((await run('whoami', { password: 'secret', username: 'admin' })).output, 'admin\n')
  t.equal((await run('hostname')).output, `${id}\n`)
  t.equal((await run('uname -a')).output, `Linux ${id} 6.1.0-mock #1 SMP i386 GNU/Linux\n`)
  t.equal((await run('uname')).output, 'Linux\n')
  t.equal((await run(`echo "a  b" 'c' d`)).output, 'a  b c d\n')
  t.equal((await run('cat /etc/motd')).output, 'hello\n')
  t.equal((await run('cat /var/lib/cloud/instance/user-data.txt')).output, 'some data\n')
  t.equal((await run('cat /nosuch')).output, 'cat: /nosuch: No such file or directory\n')
  t.equal((await run('date')).output, 'Sat Nov 21 00:00:10 UTC 2026\n')
  t.match((await run('uptime')).output, /^ 00:00:10 up 0:00,/)
  t.equal((await run('reboot now')).output, 'sh: reboot: command not found\n')
  t.equal((await run('constructor')).output, 'sh: constructor: command not found\n')
  t.equal((await run('')).output, '')
  t.equal(await failure(instances.run('nosuch', { command: 'id' })), 'not-found')
})

t.test('a running instance has samples since it began to run, finer where it was asked for', async t => {
  const { clock, as } = await opened(t)
  const { instances, metrics } = await as()
  const plain = only(await instances.create(launch)).id
  const detailed = only(await instances.create({ ...launch, metrics: 'true', name: 'measured' })).id
  t.strictSame((await metrics.list({})).length, 6)
  t.ok((await metrics.list({})).every(metric => metric.properties.every(property => property.values === undefined)))
  clock.advance(10 * 60_000)
  const values = async (id: string) => there(there(await metrics.get(id)).properties[0]?.values)
  t.equal((await values(plain)).length, 2)
  t.equal((await values(detailed)).length, 6)
  t.equal(there(await metrics.get(detailed)).entity, 'measured')
  const before = await values(detailed)
  clock.advance(60_000)
  t.strictSame((await values(detailed)).slice(1), before.slice(0, 5), 'a sample stays what it was')
  for (const sample of before) t.ok(Number(sample.minimum) <= Number(sample.average) && Number(sample.average) <= Number(sample.maximum))
  await instances.stop(plain)
  clock.advance(aWhile)
  t.strictSame(await values(plain), [])
  t.equal(await metrics.get('nosuch'), undefined)
})
