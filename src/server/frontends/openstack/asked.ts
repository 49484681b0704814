/** One request to an OpenStack service on its way: who asks, the cloud that it opened, and what its handlers share. */

import type { Cloud, CollectionName, Offer } from '../../../drivers/driver.ts'
import type { Headers, WireRequest, WireResponse } from '../../../drivers/wire.ts'
import type { Gate, Target } from '../../gate.ts'
import type { Body } from './body.ts'
import type { Identity } from './derived.ts'
import { Fault, missing, type ServiceName, unsupported } from './errors.ts'

/** A request that needs nobody to be known. */
export interface Called {
  readonly request: WireRequest
  readonly gate: Gate
  /** The cloud, whose tokens are taken in all of its regions. */
  readonly target: Target
  /** That the path names: `/openstack/RegionTwo/compute`. */
  readonly region: string | undefined
  /** Where the services are: `http://127.0.0.1:3001/openstack`, with a region behind it where the path names one. */
  readonly base: string
  /** The cloud's time, milliseconds since 1970. */
  readonly now: number
  readonly query: URLSearchParams
  /** Of the path, by the names that the route gives. */
  readonly path: Readonly<Record<string, string>>
  /** The path below the service's version, for links to it: `/servers/detail`. */
  readonly here: string
  body(): Promise<Body>
}

export interface Asked extends Called {
  readonly cloud: Cloud
  readonly offer: Offer
  /** The account, as the cloud has it. */
  readonly account: string
  readonly identity: Identity
}

export type Handler = (asked: Asked) => Promise<WireResponse> | WireResponse

/** By method and path: `GET /servers/:id`. */
export type Routes = Readonly<Record<string, Handler>>

/** A service: what it serves below its version, and the versions that it has. */
export interface Service {
  readonly name: ServiceName
  readonly routes: Routes
}

export const json = (status: number, document: object, headers: Headers = []): WireResponse => ({
  status,
  headers: [['Content-Type', 'application/json'], ...headers],
  body: JSON.stringify(document),
})

/** An answer that says no more than its status. */
export const nothing = (status: number, headers: Headers = []): WireResponse => ({ status, headers })

/** A group of operations. @throws Fault 501 where the cloud lacks it */
export const group = <Name extends keyof Cloud>({ cloud }: Asked, name: Name): NonNullable<Cloud[Name]> => {
  const found = cloud[name]
  if (found === undefined) throw unsupported(`This cloud has no ${name.replaceAll('_', ' ')}`)
  // An absent group is turned away above.
  return found as NonNullable<Cloud[Name]>
}

/** An operation. @throws Fault 501 where the cloud lacks it */
export const operation = <T>(found: T | undefined, what: string): T => {
  if (found === undefined) throw unsupported(`This cloud can't ${what}`)
  return found
}

/** All of a collection; none where the cloud lacks it. */
export const allOf = async <Name extends CollectionName>(asked: Asked, name: Name): Promise<readonly ItemOf<Name>[]> => {
  const table = asked.cloud[name]
  return table === undefined ? [] : ((await table.list({})) as readonly ItemOf<Name>[])
}

export type ItemOf<Name extends CollectionName> = Awaited<ReturnType<NonNullable<Cloud[Name]>['list']>>[number]

const titles: Readonly<Partial<Record<CollectionName, string>>> = {
  instances: 'Instance',
  images: 'Image',
  hardware_profiles: 'Flavor',
  keys: 'Keypair',
  storage_volumes: 'Volume',
  storage_snapshots: 'Snapshot',
  networks: 'Network',
  subnets: 'Subnet',
  network_interfaces: 'Port',
  firewalls: 'SecurityGroup',
  load_balancers: 'Loadbalancer',
}

export const gone = (name: CollectionName, id: string): Fault => missing(titles[name] ?? name, id)

/** One by its id. @throws Fault 404 */
export const one = async <Name extends CollectionName>(asked: Asked, name: Name, id: string): Promise<ItemOf<Name>> => {
  const table = group(asked, name)
  const found = table.get === undefined ? (await table.list({ id })).find(item => item.id === id) : await table.get(id)
  if (found === undefined) throw gone(name, id)
  return found as ItemOf<Name>
}

/** A part of the path, which the route has named. */
export const part = ({ path }: Called, name = 'id'): string => path[name] ?? ''

/** Members and filters that name a project. */
export const projectNames = ['project_id', 'tenant_id'] as const

/** The object of a request that makes a resource of Neutron's. @throws Fault 400 for a resource of another project */
export const wantedIn = async (asked: Asked, name: string): Promise<Body> => {
  const wanted = (await asked.body()).needObject(name)
  if (projectNames.some(member => (wanted.text(member) ?? asked.identity.projectId) !== asked.identity.projectId))
    throw new Fault(
      400,
      "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin or advsvc privileges",
      'HTTPBadRequest',
    )
  return wanted
}

/** Whose a resource is: the caller's project, or whom the cloud names. */
export const ownerOf = ({ account, identity }: Asked, owner: string | undefined): string =>
  owner === undefined || owner === account ? identity.projectId : owner

/** Runs an operation with another status for what the cloud finds wrong with it. */
export const telling = async <T>(asking: Promise<T>, tell: (kind: string, error: Error) => Fault | undefined): Promise<T> => {
  try {
    return await asking
  } catch (error) {
    const kind = error instanceof Error && 'kind' in error ? String(error.kind) : ''
    throw (error instanceof Error ? tell(kind, error) : undefined) ?? error
  }
}
