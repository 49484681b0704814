/** Filters of lists before providers whose answers are written down: what a filter means, and what the provider is asked. */

import t, { type Test } from 'tap'
import { readBody } from '../../src/drivers/wire.ts'
import { type ServerOptions, startServer } from '../../src/index.ts'
import { Cloud, keystone } from '../drivers/families/openstack/cloud.ts'
import { basic } from '../support/server.ts'

type Lister = (path: string) => Promise<readonly string[]>

/** Ids in a list, in order. */
const serve = async (t: Test, user: string, options: ServerOptions): Promise<Lister> => {
  const server = await startServer({ host: '127.0.0.1', port: 0, ...options })
  t.teardown(() => server.close(0))
  return async path => {
    const response = await fetch(`http://127.0.0.1:${server.address.port}/api/${path}`, {
      headers: { Accept: 'application/json', Authorization: basic(user, 'secret') },
    })
    t.equal(response.status, 200, path)
    const [list] = Object.values((await response.json()) as Readonly<Record<string, readonly { id: string }[]>>)
    return (list ?? []).map(({ id }) => id)
  }
}

const server = (id: string) => ({ id, name: id, status: 'ACTIVE', addresses: {}, 'os-extended-volumes:volumes_attached': [] })

const answers = {
  'GET /v2.1/flavors/detail': { flavors: [{ id: '1' }, { id: '2' }] },
  'GET /v2.1/flavors/2': { flavor: { id: '2' } },
  'GET /v2/images?limit=1000': {
    images: [
      { id: 'mine', owner: 'p1' },
      { id: 'public', owner: 'p2' },
    ],
  },
  'GET /v2/images/mine': { id: 'mine', owner: 'p1' },
  'GET /v2.1/servers/detail': { servers: [server('s1'), server('s2')] },
  'GET /v2.1/servers/s1': { server: server('s1') },
  'GET /v2.0/ports': { ports: [{ id: 'p' }, { id: 'q' }] },
  'GET /v2.0/ports/q': { port: { id: 'q' } },
  'GET /v2.0/subnets': { subnets: [{ id: 'n1' }] },
  'GET /v2.0/subnets/n1': { subnet: { id: 'n1' } },
  'GET /v2.0/networks': { networks: [{ id: 'w1' }] },
  'GET /v2.0/networks/w1': { network: { id: 'w1' } },
  'GET /v3/p1/volumes/detail': { volumes: [{ id: 'v1', attachments: [] }] },
  'GET /v3/p1/volumes/v1': { volume: { id: 'v1', attachments: [] } },
  'GET /v3/p1/snapshots/detail': { snapshots: [{ id: 'x1' }] },
  'GET /v3/p1/snapshots/x1': { snapshot: { id: 'x1' } },
}

t.test('images of OpenStack are filtered by their owner, and `self` is the caller without the project', async t => {
  const stack = new Cloud(answers)
  const list = await serve(t, 'ada+lab', { driver: 'openstack', provider: keystone, transport: stack.transport })
  t.same(await list('images'), ['mine', 'public'])
  t.same(await list('images?owner_id=ada'), ['mine'])
  t.same(await list('images?owner_id=self'), ['mine'])
  t.same(await list('images?owner_id=p2'), ['public'])
  t.same(await list('images?owner_id=nobody'), [])
  t.same(await list('images?owner_id=self&id=mine'), ['mine'])
  t.same(await list('images?owner_id=p2&id=mine'), [])
  t.same(await list('instances?owner_id=self'), ['s1', 's2'])
  t.same(await list('instances?owner_id=ada'), ['s1', 's2'])
  t.same(await list('instances?owner_id=nobody'), [])
})

t.test('images of both generations of Rackspace are the caller’s', async t => {
  const transport = {
    async send({ target }: { readonly target: string }) {
      const headers: [string, string][] = [
        ['X-Auth-Token', 'token'],
        ['X-Server-Management-Url', 'https://servers.example/v1.0/me'],
      ]
      const compute = {
        type: 'compute',
        name: 'cloudServersOpenStack',
        endpoints: [{ region: 'DFW', publicURL: 'https://dfw.example/v2/1' }],
      }
      const login = { access: { token: { id: 'token', expires: '2999-01-01T00:00:00Z' }, serviceCatalog: [compute] } }
      const body = target.endsWith('/tokens') ? login : { images: [{ id: 'i1', status: 'ACTIVE' }], flavors: [] }
      return { status: 200, headers, body: JSON.stringify(body) }
    },
  }
  for (const provider of [{}, { provider: 'DFW' }]) {
    const list = await serve(t, 'ada', { driver: 'rackspace', transport, ...provider })
    t.same(await list('images?owner_id=self'), ['i1'])
    t.same(await list('images?owner_id=ada'), ['i1'])
    t.same(await list('images?owner_id=nobody'), [])
  }
})

