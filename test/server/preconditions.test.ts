/** Conditions of HTTP: what is read only where it has changed, and what is changed only where it hasn't. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { byteRange } from '../../src/server/headers.ts'
import { isNotModified, isSameContent, requireConditions } from '../../src/server/preconditions.ts'
import { inProcess } from '../support/server.ts'

const tag = fc.string({ unit: fc.constantFrom('a', 'b', ',', ' ', 'W', '/', '*', '!', '\u00e9'), maxLength: 6 }).map(text => `"${text}"`)
const either = fc.tuple(tag, fc.boolean()).map(([text, isWeak]) => (isWeak ? `W/${text}` : text))
const strong = (text: string): string => text.replace(/^W\//, '')

t.test('a list names a tag where it has it: If-None-Match whether weak or not, If-Match where both are strong', async () => {
  fc.assert(
    fc.property(fc.array(either, { minLength: 1, maxLength: 4 }), either, fc.constantFrom(',', ', ', ' ,\t'), (list, there, comma) => {
      const header = list.join(comma)
      assert.equal(
        isNotModified({ match: undefined, noneMatch: header }, there),
        list.some(one => strong(one) === strong(there)),
      )
      const isMatch = !there.startsWith('W/') && list.includes(there)
      const judge = () => isNotModified({ match: header, noneMatch: undefined }, there)
      if (isMatch) assert.equal(judge(), false)
      else assert.throws(judge, { message: 'Precondition Failed' })
      assert.equal(isSameContent(list[0], there), list[0] === there && !there.startsWith('W/'))
    }),
  )
})

t.test('`*` names whatever is there, and what isn’t there has no tag', async t => {
  const [any, some] = ['*', '"a"']
  t.equal(isNotModified({ match: any, noneMatch: undefined }, undefined), false)
  t.equal(isNotModified({ match: undefined, noneMatch: any }, undefined), true)
  t.throws(() => isNotModified({ match: some, noneMatch: undefined }, undefined), { message: 'Precondition Failed' })
  t.throws(() => requireConditions({ match: any, noneMatch: undefined }, undefined), { message: 'Precondition Failed' })
  t.throws(() => requireConditions({ match: undefined, noneMatch: any }, { tag: undefined }), { message: 'Precondition Failed' })
  t.doesNotThrow(() => requireConditions({ match: undefined, noneMatch: any }, undefined))
  t.doesNotThrow(() => requireConditions({ match: any, noneMatch: '"b"' }, { tag: some }))
})

t.test('a range is read whatever the case of its unit, and however far it goes', async t => {
  t.same(byteRange('Bytes=1-2'), { first: 1, last: 2 })
  t.same(byteRange(`bytes=${'9'.repeat(40)}-`), { first: Number.MAX_SAFE_INTEGER })
  t.same(byteRange(`bytes=-${'9'.repeat(40)}`), { last: Number.MAX_SAFE_INTEGER })
  t.same(byteRange(`bytes=0-${'9'.repeat(40)}`), { first: 0, last: Number.MAX_SAFE_INTEGER })
  t.equal(byteRange('bytes=3-2'), undefined)
})

t.test('a blob is written and destroyed only where the condition holds', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const target = '/api/buckets/bucket1/precious'
  const put = (body: string, headers: Record<string, string>) => cloud.ask({ method: 'PUT', target, body, headers })
  const content = () => cloud.ask(`${target}/content`)
  t.equal((await put('one', { 'If-Match': '*' })).status, 412)
  t.equal((await content()).status, 404)
  t.equal((await put('one', { 'If-None-Match': '*' })).status, 200, 'and the answer to what was done is never 304')
  t.equal((await put('two', { 'If-None-Match': '*' })).status, 412)
  const first = await content()
  t.equal(first.text, 'one')
  const known = first.headers.get('etag') ?? ''
  t.equal((await put('two', { 'If-Match': known })).status, 200)
  t.equal((await put('three', { 'If-Match': known })).status, 412)
  for (const method of ['DELETE', 'POST']) {
    const answer = await cloud.ask({ method, target: `${target}?format=json`, headers: { 'If-Match': known } })
    t.equal(answer.status, 412, method)
    t.match(answer.text, /If-Match/)
  }
  t.equal((await content()).text, 'two')
  t.equal((await cloud.ask({ method: 'HEAD', target: `${target}/content`, headers: { Range: 'bytes=0-0' } })).status, 200)
  t.equal((await cloud.ask({ method: 'DELETE', target, headers: { 'If-Match': '*' } })).status, 204)
})

t.test('an action is told of, whatever the client has', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const answer = await cloud.ask({
    method: 'POST',
    target: '/api/instances/inst1/reboot?format=json',
    headers: { 'If-None-Match': '*', 'If-Match': '"of another"' },
    body: '',
  })
  t.ok(answer.status === 200 || answer.status === 202, `${answer.status} ${answer.text}`)
})
