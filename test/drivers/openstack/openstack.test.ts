/** The driver before an OpenStack whose answers are written down: logins, pages, what is asked, and what becomes of refusals. */

import t from 'tap'
import { type Cloud as Bound, bind } from '../../../src/drivers/driver.ts'
import { openstack } from '../../../src/drivers/openstack/index.ts'
import { type Answers, Cloud, keystone, refusal } from '../families/openstack/cloud.ts'

const credentials = { user: 'ada+lab', password: 'secret-of-ada' }
const provider = `${keystone};RegionOne`

const connected = async (cloud: Cloud, as = credentials, at = provider) => {
  const session = await openstack.connect({ credentials: as, provider: at, context: cloud.context() })
  const offer = openstack.offer(at)
  if (offer === undefined) throw new Error('There is no such provider')
  return { session, cloud: bind(offer.operations as Parameters<typeof bind>[0], session) }
}

const opened = async (answers: Answers): Promise<{ readonly stack: Cloud; readonly api: Bound }> => {
  const stack = new Cloud(answers)
  return { stack, api: (await connected(stack)).cloud }
}

const server = (id: string, more: object = {}) => ({
  id,
  name: id,
  status: 'ACTIVE',
  image: { id: 'i1' },
  flavor: { id: '1' },
  addresses: {},
  'os-extended-volumes:volumes_attached': [],
  ...more,
})

const keys = { 'GET /v2.1/os-keypairs': { keypairs: [{ keypair: { name: 'k', fingerprint: 'f' } }] } }

t.test('a hundred requests of a client make one login', async t => {
  const stack = new Cloud(keys)
  for (let n = 0; n < 100; n++) t.equal((await (await connected(stack)).cloud.keys?.list({}))?.length, 1)
  t.equal(stack.logins, 1)
})

t.test('requests that come at once share a login', async t => {
  const stack = new Cloud(keys)
  await Promise.all(Array.from({ length: 20 }, async () => (await connected(stack)).cloud.keys?.list({})))
  t.equal(stack.logins, 1)
})

t.test('a token that ends between two requests is renewed unseen', async t => {
  const stack = new Cloud(keys)
  await (await connected(stack)).cloud.keys?.list({})
  stack.now += stack.lasts
  t.equal((await (await connected(stack)).cloud.keys?.list({}))?.length, 1)
  t.equal(stack.logins, 2)
})

t.test('a token that a service takes no more is renewed once, and the request is asked again', async t => {
  const stack = new Cloud({ ...keys, 'POST /v2.1/os-keypairs': { keypair: { name: 'new' } } })
  const { cloud } = await connected(stack)
  await cloud.keys?.list({})
  stack.valid.clear()
  t.equal((await cloud.keys?.create?.({ name: 'new' }))?.id, 'new')
  t.equal(stack.logins, 2)
  t.same(stack.seen.at(-1)?.body, { keypair: { name: 'new' } })
})

t.test('many requests that meet a dead token are all answered', async t => {
  const stack = new Cloud(keys)
  await (await connected(stack)).cloud.keys?.list({})
  stack.valid.clear()
  const lists = await Promise.all(Array.from({ length: 10 }, async () => (await connected(stack)).cloud.keys?.list({})))
  t.ok(lists.every(list => list?.length === 1))
})

t.test('who is turned away with a fresh token is not who they say', async t => {
  const stack = new Cloud(keys)
  stack.valid.add = () => stack.valid
  const error = await refusal((await connected(stack)).cloud.keys?.list({}))
  t.equal(error.kind, 'unauthenticated')
  t.equal(stack.logins, 2)
  t.notMatch(JSON.stringify([error.message, error.details]), /secret-of-ada|token-/)
})

t.test('users and projects are told with their domains, or by an application credential', async t => {
  const asked = async (user: string): Promise<unknown> => {
    const stack = new Cloud(keys)
    await (await connected(stack, { user, password: 'pw' })).cloud.keys?.list({})
    return stack.seen[0]?.body
  }
  t.same(await asked('ada@Staff+lab@Science'), {
    auth: {
      identity: { methods: ['password'], password: { user: { name: 'ada', domain: { name: 'Staff' }, password: 'pw' } } },
      scope: { project: { name: 'lab', domain: { name: 'Science' } } },
    },
  })
  t.same(await asked('ada%40x.org+a%2Bb'), {
    auth: {
      identity: { methods: ['password'], password: { user: { name: 'ada@x.org', domain: { id: 'default' }, password: 'pw' } } },
      scope: { project: { name: 'a+b', domain: { id: 'default' } } },
    },
  })
  t.same(await asked('appcred+c1'), {
    auth: { identity: { methods: ['application_credential'], application_credential: { id: 'c1', secret: 'pw' } } },
  })
  t.equal((await refusal(asked('a+b+c'))).kind, 'bad-request')
})