t.test('a filter by id asks OpenStack for the one', async t => {
  const stack = new Cloud(answers)
  const list = await serve(t, 'ada+lab', { driver: 'openstack', provider: keystone, transport: stack.transport })
  const table: readonly [path: string, ids: readonly string[], call: string, without: string][] = [
    ['hardware_profiles?id=2', ['2'], 'GET /v2.1/flavors/2', 'GET /v2.1/flavors/detail'],
    ['images?id=mine', ['mine'], 'GET /v2/images/mine', 'GET /v2/images?limit=1000'],
    ['instances?id=s1', ['s1'], 'GET /v2.1/servers/s1', 'GET /v2.1/servers/detail'],
    ['storage_volumes?id=v1', ['v1'], 'GET /v3/p1/volumes/v1', 'GET /v3/p1/volumes/detail'],
    ['storage_snapshots?id=x1', ['x1'], 'GET /v3/p1/snapshots/x1', 'GET /v3/p1/snapshots/detail'],
    ['networks?id=w1', ['w1'], 'GET /v2.0/networks/w1', 'GET /v2.0/networks'],
    ['subnets?id=n1', ['n1'], 'GET /v2.0/subnets/n1', 'GET /v2.0/subnets'],
    ['network_interfaces?id=q', ['q'], 'GET /v2.0/ports/q', 'GET /v2.0/ports'],
    ['hardware_profiles?id=none', [], 'GET /v2.1/flavors/none', 'GET /v2.1/flavors/detail'],
  ]
  for (const [path, ids, call, without] of table) {
    stack.seen.length = 0
    t.same(await list(path), ids, path)
    const calls = stack.seen.map(seen => seen.call)
    t.ok(calls.includes(call), `${path} asks ${call}`)
    t.notOk(calls.includes(without), `${path} doesn't ask ${without}`)
  }
})

t.test('what can’t be an id isn’t made part of a path', async t => {
  const stack = new Cloud(answers)
  const list = await serve(t, 'ada+lab', { driver: 'openstack', provider: keystone, transport: stack.transport })
  for (const collection of ['hardware_profiles', 'images', 'instances', 'storage_volumes', 'storage_snapshots', 'networks'])
    for (const id of ['', '.', '..', 'detail']) t.same(await list(`${collection}?id=${id}`), [], `${collection} '${id}'`)
})

t.test('owners of EC2’s images are EC2’s to know, by aliases too', async t => {
  const owners: (string | null)[] = []
  const image = (id: string, owner: string) =>
    `<item><imageId>${id}</imageId><imageOwnerId>${owner}</imageOwnerId><imageState>available</imageState></item>`
  const images: Readonly<Record<string, string>> = {
    self: image('ami-own', '111122223333'),
    amazon: image('ami-amazon', '137112412989'),
    '137112412989': image('ami-amazon', '137112412989'),
  }
  const transport = {
    async send({ body }: { readonly body?: Parameters<typeof readBody>[0] }) {
      const form = new URLSearchParams(String(await readBody(body)))
      const owner = form.get('Owner.1')
      owners.push(owner)
      const headers: [string, string][] = [['Content-Type', 'text/xml']]
      if (owner === 'nobody')
        return {
          status: 400,
          headers,
          body: '<Response><Errors><Error><Code>InvalidUserID.Malformed</Code><Message>Invalid user id</Message></Error></Errors></Response>',
        }
      const id = form.get('ImageId.1')
      const found = owner === null ? image('ami-own', '111122223333') : (images[owner] ?? '')
      const wanted = id === null || found.includes(`>${id}<`) ? found : ''
      const text = `<DescribeImagesResponse><imagesSet>${wanted}</imagesSet></DescribeImagesResponse>`
      return { status: 200, headers, body: text }
    },
  }
  const list = await serve(t, 'AKIDEXAMPLE', { driver: 'ec2', transport })
  t.same(await list('images?owner_id=self'), ['ami-own'])
  t.same(await list('images?owner_id=amazon'), ['ami-amazon'])
  t.same(await list('images?owner_id=137112412989'), ['ami-amazon'])
  t.same(await list('images?id=ami-own'), ['ami-own'])
  t.same(await list('images?id=ami-own&owner_id=self'), ['ami-own'])
  t.same(await list('images?id=ami-own&owner_id=amazon'), [])
  t.same(await list('images?owner_id=nobody'), [])
  t.same(owners, ['self', 'amazon', '137112412989', null, 'self', 'amazon', 'nobody'])
})

t.test('a filter by id asks EC2 for the one type', async t => {
  const forms: URLSearchParams[] = []
  const transport = {
    async send({ body }: { readonly body?: Parameters<typeof readBody>[0] }) {
      const form = new URLSearchParams(String(await readBody(body)))
      forms.push(form)
      const item = (id: string) => `<item><instanceType>${id}</instanceType></item>`
      const text = `<DescribeInstanceTypesResponse><instanceTypeSet>${item('t3.micro')}${form.has('Filter.1.Name') ? '' : item('t3.nano')}</instanceTypeSet></DescribeInstanceTypesResponse>`
      return { status: 200, headers: [['Content-Type', 'text/xml'] as [string, string]], body: text }
    },
  }
  const list = await serve(t, 'AKIDEXAMPLE', { driver: 'ec2', provider: 'region=us-east-1;profiles=live', transport })
  t.same(await list('hardware_profiles?id=t3.micro'), ['t3.micro'])
  t.same(await list('hardware_profiles?id=t3.*'), [])
  t.same(
    forms.map(form => [form.get('Filter.1.Name'), form.get('Filter.1.Value.1')]),
    [
      ['instance-type', 't3.micro'],
      ['instance-type', 't3.*'],
    ],
  )
})
