/** Networks, subnets and ports: Neutron's API 2.0. */

import { badRequest } from '../../../model/errors.ts'
import type { Network, NetworkInterface, Subnet } from '../../../model/resources.ts'
import { byId, type Operations } from '../../driver.ts'
import { given, known, type Native } from './native.ts'
import { asReference, type Session, segment } from './session.ts'

const upOrDown = (isUp: boolean | undefined): string | undefined => (isUp === undefined ? undefined : isUp ? 'UP' : 'DOWN')

export const subnetOf = (subnet: Native): Subnet =>
  known<Subnet>({
    id: subnet.need('id'),
    name: subnet.text('name'),
    networkId: subnet.text('network_id'),
    addressBlock: subnet.text('cidr'),
    state: 'UP',
  })

/** @param blocks of the subnets that the caller can see, by id: a network of another project names some that it can't */
export const networkOf = (network: Native, blocks: ReadonlyMap<string, string | undefined>): Network => {
  const subnets = network.texts('subnets').filter(id => blocks.has(id))
  return known<Network>({
    id: network.need('id'),
    name: network.text('name'),
    state: upOrDown(network.flag('admin_state_up')),
    subnets,
    addressBlocks: subnets.flatMap(id => blocks.get(id) ?? []),
  })
}

/** Ports of routers and DHCP servers have no instance, though they name what they are of. */
export const interfaceOf = (port: Native): NetworkInterface => {
  const [address] = port.list('fixed_ips')
  const device = port.text('device_id')
  return known<NetworkInterface>({
    id: port.need('id'),
    name: port.text('name'),
    instanceId: device === '' || port.text('device_owner')?.startsWith('network:') === true ? undefined : device,
    networkId: address?.text('subnet_id'),
    ipAddress: address?.text('ip_address'),
  })
}

const blocksOf = async (session: Session): Promise<ReadonlyMap<string, string | undefined>> =>
  new Map((await session.list('network', '/subnets', 'subnets')).map(subnet => [subnet.need('id'), subnet.text('cidr')]))

const seconds = (session: Session): number => Math.floor(session.context.now() / 1000)

export const networks: NonNullable<Operations<Session>['networks']> = {
  ...byId(
    async session => {
      const [found, blocks] = await Promise.all([session.list('network', '/networks', 'networks'), blocksOf(session)])
      return found.map(network => networkOf(network, blocks))
    },
    async (session, id) => {
      const [found, blocks] = await Promise.all([session.find('network', `/networks/${segment(id)}`), blocksOf(session)])
      return found === undefined ? undefined : networkOf(found.needObject('network'), blocks)
    },
  ),
  async create(session, { name }) {
    const network = { name: name ?? `net_${seconds(session)}` }
    return networkOf((await session.ask('network', 'POST', '/networks', { network })).needObject('network'), new Map())
  },
  destroy: (session, id) => session.tell('network', 'DELETE', `/networks/${segment(id)}`),
}

export const subnets: NonNullable<Operations<Session>['subnets']> = {
  ...byId(
    async session => (await session.list('network', '/subnets', 'subnets')).map(subnetOf),
    async (session, id) => {
      const found = await session.find('network', `/subnets/${segment(id)}`)
      return found === undefined ? undefined : subnetOf(found.needObject('subnet'))
    },
  ),
  async create(session, { networkId, addressBlock, name }) {
    const subnet = given({ network_id: networkId, cidr: addressBlock, ip_version: addressBlock.includes(':') ? 6 : 4, name })
    return subnetOf((await asReference(session.ask('network', 'POST', '/subnets', { subnet }), networkId)).needObject('subnet'))
  },
  destroy: (session, id) => session.tell('network', 'DELETE', `/subnets/${segment(id)}`),
}

export const networkInterfaces: NonNullable<Operations<Session>['network_interfaces']> = {
  ...byId(
    async session => (await session.list('network', '/ports', 'ports')).map(interfaceOf),
    async (session, id) => {
      const found = await session.find('network', `/ports/${segment(id)}`)
      return found === undefined ? undefined : interfaceOf(found.needObject('port'))
    },
  ),
  /** A port that names its instance isn't plugged by that: Nova does it, and names the instance itself. */
  async create(session, { instanceId, networkId: subnetId, name }) {
    const subnet = (await asReference(session.ask('network', 'GET', `/subnets/${segment(subnetId)}`), subnetId)).needObject('subnet')
    if (instanceId === '') throw badRequest('A network interface needs an instance')
    const wanted = {
      network_id: subnet.need('network_id'),
      fixed_ips: [{ subnet_id: subnetId }],
      name: name ?? `nic_${seconds(session)}`,
    }
    const made = (await session.ask('network', 'POST', '/ports', { port: wanted })).needObject('port')
    const id = made.need('id')
    try {
      const path = `/servers/${segment(instanceId)}/os-interface`
      await asReference(session.ask('compute', 'POST', path, { interfaceAttachment: { port_id: id } }))
    } catch (error) {
      await session.tell('network', 'DELETE', `/ports/${segment(id)}`)
      throw error
    }
    return { ...interfaceOf(made), instanceId }
  },
  destroy: (session, id) => session.tell('network', 'DELETE', `/ports/${segment(id)}`),
}
