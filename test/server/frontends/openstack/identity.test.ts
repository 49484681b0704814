/** Keystone as its clients see it: every way to log in, what a token opens and for how long, and refusals in its own words. */

import fc from 'fast-check'
import t from 'tap'
import { createMockCloud } from '../../../../src/mock.ts'
import { accountOf, identityOf } from '../../../../src/server/frontends/openstack/derived.ts'
import { at, Client, listAt, passwordOf, send, start } from './support.ts'

const server = await start()
t.teardown(() => server.close(0))
const identity = `${server.url}/openstack/identity`

t.test('a password gives a token for the project of the user’s name, with the catalog of all services', async t => {
  const { status, headers, body } = await send(`${identity}/v3/auth/tokens`, 'POST', { body: passwordOf('mockuser', 'mockpassword') })
  t.equal(status, 201)
  t.ok(headers.get('x-subject-token'))
  t.match(body, { token: { methods: ['password'], user: { name: 'mockuser' }, project: { name: 'mockuser' }, is_domain: false } })
  const types = listAt(body, 'token', 'catalog').map(service => at(service, 'type'))
  t.same(types, ['identity', 'compute', 'image', 'volumev3', 'block-storage', 'network', 'load-balancer', 'object-store'])
  for (const service of listAt(body, 'token', 'catalog'))
    t.same(
      listAt(service, 'endpoints').map(endpoint => at(endpoint, 'interface')),
      ['public', 'internal', 'admin'],
    )
})

t.test('a wrong password, no password and what is no request are refused as Keystone refuses them', async t => {
  const wrong = await send(`${identity}/v3/auth/tokens`, 'POST', { body: passwordOf('mockuser', 'wrong') })
  t.equal(wrong.status, 401)
  t.match(wrong.body, { error: { code: 401, title: 'Unauthorized' } })
  t.match(wrong.headers.get('www-authenticate'), /^Keystone uri="http.*\/openstack\/identity"$/)
  t.notMatch(wrong.text, /wrong/)
  t.equal((await send(`${identity}/v3/auth/tokens`, 'POST', { body: passwordOf('mockuser', 'wrong', { name: 'other' }) })).status, 401)
  for (const body of ['{', '[]', '{}', '{"auth":{}}', '{"auth":{"identity":{"methods":["password"]}}}']) {
    const { status, body: fault } = await send(`${identity}/v3/auth/tokens`, 'POST', { body })
    t.equal(status, 400, body)
    t.match(fault, { error: { code: 400, title: 'Bad Request' } })
  }
  t.equal((await send(`${server.url}/openstack/compute/v2.1/servers`)).status, 401)
})

t.test('where anyone is let in a stranger is, and with --strict nobody', async t => {
  t.equal((await send(`${identity}/v3/auth/tokens`, 'POST', { body: passwordOf('stranger', 'any') })).status, 401)
  const open = await start({ mock: { openToAnyone: true } })
  t.teardown(() => open.close(0))
  const stranger = await Client.open(open.url, 'stranger', 'any', 'research')
  t.same((await stranger.must(200, '/compute/v2.1/servers')).body, { servers: [] })
  t.equal((await send(`${open.url}/openstack/identity/v3/auth/tokens`, 'POST', { body: passwordOf('mockuser', 'any') })).status, 401)
})

t.test('a token shows what it is, and opens another project of the user', async t => {
  const client = await Client.open(server.url)
  const own = { headers: { 'x-subject-token': client.token } }
  t.match((await client.must(200, '/identity/v3/auth/tokens', 'GET', own)).body, { token: { user: { name: 'mockuser' } } })
  t.equal((await client.ask('/identity/v3/auth/tokens', 'HEAD', own)).status, 200)
  t.equal((await client.ask('/identity/v3/auth/tokens', 'GET', { headers: { 'x-subject-token': 'x' } })).status, 404)
  t.equal((await client.ask('/identity/v3/auth/tokens', 'DELETE', own)).status, 501)
  const scope = { project: { name: 'research', domain: { id: 'default' } } }
  const body = { auth: { identity: { methods: ['token'], token: { id: client.token } }, scope } }
  const other = await send(`${identity}/v3/auth/tokens`, 'POST', { body })
  t.match(other.body, { token: { project: { name: 'research' }, user: { name: 'mockuser' } } })
})

t.test('projects of a user are clouds of their own, which the other protocol reaches by USER+PROJECT', async t => {
  const [one, two] = [await Client.open(server.url), await Client.open(server.url, 'mockuser', 'mockpassword', 'two')]
  await two.must(200, '/compute/v2.1/os-keypairs', 'POST', { body: { keypair: { name: 'of-two' } } })
  t.same((await one.must(200, '/compute/v2.1/os-keypairs')).body, { keypairs: [] })
  const authorization = `Basic ${btoa('mockuser+two:mockpassword')}`
  t.match((await send(`${server.url}/api/keys?format=json`, 'GET', { headers: { authorization } })).text, /of-two/)
})

