/** Builds collections from what differs between them: index, show and destroy are alike everywhere. */

import { find, type Listing, type Offer, type Operations } from '../../drivers/driver.ts'
import { notFound } from '../../model/errors.ts'
import { optional, type Parameter } from '../../model/parameter.ts'
import type { IdFilter } from '../../model/requests.ts'
import type { Resource } from '../../model/resources.ts'
import type { View } from '../formats/view.ts'
import type { Format } from '../negotiation.ts'
import { type ApiRequest, present } from '../request.ts'
import type { Collection, Method, Operation, Result } from './operation.ts'

/** How an index is filtered. The server does it for every driver; the driver's own filtering is a hint. */
export interface Filter<T> {
  readonly name: string
  readonly doc: string
  readonly refers?: string
  /** The feature without which the name means nothing. */
  readonly feature?: string
  /** Whether an item is wanted. `self` has been replaced by the caller's name. */
  readonly matches: (item: T, value: string) => boolean
  /** True where the value `self` means the caller. */
  readonly self?: boolean
}

export const documents: readonly Format[] = ['xml', 'json', 'html']

interface ResourceCollection<T extends Resource, F extends IdFilter> {
  readonly name: string
  readonly doc: string
  readonly view: View<T>
  readonly listing: (operations: Operations<unknown>) => Listing<unknown, T, F> | undefined
  readonly filters?: readonly Filter<T>[]
  /** What of the filters the driver is told. */
  readonly hints?: (values: ReadonlyMap<string, string>) => F
  /** The original's names of the capabilities of index and show. */
  readonly capabilities?: { readonly index?: string; readonly show?: string }
  /** How an index in this format is ordered, where it isn't as the driver lists. */
  readonly order?: (items: readonly T[], format: Format) => readonly T[]
  readonly operations: readonly Operation[]
}

const byId = <T extends Resource>(): Filter<T> => ({ name: 'id', doc: 'Id of the resource', matches: (item, value) => item.id === value })

/** A collection of resources: index and show, then what else it can do. */
export const collection = <T extends Resource, F extends IdFilter = IdFilter>(declared: ResourceCollection<T, F>): Collection => {
  const { name, view, listing } = declared
  const filters: readonly Filter<T>[] = [byId<T>(), ...(declared.filters ?? [])]
  const offered = (offer: Offer): boolean => listing(offer.operations) !== undefined
  const index: Operation = {
    ...operation('index', 'GET', [], `Lists the ${name.replaceAll('_', ' ')}.`),
    capability: declared.capabilities?.index ?? name,
    offered,
    // The parameter of a feature is documented with the feature.
    parameters: filters
      .filter(f => f.feature === undefined)
      .map(f => optional(f.name, f.doc, f.refers === undefined ? {} : { refers: f.refers })),
    async run(request) {
      const { session, credentials, target } = await request.connect()
      const self = target.driver.caller?.(session) ?? credentials?.user
      const values = new Map<string, string>()
      for (const filter of filters) {
        const value = request.given(filter.name)
        if (value === undefined || (filter.feature !== undefined && !request.has(filter.feature))) continue
        // A browser sends the boxes that were left empty, too.
        if (value === '' && request.format === 'html') continue
        values.set(filter.name, filter.self === true && value === 'self' ? (self ?? value) : value)
      }
      // Without hints of its own a filter knows the id alone, which every listing's filter has.
      const id = values.get('id')
      const hints = declared.hints?.(values) ?? ((id === undefined ? {} : { id }) as F)
      const table = present(listing(request.offer.operations))
      const listed = await table.list(session, hints)
      const applied = filters.filter(f => values.has(f.name) && table.selects?.includes(f.name) !== true)
      const wanted = applied.length === 0 ? listed : listed.filter(item => applied.every(f => f.matches(item, values.get(f.name) ?? '')))
      return list(view, declared.order === undefined ? wanted : declared.order(wanted, request.format))
    },
  }
  const show: Operation = {
    ...operation('show', 'GET', [':id'], `Shows one ${view.singular.replaceAll('_', ' ')}.`),
    capability: declared.capabilities?.show ?? name,
    offered,
    statuses: [200, 404],
    async run(request) {
      const { session } = await request.connect()
      const found = await find(present(listing(request.offer.operations)), session, request.id)
      if (found === undefined) throw missing(view.singular, request.id)
      return item(view, found, 200)
    },
  }
  return {
    name,
    singular: view.singular,
    doc: declared.doc,
    operations: [index, show, ...declared.operations],
    listed: index.offered,
    view: view as View<Resource>,
  }
}

/** What all operations have in common; the caller overrides what differs. */
export const operation = (name: string, method: Method, path: readonly string[], doc: string): Omit<Operation, 'run'> => ({
  name,
  method,
  path,
  doc,
  capability: name,
  offered: () => true,
  parameters: [],
  statuses: [200],
  formats: documents,
  body: 'form',
  open: false,
})

interface Action {
  readonly name: string
  readonly doc: string
  readonly capability: string
  readonly offered: (offer: Offer) => boolean
  readonly method?: Method
  /** Below the collection; by default `:id` and the name. */
  readonly path?: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly statuses?: readonly number[]
  readonly formats?: readonly Format[]
  readonly body?: 'form' | 'raw'
  readonly run: (request: ApiRequest) => Promise<Result>
}

export const action = (declared: Action): Operation => ({
  ...operation(declared.name, declared.method ?? 'POST', declared.path ?? [':id', declared.name], declared.doc),
  ...declared,
})

export const create = (declared: Omit<Action, 'name' | 'path' | 'method'>): Operation =>
  action({ statuses: [201, 400, 409], ...declared, name: 'create', path: [] })

/** Destroys a member; a browser goes back to the index. */
export const destroy = (
  declared: Omit<Action, 'name' | 'path' | 'method' | 'run'> & { run: (request: ApiRequest) => Promise<void> },
): Operation =>
  action({
    statuses: [204, 404, 409],
    ...declared,
    name: 'destroy',
    method: 'DELETE',
    path: [':id'],
    async run(request) {
      await declared.run(request)
      return { kind: 'done', status: 204, redirect: request.links.collection(request.collection.name) }
    },
  })

/** The page with the form of another operation; it answers only where HTML is asked for. */
export const form = (declared: Omit<Action, 'method' | 'formats' | 'body'> & { path: readonly string[] }): Operation =>
  action({ statuses: [200], ...declared, method: 'GET', formats: ['html'] })

// A result carries a view and items that belong together; what renders it reads items only through that view.
export const list = <T extends Resource>(view: View<T>, items: readonly T[], status: 200 | 201 = 200): Result => ({
  kind: 'list',
  view: view as View<Resource>,
  items,
  status,
})

export const item = <T extends Resource>(
  view: View<T>,
  one: T,
  status: 200 | 201 | 202,
  more: { location?: string; bare?: boolean; redirect?: string } = {},
): Result => ({ kind: 'item', view: view as View<Resource>, item: one, status, ...more })

/** 201 with the new resource, and where it is. */
export const created = <T extends Resource>(request: ApiRequest, view: View<T>, one: T, more: { redirect?: string } = {}): Result =>
  item(view, one, 201, { location: view.href(one, request.links), ...more })

export const missing = (singular: string, id: string): Error => notFound(`There is no ${singular.replaceAll('_', ' ')} '${id}'`)
