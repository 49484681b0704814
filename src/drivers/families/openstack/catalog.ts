/** The catalog that comes with a token: which services there are, and at which address the chosen region has each. */

import type { Native } from './native.ts'

export interface Endpoint {
  /** Absent where it's the same for all regions. */
  readonly region?: string
  readonly interface: string
  readonly url: string
}

export interface Service {
  readonly type: string
  readonly name?: string
  readonly endpoints: readonly Endpoint[]
}

export type Catalog = readonly Service[]

/** The services that drivers of this family speak to. */
export type ServiceKind = 'compute' | 'image' | 'volume' | 'network' | 'balancer' | 'objects'

/** Their types in a catalog, of which the first that there is counts: the newest first. */
const types: Readonly<Record<ServiceKind, readonly string[]>> = {
  compute: ['compute'],
  image: ['image'],
  volume: ['volumev3', 'block-storage', 'volumev2', 'volume'],
  network: ['network'],
  balancer: ['load-balancer'],
  objects: ['object-store'],
}

/** What of a catalog is meant. */
export interface Choice {
  readonly region: string | undefined
  /** `public`, `internal` or `admin`. */
  readonly interface: string
  /** Other regions won't do. Clouds whose services have regions of different names need another than that was named. */
  readonly isStrict?: boolean
  /** The services that the driver asks; all where it's absent. What it doesn't ask, an account has not. */
  readonly only?: readonly ServiceKind[]
  /** Where a catalog has several services of a type: the names of the ones that are meant. */
  readonly names?: Readonly<Partial<Record<ServiceKind, string>>>
}

/** The address of a service, without a slash at its end; undefined where the account has none. */
export const addressIn = (catalog: Catalog, kind: ServiceKind, choice: Choice): string | undefined => {
  if (choice.only?.includes(kind) === false) return undefined
  for (const type of types[kind]) {
    const name = choice.names?.[kind]
    const services = catalog.filter(service => service.type === type && (name === undefined || service.name === name))
    const endpoints = services.flatMap(service => service.endpoints).filter(endpoint => endpoint.interface === choice.interface)
    const found = inRegion(endpoints, choice)
    if (found !== undefined) return found.url.replace(/\/+$/, '')
  }
  return undefined
}

const inRegion = (endpoints: readonly Endpoint[], { region, isStrict }: Choice): Endpoint | undefined => {
  if (region === undefined) return endpoints[0]
  const same = endpoints.find(endpoint => endpoint.region?.toLowerCase() === region.toLowerCase())
  return same ?? endpoints.find(endpoint => endpoint.region === undefined) ?? (isStrict === true ? undefined : endpoints[0])
}

/** Regions that have instances, volumes or objects, in the order of the catalog. */
export const regionsIn = (catalog: Catalog): readonly string[] => {
  const wanted: readonly string[] = [...types.compute, ...types.volume, ...types.objects]
  const regions = catalog
    .filter(({ type }) => wanted.includes(type))
    .flatMap(({ endpoints }) => endpoints.flatMap(({ region }) => (region === undefined ? [] : [region])))
  return [...new Set(regions)]
}

/** @param token of Keystone v3: `token.catalog[].endpoints[].{interface, region_id, url}` */
export const catalogOfV3 = (token: Native): Catalog =>
  token.list('catalog').map(service =>
    serviceOf(
      service,
      service.list('endpoints').map(endpoint => ({
        ...inItsRegion(endpoint.oneOf('region_id', 'region')),
        interface: endpoint.text('interface') ?? 'public',
        url: endpoint.need('url'),
      })),
    ),
  )

/** @param access of Keystone v2.0: `access.serviceCatalog[].endpoints[].{region, publicURL, internalURL, adminURL}` */
export const catalogOfV2 = (access: Native): Catalog =>
  access.list('serviceCatalog').map(service =>
    serviceOf(
      service,
      service.list('endpoints').flatMap(endpoint =>
        ['public', 'internal', 'admin'].flatMap(side => {
          const url = endpoint.text(`${side}URL`)
          return url === undefined ? [] : [{ ...inItsRegion(endpoint.text('region')), interface: side, url }]
        }),
      ),
    ),
  )

/** A service without a type serves nobody who asks for one. */
const serviceOf = (service: Native, endpoints: readonly Endpoint[]): Service => {
  const name = service.text('name')
  return { type: service.text('type') ?? '', endpoints, ...(name === undefined ? {} : { name }) }
}

const inItsRegion = (region: string | undefined): { readonly region?: string } => (region === undefined ? {} : { region })
