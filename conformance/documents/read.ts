/** Reads the API's documents as far as laws look into them: lists of resources, one resource, an error. */

import type { Answer } from '../client.ts'
import { hold, LawViolation } from '../cloud-under-test.ts'
import { type Element, readXml } from './xml.ts'

/** A JSON object of a document. */
export type Item = Readonly<Record<string, unknown>>

export const isItem = (value: unknown): value is Item => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a path of keys, as text; undefined where there is none, or null. */
export const read = (item: unknown, ...path: readonly string[]): string | undefined => {
  const [key, ...rest] = path
  if (key === undefined) return item === undefined || item === null ? undefined : String(item)
  return isItem(item) && Object.hasOwn(item, key) ? read(item[key], ...rest) : undefined
}

/** The objects of a list at a key; none where it isn't there. */
export const itemsAt = (item: unknown, key: string): readonly Item[] => {
  const found = isItem(item) && Object.hasOwn(item, key) ? item[key] : undefined
  return Array.isArray(found) ? found.filter(isItem) : []
}

/** @throws LawViolation where it isn't JSON. */
export const jsonOf = (answer: Answer): unknown => {
  try {
    return JSON.parse(answer.text)
  } catch (error) {
    throw new LawViolation(`The document is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** @throws LawViolation where it isn't well-formed. */
export const xmlOf = (answer: Answer): Element => {
  try {
    return readXml(answer.text)
  } catch (error) {
    throw new LawViolation(`The document is not well-formed XML: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The resources of an index in JSON. @throws LawViolation where it's none. */
export const readIndex = (answer: Answer, collection: string): readonly Item[] => {
  hold(answer.status === 200, () => `The index of ${collection} is answered with ${answer.status}`)
  const document = jsonOf(answer)
  hold(isItem(document) && Array.isArray(document[collection]), () => `The document is no index of ${collection}`)
  return itemsAt(document, collection)
}

/** The resources of an index in XML. @throws LawViolation where it's none. */
export const readXmlIndex = (answer: Answer, collection: string): readonly Element[] => {
  hold(answer.status === 200, () => `The index of ${collection} is answered with ${answer.status}`)
  const root = xmlOf(answer)
  hold(root.name === collection, () => `The document is <${root.name}>, and no index of ${collection}`)
  return root.children
}

/** The resources of a collection that the answer to a step shows, by id; none where the step isn't about them, or fails. */
export const documentsIn = (
  {
    step: { request },
    answer,
  }: { readonly step: { readonly request: { readonly method: string; readonly path: string } }; readonly answer: Answer },
  collection: string,
): ReadonlyMap<string, Item> => {
  const [, , first, id, ...more] = request.path.split('/')
  if (request.method !== 'GET' || answer.status !== 200 || first !== collection || more.length > 0) return new Map()
  const items = id === undefined ? readIndex(answer, collection) : [readResource(answer)]
  return new Map(items.map(item => [read(item, 'id') ?? '', item]))
}

/** One resource in JSON: what stands under its one key, or in answer to an action the whole document. @throws LawViolation where it's none. */
export const readResource = (answer: Answer): Item => {
  const document = jsonOf(answer)
  if (isItem(document) && typeof document.id === 'string') return document
  const [inner, ...others] = isItem(document) ? Object.values(document) : []
  hold(isItem(inner) && others.length === 0, 'The document is not one resource')
  return inner
}
