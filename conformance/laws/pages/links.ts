/** D2 of pages: their links answer, and what can be done is offered where the documents offer it, with the same method at the same place. */

import { type CloudUnderTest, hold } from '../../cloud-under-test.ts'
import type { HtmlNode } from '../../documents/html.ts'
import { attribute, contentOf, elementsIn, formsIn, linksIn, type PageForm, pageOf, requestOf } from '../../documents/page.ts'
import { type Item, isItem, itemsAt, jsonOf, read, readResource } from '../../documents/read.ts'
import { askResource, encodeSegment, isSame, pickNth } from '../asking.ts'
import { type DescribedOperation, readOpenApi } from '../described.ts'
import { rowsIn } from './facts.ts'
import { checkDoing } from './submitting.ts'

/** Something that can be done: where, and how. */
export interface Offered {
  /** In lower case. */
  readonly method: string
  /** Without what its last segment says in matrix parameters. */
  readonly path: string
  /** Those parameters. */
  readonly given: ReadonlyMap<string, string>
}

/** How a page offers it. */
export interface Way {
  readonly offered: Offered
  /** The form that does it: a button alone, or that of the page to which a button leads. */
  readonly form: PageForm
}

const key = ({ method, path }: Offered): string => `${method} ${path}`

/** What a document offers, wherever in it. */
export const offeredIn = (value: unknown): readonly Offered[] => {
  if (Array.isArray(value)) return value.flatMap(offeredIn)
  if (!isItem(value)) return []
  const own = itemsAt(value, 'actions').map(action => offeredAt(read(action, 'method') ?? '', read(action, 'href') ?? ''))
  return [...own, ...Object.entries(value).flatMap(([name, inner]) => (name === 'actions' ? [] : offeredIn(inner)))]
}

const offeredAt = (method: string, href: string): Offered => {
  const { pathname } = new URL(href)
  const last = pathname.slice(pathname.lastIndexOf('/') + 1)
  const [, ...given] = last.split(';')
  const pairs = given.map((pair): [string, string] => {
    const [name = '', value = ''] = pair.split('=')
    return [decodeURIComponent(name), decodeURIComponent(value)]
  })
  return {
    method,
    path: given.length === 0 ? pathname : pathname.slice(0, pathname.lastIndexOf('/') + 1 + last.indexOf(';')),
    given: new Map(pairs),
  }
}

/** What a form asks for: a form can ask for a method that HTML lacks. */
const offeredBy = (form: PageForm): Offered => {
  const instead = form.fields.find(({ name, kind }) => name === '_method' && kind === 'hidden')?.value
  return { ...offeredAt(form.method === 'post' ? (instead ?? 'post') : form.method, form.action), given: hiddenIn(form) }
}

const hiddenIn = ({ fields }: PageForm): ReadonlyMap<string, string> =>
  new Map(fields.filter(({ kind }) => kind === 'hidden').map(({ name, value }) => [name, value]))

/** Forms that do something, at once or on another page: those that filter aren't. */
const actingForms = (nodes: readonly HtmlNode[]): readonly PageForm[] =>
  formsIn(nodes).filter(({ method, fields }) => method === 'post' || fields.every(({ kind }) => kind === 'hidden'))

/** Each form of some part of a page, with what it leads to. */
export const waysFrom = async (cloud: CloudUnderTest, what: string, nodes: readonly HtmlNode[]): Promise<readonly Way[]> => {
  const ways: Way[] = []
  for (const form of actingForms(nodes)) {
    if (form.method === 'post') {
      hold(
        form.fields.every(({ kind }) => kind === 'hidden'),
        () => `A button of ${what} asks for ${form.fields.map(({ name }) => name).join(', ')}`,
      )
      ways.push({ offered: offeredBy(form), form })
      continue
    }
    const request = requestOf(form)
    const answer = await cloud.ask(request)
    hold(answer.status === 200, () => `A button of ${what} leads to ${request.target}, which is answered with ${answer.status}`)
    const [further, ...others] = formsIn(contentOf(pageOf(answer)))
    hold(further !== undefined && others.length === 0, () => `A button of ${what} leads to ${request.target}, which is no form`)
    hold(further.method === 'post', () => `The form at ${request.target} is sent by ${further.method}`)
    ways.push({ offered: offeredBy(further), form: further })
  }
  return ways
}

