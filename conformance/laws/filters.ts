/** Laws F1 to F4: a filtered list is the whole list, selected from. */

import fc from 'fast-check'
import { type Item, listed, listedInXml, read } from '../documents/read.ts'
import { type Commands, commands, follow } from '../generators/commands.ts'
import { hold, type Site } from '../site.ts'
import { index } from './asking.ts'
import { type Law, law, type Setting } from './law.ts'

type Select = (item: Item, value: string, site: Site) => boolean

const byOwner: Select = (item, value, site) => read(item, 'owner') === (value === 'self' ? site.credentials.user : value)

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

const filtersOf = (collection: string): Readonly<Record<string, Select>> => ({
  id: (item, value) => read(item, 'id') === value,
  ...(Object.hasOwn(meanings, collection) ? meanings[collection] : {}),
})

interface Filtering {
  readonly history: Commands
  /** Which collection, and which filters of those it has; values are taken from what is there, or made up. */
  readonly collection: number
  readonly filters: readonly { readonly filter: number; readonly value: string | number }[]
}

const filtering = (setting: Setting, constraints: { minLength: number; maxLength: number }): fc.Arbitrary<Filtering> =>
  fc.record({
    history: commands(setting),
    collection: fc.nat(99),
    filters: fc.array(
      fc.record({
        filter: fc.nat(9),
        value: fc.oneof({ weight: 4, arbitrary: fc.nat(99) }, { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) }),
      }),
      constraints,
    ),
  })

/** Chosen by a number that was generated before it was known what there is. */
export const chosen = <T>(from: readonly T[], n: number): T | undefined => from[n % Math.max(1, from.length)]

/** The filters as they go out: names, and values that resources have, or nobody has. */
const meant = (items: readonly Item[], collection: string, filters: Filtering['filters']): [string, string][] =>
  filters.flatMap(({ filter, value }): [string, string][] => {
    const name = chosen(Object.keys(filtersOf(collection)), filter)
    if (name === undefined) return []
    if (typeof value === 'string') return [[name, value]]
    const found = chosen(items, value)
    const there = {
      id: read(found, 'id'),
      owner_id: value % 3 === 0 ? 'self' : read(found, 'owner'),
      state: read(found, 'state'),
      realm_id: read(found, 'realm', 'id'),
    }
    const architecture = read(found, 'architecture') ?? read(found, 'property_details', 'architecture', 'value')
    return [[name, { ...there, architecture }[name] ?? '']]
  })

const selected = (
  items: readonly Item[],
  collection: string,
  filters: readonly (readonly [string, string])[],
  site: Site,
): readonly Item[] => {
  const table = filtersOf(collection)
  // Of several values of one name the last counts.
  return items.filter(item => [...new Map(filters)].every(([name, value]) => table[name]?.(item, value, site) ?? true))
}

const checkFilters = async (site: Site, { history, collection: which, filters }: Filtering): Promise<void> => {
  await follow(site, history)
  const collection = chosen(site.collections, which)
  if (collection === undefined) return
  const everything = listed(await index(site, collection, 'json'), collection)
  const asked = meant(everything, collection, filters)
  const wanted = selected(everything, collection, asked, site)
  const got = listed(await index(site, collection, 'json', asked), collection)
  hold(same(got, wanted), () => `The list of ${collection} with ${inWords(asked)} has ${ids(got)}, and should have ${ids(wanted)}`)
  const kept = new Set(wanted.map(item => read(item, 'id')))
  const inOrder = listedInXml(await index(site, collection, 'xml'), collection).map(element => element.attributes.get('id'))
  const inXml = listedInXml(await index(site, collection, 'xml', asked), collection).map(element => element.attributes.get('id'))
  hold(
    same(
      inXml,
      inOrder.filter(id => kept.has(id)),
    ),
    () => `As XML the list of ${collection} with ${inWords(asked)} has ${inXml.join(', ')}, and should have ${[...kept].join(', ')}`,
  )
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const ids = (items: readonly Item[]): string => items.map(item => read(item, 'id')).join(', ') || 'nothing'
const inWords = (filters: readonly (readonly [string, string])[]): string =>
  filters.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' and ') || 'no filter'

export const filterLaws: readonly Law[] = [
  law({
    id: 'F1',
    title: 'filter = select',
    says: 'A filtered list equals the unfiltered one with the predicate applied, in the same order; an unknown filter name is ignored; `owner_id=self` is the caller.',
    family: 'filters',
    sources: ['R', 'M', 'T', 'L'],
    question: setting => filtering(setting, { minLength: 1, maxLength: 1 }),
    check: checkFilters,
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
]
