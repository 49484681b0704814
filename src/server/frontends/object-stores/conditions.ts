/** Conditions of a request, as RFC 9110 (section 13) has them. Pure. */

import type { Blob } from '../../../model/resources.ts'

/** Values of `If-Match` and its kin, whichever header they came in. */
export interface Conditions {
  readonly match?: string | undefined
  readonly noneMatch?: string | undefined
  readonly modifiedSince?: string | undefined
  readonly unmodifiedSince?: string | undefined
}

/** @param prefix of the headers: `` or `x-amz-copy-source-` */
export const conditionsIn = (header: (name: string) => string | undefined, prefix = ''): Conditions => ({
  match: header(`${prefix}if-match`),
  noneMatch: header(`${prefix}if-none-match`),
  modifiedSince: header(`${prefix}if-modified-since`),
  unmodifiedSince: header(`${prefix}if-unmodified-since`),
})

export const isConditional = (conditions: Conditions): boolean => Object.values(conditions).some(value => value !== undefined)

/** Whether to go on (`met`), or why not. */
export const judged = (conditions: Conditions, blob: Pick<Blob, 'etag' | 'lastModified'>): 'met' | 'failed' | 'not modified' => {
  const { match, noneMatch, modifiedSince, unmodifiedSince } = conditions
  const modified = seconds(blob.lastModified)
  if (match !== undefined) {
    if (!names(match, blob.etag)) return 'failed'
  } else if (unmodifiedSince !== undefined && modified > seconds(unmodifiedSince)) return 'failed'
  if (noneMatch !== undefined) return names(noneMatch, blob.etag) ? 'not modified' : 'met'
  return modifiedSince !== undefined && modified <= seconds(modifiedSince) ? 'not modified' : 'met'
}

/** Whether a list of entity tags names this one; `*` names any. */
export const names = (list: string, etag: string | undefined): boolean =>
  list.trim() === '*' ||
  list
    .split(',')
    .map(one =>
      one
        .trim()
        .replace(/^W\//, '')
        .replace(/^"(.*)"$/, '$1'),
    )
    .includes(etag ?? '')

/** HTTP knows whole seconds only. NaN, which no comparison holds for, where there's no date. */
const seconds = (date: string | undefined): number => Math.floor(Date.parse(date ?? '') / 1000)
