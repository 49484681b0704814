/** What one request may hold: refused beyond it before anything is done, and in few words. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { wireRequest } from '../../src/drivers/wire.ts'
import { hasMoreParts, isWithin } from '../../src/server/bounds.ts'
import { listed, quotedParameters, shortened } from '../../src/server/excerpts.ts'
import { type Ask, basic, inProcess, overHttp, runs } from '../support/server.ts'

const form = 'application/x-www-form-urlencoded'
const pairs = (count: number, separator = '&'): string => Array.from({ length: count }, (_, n) => `f${n}=1`).join(separator)
const members = (count: number): Record<string, string> => Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, '1']))

/** A request that makes the key `k`, with so many parameters in one place. */
const places: Readonly<Record<string, (count: number) => Ask>> = {
  'the query': count => ({ method: 'POST', target: `/api/keys?name=k&${pairs(count - 1)}` }),
  'matrix parameters': count => ({ method: 'POST', target: `/api/keys;name=k;${pairs(count - 1, ';')}` }),
  'matrix parameters of several segments': count => ({
    method: 'POST',
    target: `/api;${pairs(count - 400, ';')}/keys;name=k;${pairs(399, ';')}`,
  }),
  'a form': count => ({ target: '/api/keys', headers: { 'Content-Type': form }, body: `name=k&${pairs(count - 1)}` }),
  'members of JSON': count => ({ target: '/api/keys', json: { name: 'k', ...members(count - 1) } }),
  'items of a JSON list': count => ({ target: '/api/keys', json: { name: 'k', f: Array.from({ length: count - 1 }, () => '1') } }),
  'items of many JSON lists': count => ({
    target: '/api/keys',
    json: { name: 'k', ...Object.fromEntries(Object.keys(members(count - 1)).map(name => [name, ['1']])) },
  }),
}

t.test('a request has up to 1,000 parameters, wherever they stand; with more it is refused and does nothing', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  for (const [place, request] of Object.entries(places)) {
    const refused = await cloud.ask(request(1001))
    t.equal(refused.status, 400, place)
    t.match(refused.text, /more than 1000 parameters/, place)
    t.ok(refused.text.length < 5000, `${place}: ${refused.text.length} characters`)
    t.equal((await cloud.ask('/api/keys/k')).status, 404, place)
    t.equal((await cloud.ask(request(1000))).status, 201, place)
    t.equal((await cloud.ask({ method: 'DELETE', target: '/api/keys/k' })).status, 204, place)
  }
})

t.test('parameters are counted wherever they are read', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  for (const target of ['/api/images', '/api', '/api/docs', '/api/instance_states'])
    t.equal((await cloud.ask(`${target}?${pairs(1001)}`)).status, 400, target)
  t.equal((await cloud.ask({ target: '/api', headers: { 'Content-Type': form }, body: pairs(1001) })).status, 400)
})

t.test('a message names a dozen parameters, and cuts what is long', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const long = 'x'.repeat(100_000)
  for (const format of ['xml', 'json', 'html']) {
    const many = await cloud.ask({ target: `/api/keys?format=${format}`, json: { ...members(900), [long]: long } })
    t.equal(many.status, 400, format)
    t.match(many.text, 'not found in [f0,f1,f2,f3,f4,f5,f6,f7,f8,f9,f10,f11,…]', format)
    t.ok(many.text.length < 10_000, `${format}: ${many.text.length} characters`)
    for (const json of [{ capacity: long }, { name: long, capacity: [{ [long]: 1 }] }, { [long]: {} }]) {
      const wide = await cloud.ask({ target: `/api/storage_volumes?format=${format}`, json })
      t.equal(wide.status, 400, format)
      t.ok(wide.text.length < 20_000, `${format}: ${wide.text.length} characters`)
    }
    const unknown = await cloud.ask({ target: `/api/instances?format=${format}`, json: { image_id: long } })
    t.equal(unknown.status, 400, format)
    t.ok(unknown.text.length < 20_000, `${format}: ${unknown.text.length} characters`)
  }
})

/** A body that can't be read without the test failing. */
const unreadable = {
  // biome-ignore lint/correctness/useYield: it has nothing to give
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    throw new assert.AssertionError({ message: 'The body was read' })
  },
}

