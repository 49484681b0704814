/** Legal mutations of one answer: each is a document that its provider could have answered as well. */

import type { LegalMutation } from './mutations.ts'
import { belowRoot, find, findBelow, positionOf } from './paths.ts'
import type { ShapedOperation } from './shapes.ts'
import { type Address, at, everyNode, isAttribute, type Node, nameOf, replaceAt, type Tree, textAt, withText } from './tree.ts'

export interface Answered {
  readonly root: Tree
  readonly shape: ShapedOperation
  /** Ids that items of the recording have. */
  readonly taken: ReadonlySet<string>
}

export interface Change {
  readonly root: Tree
  readonly says: string
  /** What was left out, and whether the answer is useless without it. */
  readonly omitted?: { readonly name: string; readonly essential: boolean }
}

/** @returns undefined where the answer has no place for such a change */
export const changeAnswer = (answered: Answered, mutation: LegalMutation): Change | undefined => {
  switch (mutation.kind) {
    case 'permute':
      return permute(answered, mutation.order)
    case 'drop':
      return drop(answered, mutation.which)
    case 'multiply':
      return multiply(answered, mutation)
    case 'omit':
      return omit(answered, mutation)
    case 'add':
      return add(answered, mutation)
    case 'text':
      return text(answered, mutation)
    case 'state':
      return state(answered, mutation)
    case 'values':
      // What a row is about stands in several answers.
      return undefined
  }
}

/** Of this kind. */
type Of<K extends LegalMutation['kind']> = LegalMutation & { readonly kind: K }

export const pick = <T>(from: readonly T[], n: number): T | undefined => from[n % Math.max(1, from.length)]

const itemsOf = ({ root, shape }: Answered): readonly Address[] => find(root, shape.items)

/** Items beside others: of an answer that is one, nothing can be taken. */
const removableItems = (answered: Answered): readonly Address[] => itemsOf(answered).filter(item => item.length > 0)

/** The ids of an answer's items. */
export const idsOf = (root: Tree, { items, id }: ShapedOperation): readonly string[] =>
  id === undefined ? [] : find(root, items).flatMap(item => idOf(root, item, id) ?? [])

const idOf = (root: Tree, item: Address, id: string): string | undefined => {
  const [address] = findBelow(root, item, id)
  return address === undefined ? undefined : textAt(at(root, address))
}

const permute = (answered: Answered, order: readonly number[]): Change | undefined => {
  const items = removableItems(answered)
  const depths = Array.from({ length: items[0]?.length ?? 0 }, (_, n) => n + 1)
  // A list may stand in a list, such as instances in reservations. The inner ones come first: then the places of the outer ones still hold.
  const root = depths.toReversed().reduce((tree, depth) => {
    const places = [...new Set(items.map(item => item.slice(0, depth).join()))].map(place => place.split(',').map(Number))
    const lists = Map.groupBy(places, place => place.slice(0, -1).join())
    return [...lists.values()].reduce((inner, list) => reorder(inner, list, order), tree)
  }, answered.root)
  return root === answered.root ? undefined : { root, says: 'the items are in another order' }
}

/** @param list addresses of nodes with one parent */
const reorder = (root: Tree, list: readonly Address[], order: readonly number[]): Tree => {
  const places = list.map(place => place.at(-1) ?? 0)
  const shuffled = [...places]
  for (const [n, by] of order.entries()) {
    const [a, b] = [n % shuffled.length, by % shuffled.length]
    ;[shuffled[a], shuffled[b]] = [shuffled[b] ?? 0, shuffled[a] ?? 0]
  }
  const [parent] = list.map(place => place.slice(0, -1))
  if (parent === undefined || shuffled.join() === places.join()) return root
  const sources = new Map(places.map((place, n) => [place, shuffled[n] ?? place]))
  return replaceAt(root, parent, tree => ({
    ...tree,
    children: tree.children.map((child, n) => tree.children[sources.get(n) ?? n] ?? child),
  }))
}

const drop = (answered: Answered, which: number): Change | undefined => {
  const { root, shape } = answered
  const item = pick(removableItems(answered), which)
  if (item === undefined) return undefined
  const id = shape.id === undefined ? undefined : idOf(root, item, shape.id)
  return {
    root: adjustCounts(
      replaceAt(root, item, () => undefined),
      shape,
      -1,
    ),
    says: `the item ${id ?? ''} is missing`,
  }
}

/** What the answer says of how many items it has, after some came or went. */
const adjustCounts = (root: Tree, { counts = [] }: ShapedOperation, more: number): Tree =>
  counts
    .flatMap(path => find(root, path))
    .reduce((tree, address) => replaceAt(tree, address, count => withText(count, String(Math.max(0, Number(textAt(count)) + more)))), root)

