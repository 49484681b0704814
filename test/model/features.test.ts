/** Features: a table without contradictions, and what a driver advertises of it. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type AdvertisedFeatures, type Feature, features, featuresOf } from '../../src/model/features.ts'
import type { Parameter } from '../../src/model/parameter.ts'

const table: readonly Feature[] = features
const collections = [...new Set(table.map(feature => feature.collection))]

/** What stands more than once. */
const repeated = (list: readonly string[]): string[] => list.filter((item, i) => list.indexOf(item) !== i)

t.test('a feature is named once in its collection', async t => {
  t.same(repeated(table.map(feature => `${feature.collection}/${feature.name}`)), [])
})

t.test('no two features add the same parameter to one operation', async t => {
  t.same(
    repeated(table.flatMap(({ collection, operation, parameters }) => parameters.map(p => `${collection}/${operation}/${p.name}`))),
    [],
  )
})

t.test('a numbered parameter can’t be taken for another one of its operation', async t => {
  for (const { collection, operation, parameters } of table) {
    const others = table.filter(f => f.collection === collection && f.operation === operation).flatMap(f => f.parameters)
    for (const parameter of parameters.filter(p => p.numbered === true)) {
      t.same(
        others.filter(other => other !== parameter && new RegExp(`^${parameter.name}\\d+$`).test(other.name)),
        [],
        parameter.name,
      )
    }
  }
})

t.test('every feature adds a parameter; all may be left out and say what they are for', async t => {
  for (const feature of table) {
    t.ok(feature.parameters.length > 0, feature.name)
    t.ok(feature.doc.length > 0, feature.name)
    for (const parameter of feature.parameters) {
      t.equal(parameter.required, false, parameter.name)
      t.ok(parameter.doc.length > 0, parameter.name)
    }
  }
})

t.test('secrets are marked as such', async t => {
  const secret = (parameters: readonly Parameter[]): string[] => parameters.filter(p => p.secret === true).map(p => p.name)
  const all = secret(table.flatMap(feature => [...feature.parameters]))
  t.ok(['password', 'user_data', 'content1', 'content5'].every(name => all.includes(name)))
})

t.test('what a driver advertises comes in the order of the table, with its constraints, and nothing else does', async () => {
  const constraints = fc.dictionary(fc.constantFrom('max_length', 'size'), fc.oneof(fc.nat(), fc.string()))
  const name = fc.constantFrom(...table.map(feature => feature.name), 'user_Data', 'hardware_profiles', 'constructor')
  const advertised: fc.Arbitrary<AdvertisedFeatures> = fc.dictionary(
    fc.constantFrom(...collections, 'realms'),
    fc.dictionary(name, constraints),
  )
  fc.assert(
    fc.property(advertised, advertised => {
      for (const collection of [...collections, 'realms', 'constructor', '__proto__']) {
        const own = Object.entries(advertised).find(([name]) => name === collection)?.[1] ?? {}
        const expected = table.filter(feature => feature.collection === collection && Object.keys(own).includes(feature.name))
        const found = featuresOf(advertised, collection)
        assert.deepEqual(
          found.map(({ feature }) => feature),
          expected,
        )
        for (const { feature, constraints } of found) assert.equal(constraints, own[feature.name])
      }
    }),
  )
})

t.test('two collections may have a feature of one name, which are told apart', async t => {
  const advertised: AdvertisedFeatures = { images: { user_name: {} }, instances: { user_name: { max_length: 50 } } }
  t.same(featuresOf(advertised, 'images'), [])
  t.match(featuresOf(advertised, 'instances'), [
    { feature: { collection: 'instances', name: 'user_name' }, constraints: { max_length: 50 } },
  ])
})
