/** D4 of pages: no text of a client or a provider becomes markup, wherever a page has it. */

import fc from 'fast-check'
import { type Answer, basicAuthorization } from '../../client.ts'
import { type CloudUnderTest, hold, Inconclusive } from '../../cloud-under-test.ts'
import type { Page } from '../../documents/html.ts'
import { attribute, elementsIn, pageOf } from '../../documents/page.ts'
import { type Item, isItem, readResource } from '../../documents/read.ts'
import { Inventory } from '../../generators/commands.ts'
import { anyText, replaceIllegal } from '../../generators/text.ts'
import { encodeSegment, pickNth } from '../asking.ts'
import { readOpenApi } from '../described.ts'
import { findDifference, harmless, hasByChance } from './likeness.ts'

/** What has become markup in other people's pages: as an element, out of an attribute, out of a title or a box, as an address, twice or not decoded. */
const attacks = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '" autofocus onfocus="alert(1)',
  '</title><script>alert(1)</script>',
  '</textarea><b>',
  '</option></select><i>',
  'javascript:alert(1)',
  '&amp;lt;',
  '&#60;b&#62;',
  '<!--',
  ']]><b>',
  '\n\nfirst',
  'a\u0000\u0008\u007f\u0085b',
  '\u202e\u{1f600}<u>',
]

/** A text for pages: short enough for no message to cut it, and never blank. */
export const anyMarkup = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom(...attacks) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...attacks), anyText()).map(parts => parts.join('')) },
    { weight: 2, arbitrary: anyText() },
  )
  .chain(text => fc.boolean().map(isFirst => (isFirst ? `xq7${text.slice(0, 56)}` : `${text.slice(0, 56)}xq7`).toWellFormed()))

/** Where a text may come to a page from: asks for pages that may have it, and whatever must be done before. */
interface Place {
  readonly name: string
  readonly ask: (cloud: CloudUnderTest, text: string, n: number) => Promise<readonly Answer[]>
  /** Whether the driver has what it takes. */
  readonly isOffered?: (cloud: CloudUnderTest) => boolean
  /** What of a text can stand there at all. */
  readonly able?: (text: string) => string
  /** Whether the text stays, so that each text needs a cloud of its own. */
  readonly isKept: boolean
}

const page = (cloud: CloudUnderTest, path: string, query = ''): Promise<Answer> => cloud.ask(`${cloud.root}${path}?format=html${query}`)

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

const anyCollection = (cloud: CloudUnderTest, n: number): string => {
  const collection = pickNth(cloud.collections, n)
  if (collection === undefined) throw new Inconclusive('no collection can be listed')
  return collection
}

