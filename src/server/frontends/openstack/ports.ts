/** Ports: network interfaces. */

import type { Instance, NetworkInterface, Subnet } from '../../../model/resources.ts'
import { type Asked, allOf, gone, group, json, nothing, one, operation, part, type Routes, telling, wantedIn } from './asked.ts'
import { macOf } from './derived.ts'
import { badRequest, Fault, unsupported } from './errors.ts'
import { type Document, listed, type Style } from './listing.ts'
import { common, style as usual } from './networks.ts'

const style: Style = {
  ...usual,
  filters: {
    ...usual.filters,
    // `ip_address=10.0.0.5`, `subnet_id=…`
    fixed_ips: ({ fixed_ips: own }, value) => {
      const [name, wanted] = value.split('=')
      return (
        Array.isArray(own) && own.some(one => typeof one === 'object' && one !== null && String(Reflect.get(one, name ?? '')) === wanted)
      )
    },
  },
}

/** What ports belong to. */
export interface Around {
  readonly subnets: ReadonlyMap<string, Subnet>
  readonly instances: ReadonlyMap<string, Instance>
}

export const around = async (asked: Asked): Promise<Around> => {
  const [subnets, instances] = await Promise.all([allOf(asked, 'subnets'), allOf(asked, 'instances')])
  return { subnets: new Map(subnets.map(subnet => [subnet.id, subnet])), instances: new Map(instances.map(one => [one.id, one])) }
}

export const networkOf = ({ networkId = '' }: NetworkInterface, { subnets }: Around): string =>
  subnets.get(networkId)?.networkId ?? networkId

const portTree = (asked: Asked, port: NetworkInterface, where: Around): Document => {
  const instance = where.instances.get(port.instanceId ?? '')
  const isPlugged = port.instanceId !== undefined
  return {
    ...common(asked),
    id: port.id,
    name: port.name ?? '',
    network_id: networkOf(port, where),
    fixed_ips: port.ipAddress === undefined ? [] : [{ subnet_id: port.networkId, ip_address: port.ipAddress }],
    device_id: port.instanceId ?? '',
    device_owner: isPlugged ? `compute:${instance?.realmId ?? 'nova'}` : '',
    mac_address: macOf(port.id),
    status: isPlugged ? 'ACTIVE' : 'DOWN',
    admin_state_up: true,
    security_groups: instance?.firewalls ?? [],
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    'binding:vnic_type': 'normal',
    port_security_enabled: true,
  }
}

const all = async (asked: Asked): Promise<readonly Document[]> => {
  const where = await around(asked)
  return (await allOf(asked, 'network_interfaces')).map(port => portTree(asked, port, where))
}

export const portRoutes: Routes = {
  'GET /ports': async asked => listed(asked, 'ports', await all(asked), style),
  'GET /ports/:id': async asked =>
    json(200, { port: portTree(asked, await one(asked, 'network_interfaces', part(asked)), await around(asked)) }),
  'POST /ports': async asked => {
    const wanted = await wantedIn(asked, 'port')
    const network = wanted.need('network_id')
    if (!(await allOf(asked, 'networks')).some(({ id }) => id === network)) throw gone('networks', network)
    const [address] = wanted.list('fixed_ips')
    if (address?.text('ip_address') !== undefined) throw unsupported('Addresses of ports are chosen by the cloud')
    const networkId = address?.text('subnet_id') ?? network
    const [name, instanceId] = [wanted.text('name'), wanted.text('device_id')]
    const about = { networkId, ...(name === undefined || name === '' ? {} : { name }) }
    const table = group(asked, 'network_interfaces')
    const made =
      instanceId === undefined || instanceId === ''
        ? await operation(table.reserve, 'make ports without a server')(about)
        : await operation(table.create, 'make ports')({ ...about, instanceId })
    return json(201, { port: portTree(asked, made, await around(asked)) })
  },
  'PUT /ports/:id': async asked => {
    await one(asked, 'network_interfaces', part(asked))
    if ((await asked.body()).needObject('port').names().length > 0) throw unsupported('A port stays as it is')
    throw badRequest('There is nothing to change')
  },
  'DELETE /ports/:id': async asked => {
    const id = part(asked)
    const destroy = operation(group(asked, 'network_interfaces').destroy, 'destroy ports')
    await telling(destroy(id), (kind, error) =>
      kind === 'not-found' ? gone('network_interfaces', id) : kind === 'conflict' ? new Fault(409, error.message, 'PortInUse') : undefined,
    )
    return nothing(204)
  },
}
