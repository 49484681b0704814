/**
 * What another site makes a browser send: every frontend, every method, every way in which a browser says where a request comes from, and
 * every kind of credentials. What a browser adds by itself (a password, or nothing where nothing is asked for) lets no other site change
 * anything or choose where it is sent; what proves itself is as good from one site as from another.
 */

import t from 'tap'
import { type ServerOptions, startServer } from '../../src/index.ts'
import { type Answer, basic, type Client, clientAt } from '../support/server.ts'
import { complaintAbout, type Protocol } from './protocols.ts'
import { presigned, signedHeaders } from './signing.ts'

const account = { user: 'mockuser', password: 'mockpassword' }

type Credentials = 'password' | 'none' | 'signature' | 'presigned' | 'token'

/** A browser adds these by itself, to requests of all sites. */
const isAmbient = (credentials: Credentials): boolean => credentials === 'password' || credentials === 'none'

interface Request {
  readonly target: string
  readonly type?: string
  readonly body?: string
}

interface Side {
  readonly protocol: Protocol
  readonly credentials: readonly Credentials[]
  /** By method; what is made is called `name`. */
  readonly requests: Readonly<Record<string, (name: string) => Request>>
}

const form = 'application/x-www-form-urlencoded'
const swift = (project: string): string => `/openstack/object-store/v1/AUTH_${project}`

const sides = (project: string): readonly Side[] => [
  {
    protocol: 'deltacloud',
    credentials: ['password', 'none'],
    requests: {
      GET: () => ({ target: '/api/keys?format=json' }),
      HEAD: () => ({ target: '/api/buckets/bucket1/blob1' }),
      OPTIONS: () => ({ target: '/api/keys' }),
      POST: name => ({ target: '/api/keys?format=json', type: form, body: `name=${name}` }),
      PUT: name => ({ target: `/api/buckets/bucket1/${name}?format=json`, type: 'text/plain', body: 'content' }),
      DELETE: name => ({ target: `/api/keys/${name}?format=json` }),
      PATCH: name => ({ target: `/api/keys/${name}?format=json` }),
      COPY: name => ({ target: `/api/keys/${name}?format=json` }),
    },
  },
  {
    protocol: 'ec2',
    credentials: ['password', 'none', 'signature', 'presigned'],
    requests: {
      GET: name => ({ target: `/ec2/?Action=CreateKeyPair&KeyName=${name}&Version=2016-11-15` }),
      POST: name => ({ target: '/ec2/', type: form, body: `Action=CreateKeyPair&KeyName=${name}&Version=2016-11-15` }),
    },
  },
  {
    protocol: 's3',
    credentials: ['password', 'none', 'signature', 'presigned'],
    requests: {
      GET: () => ({ target: '/s3/' }),
      HEAD: () => ({ target: '/s3/bucket1' }),
      PUT: name => ({ target: `/s3/bucket1/${name}`, type: 'text/plain', body: 'content' }),
      POST: name => ({
        target: `/s3/bucket1?delete&x=${name}`,
        type: 'text/plain',
        body: '<Delete><Object><Key>none</Key></Object></Delete>',
      }),
      DELETE: name => ({ target: `/s3/bucket1/none-${name}` }),
      PATCH: name => ({ target: `/s3/bucket1/none-${name}` }),
    },
  },
  {
    protocol: 'openstack',
    credentials: ['password', 'none', 'token'],
    requests: {
      GET: () => ({ target: '/openstack/compute/v2.1/os-keypairs' }),
      HEAD: () => ({ target: swift(project) }),
      POST: name => ({ target: '/openstack/compute/v2.1/os-keypairs', type: 'text/plain', body: `{"keypair":{"name":"${name}"}}` }),
      PUT: name => ({ target: `${swift(project)}/bucket1/${name}`, type: 'text/plain', body: 'content' }),
      DELETE: name => ({ target: `${swift(project)}/bucket1/none-${name}` }),
      PATCH: name => ({ target: `/openstack/image/v2/images/none-${name}`, type: 'text/plain', body: '[]' }),
      COPY: name => ({ target: `${swift(project)}/bucket1/none-${name}` }),
    },
  },
  {
    protocol: 'control',
    credentials: ['none'],
    requests: {
      GET: () => ({ target: '/_mock/worlds' }),
      HEAD: () => ({ target: '/_mock/worlds' }),
      OPTIONS: () => ({ target: '/_mock/worlds' }),
      POST: name => ({ target: '/_mock/worlds', type: form, body: `name=${name}` }),
      PUT: () => ({ target: '/_mock/limits', type: 'application/json', body: '{}' }),
      DELETE: name => ({ target: `/_mock/faults/${name}` }),
      PATCH: () => ({ target: '/_mock/worlds' }),
    },
  },
  {
    protocol: 'server',
    credentials: ['none', 'password'],
    requests: { GET: () => ({ target: '/' }), HEAD: () => ({ target: '/' }), POST: () => ({ target: '/', type: form, body: 'a=b' }) },
  },
]