const multiply = (answered: Answered, { which, times }: Of<'multiply'>): Change | undefined => {
  const { root, shape, taken } = answered
  const { id } = shape
  const item = pick(removableItems(answered), which)
  const tree = item === undefined ? undefined : at(root, item)
  const own = item === undefined || id === undefined ? undefined : idOf(root, item, id)
  if (item === undefined || tree === undefined || id === undefined || own === undefined) return undefined
  const copies = freshIds(own, taken, times).map(fresh => renameIds(tree, shape, own, fresh))
  const place = (item.at(-1) ?? 0) + 1
  const next = replaceAt(root, item.slice(0, -1), parent => ({ ...parent, children: parent.children.toSpliced(place, 0, ...copies) }))
  return { root: adjustCounts(next, shape, times), says: `${times} more items like ${own}` }
}

/** Ids of the same form that nobody has: a number stays one, and a UUID too. */
const freshIds = (own: string, taken: ReadonlySet<string>, times: number): readonly string[] => {
  const ids: string[] = []
  for (let n = 1; ids.length < times; n++) {
    const fresh = nthAfter(own, n)
    if (!taken.has(fresh)) ids.push(fresh)
  }
  return ids
}

const nthAfter = (id: string, n: number): string => {
  if (/^\d+$/.test(id)) return String(BigInt(id) + BigInt(n)).padStart(id.length, '0')
  const [, beginning, digits] = /^(.*)([0-9a-f]{8})$/s.exec(id) ?? []
  if (beginning === undefined || digits === undefined) return `${id}-copy${n}`
  return `${beginning}${((Number.parseInt(digits, 16) + n) % 2 ** 32).toString(16).padStart(8, '0')}`
}

/** A copy names itself by its own id, also in the addresses of itself; the others that it names stay the same. */
const renameIds = (item: Tree, { id = '', refs = [] }: ShapedOperation, own: string, fresh: string): Tree => {
  const named = findBelow(item, [], id).reduce((tree, address) => replaceAt(tree, address, node => withText(node, fresh)), item)
  return refs
    .flatMap(path => findBelow(item, [], path))
    .reduce((tree, address) => replaceAt(tree, address, node => renameAt(node, own, fresh)), named)
}

const renameAt = (node: Tree, own: string, fresh: string): Tree => {
  const before = textAt(node) ?? ''
  // A number alone is as likely that of something else.
  const isItself = before === own && !/^\d+$/.test(own)
  const after = isItself
    ? fresh
    : before.includes('/')
      ? before
          .split('/')
          .map(part => (part === own ? fresh : part))
          .join('/')
      : before
  return after === before ? node : withText(node, after)
}

const omit = (answered: Answered, { which, spare }: Of<'omit'>): Change | undefined => {
  const { root, shape } = answered
  const essential = Object.keys(shape.essential ?? {})
  const isEssential = (trail: readonly Tree[], paths: readonly string[]): boolean =>
    paths.some(path => ['before', 'at'].includes(positionOf(trail, path) ?? ''))
  const wholes = essential.filter(path => path.startsWith('/')).map(path => belowRoot(root, path.slice(1)))
  const parts = essential.filter(path => !path.startsWith('/'))
  const { replaced = [] } = shape
  const kept = replaced.filter(path => path.startsWith('/')).map(path => belowRoot(root, path.slice(1)))
  const places = [
    ...inItems(answered)
      .filter(({ trail }) => !replaced.some(path => !path.startsWith('/') && positionOf(trail, path) === 'at'))
      .map(({ address, trail }) => ({ address, trail, isUseless: isEssential(trail, parts) })),
    // Where the items are to stand, only what the shape names is left out.
    ...besideItems(answered)
      .filter(({ trail }) => !kept.some(path => positionOf(trail, path) === 'at'))
      .map(({ address, trail, isAbove }) => ({ address, trail, isAbove, isUseless: isEssential(trail, wholes) }))
      .filter(({ isAbove, isUseless }) => !isAbove || isUseless),
  ]
  const place = pick(places, which)
  if (place === undefined || (place.isUseless && spare === true)) return undefined
  const names = place.trail.map(nameOf)
  return {
    root: replaceAt(root, place.address, () => undefined),
    says: `${names.join('/')} is left out`,
    omitted: { name: names.at(-1) ?? '', essential: place.isUseless },
  }
}

/** Nodes in items, as seen from these. */
const inItems = (answered: Answered): readonly Node[] =>
  itemsOf(answered).flatMap(item => {
    const tree = at(answered.root, item)
    return tree === undefined ? [] : everyNode(tree).map(node => ({ ...node, address: [...item, ...node.address] }))
  })

/** Nodes that are in no item; whether items are in them. */
const besideItems = ({ root, shape }: Answered): readonly (Node & { readonly isAbove: boolean })[] => {
  const path = belowRoot(root, shape.items)
  return everyNode(root).flatMap(node => {
    const stands = positionOf(node.trail, path)
    return stands === 'at' || stands === 'inside' ? [] : [{ ...node, isAbove: stands === 'before' }]
  })
}

