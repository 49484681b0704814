/** Lists cut into pages: whoever follows the cursor gets each item once, in order, however the provider tells of pages. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { PagedTransport } from '../../../conformance/mutations/paged-transport.ts'
import { cutIntoPages, type PageFlaw, type PagesMutation, pagedAnswers, pagesMutations } from '../../../conformance/mutations/pages.ts'
import { parseShapes } from '../../../conformance/mutations/shapes.ts'
import { Player } from '../../../conformance/replay/player.ts'
import { headerOf, readBody, wireRequest } from '../../../src/drivers/wire.ts'
import { recordingOf } from './made.ts'

interface Read {
  readonly items: readonly string[]
  /** Of the next page: an address, or undefined. */
  readonly next: string | undefined
}

interface Kind {
  readonly name: string
  readonly cursor: object
  readonly url: string
  readonly answer: string
  readonly items: string
  readonly read: (text: string, header: (name: string) => string | undefined) => Read
}

const base = 'https://lists.example'
const ids = ['a', 'b', 'c', 'd', 'e']
const json = (list: string, more: object = {}): string => JSON.stringify({ [list]: ids.map(id => ({ id })), ...more })
const idsIn = (list: readonly { readonly id: string }[]): readonly string[] => list.map(({ id }) => id)
const after = (parameter: string, marker: unknown): string | undefined =>
  typeof marker === 'string' ? `${base}/list?${parameter}=${encodeURIComponent(marker)}` : undefined
const withoutEntities = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&quot;', '"').replaceAll('&amp;', '&')

const kinds: readonly Kind[] = [
  {
    name: 'a token',
    cursor: { kind: 'token', at: 'next', parameter: 'after' },
    url: `${base}/list`,
    answer: json('list'),
    items: 'list/*',
    read: text => ({ items: idsIn(JSON.parse(text).list), next: after('after', JSON.parse(text).next) }),
  },
  {
    name: 'a token in XML, with pages that are empty',
    cursor: { kind: 'token', at: 'R/Token', parameter: 'Token', mayBeEmpty: true },
    url: `${base}/list`,
    answer: `<R xmlns="urn:list"><set>${ids.map(id => `<item><inner><item><id>${id}</id></item></inner></item>`).join('')}</set></R>`,
    items: 'R/set/item/inner/item',
    read(text) {
      const token = /<Token>([^<]*)<\/Token>/.exec(text)?.[1]
      return {
        items: [...text.matchAll(/<id>(.*?)<\/id>/g)].map(([, id = '']) => id),
        next: after('Token', token === undefined ? undefined : withoutEntities(token)),
      }
    },
  },
  {
    name: 'a token in a header',
    cursor: { kind: 'token', header: 'X-Next', parameter: 'after' },
    url: `${base}/list`,
    answer: json('list'),
    items: 'list/*',
    read: (text, header) => ({ items: idsIn(JSON.parse(text).list), next: after('after', header('x-next')) }),
  },
  {
    name: 'a link',
    cursor: { kind: 'link', at: 'links/next', parameter: 'page' },
    url: `${base}/list?sort=id`,
    answer: json('list', { links: {} }),
    items: 'list/*',
    read: text => ({ items: idsIn(JSON.parse(text).list), next: JSON.parse(text).links.next }),
  },
  {
    name: 'a path',
    cursor: { kind: 'path', at: 'next', parameter: 'marker' },
    url: `${base}/list?limit=100`,
    answer: json('list', { next: null }),
    items: 'list/*',
    read(text) {
      const { list, next } = JSON.parse(text)
      return { items: idsIn(list), next: typeof next === 'string' ? `${base}${next}` : undefined }
    },
  },
  {
    name: 'links by relation',
    cursor: { kind: 'links', at: 'list_links', parameter: 'marker' },
    url: `${base}/list`,
    answer: json('list'),
    items: 'list/*',
    read(text) {
      const { list, list_links: links = [] } = JSON.parse(text)
      return { items: idsIn(list), next: links.find(({ rel }: { rel: string }) => rel === 'next')?.href }
    },
  },
  {
    name: 'the last item, and whether there is more',
    cursor: { kind: 'last', parameter: 'marker', more: 'truncated' },
    url: `${base}/list`,
    answer: json('list', { truncated: 'false' }),
    items: 'list/*',
    read(text) {
      const { list, truncated } = JSON.parse(text)
      return { items: idsIn(list), next: truncated === 'true' ? after('marker', list.at(-1)?.id) : undefined }
    },
  },
  {
    name: 'the last item alone',
    cursor: { kind: 'last', parameter: 'marker' },
    url: `${base}/list`,
    answer: JSON.stringify(ids.map(id => ({ id }))),
    items: '*',
    read: text => ({ items: idsIn(JSON.parse(text)), next: after('marker', JSON.parse(text).at(-1)?.id) }),
  },
]

const made = ({ cursor, url, answer, items }: Kind) => ({
  recording: recordingOf([{ url, answer }]),
  shapes: parseShapes(
    'lists.json',
    JSON.stringify({
      driver: 'made',
      source: 'the API reference',
      sources: { pages: 'the API reference, Pages' },
      operations: [{ asks: '^GET /list', items, id: 'id', cursor: { ...cursor, source: 'pages' } }],
    }),
  ),
})

