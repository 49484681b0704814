/** Lists in pages: read to their end, and never without one. */

import t from 'tap'
import { allPages } from '../../src/drivers/pagers.ts'
import { CloudError } from '../../src/model/errors.ts'

const refusal = async (asking: Promise<unknown>): Promise<CloudError> => {
  try {
    await asking
  } catch (error) {
    if (error instanceof CloudError) return error
    throw error
  }
  throw new Error('It was not refused')
}

/** A list of a page for each marker: an item of each page is the marker that it was asked with. */
const listOf = (markers: readonly (string | undefined)[]) => {
  const asked: (string | undefined)[] = []
  return {
    asked,
    page: async (marker: string | undefined) => {
      asked.push(marker)
      return { items: [marker ?? 'first'], next: markers[asked.length - 1] }
    },
  }
}

t.test('pages are read until none is named', async t => {
  t.same(await allPages('List', listOf(['a', 'b', undefined]).page), ['first', 'a', 'b'])
  t.same(await allPages('List', listOf(['a', '']).page), ['first', 'a'])
  t.same(await allPages('List', listOf([]).page), ['first'])
})

t.test('a page that is named twice is an error of the provider at once', async t => {
  const list = listOf(['a', 'b', 'a', 'b'])
  const { kind, message } = await refusal(allPages('List', list.page))
  t.equal(kind, 'provider-error')
  t.equal(message, 'List: the provider named the same next page twice: a')
  t.equal(list.asked.length, 3)
})

t.test('a list that always names another page ends with an error of the provider at the limit', async t => {
  const list = listOf(Array.from({ length: 10 }, (_, n) => `page-${n}`))
  const { kind, message } = await refusal(allPages('List', list.page, 4))
  t.equal(kind, 'provider-error')
  t.equal(message, "List: the provider's list goes on after 4 pages")
  t.equal(list.asked.length, 4)
  t.equal((await allPages('List', listOf(['a', 'b', 'c']).page, 4)).length, 4)
})

t.test('a page of any size is taken', async t => {
  t.equal((await allPages('List', async () => ({ items: Array.from({ length: 300_000 }, () => 0), next: undefined }))).length, 300_000)
})
