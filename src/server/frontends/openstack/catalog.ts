/** The catalog of services, and the documents that tell which versions each has. */

import type { OperationGroup } from '../../../drivers/driver.ts'
import type { WireResponse } from '../../../drivers/wire.ts'
import type { Gate, Target } from '../../gate.ts'
import { json } from './asked.ts'
import { plainId } from './derived.ts'

/** The region of a cloud that isn't divided into regions. */
const onlyRegion = 'RegionOne'

interface Entry {
  /** As catalogs name its kind. */
  readonly type: string
  readonly name: string
  /** What the cloud must have one of. */
  readonly needs: readonly OperationGroup[]
  /** Below the root; `{project}` is the id of the project. */
  readonly path: string
  /** What it was called at Rackspace, whose clients choose by names. */
  readonly rackspace?: string
}

const entries: readonly Entry[] = [
  { type: 'identity', name: 'keystone', needs: [], path: '/identity/v3' },
  { type: 'compute', name: 'nova', needs: ['instances'], path: '/compute/v2.1', rackspace: 'cloudServersOpenStack' },
  { type: 'image', name: 'glance', needs: ['images'], path: '/image', rackspace: 'cloudImages' },
  { type: 'volumev3', name: 'cinderv3', needs: ['storage_volumes'], path: '/volume/v3/{project}', rackspace: 'cloudBlockStorage' },
  { type: 'block-storage', name: 'cinder', needs: ['storage_volumes'], path: '/volume/v3/{project}' },
  { type: 'network', name: 'neutron', needs: ['networks', 'addresses', 'firewalls'], path: '/network', rackspace: 'cloudNetworks' },
  { type: 'load-balancer', name: 'octavia', needs: ['load_balancers'], path: '/load-balancer' },
  { type: 'object-store', name: 'swift', needs: ['buckets'], path: '/object-store/v1/AUTH_{project}', rackspace: 'cloudFiles' },
]

/** A service, and where each region has it. */
export interface Place {
  readonly entry: Entry
  readonly endpoints: readonly { readonly region: string; readonly url: string }[]
}

/** The names of a cloud's regions, its own first. */
export const regionsOf = (gate: Gate, target: Target): readonly string[] => {
  const regions = gate.regionsOf(target)
  return regions.length > 0 ? regions : [onlyRegion]
}

/** Where the services of a region are. */
export const baseIn = (base: string, region: string | undefined): string =>
  region === undefined ? base : `${base}/${encodeURIComponent(region)}`

/** The services that the cloud has something for. One identity service is that of all regions. */
export const placesOf = (
  { base, gate, target }: { readonly base: string; readonly gate: Gate; readonly target: Target },
  projectId: string,
): readonly Place[] => {
  const regions = regionsOf(gate, target).map((region, n) => ({ region, base: baseIn(base, n === 0 ? undefined : region) }))
  return entries
    .filter(({ needs }) => needs.length === 0 || needs.some(name => target.offer.operations[name] !== undefined))
    .map(entry => ({
      entry,
      endpoints: regions.map(one => ({
        region: one.region,
        url: `${entry.type === 'identity' ? base : one.base}${entry.path.replace('{project}', projectId)}`,
      })),
    }))
}

/** Ids of a service's endpoints differ by side, and by region but for the first. */
export const endpointId = (type: string, side: string, region: string, n: number): string =>
  plainId('endpoint', n === 0 ? `${type}/${side}` : `${type}/${side}/${region}`)

export const sides = ['public', 'internal', 'admin'] as const

/** As Keystone v3 has it. */
export const catalogV3 = (places: readonly Place[]): readonly object[] =>
  places.map(({ entry: { type, name }, endpoints }) => ({
    id: plainId('service', type),
    type,
    name,
    endpoints: endpoints.flatMap(({ region, url }, n) =>
      sides.map(side => ({ id: endpointId(type, side, region, n), interface: side, region, region_id: region, url })),
    ),
  }))

/**
 * As Keystone v2.0 has it.
 * @param isRackspace whether services are called what they were called there; those of the only region are the same for all of Rackspace's
 */
export const catalogV2 = (places: readonly Place[], isRackspace: boolean): readonly object[] =>
  places.flatMap(({ entry, endpoints }) => {
    const name = isRackspace ? entry.rackspace : entry.name
    if (name === undefined) return []
    const isForAll = isRackspace && endpoints.length === 1
    const shown = endpoints.map(({ region, url }) => ({
      ...(isForAll ? {} : { region }),
      publicURL: url,
      internalURL: url,
      adminURL: url,
    }))
    return [{ type: entry.type, name, endpoints: shown, endpoints_links: [] }]
  })

/** A version of a service. Microversions aren't served: the lowest is the highest. */
interface Version {
  readonly id: string
  readonly status: string
  readonly version?: string
  readonly path: string
}

const updated = '2022-10-05T00:00:00Z'

const versionsOf: Readonly<Record<string, readonly Version[]>> = {
  identity: [
    { id: 'v3.14', status: 'stable', path: '/v3/' },
    { id: 'v2.0', status: 'deprecated', path: '/v2.0/' },
  ],
  compute: [{ id: 'v2.1', status: 'CURRENT', version: '2.1', path: '/v2.1/' }],
  image: [
    { id: 'v2.1', status: 'CURRENT', path: '/v2/' },
    { id: 'v2.0', status: 'SUPPORTED', path: '/v2/' },
  ],
  volume: [{ id: 'v3.0', status: 'CURRENT', version: '3.0', path: '/v3/' }],
  network: [{ id: 'v2.0', status: 'CURRENT', path: '/v2.0/' }],
  'load-balancer': [{ id: 'v2.0', status: 'CURRENT', path: '/v2/' }],
}

/**
 * What versions there are, for who asks at a service's address; undefined for a path that tells of none.
 * @param path below the service: empty, `/`, `/v3`
 */
export const discovery = (base: string, service: string, path: string): WireResponse | undefined => {
  const versions = Object.hasOwn(versionsOf, service) ? versionsOf[service] : undefined
  if (versions === undefined) return undefined
  const shown = versions.map(version => versionTree(`${base}/${service}`, version, service))
  const bare = path.replace(/\/$/, '')
  if (bare === '' || (service === 'image' && bare === '/versions')) {
    if (service === 'identity') return json(300, { versions: { values: shown } })
    return json(service === 'image' || service === 'volume' ? 300 : 200, { versions: shown })
  }
  const at = versions.findIndex(version => version.path === `${bare}/`)
  if (at < 0) return undefined
  // Glance and Neutron tell nothing there; Cinder lists again.
  if (service === 'volume') return json(200, { versions: shown })
  if (service === 'network') return json(200, { resources: resources.map(name => resourceTree(`${base}/network/v2.0`, name)) })
  return service === 'image' ? undefined : json(200, { version: shown[at] ?? {} })
}

const versionTree = (address: string, { id, status, version, path }: Version, service: string): object => ({
  id,
  status,
  ...(version === undefined ? {} : { version, min_version: version }),
  updated,
  links: [{ rel: 'self', href: `${address}${path}` }],
  ...(service === 'identity'
    ? { 'media-types': [{ base: 'application/json', type: `application/vnd.openstack.identity-${id.split('.')[0]}+json` }] }
    : {}),
})

/** What Neutron says it has. */
const resources = ['network', 'subnet', 'port', 'floatingip', 'security_group', 'security_group_rule']

const resourceTree = (address: string, name: string): object => {
  const collection = `${name}s`
  return { name, collection, links: [{ rel: 'self', href: `${address}/${collection.replaceAll('_', '-')}` }] }
}
