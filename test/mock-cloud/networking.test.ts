/** Addresses, networks, subnets, interfaces, firewalls and load balancers. */

import fc from 'fast-check'
import t from 'tap'
import { contains, parseAddress, parseBlock } from '../../src/mock-cloud/cidr.ts'
import type { RuleRequest } from '../../src/model/requests.ts'
import { aWhile, failure, only, open, opened, there } from './support.ts'

t.test('an address stands for an instance in place of its own until it is taken away', async t => {
  const { addresses, instances } = await (await opened(t)).as()
  const own = there(await instances.get('inst0')).publicAddresses
  await addresses.associate('192.168.0.1', 'inst0')
  t.equal(there(await addresses.get('192.168.0.1')).instanceId, 'inst0')
  t.strictSame(there(await instances.get('inst0')).publicAddresses, [{ address: '192.168.0.1', type: 'ipv4' }])
  t.equal(await failure(addresses.associate('192.168.0.1', 'inst1')), 'conflict')
  t.equal(await failure(addresses.associate('192.168.0.2', 'inst0')), 'conflict', 'one for an instance')
  t.equal(await failure(addresses.destroy('192.168.0.1')), 'conflict')
  await addresses.disassociate('192.168.0.1')
  t.strictSame(await addresses.get('192.168.0.1'), { id: '192.168.0.1' })
  t.strictSame(there(await instances.get('inst0')).publicAddresses, own)
  t.equal(await failure(addresses.disassociate('192.168.0.1')), 'conflict')
  t.equal(await failure(addresses.associate('192.168.0.1', 'nosuch')), 'bad-request')
  for (const op of [addresses.destroy('10.0.0.1'), addresses.disassociate('10.0.0.1'), addresses.associate('10.0.0.1', 'inst0')]) {
    t.equal(await failure(op), 'not-found')
  }
})

t.test('an address that was given back is not given out again', async t => {
  const { addresses } = await (await opened(t)).as()
  const { id } = await addresses.create()
  t.equal(id, '192.168.0.5')
  await addresses.destroy(id)
  t.equal((await addresses.create()).id, '192.168.0.6')
})

t.test('all that an instance had is free when it is gone', async t => {
  const { clock, as } = await opened(t)
  const cloud = await as()
  await cloud.addresses.associate('192.168.0.1', 'inst1')
  await cloud.load_balancers.create({ name: 'lb', realmId: 'us', listener: { protocol: 'tcp', loadBalancerPort: 80, instancePort: 80 } })
  await cloud.load_balancers.register('lb', 'inst1')
  await cloud.instances.destroy('inst1')
  t.equal(there(await cloud.storage_volumes.get('vol3')).state, 'IN-USE', 'not before')
  clock.advance(aWhile)
  t.equal(there(await cloud.storage_volumes.get('vol3')).state, 'AVAILABLE')
  t.strictSame(await cloud.addresses.get('192.168.0.1'), { id: '192.168.0.1' })
  t.equal(await cloud.network_interfaces.get('nic1'), undefined)
  t.strictSame(there(await cloud.load_balancers.get('lb')).instances, [])
  await cloud.subnets.destroy('subnet1')
  t.strictSame(there(await cloud.networks.get('net1')).subnets, ['subnet2'])
})

t.test('a subnet lies in its network, beside the others', async t => {
  const { networks, subnets } = await (await opened(t)).as()
  const network = await networks.create({ name: 'lab', addressBlock: '10.1.0.0/16' })
  t.strictSame(network, { id: 'net3', name: 'lab', state: 'UP', addressBlocks: ['10.1.0.0/16'], subnets: [] })
  const subnet = await subnets.create({ networkId: 'net3', addressBlock: '10.1.2.0/24', name: 'a' })
  t.strictSame(subnet, { id: 'subnet5', name: 'a', state: 'UP', type: 'PRIVATE', addressBlock: '10.1.2.0/24', networkId: 'net3' })
  t.strictSame(there(await networks.get('net3')).subnets, ['subnet5'])
  const make = (addressBlock: string, networkId = 'net3') => failure(subnets.create({ networkId, addressBlock }))
  t.equal(await make('10.1.2.128/25'), 'conflict', 'overlaps')
  t.equal(await make('10.2.0.0/24'), 'bad-request', 'is elsewhere')
  t.equal(await make('10.0.0.0/8'), 'bad-request', 'is larger')
  t.equal(await make('10.1.3.1/24'), 'bad-request', 'is no block')
  t.equal(await make('10.1.3.0/31'), 'bad-request', 'has no room')
  t.equal(await make('10.1.3.0/24', 'nosuch'), 'bad-request')
  t.equal(await failure(networks.create({ addressBlock: 'everything' })), 'bad-request')
  t.equal(await failure(networks.destroy('net3')), 'conflict')
  await subnets.destroy('subnet5')
  await networks.destroy('net3')
  t.equal(await failure(networks.destroy('net3')), 'not-found')
  t.equal(await failure(subnets.destroy('subnet5')), 'not-found')
})

