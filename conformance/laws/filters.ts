/** Laws F1 to F4: a filtered list is the whole list, selected from. */

import fc from 'fast-check'
import type { Offer } from '../../src/drivers/driver.ts'
import { type CloudUnderTest, hold, Inconclusive } from '../cloud-under-test.ts'
import { type Item, read, readIndex, readResource, readXmlIndex } from '../documents/read.ts'
import { type Commands, commands, follow } from '../generators/commands.ts'
import { graphemes } from '../generators/text.ts'
import { askIndex, askResource, isSame, pickNth } from './asking.ts'
import { type Law, law, type Setting } from './law.ts'

type Select = (item: Item, value: string, cloud: CloudUnderTest) => boolean

const byOwner: Select = (item, value, cloud) => read(item, 'owner') === (value === 'self' ? callerIn(cloud) : value)

/** As owners are named: an account of OpenStack is `user+project`, and what is there is the user's. */
const callerIn = ({ credentials }: CloudUnderTest): string | undefined => credentials.user.split('+')[0]

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

/** Filters that are there only where a feature is advertised. */
const featured: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  images: { owner_id: 'owner_id' },
  instances: { realm_id: 'realm_filter' },
}

const filtersOf = (collection: string, { features }: Offer): Readonly<Record<string, Select>> => {
  const own = Object.entries(Object.hasOwn(meanings, collection) ? (meanings[collection] ?? {}) : {})
  const isThere = (name: string): boolean => {
    const feature = featured[collection]?.[name]
    return feature === undefined || Object.hasOwn(features[collection] ?? {}, feature)
  }
  return { id: (item, value) => read(item, 'id') === value, ...Object.fromEntries(own.filter(([name]) => isThere(name))) }
}

interface Filtering {
  readonly history: Commands
  /** Which collection, and which filters of those it has; values are taken from what is there, or made up. */
  readonly collection: number
  readonly unknown: readonly (readonly [string, string])[]
  readonly filters: readonly { readonly filter: number; readonly value: string | number }[]
}

/** Names that no filter has. */
const unknownFilter = fc.tuple(
  graphemes.map(name => `x_${name}`),
  graphemes,
)

/** Nothing is called like this, and no cloud answers to it in a way of its own. */
const unheardOf = graphemes.map(text => `none-${text}`)

const filtering = (setting: Setting, constraints: { minLength: number; maxLength: number }): fc.Arbitrary<Filtering> =>
  fc.record({
    history: commands(setting),
    collection: fc.nat(99),
    unknown: fc.array(unknownFilter, { maxLength: 1 }),
    filters: fc.array(
      fc.record({
        filter: fc.nat(9),
        value: fc.oneof({ weight: 4, arbitrary: fc.nat(99) }, { weight: 1, arbitrary: graphemes }),
      }),
      constraints,
    ),
  })

/** The filters as they go out: names, and values that resources have, or nobody has. */
const resolveFilters = (
  cloud: CloudUnderTest,
  items: readonly Item[],
  collection: string,
  filters: Filtering['filters'],
): [string, string][] =>
  filters.flatMap(({ filter, value }): [string, string][] => {
    const name = pickNth(Object.keys(filtersOf(collection, cloud.offer)), filter)
    if (name === undefined) return []
    if (typeof value === 'string') return [[name, value]]
    const found = pickNth(items, value)
    const there = {
      id: read(found, 'id'),
      owner_id: value % 3 === 0 ? 'self' : read(found, 'owner'),
      state: read(found, 'state'),
      realm_id: read(found, 'realm', 'id'),
    }
    const architecture = read(found, 'architecture') ?? read(found, 'property_details', 'architecture', 'value')
    const own = { ...there, architecture }[name] ?? ''
    // What is longer can't be asked for: no address holds three of them.
    return own.length > 400 ? [] : [[name, own]]
  })

const selectItems = (
  items: readonly Item[],
  collection: string,
  filters: readonly (readonly [string, string])[],
  cloud: CloudUnderTest,
): readonly Item[] => {
  const table = filtersOf(collection, cloud.offer)
  // Of several values of one name the last counts.
  return items.filter(item => [...new Map(filters)].every(([name, value]) => table[name]?.(item, value, cloud) ?? true))
}

