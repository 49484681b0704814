/** Lists cut into pages at the cursor that their provider documents; and cursors that lead back, or to a page that can't be had. */

import fc from 'fast-check'
import type { HarEntry } from '../replay/har.ts'
import { isPageSize, meaningOf, type Outgoing } from '../replay/matching.ts'
import { outgoingOf } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'
import { readingOf, type ShapedAnswer, shapedAnswers, withEntry, withText } from './answers.ts'
import { changeAnswer, idsOf } from './changes.ts'
import { find, findBelow } from './paths.ts'
import type { Cursor, Shapes } from './shapes.ts'
import { type Address, at, type Document, replaceAt, type Tree, textAt, withText as withTextAt, writeDocument } from './tree.ts'

/** What no provider should do with a cursor, on the page of that number. */
export type PageFlaw =
  /** It leads to its own page. */
  | { readonly kind: 'repeats'; readonly page: number }
  /** It leads to an earlier page. */
  | { readonly kind: 'loops'; readonly page: number }
  /** It leads to a page that's refused, or can't be had. */
  | { readonly kind: 'is lost'; readonly page: number; readonly status: number }

export interface PagesMutation {
  /** Which list has the flaw: the others are as they were then. */
  readonly entry: number
  /** So many copies of an item are added to lists that are short. */
  readonly copies: number
  /** Items of each page, over and over. A page without items is one only where the documents let it be. */
  readonly sizes: readonly number[]
  /** What stands in tokens, markers, and the ids that pages begin behind. */
  readonly text: string
  /** Whether links have `+` for a blank. */
  readonly isForm: boolean
  readonly flaw?: PageFlaw
}

/** What addresses and forms have a meaning for, and what they can't hold as it is. */
export const markerText = fc
  .array(fc.constantFrom('+', '/', '&', '=', ' ', '%', '%2F', 'é', '名', '~', '?', 'a', '0'), { minLength: 1, maxLength: 6 })
  .map(parts => `t${parts.join('')}x`)

const lostStatuses = [400, 401, 403, 404, 409, 410, 500, 502, 503] as const

const flawKinds = [undefined, undefined, undefined, 'repeats', 'loops', 'is lost'] as const

/**
 * Pages as the provider may give them, or with a flaw.
 * @param n another number gives other mutations for the same seed, as each recording is to have
 */
export const pagesMutations = (n = 0): fc.Arbitrary<PagesMutation> =>
  fc
    .record({
      entry: fc.nat(999),
      copies: fc.nat(4),
      sizes: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
      text: markerText,
      isForm: fc.boolean(),
      kind: fc.nat(flawKinds.length - 1),
      page: fc.nat(99),
      status: fc.nat(lostStatuses.length - 1),
    })
    .map(({ copies, sizes, kind: k, page: p, status: s, ...rest }): PagesMutation => {
      const [kind, page] = [flawKinds[(k + n) % flawKinds.length], p + n]
      const mutation = { ...rest, copies: (copies + n) % 5, sizes: sizes.map(size => (size + n) % 4) }
      if (kind === undefined) return mutation
      const status = lostStatuses[(s + n) % lostStatuses.length] ?? 500
      return { ...mutation, flaw: kind === 'is lost' ? { kind, page, status } : { kind, page } }
    })

type Response = HarEntry['response']

/** A list in pages. */
export interface CutList {
  /** Whose answer is the first page. */
  readonly entry: HarEntry
  readonly cursor: Cursor
  /** What is asked, whatever the page. */
  readonly question: string
  readonly first: Response
  /** By what the request for them says. */
  readonly pages: ReadonlyMap<string, Response>
}

export interface Paged {
  /** The same with all items of each list in one page. */
  readonly recording: Recording
  readonly lists: readonly CutList[]
  /** What was done, as sentences. */
  readonly done: readonly string[]
}

