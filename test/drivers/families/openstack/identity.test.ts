/** The ways to log in, before an identity service that is a function. */

import fc from 'fast-check'
import t from 'tap'
import { addressIn, regionsIn } from '../../../../src/drivers/families/openstack/catalog.ts'
import {
  type Answer,
  type Asking,
  byAddress,
  byHeaders,
  type Question,
  userIn,
} from '../../../../src/drivers/families/openstack/identity.ts'
import { refusal } from './cloud.ts'

const credentials = { user: 'ada+lab', password: 'pw' }

const answering = (answers: Readonly<Record<string, Partial<Answer>>>): { readonly ask: Asking; readonly asked: Question[] } => {
  const asked: Question[] = []
  const ask: Asking = async question => {
    asked.push(question)
    const call = `${question.method} ${question.url}`
    return { headers: [], body: undefined, call, ...answers[call] }
  }
  return { ask, asked }
}

const v2 = {
  access: {
    token: { id: 'token', expires: '2030-01-01T00:00:00Z', tenant: { id: 't1' } },
    serviceCatalog: [
      {
        type: 'compute',
        name: 'nova',
        endpoints: [
          { region: 'one', publicURL: 'https://one.example/v2/', internalURL: 'http://in.one.example/v2' },
          { region: 'two', publicURL: 'https://two.example/v2' },
        ],
      },
      { type: 'metering', endpoints: [{ region: 'three', publicURL: 'https://m.example' }] },
    ],
  },
}

t.test('Keystone 2.0 tells token, end, project and catalog', async t => {
  const { ask, asked } = answering({ 'POST https://k.example/v2.0/tokens': { body: v2 } })
  const login = await byAddress(ask, 'https://k.example/v2.0', credentials)
  t.match(login, { token: 'token', expires: Date.parse('2030-01-01T00:00:00Z'), projectId: 't1' })
  t.same(asked[0]?.body, { auth: { passwordCredentials: { username: 'ada', password: 'pw' }, tenantName: 'lab' } })
  t.same(regionsIn(login.catalog), ['one', 'two'])
})

t.test('a region is found whatever its letters, and another only where none of that name is needed', async t => {
  const { ask } = answering({ 'POST https://k.example/v2.0/tokens': { body: v2 } })
  const { catalog } = await byAddress(ask, 'https://k.example/v2.0', credentials)
  const at = (region: string | undefined, more: object = {}) => addressIn(catalog, 'compute', { region, interface: 'public', ...more })
  t.equal(at('TWO'), 'https://two.example/v2')
  t.equal(at(undefined), 'https://one.example/v2')
  t.equal(at('az-1.one'), 'https://one.example/v2')
  t.equal(at('az-1.one', { isStrict: true }), undefined)
  t.equal(at('one', { interface: 'internal' }), 'http://in.one.example/v2')
  t.equal(addressIn(catalog, 'volume', { region: 'one', interface: 'public' }), undefined)
})

t.test('the user of Keystone 2.0 names a tenant, and no more', async t => {
  const { ask } = answering({})
  for (const user of ['ada', 'ada+lab+more']) {
    t.equal((await refusal(byAddress(ask, 'https://k.example/v2.0', { user, password: 'pw' }))).kind, 'bad-request', user)
  }
})

t.test('an address without a version is asked which ones there are', async t => {
  const list = (...ids: string[]) => ids.map(id => ({ id, status: 'stable' }))
  for (const [body, version] of [
    [{ versions: { values: list('v2.0', 'v3.14') } }, '/v3/auth/tokens'],
    [{ versions: { values: list('v2.0') } }, '/v2.0/tokens'],
    [{ versions: list('v3.6') }, '/v3/auth/tokens'],
  ] as const) {
    const { ask, asked } = answering({ 'GET https://k.example/identity/': { body } })
    await refusal(byAddress(ask, 'https://k.example/identity', credentials))
    t.equal(asked[1]?.url, `https://k.example/identity${version}`)
  }
})

t.test('an answer that lacks the token says so', async t => {
  const { ask } = answering({ 'POST https://k.example/v3/auth/tokens': { body: { token: {} } } })
  t.match((await refusal(byAddress(ask, 'https://k.example/v3', credentials))).message, /X-Subject-Token/)
})

t.test('credentials that no header can carry are wrong ones', async t => {
  const { ask, asked } = answering({})
  t.equal((await refusal(byHeaders(ask, 'https://k.example/v1.0', { user: 'a\r\nb', password: 'pw' }))).kind, 'unauthenticated')
  t.same(asked, [])
})

t.test('any user name is read, or refused, and never breaks anything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), async user => {
      const { ask } = answering({})
      userIn(user)
      const { kind } = await refusal(byAddress(ask, 'https://k.example/v3', { user, password: 'pw' }))
      return kind === 'bad-request' || kind === 'provider-error'
    }),
  )
})
