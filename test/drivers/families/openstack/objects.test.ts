/** Containers and objects before a Swift whose answers are written down. */

import t from 'tap'
import { bind } from '../../../../src/drivers/driver.ts'
import { openstack } from '../../../../src/drivers/openstack/index.ts'
import type { WireResponse } from '../../../../src/drivers/wire.ts'
import { type Answers, Cloud, keystone, refusal } from './cloud.ts'

const opened = async (answers: Answers) => {
  const stack = new Cloud(answers)
  const offer = openstack.offer(keystone)
  const session = await openstack.connect({ credentials: { user: 'a+b', password: 'pw' }, provider: keystone, context: stack.context() })
  return { stack, api: bind((offer?.operations ?? {}) as Parameters<typeof bind>[0], session) }
}

const answer = (status: number, headers: Record<string, string> = {}, body?: unknown): WireResponse => ({
  status,
  headers: Object.entries(headers),
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
})

const account = '/v1/AUTH_p1'

const bytes = async function* (...pieces: readonly string[]) {
  for (const piece of pieces) yield Buffer.from(piece)
}

t.test('a container is listed to its end, however many pages that takes', async t => {
  const total = { 'X-Container-Object-Count': '3' }
  const { api } = await opened({
    [`GET ${account}/c?format=json`]: answer(200, total, [{ name: 'a' }, { name: 'b & c' }]),
    [`GET ${account}/c?format=json&marker=b%20%26%20c`]: answer(200, total, [{ name: 'd' }]),
  })
  t.same(await api.buckets?.get?.('c'), { id: 'c', name: 'c', size: 3, blobs: ['a', 'b & c', 'd'] })
})

t.test('a total that lags behind ends with an empty page', async t => {
  const { api } = await opened({
    [`GET ${account}/c?format=json`]: answer(200, { 'X-Container-Object-Count': '9' }, [{ name: 'a' }]),
    [`GET ${account}/c?format=json&marker=a`]: answer(200, {}, []),
  })
  t.same((await api.buckets?.get?.('c'))?.blobs, ['a'])
})

t.test('a container that gives the same page again and again is an error of the provider', async t => {
  const page = answer(200, { 'X-Container-Object-Count': '1000000' }, [{ name: 'a' }])
  const { api, stack } = await opened({
    [`GET ${account}/c?format=json`]: page,
    [`GET ${account}/c?format=json&marker=a`]: page,
  })
  t.equal((await refusal(api.buckets?.get?.('c'))).kind, 'provider-error')
  t.equal(stack.seen.filter(({ call }) => call.startsWith(`GET ${account}/c`)).length, 2)
})

t.test('a container that comes round is an error of the provider, and no list with names twice', async t => {
  const total = { 'X-Container-Object-Count': '4' }
  const { api } = await opened({
    [`GET ${account}/c?format=json`]: answer(200, total, [{ name: 'a' }, { name: 'b' }]),
    [`GET ${account}/c?format=json&marker=b`]: answer(200, total, [{ name: 'b' }, { name: 'c' }]),
  })
  t.match(await refusal(api.buckets?.get?.('c')), { kind: 'provider-error', message: /listed b twice/ })
})

t.test('a total that is too low ends no list whose pages are full', async t => {
  const total = { 'X-Container-Object-Count': '3' }
  const { api } = await opened({
    [`GET ${account}/c?format=json`]: answer(200, total, [{ name: 'a' }, { name: 'b' }]),
    [`GET ${account}/c?format=json&marker=b`]: answer(200, total, [{ name: 'c' }, { name: 'd' }]),
    [`GET ${account}/c?format=json&marker=d`]: answer(200, total, [{ name: 'e' }]),
  })
  t.same((await api.buckets?.get?.('c'))?.blobs, ['a', 'b', 'c', 'd', 'e'])
})

t.test('a container that was there already is a conflict', async t => {
  const { api } = await opened({ [`PUT ${account}/c`]: answer(202) })
  t.equal((await refusal(api.buckets?.create?.({ name: 'c' }))).kind, 'conflict')
})

t.test('a container isn’t asked for twice, for the second answer would be that it is there', async t => {
  const { stack, api } = await opened({ [`PUT ${account}/c`]: answer(201) })
  await api.buckets?.create?.({ name: 'c' })
  t.equal(stack.seen.at(-1)?.idempotent, false)
})

t.test('a name that Swift has no path for is refused, once it is known who asks', async t => {
  const { stack, api } = await opened({})
  for (const name of ['', 'a/b', 'x'.repeat(257)]) t.equal((await refusal(api.buckets?.create?.({ name }))).kind, 'bad-request')
  t.same(
    stack.seen.map(({ call }) => call),
    ['POST /v3/auth/tokens'],
  )
})

t.test('a small blob survives a token that has ended', async t => {
  const path = `${account}/c/x%2Fy`
  const { stack, api } = await opened({
    [`PUT ${path}`]: answer(201),
    [`HEAD ${path}`]: answer(200, { 'Content-Length': '3', 'X-Object-Meta-Color-Of': 'r%C3%A9d', Etag: '"e"' }),
    [`GET ${account}?format=json`]: answer(200, {}, []),
  })
  await api.buckets?.list({})
  stack.valid.clear()
  const blob = await api.blobs?.create?.('c', 'x/y', { content: bytes('a', 'bc'), length: 3, metadata: { color_of: 'red' } })
  t.match(blob, { id: 'x/y', contentLength: 3, etag: 'e' })
  t.same(Object.keys(blob?.userMetadata ?? {}), ['color_of'])
  t.equal(stack.logins, 2)
  t.equal(stack.seen.filter(({ call }) => call === `PUT ${path}`).at(-1)?.body, 'abc')
})

t.test('a stream isn’t begun before the bucket and the token are known to be good', async t => {
  const { stack, api } = await opened({})
  let begun = false
  const content = (async function* () {
    begun = true
    yield Buffer.from('x')
  })()
  t.equal((await refusal(api.blobs?.create?.('none', 'x', { content, metadata: {} }))).kind, 'not-found')
  t.equal(begun, false)
  t.equal(stack.seen.at(-1)?.call, `HEAD ${account}/none`)
})

t.test('names that Swift has no place for are refused', async t => {
  const { api } = await opened({})
  for (const name of ['', 'a/b', 'x'.repeat(257)]) t.equal((await refusal(api.buckets?.create?.({ name }))).kind, 'bad-request')
})

t.test('an upload that nobody began is not found', async t => {
  const { api } = await opened({})
  for (const upload of ['none', '../x', '0'.repeat(24)]) {
    t.equal((await refusal(api.blobs?.finish?.('c', 'x', upload, [{ id: '1' }]))).kind, 'not-found')
  }
})
