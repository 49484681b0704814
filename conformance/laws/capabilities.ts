/** Laws C1 to C3: what is offered is there, a feature does what it says, and all that describes the API tells one story. */

import fc from 'fast-check'
import type { Offer } from '../../src/drivers/driver.ts'
import { collections } from '../../src/server/collections/index.ts'
import type { Answer, Client } from '../client.ts'
import { type CloudUnderTest, hold, Inconclusive } from '../cloud-under-test.ts'
import { readHtml } from '../documents/html.ts'
import { contentOf, formsIn, pageOf } from '../documents/page.ts'
import { type Item, isItem, itemsAt, jsonOf, read, readIndex, readResource, xmlOf } from '../documents/read.ts'
import { findElements } from '../documents/xml.ts'
import { Inventory } from '../generators/commands.ts'
import { nothingSeen } from '../observations.ts'
import { startInProcess } from '../sources/in-process.ts'
import { askIndex, isSame, pickNth } from './asking.ts'
import { type DescribedOperation, readOpenApi } from './described.ts'
import { holdErrorDocument } from './errors.ts'
import { advertises, keptTrials } from './kept.ts'
import { type Law, law } from './law.ts'

const all = collections.map(({ name }) => name)

const isOffered = (offer: Offer, name: string): boolean => collections.find(one => one.name === name)?.listed(offer) === true

const sortTexts = (values: Iterable<string>): string[] => [...values].sort()

/** A feature's parameter, and what a document says where it has its effect. */
interface Effect {
  readonly collection: string
  readonly feature: string
  /** A value to be given, or a collection to take one from. */
  readonly parameters: (inventory: Inventory, word: string) => Promise<Readonly<Record<string, string>> | undefined>
  readonly shows: (item: Item, given: Readonly<Record<string, string>>) => boolean
}

const fixed =
  (make: (word: string) => Readonly<Record<string, string>>): Effect['parameters'] =>
  async (_, word) =>
    make(word)

const from =
  (name: string, collection: string): Effect['parameters'] =>
  async inventory => {
    const id = await inventory.at(collection, 0)
    return id === undefined ? undefined : { [name]: id }
  }

const idsAt = (item: Item, key: string): readonly (string | undefined)[] => itemsAt(item, key).map(one => read(one, 'id'))

/** Features whose effect a document shows. */
const effects: readonly Effect[] = [
  {
    collection: 'instances',
    feature: 'user_name',
    parameters: fixed(word => ({ name: word })),
    shows: (item, { name }) => read(item, 'name') === name,
  },
  {
    collection: 'instances',
    feature: 'authentication_key',
    parameters: from('keyname', 'keys'),
    shows: (item, { keyname }) => read(item, 'authentication', 'keyname') === keyname,
  },
  {
    collection: 'instances',
    feature: 'authentication_password',
    parameters: fixed(word => ({ password: `Pw-${word}-1x` })),
    shows: (item, { password }) => read(item, 'authentication', 'password') === password,
  },
  {
    collection: 'instances',
    feature: 'firewalls',
    parameters: from('firewalls1', 'firewalls'),
    shows: (item, { firewalls1 }) => idsAt(item, 'firewalls').includes(firewalls1),
  },
  {
    collection: 'images',
    feature: 'image_name',
    parameters: fixed(word => ({ name: word })),
    shows: (item, { name }) => read(item, 'name') === name,
  },
  {
    collection: 'images',
    feature: 'image_description',
    parameters: fixed(word => ({ description: word })),
    shows: (item, { description }) => read(item, 'description') === description,
  },
  {
    collection: 'storage_volumes',
    feature: 'volume_name',
    parameters: fixed(word => ({ name: word })),
    shows: (item, { name }) => read(item, 'name') === name,
  },
  {
    collection: 'storage_volumes',
    feature: 'volume_description',
    parameters: fixed(word => ({ description: word })),
    shows: (item, { description }) => read(item, 'description') === description,
  },
]

/** What a creation needs beside, of what is there. */
const basics: Readonly<Record<string, (inventory: Inventory) => Promise<Readonly<Record<string, string | undefined>>>>> = {
  instances: async inventory => ({ image_id: await inventory.at('images', 0) }),
  images: async inventory => ({ instance_id: await inventory.at('instances', 0) }),
  storage_volumes: async () => ({ capacity: '1' }),
}

