/** Sealed tokens: they open under their own key, unchanged, or not at all. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { createSealer, type Sealed } from '../../src/server/sealing.ts'

const own = createSealer(async () => new Uint8Array(32).fill(7))

const content: fc.Arbitrary<Sealed> = fc.record(
  {
    user: fc.string({ unit: 'binary' }),
    password: fc.string({ unit: 'binary' }),
    driver: fc.string(),
    provider: fc.string(),
    world: fc.string(),
    expires: fc.integer(),
  },
  { noNullPrototype: true },
)

t.test('a token opens as what was sealed, and fits into a header', async () => {
  await fc.assert(
    fc.asyncProperty(content, async sealed => {
      const token = await own.seal(sealed)
      assert.match(token, /^[\w-]+$/)
      assert.deepEqual(await own.open(token), sealed)
    }),
  )
})

t.test('a token that was changed in any bit, cut or lengthened does not open', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(), async (sealed, at, bits, length) => {
      const bytes = Buffer.from(await own.seal(sealed), 'base64url')
      const changed = Buffer.from(bytes)
      const index = at % bytes.length
      changed[index] = (changed[index] ?? 0) ^ bits
      assert.equal(await own.open(changed.toString('base64url')), undefined)
      assert.equal(await own.open(bytes.subarray(0, length % bytes.length).toString('base64url')), undefined)
      assert.equal(await own.open(Buffer.concat([bytes, Buffer.of(bits)]).toString('base64url')), undefined)
    }),
  )
})

t.test('a token has one spelling', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const added = fc.oneof(fc.constantFrom('=', '==', '!!', 'A', ' ', '\n', '.', '%'), fc.string({ minLength: 1, unit: 'binary' }))
  await fc.assert(
    fc.asyncProperty(content, added, fc.nat(), async (sealed, more, where) => {
      const token = await own.seal(sealed)
      const at = where % (token.length + 1)
      assert.equal(await own.open(token + more), undefined)
      assert.equal(await own.open(token.slice(0, at) + more + token.slice(at)), undefined)
      // The last character may have bits that no byte takes.
      for (const last of alphabet) {
        const other = token.slice(0, -1) + last
        assert.deepEqual(await own.open(other), other === token ? sealed : undefined)
      }
      const standard = token.replaceAll('-', '+').replaceAll('_', '/')
      if (standard !== token) assert.equal(await own.open(standard), undefined)
    }),
    { numRuns: 50 },
  )
})

t.test('any text at all is no token, and no error', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String({ minLength: 40 })), async text => {
      assert.equal(await own.open(text), undefined)
    }),
  )
})

t.test('a token of another key does not open; every server with the key opens it', async t => {
  const sealed = { user: 'u', password: 'p', driver: 'mock', provider: '', world: 'default', expires: 1 }
  const token = await own.seal(sealed)
  t.equal(await createSealer(async () => randomBytes(32)).open(token), undefined)
  t.same(await createSealer(async () => new Uint8Array(32).fill(7)).open(token), sealed)
})

t.test('the same content is never sealed alike, and nothing of it can be read', async t => {
  const sealed = { user: 'mockuser', password: 'mockpassword', driver: 'mock', provider: '', world: 'default', expires: 1 }
  const [one, two] = [await own.seal(sealed), await own.seal(sealed)]
  t.not(one, two)
  t.notMatch(Buffer.from(one, 'base64url').toString('latin1'), /mock/)
})

t.test('the key is asked for once, and again only where that failed', async t => {
  let asked = 0
  const sealer = createSealer(async () => {
    asked++
    if (asked === 1) throw new Error('The store is locked')
    return new Uint8Array(32)
  })
  await t.rejects(sealer.open('x'.repeat(80)), { message: 'The store is locked' })
  const token = await sealer.seal({ user: 'u', password: 'p', driver: 'd', provider: '', world: 'w', expires: 0 })
  await sealer.open(token)
  t.equal(asked, 2)
})
