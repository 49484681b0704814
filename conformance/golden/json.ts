/** Compares two JSON documents: what the original's has must be in ours; lists go by key, and what ours has beyond is reported too. */

import { type Difference, different, missing, unexpected } from './difference.ts'
import { pairUp } from './pairing.ts'
import { type Comparison, isSame } from './same.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

/** @throws SyntaxError */
export const parseJson = (text: string): Json => JSON.parse(text)

export const compareJson = (recorded: Json, ours: Json, comparison: Comparison, at = 'json $'): Difference[] => {
  if (isList(recorded) && isList(ours)) return compareLists(recorded, ours, comparison, at)
  if (isObject(recorded) && isObject(ours)) return compareObjects(recorded, ours, comparison, at)
  if (isText(recorded) && isText(ours)) return isSame(String(recorded), String(ours), comparison) ? [] : [differ(at, recorded, ours)]
  return recorded === ours ? [] : [differ(at, recorded, ours)]
}

export const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !isList(value)

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

/** Numbers and their text count as equal (quirk D24). */
const isText = (value: Json): value is string | number => typeof value === 'string' || typeof value === 'number'

const differ = (at: string, recorded: Json, ours: Json): Difference => different(at, JSON.stringify(recorded), JSON.stringify(ours))

const compareObjects = (recorded: JsonObject, ours: JsonObject, comparison: Comparison, at: string): Difference[] => [
  ...Object.entries(recorded).flatMap(([key, value]) => {
    const other = ours[key]
    return other === undefined ? [missing(`${at}.${key}`, JSON.stringify(value))] : compareJson(value, other, comparison, `${at}.${key}`)
  }),
  ...Object.entries(ours)
    .filter(([key]) => !Object.hasOwn(recorded, key))
    .map(([key, value]) => unexpected(`${at}.${key}`, JSON.stringify(value))),
]

const compareLists = (recorded: readonly Json[], ours: readonly Json[], comparison: Comparison, at: string): Difference[] => {
  const boxed = (values: readonly Json[]) => values.map(value => ({ value }))
  const pairs = pairUp(boxed(recorded), boxed(ours), {
    factsOf: ({ value }) => facts(value),
    show: ({ value }) => JSON.stringify(value),
    comparison,
  })
  const found = pairs.flatMap(({ recorded: a, ours: b, label }, place) => {
    const where = `${at}[${label ?? place}]`
    if (b === undefined) return a === undefined ? [] : [missing(where, JSON.stringify(a.value))]
    return a === undefined ? [unexpected(where, JSON.stringify(b.value))] : compareJson(a.value, b.value, comparison, where)
  })
  return at.endsWith('$.images') ? [...found, ...orderOf(recorded, ours, at)] : found
}

/** Images come by owner and description, as far as both sides have them. */
const orderOf = (recorded: readonly Json[], ours: readonly Json[], at: string): Difference[] => {
  const ids = (list: readonly Json[]) => list.map(item => facts(item).get('id') ?? '')
  const [theirs, all] = [ids(recorded), ids(ours)]
  const [expected, actual] = [theirs.filter(id => all.includes(id)).join(' '), all.filter(id => theirs.includes(id)).join(' ')]
  return expected === actual ? [] : [different(`${at} order`, expected, actual)]
}

/** The scalar fields of an object; a list is known by its first member, as the features of the entry point are. */
const facts = (value: Json): ReadonlyMap<string, string> => {
  if (isList(value)) return facts(value[0] ?? null)
  if (isObject(value))
    return new Map(Object.entries(value).flatMap(([key, inner]): [string, string][] => (isText(inner) ? [[key, String(inner)]] : [])))
  return new Map([['text', String(value)]])
}