const checkEffect = async (cloud: CloudUnderTest, effect: Effect, word: string): Promise<void> => {
  const inventory = new Inventory(cloud)
  const [given, needed] = [await effect.parameters(inventory, word), await basics[effect.collection]?.(inventory)]
  if (given === undefined || needed === undefined || Object.values(needed).includes(undefined))
    throw new Inconclusive(`there is nothing that ${effect.feature} could be tried with`)
  const form = Object.fromEntries(
    Object.entries({ ...needed, ...given }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  const answer = await cloud.ask({ method: 'POST', target: `${cloud.root}/${effect.collection}?format=json`, form })
  hold(answer.status < 500, () => `Making one of ${effect.collection} with ${effect.feature} is answered with ${answer.status}`)
  if (answer.status >= 400) throw new Inconclusive('the cloud refuses')
  const shows = effect.shows(readResource(answer), given)
  // A parameter of the operation itself may have its effect whether a feature names it or not.
  const own = collections.find(({ name }) => name === effect.collection)?.operations.find(({ name }) => name === 'create')?.parameters ?? []
  if (shows && !advertises(cloud, effect) && Object.keys(given).every(name => own.some(one => one.name === name))) return
  hold(
    shows === advertises(cloud, effect),
    () =>
      `${effect.collection}.${effect.feature} is ${shows ? 'not ' : ''}advertised, and ${Object.keys(given).join(', ')} has ${shows ? 'an' : 'no'} effect`,
  )
}

const checkCount = async (cloud: CloudUnderTest, n: number): Promise<void> => {
  const image = await new Inventory(cloud).at('images', 0)
  if (image === undefined) throw new Inconclusive('there is no image')
  const answer = await cloud.ask({
    method: 'POST',
    target: `${cloud.root}/instances?format=json`,
    form: { image_id: image, instance_count: String(n) },
  })
  if (answer.status >= 400) throw new Inconclusive('the cloud refuses')
  const found = itemsAt(jsonOf(answer), 'instances').length
  const wanted = advertises(cloud, { collection: 'instances', feature: 'instance_count' }) ? n : 0
  hold(
    found === wanted,
    () =>
      `instances.instance_count is ${wanted === 0 ? 'not ' : ''}advertised, and a list of ${found} is answered where ${n} were asked for`,
  )
}

const checkFilter = async (
  cloud: CloudUnderTest,
  { collection, feature, name, of }: { collection: string; feature: string; name: string; of: (item: Item) => string | undefined },
): Promise<void> => {
  const everything = readIndex(await askIndex(cloud, collection, 'json'), collection)
  const value = of(everything[0] ?? {}) ?? 'none'
  const got = readIndex(await askIndex(cloud, collection, 'json', [[name, value]]), collection)
  const wanted = advertises(cloud, { collection, feature }) ? everything.filter(item => of(item) === value) : everything
  hold(
    isSame(got, wanted),
    () =>
      `${collection}.${feature} is ${advertises(cloud, { collection, feature }) ? '' : 'not '}advertised, and ${name}=${value} gives ${got.length} of ${everything.length}`,
  )
}

const filters = [
  { collection: 'images', feature: 'owner_id', name: 'owner_id', of: (item: Item) => read(item, 'owner') },
  { collection: 'instances', feature: 'realm_filter', name: 'realm_id', of: (item: Item) => read(item, 'realm', 'id') },
]

/** Carries trials out. @throws Inconclusive where none of them could be judged */
const judgeAny = async (trials: readonly ((() => Promise<void>) | undefined)[]): Promise<void> => {
  const reasons: Inconclusive[] = []
  const all = trials.flatMap(trial => trial ?? [])
  for (const trial of all) {
    try {
      await trial()
    } catch (error) {
      if (!(error instanceof Inconclusive)) throw error
      reasons.push(error)
    }
  }
  const [reason] = reasons
  if (reason !== undefined && reasons.length === all.length) throw reason
}

export const capabilityLaws: readonly Law[] = [
  law({
    id: 'C1',
    title: 'advertised = available',
    says: 'Each collection that the entry point lists answers; one of the API that it doesn’t list is 412 with `Expect`; a name that is no collection is 404.',
    family: 'capabilities',
    sources: ['R', 'T', 'L'],
    question: () =>
      fc.record({
        which: fc.nat(99),
        format: fc.constantFrom('xml' as const, 'json' as const),
        other: fc.stringMatching(/^[a-z_]{1,12}$/),
      }),
    async check(cloud, { which, format, other }) {
      const entry = await cloud.ask(`${cloud.root}?format=${format}`)
      if (entry.status === 401 && cloud.abilities.recorded !== undefined) throw new Inconclusive('the recording is of wrong credentials')
      hold(entry.status === 200, () => `The entry point is answered with ${entry.status}`)
      const document = format === 'json' ? jsonOf(entry) : undefined
      const found =
        document === undefined
          ? findElements(xmlOf(entry), 'link').map(link => link.attributes.get('rel') ?? '')
          : itemsAt(isItem(document) ? document.api : undefined, 'links').map(link => read(link, 'rel') ?? '')
      const wanted = all.filter(name => isOffered(cloud.offer, name))
      // What only this account lacks isn't listed either, and the driver itself refuses it.
      const { driver } = cloud.subject.harness
      const mayLack = typeof driver !== 'function' && driver.withdrawn !== undefined
      hold(
        mayLack ? found.every(name => wanted.includes(name)) : isSame(sortTexts(found), sortTexts(wanted)),
        () => `The entry point lists ${sortTexts(found).join(', ')}, and the driver has ${sortTexts(wanted).join(', ')}`,
      )
      const collection = pickNth(all, which) ?? ''
      const isListed = found.includes(collection)
      if (cloud.abilities.recorded === undefined || !isListed || cloud.collections.includes(collection)) {
        const answer = await cloud.ask(`${cloud.root}/${collection}?format=${format}`)
        const isLacked = !isListed && wanted.includes(collection)
        hold(
          answer.status === (isListed ? 200 : isLacked ? 501 : 412),
          () => `${collection}, which the entry point ${isListed ? 'lists' : 'doesn’t list'}, is answered with ${answer.status}`,
        )
        if (!isListed) {
          hold(isLacked || (answer.headers.get('expect') ?? '') !== '', () => `${collection} is refused without saying what is missing`)
          holdErrorDocument(answer, format, collection)
        }
      }
      if (all.includes(other) || other === 'docs') return
      const answer = await cloud.ask(`${cloud.root}/${other}?format=${format}`)
      hold(answer.status === 404, () => `${other}, which is no collection, is answered with ${answer.status}`)
    },
  }),
  law({
    id: 'C2',
    title: 'features have effect',
    says: 'An advertised feature’s parameter has its effect; one that isn’t advertised has none.',
    family: 'capabilities',
    sources: ['T'],
    missing: ({ offer }) =>
      offer.operations.instances?.create === undefined && offer.operations.storage_volumes?.create === undefined
        ? 'the driver makes nothing that features could change'
        : undefined,
    question: () =>
      fc.record({
        which: fc.nat(99),
        kept: fc.noBias(fc.nat(99)),
        word: fc.stringMatching(/^[a-z][a-z0-9]{5,9}$/),
        n: fc.integer({ min: 1, max: 3 }),
      }),
    async check(cloud, { which, kept, word, n }) {
      const makes = (collection: string): boolean => Object.hasOwn(cloud.offer.operations[collection as 'keys'] ?? {}, 'create')
      const trials: (() => Promise<void>)[] = [
        ...effects.filter(({ collection }) => makes(collection)).map(effect => () => checkEffect(cloud, effect, word)),
        ...(makes('instances') ? [() => checkCount(cloud, n)] : []),
        ...filters.filter(({ collection }) => cloud.collections.includes(collection)).map(filter => () => checkFilter(cloud, filter)),
      ]
      await judgeAny([pickNth(trials, which), pickNth(keptTrials(cloud, word), kept)])
    },
  }),
  law({
    id: 'C3',
    title: 'one description',
    says: 'OPTIONS, documentation pages, HTML forms and OpenAPI name the same operations and parameters.',
    family: 'capabilities',
    sources: ['static', 'T'],
    async examine({ driver, subject: { provider } }) {
      const server = await startInProcess({ driver: driver.id, drivers: [driver], ...(provider === undefined ? {} : { provider }) })
      try {
        const client: Client = {
          ask: request =>
            server.send(
              {
                method: typeof request === 'string' ? 'GET' : (request.method ?? 'GET'),
                target: typeof request === 'string' ? request : request.target,
                headers: [['Accept', 'text/html']],
                body: undefined,
              },
              'default',
            ),
        }
        return { ...nothingSeen, cases: await compareDescriptions(client) }
      } finally {
        await server.close()
      }
    },
    question: () => fc.record({ which: fc.nat(99) }),
    async check(cloud, { which }) {
      const collection = pickNth(
        cloud.collections.filter(name => Object.hasOwn(cloud.offer.operations[name as 'keys'] ?? {}, 'create')),
        which,
      )
      if (collection === undefined) throw new Inconclusive('nothing can be made')
      const form = await cloud.ask(`${cloud.root}/${collection}/new?format=html`)
      if (form.status === 404) throw new Inconclusive('there is no form')
      hold(form.status === 200, () => `The form of ${collection} is answered with ${form.status}`)
      const options = await cloud.ask({ method: 'OPTIONS', target: `${cloud.root}/${collection}/create` })
      checkForm(cloud.root, collection, form, options)
    },
  }),
]

/** The text of each cell of a page's tables, row by row. */
const rowsOf = (page: string): string[][] =>
  [...page.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => readHtml(cell).text.trim()),
  )

/** @returns how many operations were compared */
const compareDescriptions = async (client: Client): Promise<number> => {
  const operations = await readOpenApi(client)
  for (const { collection, name, segments, inPath, parameters } of operations) {
    const target = `/api/${collection}/${segments.length > 1 ? `x/${name}` : name}`
    const answer = await client.ask({ method: 'OPTIONS', target })
    const allowed = (answer.headers.get('allow') ?? '').split(',').filter(one => one !== '')
    const expected = [
      ...inPath.map(one => `${one}:string:required`),
      ...[...parameters].map(([one, needed]) => `${one}:string:${needed ? 'required' : 'optional'}`),
    ]
    hold(
      isSame(sortTexts(allowed), sortTexts(expected)),
      () => `OPTIONS of ${collection}.${name} names ${sortTexts(allowed).join(', ')}, and OpenAPI ${sortTexts(expected).join(', ')}`,
    )
  }
  for (const collection of new Set(operations.map(one => one.collection))) {
    const own = operations.filter(one => one.collection === collection)
    await checkDocumentation(client, collection, own)
    const answer = await client.ask({ method: 'OPTIONS', target: `/api/${collection}` })
    const methods = (answer.headers.get('allow') ?? '').split(',')
    for (const { method, inPath } of own)
      hold(inPath.length > 1 || methods.includes(method), () => `OPTIONS of ${collection} doesn’t name ${method}, and OpenAPI does`)
  }
  return operations.length
}

const checkDocumentation = async (client: Client, collection: string, own: readonly DescribedOperation[]): Promise<void> => {
  const overview = await client.ask(`/api/docs/${collection}`)
  const rows = rowsOf(overview.text).filter(
    ([, request = '', meaning = '']) => / \/api\//.test(request) && !meaning.includes('not in this cloud'),
  )
  const [told, wanted] = [
    sortTexts(rows.map(([name, request]) => `${name} ${request?.replace(/\s+/g, ' ')}`)),
    sortTexts(own.map(({ name, method, path }) => `${name} ${method} /api${path.replace(/\{(\w+)\}/g, ':$1')}`)),
  ]
  hold(isSame(told, wanted), () => `The documentation of ${collection} tells of ${told.join(', ')}, and OpenAPI of ${wanted.join(', ')}`)
  for (const { name, parameters } of own) {
    const { status, text } = await client.ask(`/api/docs/${collection}/${name}`)
    hold(status === 200, () => `The documentation of ${collection}.${name} is answered with ${status}`)
    const section = text.slice(text.indexOf('<h2>Parameters'), text.indexOf('<h2>Answers'))
    const named = sortTexts(
      rowsOf(section)
        .slice(1)
        .map(([cell = '']) => cell),
    )
    const expected = sortTexts([...parameters].map(([one, needed]) => (needed ? `${one}*` : one)))
    hold(
      isSame(named, expected),
      () => `The documentation of ${collection}.${name} names ${named.join(', ')}, and OpenAPI ${expected.join(', ')}`,
    )
  }
}

/** What a form asks for only where one of the hardware profiles leaves it open. */
const openInProfiles = /^hwp_(cpu|memory|storage|architecture)$/

/** A form asks for each parameter of the operation that it leads to, and for nothing else. */
const checkForm = (root: string, collection: string, answer: Answer, options: Answer): void => {
  const [form, ...others] = formsIn(contentOf(pageOf(answer)))
  hold(form !== undefined && others.length === 0, () => `The form of ${collection} has ${others.length} forms besides`)
  const action = new URL(form.action, 'http://cloud.test').pathname
  hold(action === `${root}/${collection}`, () => `The form of ${collection} leads to ${action}`)
  const parameters = new Map(
    (options.headers.get('allow') ?? '').split(',').map(one => [one.split(':')[0] ?? '', one.endsWith(':required')] as const),
  )
  const fields = form.fields.filter(({ kind }) => kind !== 'button')
  const stem = (name: string): string => name.replace(/\d+/, '')
  for (const { name } of fields)
    hold(parameters.has(name) || parameters.has(stem(name)), () => `The form of ${collection} asks for ${name}, which OPTIONS doesn’t know`)
  for (const [name, needed] of parameters) {
    const field = fields.find(one => one.name === name || stem(one.name) === name)
    hold(
      field !== undefined || openInProfiles.test(name),
      () => `The form of ${collection} doesn’t ask for ${name}, which ${needed ? 'is required' : 'OPTIONS names'}`,
    )
    hold(
      field === undefined || !field.isRequired || needed,
      () => `The form of ${collection} can’t be sent without ${name}, which may be left out`,
    )
  }
}
