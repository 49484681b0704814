/** What clients have stored is of no trust: a browser that opens it runs nothing of it, in whatever protocol it was put there and is read. */

import t from 'tap'
import { startServer } from '../../src/index.ts'
import { type Answer, basic, clientAt } from '../support/server.ts'
import { presigned } from './signing.ts'

const server = await startServer({ host: '127.0.0.1', port: 0, frontends: ['deltacloud', 'ec2', 's3', 'openstack'] })
const { ask, close } = clientAt(server.address.port)
t.teardown(async () => {
  close()
  await server.close(0)
})
const host = `127.0.0.1:${server.address.port}`
const account = { user: 'mockuser', password: 'mockpassword' }

const login = await ask({
  target: '/openstack/identity/v3/auth/tokens',
  json: {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: account.user, password: account.password, domain: { id: 'default' } } },
      },
    },
  },
  login: false,
})
const swiftHeaders = { 'X-Auth-Token': login.headers.get('x-subject-token') ?? '' }
const swift = `/openstack/object-store/v1/AUTH_${/"project":\{[^}]*?"id":"([0-9a-f]{32})"/.exec(login.text)?.[1]}`

/** Types that browsers render, and may run; and some that they don't. */
const active = [
  'text/html',
  'TEXT/HTML',
  'text/html; charset=utf-16',
  ' text/html',
  'application/xhtml+xml',
  'image/svg+xml',
  'text/xml',
  'application/xml',
  'application/rss+xml',
  'application/mathml+xml',
  'text/xsl',
  'application/pdf',
  'multipart/x-mixed-replace; boundary=b',
]
const inert = ['text/plain', 'application/octet-stream', 'image/png', 'application/json', 'application/zip']

const content = '<html xmlns="http://www.w3.org/1999/xhtml"><script>fetch("/_mock/reset",{method:"POST"})</script></html>'

type Headers = Readonly<Record<string, string>>

/** How each protocol stores a thing in `bucket1`, and the ways in which it gives it back. */
interface Store {
  put(name: string, type: string, disposition?: string): Promise<Answer>
  readonly reads: Readonly<Record<string, (name: string, headers: Headers) => Promise<Answer>>>
}

const s3Read = (name: string, method: string): string =>
  presigned({ ...account, method, target: `/s3/bucket1/${name}`, host, service: 's3' })

const stores: Readonly<Record<string, Store>> = {
  deltacloud: {
    put: (name, type) => ask({ method: 'PUT', target: `/api/buckets/bucket1/${name}`, body: content, headers: { 'Content-Type': type } }),
    reads: { GET: (name, headers) => ask({ target: `/api/buckets/bucket1/${name}/content`, headers }) },
  },
  s3: {
    put: (name, type, disposition) =>
      ask({
        method: 'PUT',
        target: `/s3/bucket1/${name}`,
        body: content,
        headers: { 'Content-Type': type, ...(disposition === undefined ? {} : { 'Content-Disposition': disposition }) },
      }),
    reads: {
      GET: (name, headers) => ask({ target: `/s3/bucket1/${name}`, headers }),
      HEAD: (name, headers) => ask({ method: 'HEAD', target: `/s3/bucket1/${name}`, headers }),
      'a presigned GET': (name, headers) => ask({ target: s3Read(name, 'GET'), headers, login: false }),
      'a GET at the host of the bucket': (name, headers) =>
        ask({ target: `/${name}`, headers: { Host: `bucket1.s3.localhost:${server.address.port}`, ...headers } }),
    },
  },
  swift: {
    put: (name, type, disposition) =>
      ask({
        method: 'PUT',
        target: `${swift}/bucket1/${name}`,
        body: content,
        headers: { ...swiftHeaders, 'Content-Type': type, ...(disposition === undefined ? {} : { 'Content-Disposition': disposition }) },
        login: false,
      }),
    reads: {
      GET: (name, headers) => ask({ target: `${swift}/bucket1/${name}`, headers: { ...swiftHeaders, ...headers }, login: false }),
      HEAD: (name, headers) =>
        ask({ method: 'HEAD', target: `${swift}/bucket1/${name}`, headers: { ...swiftHeaders, ...headers }, login: false }),
    },
  },
}

/** What is wrong with an answer that holds content of a client. */
const complaints = (answer: Answer, isActive: boolean): string[] => {
  const of = (name: string): string => answer.headers.get(name) ?? ''
  return [
    /(^|;)\s*sandbox\s*(;|$)/.test(of('content-security-policy')) ? undefined : `its policy is '${of('content-security-policy')}'`,
    of('x-content-type-options') === 'nosniff' ? undefined : 'its type may be guessed',
    !isActive || /^attachment\b/.test(of('content-disposition')) ? undefined : `its disposition is '${of('content-disposition')}'`,
  ].filter(one => one !== undefined)
}