/** Texts that a request brings. */
const echoes: readonly Place[] = [
  {
    name: 'an id in the path',
    isKept: false,
    ask: async (cloud, text, n) => [await page(cloud, `/${anyCollection(cloud, n)}/${encoded(text)}`)],
  },
  {
    name: 'a filter',
    isKept: false,
    async ask(cloud, text, n) {
      const collection = anyCollection(cloud, n)
      const query = ['id', 'state', 'owner_id', 'realm_id', 'architecture', 'page', 'other'].map(name => `&${name}=${encoded(text)}`)
      return Promise.all([page(cloud, `/${collection}`, query.join('')), page(cloud, `/${collection}`, pickNth(query, n))])
    },
  },
  {
    name: 'the name of a parameter',
    isKept: false,
    ask: async (cloud, text, n) => [await page(cloud, `/${anyCollection(cloud, n)}`, `&${encoded(text)}=1`)],
  },
  {
    name: 'what a form begins with',
    isKept: false,
    async ask(cloud, text, n) {
      const able = (await readOpenApi(cloud, cloud.root)).filter(({ name, segments }) => name === 'create' && segments.length === 0)
      if (able.length === 0) throw new Inconclusive('nothing can be made')
      // The form of a launch takes all that it's told, with and without an image.
      const launch = able.filter(({ collection }) => collection === 'instances')
      const asked = new Set([...launch, pickNth(able, n)])
      const answers: Answer[] = []
      for (const one of asked) {
        if (one === undefined) continue
        const query = [...one.parameters.keys()].map(name => `&${name}=${encoded(text)}`)
        for (const without of one.collection === 'instances' ? ['&image_id=', '&name='] : ['&'])
          answers.push(
            await page(cloud, `/${one.collection}/new`, query.filter(part => without === '&' || !part.startsWith(without)).join('')),
          )
      }
      return answers
    },
  },
  {
    name: 'a parameter that’s refused',
    isKept: false,
    async ask(cloud, text, n) {
      const able = (await readOpenApi(cloud, cloud.root)).filter(({ method, inPath }) => method === 'POST' && inPath.length < 2)
      const operation = pickNth(able, n)
      if (operation === undefined) throw new Inconclusive('nothing can be done')
      const path = operation.path.replace(/\{\w+\}/, encoded(text))
      const names = operation.inPath.length > 0 || operation.parameters.size === 0 ? [] : [...operation.parameters.keys()]
      const { required } = { required: [...operation.parameters].filter(([, isRequired]) => isRequired).map(([name]) => name) }
      // Without one that must be given, nothing is made of the others.
      const given = names.filter(name => name !== required[n % Math.max(1, required.length)])
      if (operation.inPath.length === 0 && required.length === 0) throw new Inconclusive('nothing is refused there')
      const form = { ...Object.fromEntries(given.map(name => [name, text])), [text]: text }
      return [await cloud.ask({ method: 'POST', target: `${cloud.root}${path}?format=html`, form })]
    },
  },
  {
    name: 'a method',
    isKept: false,
    ask: async (cloud, text, n) => [
      await cloud.ask({ method: 'POST', target: `${cloud.root}/${anyCollection(cloud, n)}?format=html`, form: { _method: text } }),
    ],
  },
  {
    name: 'who asks',
    isKept: false,
    able: text => text.replaceAll(':', ''),
    async ask(cloud, text, n) {
      const headers = { Authorization: basicAuthorization({ user: text, password: 'wrong' }) }
      const ask = (path: string): Promise<Answer> => cloud.ask({ target: `${cloud.root}${path}?format=html`, headers, login: null })
      return [await ask(`/${anyCollection(cloud, n)}`), await ask('')]
    },
  },
  {
    name: 'a collection that isn’t there',
    isKept: false,
    ask: async (cloud, text) => [
      await page(cloud, `/${encoded(text)}`),
      await page(cloud, `/docs/${encoded(text)}`),
      await page(cloud, `/docs/keys/${encoded(text)}`),
    ],
  },
  {
    name: 'a driver and a provider',
    isKept: false,
    ask: async (cloud, text) => [
      await cloud.ask(`${cloud.root};driver=${encoded(text)}?format=html`),
      await cloud.ask(`${cloud.root};provider=${encoded(text)}?format=html`),
      await cloud.ask(`${cloud.root};provider=${encoded(text)}/docs/keys?format=html`),
    ],
  },
]

/** Texts that a cloud keeps: what is made with them, and what must be there before. */
const makings: readonly {
  readonly collection: string
  readonly parameters: (text: string) => Readonly<Record<string, string>>
  /** Parameters that name something that's there. */
  readonly needs?: Readonly<Record<string, string>>
}[] = [
  { collection: 'keys', parameters: name => ({ name }) },
  { collection: 'firewalls', parameters: name => ({ name, description: name }) },
  { collection: 'firewalls', parameters: description => ({ name: 'wall', description }) },
  { collection: 'storage_volumes', parameters: name => ({ name, description: name, capacity: '1' }) },
  { collection: 'instances', parameters: name => ({ name, user_data: name }), needs: { image_id: 'images' } },
  { collection: 'images', parameters: name => ({ name, description: name }), needs: { instance_id: 'instances' } },
  { collection: 'storage_snapshots', parameters: name => ({ name, description: name }), needs: { volume_id: 'storage_volumes' } },
  { collection: 'buckets', parameters: name => ({ name }) },
  { collection: 'networks', parameters: name => ({ name, address_block: '172.16.0.0/12' }) },
  { collection: 'subnets', parameters: name => ({ name, address_block: '192.168.77.0/24' }), needs: { network_id: 'networks' } },
  { collection: 'network_interfaces', parameters: name => ({ name }), needs: { instance: 'instances', network: 'subnets' } },
  {
    collection: 'load_balancers',
    parameters: name => ({ name, listener_protocol: 'HTTP', listener_balancer_port: '80', listener_instance_port: '80' }),
    needs: { realm_id: 'realms' },
  },
]

const makesBlobs = (cloud: CloudUnderTest): boolean => cloud.offers('buckets', 'create') && cloud.offers('blobs', 'create')

