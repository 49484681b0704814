/** Mutants of a recording: answers that its provider could give as well, and answers that no provider should give. All of it is data. */

import fc from 'fast-check'
import { anyText } from '../generators/text.ts'
import { type Har, type HarEntry, responseBodyOf } from '../replay/har.ts'
import { meaningOf } from '../replay/matching.ts'
import { outgoingOf } from '../replay/player.ts'
import type { Recording } from '../replay/recording.ts'
import { type ShapedOperation, type Shapes, shapeOf } from './shapes.ts'
import {
  type Address,
  at,
  type Document,
  everyNode,
  find,
  findBelow,
  readDocument,
  replaced,
  type Tree,
  textAt,
  withText,
  writeDocument,
} from './tree.ts'

/** What a provider may do: each is about one exchange, and a place in its answer that's a number until it's looked for. */
export type LegalMutation =
  | { readonly kind: 'permute'; readonly entry: number; readonly order: readonly number[] }
  | { readonly kind: 'drop'; readonly entry: number; readonly which: number }
  | { readonly kind: 'multiply'; readonly entry: number; readonly which: number; readonly times: number }
  | {
      readonly kind: 'omit'
      readonly entry: number
      readonly which: number
      /** What is essential is left alone. */
      readonly spare?: true
    }
  | { readonly kind: 'add'; readonly entry: number; readonly which: number; readonly name: string }
  | { readonly kind: 'text'; readonly entry: number; readonly which: number; readonly text: string }
  | { readonly kind: 'state'; readonly entry: number; readonly which: number; readonly state: number }

/** What no provider should do, and some do. */
export type IllegalMutation =
  | { readonly kind: 'status'; readonly entry: number; readonly status: number }
  | { readonly kind: 'cut'; readonly entry: number; readonly share: number }
  | { readonly kind: 'garble'; readonly entry: number; readonly every: number }
  | { readonly kind: 'type'; readonly entry: number; readonly body: string }
  | { readonly kind: 'huge'; readonly entry: number }
  | { readonly kind: 'late'; readonly entry: number }
  | { readonly kind: 'never ending'; readonly entry: number }
  | { readonly kind: 'reset'; readonly entry: number }

export type Mutation = LegalMutation | IllegalMutation
export type MutationKind = Mutation['kind']

const entry = fc.nat(99)
const which = fc.nat(9999)

const legal: { readonly [K in LegalMutation['kind']]: fc.Arbitrary<LegalMutation & { kind: K }> } = {
  permute: fc.record({ kind: fc.constant('permute'), entry, order: fc.array(fc.nat(99), { minLength: 1, maxLength: 12 }) }),
  drop: fc.record({ kind: fc.constant('drop'), entry, which }),
  multiply: fc.record({
    kind: fc.constant('multiply'),
    entry,
    which,
    times: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }) },
      { weight: 1, arbitrary: fc.integer({ min: 500, max: 3000 }) },
    ),
  }),
  omit: fc.record({ kind: fc.constant('omit'), entry, which }),
  add: fc.record({ kind: fc.constant('add'), entry, which, name: fc.stringMatching(/^x[a-z]{3,8}$/) }),
  text: fc.record({
    kind: fc.constant('text'),
    entry,
    which,
    text: fc.oneof({ weight: 9, arbitrary: anyText() }, { weight: 1, arbitrary: fc.constant('é\u202e]]>'.repeat(13_000)) }),
  }),
  state: fc.record({ kind: fc.constant('state'), entry, which, state: fc.nat(99) }),
}

const illegal: readonly fc.Arbitrary<IllegalMutation>[] = [
  fc.record({ kind: fc.constant('status'), entry, status: fc.constantFrom(400, 403, 404, 409, 418, 429, 500, 502, 503, 504) }),
  fc.record({ kind: fc.constant('cut'), entry, share: fc.double({ min: 0, max: 0.99, noNaN: true }) }),
  fc.record({ kind: fc.constant('garble'), entry, every: fc.integer({ min: 1, max: 16 }) }),
  fc.record({
    kind: fc.constant('type'),
    entry,
    body: fc.constantFrom('<html><body>Bad Gateway</body></html>', '{}', '[]', 'null', '<a/>', '', '"text"', '{"error":1}'),
  }),
  fc.record({ kind: fc.constant('reset'), entry }),
]
/** These take their time. */
const slow: readonly fc.Arbitrary<IllegalMutation>[] = [
  fc.record({ kind: fc.constant('late'), entry }),
  fc.record({ kind: fc.constant('never ending'), entry }),
  fc.record({ kind: fc.constant('huge'), entry }),
]

