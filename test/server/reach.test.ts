/** Where requests to providers may lead, as a policy and over real connections. */

import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { Reach, type ReachOptions } from '../../src/server/reach.ts'
import { httpProvider } from '../drivers/provider.ts'
import { basic, overHttp, runs } from '../support/server.ts'

const reach = (options: ReachOptions = {}, exposed = false): Reach => new Reach(options, () => (exposed ? 'public' : 'any'))

const chosen = { isNamed: false, provider: 'https://cloud.example/v3', isSecure: false }

/** What a reach says of an address at which a provider is: undefined where it may be reached. */
const verdict = (of: Reach, origin: string, destination = chosen): string | undefined => {
  try {
    of.access(destination).checkOrigin(origin)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const local: readonly (readonly [network: string, origins: readonly string[]])[] = [
  [
    'loopback',
    ['http://127.0.0.1:5000', 'http://127.1', 'http://2130706433', 'http://0x7f.0.0.1', 'http://[::1]', 'http://0.0.0.0', 'http://[::]'],
  ],
  ['loopback', ['http://[::ffff:127.0.0.1]', 'http://[64:ff9b::7f00:1]', 'http://[2002:7f00:1::]', 'http://[::127.0.0.1]']],
  [
    'private',
    [
      'https://10.1.2.3',
      'https://172.16.0.1',
      'https://172.31.255.255',
      'https://192.168.1.1',
      'https://100.64.0.1',
      'http://[fd12::1]',
      'http://[64:ff9b:1:a00:0:100:808:808]',
    ],
  ],
  ['link-local', ['http://169.254.1.1', 'http://[fe80::1]']],
  ['multicast or reserved', ['http://224.0.0.1', 'http://255.255.255.255', 'http://[ff02::1]']],
]

const foreign = ['https://192.0.2.1', 'https://8.8.8.8', 'http://172.32.0.1', 'https://[2606:4700::1]']

const metadata = [
  'http://169.254.169.254',
  'http://[::ffff:169.254.169.254]',
  'http://2852039166',
  'http://169.254.170.2',
  'http://[fd00:ec2::254]',
  'http://[fe80::a9fe:a9fe]',
  'http://100.100.100.200',
  'http://168.63.129.16',
]

t.test('a server that other machines reach leads nobody into the networks behind it', async t => {
  for (const [network, origins] of local)
    for (const origin of origins) {
      t.match(verdict(reach({}, true), origin), new RegExp(`of a ${network} network`), origin)
      t.equal(verdict(reach(), origin), undefined, `${origin} from a server on loopback`)
      t.equal(verdict(reach({ policy: 'any' }, true), origin), undefined, `${origin} by the policy any`)
    }
  for (const origin of foreign) t.equal(verdict(reach({}, true), origin), undefined, origin)
})

t.test('addresses at which clouds keep the credentials of machines are reached only where they are listed', async t => {
  for (const origin of metadata) {
    const host = new URL(origin).hostname
    for (const policy of ['public', 'any', 'list'] as const)
      t.match(verdict(reach({ policy }), origin), /may not lead to/, `${policy} ${origin}`)
    t.match(verdict(reach(), origin, { ...chosen, isNamed: true }), /credentials/, `${origin}, named by a catalog of the own cloud`)
    t.equal(verdict(reach({ hosts: [host] }), origin), undefined, `listed ${origin}`)
    for (const policy of ['public', 'any', 'list'] as const)
      t.match(verdict(reach({ policy, networks: ['0.0.0.0/0', '::/0'] }), origin), /credentials/, `${origin}, a network around it listed`)
    t.equal(verdict(reach({ networks: [`${host.replace(/[[\]]/g, '')}/${host.startsWith('[') ? 128 : 32}`] }), origin), undefined)
  }
  const own = { isNamed: true, provider: 'http://169.254.169.254/v3', isSecure: false }
  t.equal(verdict(reach({}, true), 'http://169.254.169.254', own), undefined, 'the operator named it himself')
})

t.test('what is listed is reached, by host or by network, and nothing else where the policy is a list', async t => {
  const listed = reach({
    policy: 'list',
    hosts: ['cloud.example', '*.internal.example', '10.0.0.7'],
    networks: ['192.168.0.0/16', 'fd00::/8'],
  })
  for (const origin of ['http://10.0.0.7', 'http://192.168.7.7', 'http://[fd00::9]', 'http://[::ffff:192.168.1.1]'])
    t.equal(verdict(listed, origin), undefined, origin)
  t.equal(verdict(listed, 'https://8.8.8.8')?.includes('not listed'), true)
  const access = listed.access(chosen)
  access.checkAddress('cloud.example', '8.8.8.8')
  access.checkAddress('a.internal.example', '10.9.9.9')
  access.checkAddress('elsewhere.example', '192.168.3.3')
  t.throws(() => access.checkAddress('elsewhere.example', '8.8.8.8'), /not listed/)
  t.throws(() => access.checkAddress('internal.example', '8.8.8.8'), /not listed/)
  t.throws(() => access.checkAddress('cloud.example', '169.254.169.254'), /credentials/, 'a name that is made to lead there')
})

t.test('an instance is where the own cloud says it is; what others say of it is checked like a provider that was chosen', async t => {
  const at = (options: ReachOptions, address: string, isTold: boolean, isOwn = true): string | undefined => {
    try {
      reach(options, true).access({ isNamed: true, isOwn, provider: undefined, isSecure: false }).checkInstance(address, address, isTold)
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  t.equal(at({}, '10.0.0.5', true), undefined)
  t.match(at({}, '10.0.0.5', false), /of a private network/, 'a client named it')
  t.match(at({}, '10.0.0.5', true, false), /of a private network/, 'an account somewhere may have any private network')
  t.equal(at({}, '8.8.8.8', false), undefined)
  t.match(at({ policy: 'own' }, '8.8.8.8', false), /no address of the instance/)
  t.equal(at({ policy: 'own' }, '8.8.8.8', true, false), undefined)
  t.match(at({ policy: 'list' }, '8.8.8.8', false), /not listed/)
  t.equal(at({ policy: 'own', networks: ['10.0.0.0/8'] }, '10.0.0.5', false), undefined)
  t.match(at({ policy: 'any' }, '169.254.169.254', true), /credentials/)
})

t.test('from HTTPS to HTTP is refused unless the host is listed', async t => {
  const secure = { ...chosen, isSecure: true }
  t.match(verdict(reach(), 'http://nova.example', secure), /by HTTP, where credentials would go out in clear/)
  t.match(verdict(reach(), 'http://nova.example', { ...secure, isNamed: true }), /in clear/)
  t.equal(verdict(reach({ hosts: ['nova.example'] }), 'http://nova.example', secure), undefined)
  t.equal(verdict(reach(), 'https://nova.example', secure), undefined)
})

t.test('the verdict is the same however an IPv4 address is written', async () => {
  fc.assert(
    fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), ([a, b, c, d]) => {
      const dotted = `${a}.${b}.${c}.${d}`
      const hex = (x: number, y: number): string => ((x << 8) | y).toString(16)
      const spellings = [
        `http://${((a << 24) | (b << 16) | (c << 8) | d) >>> 0}`,
        `http://[::ffff:${dotted}]`,
        `http://[64:ff9b::${hex(a, b)}:${hex(c, d)}]`,
        `http://[2002:${hex(a, b)}:${hex(c, d)}::1]`,
      ]
      const isOpen = verdict(reach({}, true), `http://${dotted}`) === undefined
      for (const spelling of spellings) assert.equal(verdict(reach({}, true), spelling) === undefined, isOpen, spelling)
    }),
    runs(300),
  )
})

t.test('which drivers and addresses may be chosen', async t => {
  const named = { isNamed: true, provider: 'eu-west-1', isSecure: false }
  t.throws(() => reach({ policy: 'own' }).checkChoice('openstack', chosen, false), { kind: 'forbidden', message: /--providers/ })
  t.throws(() => reach({ drivers: ['ec2'] }).checkChoice('openstack', chosen, false), { kind: 'forbidden', message: /'openstack'/ })
  t.doesNotThrow(() => reach({ policy: 'own', drivers: ['ec2'] }).checkChoice('ec2', named, false), 'regions always work')
  t.doesNotThrow(() => reach({ drivers: ['ec2'] }).checkChoice('openstack', chosen, true), "and so does the server's own driver")
})

/** A provider that notes what it's sent. */
const listener = async (t: Test): Promise<{ url: string; heard: IncomingMessage[] }> => {
  const heard: IncomingMessage[] = []
  const url = await httpProvider(t, (request, response) => {
    heard.push(request)
    response.writeHead(401, { 'Content-Type': 'application/json' }).end('{}')
  })
  return { url, heard }
}

const at = (provider: string): string => `/api;driver=openstack;provider=${encodeURIComponent(provider)}/instances?format=json`

t.test('over real connections', async t => {
  const { url, heard } = await listener(t)
  const byName = `${url.replace('127.0.0.1', 'localhost')}/v3`

  t.test('on loopback any provider may be chosen, with credentials of the request', async t => {
    const server = await overHttp()
    t.teardown(() => server.close())
    t.equal((await server.ask(at(`${url}/v3`))).status, 401)
    t.equal(heard.splice(0).length, 1)
  })

  t.test('a server that other machines reach refuses, whether by address or by a name that leads there', async t => {
    const server = await overHttp({ host: '0.0.0.0' })
    t.teardown(() => server.close())
    for (const provider of [`${url}/v3`, byName]) {
      const { status, text } = await server.ask(at(provider))
      t.equal(status, 403, provider)
      t.match(JSON.parse(text), { message: /of a loopback network\. Its operator can allow it: list / })
    }
    t.equal(heard.length, 0)
  })

  t.test('what is listed is reached all the same', async t => {
    for (const providers of [{ hosts: ['localhost'] }, { networks: ['127.0.0.0/8', '::1/128'] }]) {
      const server = await overHttp({ host: '0.0.0.0', providers })
      t.teardown(() => server.close())
      t.equal((await server.ask(at(byName))).status, 401, JSON.stringify(providers))
      t.ok(heard.splice(0).length > 0)
    }
  })

  t.test('the server’s own provider is reached whatever its network, and a chosen one never by its connections', async t => {
    const server = await overHttp({ host: '0.0.0.0', driver: 'openstack', provider: `${url}/v3`, providers: { policy: 'own' } })
    t.teardown(() => server.close())
    t.equal((await server.ask('/api/instances?format=json')).status, 401)
    t.ok(heard.splice(0).length > 0)
    t.equal((await server.ask(at(`${url}/v2.0`))).status, 403)
    t.equal((await server.ask('/api;driver=ec2;provider=eu-west-1?format=json')).status, 200, 'a region needs no address')
    t.equal(heard.length, 0)
  })

  t.test('endpoints of a catalog are checked as the address of a provider is', async t => {
    const catalog = (address: string) => ({
      token: {
        expires_at: '2099-01-01T00:00:00Z',
        catalog: [{ type: 'compute', endpoints: [{ interface: 'public', region_id: 'R', region: 'R', url: address }] }],
      },
    })
    let names = ''
    const keystone = await httpProvider(t, (_request, response) => {
      response.writeHead(201, { 'Content-Type': 'application/json', 'X-Subject-Token': 'token' }).end(JSON.stringify(catalog(names)))
    })
    const server = await overHttp({ providers: { policy: 'list', hosts: [new URL(keystone).hostname] }, host: '0.0.0.0' })
    t.teardown(() => server.close())
    names = 'http://169.254.169.254/v2.1'
    const { status, text } = await server.ask(at(`${keystone}/v3`))
    t.equal(status, 403)
    t.match(text, /169\.254\.169\.254/)
  })

  t.test('credentials of the operator never go to a cloud that a request chose', async t => {
    const credentials = { user: 'operator', password: 'of the cloud' }
    const server = await overHttp({ driver: 'openstack', provider: 'http://127.0.0.1:1/v3', credentials })
    t.teardown(() => server.close())
    const anonymous = (target: string, headers = {}) => server.ask({ target, login: false, headers })
    t.equal((await anonymous(at(`${url}/v3`))).status, 401)
    t.equal((await anonymous('/api/instances?format=json', { 'X-Deltacloud-Provider': `${url}/v3` })).status, 401)
    t.equal((await anonymous(`/api;driver=ec2;provider=${encodeURIComponent(`ec2=${url}`)}/instances?format=json`)).status, 401)
    t.equal(heard.length, 0)
    t.equal((await server.ask({ target: at(`${url}/v3`), login: false, headers: { Authorization: basic('ann', 'pw') } })).status, 401)
    t.equal(heard.splice(0).length, 1, 'own credentials go where their owner sends them')
  })
})
