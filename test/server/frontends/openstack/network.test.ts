/** Neutron as its clients see it: a life of networks, ports, floating addresses and security groups, and what it refuses. */

import t from 'tap'
import { contentsOf } from '../../../../src/server/frontends/openstack/blocks.ts'
import { at, Client, listAt, send, start } from './support.ts'

const server = await start()
t.teardown(() => server.close(0))
const client = await Client.open(server.url)
const neutron = (path: string, method = 'GET', body?: object) =>
  client.ask(`/network/v2.0${path}`, method, body === undefined ? {} : { body })

const make = async (kind: string, about: object): Promise<string> => {
  const { status, body, text } = await neutron(`/${kind.replaceAll('_', '-')}s`, 'POST', { [kind]: about })
  if (status !== 201) throw new Error(`It's answered with ${status}: ${text}`)
  return String(at(body, kind, 'id'))
}

const [privateNetwork] = listAt((await neutron('/networks?name=private')).body, 'networks')

const launch = async (more: object = {}): Promise<string> => {
  const image = at(listAt((await client.must(200, '/image/v2/images')).body, 'images')[0], 'id')
  const body = { server: { name: 'has', imageRef: image, flavorRef: '1', networks: [{ uuid: at(privateNetwork, 'id') }], ...more } }
  const id = String(at((await client.must(202, '/compute/v2.1/servers', 'POST', { body })).body, 'server', 'id'))
  await client.until(`/compute/v2.1/servers/${id}`, shown => at(shown, 'server', 'status') === 'ACTIVE')
  return id
}

t.test('a block has a gateway and room behind it', async t => {
  t.same(contentsOf('10.1.2.0/24'), { first: '10.1.2.1', second: '10.1.2.2', last: '10.1.2.254' })
  t.same(contentsOf('10.1.2.77/30'), { first: '10.1.2.77', second: '10.1.2.78', last: '10.1.2.78' })
  for (const none of [undefined, '', '10.0.0.0/31', 'fd00::/64', '999.0.0.0/24', 'x']) t.equal(contentsOf(none), undefined, String(none))
})

t.test('a network has subnets, in which ports are, of servers or of none', async t => {
  const network = await make('network', { name: 'inner' })
  const subnet = await make('subnet', { network_id: network, cidr: '192.168.7.0/24', ip_version: 4, name: 'inner-subnet' })
  t.match((await neutron(`/subnets/${subnet}`)).body, {
    subnet: { gateway_ip: '192.168.7.1', cidr: '192.168.7.0/24', network_id: network },
  })
  t.match((await neutron(`/networks/${network}`)).body, { network: { name: 'inner', subnets: [subnet], 'router:external': false } })
  const port = await make('port', { network_id: network, fixed_ips: [{ subnet_id: subnet }], name: 'spare' })
  t.match((await neutron(`/ports/${port}`)).body, { port: { device_id: '', status: 'DOWN', mac_address: /^fa:16:3e(:[0-9a-f]{2}){3}$/ } })
  const owner = await launch()
  const plugged = await client.must(200, `/compute/v2.1/servers/${owner}/os-interface`, 'POST', {
    body: { interfaceAttachment: { port_id: port } },
  })
  t.match(plugged.body, { interfaceAttachment: { port_id: port, net_id: network, port_state: 'ACTIVE' } })
  t.equal(listAt((await neutron(`/ports?device_id=${owner}`)).body, 'ports').length, 2)
  t.match(listAt((await neutron(`/ports?fixed_ips=subnet_id%3D${subnet}`)).body, 'ports'), [{ id: port, security_groups: ['default'] }])
  t.match(await neutron(`/subnets/${subnet}`, 'DELETE'), { status: 409, body: { NeutronError: { type: 'SubnetInUse' } } })
  t.match(await neutron(`/networks/${network}`, 'DELETE'), { status: 409, body: { NeutronError: { type: 'NetworkInUse' } } })
  t.equal((await client.ask(`/compute/v2.1/servers/${owner}/os-interface/${port}`, 'DELETE')).status, 202)
  t.match((await neutron(`/ports/${port}`)).body, { port: { device_id: '' } })
  t.equal((await neutron(`/ports/${port}`, 'DELETE')).status, 204)
  t.equal((await neutron(`/networks/${network}`, 'DELETE')).status, 204)
  t.equal((await neutron(`/subnets/${subnet}`)).status, 404, 'a network takes its subnets along')
})

