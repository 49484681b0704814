/** What an action is given, and what it answers. */

import type { Cloud, CollectionName } from '../../../drivers/driver.ts'
import { ApiError, notThere } from './errors.ts'
import type { Parameters } from './parameters.ts'
import type { Tree } from './writer.ts'

export interface Asked {
  readonly cloud: Cloud
  readonly parameters: Parameters
  /** Of the account: what owns what has no owner. */
  readonly user: string
  /** The API's version that the client speaks: `2016-11-15`. */
  readonly version: string
  /** The cloud's time, milliseconds since 1970. */
  readonly now: number
  /** The region that clients are told: that of the signature, or of the zones. */
  readonly region: string
  /** The regions that there are. */
  readonly regions: readonly string[]
  /** Most items of a page, where that's fewer than the service has. */
  readonly pageSize: number | undefined
  /** Where this is: `http://127.0.0.1:3001/ec2`. */
  readonly address: string
}

export interface Action {
  /** The collection that errors are about. */
  readonly about?: CollectionName
  /** Whether it changes something: then `DryRun` ends before it. */
  readonly changes?: true
  /** Whether the state of an instance decides: then that it isn't right has a code of its own. An instance may be rebooted while it reboots. */
  readonly needsState?: true
  readonly answer: (asked: Asked) => Promise<Tree> | Tree
}

export type Actions = Readonly<Record<string, Action>>

/** A group of operations. @throws ApiError `UnsupportedOperation` where the cloud lacks it */
export const group = <Name extends keyof Cloud>({ cloud }: Asked, name: Name): NonNullable<Cloud[Name]> => {
  const found = cloud[name]
  if (found === undefined) throw unsupported(`This cloud has no ${name.replaceAll('_', ' ')}`)
  // An absent group is turned away above.
  return found as NonNullable<Cloud[Name]>
}

/** An operation. @throws ApiError `UnsupportedOperation` where the cloud lacks it */
export const operation = <T>(found: T | undefined, what: string): T => {
  if (found === undefined) throw unsupported(`This cloud can't ${what}`)
  return found
}

export const unsupported = (message: string): ApiError => new ApiError('UnsupportedOperation', message)

/** What listing by ids asks: all, or those named, each of which must be there. */
export const chosen = <T extends { readonly id: string }>(
  collection: CollectionName,
  all: readonly T[],
  ids: readonly string[],
  idOf: (one: T) => string = one => one.id,
): readonly T[] => {
  if (ids.length === 0) return all
  return [...new Set(ids)].map(id => {
    const found = all.find(one => idOf(one) === id || one.id === id)
    if (found === undefined) throw notThere(collection, id)
    return found
  })
}
