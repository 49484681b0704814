/** Law E5, quirk P36: what a client gives in confidence stands in no error, in no form and in no log. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { discreet } from '../../src/server/discreet-log.ts'
import { type Ask, basic, inText, keepingLog, type OverHttp, overHttp, runs } from '../support/server.ts'

/** Parameters that hold a secret. */
const confidential = ['password', 'private_key', 'user_data', 'public_key', 'user_iso', 'blob_data', 'content1']

/** Requests that fail, each for another reason. */
const failing: readonly { readonly method: string; readonly target: string }[] = [
  { method: 'POST', target: '/api/instances' },
  { method: 'POST', target: '/api/instances?image_id=none' },
  { method: 'POST', target: '/api/instances?image_id=img1&hwp_id=none' },
  { method: 'POST', target: '/api/instances/inst1/run' },
  { method: 'POST', target: '/api/instances/inst1/run?cmd=ls&port=many' },
  { method: 'POST', target: '/api/instances/none/run?cmd=ls' },
  { method: 'POST', target: '/api/instances/inst1/start' },
  { method: 'POST', target: '/api/keys' },
  { method: 'POST', target: '/api/keys?name=test-key' },
  { method: 'POST', target: '/api/keys?name=..' },
  { method: 'POST', target: '/api/buckets/none?blob_id=x' },
  { method: 'POST', target: '/api/buckets/bucket1' },
  { method: 'POST', target: '/api;provider=classic/firewalls' },
  { method: 'POST', target: '/api;driver=none/keys' },
  { method: 'POST', target: '/api/nothing' },
  { method: 'POST', target: '/nothing' },
  { method: 'POST', target: '/api/%zz' },
  { method: 'GET', target: '/api/instances/none' },
  { method: 'GET', target: '/api/realms/500' },
  { method: 'GET', target: '/api/realms/502' },
  { method: 'PUT', target: '/api/instances/inst1' },
  { method: 'DELETE', target: '/api/keys/none' },
]

/** A secret, one that no document has by chance. */
const secret = (): fc.Arbitrary<string> => fc.stringMatching(/^[A-Za-z0-9]{12}$/).map(text => `s3cr${text}`)

type Carrier = (request: { method: string; target: string }, name: string, value: string) => Ask

const withQuery = (target: string, query: string): string => `${target}${target.includes('?') ? '&' : '?'}${query}`

/** The ways in which a parameter comes to a server. */
const carriers: Readonly<Record<string, Carrier>> = {
  query: ({ method, target }, name, value) => ({ method, target: withQuery(target, `${name}=${value}`) }),
  'query with every letter encoded': ({ method, target }, name, value) => ({
    method,
    target: withQuery(target, `${[...name].map(letter => `%${letter.charCodeAt(0).toString(16)}`).join('')}=${value}`),
  }),
  matrix: ({ method, target }, name, value) => ({ method, target: target.replace(/(?=\?|$)/, `;${name}=${value}`) }),
  form: ({ target }, name, value) => ({
    target,
    body: `${name}=${value}`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  }),
  'form that cannot be read': ({ target }, name, value) => ({
    target,
    body: `${name}=${value}&x=%zz`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  }),
  'form of another type': ({ target }, name, value) => ({ target, body: `${name}=${value}`, headers: { 'Content-Type': 'text/plain' } }),
  json: ({ target }, name, value) => ({ target, json: { [name]: value } }),
  'json that is none': ({ target }, name, value) => ({
    target,
    body: `{"${name}":"${value}",`,
    headers: { 'Content-Type': 'application/json' },
  }),
  'json without quotes': ({ target }, name, value) => ({
    target,
    body: `{"${name}":${value}}`,
    headers: { 'Content-Type': 'application/json' },
  }),
  'json of another shape': ({ target }, name, value) => ({ target, json: { [name]: { inner: value } } }),
  multipart: ({ target }, name, value) => ({
    target,
    body: `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--b--\r\n`,
    headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
  }),
  'multipart that breaks off': ({ target }, name, value) => ({
    target,
    body: `--b\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n${value}`,
    headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
  }),
}

/** The value as it might be written somewhere, and its beginning: half of a secret is too much. */
const spellings = (value: string): readonly string[] => [value.slice(0, 9), Buffer.from(value).toString('base64').slice(0, 12)]

const assertSilent = (text: string, value: string, where: string): void => {
  for (const spelling of spellings(value)) {
    const found = text.indexOf(spelling)
    assert.ok(found < 0, `${where} says it: ${text.slice(Math.max(0, found - 100), found + 40)}`)
  }
}

