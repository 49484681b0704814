/** The cache of sessions: one making for all who ask, within its bounds, for as long as it lasts. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { orAborted } from '../../src/drivers/aborting.ts'
import { createSessionCache, sessionKey } from '../../src/drivers/sessions.ts'
import { CloudError, unauthenticated } from '../../src/model/errors.ts'
import { turns } from './provider.ts'

const patient = new AbortController().signal

/** A promise that the test settles when it likes. */
const made = () => Promise.withResolvers<{ value: string; expires: number }>()

t.test('callers at the same time share one making', async t => {
  const cache = createSessionCache({ limit: 10, now: () => 0 })
  const token = made()
  let makings = 0
  const ask = () =>
    cache.remember(
      'k',
      () => {
        makings++
        return token.promise
      },
      patient,
    )
  const all = Promise.all([ask(), ask(), ask()])
  token.resolve({ value: 'token', expires: 1 })
  t.same(await all, ['token', 'token', 'token'])
  t.equal(await ask(), 'token')
  t.equal(makings, 1)
})

t.test('a making that the cloud refused is refused for all who waited, and not kept', async t => {
  const cache = createSessionCache({ limit: 10, now: () => 0 })
  const token = made()
  let makings = 0
  const ask = () =>
    cache.remember(
      'k',
      () => {
        makings++
        return makings === 1 ? token.promise : Promise.resolve({ value: 'second', expires: 1 })
      },
      patient,
    )
  const both = Promise.allSettled([ask(), ask()])
  const refusal = unauthenticated()
  token.reject(refusal)
  t.same(
    (await both).map(settled => (settled.status === 'rejected' ? settled.reason === refusal : undefined)),
    [true, true],
  )
  t.equal(makings, 1)
  t.equal(await ask(), 'second')
})

t.test('one who waited on a client that left makes the value for all that are still there', async t => {
  const cache = createSessionCache({ limit: 10, now: () => 0 })
  const leaving = new AbortController()
  let makings = 0
  const make = (): Promise<{ value: string; expires: number }> => {
    makings++
    return Promise.resolve({ value: 'theirs', expires: 1 })
  }
  const left = cache.remember('k', () => orAborted(leaving.signal, made().promise), leaving.signal)
  const others = Promise.all([cache.remember('k', make, patient), cache.remember('k', make, patient)])
  const gone = new CloudError('provider-timeout', 'The time is over')
  leaving.abort(gone)
  await t.rejects(left, gone)
  t.same(await others, ['theirs', 'theirs'])
  t.equal(makings, 1)
})

t.test('one who leaves while another makes the value takes nothing along', async t => {
  const cache = createSessionCache({ limit: 10, now: () => 0 })
  const token = made()
  const leaving = new AbortController()
  const stays = cache.remember('k', () => token.promise, patient)
  const leaves = cache.remember('k', async () => assert.fail('made twice'), leaving.signal)
  const gone = new Error('The client has gone')
  leaving.abort(gone)
  await t.rejects(leaves, gone)
  await t.rejects(
    cache.remember('other', async () => assert.fail('made for one who has gone'), leaving.signal),
    gone,
  )
  token.resolve({ value: 'token', expires: 1 })
  t.equal(await stays, 'token')
})

t.test('a value that is forgotten while it is made reaches those who asked, and nobody later', async t => {
  const cache = createSessionCache({ limit: 10, now: () => 0 })
  const token = made()
  const asked = cache.remember('k', () => token.promise, patient)
  cache.forget('k')
  const second = cache.remember('k', async () => ({ value: 'second', expires: 1 }), patient)
  t.equal(await second, 'second')
  token.resolve({ value: 'first', expires: 1 })
  t.equal(await asked, 'first')
  t.equal(await cache.remember('k', async () => assert.fail('made again'), patient), 'second')
})

t.test('a forgotten making that fails later takes nothing along', async t => {
  const cache = createSessionCache({ limit: 10, now: () => 0 })
  const token = made()
  const asked = cache.remember('k', () => token.promise, patient)
  cache.forget('k')
  await cache.remember('k', async () => ({ value: 'second', expires: 1 }), patient)
  token.reject(unauthenticated())
  await t.rejects(asked)
  t.equal(await cache.remember('k', async () => assert.fail('made again'), patient), 'second')
})

