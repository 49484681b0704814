/** D1 of pages: the page of a resource says what its JSON says, and no page says of it what its JSON doesn't. */

import type { Answer } from '../../client.ts'
import { type CloudUnderTest, hold, Inconclusive } from '../../cloud-under-test.ts'
import type { HtmlElement, HtmlNode } from '../../documents/html.ts'
import { attribute, contentOf, elementsIn, findElement, pageOf, textOf, textsIn } from '../../documents/page.ts'
import { type Item, isItem, itemsAt, read, readResource } from '../../documents/read.ts'
import { askResource, encodeSegment } from '../asking.ts'

/** A scalar of a document, with the keys that lead to it. */
interface Fact {
  readonly path: string
  readonly value: string
}

/** What a page needn't say in words, and why. */
const unsaid: Readonly<Record<string, string>> = {
  'actions.rel': 'a button says it in its own words',
  'actions.method': 'D2',
  rel: 'a link says what it leads to by the label before it',
  href: 'D2',
  content_href: 'D2',
  associated: 'there is an instance, or none',
  create_image: 'there is a button, or none',
  authentication_type: 'what the driver can do, whatever the instance',
  'addresses.type': 'an address looks like what it is',
  'sources.type': 'an address looks like one',
  'sources.family': 'an address looks like what it is',
  kind: 'one value, several, or a first and a last',
  param: 'the form has a field for it',
  unit: 'of some words there is none to be told',
  'rules.id': 'its own page says it, to which the rule leads',
}

/** Words of pages about facts: units, and what stands for absent. */
const wordsOfPages: ReadonlySet<string> = new Set(
  'none free mb gb vcpus default to any of as logged download id unavailable vnc unknown unlimited'.split(' '),
)

/** The page of an index, and that of one of its resources. On a recording the latter may not have been asked. */
export const checkFactsOfPages = async (
  cloud: CloudUnderTest,
  collection: string,
  items: readonly Item[],
  id: string | undefined,
): Promise<void> => {
  holdRows(collection, await cloud.ask(`${cloud.root}/${collection}?format=html`), items)
  if (id === undefined) return
  try {
    const own = await askResource(cloud, collection, id, 'json')
    const page = await cloud.ask(`${cloud.root}/${collection}/${encodeSegment(id)}?format=html`)
    hold(page.status === own.status, () => `${collection}/${id} is answered with ${own.status} as JSON, and with ${page.status} as a page`)
    if (own.status !== 200) return
    holdSameFacts(`${collection}/${id}`, page, readResource(own))
    for (const href of partsOf(readResource(own)).slice(0, 2)) {
      const { pathname } = new URL(href)
      const part = await cloud.ask(`${pathname}?format=json`)
      hold(part.status === 200, () => `${pathname} is answered with ${part.status}`)
      holdSameFacts(pathname.slice(cloud.root.length + 1), await cloud.ask(`${pathname}?format=html`), readResource(part))
    }
  } catch (error) {
    if (!(error instanceof Inconclusive)) throw error
  }
}

/** Addresses of what has no collection of its own: rules of a firewall, blobs of a bucket. */
const partsOf = (item: Item): readonly string[] =>
  [...itemsAt(item, 'rules'), ...itemsAt(item, 'blob_list')].map(one => read(one, 'href') ?? '')

/** The page of a resource has each fact of its JSON, and none besides. @param only what else the page may say of it */
export const holdSameFacts = (what: string, answer: Answer, item: Item): void => {
  hold(answer.status === 200, () => `${what} as a page is answered with ${answer.status}`)
  const content = contentOf(pageOf(answer))
  const texts = [
    ...textsIn(content),
    ...elementsIn(content).flatMap(element => (element.name === 'a' ? [] : [...element.attributes.values()])),
  ]
  for (const { path, value } of factsOf(item))
    hold(
      texts.some(text => hasWords(text, asShown(path, value))),
      () => `The page of ${what} doesn’t say ${path}, which is ${JSON.stringify(value)}`,
    )
  const facts = findElement(content, ({ name }) => name === 'dl')
  const values = facts === undefined ? [] : elementsIn(facts.children).filter(({ name }) => name === 'dd')
  hold(values.length > 0, () => `The page of ${what} has no facts`)
  for (const value of values) holdKnown(`The page of ${what}`, value, item)
}

