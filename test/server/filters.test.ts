/** Laws F1 to F4: a filtered list is the whole list, selected from. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { at, readXml } from '../../conformance/documents/xml.ts'
import { listedCollections, populate } from '../support/population.ts'
import { type Client, type InProcess, inProcess, runs } from '../support/server.ts'

type Item = Readonly<Record<string, unknown>>

const isItem = (value: unknown): value is Item => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a path of keys, as text; undefined where there is none. */
const read = (item: unknown, ...path: readonly string[]): string | undefined => {
  const [key, ...rest] = path
  if (key === undefined) return item === undefined || item === null ? undefined : String(item)
  return isItem(item) ? read(item[key], ...rest) : undefined
}

type Select = (item: Item, value: string) => boolean

const byId: Select = (item, value) => read(item, 'id') === value
const byOwner: Select = (item, value) => read(item, 'owner') === (value === 'self' ? 'mockuser' : value)

/** What each filter means, beside `id`, which every collection has. */
const meanings: Readonly<Record<string, Readonly<Record<string, Select>>>> = {
  images: { architecture: (item, value) => read(item, 'architecture') === value, owner_id: byOwner },
  instances: {
    state: (item, value) => read(item, 'state') === value,
    owner_id: byOwner,
    realm_id: (item, value) => read(item, 'realm', 'id') === value,
  },
  hardware_profiles: { architecture: (item, value) => read(item, 'property_details', 'architecture', 'value') === value },
}

const filtersOf = (collection: string): Readonly<Record<string, Select>> => ({ id: byId, ...meanings[collection] })

/** Values that resources have, those that only look so, and those that nobody has. */
const usual = [
  'inst1',
  'img1',
  'us',
  'eu',
  'RUNNING',
  'running',
  'STOPPED',
  'PENDING',
  'i386',
  'x86_64',
  'self',
  'mockuser',
  'm1-large',
  'SELF',
  '',
]

const anyValue = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...usual) },
    // The ids of the original that stand for a fault answer with it, in a filter too.
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }).filter(text => !/^50\d$/.test(text)) },
  )

const query = (filters: readonly (readonly [string, string])[]): string =>
  filters.map(([name, value]) => `&${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('')

const list = async (client: Client, target: string, collection: string): Promise<readonly Item[]> => {
  const answer = await client.ask(target)
  assert.equal(answer.status, 200, answer.text)
  const document: unknown = JSON.parse(answer.text)
  const found = isItem(document) ? document[collection] : undefined
  assert.ok(Array.isArray(found))
  return found.filter(isItem)
}

const idsInXml = async (client: Client, target: string): Promise<readonly (string | undefined)[]> => {
  const answer = await client.ask(target)
  assert.equal(answer.status, 200, answer.text)
  return readXml(answer.text).children.map(child => child.attributes.get('id'))
}

/** Names of a collection's filters, as OPTIONS says them. */
const named = async (client: Client, root: string, collection: string): Promise<readonly string[]> => {
  const { headers } = await client.ask({ method: 'OPTIONS', target: `${root}/${collection}/index` })
  return (headers.get('allow') ?? '').split(',').map(parameter => parameter.split(':')[0] ?? '')
}

/** A cloud in which nothing moves any more, so that every question gets the same answer. */
const still = async (root: string): Promise<InProcess> => {
  const cloud = await inProcess()
  await populate(cloud, ['one', 'two', 'three', 'four'], root)
  await cloud.ask({ method: 'POST', target: `${root}/instances/inst2/stop` })
  await cloud.ask({ method: 'POST', target: `${root}/instances`, json: { image_id: 'img2', realm_id: 'eu' } })
  return cloud
}

for (const provider of ['default', 'classic']) {
  const root = `/api;provider=${provider}`

  t.test(`at the provider ${provider}`, async t => {
    const cloud = await still(root)
    t.teardown(() => cloud.close())
    const collections = (await listedCollections(cloud, root)).filter(name => name !== 'drivers' && name !== 'instance_states')

    t.test('the filters that OPTIONS names are those that these laws know', async t => {
      for (const collection of collections) {
        t.same([...(await named(cloud, root, collection))].sort(), Object.keys(filtersOf(collection)).sort(), collection)
      }
    })

    t.test('any filters together select the intersection, in the order of the whole list', async () => {
      const question = fc.constantFrom(...collections).chain(collection =>
        fc.record({
          collection: fc.constant(collection),
          filters: fc.array(fc.tuple(fc.constantFrom(...Object.keys(filtersOf(collection))), anyValue()), { minLength: 1, maxLength: 3 }),
        }),
      )
      await fc.assert(
        fc.asyncProperty(question, async ({ collection, filters }) => {
          const everything = await list(cloud, `${root}/${collection}?format=json`, collection)
          // Of several values of one name the last counts.
          const effective = [...new Map(filters)]
          const meaning = filtersOf(collection)
          const wanted = everything.filter(item => effective.every(([name, value]) => meaning[name]?.(item, value) === true))
          assert.deepEqual(await list(cloud, `${root}/${collection}?format=json${query(filters)}`, collection), wanted)
          const kept = new Set(wanted.map(item => item.id))
          const inOrder = (await idsInXml(cloud, `${root}/${collection}?format=xml`)).filter(id => kept.has(id))
          assert.deepEqual(await idsInXml(cloud, `${root}/${collection}?format=xml${query(filters)}`), inOrder)
        }),
        runs(60),
      )
    })

    t.test('a filter that nobody knows is ignored', async () => {
      const unknown = fc.tuple(
        fc.string().map(name => `x_${name}`),
        fc.string(),
      )
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...collections),
          fc.array(unknown, { minLength: 1, maxLength: 3 }),
          async (collection, filters) => {
            const everything = await list(cloud, `${root}/${collection}?format=json`, collection)
            assert.deepEqual(await list(cloud, `${root}/${collection}?format=json${query(filters)}`, collection), everything)
          },
        ),
        runs(20),
      )
    })

    t.test('a filter by id finds what the id itself leads to, and nothing else', async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...collections), anyValue(), fc.nat(), async (collection, other, n) => {
          const everything = await list(cloud, `${root}/${collection}?format=json`, collection)
          for (const id of [other, String(everything[n % everything.length]?.id ?? other)]) {
            if (id === '' || id === '.' || id === '..') continue
            const shown = await cloud.ask(`${root}/${collection}/${encodeURIComponent(id)}?format=xml`)
            const found = readXml((await cloud.ask(`${root}/${collection}?format=xml&id=${encodeURIComponent(id)}`)).text).children
            if (shown.status === 404) assert.deepEqual(found, [])
            // Samples of a metric stand only in its own document.
            else if (collection === 'metrics') assert.deepEqual([...(found[0]?.attributes ?? [])], [...readXml(shown.text).attributes])
            else assert.deepEqual(found, [readXml(shown.text)])
          }
        }),
        runs(30),
      )
    })

    t.test('the caller’s own resources are those whose owner is the caller', async t => {
      for (const collection of ['images', 'instances']) {
        const self = await list(cloud, `${root}/${collection}?format=json&owner_id=self`, collection)
        t.same(self, await list(cloud, `${root}/${collection}?format=json&owner_id=mockuser`, collection))
        t.ok(self.length > 0, `the caller owns some ${collection}`)
      }
      t.same(at(readXml((await cloud.ask(`${root}/images?format=xml&owner_id=nobody`)).text), 'image'), [])
    })
  })
}