/** The page of a resource: its links, what it offers, and one thing done. */
export const checkPageOf = async (
  cloud: CloudUnderTest,
  collection: string,
  id: string,
  { gone, which, isToDo }: { readonly gone: ReadonlySet<string>; readonly which: number; readonly isToDo: boolean },
): Promise<void> => {
  const what = `${collection}/${id}`
  const json = await askResource(cloud, collection, id, 'json')
  const answer = await cloud.ask(`${cloud.root}/${collection}/${encodeSegment(id)}?format=html`)
  hold(answer.status === json.status, () => `${what} is answered with ${json.status} as JSON, and with ${answer.status} as a page`)
  if (json.status !== 200) return
  const page = pageOf(answer)
  await checkLinks(cloud, `The page of ${what}`, page.children, gone)
  const ways = await checkOffers(cloud, what, contentOf(page), readResource(json))
  const way = pickNth(ways, which)
  if (isToDo && way !== undefined) await checkDoing(cloud, collection, way, which)
}

/** The page of a resource offers what its JSON offers. @returns how */
export const checkOffers = async (cloud: CloudUnderTest, what: string, nodes: readonly HtmlNode[], item: Item): Promise<readonly Way[]> => {
  const wanted = offeredIn(item)
  const ways = await waysFrom(cloud, what, nodes)
  const further = onPagesOnly[what.split('/')[0] ?? ''] ?? []
  const operations = further.length === 0 ? [] : (await readOpenApi(cloud, cloud.root)).filter(({ id }) => further.includes(id))
  holdOffered(what, ways, wanted, operations)
  for (const one of wanted) {
    const way = ways.find(({ offered }) => key(offered) === key(one))
    hold(way !== undefined, () => `The page of ${what} has nothing for ${key(one)}, which its JSON offers`)
    for (const [name, value] of one.given)
      hold(
        way.offered.given.get(name) === value || one.path.split('/').some(segment => decodeURIComponent(segment) === value),
        () => `The form for ${key(one)} of ${what} says ${name}=${way.offered.given.get(name) ?? 'nothing'}, and its JSON ${value}`,
      )
  }
  return ways
}

/** What documents have no link for, as the original's had none: the operation must be one that the driver has. By collection. */
const onPagesOnly: Readonly<Record<string, readonly string[]>> = {
  buckets: ['buckets_create_blob', 'buckets_destroy'],
  storage_volumes: ['storage_snapshots_create'],
}

const holdOffered = (
  what: string,
  ways: readonly Way[],
  wanted: readonly Offered[],
  operations: readonly DescribedOperation[] = [],
): void => {
  const all = wanted.map(key)
  for (const { offered } of ways)
    hold(
      all.includes(key(offered)) || operations.some(operation => isOf(operation, offered)),
      () => `The page of ${what} offers ${key(offered)}, and its JSON ${all.join(', ') || 'nothing'}`,
    )
}

