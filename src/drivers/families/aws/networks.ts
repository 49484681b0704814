/** Networks are VPCs, with their subnets and interfaces. */

import type { NetworkInterface as NativeInterface, Subnet as NativeSubnet, Vpc } from '@aws-sdk/client-ec2'
import { notFound } from '../../../model/errors.ts'
import type { Network, NetworkInterface, Subnet } from '../../../model/resources.ts'
import { byId, type Operations } from '../../driver.ts'
import { asReference, unlessMissing } from './errors.ts'
import { named } from './mapping.ts'
import { nameTag, need, paged, present } from './native.ts'
import type { Session } from './session.ts'

const stateOf = (state: string | undefined): string | undefined => (state === undefined ? undefined : state === 'available' ? 'UP' : 'DOWN')

export const networkOf = (vpc: Vpc, subnets: readonly NativeSubnet[]): Network => {
  const id = need(vpc.VpcId, 'vpcId')
  const own = subnets.filter(subnet => subnet.VpcId === id)
  const blocks = own.flatMap(({ CidrBlock: block }) => (block === undefined ? [] : [block]))
  return present({
    id,
    name: named(vpc.Tags) ?? id,
    state: stateOf(vpc.State),
    addressBlocks: blocks.length > 0 ? blocks : vpc.CidrBlock === undefined ? [] : [vpc.CidrBlock],
    subnets: own.map(subnet => need(subnet.SubnetId, 'subnetId')),
  })
}

export const subnetOf = (subnet: NativeSubnet): Subnet => {
  const id = need(subnet.SubnetId, 'subnetId')
  return present({
    id,
    name: named(subnet.Tags) ?? id,
    state: stateOf(subnet.State),
    addressBlock: subnet.CidrBlock,
    networkId: subnet.VpcId,
  })
}

export const interfaceOf = (one: NativeInterface): NetworkInterface => {
  const id = need(one.NetworkInterfaceId, 'networkInterfaceId')
  return present({
    id,
    name: named(one.TagSet) ?? id,
    instanceId: one.Attachment?.InstanceId,
    networkId: one.SubnetId,
    ipAddress: one.PrivateIpAddress,
  })
}

const vpcs = (session: Session, id?: string): Promise<readonly Vpc[]> =>
  paged(async token => {
    const answer = await session.ec2(client =>
      client.describeVpcs({ ...(id === undefined ? {} : { VpcIds: [id] }), ...(token === undefined ? {} : { NextToken: token }) }),
    )
    return { items: answer.Vpcs ?? [], next: answer.NextToken }
  })

/** All subnets, or the one of that id. @throws CloudError */
export const allSubnets = (session: Session, id?: string): Promise<readonly NativeSubnet[]> =>
  paged(async token => {
    const answer = await session.ec2(client =>
      client.describeSubnets({ ...(id === undefined ? {} : { SubnetIds: [id] }), ...(token === undefined ? {} : { NextToken: token }) }),
    )
    return { items: answer.Subnets ?? [], next: answer.NextToken }
  })

const interfaces = (session: Session, id?: string): Promise<readonly NativeInterface[]> =>
  paged(async token => {
    const answer = await session.ec2(client =>
      client.describeNetworkInterfaces({
        ...(id === undefined ? {} : { NetworkInterfaceIds: [id] }),
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    )
    return { items: answer.NetworkInterfaces ?? [], next: answer.NextToken }
  })

export const networks: NonNullable<Operations<Session>['networks']> = {
  ...byId(
    async session => {
      const [all, subnets] = await Promise.all([vpcs(session), allSubnets(session)])
      return all.map(vpc => networkOf(vpc, subnets))
    },
    async (session, id) => {
      const vpc = (await unlessMissing(vpcs(session, id)))?.find(one => need(one.VpcId, 'vpcId') === id)
      return vpc === undefined ? undefined : networkOf(vpc, await allSubnets(session))
    },
  ),
  async create(session, { addressBlock = '10.0.0.0/16', name }) {
    const { Vpc: vpc } = await session.ec2(client => client.createVpc({ CidrBlock: addressBlock, ...nameTag('vpc', name) }))
    return networkOf(need(vpc, 'vpc'), [])
  },
  async destroy(session, id) {
    await session.ec2(client => client.deleteVpc({ VpcId: id }))
  },
}

export const subnets: NonNullable<Operations<Session>['subnets']> = {
  ...byId(
    async session => (await allSubnets(session)).map(subnetOf),
    async (session, id) => (await unlessMissing(allSubnets(session, id)))?.map(subnetOf).find(subnet => subnet.id === id),
  ),
  async create(session, { networkId, addressBlock, name }) {
    const { Subnet: subnet } = await asReference(
      session.ec2(client => client.createSubnet({ VpcId: networkId, CidrBlock: addressBlock, ...nameTag('subnet', name) })),
    )
    return subnetOf(need(subnet, 'subnet'))
  },
  async destroy(session, id) {
    await session.ec2(client => client.deleteSubnet({ SubnetId: id }))
  },
}

/** How often, and after how many milliseconds each, a detachment is looked at before the interface is deleted. */
const looks = 20
const pause = 500

export const networkInterfaces: NonNullable<Operations<Session>['network_interfaces']> = {
  ...byId(
    async session => (await interfaces(session)).map(interfaceOf),
    async (session, id) => (await unlessMissing(interfaces(session, id)))?.map(interfaceOf).find(one => one.id === id),
  ),
  async create(session, { instanceId, networkId, name }) {
    const index = await asReference(freeIndex(session, instanceId))
    const answer = await asReference(
      session.ec2(client => client.createNetworkInterface({ SubnetId: networkId, ...nameTag('network-interface', name) })),
    )
    const made = need(answer.NetworkInterface, 'networkInterface')
    const id = need(made.NetworkInterfaceId, 'networkInterfaceId')
    try {
      await session.ec2(client => client.attachNetworkInterface({ NetworkInterfaceId: id, InstanceId: instanceId, DeviceIndex: index }))
    } catch (error) {
      // What can't be attached isn't left behind.
      await session.ec2(client => client.deleteNetworkInterface({ NetworkInterfaceId: id })).catch(() => undefined)
      throw error
    }
    return { ...interfaceOf(made), instanceId }
  },
  async destroy(session, id) {
    const found = (await unlessMissing(interfaces(session, id)))?.find(one => need(one.NetworkInterfaceId, 'networkInterfaceId') === id)
    if (found === undefined) throw notFound()
    const attachment = found.Attachment?.AttachmentId
    if (attachment !== undefined) {
      await session.ec2(client => client.detachNetworkInterface({ AttachmentId: attachment, Force: true }))
      for (let look = 0; look < looks; look++) {
        const [now] = await interfaces(session, id)
        if (now?.Status !== 'in-use' && now?.Attachment?.Status !== 'detaching') break
        await session.context.sleep(pause)
      }
    }
    await session.ec2(client => client.deleteNetworkInterface({ NetworkInterfaceId: id }))
  },
}

/** The lowest index of a device that the instance hasn't given yet; 0 is its first interface. */
const freeIndex = async (session: Session, instanceId: string): Promise<number> => {
  const answer = await session.ec2(client => client.describeInstances({ InstanceIds: [instanceId] }))
  const taken = new Set(
    (answer.Reservations?.[0]?.Instances?.[0]?.NetworkInterfaces ?? []).map(({ Attachment: attachment }) => attachment?.DeviceIndex),
  )
  let index = 1
  while (taken.has(index)) index++
  return index
}