/** What is to be generated: one kind, any of what is legal, or of what isn't. */
export const mutations = (wanted: LegalMutation['kind'] | 'legal' | 'illegal'): fc.Arbitrary<readonly Mutation[]> => {
  if (wanted === 'illegal')
    return fc.oneof({ weight: 30, arbitrary: fc.oneof(...illegal) }, { weight: 1, arbitrary: fc.oneof(...slow) }).map(one => [one])
  if (wanted !== 'legal') return legal[wanted].map(one => [one])
  // What is essential isn't left out here: only R4 asks what becomes of that.
  const harmless = { ...legal, omit: legal.omit.map(one => ({ ...one, spare: true as const })) }
  return fc.array(fc.oneof(...Object.values(harmless)), { minLength: 1, maxLength: 3 })
}

export const isLegal = ({ kind }: Mutation): boolean => Object.hasOwn(legal, kind)

/** A mutation that was carried out. */
export interface Mutated {
  readonly recording: Recording
  /** What was done, as sentences; none where nothing of it was possible. */
  readonly done: readonly string[]
  /** Paths of what was left out, and whether an answer without it is useless. */
  readonly omitted: readonly { readonly name: string; readonly essential: boolean }[]
  /** Which exchanges answer in a way that no HAR can hold. */
  readonly effects: ReadonlyMap<HarEntry, IllegalMutation>
}

export const mutate = (recording: Recording, shapes: Shapes, all: readonly Mutation[]): Mutated => {
  let mutated: Mutated = { recording, done: [], omitted: [], effects: new Map() }
  for (const mutation of all)
    mutated = isLegal(mutation) ? legally(mutated, shapes, mutation as LegalMutation) : illegally(mutated, mutation as IllegalMutation)
  return mutated
}

const pick = <T>(from: readonly T[], n: number): T | undefined => from[n % Math.max(1, from.length)]

/** Exchanges whose answers somebody has described, with their documents. */
const shaped = (
  { har }: Recording,
  shapes: Shapes,
): readonly { readonly index: number; readonly shape: ShapedOperation; readonly document: Document; readonly asked: string }[] =>
  har.log.entries.flatMap((one, index) => {
    if (one.response.status >= 400) return []
    const asked = meaningOf(outgoingOf(one)).operation
    const shape = shapeOf(shapes, asked)
    const document = shape === undefined ? undefined : readDocument(responseBodyOf(one).toString('utf8'))
    return shape === undefined || document === undefined ? [] : [{ index, shape, document, asked }]
  })

const legally = (before: Mutated, shapes: Shapes, mutation: LegalMutation): Mutated => {
  const chosen = pick(shaped(before.recording, shapes), mutation.entry)
  if (chosen === undefined) return before
  const { index, shape, document, asked } = chosen
  const items = find(document.root, shape.items)
  const change = carryOut(document.root, shape, items, mutation)
  if (change === undefined) return before
  const body = writeDocument({ ...document, root: change.root })
  return {
    ...before,
    recording: withBody(before.recording, index, body),
    done: [...before.done, `in the answer to ${asked}: ${change.says}`],
    omitted: change.omitted === undefined ? before.omitted : [...before.omitted, change.omitted],
  }
}

interface Change {
  readonly root: Tree
  readonly says: string
  readonly omitted?: Mutated['omitted'][number]
}

type Changing<K extends LegalMutation['kind']> = (
  root: Tree,
  shape: ShapedOperation,
  items: readonly Address[],
  mutation: LegalMutation & { kind: K },
) => Change | undefined