t.test('a list is followed through all its pages, whatever host the links name', async t => {
  const link = (marker: string) => [{ rel: 'next', href: `http://inner.example/v2.1/servers/detail?marker=${marker}` }]
  const { api } = await opened({
    'GET /v2.1/servers/detail': { servers: [server('a')], servers_links: link('a') },
    'GET /v2.1/servers/detail?marker=a': { servers: [server('b')], servers_links: link('b') },
    'GET /v2.1/servers/detail?marker=b': { servers: [server('c')] },
    'GET /v2.0/ports': { ports: [] },
  })
  t.same(
    (await api.instances?.list({}))?.map(({ id }) => id),
    ['a', 'b', 'c'],
  )
})

t.test('a list whose next page is the same one again is an error of the provider', async t => {
  const link = [{ rel: 'next', href: 'http://inner.example/v2.1/servers/detail?marker=a' }]
  const { api, stack } = await opened({
    'GET /v2.1/servers/detail': { servers: [server('a')], servers_links: link },
    'GET /v2.1/servers/detail?marker=a': { servers: [server('a')], servers_links: link },
    'GET /v2.0/ports': { ports: [] },
  })
  const { kind, message } = await refusal(api.instances?.list({}))
  t.equal(kind, 'provider-error')
  t.match(message, /^GET compute\/servers\/detail: the provider named the same next page twice/)
  t.equal(stack.seen.filter(({ call }) => call.startsWith('GET /v2.1/servers/detail')).length, 2)
})

t.test('a server shows its ports, their firewalls, and where its volumes are', async t => {
  const { api } = await opened({
    'GET /v2.1/servers/s1': {
      server: server('s1', {
        'os-extended-volumes:volumes_attached': [{ id: 'v1' }],
        addresses: {
          inner: [
            { addr: '10.0.0.5', version: 4 },
            { addr: '172.24.4.9', version: 4, 'OS-EXT-IPS:type': 'floating' },
          ],
        },
      }),
    },
    'GET /v2.1/servers/s1/os-volume_attachments': { volumeAttachments: [{ volumeId: 'v1', device: '/dev/vdb' }] },
    'GET /v2.0/ports': {
      ports: [
        { id: 'p1', device_id: 's1', security_groups: ['g1'] },
        { id: 'p2', device_id: 'other' },
      ],
    },
  })
  const found = await api.instances?.get?.('s1')
  t.match(found, { state: 'running', networkInterfaces: ['p1'], firewalls: ['g1'], storageVolumes: [{ id: 'v1', device: '/dev/vdb' }] })
  t.same(found?.publicAddresses, [{ address: '172.24.4.9', type: 'ipv4' }])
  t.same(found?.privateAddresses, [{ address: '10.0.0.5', type: 'ipv4' }])
})

t.test('an unknown id is nothing, an unknown reference a bad request', async t => {
  const { api } = await opened({
    'GET /v2.0/ports': { ports: [] },
    'POST /v3/p1/snapshots': {
      status: 404,
      headers: [],
      body: JSON.stringify({ itemNotFound: { code: 404, message: 'Volume none could not be found.' } }),
    },
  })
  t.equal(await api.instances?.get?.('none'), undefined)
  t.equal((await refusal(api.instances?.destroy?.('none'))).kind, 'not-found')
  t.equal((await refusal(api.storage_snapshots?.create?.({ volumeId: 'none' }))).kind, 'bad-request')
})

t.test('a volume that isn’t ready to be attached or detached is a conflict', async t => {
  const volume = (id: string, attachments: readonly object[]) => ({ volume: { id, status: 'available', size: 1, attachments } })
  const refused = (message: string) => ({ status: 400, headers: [], body: JSON.stringify({ badRequest: { code: 400, message } }) })
  const path = '/v2.1/servers/s1/os-volume_attachments'
  const { api } = await opened({
    'GET /v3/p1/volumes/free': volume('free', []),
    'GET /v3/p1/volumes/used': volume('used', [{ server_id: 's1' }]),
    [`POST ${path}`]: refused(
      'Invalid input received: Invalid volume: Volume free status must be available to reserve, but it is retyping.',
    ),
    [`DELETE ${path}/used`]: refused('Invalid volume: Unable to detach volume. Volume status must be in-use.'),
  })
  t.equal((await refusal(api.storage_volumes?.attach?.('free', { instanceId: 's1', device: '' }))).kind, 'conflict')
  t.equal((await refusal(api.storage_volumes?.detach?.('used'))).kind, 'conflict')
})