/** @returns without lists where there is none to cut */
export const cutIntoPages = (recording: Recording, shapes: Shapes, mutation: PagesMutation): Paged => {
  const { flaw } = mutation
  const all = pagedAnswers(recording, shapes)
  const chosen = flaw === undefined ? all : all.slice(mutation.entry % Math.max(1, all.length)).slice(0, 1)
  const taken = new Set(all.flatMap(({ list, shape }) => idsOf(list.root, shape)))
  let whole = recording
  const lists: CutList[] = []
  const done: string[] = []
  for (const [n, answer] of chosen.entries()) {
    const longer = addCopies(answer, mutation.copies, taken)
    const named = nameBorders(longer, mutation)
    // An exchange that was changed is another.
    const entry =
      named === answer.list
        ? answer.entry
        : withItems(answer.entry, { ...answer.document, root: named.root }, answer.cursor, named.units.length)
    whole = withEntry(whole, answer.entry, entry)
    const list = cut({ ...answer, list: named, entry }, mutation, `${n}.`)
    if (list === undefined) continue
    lists.push(list)
    done.push(
      `the list ${answer.asked} comes in pages of ${groupsOf(named.units.length, mutation, answer.cursor)
        .map(([from, to]) => to - from)
        .join(', ')}${flaw === undefined ? '' : `, and a cursor ${flaw.kind}${flaw.kind === 'is lost' ? ` (${flaw.status})` : ''}`}`,
    )
  }
  return { recording: whole, lists, done }
}

interface PagedAnswer extends ShapedAnswer {
  readonly cursor: Cursor
  readonly list: List
}

interface List {
  readonly root: Tree
  /** What pages are cut between: items, or what they stand in. */
  readonly units: readonly Address[]
}

/** Lists that can be cut: whole ones, with something in them. */
export const pagedAnswers = (recording: Recording, shapes: Shapes): readonly PagedAnswer[] =>
  shapedAnswers(recording, shapes).flatMap(answer => {
    const { cursor } = answer.shape
    const { root } = answer.document
    if (cursor === undefined || isPart(answer, cursor)) return []
    const units = unitsOf(root, answer.shape.items)
    return units.length === 0 || !hasTotal(answer.entry, cursor, units.length) ? [] : [{ ...answer, cursor, list: { root, units } }]
  })

/** A page already, or an answer for which the documents have no pages. */
const isPart = ({ entry, document: { root } }: ShapedAnswer, { parameter, at: path, header, more, unless }: Cursor): boolean =>
  askedPage(outgoingOf(entry), parameter).page !== undefined ||
  (unless !== undefined && [...readingOf(entry).meaning.parameters.keys()].some(name => new RegExp(unless).test(name))) ||
  (header !== undefined && entry.response.headers.some(({ name }) => name.toLowerCase() === header.toLowerCase())) ||
  (path !== undefined && find(root, path).some(address => !isBlank(at(root, address)))) ||
  (more !== undefined && find(root, more).some(address => textAt(at(root, address)) !== 'false'))

const isBlank = (tree: Tree | undefined): boolean =>
  tree === undefined || tree.value === null || (tree.children.length === 0 && (textAt(tree) ?? '').trim() === '')

const hasTotal = ({ response }: HarEntry, { total }: Cursor, count: number): boolean =>
  total === undefined || response.headers.some(({ name, value }) => name.toLowerCase() === total && Number(value) === count)

/** The outermost list on the way to the items: instances stand in reservations. */
const unitsOf = (root: Tree, items: string): readonly Address[] => {
  const steps = items.match(/(?:[^/[]|\[[^\]]*\])+/g) ?? []
  const listed = steps.findIndex(step => /^(\*|item|member)$/.test(step))
  const path = steps.slice(0, (listed < 0 ? steps.length : listed) + 1)
  const units = path.length === 0 ? [] : find(root, path.join('/'))
  // Parts of several lists have no border in common.
  return new Set(units.map(unit => unit.slice(0, -1).join())).size === 1 ? units : []
}

/** As many as a list of several pages needs; in recordings most lists have one item. */
const short = 3

const addCopies = (answer: PagedAnswer, copies: number, taken: ReadonlySet<string>): PagedAnswer => {
  const { shape, list } = answer
  if (copies === 0 || list.units.length > short) return answer
  const change = changeAnswer({ root: list.root, shape, taken }, { kind: 'multiply', entry: 0, which: 0, times: copies })
  return change === undefined ? answer : { ...answer, list: { root: change.root, units: unitsOf(change.root, shape.items) } }
}

/** The exchange with another answer, and as many items in all as it has. */
const withItems = (entry: HarEntry, document: Document, { total }: Cursor, count: number): HarEntry => {
  const response = withText(entry.response, writeDocument(document))
  const headers = response.headers.map(one => (one.name.toLowerCase() === total ? { ...one, value: String(count) } : one))
  return { ...entry, response: { ...response, headers } }
}

