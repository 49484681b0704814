/** Networks and subnets; and the network outside, which the floating addresses are of. */

import type { Network, Subnet } from '../../../model/resources.ts'
import { type Asked, allOf, gone, group, json, nothing, one, operation, part, type Routes, telling, wantedIn } from './asked.ts'
import { contentsOf } from './blocks.ts'
import { uuid } from './derived.ts'
import { badRequest, Fault, unsupported } from './errors.ts'
import { type Document, listed, type Style } from './listing.ts'

/** A list is Neutron's own whole; a filter that it doesn't know is refused. */
export const style: Style = { usualLimit: 1000, next: 'links', isStrict: true }

const since = '1970-01-01T00:00:00Z'

/** What all of Neutron's resources say. */
export const common = ({ identity: { projectId } }: Asked): Document => ({
  tenant_id: projectId,
  project_id: projectId,
  description: '',
  tags: [],
  created_at: since,
  updated_at: since,
  revision_number: 1,
})

const networkTree = (asked: Asked, network: Network): Document => ({
  ...common(asked),
  id: network.id,
  name: network.name ?? network.id,
  status: network.state === 'DOWN' ? 'DOWN' : 'ACTIVE',
  admin_state_up: network.state !== 'DOWN',
  subnets: network.subnets,
  shared: false,
  'router:external': false,
  mtu: 1450,
  availability_zone_hints: [],
  availability_zones: [],
  port_security_enabled: true,
  ipv4_address_scope: null,
  ipv6_address_scope: null,
})

/** The network outside has nothing that a project could see; clouds of the model don't list it. */
export const outer = (asked: Asked): Document => ({
  ...networkTree(asked, { id: outerId, name: 'public', state: 'UP', addressBlocks: [], subnets: [] }),
  'router:external': true,
  tenant_id: '',
  project_id: '',
})

export const outerId = uuid('network', 'public')

const subnetTree = (asked: Asked, subnet: Subnet): Document => {
  const block = contentsOf(subnet.addressBlock)
  return {
    ...common(asked),
    id: subnet.id,
    name: subnet.name ?? subnet.id,
    network_id: subnet.networkId ?? null,
    cidr: subnet.addressBlock ?? null,
    ip_version: subnet.addressBlock?.includes(':') === true ? 6 : 4,
    gateway_ip: block?.first ?? null,
    enable_dhcp: true,
    allocation_pools: block === undefined ? [] : [{ start: block.second, end: block.last }],
    dns_nameservers: [],
    host_routes: [],
    ipv6_address_mode: null,
    ipv6_ra_mode: null,
    subnetpool_id: null,
    service_types: [],
  }
}

/** The network outside is listed to who asks for it: by its name, its id, or as one that is outside. */
const networksOf = async (asked: Asked): Promise<readonly Document[]> => {
  const { query, cloud } = asked
  const own = (await allOf(asked, 'networks')).map(network => networkTree(asked, network))
  const isMeant = query.has('router:external') || query.get('name') === 'public' || query.get('id') === outerId
  return isMeant && cloud.addresses?.create !== undefined ? [...own, outer(asked)] : own
}

const isOuter = (asked: Asked): boolean => part(asked) === outerId && asked.cloud.addresses?.create !== undefined

export const networkRoutes: Routes = {
  'GET /networks': async asked => listed(asked, 'networks', await networksOf(asked), style),
  'GET /networks/:id': async asked =>
    json(200, { network: isOuter(asked) ? outer(asked) : networkTree(asked, await one(asked, 'networks', part(asked))) }),
  'POST /networks': async asked => {
    const wanted = await wantedIn(asked, 'network')
    const name = wanted.text('name')
    const create = operation(group(asked, 'networks').create, 'make networks')
    return json(201, { network: networkTree(asked, await create(name === undefined || name === '' ? {} : { name })) })
  },
  'PUT /networks/:id': () => {
    throw unsupported('A network stays as it is')
  },
  'DELETE /networks/:id': async asked => {
    const id = part(asked)
    if (isOuter(asked)) throw new Fault(403, 'The network outside is not yours')
    const destroy = operation(group(asked, 'networks').destroy, 'destroy networks')
    await telling(destroy(id), (kind, error) =>
      kind === 'not-found'
        ? gone('networks', id)
        : kind === 'conflict'
          ? new Fault(409, `Unable to complete operation on network ${id}. ${error.message}`, 'NetworkInUse')
          : undefined,
    )
    return nothing(204)
  },
  'GET /subnets': async asked =>
    listed(
      asked,
      'subnets',
      (await allOf(asked, 'subnets')).map(subnet => subnetTree(asked, subnet)),
      style,
    ),
  'GET /subnets/:id': async asked => json(200, { subnet: subnetTree(asked, await one(asked, 'subnets', part(asked))) }),
  'POST /subnets': async asked => {
    const wanted = await wantedIn(asked, 'subnet')
    const [networkId, name] = [wanted.need('network_id'), wanted.text('name')]
    if (wanted.text('subnetpool_id') !== undefined) throw unsupported('There are no pools of subnets')
    const addressBlock = wanted.text('cidr')
    if (addressBlock === undefined) throw badRequest('A subnet needs a cidr')
    if (!(await allOf(asked, 'networks')).some(({ id }) => id === networkId)) throw gone('networks', networkId)
    const create = operation(group(asked, 'subnets').create, 'make subnets')
    const made = await create({ networkId, addressBlock, ...(name === undefined || name === '' ? {} : { name }) })
    return json(201, { subnet: subnetTree(asked, made) })
  },
  'PUT /subnets/:id': () => {
    throw unsupported('A subnet stays as it is')
  },
  'DELETE /subnets/:id': async asked => {
    const id = part(asked)
    const destroy = operation(group(asked, 'subnets').destroy, 'destroy subnets')
    await telling(destroy(id), (kind, error) =>
      kind === 'not-found'
        ? gone('subnets', id)
        : kind === 'conflict'
          ? new Fault(409, `Unable to complete operation on subnet ${id}: ${error.message}`, 'SubnetInUse')
          : undefined,
    )
    return nothing(204)
  },
}
