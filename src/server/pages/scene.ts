/** What a page needs beside what documents need. */

import type { Collection } from '../collections/operation.ts'
import type { Scene } from '../formats/view.ts'
import type { Target } from '../gate.ts'
import type { Parameters } from '../target.ts'

export interface PageScene extends Scene {
  readonly target: Target
  /** The collection that the page belongs to; none for the entry point. */
  readonly collection: Collection | undefined
  readonly method: string
  /** The request's own address: origin, path and query. */
  readonly url: string
  readonly query: Parameters
  /** Who the browser says it is; nobody has checked it. */
  readonly user: string | undefined
}

/** An address with other parameters in its query; an undefined value takes one away. */
export const withQuery = (url: string, changes: Readonly<Record<string, string | undefined>>): string => {
  const [path = '', query = ''] = url.split('?', 2)
  const kept = query.split('&').filter(part => part !== '' && !Object.hasOwn(changes, part.split('=', 1)[0] ?? ''))
  const added = Object.entries(changes).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
  const parts = [...kept, ...added]
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`
}