const carryOut = (root: Tree, shape: ShapedOperation, items: readonly Address[], mutation: LegalMutation): Change | undefined => {
  // Each kind has a function for mutations of just that kind.
  const change = changes[mutation.kind] as (
    root: Tree,
    shape: ShapedOperation,
    items: readonly Address[],
    mutation: LegalMutation,
  ) => Change | undefined
  return change(root, shape, items, mutation)
}

const parentOf = (address: Address): Address => address.slice(0, -1)

const idOf = (root: Tree, shape: ShapedOperation, item: Address): string | undefined =>
  shape.id === undefined ? undefined : textAt(at(root, findBelow(root, item, shape.id)[0] ?? item))

/** Nodes in items, and their paths there; nothing inside of maps. */
const inItems = (root: Tree, shape: ShapedOperation, items: readonly Address[]) =>
  items.flatMap(item => {
    const tree = at(root, item)
    return tree === undefined
      ? []
      : everyNode(tree)
          .filter(({ names }) => !(shape.maps ?? []).some(map => names.length > map.split('/').length && isAt(names, map)))
          .map(node => ({ ...node, address: [...item, ...node.address], path: node.names.join('/') }))
  })

const isAt = (names: readonly string[], path: string): boolean => path.split('/').every((part, n) => part === '*' || part === names[n])

const fits = (path: string, pattern: string): boolean =>
  path.split('/').length === pattern.split('/').length && isAt(path.split('/'), pattern)

const changes: { readonly [K in LegalMutation['kind']]: Changing<K> } = {
  permute(root, _, items, { order }) {
    const [first] = items
    if (first === undefined || first.length === 0 || items.length < 2) return undefined
    const parent = parentOf(first)
    const places = items.filter(item => parentOf(item).join() === parent.join()).map(item => item.at(-1) ?? 0)
    const shuffled = [...places]
    for (const [n, by] of order.entries()) {
      const [a, b] = [n % shuffled.length, by % shuffled.length]
      ;[shuffled[a], shuffled[b]] = [shuffled[b] ?? 0, shuffled[a] ?? 0]
    }
    const next = replaced(root, parent, tree => ({
      ...tree,
      children: tree.children.map((child, n) => {
        const place = places.indexOf(n)
        return place < 0 ? child : (tree.children[shuffled[place] ?? n] ?? child)
      }),
    }))
    return { root: next, says: 'the items are in another order' }
  },
  drop(root, shape, items, { which: n }) {
    const item = pick(items, n)
    if (item === undefined || item.length === 0) return undefined
    return { root: replaced(root, item, () => undefined), says: `the item ${idOf(root, shape, item) ?? ''} is missing` }
  },
  multiply(root, shape, items, { which: n, times }) {
    const item = pick(items, n)
    const tree = item === undefined ? undefined : at(root, item)
    const { id } = shape
    if (item === undefined || item.length === 0 || tree === undefined || id === undefined) return undefined
    const own = textAt(at(root, findBelow(root, item, id)[0] ?? []))
    if (own === undefined) return undefined
    const copies = Array.from({ length: times }, (_, copy) => renamed(tree, id, `${own}-copy${copy}`))
    const next = replaced(root, parentOf(item), parent => ({ ...parent, children: [...parent.children, ...copies] }))
    return { root: next, says: `${times} more items like ${own}` }
  },
  omit(root, shape, items, { which: n, spare }) {
    const node = pick(inItems(root, shape, items), n)
    if (node === undefined) return undefined
    const essential = Object.keys(shape.essential ?? {}).some(
      path => !path.startsWith('/') && (fits(node.path, path) || fits(path.slice(0, node.path.length), node.path)),
    )
    if (essential && spare === true) return undefined
    return {
      root: replaced(root, node.address, () => undefined),
      says: `${node.path} is left out`,
      omitted: { name: node.names.at(-1) ?? '', essential },
    }
  },
  add(root, shape, items, { which: n, name }) {
    const places = [
      ...items,
      ...inItems(root, shape, items)
        .filter(
          ({ tree, path }) =>
            (tree.kind === 'object' || (tree.kind === 'element' && tree.children.length > 0 && !isList(tree))) &&
            !(shape.maps ?? []).some(map => fits(path, map)),
        )
        .map(({ address }) => address),
    ]
    const place = pick(places, n)
    const tree = place === undefined ? undefined : at(root, place)
    if (
      place === undefined ||
      tree === undefined ||
      tree.kind === 'list' ||
      tree.kind === 'value' ||
      tree.children.some(child => child.name === name)
    )
      return undefined
    const child: Tree =
      tree.kind === 'element'
        ? { name, kind: 'element', children: [], text: 'unheard of' }
        : { name, kind: 'value', children: [], value: 'unheard of' }
    return {
      root: replaced(root, place, inner => ({ ...inner, children: [...inner.children, child] })),
      says: `there is an unknown ${name}`,
    }
  },
  text(root, shape, items, { which: n, text }) {
    const fixed = [shape.id, ...(shape.refs ?? []), ...(shape.words ?? []), shape.state?.path, shape.cursor]
    const node = pick(
      inItems(root, shape, items).filter(({ tree, path }) => isText(tree) && !fixed.some(one => one !== undefined && fits(path, one))),
      n,
    )
    return node === undefined
      ? undefined
      : {
          root: replaced(root, node.address, tree => withText(tree, text.toWellFormed())),
          says: `${node.path} is ${JSON.stringify(text.slice(0, 40))}`,
        }
  },
  state(root, { state }, items, { which: n, state: value }) {
    const item = pick(items, n)
    if (item === undefined || state === undefined) return undefined
    const [address] = findBelow(root, item, state.path)
    const next = pick([...state.values, 'unheard of', '__proto__', ''], value)
    return address === undefined || next === undefined
      ? undefined
      : { root: replaced(root, address, tree => withText(tree, next)), says: `the state is ${JSON.stringify(next)}` }
  },
}