t.test('a `make` that throws at once is a failed making like others', async t => {
  const cache = createSessionCache({ limit: 10, now: () => 0 })
  const broken = new Error('broken')
  await t.rejects(
    cache.remember(
      'k',
      () => {
        throw broken
      },
      patient,
    ),
    broken,
  )
  t.equal(await cache.remember('k', async () => ({ value: 'good', expires: 1 }), patient), 'good')
})

t.test('it behaves like a list of the last used that are not over', async () => {
  const command = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('ask' as const),
        key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        lasts: fc.constantFrom(0, 3, 50, 50, 50),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), key: fc.constantFrom('a', 'b', 'c') }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), time: fc.integer({ min: 1, max: 4 }) }) },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(command, { minLength: 10, maxLength: 40, size: 'max' }),
      async (limit, commands) => {
        let now = 100
        let number = 0
        // The youngest use first.
        let kept: { key: string; value: number; expires: number }[] = []
        const cache = createSessionCache({ limit, now: () => now })
        for (const command of commands) {
          if (command.do === 'wait') now += command.time
          else if (command.do === 'forget') {
            cache.forget(command.key)
            kept = kept.filter(entry => entry.key !== command.key)
          } else {
            const fresh = { key: command.key, value: ++number, expires: now + command.lasts }
            const found = kept.find(entry => entry.key === command.key && entry.expires > now)
            const expected = found ?? fresh
            assert.equal(await cache.remember(command.key, async () => fresh, patient), expected.value)
            kept = [expected, ...kept.filter(entry => entry.key !== command.key)].slice(0, limit)
            if (expected.expires <= now) kept.shift()
          }
        }
      },
    ),
    { numRuns: 500 },
  )
})

t.test('what is being made counts: thousands of callers at once keep no more than the limit', async t => {
  const cache = createSessionCache({ limit: 5, now: () => 0 })
  let makings = 0
  const ask = (key: number) =>
    cache.remember(
      String(key),
      async () => {
        makings++
        await turns(1)
        return { value: key, expires: 1 }
      },
      patient,
    )
  const keys = Array.from({ length: 2000 }, (_, i) => i)
  t.same(await Promise.all(keys.map(ask)), keys)
  for (const key of keys.slice(-5)) await ask(key)
  t.equal(makings, 2000)
  await ask(0)
  t.equal(makings, 2001)
})

t.test('a key tells worlds, drivers, providers and credentials apart, and has nothing of the credentials in it', async () => {
  const credentials = fc.option(fc.record({ user: fc.string({ minLength: 4 }), password: fc.string({ minLength: 4, unit: 'binary' }) }), {
    nil: undefined,
  })
  const tuple = fc.tuple(fc.string(), fc.string(), fc.option(fc.string(), { nil: undefined }), credentials)
  fc.assert(
    fc.property(tuple, tuple, (a, b) => {
      assert.equal(sessionKey(...a), sessionKey(...a))
      assert.equal(sessionKey(...a) === sessionKey(...b), JSON.stringify(a) === JSON.stringify(b))
    }),
  )
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (user, password) => {
      const key = sessionKey('default', 'mock', undefined, { user, password })
      for (const secret of [user, password]) {
        for (const coding of ['utf8', 'hex', 'base64', 'base64url'] as const) assert.ok(!key.includes(Buffer.from(secret).toString(coding)))
      }
    }),
  )
  assert.notEqual(sessionKey('w', 'd', 'p', { user: 'ab', password: 'c' }), sessionKey('w', 'd', 'p', { user: 'a', password: 'bc' }))
  assert.notEqual(sessionKey('w', 'd', 'p', undefined), sessionKey('w', 'd', 'p', { user: '', password: '' }))
  assert.notEqual(sessionKey('w', 'd', undefined, undefined), sessionKey('w', 'd', 'null', undefined))
})