/** How a program asks, and how a browser asks for what it shows as a document: of that it says so by what it accepts, at the least. */
const asking: readonly (readonly [headers: Headers, isShown: boolean])[] = [
  [{}, false],
  [{ 'Sec-Fetch-Dest': 'document' }, true],
  [{ Accept: 'text/html,*/*;q=0.8', Range: 'bytes=0-3' }, true],
]

t.test('content of clients is put into a sandbox, never guessed, and downloaded where a browser would run it', async t => {
  let turn = 0
  for (const type of [...active, ...inert]) {
    for (const [from, { put }] of Object.entries(stores)) {
      turn += 1
      const name = `content-${turn}`
      const stored = await put(name, type)
      t.ok(stored.status < 300, `${type} by ${from}: ${stored.status} ${stored.text}`)
      // What one protocol has stored, all of them give back.
      for (const [by, { reads }] of Object.entries(stores)) {
        for (const [how, read] of Object.entries(reads)) {
          for (const [headers, isShown] of asking) {
            const answer = await read(name, headers)
            const what = `'${type}' stored by ${from}, read by ${by} (${how} ${JSON.stringify(headers)})`
            t.ok(answer.status === 200 || answer.status === 206, `${what}: ${answer.status}`)
            t.same(complaints(answer, isShown && active.includes(type)), [], what)
          }
        }
      }
    }
  }
})

t.test('a type that the reader asks for is no way around it', async t => {
  await stores.s3?.put('plain', 'text/plain')
  const asked = ['text/html', 'image/svg+xml', 'application/xhtml+xml']
  const shown = { 'Sec-Fetch-Dest': 'document' }
  for (const type of asked) {
    const target = `/s3/bucket1/plain?response-content-type=${encodeURIComponent(type)}`
    for (const answer of [
      await ask({ target, headers: shown }),
      await ask({ target: presigned({ ...account, method: 'GET', target, host, service: 's3' }), headers: shown, login: false }),
    ]) {
      const isGiven = answer.headers.get('content-type')?.startsWith(type) === true
      if (answer.status < 300) t.same(complaints(answer, isGiven), [], `${type} instead of text/plain`)
      else t.ok(answer.status < 500, `${type} is refused: ${answer.status}`)
    }
  }
})

t.test('a disposition that was stored with the content stays, in the same sandbox', async t => {
  for (const name of ['s3', 'swift']) {
    const stored = await stores[name]?.put(`named-by-${name}`, 'text/html', 'inline; filename="page.html"')
    if (stored === undefined || stored.status === 501) continue
    t.ok(stored.status < 300, `${name}: ${stored.status} ${stored.text}`)
    const answer = await stores[name]?.reads.GET?.(`named-by-${name}`, {})
    if (answer === undefined) throw new TypeError('It can be read')
    t.equal(answer.headers.get('content-disposition'), 'inline; filename="page.html"', name)
    t.same(complaints(answer, false), [], name)
  }
})

t.test('pages of the server run in no frame of another', async t => {
  const pages = [
    '/',
    '/api',
    '/api/instances',
    '/api/instances/none',
    '/api/instances/new',
    '/api/docs',
    '/api/docs/keys',
    '/nothing',
    '/_mock/console',
    '/api/%zz',
  ]
  for (const target of pages) {
    const answer = await ask({ target, headers: { Accept: 'text/html' } })
    t.match(answer.headers.get('content-type'), /^text\/html/, target)
    const isFramed =
      !/frame-ancestors 'none'/.test(answer.headers.get('content-security-policy') ?? '') &&
      answer.headers.get('x-frame-options') !== 'DENY'
    t.notOk(isFramed, `${target} is in no frame`)
    t.equal(answer.headers.get('x-content-type-options'), 'nosniff', target)
  }
})

t.test('no answer of any kind lets its type be guessed', async t => {
  const headers = { Authorization: basic() }
  const tries: readonly (readonly [target: string, method?: string])[] = [
    ['/'],
    ['/healthz'],
    ['/robots.txt'],
    ['/nothing'],
    ['/assets/deltacloud.css'],
    ['/assets/none'],
    ['/api'],
    ['/api/none'],
    ['/api', 'OPTIONS'],
    ['/ec2/?Action=DescribeInstances'],
    ['/ec2/?Action=None'],
    ['/ec2/', 'DELETE'],
    ['/s3/'],
    ['/s3/none'],
    ['/s3/bucket1', 'HEAD'],
    ['/s3/none', 'DELETE'],
    ['/openstack'],
    ['/openstack/identity/v3'],
    ['/openstack/compute/v2.1/servers'],
    ['/openstack/object-store/info'],
    ['/_mock'],
    ['/_mock/none'],
    ['/_mock/snapshot'],
    ['/%zz'],
  ]
  for (const [target, method = 'GET'] of tries)
    t.equal((await ask({ method, target, headers })).headers.get('x-content-type-options'), 'nosniff', `${method} ${target}`)
})
