/** What a person wrote into a scenario, asked again: the same attributes of the same resources, with the values that they have now. */

import { type Expectation, expectationOf } from '../../src/record/expectations.ts'
import type { RecordedStep } from '../../src/record/steps.ts'
import { readJsonAttribute } from '../documents/attributes.ts'
import { type Item, isItem, itemsAt, read } from '../documents/read.ts'
import type { Attributes, Expectation as Written } from '../replay/scenario.ts'

/** @param before what was expected @param step answered as JSON */
export const renewExpectation = (before: Written, step: RecordedStep): Expectation => {
  const { collection, members, element } = before
  const fresh = expectationOf(step)
  const status = [before.status].flat().includes(step.status) ? before.status : step.status
  if (step.status >= 400) return { ...fresh, status }
  const document = parseOrNothing(step.answer)
  if (collection !== undefined) {
    const list = itemsAt(document, collection)
    const again = members?.flatMap(member => {
      const item = list.find(one => read(one, 'id') === String(member.id))
      return item === undefined ? [] : [attributesAgain(member, item)]
    })
    return { status, collection, count: list.length, ...(again === undefined ? {} : { members: again }) }
  }
  const item = element === undefined ? undefined : resourceIn(document)
  return element === undefined || item === undefined ? { status } : { status, element: attributesAgain(element, item) }
}

const attributesAgain = (before: Attributes, item: Item): Readonly<Record<string, string | readonly string[]>> =>
  Object.fromEntries(
    Object.keys(before).flatMap(name => {
      const value = readJsonAttribute(item, name)
      if (value === undefined) return []
      return [[name, name === 'state' ? String(value).toUpperCase() : value]]
    }),
  )

const resourceIn = (document: unknown): Item | undefined => {
  if (!isItem(document)) return undefined
  return typeof document.id === 'string' ? document : Object.values(document).find(isItem)
}

const parseOrNothing = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
