/** Networks: those whose proxies are trusted, and that of this machine. */

import t from 'tap'
import { isLoopback, networksOf, Proxies } from '../../src/server/networks.ts'
import { overHttp } from '../support/server.ts'

t.test('an address is of this machine in each of its forms', async t => {
  for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) t.equal(isLoopback(address), true, address)
  for (const address of ['10.0.0.1', '::', '0.0.0.0', '::ffff:10.0.0.1', 'localhost', '']) t.equal(isLoopback(address), false, address)
})

t.test('proxies are named by address, by network or by name', async t => {
  const proxies = new Proxies(['loopback', '192.0.2.7', '2001:db8::/32'])
  for (const address of ['127.0.0.1', '::1', '192.0.2.7', '::ffff:192.0.2.7', '2001:db8::5']) t.ok(proxies.include(address), address)
  for (const address of ['192.0.2.8', '2001:db9::5', undefined, 'proxy']) t.notOk(proxies.include(address), String(address))
  t.notOk(new Proxies([]).include('127.0.0.1'))
})

t.test('what is no network is refused', async t => {
  for (const text of ['proxy', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0/8', '::/129', '10.0.0.0/8/8', ''])
    t.throws(() => networksOf([text]), { name: 'TypeError', message: /neither an address nor a network/ }, text)
})

t.test('only a trusted proxy says by which name its clients know the server', async t => {
  const through = { 'X-Forwarded-Host': 'public.test', 'X-Forwarded-Proto': 'https' }
  const change = {
    target: '/api/buckets?format=json',
    body: 'name=mine',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'https://public.test', ...through },
  }
  const strict = await overHttp()
  t.teardown(() => strict.close())
  t.notMatch((await strict.ask({ target: '/api?format=xml', headers: through })).text, /public\.test/)
  t.equal((await strict.ask(change)).status, 403)

  const trusting = await overHttp({ trustedProxies: ['127.0.0.1'] })
  t.teardown(() => trusting.close())
  t.match((await trusting.ask({ target: '/api?format=xml', headers: through })).text, /href='https:\/\/public\.test\/api\//)
  t.equal((await trusting.ask(change)).status, 201)
})
