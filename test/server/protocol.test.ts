/** What HTTP clients rely on: HEAD, conditional requests, every way of sending parameters, overridden methods, negotiation. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { readXml } from '../../conformance/documents/xml.ts'
import { listedCollections, populate } from '../support/population.ts'
import { type Answer, type Ask, type Client, type InProcess, inProcess, overHttp, runs } from '../support/server.ts'

/** What there is to read in a cloud: lists, members, forms and documentation. */
const readable = async (client: Client): Promise<readonly string[]> => {
  const found = ['/api', '/api/docs', '/api/docs/instances', '/api/openapi.json', '/api/instances/new', '/api/realms/none', '/api/nothing']
  for (const collection of await listedCollections(client)) {
    found.push(`/api/${collection}`)
    if (collection === 'instance_states') continue
    const { text } = await client.ask(`/api/${collection}?format=xml`)
    const href = readXml(text).children[0]?.attributes.get('href')
    if (href !== undefined) found.push(new URL(href).pathname)
  }
  return found
}

const changing: ReadonlySet<string> = new Set(['x-backend-runtime', 'date', 'connection', 'keep-alive', 'transfer-encoding'])

const lasting = ({ headers }: Answer): [string, string][] => [...headers].filter(([name]) => !changing.has(name)).sort()

t.test('HEAD is GET without the document', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  for (const target of await readable(server)) {
    for (const format of ['xml', 'json', 'html']) {
      const got = await server.ask(`${target}?format=${format}`)
      const head = await server.ask({ method: 'HEAD', target: `${target}?format=${format}` })
      t.equal(head.status, got.status, `${target} as ${format}`)
      t.equal(head.body.length, 0)
      t.same(lasting(head), lasting(got), `${target} as ${format}`)
    }
  }
  t.equal((await server.ask({ method: 'HEAD', target: '/api/instances', login: false })).status, 401, 'it needs the same credentials')
})

t.test('a document that a client has already isn’t sent again, until it has changed', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...(await readable(cloud))),
      fc.constantFrom('xml', 'json', 'html'),
      fc.boolean(),
      async (path, format, weak) => {
        const target = `${path}?format=${format}`
        const first = await cloud.ask(target)
        if (first.status !== 200) return
        const tag = first.headers.get('etag') ?? ''
        assert.match(tag, /^"[0-9a-zA-Z+/=_-]+"$/, target)
        assert.ok((first.headers.get('cache-control') ?? '').includes('must-revalidate'))
        for (const known of [tag, `"other", ${weak ? 'W/' : ''}${tag}`, '*']) {
          const again = await cloud.ask({ target, headers: { 'If-None-Match': known } })
          assert.equal(again.status, 304, `${target} ${known}`)
          assert.equal(again.body.length, 0)
          assert.equal(again.headers.get('etag'), tag)
        }
        assert.equal((await cloud.ask({ target, headers: { 'If-None-Match': '"other"' } })).status, 200)
      },
    ),
    runs(60),
  )
  const before = (await cloud.ask('/api/keys?format=xml')).headers.get('etag') ?? ''
  await cloud.ask({ target: '/api/keys', json: { name: 'another' } })
  const after = await cloud.ask({ target: '/api/keys?format=xml', headers: { 'If-None-Match': before } })
  t.equal(after.status, 200)
  t.not(after.headers.get('etag'), before)
})

type Pairs = Readonly<Record<string, string>>

const encoded = (pairs: Pairs): string => new URLSearchParams(pairs).toString()

const multipart = (pairs: Pairs): string =>
  `${Object.entries(pairs)
    .map(([name, value]) => `--frontier\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('')}--frontier--\r\n`

/** The ways in which clients send parameters; the first is the Ruby client's. */
const ways: Readonly<Record<string, (path: string, pairs: Pairs) => Ask>> = {
  'query of an empty POST': (path, pairs) => ({ method: 'POST', target: `${path}?format=xml&${encoded(pairs)}` }),
  'empty form': (path, pairs) => ({
    target: `${path}?format=xml&${encoded(pairs)}`,
    body: '',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  }),
  form: (path, pairs) => ({
    target: `${path}?format=xml`,
    body: encoded(pairs),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  }),
  multipart: (path, pairs) => ({
    target: `${path}?format=xml`,
    body: multipart(pairs),
    headers: { 'Content-Type': 'multipart/form-data; boundary=frontier' },
  }),
  json: (path, pairs) => ({ target: `${path}?format=xml`, json: pairs }),
  matrix: (path, pairs) => ({
    method: 'POST',
    target: `${path}${Object.entries(pairs)
      .map(([name, value]) => `;${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('')}?format=xml`,
  }),
}