/** Elements of one name side by side are a list, and nothing is added to a list but items. */
const isList = ({ children }: Tree): boolean =>
  children.length > 0 &&
  children.every(({ name }) => name === children[0]?.name && (name === 'item' || name === 'member' || children.length > 1))

/** What may be any text: numbers, flags and dates are no texts. */
const isText = (tree: Tree): boolean => {
  const text = textAt(tree)
  if (tree.children.length > 0 || text === undefined || (tree.kind === 'value' && typeof tree.value !== 'string')) return false
  return tree.kind === 'value' ? !/^\d{4}-\d\d-\d\d/.test(text) : !/^(-?\d+(\.\d+)?|true|false|\d{4}-\d\d-\d\d.*|\s*)$/.test(text)
}

const renamed = (item: Tree, id: string, name: string): Tree => {
  const [address] = findBelow(item, [], id)
  return address === undefined ? item : replaced(item, address, tree => withText(tree, name))
}

const withBody = (recording: Recording, index: number, body: string): Recording => {
  const har: Har = {
    ...recording.har,
    log: {
      ...recording.har.log,
      entries: recording.har.log.entries.map((one, n) => {
        if (n !== index) return one
        const { encoding: _, ...content } = one.response.content
        return {
          ...one,
          response: {
            ...one.response,
            bodySize: Buffer.byteLength(body),
            content: { ...content, size: Buffer.byteLength(body), text: body },
          },
        }
      }),
    },
  }
  return { ...recording, har }
}

const illegally = (before: Mutated, mutation: IllegalMutation): Mutated => {
  const { entries } = before.recording.har.log
  const chosen = pick(entries, mutation.entry)
  if (chosen === undefined) return before
  return {
    ...before,
    effects: new Map([...before.effects, [chosen, mutation]]),
    done: [...before.done, `${chosen.request.method} ${new URL(chosen.request.url).pathname} is answered ${inWords(mutation)}`],
  }
}

const inWords = (mutation: IllegalMutation): string => {
  switch (mutation.kind) {
    case 'status':
      return `with ${mutation.status}`
    case 'cut':
      return `with ${Math.round(mutation.share * 100)} % of it`
    case 'garble':
      return 'with garbage'
    case 'type':
      return `with ${mutation.body === '' ? 'nothing' : mutation.body}`
    case 'huge':
      return 'with far too much'
    case 'late':
      return 'too late'
    case 'never ending':
      return 'without end'
    case 'reset':
      return 'by a broken connection'
  }
}
