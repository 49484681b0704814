/** The contract's own functions: binding a table of operations to a session, and asking it. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { bind, find, type Listing, type Operations, offers } from '../../src/drivers/driver.ts'
import { notFound } from '../../src/model/errors.ts'
import type { Instance, Realm } from '../../src/model/resources.ts'

interface Session {
  readonly user: string
}

const instance = (id: string): Instance => ({ id, state: 'running', publicAddresses: [], privateAddresses: [], storageVolumes: [] })

const calls: unknown[] = []
const table: Operations<Session> = {
  realms: { list: async session => [{ id: `realm of ${session.user}` }] },
  instances: {
    list: async (session, filter) => {
      calls.push([session.user, filter])
      return [instance('i1')]
    },
    start: async (session, id) => {
      calls.push([session.user, id])
      return instance(id)
    },
    destroy: async (_session, id) => {
      throw notFound(id)
    },
  },
  blobs: { get: async (session, bucket, id) => ({ id: `${session.user}/${bucket}/${id}`, bucketId: bucket, userMetadata: {} }) },
}
// What a registry holds: a session only ever travels back to the table that it was made for.
const operations = table as Operations<unknown>

t.test('a bound table calls its operations with the session before all other arguments', async t => {
  const cloud = bind(operations, { user: 'ann' })
  t.same(await cloud.realms?.list({}), [{ id: 'realm of ann' }])
  t.match(await cloud.instances?.start?.('i7'), { id: 'i7' })
  t.match(await cloud.blobs?.get('b', 'k'), { id: 'ann/b/k' })
  await cloud.instances?.list({ state: 'RUNNING' })
  t.same(calls, [
    ['ann', 'i7'],
    ['ann', { state: 'RUNNING' }],
  ])
})

t.test('clouds of one table keep their sessions apart', async t => {
  const [ann, bob] = [bind(operations, { user: 'ann' }), bind(operations, { user: 'bob' })]
  const listOfAnn = ann.realms?.list
  t.same(await bob.realms?.list({}), [{ id: 'realm of bob' }])
  t.same(await listOfAnn?.({}), [{ id: 'realm of ann' }])
})

t.test('a failure of an operation is the failure of the bound one', async t => {
  await t.rejects(Promise.resolve(bind(operations, { user: 'ann' }).instances?.destroy?.('i9')), { message: 'Not Found' })
})

t.test('what is not in the table is not in the cloud', async t => {
  const cloud = bind(operations, { user: 'ann' })
  t.equal(cloud.images, undefined)
  t.equal(cloud.instances?.stop, undefined)
  t.equal(cloud.instances?.get, undefined)
  t.same(Object.keys(cloud.instances ?? {}), ['list', 'start', 'destroy'])
})

t.test('a table offers exactly what stands in it', async t => {
  t.equal(offers(operations, 'instances', 'start'), true)
  t.equal(offers(operations, 'blobs', 'get'), true)
  for (const name of ['stop', 'toString', 'constructor', '__proto__', '']) t.equal(offers(operations, 'instances', name), false, name)
  t.equal(offers(operations, 'images', 'list'), false)
  t.equal(offers({}, 'instances', 'list'), false)
})

t.test('a resource is found by the call that the driver has for it, else in its list', async () => {
  const realms = fc.uniqueArray(fc.record({ id: fc.string(), name: fc.string() }), { selector: realm => realm.id })
  await fc.assert(
    fc.asyncProperty(realms, fc.string(), fc.nat(), async (all, other, n) => {
      const id = n % 2 === 0 ? other : (all[n % Math.max(1, all.length)]?.id ?? other)
      const expected = all.find(realm => realm.id === id)
      // A filter is a hint: one driver pushes it down, another doesn't look at it.
      const lists: Listing<Session, Realm>[] = [
        { list: async () => all },
        { list: async (_session, filter) => all.filter(realm => filter.id === undefined || realm.id === filter.id) },
      ]
      for (const listing of lists) assert.equal(await find(listing, { user: 'ann' }, id), expected)
      const direct: Listing<Session, Realm> = {
        list: () => assert.fail('listed'),
        get: async (session, id) => (session.user === 'ann' ? all.find(realm => realm.id === id) : undefined),
      }
      assert.equal(await find(direct, { user: 'ann' }, id), expected)
    }),
  )
})