t.test('a parameter means the same, however it’s sent', async () => {
  // A multipart form says nothing of a name's encoding, and its lines end in CR LF.
  const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(text => !/[\r\n]/.test(text) && text.trim() === text)
  const usable = value.filter(text => !['.', '..', 'new'].includes(text))
  const request = fc.oneof(
    fc.record({
      path: fc.constant('/api/storage_volumes'),
      pairs: fc.record({ name: usable, description: value, capacity: fc.constant('3') }),
    }),
    fc.record({
      path: fc.constant('/api/instances'),
      pairs: fc.record({ image_id: fc.constant('img1'), name: usable, realm_id: fc.constant('eu') }),
    }),
    fc.record({ path: fc.constant('/api/firewalls'), pairs: fc.record({ name: usable, description: value }) }),
  )
  const answered = async (ask: Ask): Promise<string> => {
    const cloud: InProcess = await inProcess()
    try {
      const answer = await cloud.ask(ask)
      assert.equal(answer.status, 201, answer.text)
      return answer.text
    } finally {
      await cloud.close()
    }
  }
  await fc.assert(
    fc.asyncProperty(request, async ({ path, pairs }) => {
      const given: Pairs = { ...pairs }
      const expected = await answered(ways['query of an empty POST']?.(path, given) ?? { target: path })
      for (const [name, way] of Object.entries(ways)) assert.equal(await answered(way(path, given)), expected, name)
    }),
    runs(12),
  )
})

t.test('parameters of the body beat those of the query, and these the matrix', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const nameOf = async (ask: Ask): Promise<string | undefined> =>
    readXml((await cloud.ask(ask)).text).children.find(one => one.name === 'name')?.text
  t.equal(await nameOf({ method: 'POST', target: '/api/storage_volumes;name=matrix?format=xml' }), 'matrix')
  t.equal(await nameOf({ method: 'POST', target: '/api/storage_volumes;name=matrix?format=xml&name=query' }), 'query')
  t.equal(await nameOf({ target: '/api/storage_volumes;name=matrix?format=xml&name=query', json: { name: 'body' } }), 'body')
})

t.test('a form can ask for a method that HTML lacks', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const asks: Readonly<Record<string, (target: string) => Ask>> = {
    'a hidden field': target => ({ target, body: '_method=delete', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }),
    'the query': target => ({ method: 'POST', target: `${target}&_method=DELETE` }),
    'a header': target => ({ method: 'POST', target, headers: { 'X-HTTP-Method-Override': 'DELETE' } }),
  }
  for (const [how, ask] of Object.entries(asks)) {
    t.equal((await cloud.ask({ target: '/api/keys?format=xml', json: { name: how } })).status, 201)
    const own = `/api/keys/${encodeURIComponent(how)}?format=xml`
    t.equal((await cloud.ask(ask(own))).status, 204, how)
    t.equal((await cloud.ask(own)).status, 404, how)
  }
  const others = await cloud.ask({ method: 'GET', target: '/api/keys/test-key?format=xml&_method=delete' })
  t.equal(others.status, 200, 'only a POST can be overridden')
  for (const method of ['PUT', 'PATCH', 'TRACE', 'nonsense']) {
    const answer = await cloud.ask({ method: 'POST', target: '/api/keys?format=xml', headers: { 'X-HTTP-Method-Override': method } })
    t.equal(answer.status, 400, method)
  }
})