const isOf = ({ method, path }: DescribedOperation, offered: Offered): boolean =>
  method.toLowerCase() === offered.method && new RegExp(`^/[^/]+${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(offered.path)

/** The entry point as a page leads to the collections that its JSON lists, and to no others; all its links answer. */
export const checkEntryPage = async (cloud: CloudUnderTest): Promise<void> => {
  const document = jsonOf(await cloud.ask(`${cloud.root}?format=json`))
  const wanted = itemsAt(isItem(document) ? document.api : undefined, 'links').map(link => read(link, 'href') ?? '')
  const answer = await cloud.ask(`${cloud.root}?format=html`)
  hold(answer.status === 200, () => `The page of the entry point is answered with ${answer.status}`)
  const content = contentOf(pageOf(answer))
  const cards = elementsIn(content).filter(element => element.name === 'li' && attribute(element, 'class') === 'card')
  const found = cards.flatMap(card => linksIn(card.children).map(({ href }) => href))
  hold(
    isSame([...found].sort(), [...wanted].sort()),
    () => `The page of the entry point leads to ${found.join(', ')}, and its JSON to ${wanted.join(', ')}`,
  )
  // The console of a simulator is no page of the API.
  const known = new Set(['/_mock/console'])
  await checkLinks(cloud, 'The page of the entry point', content, known)
}

/** The page of an index: its rows offer what their resources do, and its head that something new be made, where the driver makes it. */
export const checkIndexPage = async (cloud: CloudUnderTest, collection: string, items: readonly Item[], which: number): Promise<void> => {
  const answer = await cloud.ask(`${cloud.root}/${collection}?format=html`)
  hold(answer.status === 200, () => `The page of ${collection} is answered with ${answer.status}`)
  const content = contentOf(pageOf(answer))
  const rows = rowsIn(content)
  const n = which % Math.max(1, rows.length)
  const row = rows[n]
  if (row !== undefined)
    holdOffered(`${collection}, row ${n + 1},`, await waysFrom(cloud, `${collection}, row ${n + 1},`, row.cells), offeredIn(items[n]))
  const inRows = new Set(rows.flatMap(({ cells }) => elementsIn(cells)))
  const target = `${cloud.root}/${collection}`
  const buttons = actingForms(content.map(node => withoutElements(node, inRows))).map(offeredBy)
  const toForms = linksIn(content).filter(({ href }) => new URL(href, 'http://cloud.test').pathname === `${target}/new`)
  const makes = cloud.offers(collection as 'keys', 'create')
  hold(
    buttons.every(button => key(button) === `post ${target}`),
    () => `The page of ${collection} has a button for ${buttons.map(key).join(', ')}`,
  )
  hold(
    buttons.length + toForms.length > 0 === makes,
    () => `The page of ${collection} offers ${makes ? 'nothing' : 'something'} new, and the driver can ${makes ? '' : 'not '}make it`,
  )
  for (const { href } of toForms.slice(0, 1)) {
    const form = await cloud.ask(`${new URL(href).pathname}?format=html`)
    hold(form.status === 200, () => `The form of ${collection} is answered with ${form.status}`)
    const found = formsIn(contentOf(pageOf(form)))
      .map(offeredBy)
      .map(key)
    hold(found.join() === `post ${target}`, () => `The form of ${collection} leads to ${found.join(', ')}, not post ${target}`)
  }
}

const withoutElements = (node: HtmlNode, without: ReadonlySet<HtmlNode>): HtmlNode =>
  typeof node === 'string'
    ? node
    : { ...node, children: node.children.filter(child => !without.has(child)).map(child => withoutElements(child, without)) }

/** Links of a page answer, and a link that has the name of a resource leads to it. @param known addresses that were asked already, or are gone */
export const checkLinks = async (
  cloud: CloudUnderTest,
  what: string,
  nodes: readonly HtmlNode[],
  known: ReadonlySet<string>,
): Promise<void> => {
  const asked = new Set<string>()
  for (const { href, text } of linksIn(nodes)) {
    if (href.startsWith('#')) continue
    const { pathname, search, origin } = new URL(href, 'http://cloud.test')
    hold(origin === 'http://cloud.test', () => `${what} has a link to ${href}, which is elsewhere`)
    const target = pathname + search
    if (asked.has(target) || (known.has(pathname) && search === '')) continue
    asked.add(target)
    const answer = await cloud.ask({ method: 'GET', target, headers: { Accept: 'text/html' } })
    hold(answer.status === 200, () => `${what} has a link “${text}” to ${target}, which is answered with ${answer.status}`)
  }
}
