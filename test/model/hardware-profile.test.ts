/** Hardware profiles: what may be chosen, what a filter finds, and their order. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import {
  accepts,
  bySize,
  defaultOf,
  enumeration,
  fixed,
  type HardwareProfile,
  includes,
  type Property,
  type PropertyName,
  type PropertyValue,
  propertyNames,
  propertyOf,
  range,
  readValue,
  units,
} from '../../src/model/hardware-profile.ts'

const label = fc.constantFrom('i386', 'x86_64', '', '1 GB', '10', '1.5')
const count = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0.5, 1.5, 1740.8))
const value: fc.Arbitrary<PropertyValue> = fc.oneof(count, label)
const name = fc.constantFrom(...propertyNames)

const property: fc.Arbitrary<Property> = fc.oneof(
  fc.tuple(name, value).map(([name, value]) => fixed(name, value)),
  fc
    .tuple(name, count, count, fc.nat(10))
    .map(([name, a, b, n]) => range(name, Math.min(a, b), Math.max(a, b), Math.min(a, b) + (Math.abs(a - b) * n) / 10)),
  fc
    .tuple(name, fc.array(value, { minLength: 1, maxLength: 4 }), fc.nat())
    .map(([name, values, n]) => enumeration(name, values, values[n % values.length])),
)

const profileOf = (...properties: Property[]): HardwareProfile => ({ id: 'p', properties })

const profile: fc.Arbitrary<HardwareProfile> = fc.record({
  id: fc.string(),
  properties: fc.uniqueArray(property, { selector: p => p.name, maxLength: 5 }),
})

t.test('the default of a property is one of its values', async () => {
  fc.assert(
    fc.property(property, property => {
      assert.ok(includes(profileOf(property), property.name, defaultOf(property)))
      assert.ok(accepts(property, String(defaultOf(property))))
    }),
  )
})

t.test('a range starts at its first value and an enumeration at its first, unless they say otherwise', async t => {
  t.equal(defaultOf(range('memory', 512, 1024)), 512)
  t.equal(defaultOf(range('memory', 512, 1024, 768)), 768)
  t.equal(defaultOf(enumeration('storage', [850, 1024])), 850)
  t.equal(defaultOf(enumeration('storage', [850, 1024], 1024)), 1024)
  t.throws(() => enumeration('storage', []), TypeError)
})

t.test('what a filter finds is what the profile can have', async () => {
  fc.assert(
    fc.property(profile, name, value, (profile, name, value) => {
      const property = profile.properties.find(p => p.name === name)
      const expected =
        property !== undefined &&
        (property.kind === 'fixed'
          ? property.value === value
          : property.kind === 'range'
            ? typeof value === 'number' && property.first <= value && value <= property.last
            : property.values.includes(value))
      assert.equal(includes(profile, name, value), expected)
      assert.equal(propertyOf(profile, name), property)
    }),
  )
})

t.test('what may be submitted for a range or an enumeration is the text of what it includes', async () => {
  fc.assert(
    fc.property(property, value, (property, value) => {
      fc.pre(property.kind !== 'fixed')
      // A label of digits reads like the number, in a form there is no difference.
      const same = [value, readValue(String(value)), String(value)]
      const included = same.some(v => includes(profileOf(property), property.name, v))
      assert.equal(accepts(property, String(value)), included)
    }),
  )
})

t.test('a fixed property takes anything and keeps its value: a form submits the fields of all profiles at once', async () => {
  fc.assert(fc.property(name, value, fc.string(), (name, value, text) => assert.equal(accepts(fixed(name, value), text), true)))
})

t.test('text that is no number is never in a range', async t => {
  for (const text of ['', ' 5', '5 ', '-5', '+5', '5.', '.5', '1e1', '0x5', '5,5', 'NaN', 'Infinity', '٥'])
    t.equal(accepts(range('cpu', -100, 100), text), false, text)
  for (const text of ['5', '05', '5.0', '5.25']) t.equal(accepts(range('cpu', 1, 6), text), true, text)
})

t.test('submitted digits are a number, all else is text', async () => {
  fc.assert(fc.property(fc.integer({ min: 0 }), n => assert.equal(readValue(String(n)), n)))
  fc.assert(fc.property(fc.nat(9999), fc.nat(99), (n, d) => assert.equal(readValue(`${n}.${d}`), Number(`${n}.${d}`))))
  fc.assert(
    fc.property(fc.string(), text => {
      if (!/^[0-9]+(\.[0-9]+)?$/.test(text)) assert.equal(readValue(text), text)
    }),
  )
})

t.test('an index is ordered by cpu, then memory; profiles without either come last as they were', async () => {
  const size = (profile: HardwareProfile, name: PropertyName): number => {
    const property = propertyOf(profile, name)
    return property === undefined ? Number.NaN : Number(defaultOf(property))
  }
  const isSized = (profile: HardwareProfile): boolean => !Number.isNaN(size(profile, 'cpu')) && !Number.isNaN(size(profile, 'memory'))
  fc.assert(
    fc.property(fc.array(profile, { maxLength: 8 }), profiles => {
      const before = [...profiles]
      const sorted = bySize(profiles)
      assert.deepEqual(profiles, before, 'the list given was changed')
      assert.equal(sorted.length, profiles.length)
      assert.deepEqual(new Set(sorted), new Set(profiles))
      const sized = sorted.filter(isSized)
      assert.deepEqual(sorted, [...sized, ...profiles.filter(p => !isSized(p))])
      for (const [i, profile] of sized.entries()) {
        const next = sized[i + 1]
        if (next === undefined) continue
        const [cpu, memory] = [size(profile, 'cpu') - size(next, 'cpu'), size(profile, 'memory') - size(next, 'memory')]
        assert.ok(cpu < 0 || (cpu === 0 && memory <= 0))
        if (cpu === 0 && memory === 0) assert.ok(profiles.indexOf(profile) < profiles.lastIndexOf(next), 'equal ones changed places')
      }
    }),
  )
})

t.test('every property has its unit, and the root type has none', async t => {
  t.same(units, { cpu: 'count', memory: 'MB', storage: 'GB', architecture: 'label', root_type: undefined })
  t.same(Object.keys(units), propertyNames)
})
