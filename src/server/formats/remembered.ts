/** Documents that were made of the very same resources, for the same links and the same cloud (decision 007). */

import type { Resource } from '../../model/resources.ts'
import type { Scene } from './view.ts'

export interface Document {
  readonly body: string
  /** Its ETag. */
  readonly tag: string
}

interface Remembered extends Document {
  readonly items: readonly Resource[]
  readonly offer: Scene['offer']
}

/** By the first of the resources, so that a document goes with it; then by what was made of it. */
const remembered = new WeakMap<Resource, Map<string, Remembered>>()

/** Of more resources a document isn't kept: it would cost more to keep than to make. */
export const longestRemembered = 64

/**
 * A resource never changes once it's made, so a document of the same objects is the same document.
 * @param items at least one.
 * @param what sets apart what is made of them: view, shape and format.
 */
export const remember = (items: readonly Resource[], what: string, { links, offer }: Scene, make: () => Document): Document => {
  const [first] = items
  if (first === undefined) return make()
  const key = `${what} ${links.entry()}`
  const ofFirst = remembered.get(first) ?? new Map<string, Remembered>()
  const known = ofFirst.get(key)
  if (known !== undefined && known.offer === offer && isSame(known.items, items)) return known
  const made = make()
  // Few links and shapes are asked for; someone who asks for many (by the Host header) gets no hold on memory.
  if (ofFirst.size >= 16) ofFirst.clear()
  ofFirst.set(key, { ...made, items, offer })
  remembered.set(first, ofFirst)
  return made
}

const isSame = (one: readonly Resource[], other: readonly Resource[]): boolean =>
  one.length === other.length && one.every((item, i) => item === other[i])