const assertKept = async (server: OverHttp, request: Ask, value: string): Promise<void> => {
  server.lines.length = 0
  const answer = await server.ask(request)
  assert.ok(answer.status >= 400, `${answer.status}: ${answer.text}`)
  assertSilent(answer.text, value, 'the answer')
  assertSilent([...answer.headers].join('\n'), value, 'a header')
  assertSilent(inText(server.lines), value, 'the log')
}

t.test('no error and no log shows a secret parameter, however it came', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  for (const [name, carry] of Object.entries(carriers)) {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...failing),
        fc.constantFrom(...confidential),
        secret(),
        fc.constantFrom('xml', 'json', 'html'),
        async (request, parameter, value, format) => {
          const asked = carry({ ...request, target: withQuery(request.target, `format=${format}`) }, parameter, value)
          // What is right in one carrier may be a whole request: a secret is no failure.
          const answer = await server.ask(asked)
          if (answer.status >= 400) await assertKept(server, asked, value)
          else assertSilent(inText(server.lines), value, 'the log')
        },
      ),
      { ...runs(25), verbose: false },
    )
    t.pass(name)
  }
})

t.test('no answer and no log shows a password that was refused', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  await fc.assert(
    fc.asyncProperty(secret(), fc.constantFrom('xml', 'json', 'html'), fc.boolean(), async (value, format, isUser) => {
      const headers = { Authorization: isUser ? basic('mockuser', value) : basic(value, 'x') }
      await assertKept(
        server,
        { target: `/api/instances?format=${format}`, headers, login: false },
        isUser ? value : basic(value, 'x').slice(6),
      )
    }),
    runs(20),
  )
})

t.test('credentials in a log are nowhere, whether the request succeeds or not', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  for (const target of [
    '/api',
    '/api/instances',
    '/api/instances/none',
    '/api/realms/500',
    '/api/%zz',
    '/nothing',
    '/',
    '/api?force_auth=1',
  ]) {
    await server.ask(target)
    await server.ask({ target, headers: { Authorization: 'Bearer token-of-someone' }, login: false })
  }
  const log = inText(server.lines)
  t.notMatch(log, /mockpassword|bW9ja3VzZXI6bW9ja3Bhc3N3b3Jk|token-of-someone/)
  t.match(log, /\/api\/realms\/500/, 'the log has the requests themselves')
})

t.test('what an instance was given in confidence is in none of its documents, save its own login', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const json = { image_id: 'img1', user_data: 'data-in-confidence', path1: '/etc/x', content1: 'file-in-confidence', password: 'own-login' }
  const made = await server.ask({ target: '/api/instances?format=json', json })
  t.equal(made.status, 201)
  const own = new URL(made.headers.get('location') ?? '').pathname
  for (const format of ['xml', 'json', 'html']) {
    const one = await server.ask(`${own}?format=${format}`)
    t.notMatch(one.text, /in-confidence/)
    t.match(one.text, /own-login/)
    const launch = await server.ask(
      `/api/instances/new?format=${format}&image_id=img1&password=told-to-the-form&user_data=told-to-the-form`,
    )
    t.notMatch(launch.text, /told-to-the-form/, `a form that is sent to someone else, as ${format}`)
  }
  t.notMatch(inText(server.lines), /in-confidence|own-login|told-to-the-form/)
})

/** Names of credentials in addresses, as clouds and people write them. */
const credentialNames = [
  'X-Amz-Signature',
  'x-amz-security-token',
  'Signature',
  'sig',
  'token',
  'access_token',
  'api_key',
  'secret',
  'PASSWORD',
  'JSESSIONID',
]

/** Places of a credential in an address; `NAME` and `SECRET` stand for it. */
const places = [
  '/api/instances?NAME=SECRET',
  '/api/instances?id=none&NAME=SECRET',
  '/api/instances?state=RUNNING;NAME=SECRET',
  '/api/instances/none;NAME=SECRET?page=1',
  '/api/instances;NAME=SECRET/none',
  '/api;driver=mock;NAME=SECRET/instances/none',
  '/api/instances?next=http%3A%2F%2Fh.test%2F%3FNAME%3DSECRET',
  '/api/realms/500?NAME=SECRET',
  '/api/docs/NAME=SECRET',
  '/api/nothing/tokens/SECRET',
  '/api/tokens/SECRET',
  '/nothing?NAME=SECRET',
  '/nothing;NAME=SECRET/x',
  '/nothing/tokens/SECRET',
  '/openstack/identity/v2.0/tokens/SECRET',
  '/_mock/tokens/SECRET',
  '/_mock/nothing?NAME=SECRET',
  '/_worlds/default/nothing/tokens/SECRET',
  '/api;provider=http:%2f%2fu:SECRET@h.test%2fv3/instances',
  '/api;driver=openstack;provider=http:%2f%2fu:SECRET@127.0.0.1:9%2fv3/instances',
  '/api;driver=openstack;provider=http%253A%252F%252Fu%253ASECRET%2540127.0.0.1%253A9',
  '/api;driver=ec2;provider=ec2=u:SECRET@127.0.0.1:9/instances',
  '/api/instances?api%5Bdriver%5D=openstack&api%5Bprovider%5D=http://u:SECRET@127.0.0.1:9',
]

