/** A browser's changes come from our own pages, or not at all; other clients don't say where they come from. */

import t from 'tap'
import { inProcess } from '../support/server.ts'

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
    {},
  ]
  for (const [i, headers] of own.entries()) t.equal((await cloud.ask(form(`bucket-${i}`, headers))).status, 201, JSON.stringify(headers))
  const proxied = { Origin: 'https://public.test', 'X-Forwarded-Host': 'public.test', 'X-Forwarded-Proto': 'https' }
  t.equal((await cloud.ask(form('proxied', proxied))).status, 201, 'a proxy says by which name its clients know us')
})

t.test('reading is open to links from everywhere', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  t.equal(
    (await cloud.ask({ target: '/api/instances', headers: { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://elsewhere.test' } })).status,
    200,
  )
})