/** Whether a method can change something. EC2's actions are all asked for by GET, too. */
const canChange = (protocol: Protocol, method: string): boolean =>
  !['GET', 'HEAD', 'OPTIONS'].includes(method) || (protocol === 'ec2' && method === 'GET')

interface From {
  readonly site?: 'cross-site' | 'same-site' | 'same-origin' | 'none'
  readonly origin?: 'own' | 'foreign' | 'null'
}

/** What browsers say of where a request comes from. Contradictions (a page of ours with the origin of another) are sent by none. */
const places: readonly From[] = [
  {},
  { origin: 'own' },
  { origin: 'foreign' },
  { origin: 'null' },
  { site: 'none' },
  { site: 'same-origin' },
  { site: 'same-origin', origin: 'own' },
  ...(['cross-site', 'same-site'] as const).flatMap(site => [
    { site },
    { site, origin: 'own' as const },
    { site, origin: 'foreign' as const },
    { site, origin: 'null' as const },
  ]),
]

const isElsewhere = ({ site, origin }: From): boolean =>
  site === 'cross-site' || site === 'same-site' || (site === undefined && origin !== undefined && origin !== 'own')

const headersFrom = ({ site, origin }: From, host: string): Record<string, string> => ({
  ...(site === undefined ? {} : { 'Sec-Fetch-Site': site }),
  ...(origin === undefined ? {} : { Origin: { own: `http://${host}`, foreign: 'http://evil.example', null: 'null' }[origin] }),
})

interface Place extends Client {
  readonly host: string
  readonly project: string
  readonly token: string
}

/** A server that is closed when the test is over, and what a client has of it. */
const place = async (test: { teardown(end: () => unknown): unknown }, options: ServerOptions = {}): Promise<Place> => {
  const frontends = ['deltacloud', 'ec2', 's3', 'openstack']
  const server = await startServer({ host: '127.0.0.1', port: 0, frontends, ...options })
  const { ask, close } = clientAt(server.address.port)
  test.teardown(async () => {
    close()
    await server.close(0)
  })
  const { user: name, password } = account
  const json = { auth: { identity: { methods: ['password'], password: { user: { name, password, domain: { id: 'default' } } } } } }
  const login = await ask({ target: '/openstack/identity/v3/auth/tokens', json, login: false })
  return {
    ask,
    host: `127.0.0.1:${server.address.port}`,
    project: /"project":\{[^}]*?"id":"([0-9a-f]{32})"/.exec(login.text)?.[1] ?? 'none',
    token: login.headers.get('x-subject-token') ?? '',
  }
}

/** Sends a request with credentials of a kind, and what a browser adds to it. */
const send = (
  at: Place,
  protocol: Protocol,
  method: string,
  { target, type, body }: Request,
  credentials: Credentials,
  added: Readonly<Record<string, string>>,
): Promise<Answer> => {
  const service = protocol === 's3' ? 's3' : 'ec2'
  const unsigned = { ...account, service, method, target, host: at.host, body, contentType: type } as const
  const proof: Record<string, string> =
    credentials === 'password'
      ? { Authorization: basic() }
      : credentials === 'token'
        ? { 'X-Auth-Token': at.token }
        : credentials === 'signature'
          ? signedHeaders(unsigned)
          : {}
  return at.ask({
    method,
    target: credentials === 'presigned' ? presigned(unsigned) : target,
    headers: { ...(type === undefined ? {} : { 'Content-Type': type }), ...proof, ...added },
    login: false,
    ...(body === undefined ? {} : { body }),
  })
}

