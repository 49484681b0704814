/** Conditions of requests by entity tags, as RFC 9110 (section 13) has them. Dates aren't judged: no answer tells when something was modified. Pure. */

import type { WireRequest } from '../drivers/wire.ts'
import { HttpError } from './errors.ts'

/** Values of the headers; absent where they weren't sent. */
export interface Preconditions {
  readonly match: string | undefined
  readonly noneMatch: string | undefined
}

export const preconditionsOf = (request: Pick<WireRequest, 'header'>): Preconditions => ({
  match: request.header('if-match'),
  noneMatch: request.header('if-none-match'),
})

/**
 * Whether a client that reads has this already.
 * @param tag in its quotes, as `ETag` has it; undefined for what has none
 * @throws HttpError 412 where `If-Match` doesn't name it
 */
export const isNotModified = (conditions: Preconditions, tag: string | undefined): boolean => {
  requireMatch(conditions, tag)
  const { noneMatch } = conditions
  return noneMatch !== undefined && names(noneMatch, tag)
}

/** @throws HttpError 412 where `If-Match` is there and doesn't name the tag */
export const requireMatch = ({ match }: Pick<Preconditions, 'match'>, tag: string | undefined): void => {
  if (match !== undefined && !namesExactly(match, tag)) throw preconditionFailed('If-Match')
}

/**
 * Lets a change go on.
 * @param there what is to be changed; undefined where there is nothing
 * @throws HttpError 412
 */
export const requireConditions = ({ match, noneMatch }: Preconditions, there: { readonly tag: string | undefined } | undefined): void => {
  if (match !== undefined && (there === undefined || !namesExactly(match, there.tag))) throw preconditionFailed('If-Match')
  if (noneMatch !== undefined && there !== undefined && names(noneMatch, there.tag)) throw preconditionFailed('If-None-Match')
}

/** Whether a part may be sent: `If-Range` names just this content. A date never does. */
export const isSameContent = (ifRange: string | undefined, tag: string | undefined): boolean =>
  ifRange === undefined || (tag !== undefined && !isWeak(tag) && ifRange.trim() === tag)

const preconditionFailed = (header: string): HttpError =>
  new HttpError(412, 'Precondition Failed', { details: `What is there is not as ${header} wants it` })

/** The strong comparison: weak tags are equal to nothing. */
const namesExactly = (list: string, tag: string | undefined): boolean =>
  isAny(list) || (tag !== undefined && !isWeak(tag) && tagsIn(list).includes(tag))

/** The weak comparison: weak tags count as their strong ones. */
const names = (list: string, tag: string | undefined): boolean =>
  isAny(list) || (tag !== undefined && tagsIn(list).map(withoutWeakness).includes(withoutWeakness(tag)))

const isAny = (list: string): boolean => list.trim() === '*'

const isWeak = (tag: string): boolean => tag.startsWith('W/')

const withoutWeakness = (tag: string): string => (isWeak(tag) ? tag.slice(2) : tag)

/** A tag may hold commas. */
const tagsIn = (list: string): readonly string[] => list.match(/(?:W\/)?"[^"]*"/g) ?? []
