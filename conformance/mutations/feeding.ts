/** Recordings in which documented states, errors and values stand: what the API must make of them, the rows of the shapes say. */

import type { HarEntry } from '../replay/har.ts'
import type { Recording } from '../replay/recording.ts'
import { readingOf, shapedAnswers, withAnswer, withEntry, withText } from './answers.ts'
import { parseTime, type ShownItem, shownItems } from './expectations.ts'
import { findBelow } from './paths.ts'
import type { AttributeRow, ErrorRow, ShapedOperation, Shapes, StateRow } from './shapes.ts'
import { type Address, at, replaceAt, type Tree, textAt, withText as withTextAt, writeDocument } from './tree.ts'

/** States that no document has. */
export const unknownStates: readonly string[] = ['unheard of', '__proto__', 'constructor', '']
/** Where states are numbers in JSON, an unknown one is a number too. */
const unknownNumbers: readonly string[] = ['987654', '-1', '987655', '-2']

/** A state that all answers of a recording tell of one resource. */
export const putState = (
  recording: Recording,
  shapes: Shapes,
  { of, id }: Pick<ShownItem, 'of' | 'id'>,
  state: Pick<StateRow, 'native' | 'with'>,
): Recording =>
  inItems(recording, shapes, (root, item, shape) => {
    const path = shape.state?.path
    if (item.of !== of || item.id !== id || path === undefined) return root
    const [address] = findBelow(root, item.address, path)
    if (address === undefined) return root
    return Object.entries(state.with ?? {}).reduce(
      (tree, [member, text]) => putMember(tree, item.address, member, text),
      replaceAt(root, address, node => withTextAt(node, nativeFor(node, state.native))),
    )
  })

const nativeFor = (node: Tree, native: string): string => {
  const n = unknownStates.indexOf(native)
  return typeof node.value === 'number' && n >= 0 ? (unknownNumbers[n] ?? native) : native
}