const kept: readonly Place[] = [
  ...makings.map(
    ({ collection, parameters, needs = {} }): Place => ({
      name: `${Object.keys(parameters('')).join(', ')} of ${collection}`,
      isKept: true,
      isOffered: cloud => cloud.offers(collection as 'keys', 'create'),
      async ask(cloud, text, n) {
        const inventory = new Inventory(cloud)
        const form: Record<string, string> = { ...parameters(text) }
        for (const [name, of] of Object.entries(needs)) {
          const id = await inventory.at(of, n)
          if (id === undefined) throw new Inconclusive(`there are no ${of}`)
          form[name] = id
        }
        const made = await cloud.ask({ method: 'POST', target: `${cloud.root}/${collection}?format=html`, form })
        const location = made.headers.get('location')
        return [
          made,
          ...(location === undefined ? [] : [await cloud.ask(`${new URL(location).pathname}?format=html`)]),
          ...(await pagesAround(cloud, collection, n)),
        ]
      },
    }),
  ),
  {
    name: 'name and metadata of a blob',
    isKept: true,
    isOffered: makesBlobs,
    // Stores list their blobs in XML, and keep metadata as headers.
    able: text =>
      replaceIllegal(text)
        .replace(/[\p{Cc}\ufffd]/gu, '')
        .replace(/\s+/g, ' ')
        .trim(),
    async ask(cloud, text, n) {
      const form = { blob_id: text, blob_data: 'content', meta_params: '1', meta_name1: 'note', meta_value1: text }
      const bucket = await makeOr(cloud, 'buckets', { name: 'bucket-of-a-law' })
      const made = await cloud.ask({ method: 'POST', target: `${bucket}?format=html`, form })
      const blob = `${bucket}/${encodeSegment(text)}?format=html`
      return [made, await cloud.ask(blob), await cloud.ask(`${bucket}?format=html`), ...(await pagesAround(cloud, 'buckets', n))]
    },
  },
  {
    name: 'the name of metadata of a blob',
    isKept: true,
    isOffered: makesBlobs,
    async ask(cloud, text) {
      const form = { blob_id: 'blob', blob_data: 'content', meta_params: '1', meta_name1: text, meta_value1: 'value' }
      const bucket = await makeOr(cloud, 'buckets', { name: 'bucket-of-a-law' })
      const made = await cloud.ask({ method: 'POST', target: `${bucket}?format=html`, form })
      const kept = await cloud.ask(`${bucket}/blob?format=json`)
      // In a header no name can be any text.
      if (kept.status !== 200 || !Object.hasOwn(metadataOf(readResource(kept)), replaceIllegal(text.toLowerCase())))
        throw new Inconclusive('the cloud keeps another name')
      return [made, await cloud.ask(`${bucket}/blob?format=html`)]
    },
  },
  {
    name: 'group and owner of a rule',
    isKept: true,
    isOffered: cloud => cloud.offers('firewalls', 'create') && cloud.offers('firewalls', 'createRule'),
    // A driver may make a rule’s id of them, without what divides its parts.
    able: text => text.replace(/[-,~@]/g, ''),
    async ask(cloud, text) {
      const firewall = await makeOr(cloud, 'firewalls', { name: 'wall', description: 'of a law' })
      const form = { protocol: 'tcp', port_from: '22', port_to: '22', group1: text, group1owner: text }
      const made = await cloud.ask({ method: 'POST', target: `${firewall}/rules?format=html`, form })
      return [made, await cloud.ask(`${firewall}?format=html`), await page(cloud, '/firewalls')]
    },
  },
  {
    name: 'a command that’s run',
    isKept: true,
    isOffered: cloud => cloud.offers('instances', 'run'),
    // A shell says of a command no more than its first word, without quotes.
    able: text => text.replace(/[\s'"\\]/g, '_'),
    async ask(cloud, text, n) {
      const id = await new Inventory(cloud).at('instances', n)
      if (id === undefined) throw new Inconclusive('there is no instance')
      const form = { cmd: text, password: 'secret' }
      return [await cloud.ask({ method: 'POST', target: `${cloud.root}/instances/${encodeSegment(id)}/run?format=html`, form })]
    },
  },
]

const metadataOf = (blob: Item): Item => (isItem(blob.user_metadata) ? blob.user_metadata : {})

/** @returns the address of what was made @throws Inconclusive where nothing was */
const makeOr = async (
  cloud: CloudUnderTest,
  collection: 'buckets' | 'firewalls',
  form: Readonly<Record<string, string>>,
): Promise<string> => {
  const made = await cloud.ask({ method: 'POST', target: `${cloud.root}/${collection}?format=json`, form })
  const location = made.headers.get('location')
  if (location === undefined) throw new Inconclusive(`none of ${collection} was made`)
  return new URL(location).pathname
}

/** The index, and forms that may offer what is in it. */
const pagesAround = async (cloud: CloudUnderTest, collection: string, n: number): Promise<readonly Answer[]> => {
  const forms = Object.keys(cloud.offer.operations).filter(
    name => name !== 'blobs' && name !== 'addresses' && cloud.offers(name as 'keys', 'create'),
  )
  const found = [await page(cloud, `/${collection}`)]
  for (const at of [n, n + 1]) {
    const form = pickNth(forms, at)
    if (form !== undefined) found.push(await page(cloud, `/${form}/new`))
  }
  return found
}

export interface Planting {
  readonly place: number
  readonly text: string
  readonly n: number
}

export const anyPlanting: fc.Arbitrary<Planting> = fc.record({ place: fc.nat(999), text: anyMarkup, n: fc.nat(99) })

/** One text at one place, and a harmless one in a cloud that is alike: the pages differ in it alone. */
export const checkPlanted = async (cloud: CloudUnderTest, { place: at, text, n }: Planting): Promise<void> => {
  const able = cloud.abilities.fork === undefined ? echoes : [...echoes, ...kept]
  const place = pickNth(
    able.filter(({ isOffered }) => isOffered?.(cloud) !== false),
    at,
  )
  if (place === undefined) return
  const twin = place.isKept ? await cloud.abilities.fork?.() : cloud
  if (twin === undefined) return
  const wild = place.able?.(text) ?? text
  const plain = await place.ask(twin, harmless, n)
  const answers = await place.ask(cloud, wild, n)
  // A text may be refused that another isn't: then there is nothing to be alike.
  const isTaken = plain[0]?.status === answers[0]?.status
  for (const [nth, answer] of answers.entries())
    holdAlike(`${place.name} is ${JSON.stringify(wild)}`, isTaken ? plain[nth] : undefined, answer, wild)
}

/** Pages of a recording in which a text is another, beside those where it's a harmless one. */
export const checkMutatedPages = async (cloud: CloudUnderTest, collection: string): Promise<void> => {
  const { recorded } = cloud.abilities
  if (recorded?.otherwise === undefined) return
  const { text, open } = recorded.otherwise
  const what = `the provider says ${JSON.stringify(text.slice(0, 100))}`
  const steps = recorded.recording.scenario.steps.flatMap(({ request: { method, path } }) =>
    method === 'GET' && isReadable(path) ? [path] : [],
  )
  await using plain = await open(harmless)
  for (const path of new Set([`${cloud.root}/${collection}`, ...steps])) {
    try {
      const answer = await cloud.ask(`${path}?format=html`)
      // A text may look like nothing at all, and then nothing is shown.
      holdAlike(what, text.trim() === '' ? undefined : await plain.cloud.ask(`${path}?format=html`), answer, text)
    } catch (error) {
      if (!(error instanceof Inconclusive)) throw error
    }
  }
}

/** Documents of resources and their lists, which are pages as well. */
const isReadable = (path: string): boolean => /^\/api\/[a-z_]+(\/[^/?]+){0,2}$/.test(path) && !path.endsWith('/content')

/** @param plain the answer where the text is harmless, where there is one to be compared with */
export const holdAlike = (what: string, plain: Answer | undefined, answer: Answer, text: string): void => {
  if (!isPage(answer)) return
  const found = pageOf(answer)
  holdSound(what, found)
  if (plain === undefined || plain.status !== answer.status || !isPage(plain)) return
  const { children } = pageOf(plain)
  if (hasByChance(children, text)) return
  const difference = findDifference(children, found.children, text)
  hold(difference === undefined, () => `Where ${what}, the page isn’t the same with that text: ${difference}`)
}

const isPage = ({ headers, text }: Answer): boolean => headers.get('content-type')?.startsWith('text/html') === true && text !== ''

/** Nothing in a page of the API runs: whatever is planted in it. */
const holdSound = (what: string, { children }: Page): void => {
  for (const element of elementsIn(children)) {
    const { name, attributes } = element
    hold(!['script', 'iframe', 'object', 'embed', 'base', 'style'].includes(name), () => `Where ${what}, the page has a <${name}>`)
    for (const key of attributes.keys()) hold(!/^(on|srcdoc|style$)/i.test(key), () => `Where ${what}, <${name}> has ${key}`)
    for (const key of ['href', 'action', 'src', 'formaction', 'xlink:href']) {
      const address = attribute(element, key)
      hold(address === undefined || /^(https?:\/\/|\/(?!\/)|#)/.test(address), () => `Where ${what}, a <${name}> leads to ${address}`)
    }
  }
}
