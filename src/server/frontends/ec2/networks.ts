/** VPCs, subnets and network interfaces. */

import type { Network, NetworkInterface, Subnet } from '../../../model/resources.ts'
import { type Actions, type Asked, chosen, group, operation } from './asked.ts'
import { derivedId } from './derived.ts'
import { notThere } from './errors.ts'
import { described, filtered } from './listing.ts'
import { type Tags, tagAtCreation, tagReaders, tagSet, tagsOf, tagsOfAll } from './tags.ts'
import type { Tree } from './writer.ts'

const stateOf = ({ state }: { readonly state?: string }): string => (state === undefined || /^up$/i.test(state) ? 'available' : 'pending')

const withName = (one: { readonly id: string; readonly name?: string }, tags: Tags | undefined): Tags | undefined =>
  one.name === undefined || one.name === one.id || tags?.Name !== undefined ? tags : { Name: one.name, ...tags }

const networkTree = (asked: Asked, network: Network, tags: Tags | undefined): Tree => ({
  vpcId: network.id,
  ownerId: asked.user,
  state: stateOf(network),
  cidrBlock: network.addressBlocks[0],
  dhcpOptionsId: 'default',
  instanceTenancy: 'default',
  isDefault: false,
  tagSet: tagSet(withName(network, tags)),
})

const subnetTree = (asked: Asked, subnet: Subnet, zone: string | undefined, tags: Tags | undefined): Tree => ({
  subnetId: subnet.id,
  state: stateOf(subnet),
  vpcId: subnet.networkId,
  ownerId: asked.user,
  cidrBlock: subnet.addressBlock,
  ipv6CidrBlockAssociationSet: [],
  availableIpAddressCount: sizeOf(subnet.addressBlock),
  availabilityZone: zone,
  defaultForAz: false,
  mapPublicIpOnLaunch: false,
  tagSet: tagSet(withName(subnet, tags)),
})

/** Five addresses of a block are the network's own. */
const sizeOf = (block: string | undefined): number => Math.max(0, 2 ** (32 - Number(block?.split('/')[1] ?? 32)) - 5)

/** Zones of subnets: one after the other, since the model doesn't say. */
const zoneAt = async (asked: Asked, all: readonly Subnet[]): Promise<(subnet: Subnet) => string | undefined> => {
  const zones = (await asked.cloud.realms?.list({})) ?? []
  return subnet =>
    zones[
      Math.max(
        0,
        all.filter(one => one.networkId === subnet.networkId).findIndex(one => one.id === subnet.id),
      ) % zones.length
    ]?.id
}

const interfaceTree = (asked: Asked, one: NetworkInterface, network: string | undefined, tags: Tags | undefined): Tree => ({
  networkInterfaceId: one.id,
  subnetId: one.networkId,
  vpcId: network,
  description: '',
  ownerId: asked.user,
  status: one.instanceId === undefined ? 'available' : 'in-use',
  macAddress: macOf(one.id),
  privateIpAddress: one.ipAddress,
  groupSet: [],
  attachment:
    one.instanceId === undefined
      ? undefined
      : { attachmentId: derivedId('eni-attach', one.id), instanceId: one.instanceId, deviceIndex: 1, status: 'attached' },
  tagSet: tagSet(withName(one, tags)),
})

const macOf = (id: string): string => `02:${(derivedId('', id).slice(1, 11).match(/../g) ?? []).join(':')}`

const networkOfSubnet = async (asked: Asked): Promise<(subnet: string | undefined) => string | undefined> => {
  const subnets = (await asked.cloud.subnets?.list({})) ?? []
  return id => subnets.find(subnet => subnet.id === id)?.networkId
}

const interfaceAt = async (asked: Asked, id: string): Promise<NetworkInterface> => {
  const found = (await group(asked, 'network_interfaces').list({})).find(one => one.id === id)
  if (found === undefined) throw notThere('network_interfaces', id)
  return found
}