t.test('accounts and identities are two names of the same', async () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (user, project) => {
      fc.pre(user !== project && !user.includes('+') && !user.includes('%'))
      const { userName, projectName } = identityOf(accountOf(user, project))
      return userName === user && projectName === project && accountOf(user, user) === user
    }),
  )
})

t.test('a token that was changed, or is of another world, opens nothing', async t => {
  const { token, base } = await Client.open(server.url)
  const changed = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`
  t.equal((await send(`${base}/compute/v2.1/servers`, 'GET', { headers: { 'x-auth-token': changed } })).status, 401)
  const elsewhere = `${server.url}/_worlds/elsewhere`
  t.equal((await send(`${elsewhere}/openstack/compute/v2.1/servers`, 'GET', { headers: { 'x-auth-token': token } })).status, 401)
  const there = await Client.open(elsewhere)
  const { body } = await there.must(200, '/identity/v3/auth/catalog')
  t.match(at(listAt(body, 'catalog')[1], 'endpoints', 0, 'url'), `${elsewhere}/openstack/compute/v2.1`)
})

t.test('a token ends after an hour of the cloud’s time', async t => {
  await using mock = await createMockCloud()
  const still = await start({ mock })
  t.teardown(() => still.close(0))
  const { base, token } = await Client.open(still.url)
  const ask = () => send(`${base}/compute/v2.1/servers`, 'GET', { headers: { 'x-auth-token': token } })
  t.equal((await ask()).status, 200)
  mock.clock.advance(3_599_000)
  t.equal((await ask()).status, 200)
  mock.clock.advance(2000)
  t.equal((await ask()).status, 401)
})

t.test('version 2.0 knows passwords, tokens and keys of Rackspace', async t => {
  const log = (auth: object) => send(`${identity}/v2.0/tokens`, 'POST', { body: { auth } })
  const byPassword = await log({ passwordCredentials: { username: 'mockuser', password: 'mockpassword' }, tenantName: 'mockuser' })
  t.match(byPassword.body, { access: { token: { tenant: { name: 'mockuser' } }, user: { name: 'mockuser' } } })
  const token = String(at(byPassword.body, 'access', 'token', 'id'))
  t.equal((await log({ token: { id: token } })).status, 200)
  t.match((await log({ token: { id: token }, tenantName: 'research' })).body, { access: { token: { tenant: { name: 'research' } } } })
  const credentials = { username: 'mockuser', password: 'mockpassword' }
  const own = String(at(byPassword.body, 'access', 'token', 'tenant', 'id'))
  t.equal((await log({ passwordCredentials: credentials, tenantId: own })).status, 200)
  t.equal((await log({ passwordCredentials: credentials, tenantId: 'of-another' })).status, 401)
  t.match((await send(`${identity}/v2.0/tenants`, 'GET', { headers: { 'x-auth-token': token } })).body, { tenants: [{ name: 'mockuser' }] })
  const byKey = await log({ 'RAX-KSKEY:apiKeyCredentials': { username: 'mockuser', apiKey: 'mockpassword' } })
  t.same(
    listAt(byKey.body, 'access', 'serviceCatalog').map(service => at(service, 'name')),
    ['cloudServersOpenStack', 'cloudImages', 'cloudBlockStorage', 'cloudNetworks', 'cloudFiles'],
  )
  t.equal((await log({ passwordCredentials: { username: 'mockuser', password: 'wrong' } })).status, 401)
  t.equal((await log({})).status, 400)
})

t.test('headers log in to Swift alone', async t => {
  const log = (user: string, key: string) =>
    send(`${server.url}/openstack/object-store/auth/v1.0`, 'GET', { headers: { 'x-auth-user': user, 'x-auth-key': key } })
  const { status, headers } = await log('mockuser', 'mockpassword')
  t.equal(status, 204)
  const listed = await send(headers.get('x-storage-url') ?? '', 'GET', { headers: { 'x-auth-token': headers.get('x-auth-token') ?? '' } })
  t.equal(listed.status, 204)
  t.equal((await log('mockuser', 'wrong')).status, 401)
})

t.test('every service tells its versions to who has no token', async t => {
  const expected: readonly (readonly [string, number, RegExp])[] = [
    ['', 200, /"services"/],
    ['/identity', 300, /v3\.14/],
    ['/identity/v3', 200, /"version"/],
    ['/identity/v2.0/', 200, /v2\.0/],
    ['/compute', 200, /v2\.1/],
    ['/compute/v2.1/', 200, /"min_version":"2.1"/],
    ['/image/', 300, /\/v2\//],
    ['/image/versions', 300, /\/v2\//],
    ['/volume/', 300, /v3\.0/],
    ['/network/', 200, /v2\.0/],
    ['/network/v2.0/', 200, /security-groups/],
    ['/object-store/info', 200, /slo/],
  ]
  for (const [path, status, says] of expected) {
    const answer = await send(`${server.url}/openstack${path}`)
    t.equal(answer.status, status, path)
    t.match(answer.text, says, path)
  }
  t.equal((await send(`${server.url}/openstack/nosuch/v1`)).status, 404)
})
