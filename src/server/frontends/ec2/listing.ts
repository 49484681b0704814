/** What all Describe actions have in common: filters, and pages. */

import { shortened } from '../../excerpts.ts'
import type { Asked } from './asked.ts'
import { ApiError } from './errors.ts'
import type { Parameters } from './parameters.ts'
import type { Tree } from './writer.ts'

/** Reads what a filter is about; undefined and an empty list match nothing. */
export type Reader<T> = (one: T) => string | number | boolean | undefined | readonly (string | undefined)[]

export type Readers<T> = Readonly<Record<string, Reader<T>>>

/** What of a list the filters let through. Values take `*` and `?`. @throws ApiError for a filter that isn't known */
export const filtered = <T>(parameters: Parameters, all: readonly T[], readers: Readers<T>): readonly T[] => {
  let left = all
  for (const filter of parameters.items('Filter')) {
    const name = filter.need('Name')
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
    if (reader === undefined) throw new ApiError('InvalidParameterValue', `The filter '${shortened(name)}' is invalid`)
    const values = filter.list('Value').map(patternOf)
    left = left.filter(one => {
      const found = [reader(one)].flat()
      return values.some(matches => found.some(value => value !== undefined && matches(String(value))))
    })
  }
  return left
}

const patternOf = (value: string): ((text: string) => boolean) => {
  if (!/[*?\\]/.test(value)) return text => text === value
  const parts = [...value.matchAll(/\\([*?\\])|./gs)].map(([found, escaped]): PatternPart => {
    if (escaped !== undefined) return { is: 'character', character: escaped }
    return found === '*' ? { is: 'any text' } : found === '?' ? { is: 'any character' } : { is: 'character', character: found }
  })
  return text => isMatch(parts, text)
}

type PatternPart = { readonly is: 'any text' } | { readonly is: 'any character' } | { readonly is: 'character'; readonly character: string }

/** Goes back to the last `*` only, so that no pattern takes longer than its length times that of the text. */
const isMatch = (parts: readonly PatternPart[], text: string): boolean => {
  let [part, at] = [0, 0]
  // Behind the last `*`, and where in the text the rest of the pattern was last tried.
  let star: { readonly part: number; at: number } | undefined
  while (at < text.length) {
    const wanted = parts[part]
    if (wanted?.is === 'any text') {
      star = { part: ++part, at }
    } else if (wanted !== undefined && (wanted.is === 'any character' || wanted.character === text[at])) {
      part++
      at++
    } else if (star !== undefined) {
      at = ++star.at
      part = star.part
    } else return false
  }
  return parts.slice(part).every(({ is }) => is === 'any text')
}

interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | undefined
}

/** A page of a list. What is asked for by ids or names comes at once. */
export const page = <T>(asked: Asked, all: readonly T[]): Page<T> => {
  const { parameters, pageSize } = asked
  const size = parameters.number('MaxResults')
  if (size !== undefined && (size < 1 || size > 1000))
    throw new ApiError('InvalidParameterValue', `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value from 1 to 1000.`)
  return pageAt(asked, all, isByName(parameters) ? size : smallest(size, pageSize))
}

const isByName = (parameters: Parameters): boolean => namedBy.some(name => parameters.list(name).length > 0)

const namedBy = [
  ...['InstanceId', 'ImageId', 'VolumeId', 'SnapshotId', 'VpcId', 'SubnetId', 'NetworkInterfaceId', 'GroupId', 'GroupName', 'InstanceType'],
] as const

/** Undefined where none is given. */
export const smallest = (...sizes: readonly (number | undefined)[]): number | undefined => {
  const given = sizes.filter(size => size !== undefined)
  return given.length === 0 ? undefined : Math.min(...given)
}

/** Tokens say where the next page begins; the list has to have an order of its own. @param size all where it's undefined */
export const pageAt = <T>({ parameters }: Asked, all: readonly T[], size: number | undefined): Page<T> => {
  const token = parameters.text('NextToken')
  const from = token === undefined ? 0 : Number(/^from-(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString())?.[1] ?? Number.NaN)
  if (Number.isNaN(from)) throw new ApiError('InvalidNextToken', 'The token is none that was given')
  const to = size === undefined ? all.length : from + size
  return { items: all.slice(from, to), next: to < all.length ? Buffer.from(`from-${to}`).toString('base64url') : undefined }
}

/** The answer to a Describe action: the page under the name that its set has. */
export const described = <T>(asked: Asked, set: string, all: readonly T[], tree: (one: T) => Tree): Tree => {
  const { items, next } = page(asked, all)
  return { [set]: items.map(tree), nextToken: next }
}