t.test('a refusal tells by which name the operator finds it', async t => {
  const { api } = await opened({})
  t.match((await refusal(api.keys?.destroy?.('none'))).details, /\(request req-1\)/)
})

t.test('what the state does not permit is told as such, a busy name as a conflict', async t => {
  const refusing = (message: string) => ({ status: 409, headers: [], body: JSON.stringify({ conflictingRequest: { code: 409, message } }) })
  const [conflict, state] = [refusing('Cannot, now'), refusing("Cannot 'stop' instance s1 while it is in vm_state stopped")]
  const { api } = await opened({
    'POST /v2.1/servers/s1/action': state,
    'POST /v2.1/servers/s2/action': refusing('Instance s2 is locked'),
    'POST /v2.1/os-keypairs': conflict,
  })
  t.equal((await refusal(api.instances?.stop?.('s1'))).kind, 'not-permitted')
  t.equal((await refusal(api.instances?.stop?.('s2'))).kind, 'conflict')
  t.equal((await refusal(api.keys?.create?.({ name: 'k' }))).kind, 'conflict')
})

t.test('an account lacks the collections whose services are not in its catalog', async t => {
  const stack = new Cloud()
  stack.catalog = [['compute', 'nova', 'http://cloud.example:8774/v2.1']]
  const { session } = await connected(stack)
  t.same(await openstack.withdrawn?.(session), [
    'storage_volumes',
    'storage_snapshots',
    'buckets',
    'load_balancers',
    'networks',
    'subnets',
    'network_interfaces',
  ])
})

t.test('without Neutron the addresses and firewalls are those of Nova', async t => {
  const stack = new Cloud({
    'GET /v2.1/os-floating-ips': { floating_ips: [{ id: 1, ip: '192.0.2.1', instance_id: 's1' }] },
    'GET /v2.1/os-security-groups': {
      security_groups: [
        {
          id: 1,
          name: 'web',
          rules: [{ id: 2, ip_protocol: 'tcp', from_port: 80, to_port: 80, ip_range: { cidr: '0.0.0.0/0' }, group: {} }],
        },
      ],
    },
  })
  stack.catalog = [['compute', 'nova', 'http://cloud.example:8774/v2.1']]
  const { cloud } = await connected(stack)
  t.same(await cloud.addresses?.list({}), [{ id: '192.0.2.1', instanceId: 's1' }])
  t.match(await cloud.firewalls?.list({}), [{ id: '1', rules: [{ portFrom: 80, sources: [{ address: '0.0.0.0', prefix: '0' }] }] }])
})

t.test('a rule for several sources is several rules of Neutron', async t => {
  const group = { id: 'g1', name: 'web', security_group_rules: [] }
  const { stack, api } = await opened({
    'GET /v2.0/security-groups': { security_groups: [group] },
    'POST /v2.0/security-group-rules': { security_group_rule: {} },
  })
  const sources = [
    { type: 'address', family: 'ipv4', address: '192.0.2.0', prefix: '24' },
    { type: 'group', name: 'web' },
  ] as const
  await api.firewalls?.createRule?.('g1', { protocol: 'TCP', portFrom: 80, portTo: 80, sources })
  t.match(
    stack.seen.filter(({ call }) => call.startsWith('POST /v2.0/security')).map(({ body }) => body),
    [{ security_group_rule: { remote_ip_prefix: '192.0.2.0/24', protocol: 'tcp' } }, { security_group_rule: { remote_group_id: 'g1' } }],
  )
})

t.test('an interface that cannot be plugged leaves no port behind', async t => {
  const { stack, api } = await opened({
    'GET /v2.0/subnets/n1': { subnet: { id: 'n1', network_id: 'w1' } },
    'POST /v2.0/ports': { port: { id: 'p1' } },
    'DELETE /v2.0/ports/p1': { status: 204, headers: [] },
  })
  t.equal((await refusal(api.network_interfaces?.create?.({ instanceId: 'none', networkId: 'n1' }))).kind, 'bad-request')
  t.equal(stack.seen.at(-1)?.call, 'DELETE /v2.0/ports/p1')
})

t.test('a provider is an address, a region, and which endpoints', async t => {
  for (const good of [undefined, 'https://k.example/v3', 'https://k.example/v2.0/;az-1', 'http://k.example:5000/v3;R;internal'])
    t.ok(openstack.offer(good), String(good))
  for (const bad of ['RegionOne', 'ftp://k.example', 'https://k.example;R;secret', 'https://k.example;R;public;more'])
    t.notOk(openstack.offer(bad), bad)
})