const checkFilters = async (cloud: CloudUnderTest, { history, collection: which, filters }: Filtering): Promise<void> => {
  await follow(cloud, history)
  const collection = pickNth(cloud.collections, which)
  if (collection === undefined) return
  const everything = readIndex(await askIndex(cloud, collection, 'json'), collection)
  const asked = resolveFilters(cloud, everything, collection, filters)
  // Of mutated answers each is another: a driver that asks for one by its id gets what the list doesn't say, or nothing.
  if (cloud.source === 'M' && asked.some(([name]) => name === 'id')) throw new Inconclusive('the one is told by another answer')
  // Elsewhere than over our frontends such a filter finds what the whole list doesn't have.
  const selects: readonly string[] = cloud.offer.operations[collection as 'images']?.selects ?? []
  if (cloud.source !== 'T' && asked.some(([name]) => selects.includes(name)))
    throw new Inconclusive('what that means is the provider’s to say')
  const wanted = selectItems(everything, collection, asked, cloud)
  const got = readIndex(await askIndex(cloud, collection, 'json', asked), collection)
  hold(
    isSame(got, wanted),
    () => `The list of ${collection} with ${describeFilters(asked)} has ${ids(got)}, and should have ${ids(wanted)}`,
  )
  const kept = new Set(wanted.map(item => read(item, 'id')))
  const inOrder = readXmlIndex(await askIndex(cloud, collection, 'xml'), collection).map(element => element.attributes.get('id'))
  const inXml = readXmlIndex(await askIndex(cloud, collection, 'xml', asked), collection).map(element => element.attributes.get('id'))
  hold(
    isSame(
      inXml,
      inOrder.filter(id => kept.has(id)),
    ),
    () =>
      `As XML the list of ${collection} with ${describeFilters(asked)} has ${inXml.join(', ')}, and should have ${[...kept].join(', ')}`,
  )
}

const ids = (items: readonly Item[]): string => items.map(item => read(item, 'id')).join(', ') || 'nothing'
const describeFilters = (filters: readonly (readonly [string, string])[]): string =>
  filters.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' and ') || 'no filter'

const checkUnknown = async (cloud: CloudUnderTest, { collection: which, unknown }: Filtering): Promise<void> => {
  const collection = pickNth(cloud.collections, which)
  if (collection === undefined || unknown.length === 0) return
  const everything = readIndex(await askIndex(cloud, collection, 'json'), collection)
  const got = readIndex(await askIndex(cloud, collection, 'json', unknown), collection)
  hold(
    isSame(got, everything),
    () => `An unknown filter changes the list of ${collection}: it has ${ids(got)}, and without it ${ids(everything)}`,
  )
}

export const filterLaws: readonly Law[] = [
  law({
    id: 'F1',
    title: 'filter = select',
    says: 'A filtered list equals the unfiltered one with the predicate applied, in the same order; an unknown filter name is ignored; `owner_id=self` is the caller.',
    family: 'filters',
    sources: ['R', 'M', 'T', 'L'],
    question: setting => filtering(setting, { minLength: 1, maxLength: 1 }),
    async check(cloud, question) {
      await checkFilters(cloud, question)
      await checkUnknown(cloud, question)
    },
  }),
  law({
    id: 'F2',
    title: 'nothing found',
    says: 'An unknown value gives an empty list, not an error.',
    family: 'filters',
    sources: ['R', 'M', 'T', 'L'],
    question: () => fc.record({ collection: fc.nat(99), filter: fc.nat(9), value: unheardOf }),
    async check(cloud, { collection: which, filter, value }) {
      const collection = pickNth(cloud.collections, which)
      const name = collection === undefined ? undefined : pickNth(Object.keys(filtersOf(collection, cloud.offer)), filter)
      if (collection === undefined || name === undefined) throw new Inconclusive('there is nothing to filter')
      for (const format of ['json', 'xml'] as const) {
        const answer = await askIndex(cloud, collection, format, [[name, value]])
        const found = format === 'json' ? readIndex(answer, collection) : readXmlIndex(answer, collection)
        hold(found.length === 0, () => `${collection} with ${name}=${JSON.stringify(value)}, which nothing has, are ${found.length}`)
      }
    },
  }),
  law({
    id: 'F3',
    title: 'filters compose',
    says: 'Two filters together select the intersection.',
    family: 'filters',
    sources: ['M', 'T', 'L'],
    question: setting => filtering(setting, { minLength: 2, maxLength: 3 }),
    check: checkFilters,
  }),
  law({
    id: 'F4',
    title: 'id filter = show',
    says: '`?id=x` has at most one element and it equals `/x`.',
    family: 'filters',
    sources: ['R', 'T', 'L'],
    question: setting =>
      fc.record({
        history: commands(setting),
        collection: fc.nat(99),
        which: fc.nat(99),
        other: fc.oneof(fc.constant(undefined), unheardOf),
      }),
    async check(cloud, { history, collection: n, which, other }) {
      await follow(cloud, history)
      const collection = pickNth(cloud.collections, n)
      if (collection === undefined) throw new Inconclusive('there is nothing to filter')
      const id = other ?? read(pickNth(readIndex(await askIndex(cloud, collection, 'json'), collection), which), 'id')
      if (id === undefined) throw new Inconclusive('there is nothing to show')
      const found = readIndex(await askIndex(cloud, collection, 'json', [['id', id]]), collection)
      const one = await askResource(cloud, collection, id, 'json')
      hold(found.length <= 1, () => `${collection} with id=${JSON.stringify(id)} are ${found.length}`)
      hold(
        one.status === (found.length === 0 ? 404 : 200),
        () => `${collection}/${id} is answered with ${one.status}, and the filter finds ${found.length}`,
      )
      const [element] = found
      if (element !== undefined)
        hold(read(readResource(one), 'id') === read(element, 'id'), () => `${collection}/${id} is another than the filter finds`)
    },
  }),
]