/** Where pages begin behind an id, the ids at their borders get what needs encoding in an address. */
const nameBorders = ({ shape, cursor, list }: PagedAnswer, mutation: PagesMutation): List => {
  const { id } = shape
  if (cursor.kind !== 'last' || id === undefined) return list
  const borders = groupsOf(list.units.length, mutation, cursor).map(([, to]) => list.units[to - 1])
  const root = borders
    .flatMap(unit => (unit === undefined ? [] : findBelow(list.root, unit, id)))
    .reduce((tree, address) => replaceAt(tree, address, node => withTextAt(node, `${textAt(node) ?? ''}${mutation.text}`)), list.root)
  return { ...list, root }
}

/** First and last item of each page, the last one outside of it. */
const groupsOf = (count: number, { sizes }: PagesMutation, { kind, more, mayBeEmpty }: Cursor): readonly (readonly [number, number])[] => {
  // A list has some dozen pages at most.
  const scale = Math.max(1, Math.ceil(count / 12))
  // Where nothing tells of a next page, a page that isn't as long as others is the last one.
  const isEven = kind === 'last' && more === undefined
  const groups: (readonly [number, number])[] = []
  let isEmpty = false
  for (let from = 0; from < count; ) {
    const wanted = sizes[isEven ? 0 : groups.length % sizes.length] ?? 1
    isEmpty = wanted === 0 && mayBeEmpty === true && !isEmpty
    const to = isEmpty ? from : Math.min(count, from + Math.max(1, wanted) * scale)
    groups.push([from, to])
    from = to
  }
  return mayBeEmpty === true && sizes.includes(0) ? [...groups, [count, count]] : groups
}

/** Undefined where all is in one page, and where the cursor has no place. */
const cut = ({ entry, document, cursor, list, shape }: PagedAnswer, mutation: PagesMutation, prefix: string): CutList | undefined => {
  const { flaw } = mutation
  const groups = groupsOf(list.units.length, mutation, cursor)
  if (groups.length === 1 && flaw === undefined) return undefined
  const lastIdOf = (n: number): string => {
    const unit = list.units[(groups[n]?.[1] ?? 1) - 1]
    const [address] = unit === undefined ? [] : findBelow(list.root, unit, shape.id ?? '')
    return address === undefined ? '' : (textAt(at(list.root, address)) ?? '')
  }
  const text = cursor.header === undefined ? mutation.text : mutation.text.replace(/[^\x20-\x7e]/g, 'u')
  /** What the page of that number is asked for with. */
  const nameOf = (n: number): string => (cursor.kind === 'last' ? lastIdOf(n - 1) : `${text}${prefix}${n}`)
  const answerOf = (group: readonly [number, number], next: string | undefined): Response | undefined => {
    const root = withCursor(keepUnits(list, group), cursor, next, { entry, isForm: mutation.isForm })
    if (root === undefined) return undefined
    const response = withText(entry.response, writeDocument({ ...document, root }))
    const { header } = cursor
    return header === undefined || next === undefined
      ? response
      : { ...response, headers: [...response.headers, { name: header, value: next }] }
  }
  const flawed = flaw === undefined ? undefined : 1 + (flaw.page % Math.max(1, groups.length - 1))
  const contents = groups.map((group, n) => answerOf(group, n < groups.length - 1 || n + 1 === flawed ? nameOf(n + 1) : undefined))
  const pages = new Map<string, Response>()
  for (const [n, response] of contents.entries()) {
    if (response === undefined) return undefined
    if (n > 0) pages.set(nameOf(n), response)
  }
  // Behind the last item there is nothing.
  const beyond = cursor.kind === 'last' ? answerOf([list.units.length, list.units.length], undefined) : undefined
  if (beyond !== undefined) pages.set(nameOf(groups.length), beyond)
  const [first] = contents
  if (first === undefined) return undefined
  if (flaw !== undefined && flawed !== undefined) {
    const page = flawedPage(flaw, flawed)
    if (page !== undefined) pages.set(nameOf(flawed), page)
  }
  return { entry, cursor, question: questionOf(outgoingOf(entry), cursor.parameter), first, pages }

  function flawedPage({ kind, ...how }: PageFlaw, n: number): Response | undefined {
    if ('status' in how) return lostPage(entry.response, how.status)
    const target = kind === 'repeats' ? n : 1
    // Where nothing is told, the page that comes again has the items of the one before.
    if (cursor.kind === 'last') return contents[target - 1]
    return answerOf(groups[n] ?? groups[n - 1] ?? [0, 0], nameOf(target))
  }
}