/** Statuses of a refusal. That a path has no such method, or that other credentials are needed, may be said first. */
const refusals = (protocol: Protocol, credentials: Credentials, isOpen: boolean): readonly number[] => {
  if (protocol === 'server') return [403, 404, 405]
  // Credentials of the server's own serve the Deltacloud API alone.
  const isNobody = protocol !== 'control' && !(isOpen && protocol === 'deltacloud') && credentials === 'none'
  return isNobody || protocol === 'openstack' ? [401, 403, 405] : [403, 405]
}

/** All names under which something was made in spite of a refusal. */
const madeIn = async (at: Place): Promise<string[]> => {
  const lists = ['/api/keys?format=xml', '/api/buckets/bucket1?format=xml', '/_mock/worlds']
  const texts = await Promise.all(lists.map(target => at.ask(target)))
  return [...new Set(texts.flatMap(({ text }) => text.match(/refused-\d+/g) ?? []))]
}

const clouds: readonly {
  readonly name: string
  readonly options: ServerOptions
  readonly kinds: readonly Credentials[]
  isOpen: boolean
}[] = [
  { name: 'a cloud that asks for credentials', options: {}, kinds: ['password', 'none', 'signature', 'presigned', 'token'], isOpen: false },
  {
    name: 'a cloud with credentials of its own, which asks for none',
    options: { credentials: account },
    kinds: ['password', 'none'],
    isOpen: true,
  },
]

for (const { name, options, kinds, isOpen } of clouds) {
  t.test(`${name}: another site changes nothing by what a browser adds, and is hindered in nothing else`, async t => {
    const at = await place(t, options)
    const wrong: string[] = []
    let turn = 0
    const tries = sides(at.project).flatMap(side =>
      Object.entries(side.requests).flatMap(([method, request]) =>
        side.credentials
          .filter(kind => kinds.includes(kind))
          .flatMap(credentials => places.map(from => ({ protocol: side.protocol, method, request, credentials, from }))),
      ),
    )
    for (const { protocol, method, request, credentials, from } of tries) {
      const isRefused = isElsewhere(from) && isAmbient(credentials) && canChange(protocol, method)
      turn += 1
      const asked = request(`${isRefused ? 'refused' : 'allowed'}-${turn}`)
      const what = `${method} ${asked.target} by ${credentials} from ${JSON.stringify(from)}`
      const answer = await send(at, protocol, method, asked, credentials, headersFrom(from, at.host))
      const expected = isRefused
        ? refusals(protocol, credentials, isOpen)
        : [(await send(at, protocol, method, request(`allowed-${++turn}`), credentials, {})).status]
      if (!expected.includes(answer.status)) wrong.push(`${what} is answered with ${answer.status}, and not ${expected.join(' or ')}`)
      const complaint = complaintAbout(protocol, method, asked.target, answer)
      if (complaint !== undefined) wrong.push(`${what}: ${complaint}`)
      if ([...answer.headers.keys()].some(header => header.startsWith('access-control-'))) wrong.push(`${what} may be read by another site`)
    }
    t.same(wrong, [])
    t.same(await madeIn(at), [], 'what was refused has not been done')
  })
}

/** Ways to choose a driver or a provider by a request that only reads. */
const choices: readonly (readonly [target: string, headers: Readonly<Record<string, string>>])[] = [
  ['/api;driver=mock/realms?format=json', {}],
  ['/api;provider=ec2/realms?format=json', {}],
  ['/api;driver=mock;provider=classic/realms?format=json', {}],
  ['/api;%64river=mock/realms?format=json', {}],
  ['/api/realms?format=json&api[driver]=mock', {}],
  ['/api/realms?format=json&api%5Bprovider%5D=ec2', {}],
  ['/api/realms?format=json', { 'X-Deltacloud-Driver': 'mock' }],
  ['/api/realms?format=json', { 'X-Deltacloud-Provider': 'ec2' }],
  ['/_worlds/other/api;driver=mock/realms?format=json', {}],
]