/** Follows the cursor of a list to its end, or as often as it's let. */
const follow = async (kind: Kind, mutation: PagesMutation, most = 50) => {
  const { recording, shapes } = made(kind)
  const paged = cutIntoPages(recording, shapes, mutation)
  const transport = new PagedTransport(new Player(paged.recording), paged.lists)
  const { read } = kind
  const all: string[] = []
  const statuses: number[] = []
  for (let next: string | undefined = kind.url; next !== undefined && statuses.length < most; ) {
    const target = next
    const response = await transport.send(wireRequest({ method: 'GET', target, headers: [] }), {
      signal: new AbortController().signal,
      operation: 'list',
    })
    statuses.push(response.status)
    const text = String(await readBody(response.body))
    if (response.status !== 200) break
    const page = read(text, name => headerOf(response.headers, name))
    all.push(...page.items)
    next = page.next
  }
  const [entry] = paged.recording.har.log.entries
  return { all, statuses, transport, paged, whole: read(entry?.response.content.text ?? '', () => undefined).items }
}

for (const kind of kinds) {
  t.test(`a list with ${kind.name} is whole in pages of any size`, async () => {
    let cuts = 0
    await fc.assert(
      fc.asyncProperty(pagesMutations(), async ({ flaw: _, ...mutation }) => {
        const { all, statuses, paged, transport, whole } = await follow(kind, mutation)
        assert.equal(paged.lists.length, 1)
        assert.deepEqual(all, whole)
        assert.ok(all.length >= ids.length)
        assert.ok(statuses.every(status => status === 200))
        assert.deepEqual(transport.strays, [])
        cuts += statuses.length > 1 ? 1 : 0
      }),
      { numRuns: 100 },
    )
    assert.ok(cuts > 90, `${cuts} lists had several pages`)
  })

  t.test(`a cursor of ${kind.name} leads back, or to a page that isn’t there`, async t => {
    const flaws: readonly PageFlaw[] = [
      { kind: 'repeats', page: 1 },
      { kind: 'loops', page: 2 },
      { kind: 'is lost', page: 1, status: 404 },
    ]
    for (const flaw of flaws) {
      const { statuses, transport } = await follow(kind, { entry: 0, copies: 0, sizes: [1], text: 't+x', isForm: false, flaw })
      if (flaw.kind === 'is lost') t.equal(statuses.at(-1), 404, flaw.kind)
      else t.equal(statuses.length, 50, flaw.kind)
      t.same(transport.strays, [])
    }
    const endless = await follow(
      kind,
      { entry: 0, copies: 0, sizes: [1], text: 't+x', isForm: false, flaw: { kind: 'repeats', page: 0 } },
      1000,
    ).catch((error: unknown) => error)
    t.match(endless, { message: /without end/ })
  })
}

t.test('a page that nobody named is refused, and told', async t => {
  const [kind] = kinds
  if (kind === undefined) throw new Error('There are no kinds')
  const { recording, shapes } = made(kind)
  const paged = cutIntoPages(recording, shapes, { entry: 0, copies: 0, sizes: [2], text: 't+/x', isForm: false })
  const transport = new PagedTransport(new Player(paged.recording), paged.lists)
  const send = (target: string) =>
    transport.send(wireRequest({ method: 'GET', target, headers: [] }), { signal: new AbortController().signal, operation: 'list' })
  await send(kind.url)
  t.equal((await send(`${base}/list?after=t+/x0.1`)).status, 400)
  t.match(transport.strays, [/after="t \/x0\.1" is asked for, and the pages are "t\+\/x0\.1"/])
})

t.test('what is a page already, has nothing in it, or names what it asks for, isn’t cut', t => {
  const cursor = { kind: 'token', at: 'next', parameter: 'after', unless: '^id$', source: 'pages' }
  const shapes = parseShapes(
    'lists.json',
    JSON.stringify({
      driver: 'made',
      source: 'the API reference',
      sources: { pages: 'the API reference, Pages' },
      operations: [{ asks: '^GET /list', items: 'list/*', id: 'id', cursor }],
    }),
  )
  const cut = (url: string, answer: string): number => pagedAnswers(recordingOf([{ url: `${base}${url}`, answer }]), shapes).length
  t.equal(cut('/list', json('list')), 1)
  t.equal(cut('/list?after=a', json('list')), 0)
  t.equal(cut('/list?id=a', json('list')), 0)
  t.equal(cut('/list', json('list', { next: 'a' })), 0)
  t.equal(cut('/list', '{"list":[]}'), 0)
  t.end()
})

t.test('a cursor says where it stands, and where that is documented', t => {
  const parse = (cursor: object, id: object = { id: 'id' }) =>
    parseShapes(
      'lists.json',
      JSON.stringify({
        driver: 'made',
        source: 'the API reference',
        sources: { pages: 'Pages' },
        operations: [{ asks: '^GET', items: 'list/*', ...id, cursor }],
      }),
    )
  const right = { parameter: 'after', source: 'pages' }
  for (const cursor of [
    { ...right, kind: 'token' },
    { ...right, kind: 'token', at: 'next', header: 'x-next' },
    { ...right, kind: 'link', header: 'link' },
    { ...right, kind: 'last', at: 'next' },
    { ...right, kind: 'token', at: 'next', source: 'nowhere' },
    { ...right, kind: 'token', at: 'next', unless: '(' },
  ])
    t.throws(() => parse(cursor), { name: 'MalformedRecording' }, JSON.stringify(cursor))
  t.throws(() => parse({ ...right, kind: 'last' }, {}), /behind the id of the last item/)
  t.ok(parse({ ...right, kind: 'token', header: 'x-next' }))
  t.end()
})