const add = (answered: Answered, { which, name, what, isFirst }: Of<'add'>): Change | undefined => {
  const { root, shape } = answered
  const isMap = ({ trail }: Node): boolean => (shape.maps ?? []).some(map => ['at', 'inside'].includes(positionOf(trail, map) ?? ''))
  const places = [
    ...itemsOf(answered).filter(item => isRoomy(at(root, item))),
    ...inItems(answered).flatMap(node => (isMap(node) || !isRecord(node.tree) ? [] : [node.address])),
    ...besideItems(answered).flatMap(({ tree, address, isAbove }) => (isAbove && isRecord(tree) ? [address] : [])),
    ...(shape.items !== '' && isRecord(root) ? [[]] : []),
  ]
  const place = pick(places, which)
  const tree = place === undefined ? undefined : at(root, place)
  const child = tree === undefined ? undefined : unheardOf(tree.kind, name, what)
  if (place === undefined || child === undefined || tree?.children.some(other => other.name === child.name)) return undefined
  return {
    root: replaceAt(root, place, ({ text: _, ...inner }) => ({
      ...inner,
      ...(isAttribute(child) && inner.children.every(isAttribute) ? { text: '' } : {}),
      children: isFirst ? [child, ...inner.children] : [...inner.children, child],
    })),
    says: `there is an unknown ${child.name}`,
  }
}

/** What more can be put into: a list takes only items, and text nothing. */
const isRoomy = (tree: Tree | undefined): boolean =>
  tree?.kind === 'object' || (tree?.kind === 'element' && (tree.text ?? '').trim() === '')

/** In XML, what has different things in it: elements of one name are a list, and one alone may be the only one of a list. */
const isRecord = (tree: Tree): boolean =>
  tree.kind === 'object' ||
  (tree.kind === 'element' && tree.name !== 'Envelope' && new Set(tree.children.filter(child => !isAttribute(child)).map(nameOf)).size > 1)

const unheardOf = (place: Tree['kind'], name: string, what: Of<'add'>['what']): Tree => {
  const text = 'unheard of'
  if (place === 'object') {
    const value = (own: string, inner: string | null): Tree => ({ name: own, kind: 'value', children: [], value: inner })
    if (what === 'inner') return { name, kind: 'object', children: [{ name: 'list', kind: 'list', children: [value('*', text)] }] }
    return value(name, what === 'text' ? text : null)
  }
  if (what === 'bare') return { name: `@${name}`, kind: 'attribute', children: [], text }
  const inner: Tree = { name: what === 'inner' ? 'item' : name, kind: 'element', children: [], text }
  return what === 'inner' ? { name, kind: 'element', children: [inner] } : inner
}

const text = (answered: Answered, { which, text: next }: Of<'text'>): Change | undefined => {
  const { id, refs = [], words = [], state: status, cursor } = answered.shape
  const cursors = answered.shape.items === '' ? [cursor?.at] : []
  const fixed = [id, ...refs, ...words, status?.path, ...cursors].filter(path => path !== undefined)
  const node = pick(
    inItems(answered).filter(({ tree, trail }) => isText(tree) && !fixed.some(path => positionOf(trail, path) === 'at')),
    which,
  )
  return node === undefined
    ? undefined
    : {
        root: replaceAt(answered.root, node.address, tree => withText(tree, next)),
        says: `${node.names.join('/')} is ${JSON.stringify(next.slice(0, 40))}`,
      }
}

/** What may be any text: numbers, flags and dates are no texts. */
const isText = (tree: Tree): boolean => {
  const own = textAt(tree)
  if (own === undefined) return false
  if (tree.kind === 'value') return typeof tree.value === 'string' && !/^\d{4}-\d\d-\d\d/.test(own)
  return !/^(-?\d+(\.\d+)?|true|false|\d{4}-\d\d-\d\d.*|\s*)$/.test(own)
}

const state = (answered: Answered, { which, state: n }: Of<'state'>): Change | undefined => {
  const { root, shape } = answered
  const item = pick(itemsOf(answered), which)
  const [address] = item === undefined || shape.state === undefined ? [] : findBelow(root, item, shape.state.path)
  const before = address === undefined ? undefined : at(root, address)
  if (address === undefined || before === undefined || shape.state === undefined) return undefined
  // Where states are numbers in JSON, an unknown one is a number too.
  const unknown = typeof before.value === 'number' ? ['987654', '-1'] : ['unheard of', '__proto__', '']
  const next = pick([...shape.state.values, ...unknown], n) ?? ''
  return { root: replaceAt(root, address, tree => withText(tree, next)), says: `the state is ${JSON.stringify(next)}` }
}
