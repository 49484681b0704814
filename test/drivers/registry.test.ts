/** The list of drivers, and what it offers to someone who mistyped. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type AnyDriver, Registry } from '../../src/drivers/registry.ts'

const driver = (id: string): AnyDriver => ({
  id,
  name: id,
  credentials: { user: 'User', password: 'Password' },
  entrypoints: {},
  offer: () => ({ features: {}, operations: {} }),
  connect: async () => undefined,
})

const ids = ['rhevm', 'ec2', 'openstack', 'mock', 'opennebula', 'azure', 'vsphere', 'google', 'eucalyptus']
const registry = new Registry(ids.map(driver))

t.test('drivers are listed by id, whatever order they came in', async t => {
  const expected = [...ids].sort()
  t.same(
    registry.all().map(d => d.id),
    expected,
  )
  t.same(
    new Registry(ids.toReversed().map(driver)).all().map(d => d.id),
    expected,
  )
  t.same(new Registry([]).all(), [])
})

t.test('a driver is found by its id alone', async t => {
  t.equal(registry.get('ec2')?.id, 'ec2')
  for (const id of ['EC2', '', 'ec', 'constructor', '__proto__']) t.equal(registry.get(id), undefined, id)
})

t.test('a slip of one letter, and any case, still finds the driver', async () => {
  const slip = fc.tuple(
    fc.constantFrom(...ids),
    fc.constantFrom('insert', 'drop', 'change', 'none'),
    fc.nat(20),
    fc.constantFrom(...'abcxyz019-'),
  )
  fc.assert(
    fc.property(slip, fc.boolean(), ([id, how, at, letter], loud) => {
      const i = at % id.length
      const typed = {
        insert: id.slice(0, i) + letter + id.slice(i),
        drop: id.slice(0, i) + id.slice(i + 1),
        change: id.slice(0, i) + letter + id.slice(i + 1),
        none: id,
      }[how]
      const near = registry.near(loud ? typed.toUpperCase() : typed)
      assert.ok(near.includes(id), `${typed}: ${near.join(', ')}`)
      if (how === 'none') assert.equal(near[0], id)
    }),
  )
})

t.test('the beginning of a name finds it', async t => {
  t.equal(registry.near('euca')[0], 'eucalyptus')
  t.same(registry.near('open').toSorted(), ['opennebula', 'openstack'])
})

t.test('what is near nothing finds nothing, and never more than three are offered', async t => {
  for (const typed of ['', 'kubernetes', 'x'.repeat(100_000), '日本語日本語']) t.same(registry.near(typed), [], typed.slice(0, 20))
  const many = new Registry(['mock1', 'mock2', 'mock3', 'mock4', 'mock5'].map(driver))
  t.equal(many.near('mock').length, 3)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), typed => {
      const near = registry.near(typed)
      assert.ok(near.length <= 3 && near.every(id => ids.includes(id)))
    }),
  )
})
