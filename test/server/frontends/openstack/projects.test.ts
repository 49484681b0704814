/** A token is for one project: a request that names another is refused as each service refuses it, and nothing is made. */

import t from 'tap'
import { type Answer, at, Client, listAt, start } from './support.ts'

const server = await start({ mock: { openToAnyone: true } })
t.teardown(() => server.close(0))
const alice = await Client.open(server.url, 'alice', 'mockpassword')
const bob = await Client.open(server.url, 'bob', 'mockpassword')

const seen = ({ status, body }: Answer): string =>
  `${status} ${at(body, 'badRequest', 'message') ?? at(body, 'NeutronError', 'type') ?? at(body, 'faultstring') ?? ''}`.trim()

t.test('a project in a path that is not the token’s is refused', async t => {
  const foreign = alice.project
  const cases: readonly [method: string, path: string, told: string][] = [
    ['GET', `/volume/v3/${foreign}/volumes`, '400 Malformed request url'],
    ['GET', `/volume/v3/${foreign}/volumes/detail`, '400 Malformed request url'],
    ['POST', `/volume/v3/${foreign}/volumes`, '400 Malformed request url'],
    ['GET', '/volume/v3/another/snapshots', '400 Malformed request url'],
    ['GET', `/compute/v2.1/${foreign}/servers`, '400 Malformed request url'],
    ['GET', `/compute/v2/${foreign}/servers/detail`, '400 Malformed request url'],
    ['POST', `/compute/v2.1/${foreign}/servers`, '400 Malformed request url'],
    ['GET', `/object-store/v1/AUTH_${foreign}`, '403'],
    ['HEAD', `/object-store/v1/AUTH_${foreign}`, '403'],
    ['PUT', `/object-store/v1/AUTH_${foreign}/box`, '403'],
    ['GET', `/object-store/v1/AUTH_${foreign}/box/object`, '403'],
    ['PUT', '/object-store/v1/AUTH_another/box', '403'],
  ]
  for (const [method, path, told] of cases) {
    const body = method === 'POST' ? { body: { volume: { size: 1 }, server: {} } } : {}
    t.equal(seen(await bob.ask(path, method, body)), told, `${method} ${path}`)
  }
  t.equal((await bob.ask(`/volume/v3/${foreign}/nothing`)).status, 404)
  t.equal((await bob.ask('/object-store/v1/another/box')).status, 404)
  t.same(listAt((await bob.volume('/volumes')).body, 'volumes'), [])
  t.equal((await bob.swift('/box')).status, 404)
  t.equal((await bob.must(200, `/compute/v2.1/${bob.project}/servers`)).status, 200)
})

t.test('nothing is copied from or to another account', async t => {
  await bob.swift('/copies', 'PUT')
  await bob.swift('/copies/a', 'PUT', { body: 'x' })
  const [foreign, own] = [`AUTH_${alice.project}`, `AUTH_${bob.project}`]
  const from = (account: string) =>
    bob.swift('/copies/b', 'PUT', { headers: { 'x-copy-from': '/copies/a', 'x-copy-from-account': account, 'content-length': '0' } })
  const to = (account: string) => bob.swift('/copies/a', 'COPY', { headers: { destination: '/copies/c', 'destination-account': account } })
  t.same([(await from(foreign)).status, (await to(foreign)).status], [403, 403])
  t.match((await bob.swift('/copies')).text, /^a\n$/)
  t.same([(await from(own)).status, (await to(own)).status], [201, 201])
})

t.test('nothing is made in a project that is not the token’s', async t => {
  const named = { project_id: alice.project }
  const { network } = (
    await bob.must(201, '/network/v2.0/networks', 'POST', { body: { network: { name: 'own', project_id: bob.project } } })
  ).body
  const networkId = at(network, 'id')
  const cases: readonly [path: string, body: object][] = [
    ['/network/v2.0/networks', { network: named }],
    ['/network/v2.0/networks', { network: { tenant_id: alice.project } }],
    ['/network/v2.0/subnets', { subnet: { ...named, network_id: networkId, cidr: '10.7.0.0/24', ip_version: 4 } }],
    ['/network/v2.0/ports', { port: { ...named, network_id: networkId } }],
    ['/network/v2.0/floatingips', { floatingip: { ...named, floating_network_id: networkId } }],
    ['/network/v2.0/security-groups', { security_group: { ...named, name: 'foreign' } }],
  ]
  for (const [path, body] of cases) t.equal(seen(await bob.ask(path, 'POST', { body })), '400 HTTPBadRequest', path)
  t.equal(listAt((await bob.ask('/network/v2.0/networks?name=own')).body, 'networks').length, 1)
  t.equal(listAt((await bob.ask('/network/v2.0/security-groups?name=foreign')).body, 'security_groups').length, 0)
  const balancer = { loadbalancer: { ...named, name: 'foreign', listeners: [{ protocol: 'HTTP', protocol_port: 80 }] } }
  t.equal(
    seen(await bob.ask('/load-balancer/v2/lbaas/loadbalancers', 'POST', { body: balancer })),
    '403 Policy does not allow this request to be performed.',
  )
})

t.test('lists of another project are empty in Neutron, and refused by Octavia', async t => {
  for (const [path, key] of [
    ['networks', 'networks'],
    ['subnets', 'subnets'],
    ['security-groups', 'security_groups'],
    ['security-group-rules', 'security_group_rules'],
  ] as const) {
    const of = async (name: string, project: string) => listAt((await bob.must(200, `/network/v2.0/${path}?${name}=${project}`)).body, key)
    for (const name of ['project_id', 'tenant_id']) {
      t.same(await of(name, alice.project), [], path)
      t.not((await of(name, bob.project)).length, 0, path)
    }
  }
  for (const path of ['loadbalancers', 'listeners', 'pools']) {
    const of = (project: string) => bob.ask(`/load-balancer/v2/lbaas/${path}?project_id=${project}`)
    t.equal(seen(await of(alice.project)), '403 Policy does not allow this request to be performed.', path)
    t.equal((await of(bob.project)).status, 200, path)
  }
})
