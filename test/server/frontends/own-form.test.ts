/** Whatever happens to a request, its refusal is in the form of the frontend that it was for, and never in that of another. */

import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { readXml } from '../../../conformance/documents/xml.ts'
import { startServer } from '../../../src/index.ts'
import { deltacloud } from '../../../src/server/deltacloud.ts'
import type { FrontendDefinition } from '../../../src/server/frontend.ts'
import { ec2 } from '../../../src/server/frontends/ec2/index.ts'
import { openstack } from '../../../src/server/frontends/openstack/index.ts'
import { s3 } from '../../../src/server/frontends/s3/index.ts'
import { type RawAnswer, sendRaw } from '../../support/raw.ts'
import { basic, runs } from '../../support/server.ts'

const frontends = [deltacloud, ec2, s3, openstack]
const server = await startServer({ host: '127.0.0.1', port: 0, frontends: frontends.map(({ name }) => name) })
t.teardown(() => server.close(0))

const typeIn = (head: string): string => /^content-type: *(.*)$/im.exec(head)?.[1] ?? ''

const rootOf = (text: string): string => readXml(text).name

const jsonKeys = (text: string): readonly string[] => Object.keys(Object(JSON.parse(text)))

/** Whether a refusal has the form of a frontend, by name. */
const forms: Readonly<Record<string, (type: string, text: string, path: string) => boolean>> = {
  deltacloud: (type, text) =>
    type.startsWith('application/json')
      ? jsonKeys(text).includes('error')
      : type.startsWith('text/html')
        ? /Deltacloud/i.test(text)
        : rootOf(text) === 'error',
  ec2: (type, text) => type.startsWith('text/xml') && /^(Response|ErrorResponse)$/.test(rootOf(text)) && /<Code>\w/.test(text),
  s3: (type, text) => type === 'application/xml' && rootOf(text) === 'Error' && /<Code>\w/.test(text),
  openstack: (type, text, path) =>
    /^\/openstack\/(object-store|image)\b/.test(path) && type.startsWith('text/html')
      ? text.startsWith('<html>')
      : type === 'application/json' && jsonKeys(text).length > 0 && !jsonKeys(text).includes('message'),
}

/** A message that no frontend could be found for. */
const isUnread = ({ status, body }: RawAnswer): boolean =>
  status === 431 || (status === 400 && String(body).includes('The request is not HTTP'))

const check = (name: string, path: string, method: string, answer: RawAnswer | undefined): void => {
  assert.ok(answer !== undefined, 'there is an answer')
  const { status, head, body } = answer
  if (status < 400 || isUnread(answer)) return
  assert.ok(status !== 500, `${status}: ${body}`)
  if (method === 'HEAD') {
    assert.equal(body.length, 0)
    return
  }
  assert.ok(forms[name]?.(typeIn(head), String(body), path) === true, `${name} answers ${method} ${path} with ${head}\n${body}`)
}

interface Odd {
  readonly method: string
  readonly path: string
  readonly host: string | undefined
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

const send = ({ method, path, host, headers, body }: Odd) => {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(host === undefined ? [] : [`Host: ${host}`]),
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body, 'latin1')}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ]
  return sendRaw(server.address.port, Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1'), 'wait')
}

const segments = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      '.',
      '..',
      '%',
      '%zz',
      '%ff',
      '%c3%28',
      '%00',
      '%0d%0a',
      '%2F',
      '%E6%97%A5',
      '\u00e9',
      '{}',
      'a;b=%',
      '\\',
      '?',
      'x'.repeat(300),
    ],
    ...[
      'keys',
      'buckets',
      'instances',
      'identity',
      'compute',
      'v2.1',
      'servers',
      'object-store',
      'v1',
      'AUTH_x',
      'volume',
      'v3',
      'nothing',
    ],
    ...['image', 'network', 'v2.0', 'load-balancer', 'v2', 'box', 'key'],
  ),
  fc.string({ maxLength: 6 }).map(encodeURIComponent),
)
const queries = fc.oneof(
  fc.constantFrom(
    '',
    '?',
    '?%',
    '?a=%ff&b',
    '?format=json',
    '?acl',
    '?delete',
    '?uploads',
    '?Action=DescribeRegions',
    '?Action=RunInstances',
  ),
  fc.constantFrom('?Version=2012-06-01&Action=DescribeLoadBalancers', '?X-Amz-Algorithm=x', '?X-Amz-Credential=a/b/c/s3/aws4_request'),
  fc.constantFrom('?AWSAccessKeyId=%F0&Signature=x&Expires=1', '?uploadId=x&partNumber=%00', '?versionId=1', '?limit=-1&marker=%'),
)
const values = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u00ff\u00fe',
    '\t',
    '%',
    'bytes=9-1',
    '"',
    'x'.repeat(2000),
    '../..',
    '\u00e6\u0097\u00a5',
    'application/json',
    'text/html',
  ),
  fc.string({ maxLength: 12 }).map(text => text.replace(/[^ -~]/g, '')),
)
const names = fc.constantFrom(
  ...['Accept', 'Authorization', 'Content-Type', 'Expect', 'Range', 'If-Match', 'X-Amz-Copy-Source', 'X-Amz-Date', 'X-Amz-Meta-A', 'Date'],
  ...['X-Auth-Token', 'X-Deltacloud-World', 'X-Deltacloud-Driver', 'X-Deltacloud-Provider', 'X-Forwarded-Host', 'X-Forwarded-Proto'],
  ...['X-Amz-Tagging', 'Destination', 'X-Object-Manifest', 'Content-MD5', 'Upgrade'],
)
const authorizations = fc.constantFrom(
  ...[basic(), 'Basic', 'Basic !', 'AWS a:b', 'AWS', 'AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA256 Credential=a/20260101/mars/s3/aws4_request'],
)
const hosts = fc.oneof(
  { weight: 4, arbitrary: fc.constant<string | undefined>('cloud.test') },
  { weight: 1, arbitrary: fc.constantFrom(undefined, '', 'a b', 'a:99999', '[::1', '\u00ff', '[:::::]', 'a@b', '%', '..', '*') },
)
const odd = (root: string): fc.Arbitrary<Odd> =>
  fc
    .tuple(
      fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'COPY'),
      fc.array(segments, { maxLength: 4 }),
      queries,
      hosts,
      fc.array(fc.tuple(names, values), { maxLength: 3 }),
      fc.option(authorizations, { nil: undefined }),
      fc.constantFrom('', '{', '<', 'a=%ff', '\u0000\u00ff', '{"auth":[]}', 'Action=%'),
    )
    .map(([method, parts, query, host, headers, authorization, body]) => ({
      method,
      path: `/${root}${parts.length === 0 ? '' : '/'}${parts.join('/')}${query}`,
      host,
      headers:
        authorization === undefined ? headers : [...headers.filter(([name]) => name !== 'Authorization'), ['Authorization', authorization]],
      body,
    }))

