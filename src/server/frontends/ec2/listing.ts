/** What all Describe actions have in common: filters, and pages. */

import type { Asked } from './asked.ts'
import { ApiError } from './errors.ts'
import { type Parameters, shortened } from './parameters.ts'
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
  const source = value.replace(/\\([*?\\])|[.+^${}()|[\]\\]|\*+|\?/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`
    return found.startsWith('*') ? '[^]*?' : found === '?' ? '[^]' : `\\${found}`
  })
  const pattern = new RegExp(`^${source}$`)
  return text => pattern.test(text)
}

/** A page of a list. Tokens say where the next one begins; the list has to have an order of its own. */
export const page = <T>({ parameters }: Asked, all: readonly T[]): { readonly items: readonly T[]; readonly next: string | undefined } => {
  const size = parameters.number('MaxResults')
  if (size !== undefined && (size < 1 || size > 1000))
    throw new ApiError('InvalidParameterValue', `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value from 1 to 1000.`)
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
