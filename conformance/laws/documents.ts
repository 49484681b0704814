/** Laws D1 to D5: documents say the same in every format, lead where they say, and hold any text. */

import fc from 'fast-check'
import type { Answer } from '../client.ts'
import { type CloudUnderTest, hold, Inconclusive } from '../cloud-under-test.ts'
import { differences } from '../documents/facts.ts'
import { isItem, itemsAt, jsonOf, read, readIndex, readResource, readXmlIndex, xmlOf } from '../documents/read.ts'
import type { Element } from '../documents/xml.ts'
import { commands, follow, Inventory } from '../generators/commands.ts'
import { anyText, replaceIllegal } from '../generators/text.ts'
import { askIndex, askResource, encodeSegment, isSame, pickNth } from './asking.ts'
import { checkConditions, checkHead, someConditions, tagOf } from './http.ts'
import { type Law, law, type Setting } from './law.ts'
import { anyPlanting, checkMutatedPages, checkPlanted } from './pages/escaping.ts'
import { checkFactsOfPages } from './pages/facts.ts'
import { checkEntryPage, checkIndexPage, checkPageOf } from './pages/links.ts'
import { anyMaking, checkMaking } from './pages/submitting.ts'

const anyPlace = (setting: Setting) => fc.record({ history: commands(setting), collection: fc.nat(99), which: fc.nat(99) })

const documentKinds = ['entry', 'index', 'resource', 'nothing'] as const

const anyDocument = fc.record({
  of: fc.constantFrom(...documentKinds),
  format: fc.constantFrom('xml', 'json', 'html'),
  conditions: someConditions,
})

const collectionAt = (cloud: CloudUnderTest, n: number): string => {
  const collection = pickNth(cloud.collections, n)
  if (collection === undefined) throw new Inconclusive('no collection can be listed')
  return collection
}

/** Each resource of an index in both formats, by id. */
const readBothFormats = async (cloud: CloudUnderTest, collection: string): Promise<readonly (readonly [Element, unknown])[]> => {
  const elements = readXmlIndex(await askIndex(cloud, collection, 'xml'), collection)
  const items = new Map(readIndex(await askIndex(cloud, collection, 'json'), collection).map(item => [read(item, 'id'), item]))
  const ids = (all: Iterable<string | undefined>): string => [...all].sort().join(', ')
  hold(
    elements.length === items.size && elements.every(({ attributes }) => items.has(attributes.get('id'))),
    () => `As XML there are ${ids(elements.map(({ attributes }) => attributes.get('id')))} of ${collection}, as JSON ${ids(items.keys())}`,
  )
  return elements.map(element => [element, items.get(element.attributes.get('id'))] as const)
}