t.test('a browser is sent on where a program gets an empty answer', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  await populate(cloud, ['one', 'two', 'three', 'four'])
  const gone = await cloud.ask({ method: 'DELETE', target: '/api/keys/one?format=html' })
  t.match({ status: gone.status, location: gone.headers.get('location') }, { status: 303, location: 'http://cloud.test/api/keys' })
  const made = await cloud.ask({ target: '/api/buckets?format=html', json: { name: 'fresh' } })
  t.match({ status: made.status, location: made.headers.get('location') }, { status: 303, location: 'http://cloud.test/api/buckets/fresh' })
})

t.test('what a client accepts decides the format, and `format` beats it', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const chosen: readonly (readonly [accept: string | undefined, format: string, query?: string])[] = [
    [undefined, 'application/xml'],
    ['*/*', 'text/html'],
    ['application/json', 'application/json'],
    ['text/xml', 'application/xml'],
    ['application/xhtml+xml', 'text/html'],
    ['application/json, application/xml', 'application/json'],
    ['application/xml, application/json', 'application/xml'],
    ['application/xml;q=0.5, application/json', 'application/json'],
    ['*/*, application/json', 'application/json'],
    ['text/plain, application/json;q=0.1', 'application/json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['application/json;q=0, application/xml;q=0.1', 'application/xml'],
    ['text/html', 'application/json', '?format=json'],
    ['text/plain', 'application/xml', '?format=xml'],
  ]
  for (const [accept, type, query = ''] of chosen) {
    const answer = await cloud.ask({ target: `/api/realms${query}`, headers: accept === undefined ? {} : { Accept: accept } })
    t.match({ status: answer.status, type: answer.headers.get('content-type') }, { status: 200, type }, `${accept} ${query}`)
  }
  for (const [accept, query] of [
    ['text/plain', ''],
    ['application/*', ''],
    ['*/*', '?format='],
    ['*/*', '?format=XML'],
    ['*/*', '?format=yaml'],
    ['*/*', '?format=png'],
    ['image/png', ''],
  ]) {
    const answer = await cloud.ask({ target: `/api/realms${query}`, headers: { Accept: accept ?? '' } })
    t.equal(answer.status, 406, `${accept} ${query}`)
    t.ok(answer.body.length > 0, 'with a document (P34)')
  }
})

t.test('every answer says who gave it; a trailing slash makes no difference', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  for (const target of ['/api', '/api/realms', '/api/realms/us', '/api/realms/none', '/api/%zz']) {
    const answer = await cloud.ask(`${target}?format=xml`)
    t.equal(answer.headers.get('server'), 'Apache-Deltacloud/1.1.3', target)
    const slashed = await cloud.ask(`${target}/?format=xml`)
    t.equal(slashed.status, answer.status)
    if (answer.status === 200) t.equal(slashed.text, answer.text)
  }
  const chosen = await cloud.ask({ target: '/api/realms', headers: { 'X-Deltacloud-Driver': 'MOCK', 'X-Deltacloud-Provider': 'classic' } })
  t.equal(chosen.headers.get('x-deltacloud-driver'), 'mock', 'a driver is known in any case')
  t.equal(chosen.headers.get('x-deltacloud-provider'), 'classic')
  const both = await cloud.ask({ target: '/api;provider=default/firewalls?format=xml', headers: { 'X-Deltacloud-Provider': 'classic' } })
  t.equal(both.status, 200, 'the address beats the header')
})

t.test('the choice of another cloud on the first page leads to its entry point', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const chosen = async (json: unknown, headers: Readonly<Record<string, string>> = {}): Promise<string | undefined> => {
    const answer = await cloud.ask({ target: '/api', json, headers })
    t.equal(answer.status, 301)
    return answer.headers.get('location')
  }
  t.equal(await chosen({ driver: 'mock' }), 'http://cloud.test/api;driver=mock')
  t.equal(await chosen({ provider: 'classic' }), 'http://cloud.test/api;provider=classic')
  t.equal(
    await chosen({ provider: 'classic' }, { Referer: 'http://cloud.test/api;driver=mock' }),
    'http://cloud.test/api;driver=mock;provider=classic',
  )
  t.equal(await chosen({ provider: 'default' }), 'http://cloud.test/api/')
})