/** Sets a member of an item; one that isn't there is added where its path is a plain name, and is left away where it's to say nothing. */
const putMember = (root: Tree, item: Address, path: string, text: string | null): Tree => {
  const found = findBelow(root, item, path)
  if (text === null) return found.reduce((tree, address) => replaceAt(tree, address, withoutText), root)
  if (found.length > 0) return found.reduce((tree, address) => replaceAt(tree, address, node => withTextAt(node, text)), root)
  if (/[/*@[]/.test(path)) return root
  return replaceAt(root, item, tree =>
    tree.kind === 'object'
      ? { ...tree, children: [...tree.children, { name: path, kind: 'value', children: [], value: text }] }
      : { ...tree, children: [...tree.children, { name: path, kind: 'element', children: [], text }] },
  )
}

const withoutText = (tree: Tree): Tree => {
  if (tree.kind !== 'value') return withTextAt(tree, '')
  const { source: _, ...rest } = tree
  return { ...rest, value: null }
}

/** Values of a row in every item that has the member, another in each; the same for one resource in all answers. */
export const putValues = (recording: Recording, shapes: Shapes, of: string, wanted: AttributeRow, n: number): Recording => {
  const ids = new Map<string, number>()
  return inItems(recording, shapes, (root, item, shape) => {
    if (item.of !== of) return root
    const rows = (shape.attributes ?? []).filter(
      row => row.attribute === wanted.attribute && row.as === wanted.as && canTakeValues(shape, row),
    )
    if (!ids.has(item.id)) ids.set(item.id, ids.size)
    const first = n + (ids.get(item.id) ?? 0)
    return rows.reduce(
      (tree, row) =>
        findBelow(tree, item.address, row.member).reduce((inner, address, place) => putValue(inner, address, row, first + place), tree),
      root,
    )
  })
}

/** What identifies a resource, or names another, stays: other answers are about it. */
export const canTakeValues = (
  { id, refs = [], words = [], state, items }: ShapedOperation,
  { member, as, attribute }: AttributeRow,
): boolean => as !== 'id' && attribute !== 'id' && (items !== '' || member !== '') && ![id, ...refs, ...words, state?.path].includes(member)

const putValue = (root: Tree, address: Address, row: AttributeRow, n: number): Tree => {
  const node = at(root, address)
  const before = textAt(node)
  if (node === undefined || before === undefined || node.value === null) return root
  const family = addressFamily(root, address, row)
  const all = valuesOf(row, before, family !== undefined)
  const value = all[n % Math.max(1, all.length)]
  if (value === undefined) return root
  const next = replaceAt(root, address, tree => withValue(tree, value))
  return family === undefined ? next : replaceAt(next, family, tree => withTextAt(tree, familyOf(value, textAt(tree) ?? '')))
}

/** A value of the kind that was there. */
const withValue = (tree: Tree, text: string): Tree => {
  if (tree.kind !== 'value') return withTextAt(tree, text)
  const { source: _, ...rest } = tree
  if (typeof tree.value === 'boolean') return { ...rest, value: text === 'true' }
  return typeof tree.value === 'number' ? { ...rest, value: Number(text), source: text } : { ...rest, value: text }
}

const valuesOf = (row: AttributeRow, before: string, hasFamily: boolean): readonly string[] => {
  switch (row.as) {
    case 'text':
      return textsFor(row.attribute, before, hasFamily)
    case 'number':
    case 'MiB→MB':
    case 'GiB→GB':
      return ['0', '1', '3', '1536', '2147483648']
    case 'bytes':
    case 'bytes→GB':
      return ['0', '1', '1073741824', '5368709120', '4398046511104']
    case 'boolean':
      return ['true', 'false']
    case 'epochSeconds':
      return ['0', '1', '1351168073', '2147483648']
    case 'epochMilliseconds':
      return ['0', '1000', '1351168073000', '2147483648000']
    case 'iso8601':
      return timesLike(before)
    case 'enum':
      return Object.keys(row.values ?? {})
    case 'id':
      return []
  }
}

const addressAttributes: ReadonlySet<string> = new Set(['public_addresses', 'private_addresses', 'ip_address', 'ip', 'id'])
const ipv4 = ['172.16.5.4', '203.0.113.25', '10.0.0.1', '192.168.255.254', '172.31.255.1', '100.64.0.1', '8.8.8.8', '172.32.0.1']
const ipv6 = ['2001:db8::25', 'fd00::1']
const hosts = ['web-1.example.com', 'ip-172-16-5-4.internal']

const textsFor = (attribute: string, before: string, hasFamily: boolean): readonly string[] => {
  if (addressAttributes.has(attribute)) {
    if (hasFamily) return [...ipv4, ...ipv6]
    return /^[\d.]+$/.test(before) ? ipv4 : before.includes(':') ? ipv6 : hosts
  }
  if (/^address_blocks?$/.test(attribute)) return ['172.16.0.0/12', '10.0.0.0/8', '203.0.113.0/24', '192.168.0.0/30']
  return ['tea', 'Größe № 5 – ✓', '0', 'a/b c?d=e&f', `long-${'x'.repeat(250)}`, 'ACTIVE']
}

/** Beside an address, the member that tells of which family it is. */
const addressFamily = (root: Tree, address: Address, row: AttributeRow): Address | undefined => {
  if (row.as !== 'text' || !addressAttributes.has(row.attribute)) return undefined
  const parent = address.slice(0, -1)
  const n = at(root, parent)?.children.findIndex(
    one => /^(version|type|family)$/.test(one.name) && /^([46]|(ip)?v[46]|hostname)$/i.test(textAt(one) ?? ''),
  )
  return n === undefined || n < 0 ? undefined : [...parent, n]
}

const familyOf = (value: string, before: string): string => {
  const digit = value.includes(':') ? '6' : '4'
  return /^hostname$/i.test(before) ? `ipv${digit}` : before.replace(/[46]$/, digit)
}

const instants = ['1970-01-01T00:00:00', '2012-02-29T23:30:00', '1999-12-31T23:59:59', '2038-01-19T03:14:08'] as const
const zones = ['Z', '+05:30', '-08:00', '+00:00'] as const

/** Times in the form of one: with a zone or without, and with as many digits of a second. None where it isn't ISO 8601. */
const timesLike = (before: string): readonly string[] => {
  const time = parseTime(before)
  if (time === undefined) return []
  const [fraction = ''] = /\.\d+/.exec(before) ?? []
  const separator = before.trim().at(10) ?? 'T'
  return instants.map((one, n) => `${one.replace('T', separator)}${fraction.replace(/\d/g, '0')}${time.hasZone ? (zones[n] ?? 'Z') : ''}`)
}

/** A documented error in the place of an answer, wherever the same is asked. @returns the exchanges that fail */
export const putError = (
  recording: Recording,
  entry: HarEntry,
  row: ErrorRow,
): { readonly recording: Recording; readonly failing: ReadonlySet<HarEntry> } => {
  const asked = JSON.stringify(meaningText(entry))
  const failing = new Set<HarEntry>()
  const next = recording.har.log.entries.reduce((all, one) => {
    if (JSON.stringify(meaningText(one)) !== asked) return all
    const failed = { ...one, response: errorResponse(one.response, row) }
    failing.add(failed)
    return withEntry(all, one, failed)
  }, recording)
  return { recording: next, failing }
}

const meaningText = (entry: HarEntry): unknown => {
  const { operation, parameters, body } = readingOf(entry).meaning
  return [operation, [...parameters], body]
}

const errorResponse = (response: HarEntry['response'], { status, type, headers = {}, body = '' }: ErrorRow): HarEntry['response'] => ({
  ...withText(response, body),
  status,
  statusText: '',
  headers: [
    ...Object.entries({ ...(type === undefined ? {} : { 'Content-Type': type }), ...headers }).map(([name, value]) => ({ name, value })),
    { name: 'Content-Length', value: String(Buffer.byteLength(body)) },
  ],
  content: { size: Buffer.byteLength(body), mimeType: type ?? '', text: body },
})

/** Changes items of answers, one after the other. */
const inItems = (recording: Recording, shapes: Shapes, change: (root: Tree, item: ShownItem, shape: ShapedOperation) => Tree): Recording =>
  shapedAnswers(recording, shapes).reduce((all, answer) => {
    const { root } = answer.document
    const next = shownItems(answer).reduce((tree, item) => change(tree, item, answer.shape), root)
    return next === root ? all : withAnswer(all, answer.entry, writeDocument({ ...answer.document, root: next }))
  }, recording)