t.test('an interface puts an instance into a subnet', async t => {
  const { network_interfaces, instances, subnets } = await (await opened(t)).as()
  const nic = await network_interfaces.create({ instanceId: 'inst0', networkId: 'subnet3', name: 'eth1' })
  t.match(nic, { id: 'nic2', name: 'eth1', instanceId: 'inst0', networkId: 'subnet3' })
  t.strictSame(there(await instances.get('inst0')).networkInterfaces, ['nic2'])
  t.equal(
    (await network_interfaces.create({ instanceId: 'inst0', networkId: 'net2' })).networkId,
    'subnet3',
    'a network means its first subnet',
  )
  t.equal(await failure(network_interfaces.create({ instanceId: 'nosuch', networkId: 'subnet3' })), 'bad-request')
  t.equal(await failure(network_interfaces.create({ instanceId: 'inst0', networkId: 'nosuch' })), 'bad-request')
  t.equal(await failure(subnets.destroy('subnet3')), 'conflict')
  await network_interfaces.destroy('nic2')
  t.strictSame(there(await instances.get('inst0')).networkInterfaces, ['nic3'])
  await network_interfaces.destroy('nic3')
  await subnets.destroy('subnet3')
  t.equal(await failure(network_interfaces.destroy('nic2')), 'not-found')
})

t.test('a network without subnets takes no interface', async t => {
  const { network_interfaces, networks } = await (await opened(t)).as()
  const { id } = await networks.create({})
  t.equal(await failure(network_interfaces.create({ instanceId: 'inst0', networkId: id })), 'bad-request')
})

t.test('no two interfaces share an address, until the subnet is full', async t => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 26, max: 30 }), async length => {
      const { cloud, as } = await open()
      const { network_interfaces, networks, subnets } = await as()
      const network = await networks.create({ addressBlock: '10.0.0.0/16' })
      const text = `10.0.7.0/${length}`
      const subnet = await subnets.create({ networkId: network.id, addressBlock: text })
      const block = there(parseBlock(text))
      const taken = new Set<string>()
      for (let i = 0; i < block.size - 3; i++) {
        const { ipAddress } = await network_interfaces.create({ instanceId: 'inst0', networkId: subnet.id })
        taken.add(there(ipAddress))
        t.ok(contains(block, { base: there(parseAddress(there(ipAddress))), size: 1 }))
      }
      t.equal(taken.size, block.size - 3)
      t.equal(await failure(network_interfaces.create({ instanceId: 'inst0', networkId: subnet.id })), 'conflict')
      await cloud.close()
    }),
    { numRuns: 5 },
  )
})

const rule: RuleRequest = {
  protocol: 'tcp',
  portFrom: 22,
  portTo: 22,
  sources: [{ type: 'address', family: 'ipv4', address: '0.0.0.0', prefix: '0' }],
}

t.test('a firewall is made, gets rules and loses them', async t => {
  const { firewalls } = await (await opened(t)).as()
  t.strictSame(await firewalls.create({ name: 'web', description: 'open' }), {
    id: 'web',
    name: 'web',
    description: 'open',
    ownerId: 'mockuser',
    rules: [],
  })
  t.equal(await failure(firewalls.create({ name: 'web', description: '' })), 'conflict')
  t.strictSame((await firewalls.createRule('web', rule)).rules, [{ id: 'rule1', direction: 'ingress', ...rule }])
  t.equal(await failure(firewalls.createRule('web', rule)), 'conflict')
  const ping = await firewalls.createRule('web', { protocol: 'ICMP', sources: [{ type: 'group', name: 'default', owner: 'mockuser' }] })
  t.match(ping.rules[1], { id: 'rule2', protocol: 'icmp' })
  t.equal(await failure(firewalls.destroy('default')), 'conflict', 'another firewall names it')
  await firewalls.destroyRule('web', 'rule1')
  t.equal(await failure(firewalls.destroyRule('web', 'rule1')), 'not-found')
  t.equal(await failure(firewalls.destroyRule('nosuch', 'rule1')), 'not-found')
  t.strictSame(
    there(await firewalls.get('web')).rules.map(({ id }) => id),
    ['rule2'],
  )
  await firewalls.destroy('web')
  t.equal(await failure(firewalls.destroy('web')), 'not-found')
  t.equal(await failure(firewalls.createRule('web', rule)), 'not-found')
})

