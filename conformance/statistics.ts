/** How often each operation was asked for, refused, and succeeded: by the requests that a cloud was sent. */

import type { Sent } from './client.ts'
import type { Tally } from './results.ts'

export const noTally: Tally = { asked: 0, refused: 0, succeeded: 0 }

export const tallyOf = (status: number): Tally => ({
  asked: 1,
  refused: status >= 400 && status < 500 ? 1 : 0,
  succeeded: status < 400 ? 1 : 0,
})

export const addTallies = (a: Readonly<Record<string, Tally>>, b: Readonly<Record<string, Tally>>): Record<string, Tally> => {
  const all = new Map(Object.entries(a))
  for (const [name, tally] of Object.entries(b)) {
    const { asked, refused, succeeded } = all.get(name) ?? noTally
    all.set(name, { asked: asked + tally.asked, refused: refused + tally.refused, succeeded: succeeded + tally.succeeded })
  }
  return Object.fromEntries(all)
}

/** What a request asks for, as the driver's operations are called, and the resource that it's done with. */
export interface Requested {
  /** `instances.stop` */
  readonly operation: string
  readonly id: string | undefined
}

/** Undefined for what is no operation of a driver. */
export const requestedBy = ({ method, target }: Pick<Sent, 'method' | 'target'>): Requested | undefined => {
  const [path = ''] = target.split('?')
  const [root, collection, id, next, last, more] = path.split('/').slice(1)
  if (root !== 'api' || collection === undefined || !/^[a-z_]+$/.test(collection) || more !== undefined) return undefined
  const name = nameOf(method, collection, { id, next, last })
  return name === undefined ? undefined : { operation: name, id: id === undefined ? undefined : decoded(id) }
}

interface Place {
  readonly id: string | undefined
  readonly next: string | undefined
  readonly last: string | undefined
}

const nameOf = (method: string, collection: string, { id, next, last }: Place): string | undefined => {
  if (collection === 'buckets' && next !== undefined) return blobOperation(method, last)
  if (last !== undefined) return undefined
  if (id === undefined) return inTable({ GET: `${collection}.list`, POST: `${collection}.create` }, method)
  if (next === undefined) return inTable({ GET: `${collection}.get`, DELETE: `${collection}.destroy` }, method)
  if (collection === 'firewalls')
    return inTable({ POST: next === 'rules' ? 'firewalls.createRule' : '', DELETE: 'firewalls.destroyRule' }, method)
  return method === 'POST' ? `${collection}.${next}` : undefined
}

const blobOperation = (method: string, last: string | undefined): string | undefined =>
  last === 'content'
    ? inTable({ GET: 'blobs.read' }, method)
    : last === undefined
      ? inTable({ GET: 'blobs.get', HEAD: 'blobs.get', PUT: 'blobs.create', POST: 'blobs.updateMetadata', DELETE: 'blobs.destroy' }, method)
      : undefined

const inTable = (table: Readonly<Record<string, string>>, method: string): string | undefined =>
  Object.hasOwn(table, method) ? table[method] || undefined : undefined

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Operations that a request of its own asks for; others are steps within these, as pages of a list are. */
const requested: ReadonlySet<string> = new Set([
  ...['list', 'get', 'create', 'destroy', 'start', 'stop', 'reboot', 'attach', 'detach', 'associate', 'disassociate'],
  ...['register', 'unregister', 'createRule', 'destroyRule', 'read', 'updateMetadata'],
])

/** Of these a client asks in another way: interfaces are attached as they're made, and notes are the server's own. */
const withinOthers: ReadonlySet<string> = new Set(['network_interfaces.attach', 'network_interfaces.detach', 'annotations.get'])

/** The operations of a driver that are counted, `instances.stop`, in the order in which it declares them. */
export const operationNames = (operations: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  Object.entries(operations).flatMap(([group, names]) =>
    names
      .filter(name => requested.has(name))
      .map(name => `${group}.${name}`)
      .filter(name => !withinOthers.has(name)),
  )