t.test('no document, header or log tells a credential of an address, wherever it stands', async t => {
  const server = await overHttp({ frontends: ['deltacloud', 'openstack'] })
  t.teardown(() => server.close())
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...places),
      fc.constantFrom(...credentialNames),
      secret(),
      fc.constantFrom('xml', 'json', 'html'),
      async (place, name, value, format) => {
        const target = withQuery(place.replaceAll('NAME', name).replaceAll('SECRET', value), `format=${format}`)
        server.lines.length = 0
        const answer = await server.ask(target)
        assertSilent(answer.text, value, `the answer to ${target}`)
        assertSilent([...answer.headers].join('\n'), value, `a header of the answer to ${target}`)
        assertSilent(inText(server.lines), value, `the log of ${target}`)
        assert.match(inText(server.lines), /format=/)
      },
    ),
    runs(300),
  )
})

t.test('a provider with a password in its address is refused, wherever a request names it', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const provider = 'http://u:s3cret@127.0.0.1:9/v3'
  const asked: readonly Ask[] = [
    { target: `/api;driver=openstack;provider=${encodeURIComponent(provider)}/instances` },
    { target: '/api/instances', headers: { 'X-Deltacloud-Driver': 'openstack', 'X-Deltacloud-Provider': provider } },
    {
      target: '/api',
      body: new URLSearchParams({ provider }).toString(),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    },
  ]
  for (const one of asked) {
    const answer = await server.ask(one)
    t.equal(answer.status, 400)
    t.match(answer.text, 'must not have a user and password')
    t.notMatch(answer.text + [...answer.headers].join() + inText(server.lines), 's3cret')
  }
})

t.test('a sealed token is in no log and no answer, whatever segment of a path it is', async t => {
  const server = await overHttp({ frontends: ['deltacloud', 'openstack'] })
  t.teardown(() => server.close())
  const login = {
    auth: {
      identity: { methods: ['password'], password: { user: { name: 'mockuser', domain: { id: 'default' }, password: 'mockpassword' } } },
    },
  }
  const token = (await server.ask({ target: '/openstack/identity/v3/auth/tokens', json: login })).headers.get('x-subject-token') ?? ''
  t.ok(token.length > 100)
  for (const target of [
    `/openstack/${token}`,
    `/openstack/compute/v2.1/servers/${token}?x=1`,
    `/${token};a=1`,
    `/api/${token}`,
    `/api/realms?x=${token}`,
  ]) {
    const answer = await server.ask({ target, headers: { 'X-Auth-Token': token } })
    t.notOk((inText(server.lines) + answer.text).includes(token.slice(0, 20)), target.slice(0, 30))
  }
})

t.test('what is no secret stays readable in the log', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  for (const target of [
    '/api/instances?id=inst1&state=RUNNING&marker=inst0&limit=5',
    '/api/realms?next_token=abc%2Fdef&NextToken=x&force_auth=0&keyname=test-key&token_type=a',
    '/api/images/img1;a=1?X-Amz-Credential=mockuser%2F20261130%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-SignedHeaders=host&SignatureMethod=HmacSHA256',
    '/api/images?AWSAccessKeyId=mockuser&owner_id=jane%40example.com&when=2026-11-30T12:00:00Z',
  ]) {
    server.lines.length = 0
    await server.ask(target)
    t.match(server.lines, [{ details: { url: target } }])
  }
})

t.test('an error that a driver throws tells the log no secret', async t => {
  const { log, lines } = keepingLog()
  const cause = Object.assign(new Error('connect to postgres://u:s3cret@h failed'), {
    request: { headers: { authorization: 's3cret' }, path: '/a' },
  })
  const error = new Error('GET http://h.test/a?x=1&X-Amz-Signature=s3cret failed: {"adminPass":"s3cret"}', { cause })
  discreet(log).error({ err: error, status: 500, details: ['token=s3cret'], password: 's3cret' }, 'asked for /v2.0/tokens/s3cret')
  const text = inText(lines)
  t.notMatch(text, 's3cret')
  for (const kept of ['GET http://h.test/a?x=1', 'secrets.test.ts', '"path":"/a"', '"status":500', '@h failed']) t.match(text, kept)
  t.ok(lines.every(({ details }) => 'err' in details && details.err instanceof Error))
})