t.test('the network outside is told to who asks for it', async t => {
  const names = async (query: string) => listAt((await neutron(`/networks${query}`)).body, 'networks').map(network => at(network, 'name'))
  t.same(await names(''), ['private'])
  t.same(await names('?router%3Aexternal=True'), ['public'])
  t.same(await names('?router%3Aexternal=False'), ['private'])
  t.same(await names('?name=public'), ['public'])
  const [outer] = listAt((await neutron('/networks?name=public')).body, 'networks')
  t.match((await neutron(`/networks/${at(outer, 'id')}`)).body, { network: { name: 'public' } })
  t.equal((await neutron(`/networks/${at(outer, 'id')}`, 'DELETE')).status, 403)
})

t.test('a floating address is taken, led to a port, moved, and given back', async t => {
  const [outer] = listAt((await neutron('/networks?name=public')).body, 'networks')
  const id = await make('floatingip', { floating_network_id: at(outer, 'id') })
  const owner = await launch()
  const [port] = listAt((await neutron(`/ports?device_id=${owner}`)).body, 'ports')
  t.equal((await neutron(`/floatingips/${id}`, 'PUT', { floatingip: { port_id: at(port, 'id') } })).status, 200)
  const led = await client.until(`/network/v2.0/floatingips/${id}`, body => at(body, 'floatingip', 'port_id') === at(port, 'id'))
  t.match(led, { floatingip: { status: 'ACTIVE', fixed_ip_address: at(port, 'fixed_ips', 0, 'ip_address') } })
  const { server: shown } = (await client.must(200, `/compute/v2.1/servers/${owner}`)).body
  t.match(at(shown, 'addresses', 'private'), [{}, { addr: at(led, 'floatingip', 'floating_ip_address'), 'OS-EXT-IPS:type': 'floating' }])
  t.equal((await neutron(`/floatingips/${id}`, 'PUT', { floatingip: { port_id: null } })).status, 200)
  t.match((await neutron(`/floatingips/${id}`)).body, { floatingip: { port_id: null, status: 'DOWN' } })
  t.equal((await neutron(`/floatingips/${id}`, 'PUT', { floatingip: { port_id: 'none' } })).status, 404)
  t.equal((await neutron(`/floatingips/${id}`, 'DELETE')).status, 204)
  t.match(await neutron(`/floatingips/${id}`), { status: 404, body: { NeutronError: { type: 'FloatingIPNotFound' } } })
  const before = listAt((await neutron('/floatingips')).body, 'floatingips').length
  const failed = await neutron('/floatingips', 'POST', { floatingip: { floating_network_id: at(outer, 'id'), port_id: 'none' } })
  t.equal(failed.status, 404)
  t.equal(listAt((await neutron('/floatingips')).body, 'floatingips').length, before, 'nothing is left of one that could not be led')
})