const lostPage = (response: Response, status: number): Response => ({
  ...withText(response, 'Something is wrong'),
  status,
  statusText: '',
  headers: [{ name: 'Content-Type', value: 'text/plain' }],
})

const keepUnits = ({ root, units }: List, [from, to]: readonly [number, number]): Tree => {
  const [first] = units
  if (first === undefined) return root
  const gone = new Set([...units.slice(0, from), ...units.slice(to)].map(unit => unit.at(-1)))
  return replaceAt(root, first.slice(0, -1), list => ({ ...list, children: list.children.filter((_, n) => !gone.has(n)) }))
}

/** The answer with what leads to the next page, or with nothing that does. */
const withCursor = (
  root: Tree,
  { kind, at: path, more, parameter }: Cursor,
  next: string | undefined,
  { entry, isForm }: { readonly entry: HarEntry; readonly isForm: boolean },
): Tree | undefined => {
  const told = more === undefined ? root : putText(root, more, next === undefined ? 'false' : 'true')
  if (told === undefined || path === undefined) return told
  if (next === undefined) return find(told, path).reduceRight((tree, address) => replaceAt(tree, address, () => undefined), told)
  if (kind === 'token') return putText(told, path, next)
  const link = linkTo(entry.request.url, parameter, next, isForm)
  if (kind === 'link') return putText(told, path, link)
  if (kind === 'path') return putText(told, path, link.replace(/^[a-z]+:\/\/[^/]+/i, ''))
  return putNode(told, path, name => ({
    name,
    kind: 'list',
    children: [{ name: '*', kind: 'object', children: [value('href', link), value('rel', 'next')] }],
  }))
}

const value = (name: string, text: string): Tree => ({ name, kind: 'value', children: [], value: text })

/** A link repeats what was asked. */
const linkTo = (url: string, parameter: string, next: string, isForm: boolean): string => {
  const encoded = isForm ? new URLSearchParams({ [parameter]: next }).toString() : `${parameter}=${encodeURIComponent(next)}`
  return `${url}${url.includes('?') ? '&' : '?'}${encoded}`
}

const putText = (root: Tree, path: string, text: string): Tree | undefined =>
  putNode(root, path, (name, parent) => (parent.kind === 'element' ? { name, kind: 'element', children: [], text } : value(name, text)))

/** In the place of what a path leads to; behind its siblings where there is nothing. Undefined where there is no place for it. */
const putNode = (root: Tree, path: string, make: (name: string, parent: Tree) => Tree): Tree | undefined => {
  const [name = '', ...above] = path.split('/').toReversed()
  const [parent] = find(root, above.toReversed().join('/'))
  const before = parent === undefined ? undefined : at(root, parent)
  if (parent === undefined || before === undefined || (before.kind !== 'element' && before.kind !== 'object')) return undefined
  const [found] = find(root, path)
  const node = make(name, before)
  return found === undefined
    ? replaceAt(root, parent, tree => ({ ...tree, children: [...tree.children, node] }))
    : replaceAt(root, found, () => node)
}

/** What is asked, and for which page: undefined is the first one. */
export const askedPage = (
  asked: Outgoing,
  parameter: string,
  putBack: (text: string) => string = text => text,
): { readonly question: string; readonly page: string | undefined } => {
  const { operation, parameters, body } = meaningOf(asked, { putBack })
  const isCursor = (name: string): boolean => name.toLowerCase() === parameter.toLowerCase()
  const rest = [...parameters].filter(([name]) => !isCursor(name) && !isPageSize(name))
  const [page] = [...parameters].find(([name]) => isCursor(name))?.[1] ?? []
  return { question: JSON.stringify([operation, rest, body]), page: page === '' ? undefined : page }
}

const questionOf = (asked: Outgoing, parameter: string): string => askedPage(asked, parameter).question