t.test('a rule is refused that can not be', async t => {
  const { firewalls } = await (await opened(t)).as()
  const wrong: Record<string, Partial<RuleRequest>> = {
    protocol: { protocol: 'carrier pigeon' },
    'no source': { sources: [] },
    'unknown group': { sources: [{ type: 'group', name: 'nosuch' }] },
    'no address': { sources: [{ type: 'address', family: 'ipv4', address: 'x', prefix: '0' }] },
    'too long a prefix': { sources: [{ type: 'address', family: 'ipv4', address: '1.2.3.4', prefix: '33' }] },
    'ports the wrong way round': { portFrom: 23, portTo: 22 },
    'a port too high': { portFrom: 1, portTo: 65536 },
  }
  for (const [what, part] of Object.entries(wrong))
    t.equal(await failure(firewalls.createRule('default', { ...rule, ...part })), 'bad-request', what)
  const { portFrom: _, portTo: __, ...portless } = rule
  t.equal(await failure(firewalls.createRule('default', portless)), 'bad-request')
  t.strictSame(there(await firewalls.get('default')).rules, [])
})

t.test('a firewall with instances in it stays', async t => {
  const { clock, as } = await opened(t)
  const { firewalls, instances } = await as()
  await firewalls.create({ name: 'web', description: '' })
  const { id } = only(await instances.create({ imageId: 'img1', overrides: {}, firewalls: ['web'] }))
  t.equal(await failure(firewalls.destroy('web')), 'conflict')
  await instances.destroy(id)
  clock.advance(aWhile)
  await firewalls.destroy('web')
  t.equal(await firewalls.get('web'), undefined)
})

t.test('a load balancer takes instances of its realm', async t => {
  const { load_balancers, instances } = await (await opened(t)).as()
  const listener = { protocol: 'http', loadBalancerPort: 80, instancePort: 8080 }
  const made = await load_balancers.create({ name: 'lb', realmId: 'us', listener })
  t.match(made, {
    id: 'lb',
    realms: ['us'],
    listeners: [{ ...listener, protocol: 'HTTP' }],
    instances: [],
    createdAt: '2026-11-21T00:00:00Z',
  })
  t.equal(await failure(load_balancers.create({ name: 'lb', realmId: 'us', listener })), 'conflict')
  t.equal(await failure(load_balancers.create({ name: 'x', realmId: 'nosuch', listener })), 'bad-request')
  t.equal(await failure(load_balancers.create({ name: 'x', realmId: 'us', listener: { ...listener, protocol: 'gopher' } })), 'bad-request')
  t.equal(await failure(load_balancers.create({ name: 'x', realmId: 'us', listener: { ...listener, instancePort: 0 } })), 'bad-request')
  t.strictSame((await load_balancers.register('lb', 'inst0')).instances, ['inst0'])
  t.equal(await failure(load_balancers.register('lb', 'inst0')), 'conflict')
  t.equal(await failure(load_balancers.register('lb', 'inst3')), 'bad-request', 'another realm')
  t.equal(await failure(load_balancers.register('lb', 'nosuch')), 'bad-request')
  t.equal(await failure(load_balancers.register('nosuch', 'inst0')), 'not-found')
  t.strictSame((await load_balancers.register('lb', 'inst1')).instances, ['inst0', 'inst1'])
  t.strictSame((await load_balancers.unregister('lb', 'inst0')).instances, ['inst1'])
  t.equal(await failure(load_balancers.unregister('lb', 'inst0')), 'bad-request')
  await load_balancers.destroy('lb')
  t.equal(await failure(load_balancers.destroy('lb')), 'not-found')
  t.ok(await instances.get('inst1'))
})
