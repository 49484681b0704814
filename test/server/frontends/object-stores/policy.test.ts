/** Stored content in a browser: whoever stored a page doesn't get it run as one of ours. */

import t from 'tap'
import { overHttp } from '../../../support/server.ts'

const types = ['text/html', 'application/xhtml+xml', 'image/svg+xml', 'text/xml', 'application/pdf', 'TEXT/HTML; charset=utf-8', 'odd']
const content = '<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>'

/** How browsers ask for what they show as a document; the last is one that says nothing of where it will show it. */
const showing: readonly Readonly<Record<string, string>>[] = [
  { 'Sec-Fetch-Dest': 'document', Accept: 'text/html,*/*' },
  { 'Sec-Fetch-Dest': 'iframe' },
  { 'Sec-Fetch-Dest': 'embed' },
  { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' },
]

t.test('objects of all protocols come sandboxed, and are saved where they would be shown', async t => {
  const server = await overHttp({ frontends: ['deltacloud', 's3', 'openstack'], provider: 'openstack' })
  t.teardown(() => server.close())
  t.equal((await server.ask({ method: 'PUT', target: '/s3/pages' })).status, 200)
  const identity = { methods: ['password'], password: { user: { name: 'mockuser', password: 'mockpassword', domain: { id: 'default' } } } }
  const login = await server.ask({ target: '/openstack/identity/v3/auth/tokens', json: { auth: { identity } } })
  const token = login.headers.get('x-subject-token') ?? ''
  const swift = /http:[^"]*(\/openstack\/object-store\/v1\/AUTH_[0-9a-f]+)/.exec(login.text)?.[1]
  for (const [n, type] of types.entries()) {
    t.equal((await server.ask({ method: 'PUT', target: `/s3/pages/${n}`, headers: { 'Content-Type': type }, body: content })).status, 200)
    const addresses = [
      { target: `/s3/pages/${n}`, headers: {} },
      { target: `/s3/pages/${n}?response-content-type=text/html&response-content-disposition=inline`, headers: {} },
      { target: `${swift}/pages/${n}`, headers: { 'X-Auth-Token': token } },
      { target: `/api/buckets/pages/${n}/content`, headers: {} },
    ]
    for (const { target, headers } of addresses)
      for (const method of ['GET', 'HEAD']) {
        if (method === 'HEAD' && target.endsWith('/content')) continue
        for (const browser of showing) {
          const answer = await server.ask({ method, target, headers: { ...headers, ...browser } })
          const about = `${method} ${target} as ${type}`
          t.equal(answer.status, 200, about)
          t.match(answer.headers.get('content-security-policy'), /^sandbox/, about)
          t.equal(answer.headers.get('x-content-type-options'), 'nosniff', about)
          t.match(answer.headers.get('content-disposition'), /^attachment/, about)
        }
      }
  }
})

t.test('clients that show nothing get the disposition that the object has, and an image is shown', async t => {
  const server = await overHttp({ frontends: ['s3'] })
  t.teardown(() => server.close())
  await server.ask({ method: 'PUT', target: '/s3/pages' })
  for (const [name, type] of [
    ['page', 'text/html'],
    ['image', 'image/png'],
    ['text', 'text/plain'],
  ] as const)
    await server.ask({ method: 'PUT', target: `/s3/pages/${name}`, headers: { 'Content-Type': type }, body: content })
  t.equal((await server.ask('/s3/pages/page')).headers.has('content-disposition'), false)
  t.equal(
    (await server.ask({ target: '/s3/pages/page', headers: { 'Sec-Fetch-Dest': 'empty', Accept: '*/*' } })).headers.has(
      'content-disposition',
    ),
    false,
  )
  for (const name of ['image', 'text'])
    t.equal((await server.ask({ target: `/s3/pages/${name}`, headers: showing[0] ?? {} })).headers.has('content-disposition'), false, name)
})
