/** What the API's documents must show of an answer of the provider, by the rows of its shapes. */

import { isAlike, type Value } from '../documents/attributes.ts'
import type { ShapedAnswer } from './answers.ts'
import { find, findBelow } from './paths.ts'
import type { AttributeRow, Conversion, ErrorRow, ShapedOperation, Shapes, StateRow } from './shapes.ts'
import { type Address, at, type Tree, textAt } from './tree.ts'

/** An item of an answer, and the resource of the API that it is. */
export interface ShownItem {
  /** A collection of the API. */
  readonly of: string
  readonly id: string
  readonly address: Address
}

/** Items that a resource of the API stands for, by the ids that its documents have. */
export const shownItems = ({ document: { root }, shape }: Pick<ShapedAnswer, 'document' | 'shape'>): readonly ShownItem[] => {
  const { of } = shape
  if (of === undefined) return []
  return find(root, shape.items).flatMap(address => {
    const id = idOf(root, address, shape)
    return id === undefined ? [] : [{ of, id, address }]
  })
}

const idOf = (root: Tree, item: Address, { id, attributes = [] }: ShapedOperation): string | undefined => {
  const row = attributes.find(one => one.attribute === 'id')
  if (row !== undefined) return expectedValue(root, item, row)?.text
  return id === undefined ? undefined : textsAt(root, item, id)[0]
}

/** Texts of the members that a path leads to; null is as good as absent. */
export const textsAt = (root: Tree, item: Address, path: string): readonly string[] =>
  findBelow(root, item, path).flatMap(address => {
    const tree = at(root, address)
    return tree?.value === null ? [] : (textAt(tree) ?? [])
  })

export interface ExpectedValue {
  /** For people; of a list all of it. */
  readonly text: string
  readonly fits: (actual: Value) => boolean
}

export interface ExpectedAttribute {
  readonly of: string
  readonly id: string
  readonly row: AttributeRow
  readonly value: ExpectedValue
}

/** What documents must show of the items of an answer. */
export const expectedAttributes = (answer: Pick<ShapedAnswer, 'document' | 'shape'>): readonly ExpectedAttribute[] => {
  const { root } = answer.document
  const rows = Map.groupBy(answer.shape.attributes ?? [], ({ attribute }) => attribute)
  return shownItems(answer).flatMap(({ of, id, address }) =>
    [...rows.values()].flatMap(alternatives => {
      const told = alternatives.filter(row => textsAt(root, address, row.member).length > 0)
      // Several rows of one list are its parts; of one value, the first whose member is there tells it.
      const row = told[0] ?? alternatives[0]
      if (row === undefined) return []
      const value = row.list === true ? expectedList(root, address, alternatives) : expectedValue(root, address, row)
      return value === undefined ? [] : [{ of, id, row, value }]
    }),
  )
}

/** What an attribute must be; undefined where the documents don't say. */
export const expectedValue = (root: Tree, item: Address, row: AttributeRow): ExpectedValue | undefined => {
  const [member] = textsAt(root, item, row.member)
  if (member !== undefined) return convert(member, row)
  const { absent } = row
  return absent === undefined ? undefined : { text: absent, fits: actual => isAlike(absent, actual) }
}

const expectedList = (root: Tree, item: Address, rows: readonly AttributeRow[]): ExpectedValue | undefined => {
  const all = rows.flatMap(row => textsAt(root, item, row.member).map(member => convert(member, row)))
  if (all.some(one => one === undefined)) return undefined
  const texts = all.flatMap(one => one?.text ?? [])
  return { text: `[${texts.join(', ')}]`, fits: actual => isAlike(texts, actual) }
}

const convert = (text: string, row: AttributeRow): ExpectedValue | undefined => conversions[row.as](text, row)

const exactly = (text: string): ExpectedValue => ({ text, fits: actual => isAlike(text, actual) })

/** The megabytes and gigabytes of the API are those of the providers' units: 1024 of the next smaller each. */
const gigabyte = 1024 ** 3

const isNumeric = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text)

const conversions: Readonly<Record<Conversion, (text: string, row: AttributeRow) => ExpectedValue | undefined>> = {
  text: exactly,
  number: text => (isNumeric(text) ? exactly(text) : undefined),
  boolean: text => (/^(true|false)$/i.test(text) ? exactly(text.toLowerCase()) : undefined),
  'MiB→MB': text => (isNumeric(text) ? exactly(text) : undefined),
  'GiB→GB': text => (isNumeric(text) ? exactly(text) : undefined),
  'bytes→GB': text => {
    if (!isNumeric(text)) return undefined
    const size = Number(text) / gigabyte
    // Whether a part of one is rounded, and how, no document says.
    return { text: String(size), fits: actual => typeof actual === 'string' && isNumeric(actual) && Math.abs(Number(actual) - size) < 1 }
  },
  bytes: text => (isNumeric(text) ? exactly(text) : undefined),
  epochSeconds: text => (isNumeric(text) ? instant(Number(text) * 1000) : undefined),
  epochMilliseconds: text => (isNumeric(text) ? instant(Number(text)) : undefined),
  iso8601: text => {
    const time = parseTime(text)
    if (time === undefined) return undefined
    const { milliseconds, hasZone } = time
    if (hasZone) return { ...instant(milliseconds), text }
    // A time without a zone may be shown as it is, or with the zone that the documents give it.
    return { text, fits: actual => isAlike(text, actual) || instant(milliseconds).fits(actual) }
  },
  enum: (text, { values = {} }) => {
    const value = Object.hasOwn(values, text) ? values[text] : undefined
    return value === undefined ? undefined : { text: value, fits: actual => isAlike(value.toUpperCase(), upper(actual)) }
  },
  id: text => exactly(lastSegment(text)),
}