export const networkActions: Actions = {
  DescribeVpcs: {
    about: 'networks',
    async answer(asked) {
      const { parameters } = asked
      const all = chosen('networks', await group(asked, 'networks').list({}), parameters.list('VpcId'))
      const tags = await tagsOfAll(asked, 'networks', all)
      const found = filtered(parameters, all, {
        ...tagReaders(parameters, tags),
        'vpc-id': network => network.id,
        cidr: network => network.addressBlocks,
        'cidr-block': network => network.addressBlocks,
        state: stateOf,
        'is-default': () => false,
        'owner-id': () => asked.user,
      })
      return described(asked, 'vpcSet', found, network => networkTree(asked, network, tags.get(network.id)))
    },
  },
  CreateVpc: {
    about: 'networks',
    changes: true,
    async answer(asked) {
      const network = await operation(
        group(asked, 'networks').create,
        'make networks',
      )({ addressBlock: asked.parameters.need('CidrBlock') })
      await tagAtCreation(asked, 'vpc', 'networks', [network])
      return { vpc: networkTree(asked, network, await tagsOf(asked, 'networks', network.id)) }
    },
  },
  DeleteVpc: {
    about: 'networks',
    changes: true,
    async answer(asked) {
      await operation(group(asked, 'networks').destroy, 'destroy networks')(asked.parameters.need('VpcId'))
      return { return: true }
    },
  },
  DescribeSubnets: {
    about: 'subnets',
    async answer(asked) {
      const { parameters } = asked
      const every = await group(asked, 'subnets').list({})
      const all = chosen('subnets', every, parameters.list('SubnetId'))
      const zoneOf = await zoneAt(asked, every)
      const tags = await tagsOfAll(asked, 'subnets', all)
      const found = filtered(parameters, all, {
        ...tagReaders(parameters, tags),
        'subnet-id': subnet => subnet.id,
        'vpc-id': subnet => subnet.networkId,
        cidr: subnet => subnet.addressBlock,
        'cidr-block': subnet => subnet.addressBlock,
        state: stateOf,
        'availability-zone': zoneOf,
        'default-for-az': () => false,
      })
      return described(asked, 'subnetSet', found, subnet => subnetTree(asked, subnet, zoneOf(subnet), tags.get(subnet.id)))
    },
  },
  CreateSubnet: {
    about: 'subnets',
    changes: true,
    async answer(asked) {
      const { parameters } = asked
      const { create, list } = group(asked, 'subnets')
      const subnet = await operation(
        create,
        'make subnets',
      )({
        networkId: parameters.need('VpcId'),
        addressBlock: parameters.need('CidrBlock'),
      })
      await tagAtCreation(asked, 'subnet', 'subnets', [subnet])
      const zoneOf = await zoneAt(asked, await list({}))
      return { subnet: subnetTree(asked, subnet, zoneOf(subnet), await tagsOf(asked, 'subnets', subnet.id)) }
    },
  },
  DeleteSubnet: {
    about: 'subnets',
    changes: true,
    async answer(asked) {
      await operation(group(asked, 'subnets').destroy, 'destroy subnets')(asked.parameters.need('SubnetId'))
      return { return: true }
    },
  },
  DescribeNetworkInterfaces: {
    about: 'network_interfaces',
    async answer(asked) {
      const { parameters } = asked
      const all = chosen('network_interfaces', await group(asked, 'network_interfaces').list({}), parameters.list('NetworkInterfaceId'))
      const [tags, networkOf] = [await tagsOfAll(asked, 'network_interfaces', all), await networkOfSubnet(asked)]
      const found = filtered(parameters, all, {
        ...tagReaders(parameters, tags),
        'network-interface-id': one => one.id,
        'subnet-id': one => one.networkId,
        'vpc-id': one => networkOf(one.networkId),
        status: one => (one.instanceId === undefined ? 'available' : 'in-use'),
        'attachment.instance-id': one => one.instanceId,
        'private-ip-address': one => one.ipAddress,
      })
      return described(asked, 'networkInterfaceSet', found, one => interfaceTree(asked, one, networkOf(one.networkId), tags.get(one.id)))
    },
  },
  CreateNetworkInterface: {
    about: 'network_interfaces',
    changes: true,
    async answer(asked) {
      const reserve = operation(group(asked, 'network_interfaces').reserve, 'make network interfaces that belong to no instance')
      const one = await reserve({ networkId: asked.parameters.need('SubnetId') })
      await tagAtCreation(asked, 'network-interface', 'network_interfaces', [one])
      const networkOf = await networkOfSubnet(asked)
      return {
        networkInterface: interfaceTree(asked, one, networkOf(one.networkId), await tagsOf(asked, 'network_interfaces', one.id)),
      }
    },
  },
  AttachNetworkInterface: {
    about: 'network_interfaces',
    changes: true,
    async answer(asked) {
      const { parameters } = asked
      const attach = operation(group(asked, 'network_interfaces').attach, 'attach network interfaces')
      const id = parameters.need('NetworkInterfaceId')
      await attach(id, { instanceId: parameters.need('InstanceId') })
      return { attachmentId: derivedId('eni-attach', id) }
    },
  },
  DetachNetworkInterface: {
    about: 'network_interfaces',
    changes: true,
    async answer(asked) {
      const detach = operation(group(asked, 'network_interfaces').detach, 'detach network interfaces')
      const attachment = asked.parameters.need('AttachmentId')
      const all = await group(asked, 'network_interfaces').list({})
      const found = all.find(one => one.instanceId !== undefined && derivedId('eni-attach', one.id) === attachment)
      if (found === undefined) throw notThere('network_interfaces', attachment)
      await detach(found.id)
      return { return: true }
    },
  },
  DeleteNetworkInterface: {
    about: 'network_interfaces',
    changes: true,
    async answer(asked) {
      const { id } = await interfaceAt(asked, asked.parameters.need('NetworkInterfaceId'))
      await operation(group(asked, 'network_interfaces').destroy, 'destroy network interfaces')(id)
      return { return: true }
    },
  },
}
