/** Answers of Amazon's clients are all made of what may be missing: what a resource can't be without is asked for by name. */

import { CloudError } from '../../../model/errors.ts'
import type { Context } from '../../context.ts'

/** @throws CloudError `provider-error` that names what is missing */
export const need = <T>(value: T | undefined, name: string): T => {
  if (value === undefined || value === '') throw new CloudError('provider-error', `The provider's answer has no ${name}`)
  return value
}

/** The same for what may be empty. @throws CloudError `provider-error` that names what is missing */
export const said = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new CloudError('provider-error', `The provider's answer has no ${name}`)
  return value
}

/**
 * The items of a list whose id isn't blank. Amazon's clients read a name of line breaks as an empty text, by which nothing can be asked:
 * such an item is left out, with a warning, and the others are told.
 */
export const withIds = <T>(items: readonly T[] | undefined, what: string, { log }: Pick<Context, 'log'>, idOf: (item: T) => unknown): T[] =>
  (items ?? []).filter(item => {
    if (idOf(item) !== '') return true
    log.warn({ what }, `The list has a ${what} whose name can't be read: it is left out`)
    return false
  })

type Present<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** An object without what is undefined in it. */
export const present = <T extends object>(value: T): Present<T> =>
  // The type says just what the filter does.
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Present<T>

/** A text that says something. */
export const some = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

/** A time as EC2 writes it, with milliseconds. */
export const timeOf = (time: Date | undefined): string | undefined =>
  time === undefined || Number.isNaN(time.getTime()) ? undefined : time.toISOString()

/** All items of a list that comes in pages. A provider that gives a token twice is left. */
export const paged = async <T>(
  page: (token: string | undefined) => Promise<{ items: readonly T[]; next: string | undefined }>,
): Promise<T[]> => {
  const all: T[] = []
  const seen = new Set<string>()
  let token: string | undefined
  do {
    const { items, next } = await page(token)
    all.push(...items)
    token = next === undefined || next === '' || seen.has(next) ? undefined : next
    if (token !== undefined) seen.add(token)
  } while (token !== undefined)
  return all
}

/** The parameter that gives a new resource a name: EC2 has names as tags only. */
export const nameTag = <Type extends string>(type: Type, name: string | undefined) =>
  some(name) === undefined ? {} : { TagSpecifications: [{ ResourceType: type, Tags: [{ Key: 'Name', Value: name ?? '' }] }] }