const upper = (value: Value): Value => (typeof value === 'string' ? value.toUpperCase() : value)

const lastSegment = (text: string): string => {
  const [last = text] = text
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '')
    .split('/')
    .slice(-1)
  return text.includes('/') ? last : text
}

/** The same second, said with its zone. */
const instant = (milliseconds: number): ExpectedValue => ({
  text: new Date(milliseconds).toISOString(),
  fits(actual) {
    const time = typeof actual === 'string' ? parseTime(actual) : undefined
    return time?.hasZone === true && Math.floor(time.milliseconds / 1000) === Math.floor(milliseconds / 1000)
  },
})

/** Undefined for what is no ISO 8601 time. */
export const parseTime = (text: string): { readonly milliseconds: number; readonly hasZone: boolean } | undefined => {
  const [, day, time, , zone] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(\.\d+)?)\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/.exec(text.trim()) ?? []
  if (day === undefined || time === undefined) return undefined
  const offset =
    zone === undefined || zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_, hours, minutes = '00') => `${hours}:${minutes}`)
  const milliseconds = Date.parse(`${day}T${time.replace(/(\.\d{3})\d+$/, '$1')}${offset}`)
  return Number.isNaN(milliseconds) ? undefined : { milliseconds, hasZone: zone !== undefined }
}

/** The state of an item: the row for it, undefined where the documents don't have the state. Undefined where the item tells none. */
export const stateOfItem = (
  { states = [] }: Shapes,
  { asked, document: { root }, shape }: Pick<ShapedAnswer, 'asked' | 'document' | 'shape'>,
  { of, address }: ShownItem,
): { readonly native: string; readonly row: StateRow | undefined } | undefined => {
  const native = shape.state === undefined ? undefined : textsAt(root, address, shape.state.path)[0]
  if (native === undefined) return undefined
  const members = (row: StateRow): [string, string | null][] => Object.entries(row.with ?? {})
  const tells = (path: string, text: string | null): boolean => {
    const told = findBelow(root, address, path).flatMap(found => wordIn(at(root, found)) ?? [])
    return text === null ? told.length === 0 : told.includes(text)
  }
  const [row] = states
    .filter(
      one => one.of === of && one.native === native && isAskedFor(one, asked) && members(one).every(([path, text]) => tells(path, text)),
    )
    // The one that asks for most says it best.
    .sort((a, b) => members(b).length - members(a).length)
  return { native, row }
}

/** The text of a node; undefined where it says nothing. */
const wordIn = (node: Tree | undefined): string | undefined => {
  const text = node?.value === null ? undefined : textAt(node)
  return text === '' ? undefined : text
}

/** Whether a row is about the answer to what was asked. */
export const isAskedFor = ({ asks }: { readonly asks?: string | undefined }, asked: string): boolean =>
  asks === undefined || new RegExp(asks).test(asked)

/** A row of a driver's shapes, as reports count and name it. */
export interface NamedRow {
  readonly key: string
  /** The law that holds documents against it. */
  readonly law: 'S9' | 'E6' | 'A1'
  /** The title and address of the document. */
  readonly source: string
  readonly from: 'document' | 'recording' | 'driver sheet'
}

export const stateKey = ({ of, native, asks, with: others = {} }: StateRow): string =>
  [
    `state of ${of}: ${native}${asks === undefined ? '' : ` to ${asks}`}`,
    ...Object.entries(others).map(([path, text]) => `${path}=${text ?? 'nothing'}`),
  ].join(', ')

export const attributeKey = (of: string, { attribute, member, as }: AttributeRow): string =>
  `attribute of ${of}: ${attribute} from ${member} (${as})`

export const errorKey = ({ errors = [] }: Shapes, row: ErrorRow): string =>
  `error ${errors.indexOf(row) + 1}: ${row.status} to ${row.asks ?? 'anything'} is ${row.kind}`

/** All rows; an attribute that several operations have counts once. */
export const rowsOf = (shapes: Shapes): readonly NamedRow[] => {
  const named = (law: NamedRow['law'], key: string, row: { readonly source: string }): NamedRow => {
    const source = shapes.sources?.[row.source] ?? row.source
    const from = /^recording\b/i.test(source) ? 'recording' : /^driver sheet\b/i.test(source) ? 'driver sheet' : 'document'
    return { key, law, source, from }
  }
  const all = [
    ...(shapes.states ?? []).map(row => named('S9', stateKey(row), row)),
    ...(shapes.errors ?? []).map(row => named('E6', errorKey(shapes, row), row)),
    ...shapes.operations.flatMap(({ of = '', attributes = [] }) => attributes.map(row => named('A1', attributeKey(of, row), row))),
  ]
  return [...new Map(all.map(row => [row.key, row])).values()]
}