for (const { name, root } of frontends)
  t.test(`${name} refuses any request over a connection in its own form`, async () => {
    await fc.assert(
      fc.asyncProperty(odd(root), async request => {
        check(name, request.path, request.method, await send(request))
      }),
      runs(250),
    )
  })

t.test('a host that is a frontend’s own is answered in its form, whatever the path', async () => {
  const cases = [
    ['s3', 's3.localhost'],
    ['s3', 'bucket.s3.eu-west-1.localhost'],
    ['s3', '\u00ff.s3.localhost'],
    ['s3', '%zz.s3.localhost:1'],
    ['ec2', 'ec2.localhost'],
    ['ec2', 'monitoring.us-east-1.localhost:99999'],
  ] as const
  for (const [name, host] of cases)
    for (const path of ['/', '/api', '/openstack/compute', '/%', '/healthz?x', '*'])
      for (const method of ['GET', 'PUT', 'OPTIONS'])
        check(name, path, method, await send({ method: path === '*' ? 'OPTIONS' : method, path, host, headers: [], body: '' }))
})

t.test('an expectation that can’t be met is refused in the frontend’s own form', async t => {
  for (const { name, root } of frontends) {
    const answer = await send({ method: 'PUT', path: `/${root}/x`, host: 'localhost', headers: [['Expect', 'miracles']], body: '' })
    t.equal(answer?.status, 417, name)
    check(name, `/${root}/x`, 'PUT', answer)
  }
})

t.test('what a frontend throws, or answers with headers that can’t be sent, is a 500 in its own form', async t => {
  const failures: Readonly<Record<string, FrontendDefinition['answer']>> = {
    'throws at once': () => {
      throw new TypeError('Broken')
    },
    'throws what is no error': () => Promise.reject('broken'),
    'has a header beyond Latin-1': async () => ({ status: 200, headers: [['Location', '/日']], body: 'x' }),
    'has a header with a line in it': async () => ({ status: 200, headers: [['Location', '/a\r\nSet-Cookie: x']], body: 'x' }),
    'has a header without a name': async () => ({ status: 204, headers: [['', 'x']] }),
    'has a body nobody reads': async () => ({ status: 200, headers: [['a b', 'x']], body: Readable.from(['x']) }),
  }
  for (const frontend of frontends)
    for (const [what, answer] of Object.entries(failures)) {
      const broken = await startServer({ host: '127.0.0.1', port: 0, frontends: [], frontendDefinitions: [{ ...frontend, answer }] })
      const path = `/${frontend.root}/x`
      for (const method of ['GET', 'HEAD']) {
        const bytes = Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
        const given = await sendRaw(broken.address.port, bytes, 'wait')
        t.equal(given?.status, 500, `${frontend.name} ${what}`)
        if (method === 'GET')
          t.ok(forms[frontend.name]?.(typeIn(given?.head ?? ''), String(given?.body), path), `${frontend.name} ${what}: ${given?.body}`)
        else t.equal(given?.body.length, 0)
      }
      await broken.close(0)
    }
})

t.test('a status that the simulator puts on the wire comes in the frontend’s own form', async t => {
  const world = await server.mock.world()
  t.teardown(() => world.rules.remove(() => true))
  const paths: Readonly<Record<string, string>> = {
    deltacloud: '/api/keys',
    ec2: '/ec2?Action=DescribeKeyPairs&Version=2016-11-15',
    s3: '/s3/',
  }
  for (const code of [429, 500, 503, 504]) {
    await world.rules.remove(() => true)
    await world.rules.add({ match: {}, effect: { status: { code, retryAfter: 3 } } })
    for (const [name, path] of Object.entries(paths)) {
      const answer = await send({ method: 'GET', path, host: 'localhost', headers: [['Authorization', basic()]], body: '' })
      t.equal(answer?.status, code, name)
      t.match(answer?.head, /^retry-after: 3$/im, name)
      t.ok(forms[name]?.(typeIn(answer?.head ?? ''), String(answer?.body), path), `${name}: ${answer?.body}`)
    }
  }
})
