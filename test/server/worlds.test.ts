/** Which world a request is for. */

import t from 'tap'
import { overHttp } from '../support/server.ts'

t.test('a world is chosen by the first part of the path, which all links keep, or by a header', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const create = { method: 'POST', target: '/_worlds/one/api/keys?name=mine&format=json' }
  const made = await server.ask(create)
  t.equal(made.status, 201)
  t.equal(made.headers.get('location'), `${server.url}/_worlds/one/api/keys/mine`)
  const at = async (target: string, world?: string) =>
    (await server.ask({ target, headers: world === undefined ? {} : { 'X-Deltacloud-World': world } })).status
  t.equal(await at('/_worlds/one/api/keys/mine'), 200)
  t.equal(await at('/api/keys/mine', 'one'), 200)
  t.equal(await at('/api/keys/mine'), 404)
  t.equal(await at('/api/keys/mine', 'two'), 404)
  t.equal(await at('/_worlds/one/api/keys/mine', 'two'), 200, 'the path says more than the header')
  t.strictSame(await server.mock.worlds(), ['default', 'one', 'two'])
})

t.test('every address in the documents of a world is in that world', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  for (const path of ['', '/instances', '/instances/inst1', '/hardware_profiles', '/images', ';provider=classic/buckets', '/nosuch']) {
    for (const format of ['xml', 'json', 'html']) {
      const { text } = await server.ask(`/_worlds/one/api${path}?format=${format}`)
      const elsewhere = [...text.matchAll(/(?:href|action|url)(?:=|":\s*)["']([^"']*\/api[;/"'][^"']*)["']/g)]
        .map(([, address = '']) => address)
        .filter(address => !address.includes('/_worlds/one/api'))
      t.strictSame(elsewhere, [], `${path} as ${format}`)
    }
  }
  t.match((await server.ask('/_worlds/one?format=json')).text, `${server.url}/_worlds/one/api`)
  t.match((await server.ask('/_worlds/one/?format=json')).text, `${server.url}/_worlds/one/api`)
  t.match((await server.ask('/_worlds/one/api/instances/nosuch?format=xml')).text, "url='/_worlds/one/api/instances/nosuch'")
})

t.test('a name that no world can have is a bad request in a header, and nothing in a path', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  t.equal((await server.ask({ target: '/api/instances', headers: { 'X-Deltacloud-World': 'No World' } })).status, 400)
  for (const path of ['/_worlds/No/api', '/_worlds//api', '/_worlds/..%2f/api', '/_worlds', '/_worlds/one/nosuch', '/_worlds/one/healthz'])
    t.equal((await server.ask(path)).status, 404, path)
  t.equal((await server.ask({ target: '/_worlds/one/api/instances', login: false })).status, 401)
  t.strictSame(await server.mock.worlds(), ['default'], 'who is nobody makes no world')
})