t.test('a rule has one source, and one with several is as many', async t => {
  const group = await make('security_group', { name: 'web', description: 'web servers' })
  t.match((await neutron(`/security-groups/${group}`)).body, {
    security_group: { security_group_rules: [{ direction: 'egress' }, { direction: 'egress' }] },
  })
  const wanted = {
    security_group_id: group,
    direction: 'ingress',
    protocol: 'tcp',
    port_range_min: 80,
    port_range_max: 81,
    remote_ip_prefix: '10.0.0.0/8',
  }
  const rule = await make('security_group_rule', wanted)
  t.match((await neutron(`/security-group-rules/${rule}`)).body, { security_group_rule: { ...wanted, id: rule, ethertype: 'IPv4' } })
  t.match(await neutron('/security-group-rules', 'POST', { security_group_rule: wanted }), {
    status: 409,
    body: { NeutronError: { type: 'SecurityGroupRuleExists' } },
  })
  const form = new URLSearchParams({
    protocol: 'tcp',
    port_from: '22',
    port_to: '22',
    ip_address1: '10.0.0.0/8',
    ip_address2: '192.168.0.0/16',
  })
  await send(`${server.url}/api/firewalls/${group}/rules?format=json`, 'POST', {
    headers: { authorization: `Basic ${btoa('mockuser:mockpassword')}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  })
  const ssh = async () =>
    listAt((await neutron(`/security-group-rules?security_group_id=${group}&port_range_min=22`)).body, 'security_group_rules')
  const [first, second] = await ssh()
  t.not(at(first, 'id'), at(second, 'id'))
  t.equal((await neutron(`/security-group-rules/${at(first, 'id')}`, 'DELETE')).status, 204)
  t.same(
    (await ssh()).map(one => at(one, 'remote_ip_prefix')),
    [at(second, 'remote_ip_prefix')],
  )
  const own = await make('security_group_rule', { ...wanted, remote_ip_prefix: undefined, remote_group_id: group })
  t.equal(at((await neutron(`/security-group-rules/${own}`)).body, 'security_group_rule', 'remote_group_id'), group)
  t.equal((await neutron(`/security-groups/${group}`, 'DELETE')).status, 204)
})

t.test('a group with servers in it stays, and so does the usual one', async t => {
  const group = await make('security_group', { name: 'busy' })
  await launch({ security_groups: [{ name: 'busy' }] })
  t.match(await neutron(`/security-groups/${group}`, 'DELETE'), { status: 409, body: { NeutronError: { type: 'SecurityGroupInUse' } } })
  t.equal((await neutron('/security-groups/default', 'DELETE')).status, 409)
})

t.test('a load balancer is made with its listener, and gets and loses members', async t => {
  const octavia = (path: string, method = 'GET', body?: object) =>
    client.ask(`/load-balancer/v2/lbaas${path}`, method, body === undefined ? {} : { body })
  const pool = { name: 'front-8080', protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' }
  const wanted = { name: 'front', listeners: [{ name: 'front-80', protocol: 'HTTP', protocol_port: 80, default_pool: pool }] }
  t.match(await octavia('/loadbalancers', 'POST', { loadbalancer: wanted }), {
    status: 201,
    body: { loadbalancer: { provisioning_status: 'ACTIVE' } },
  })
  t.match(await octavia('/loadbalancers', 'POST', { loadbalancer: wanted }), {
    status: 409,
    body: { faultcode: 'Client', faultstring: String },
  })
  t.equal((await octavia('/loadbalancers', 'POST', { loadbalancer: { name: 'bare' } })).status, 501)
  const [made] = listAt((await octavia('/pools')).body, 'pools')
  const members = `/pools/${at(made, 'id')}/members`
  const owner = await launch()
  const [port] = listAt((await neutron(`/ports?device_id=${owner}`)).body, 'ports')
  const address = at(port, 'fixed_ips', 0, 'ip_address')
  const added = await octavia(members, 'POST', { member: { address, protocol_port: 8080 } })
  t.match(added, { status: 201, body: { member: { address, protocol_port: 8080, name: owner } } })
  t.equal((await octavia(members, 'POST', { member: { address: '10.255.255.1', protocol_port: 8080 } })).status, 400)
  t.match((await octavia('/listeners')).body, { listeners: [{ protocol_port: 80, default_pool_id: at(made, 'id') }] })
  t.equal((await octavia(`${members}/${at(added.body, 'member', 'id')}`, 'DELETE')).status, 204)
  t.same(listAt((await octavia(members)).body, 'members'), [])
  t.equal((await octavia('/loadbalancers/front', 'DELETE')).status, 409)
  t.equal((await octavia('/loadbalancers/front?cascade=true', 'DELETE')).status, 204)
  t.equal((await octavia('/loadbalancers/front')).status, 404)
})

t.test('what can’t be is refused in Neutron’s words', async t => {
  const network = await make('network', {})
  const refusals: readonly (readonly [number, string, string, object?])[] = [
    [404, '/networks/none', 'GET'],
    [404, '/ports/none', 'DELETE'],
    [404, '/security-groups/none', 'DELETE'],
    [404, '/security-group-rules/none', 'DELETE'],
    [404, '/subnets', 'POST', { subnet: { network_id: 'none', cidr: '10.9.0.0/24' } }],
    [400, '/subnets', 'POST', { subnet: { network_id: network, cidr: 'none' } }],
    [400, '/subnets', 'POST', { subnet: { network_id: network } }],
    [404, '/ports', 'POST', { port: { network_id: 'none' } }],
    [400, '/networks?colour=blue', 'GET'],
    [
      400,
      '/security-group-rules',
      'POST',
      { security_group_rule: { security_group_id: 'default', direction: 'sideways', protocol: 'tcp' } },
    ],
    [
      400,
      '/security-group-rules',
      'POST',
      { security_group_rule: { security_group_id: 'default', direction: 'ingress', protocol: 'tcp', remote_ip_prefix: 'x' } },
    ],
    [404, '/extensions/none', 'GET'],
    [501, `/networks/${network}`, 'PUT', { network: { name: 'other' } }],
    [405, '/networks', 'DELETE'],
  ]
  for (const [status, path, method, body] of refusals) {
    const answer = await neutron(path, method, body)
    t.equal(answer.status, status, `${method} ${path}: ${answer.text}`)
    t.match(answer.body, { NeutronError: { type: String, message: String, detail: '' } })
  }
})