/** What a browser asks for: a picture, a document in a frame, a link that was followed. */
const modes: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' },
  { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
  { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' },
]

t.test('another site chooses no driver and no provider for what a browser adds, not even by a link', async t => {
  const wrong: string[] = []
  for (const { name, options } of clouds) {
    const at = await place(t, options)
    for (const [target, headers] of choices) {
      for (const mode of modes) {
        for (const from of places) {
          const what = `${name}: GET ${target} ${JSON.stringify({ ...headers, ...mode, ...from })}`
          const answer = await at.ask({ target, headers: { ...headers, ...mode, ...headersFrom(from, at.host) } })
          const expected = isElsewhere(from) ? 403 : 200
          if (answer.status !== expected) wrong.push(`${what} is answered with ${answer.status}, and not ${expected}`)
          const complaint = complaintAbout('deltacloud', 'GET', target, answer)
          if (complaint !== undefined) wrong.push(`${what}: ${complaint}`)
        }
      }
    }
  }
  t.same(wrong, [])
})

t.test('a link from another site to what is chosen already is followed', async t => {
  const at = await place(t)
  for (const target of ['/api', '/api/instances', '/api/docs', '/', '/_mock/console', '/s3/']) {
    const navigation = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', Accept: 'text/html' }
    t.equal((await at.ask({ target, headers: navigation })).status, 200, target)
  }
})

t.test('over fixed credentials an address that only looks signed proves nothing', async t => {
  const at = await place(t, { credentials: account })
  const wrong = { ...account, user: 'nobody', password: 'wrong', host: at.host }
  const old = 'AWSAccessKeyId=nobody&Signature=AAAA&SignatureVersion=2&SignatureMethod=HmacSHA256&Timestamp=2026-01-01T00%3A00%3A00Z'
  const tries: readonly (readonly [Protocol, string, string])[] = [
    ['ec2', 'GET', presigned({ ...wrong, method: 'GET', service: 'ec2', target: '/ec2/?Action=CreateKeyPair&KeyName=refused-1' })],
    ['ec2', 'GET', `/ec2/?Action=CreateKeyPair&KeyName=refused-2&${old}`],
    ['s3', 'PUT', presigned({ ...wrong, method: 'PUT', service: 's3', target: '/s3/bucket1/refused-3' })],
    ['s3', 'PUT', '/s3/bucket1/refused-4?AWSAccessKeyId=nobody&Expires=9999999999&Signature=AAAA'],
  ]
  for (const [protocol, method, target] of tries) {
    const answer = await at.ask({ method, target, headers: { 'Sec-Fetch-Site': 'cross-site' }, login: false })
    t.ok([400, 401, 403].includes(answer.status), `${method} ${target} is refused, and not ${answer.status}`)
    t.equal(complaintAbout(protocol, method, target, answer), undefined, target)
  }
  t.same(await madeIn(at), [])
})

t.test('hosts and prefixes that lead to a frontend lead past no check', async t => {
  const at = await place(t)
  const [, port = ''] = at.host.split(':')
  const tries: readonly (readonly [Protocol, string, string, string])[] = [
    ['s3', 'PUT', '/refused-1', `bucket1.s3.localhost:${port}`],
    ['s3', 'PUT', '/bucket1/refused-2', `s3.localhost:${port}`],
    ['ec2', 'GET', '/?Action=CreateKeyPair&KeyName=refused-3', `ec2.localhost:${port}`],
    ['ec2', 'POST', '/?Action=CreateKeyPair&KeyName=refused-4', `ec2.localhost:${port}`],
    ['server', 'POST', '/?Action=CreateKeyPair&KeyName=refused-5', at.host],
    ['ec2', 'GET', '/_worlds/default/ec2/?Action=CreateKeyPair&KeyName=refused-6', at.host],
    ['s3', 'PUT', '/_worlds/default/s3/bucket1/refused-7', at.host],
    ['deltacloud', 'POST', '/_worlds/default/api/keys?name=refused-8', at.host],
    ['control', 'POST', '/_worlds/default/_mock/worlds?name=refused-9', at.host],
  ]
  for (const [protocol, method, target, Host] of tries) {
    const answer = await at.ask({ method, target, headers: { Host, 'Sec-Fetch-Site': 'cross-site' } })
    const what = `${method} ${target} at ${Host}`
    // A request without a frontend's own path or host is one of EC2 only where it is signed.
    t.equal(answer.status, protocol === 'server' ? 404 : 403, what)
    t.equal(complaintAbout(protocol, method, target, answer), undefined, what)
  }
  t.same(await madeIn(at), [])
})