t.test('a body is read only when it is known who sends it', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const body = 'x'.repeat(1000)
  for (const [login, status] of [
    [{}, 401],
    [{ Authorization: 'x' }, 401],
    [{ Authorization: basic('mockuser', 'wrong') }, 401],
    [{ Authorization: basic() }, 400],
  ] as const)
    for (const [path, type] of [
      ['/api/keys', form],
      ['/api/images', 'application/json'],
      ['/api/buckets/bucket1', 'multipart/form-data'],
      ['/api/instances/inst1', form],
      ['/api/instances/inst1/stop', 'text/plain'],
    ] as const) {
      const answer = await server.ask({ method: 'POST', target: path, login: false, headers: { ...login, 'Content-Type': type }, body })
      // Where someone is known, the body decides.
      if (status === 401) t.equal(answer.status, 401, `${path} ${JSON.stringify(login)}`)
      else t.not(answer.status, 401, path)
      if (status === 401) t.ok(answer.headers.get('www-authenticate')?.startsWith('Basic'), path)
    }
})

t.test('a stranger’s body stays unread', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  for (const target of ['/api/keys', '/api/instances', '/api/firewalls', '/api/buckets/bucket1', '/api/instances/inst1/stop']) {
    for (const type of [form, 'application/json', 'multipart/form-data; boundary=b', 'text/plain']) {
      const { status } = await cloud.send(
        wireRequest({
          method: 'POST',
          target,
          headers: [
            ['Host', 'x'],
            ['Content-Type', type],
          ],
          body: unreadable,
        }),
      )
      t.equal(status, 401, `${target} ${type}`)
    }
  }
  const nothing = wireRequest({ method: 'POST', target: '/api/keys/a/b/c', headers: [['Host', 'x']], body: unreadable })
  t.equal((await cloud.send(nothing)).status, 404)
})

const json = fc.jsonValue({ maxDepth: 6 })

/** Values, the most members of one place, and the depth of parsed JSON. */
const sizeOf = (value: unknown): { values: number; members: number; depth: number } => {
  if (typeof value !== 'object' || value === null) return { values: 0, members: 0, depth: 0 }
  const inner = Object.values(value)
  const sizes = inner.map(sizeOf)
  return {
    values: Math.max(1, inner.length) + sizes.reduce((sum, size) => sum + size.values, 0),
    members: Math.max(1, inner.length, ...sizes.map(size => size.members)),
    depth: 1 + Math.max(0, ...sizes.map(size => size.depth)),
  }
}

t.test('the size of JSON is told without parsing it', async () => {
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent)
      const size = sizeOf(value)
      assert.ok(isWithin(text, size), `${text} has ${JSON.stringify(size)}`)
      // A place with one member or none has no comma to count.
      for (const name of ['values', 'members', 'depth'] as const)
        if (size[name] > (name === 'members' ? 1 : 0))
          assert.ok(!isWithin(text, { ...size, [name]: size[name] - 1 }), `${text}: ${name} below ${size[name]}`)
    }),
    runs(200),
  )
})

t.test('the size of text that is no JSON is told, too', async t => {
  const bounds = { values: 10, members: 10, depth: 10 }
  for (const text of ['"', '"\\', ']]]]', ',,', '"\\"', '', '{"a', '\\"']) t.equal(isWithin(text, bounds), true, text)
  for (const text of ['['.repeat(11), ','.repeat(11), '{"a":'.repeat(100_000), '"\\\\",,,,,,,,,,,'])
    t.equal(isWithin(text, bounds), false, text.slice(0, 20))
})

t.test('parts are counted as they would be divided', async () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a&]{0,12}$/), fc.integer({ min: 1, max: 14 }), (text, limit) => {
      assert.equal(hasMoreParts(text, '&', limit), text.split('&').length > limit)
    }),
    runs(100),
  )
})

t.test('what is quoted is bounded, and text is cut between characters', async t => {
  t.equal(shortened('abc', 3), 'abc')
  t.equal(shortened('abcd', 3), 'abc…')
  t.ok(shortened('a😀', 2).isWellFormed())
  t.equal(listed(['a', 'b']), 'a,b')
  t.equal(listed(Array.from({ length: 12 }, () => 'a')), Array.from({ length: 12 }, () => 'a').join(','))
  t.equal(listed(['x'.repeat(200)]), `${'x'.repeat(100)}…`)
  t.equal(quotedParameters(Object.entries(members(50))).length, 12)
})
