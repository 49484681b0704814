/** Finds the operation that a request means, in the table of a collection. */

import type { Collection, Method, Operation } from './collections/operation.ts'
import { HttpError } from './errors.ts'
import type { Format } from './negotiation.ts'
import type { Parameters } from './target.ts'

export interface Route {
  readonly operation: Operation
  readonly path: Parameters
}

const isParameter = (segment: string): boolean => segment.startsWith(':')

/** Whether the page is only for browsers: it answers where HTML is what the client wants most. */
const isPage = (operation: Operation): boolean => operation.formats.length === 1 && operation.formats[0] === 'html'

const fits = (operation: Operation, segments: readonly string[]): boolean =>
  operation.path.length === segments.length && operation.path.every((part, i) => isParameter(part) || part === segments[i])

/** Literal segments beat parameters, earlier ones first: `/instances/new` is the form, `/instances/x` a member. */
const literals = (operation: Operation): number => operation.path.reduce((sum, part, i) => sum + (isParameter(part) ? 0 : 2 ** (8 - i)), 0)

/**
 * The operation of a collection at these segments (those after the collection's name).
 * @param wanted what the client wants, best first.
 * @throws HttpError 404 where there is no such path, 405 with `Allow` where the path has other methods.
 */
export const route = (collection: Collection, segments: readonly string[], method: string, wanted: readonly Format[]): Route => {
  let best: Operation | undefined
  const others = new Set<Method>()
  for (const operation of collection.operations) {
    if (!fits(operation, segments)) continue
    if (isPage(operation) && wanted[0] !== 'html') continue
    if (operation.method !== method) others.add(operation.method)
    else if (best === undefined || literals(operation) > literals(best)) best = operation
  }
  if (best !== undefined) return { operation: best, path: bindPath(best, segments) }
  if (others.size === 0) throw nothingAt(collection)
  const allow = ['OPTIONS', ...others, ...(others.has('GET') && !others.has('HEAD') ? ['HEAD'] : [])].join(', ')
  throw new HttpError(405, 'Method Not Allowed', { headers: [['Allow', allow]], details: `This path can be asked with ${allow}` })
}

/**
 * What a POST to these segments may turn out to mean: its form can ask for another method.
 * @throws HttpError 404 where there is no such path.
 */
export const postable = (collection: Collection, segments: readonly string[]): readonly Operation[] => {
  const found = collection.operations.filter(operation => operation.method !== 'PUT' && fits(operation, segments))
  if (found.length === 0 && !collection.operations.some(operation => fits(operation, segments))) throw nothingAt(collection)
  return found
}

const nothingAt = ({ name }: Collection): HttpError =>
  new HttpError(404, 'Not Found', { details: `The collection ${name} has nothing at this path` })

const bindPath = (operation: Operation, segments: readonly string[]): Parameters => {
  const found: Parameters = new Map()
  for (const [i, part] of operation.path.entries()) if (isParameter(part)) found.set(part.slice(1), segments[i] ?? '')
  return found
}

/** Methods of the operations on the collection and its members, in order of declaration. */
export const methodsOf = (collection: Collection): string[] => [
  'OPTIONS',
  ...new Set(collection.operations.filter(o => !isPage(o) && o.path.filter(isParameter).length < 2).map(o => o.method)),
]

/** The operation that OPTIONS asks about by name: `/create` of the collection, or an action of a member. */
export const operationNamed = (collection: Collection, segments: readonly string[]): Operation | undefined => {
  const name = segments.at(-1)
  return collection.operations.find(operation => {
    if (operation.name !== name || isPage(operation)) return false
    const isAction = operation.path.length > 1
    return segments.length === (isAction ? 2 : 1)
  })
}
