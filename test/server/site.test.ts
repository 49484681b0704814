/** A browser's changes come from our own pages, or not at all; other clients don't say where they come from. */

import t from 'tap'
import { type Ask, basic, inProcess, overHttp } from '../support/server.ts'

const form = (name: string, headers: Readonly<Record<string, string>>) => ({
  target: '/api/buckets?format=json',
  body: `name=${name}`,
  headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
})

t.test('a change that another site makes a browser ask for is refused, and changes nothing', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const foreign = [
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://cloud.test' },
    { Origin: 'http://elsewhere.test' },
    { Origin: 'https://cloud.test' },
    { Origin: 'http://cloud.test:81' },
    { Origin: 'null' },
    { Referer: 'http://elsewhere.test/page' },
    { Referer: 'http://cloud.test.elsewhere.test/' },
    { Referer: 'http://cloud.test@elsewhere.test/' },
  ]
  for (const headers of foreign) {
    const { status, text } = await cloud.ask(form('mine', headers))
    t.equal(status, 403, JSON.stringify(headers))
    t.match(JSON.parse(text), { code: 403, error: 'Deltacloud::Exceptions::ForbiddenError' })
    t.equal((await cloud.ask({ method: 'DELETE', target: '/api/keys/test-key', headers })).status, 403)
    t.equal((await cloud.ask({ method: 'POST', target: '/api?driver=mock', headers })).status, 403)
  }
  t.equal((await cloud.ask('/api/buckets/mine')).status, 404)
  t.equal((await cloud.ask('/api/keys/test-key')).status, 200)
})

t.test('a change from a page of ours, and from a client that isn’t a browser, is done', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const own = [
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'http://cloud.test' },
    { 'Sec-Fetch-Site': 'none' },
    { Origin: 'http://cloud.test' },
    { Referer: 'http://cloud.test/api/buckets/new' },
    { Referer: 'http://cloud.test' },
    {},
  ]
  for (const [i, headers] of own.entries()) t.equal((await cloud.ask(form(`bucket-${i}`, headers))).status, 201, JSON.stringify(headers))
})

t.test('reading is open to links from everywhere', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  t.equal(
    (await cloud.ask({ target: '/api/instances', headers: { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://elsewhere.test' } })).status,
    200,
  )
})

t.test('the same holds for native protocols, where a browser would add a password by itself', async t => {
  const server = await overHttp({ frontends: ['deltacloud', 'ec2', 's3', 'openstack'] })
  t.teardown(() => server.close())
  t.equal((await server.ask({ method: 'PUT', target: '/s3/taken' })).status, 200)
  const foreign = { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://elsewhere.test' }
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const changes: readonly (Ask & { readonly code: RegExp })[] = [
    { target: '/ec2/?Action=CreateKeyPair&KeyName=theirs&Version=2016-11-15', code: /<Code>UnauthorizedOperation</ },
    { target: '/ec2/', headers: form, body: 'Action=CreateKeyPair&KeyName=theirs', code: /<Code>UnauthorizedOperation</ },
    { method: 'PUT', target: '/s3/theirs', code: /<Code>AccessDenied</ },
    { method: 'DELETE', target: '/s3/taken', code: /<Code>AccessDenied</ },
    { target: '/s3/taken?delete', headers: { 'Content-Type': 'text/plain' }, body: '<Delete/>', code: /<Code>AccessDenied</ },
    { target: '/api/keys?format=json', headers: form, body: 'name=theirs', code: /ForbiddenError/ },
  ]
  for (const { code, ...change } of changes) {
    const { status, text } = await server.ask({ ...change, headers: { ...change.headers, ...foreign } })
    t.equal(status, 403, change.target)
    t.match(text, code, change.target)
    t.match(text, /Another site asked for this change/)
  }
  t.notMatch((await server.ask('/api/keys?format=json')).text, /theirs/)
  t.match((await server.ask('/s3/')).text, /<Name>taken</)
  t.notMatch((await server.ask('/s3/')).text, /<Name>theirs</)
  t.equal((await server.ask({ target: '/s3/taken', headers: foreign })).status, 200, 'reading is open')
  // What proves itself isn't what a browser adds: the page knows the secret, or there is none.
  const { status } = await server.ask({ target: '/openstack/compute/v2.1/servers', headers: { ...foreign, 'X-Auth-Token': 'of nobody' } })
  t.equal(status, 401)
})

t.test('another site may not choose where a request leads, not even to read', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const choices: readonly Ask[] = [
    { target: '/api;provider=classic/instances?format=json' },
    { target: '/api;driver=openstack;provider=http:%2f%2f127.0.0.1:1%2fv3/instances?format=json' },
    { target: '/api/instances?format=json&api%5Bdriver%5D=mock' },
    { target: '/api/instances?format=json', headers: { 'X-Deltacloud-Provider': 'classic' } },
  ]
  for (const site of ['cross-site', 'same-site'])
    for (const choice of choices) {
      const { status, text } = await server.ask({ ...choice, headers: { ...choice.headers, 'Sec-Fetch-Site': site } })
      t.equal(status, 403, choice.target)
      t.match(text, /Another site chose the driver or provider/)
    }
  const byReferer = { target: '/api;provider=classic?format=json', headers: { Referer: 'http://elsewhere.test/' } }
  t.equal((await server.ask(byReferer)).status, 403, 'over plain HTTP a browser tells no more')
  t.equal((await server.ask({ target: '/api;provider=classic?format=json', headers: { 'Sec-Fetch-Site': 'none' } })).status, 200)
  t.equal((await server.ask({ target: '/api;provider=classic?format=json', headers: { 'Sec-Fetch-Site': 'same-origin' } })).status, 200)
})

t.test('operators’ credentials serve the Deltacloud API, and open no other protocol to those who prove nothing', async t => {
  const credentials = { user: 'mockuser', password: 'mockpassword' }
  const server = await overHttp({ frontends: ['deltacloud', 'ec2', 's3', 'openstack'], credentials })
  t.teardown(() => server.close())
  const anonymous = (ask: Ask) => server.ask({ ...ask, login: false })
  t.equal((await anonymous({ target: '/api/keys?format=json' })).status, 200)
  t.equal((await anonymous({ method: 'PUT', target: '/s3/pwn' })).status, 403)
  t.equal((await anonymous({ target: '/ec2/?Action=DescribeKeyPairs&Version=2016-11-15' })).status, 401)
  t.equal((await anonymous({ target: '/openstack/compute/v2.1/servers' })).status, 401)
  const wrong = { Authorization: basic('mockuser', 'wrong') }
  t.equal((await anonymous({ method: 'PUT', target: '/s3/pwn', headers: wrong })).status, 403)
  const login = {
    auth: { identity: { methods: ['password'], password: { user: { name: 'x', password: 'y', domain: { id: 'default' } } } } },
  }
  const { text } = await anonymous({ target: '/openstack/identity/v3/auth/tokens', json: login })
  t.notMatch(text, /mockuser/)
})