/** What differs between an index and a resource's own document, beyond what an index leaves out. */
const findDifference = (inIndex: unknown, own: unknown, path = ''): string | undefined => {
  if (isItem(inIndex) && isItem(own)) {
    for (const [key, value] of Object.entries(inIndex)) {
      const found = findDifference(value, own[key], `${path}.${key}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (isSame(inIndex, own) || inIndex === null || inIndex === undefined || (Array.isArray(inIndex) && inIndex.length === 0))
    return undefined
  if (Array.isArray(inIndex) && Array.isArray(own) && inIndex.length === own.length) {
    for (const [n, value] of inIndex.entries()) {
      const found = findDifference(value, own[n], `${path}[${n}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return `${path.slice(1)} is ${JSON.stringify(inIndex)} in the index and ${JSON.stringify(own)} by itself`
}

/** Links of a JSON document that are to be read: every `href` without a method, or with `get`. */
const readableLinks = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(readableLinks)
  if (!isItem(value)) return []
  const method = read(value, 'method')
  const own = typeof value.href === 'string' && (method === undefined || method === 'get') && value.id !== null ? [value.href] : []
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => (key === 'href' ? [] : readableLinks(inner)))]
}

const pathOf = (href: string): string => {
  const { pathname } = new URL(href)
  return pathname
}

/** What a resource is made with, from texts that a client may give; and where the texts come out again. */
const namings: readonly {
  readonly collection: string
  readonly parameters: (a: string, b: string) => Readonly<Record<string, string>>
  readonly shows: (item: unknown) => readonly (string | undefined)[]
  readonly features?: readonly string[]
}[] = [
  { collection: 'keys', parameters: a => ({ name: a }), shows: item => [read(item, 'name') ?? read(item, 'id')] },
  {
    collection: 'firewalls',
    parameters: (a, b) => ({ name: a, description: b }),
    shows: item => [read(item, 'name'), read(item, 'description')],
  },
  {
    collection: 'storage_volumes',
    parameters: (a, b) => ({ capacity: '1', name: a, description: b }),
    shows: item => [read(item, 'name'), read(item, 'description')],
    features: ['volume_name', 'volume_description'],
  },
  { collection: 'instances', parameters: a => ({ name: a }), shows: item => [read(item, 'name')], features: ['user_name'] },
]

/** Any text, and sometimes a long one. */
const text = fc.oneof(
  { weight: 20, arbitrary: anyText() },
  { weight: 1, arbitrary: anyText().map(part => `${part}x`.repeat(65_536 / (part.length + 1))) },
)

export const documentLaws: readonly Law[] = [
  law({
    id: 'D1',
    title: 'same facts',
    says: 'The XML, the JSON and the page of one resource hold the same facts (a fallback value counts as absent); HEAD is answered as GET is, without the document, and a client that has the document already gets 304.',
    family: 'documents',
    sources: ['R', 'M', 'T', 'L'],
    question: setting => fc.record({ place: anyPlace(setting), document: anyDocument }),
    async check(cloud, { place: { history, collection: n, which }, document }) {
      await follow(cloud, history)
      const collection = collectionAt(cloud, n)
      const pairs = await readBothFormats(cloud, collection)
      for (const [element, item] of pairs) {
        const found = differences(collection, element, item)
        hold(found.length === 0, () => `${collection} ${element.attributes.get('id')}: ${found.join('; ')}`)
      }
      const id = pickNth(pairs, which)?.[0].attributes.get('id')
      await checkFactsOfPages(
        cloud,
        collection,
        pairs.flatMap(([, item]) => (isItem(item) ? [item] : [])),
        id,
      )
      if (cloud.abilities.recorded !== undefined) return
      await checkHttp(cloud, `${cloud.root}/${collection}`, id, document)
      if (id === undefined) return
      const [xml, json] = [await askResource(cloud, collection, id, 'xml'), await askResource(cloud, collection, id, 'json')]
      hold(xml.status === json.status, () => `${collection}/${id} is answered with ${xml.status} as XML, and with ${json.status} as JSON`)
      if (xml.status !== 200) return
      const found = differences(collection, xmlOf(xml), readResource(json))
      hold(found.length === 0, () => `${collection}/${id}: ${found.join('; ')}`)
    },
  }),
  law({
    id: 'D2',
    title: 'links hold',
    says: 'Every `href` that is to be read (no `method`, or `get`), and every link of a page, answers 200 with the resource it names; pages offer what documents offer, and their forms and buttons do what the same request of the API does.',
    family: 'documents',
    sources: ['T', 'L'],
    question: setting => fc.record({ place: anyPlace(setting), deed: fc.option(anyMaking(setting), { freq: 2, nil: undefined }) }),
    async check(cloud, { place: { history, collection: n, which }, deed }) {
      const done = await follow(cloud, history)
      // What was destroyed since may still be named, as the image of an instance is.
      const gone = new Set(
        done.flatMap(({ command, id, answer }) =>
          command.op === 'destroy' && id !== undefined && (answer?.status ?? 500) < 300
            ? [`${cloud.root}/${command.collection}/${encodeSegment(id)}`]
            : [],
        ),
      )
      const collection = collectionAt(cloud, n)
      const items = readIndex(await askIndex(cloud, collection, 'json'), collection)
      // The same for all: now and then will do.
      if (which % 8 === 0) await checkEntryPage(cloud)
      await checkIndexPage(cloud, collection, items, which)
      if (deed !== undefined) await checkMaking(cloud, deed)
      const item = pickNth(items, which)
      if (item === undefined) return
      for (const href of new Set(readableLinks(item))) {
        const path = pathOf(href)
        const answer = await cloud.ask(`${path}${path.endsWith('/content') ? '' : '?format=json'}`)
        if (answer.status === 404 && gone.has(path)) continue
        hold(answer.status === 200, () => `${collection}/${read(item, 'id')} leads to ${path}, which is answered with ${answer.status}`)
        const [, list, id] = /^\/api\/([a-z_]+)\/([^/]+)$/.exec(path) ?? []
        if (list === undefined || id === undefined) continue
        const named = read(readResource(answer), 'id')
        hold(named !== undefined && encodeSegment(named) === encodeSegment(decodeURIComponent(id)), () => `${path} shows ${named}`)
      }
      await checkPageOf(cloud, collection, read(item, 'id') ?? '', { gone, which, isToDo: deed === undefined })
    },
  }),
  law({
    id: 'D3',
    title: 'index = show',
    says: 'An element of an index equals the resource’s own document (fields that an index leaves out aside).',
    family: 'documents',
    sources: ['R', 'T', 'L'],
    question: anyPlace,
    async check(cloud, { history, collection: n, which }) {
      await follow(cloud, history)
      const collection = collectionAt(cloud, n)
      const item = pickNth(readIndex(await askIndex(cloud, collection, 'json'), collection), which)
      const id = read(item, 'id')
      if (item === undefined || id === undefined) throw new Inconclusive('there is nothing to be shown')
      const answer = await askResource(cloud, collection, id, 'json')
      hold(answer.status === 200, () => `${collection}/${id} stands in the index, and is answered with ${answer.status}`)
      const difference = findDifference(item, readResource(answer))
      hold(difference === undefined, () => `${collection}/${id}: ${difference}`)
    },
  }),
  law({
    id: 'D4',
    title: 'escaping',
    says: 'Documents stay well-formed for any string from the provider or the client (control characters, `]]>`, astral, right-to-left, 64 KiB); what XML 1.0 can’t hold is shown as U+FFFD in every format. A page with such a text has the elements and attributes that it has with any other, and the text verbatim.',
    family: 'documents',
    sources: ['M', 'T'],
    question: setting =>
      setting.source === 'M'
        ? fc.record({ naming: fc.nat(99), a: fc.constant(''), b: fc.constant(''), planted: fc.constant(undefined) })
        : fc.record({ naming: fc.nat(99), a: text, b: text, planted: fc.option(anyPlanting, { freq: 2, nil: undefined }) }),
    async check(cloud, { naming: n, a, b, planted }) {
      if (cloud.abilities.recorded !== undefined) {
        await checkWellFormed(cloud, n)
        return checkMutatedPages(cloud, collectionAt(cloud, n))
      }
      if (planted !== undefined) return checkPlanted(cloud, planted)
      const able = namings.filter(
        ({ collection, features = [] }) =>
          cloud.collections.includes(collection) &&
          Object.hasOwn(cloud.offer.operations[collection as 'keys'] ?? {}, 'create') &&
          features.every(feature => Object.hasOwn(cloud.offer.features[collection] ?? {}, feature)),
      )
      const naming = pickNth(able, n)
      if (naming === undefined) throw new Inconclusive('nothing can be named')
      const image = naming.collection === 'instances' ? await new Inventory(cloud).at('images', 0) : undefined
      const form = { ...(image === undefined ? {} : { image_id: image }), ...naming.parameters(a, b) }
      for (const format of ['json', 'xml'] as const) {
        const answer = await cloud.ask({ method: 'POST', target: `${cloud.root}/${naming.collection}?format=${format}`, form })
        hold(answer.status < 500, () => `Making one of ${naming.collection} is answered with ${answer.status}`)
        readDocument(answer, format)
        if (answer.status === 201 && format === 'json') {
          const given = Object.values(naming.parameters(a, b)).filter(value => value !== '1')
          for (const [at, found] of naming.shows(readResource(answer)).entries()) {
            const sent = given[at]?.toWellFormed()
            // An empty name is none: the cloud gives its own.
            if (sent === undefined || sent === '' || found === undefined) continue
            hold(
              found === replaceIllegal(sent),
              () =>
                `A text of ${naming.collection} is shown as ${JSON.stringify(found)}, and should be ${JSON.stringify(replaceIllegal(sent))}`,
            )
          }
        }
      }
      await checkWellFormed(cloud, cloud.collections.indexOf(naming.collection))
    },
  }),
  law({
    id: 'D5',
    title: 'ids in URLs',
    says: 'An id with any legal character round-trips through its URL; `.`, `..` and the empty name are refused with 400; form paths (`new`) answer only where HTML is negotiated, and their names are refused at creation.',
    family: 'documents',
    sources: ['M', 'T'],
    missing: ({ source, offer }) =>
      source === 'T' && offer.operations.keys?.create === undefined && offer.operations.buckets?.create === undefined
        ? 'the driver lets nobody choose an id'
        : undefined,
    question: () =>
      fc.record({
        name: fc.oneof({ weight: 6, arbitrary: anyText() }, { weight: 1, arbitrary: fc.constantFrom('.', '..', 'new', '') }),
        collection: fc.nat(99),
        which: fc.nat(99),
      }),
    async check(cloud, { name, collection: n, which }) {
      if (cloud.abilities.recorded !== undefined) return
      await checkDotSegments(cloud, collectionAt(cloud, n))
      await checkChosenNames(cloud, name, which)
    },
  }),
]

/** A document over HTTP: asked by HEAD, and by a client that may have it. */
const checkHttp = async (
  cloud: CloudUnderTest,
  index: string,
  id: string | undefined,
  {
    of,
    format,
    conditions,
  }: { readonly of: (typeof documentKinds)[number]; readonly format: string; readonly conditions: readonly number[] },
): Promise<void> => {
  const path = { entry: cloud.root, index, resource: `${index}/${encodeSegment(id ?? 'none')}`, nothing: `${index}/no-such-thing` }[of]
  const target = `${path}?format=${format}`
  const { status } = await checkHead(cloud, target)
  await checkHead(cloud, target, null)
  if (status !== 200) return
  const tag = tagOf(await cloud.ask(target))
  hold(tag !== undefined, () => `${target} has no ETag`)
  await checkConditions(cloud, target, conditions)
}

const readDocument = (answer: Answer, format: 'json' | 'xml'): unknown =>
  answer.text === '' ? undefined : format === 'json' ? jsonOf(answer) : xmlOf(answer)

const checkWellFormed = async (cloud: CloudUnderTest, n: number): Promise<void> => {
  const collection = collectionAt(cloud, n)
  for (const [element, item] of await readBothFormats(cloud, collection)) {
    const found = differences(collection, element, item)
    hold(found.length === 0, () => `${collection} ${element.attributes.get('id')}: ${found.join('; ')}`)
  }
}

/** `.` and `..` are no ids, and `new` is a form. */
const checkDotSegments = async (cloud: CloudUnderTest, collection: string): Promise<void> => {
  for (const id of ['%2e', '%2e%2e', '.%2E']) {
    const { status } = await cloud.ask(`${cloud.root}/${collection}/${id}?format=xml`)
    hold(status === 400, () => `${collection}/${id} is answered with ${status}, not 400`)
  }
  const { status, headers } = await cloud.ask(`${cloud.root}/${collection}/new?format=xml`)
  hold(
    status === 404 && headers.get('content-type')?.includes('xml') === true,
    () => `${collection}/new as XML is answered with ${status}, not 404`,
  )
}

/** A name that becomes an id can be looked up by it, in both formats. */
const checkChosenNames = async (cloud: CloudUnderTest, name: string, which: number): Promise<void> => {
  const collection = pickNth(
    ['keys', 'buckets', 'firewalls'].filter(one => Object.hasOwn(cloud.offer.operations[one as 'keys'] ?? {}, 'create')),
    which,
  )
  if (collection === undefined) throw new Inconclusive('nobody can choose an id')
  const made = await cloud.ask({
    method: 'POST',
    target: `${cloud.root}/${collection}?format=json`,
    form: { name, description: 'of a law' },
  })
  hold(made.status < 500, () => `Making one of ${collection} with the name ${JSON.stringify(name)} is answered with ${made.status}`)
  const given = name.toWellFormed()
  if (given === '.' || given === '..' || given === '' || given === 'new') {
    hold(made.status === 400, () => `The name ${JSON.stringify(given)} of ${collection} is answered with ${made.status}, not 400`)
    return
  }
  if (made.status >= 400) return
  const id = read(readResource(made), 'id')
  hold(id !== undefined, () => `What was made of ${collection} has no id`)
  const location = made.headers.get('location')
  if (location === undefined) return
  for (const format of ['json', 'xml'] as const) {
    const answer = await cloud.ask(`${pathOf(location)}?format=${format}`)
    hold(answer.status === 200, () => `${collection} ${JSON.stringify(id)} is not found at its own address: ${answer.status}`)
    const found = format === 'json' ? read(readResource(answer), 'id') : xmlOf(answer).attributes.get('id')
    hold(found === id, () => `At the address of ${JSON.stringify(id)} there is ${JSON.stringify(found)}`)
  }
  hold(
    itemsAt(jsonOf(await askIndex(cloud, collection, 'json')), collection).some(item => read(item, 'id') === id),
    () => `${JSON.stringify(id)} was made, and isn't listed`,
  )
}
