/** Lists that a provider gives in pages, read to their end. */

import { CloudError } from '../model/errors.ts'

export interface ProviderPage<T> {
  readonly items: readonly T[]
  /** What the provider is asked with for the next page; undefined or empty where this page is the last. */
  readonly next: string | undefined
}

/** More pages than any account has: ten million items in pages of a thousand. */
const pageLimit = 10_000

/**
 * All items of a list that comes in pages.
 * @param call the provider's name of the call, for messages.
 * @param page asks for the page at a marker; for the first one without a marker.
 * @throws CloudError `provider-error` where the provider names a marker twice, or more pages than the limit: such a list has no end.
 */
export const allPages = async <T>(
  call: string,
  page: (marker: string | undefined) => Promise<ProviderPage<T>>,
  limit: number = pageLimit,
): Promise<T[]> => {
  const all: T[] = []
  const seen = new Set<string>()
  let marker: string | undefined
  for (let count = 1; ; count++) {
    const { items, next } = await page(marker)
    for (const item of items) all.push(item)
    if (next === undefined || next === '') return all
    if (seen.has(next))
      throw new CloudError('provider-error', `${call}: the provider named the same next page twice: ${next.slice(0, 100)}`)
    if (count === limit) throw new CloudError('provider-error', `${call}: the provider's list goes on after ${limit} pages`)
    seen.add(next)
    marker = next
  }
}