t.test('a load balancer of Octavia is told with its listeners, members and their ports', async t => {
  const stack = new Cloud({
    'GET /v2/lbaas/loadbalancers': {
      loadbalancers: [{ id: 'b1', name: 'front', vip_address: '192.0.2.9', created_at: '2026-01-01T00:00:00' }],
    },
    'GET /v2/lbaas/loadbalancers/b1': { loadbalancer: { id: 'b1', name: 'front', vip_address: '192.0.2.9' } },
    'GET /v2/lbaas/listeners': {
      listeners: [{ id: 'l1', protocol: 'HTTP', protocol_port: 80, default_pool_id: 'p1', loadbalancers: [{ id: 'b1' }] }],
    },
    'GET /v2/lbaas/pools': {
      pools: [
        { id: 'p1', name: 'front-8080', loadbalancers: [{ id: 'b1' }], listeners: [{ id: 'l1' }], members: [{ id: 'm1' }, { id: 'm2' }] },
        { id: 'p2', name: 'other', loadbalancers: [{ id: 'b2' }], listeners: [], members: [] },
      ],
    },
    'GET /v2/lbaas/pools/p1/members': {
      members: [
        { id: 'm1', name: '', address: '10.0.0.5', protocol_port: 8080 },
        { id: 'm2', name: 's2', address: '10.0.0.99', protocol_port: 8080 },
      ],
    },
    'GET /v2.0/ports': { ports: [{ id: 'p', device_id: 's1', fixed_ips: [{ subnet_id: 'n1', ip_address: '10.0.0.5' }] }] },
    'GET /v2.0/ports?device_id=s1': { ports: [{ id: 'p', fixed_ips: [{ subnet_id: 'n1', ip_address: '10.0.0.5' }] }] },
    'GET /v2.0/subnets': { subnets: [{ id: 'n1' }] },
    'POST /v2/lbaas/loadbalancers': { loadbalancer: { id: 'b1' } },
    'POST /v2/lbaas/pools/p1/members': {
      status: 409,
      headers: [],
      body: JSON.stringify({ faultcode: 'Client', faultstring: 'Load Balancer b1 is immutable' }),
    },
    'DELETE /v2/lbaas/pools/p1/members/m2': { status: 204, headers: [] },
    'DELETE /v2/lbaas/loadbalancers/b1?cascade=true': { status: 204, headers: [] },
  })
  stack.catalog = [...stack.catalog, ['load-balancer', 'octavia', 'http://cloud.example:9876']]
  const { cloud } = await connected(stack)
  const shown = {
    id: 'b1',
    realms: ['default'],
    listeners: [{ protocol: 'HTTP', loadBalancerPort: 80, instancePort: 8080 }],
    instances: ['s1', '10.0.0.99'],
    publicAddresses: ['192.0.2.9'],
  }
  t.same(await cloud.load_balancers?.list({}), [{ ...shown, createdAt: '2026-01-01T00:00:00' }])
  const listener = { protocol: 'http', loadBalancerPort: 80, instancePort: 8080 }
  t.match(await cloud.load_balancers?.create?.({ name: 'front', realmId: 'default', listener }), shown)
  t.match(stack.seen.find(({ call }) => call === 'POST /v2/lbaas/loadbalancers')?.body, {
    loadbalancer: {
      vip_subnet_id: 'n1',
      listeners: [{ protocol: 'HTTP', protocol_port: 80, default_pool: { name: 'front-8080', protocol: 'HTTP' } }],
    },
  })
  t.equal((await refusal(cloud.load_balancers?.register?.('b1', 's1'))).kind, 'conflict', 'it is registered')
  await cloud.load_balancers?.unregister?.('b1', 's2')
  t.ok(stack.seen.some(({ call }) => call === 'DELETE /v2/lbaas/pools/p1/members/m2'))
  t.equal((await refusal(cloud.load_balancers?.unregister?.('b1', 's3'))).kind, 'bad-request')
  await cloud.load_balancers?.destroy?.('b1')
  t.equal(stack.seen.at(-1)?.call, 'DELETE /v2/lbaas/loadbalancers/b1?cascade=true')
})

t.test('the path of a list is no id', async t => {
  const { api } = await opened({ 'GET /v2.1/flavors/detail': { flavors: [] }, 'GET /v2.1/servers/detail': { servers: [] } })
  t.equal(await api.hardware_profiles?.get?.('detail'), undefined)
  t.equal(await api.instances?.get?.('detail'), undefined)
})

t.test('an empty id is a bad request, and nothing is asked with it', async t => {
  const { stack, api } = await opened({})
  const refused = await Promise.resolve(api.images?.create?.({ instanceId: '' })).catch((error: unknown) => error)
  t.match(refused, { kind: 'bad-request' })
  t.same(
    stack.seen.filter(({ call }) => call.includes('/servers')),
    [],
  )
})