/** Each row of an index is about one of its resources, leads there, and says of it what its JSON says. */
export const holdRows = (collection: string, answer: Answer, items: readonly Item[]): void => {
  hold(answer.status === 200, () => `The page of ${collection} is answered with ${answer.status}`)
  const rows = rowsIn(contentOf(pageOf(answer)))
  const shown = Math.min(items.length, longestPage)
  hold(rows.length === shown, () => `The page of ${collection} has ${rows.length} rows, and the index ${items.length} resources`)
  for (const [n, { head, cells }] of rows.entries()) {
    const item = items[n] ?? {}
    const [id, href] = [read(item, 'id') ?? '', read(item, 'href')]
    const link = findElement([head], ({ name }) => name === 'a')
    hold(
      textOf(head) === id,
      () => `Row ${n + 1} of the page of ${collection} is about ${JSON.stringify(textOf(head))}, not ${JSON.stringify(id)}`,
    )
    hold(
      link !== undefined && attribute(link, 'href') === href,
      () => `Row ${n + 1} of the page of ${collection} leads to ${link === undefined ? 'nothing' : attribute(link, 'href')}, not ${href}`,
    )
    for (const cell of cells) holdKnown(`The row of ${id} in the page of ${collection}`, cell, item)
  }
}

/** Rows that a page shows at most. */
const longestPage = 200

/** One resource in the page of an index. */
export interface Row {
  readonly head: HtmlElement
  readonly cells: readonly HtmlElement[]
}

export const rowsIn = (content: readonly HtmlNode[]): readonly Row[] => {
  const table = findElement(content, element => element.name === 'table')
  const body = table === undefined ? undefined : findElement(table.children, ({ name }) => name === 'tbody')
  return (body?.children ?? []).flatMap((row): Row[] => {
    if (typeof row === 'string') return []
    const [head, ...cells] = row.children.filter(cell => typeof cell !== 'string')
    return head === undefined ? [] : [{ head, cells }]
  })
}

/** All that a document says, as text. Blank is absent. */
const factsOf = (value: unknown, path = ''): readonly Fact[] => {
  if (value === null || value === undefined || typeof value === 'boolean') return []
  if (Array.isArray(value)) return value.flatMap(one => factsOf(one, path))
  if (!isItem(value)) return isUnsaid(path) || String(value).trim() === '' ? [] : [{ path, value: String(value) }]
  // A reference to nothing.
  if ('id' in value && value.id === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(/user_metadata$|property_details$|hardware_profile\.properties$/.test(path) ? [{ path: `the name of ${path}`, value: key }] : []),
    ...factsOf(inner, path === '' ? key : `${path}.${key}`),
  ])
}

const isUnsaid = (path: string): boolean =>
  Object.keys(unsaid).some(name => path === name || path.endsWith(`.${name}`) || path.endsWith(`_${name}`))

/** As pages write it. */
const asShown = (path: string, value: string): string =>
  path.endsWith('values.timestamp') && /^\d+$/.test(value)
    ? timeOf(Number(value))
    : /^the name of .*propert/.test(path)
      ? value.replaceAll('_', ' ')
      : value

/** @param seconds since 1970 */
const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

/** Whether a text has another in it, as a whole: not as a part of a longer number or word. */
const hasWords = (text: string, words: string): boolean => {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1))
    if (isBorder(text[at - 1], words[0]) && isBorder(text[at + words.length], words.at(-1))) return true
  return false
}

const isBorder = (beside: string | undefined, end: string | undefined): boolean =>
  beside === undefined || !/[\p{L}\p{N}]/u.test(beside) || end === undefined || !/[\p{L}\p{N}]/u.test(end)

/** What a page says of a resource is known from its JSON, word for word. */
const holdKnown = (where: string, element: HtmlElement, item: Item): void => {
  const known = new Set([...wordsOfPages, ...textsOfItem(item).flatMap(wordsOf)])
  for (const word of textsIn(valuesWithin(element)).flatMap(wordsOf))
    hold(known.has(word), () => `${where} says ${JSON.stringify(word)}, which its JSON doesn’t`)
}

/** Names and values of a document. */
const textsOfItem = (value: unknown): readonly string[] => {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.flatMap(textsOfItem)
  if (!isItem(value)) return [String(value)]
  return Object.entries(value).flatMap(([key, inner]) => [
    ...key.split('_'),
    ...textsOfItem(key === 'timestamp' && typeof inner === 'number' ? timeOf(inner) : inner),
  ])
}

const wordsOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(word => word !== '')

/** Without what can be done, and the heads of tables. */
const valuesWithin = ({ children }: HtmlElement): readonly HtmlNode[] =>
  children.flatMap((node): HtmlNode[] =>
    typeof node === 'string' ? [node] : node.name === 'form' || node.name === 'thead' ? [] : [{ ...node, children: valuesWithin(node) }],
  )
