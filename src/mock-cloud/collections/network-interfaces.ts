/** Network interfaces: an instance in a subnet. */

import { badRequest, conflict } from '../../model/errors.ts'
import type { InstanceAddress, NetworkInterface, Subnet } from '../../model/resources.ts'
import { parseBlock, textOf } from '../cidr.ts'
import { newId } from '../ids.ts'
import type { Records } from '../records.ts'
import type { Tenant, Turn } from '../tenant.ts'
import { checkedId, found, given, listing, livingInstance, referred } from './lookup.ts'

export const { list, get, page } = listing('network_interfaces')

/** @param request.networkId a subnet; or a network, whose first subnet is taken. */
export const create = (
  tenant: Tenant,
  request: { readonly instanceId: string; readonly networkId: string; readonly name?: string },
): Promise<NetworkInterface> =>
  tenant.write(async turn => {
    const instance = await livingInstance(turn, request.instanceId)
    return plug(turn, instance, await made(turn, request))
  })

/** One that belongs to no instance yet. */
export const reserve = (tenant: Tenant, request: { readonly networkId: string; readonly name?: string }): Promise<NetworkInterface> =>
  tenant.write(async turn => (await made(turn, request)).shown)

export const attach = (tenant: Tenant, id: string, { instanceId }: { readonly instanceId: string }): Promise<NetworkInterface> =>
  tenant.write(async turn => {
    const record = await found(turn, 'network_interfaces', id)
    if (record.shown.instanceId !== undefined) throw conflict(`The network interface '${id}' is attached to an instance`)
    return plug(turn, await livingInstance(turn, instanceId), record)
  })

export const detach = (tenant: Tenant, id: string): Promise<NetworkInterface> =>
  tenant.write(async turn => {
    const record = await found(turn, 'network_interfaces', id)
    const { instanceId, ...shown } = record.shown
    if (instanceId === undefined) throw conflict(`The network interface '${id}' is attached to no instance`)
    await turn.tx.put('network_interfaces', { ...record, shown })
    await leave(turn, instanceId, record.shown)
    return shown
  })

const made = async (
  turn: Turn,
  request: { readonly networkId: string; readonly name?: string },
): Promise<Records['network_interfaces']> => {
  const { tx, personality } = turn
  const subnet = await subnetOf(turn, request.networkId)
  const name = given(request.name)
  const id = checkedId(await newId(turn, 'network_interfaces', personality.ids.network_interfaces, name), 'network interface')
  const shown: NetworkInterface = {
    id,
    name: name ?? personality.nameOf?.('network_interfaces', { time: turn.now }) ?? id,
    networkId: personality.says.networkAsGiven ? request.networkId : subnet.shown.id,
    ipAddress: await lease(turn, subnet.shown, id),
  }
  const record = { shown, kept: { subnetId: subnet.shown.id } }
  await tx.put('network_interfaces', record)
  await tx.put('subnets', { ...subnet, kept: { interfaces: subnet.kept.interfaces + 1 } })
  return record
}

const plug = async (
  { tx, personality }: Turn,
  instance: Records['instances'],
  record: Records['network_interfaces'],
): Promise<NetworkInterface> => {
  const shown = { ...record.shown, instanceId: instance.shown.id }
  await tx.put('network_interfaces', { ...record, shown })
  const networkInterfaces = [...(instance.shown.networkInterfaces ?? []), shown.id]
  const { ipAddress } = shown
  const own: readonly InstanceAddress[] =
    personality.plugsIn === true && ipAddress !== undefined ? [{ address: ipAddress, type: 'ipv4' }] : []
  const privateAddresses = [...instance.shown.privateAddresses, ...own]
  await tx.put('instances', { ...instance, shown: { ...instance.shown, networkInterfaces, privateAddresses } })
  return shown
}

const leave = async ({ tx, personality }: Turn, instanceId: string, { id, ipAddress }: NetworkInterface): Promise<void> => {
  const instance = await tx.get('instances', instanceId)
  if (instance?.shown.networkInterfaces === undefined) return
  const networkInterfaces = instance.shown.networkInterfaces.filter(other => other !== id)
  const privateAddresses = instance.shown.privateAddresses.filter(({ address }) => personality.plugsIn !== true || address !== ipAddress)
  await tx.put('instances', { ...instance, shown: { ...instance.shown, networkInterfaces, privateAddresses } })
}

/** Joins a new instance to the networks that were named, or to the only one that there is. @throws CloudError `bad-request`, `conflict` */
export const joinNetworks = async (turn: Turn, instanceId: string, named: readonly string[] | undefined): Promise<void> => {
  const wanted = named ?? (turn.personality.plugsIn === true ? await onlyNetwork(turn) : [])
  for (const networkId of wanted) await plug(turn, await livingInstance(turn, instanceId), await made(turn, { networkId }))
}

/** None where it has no subnet yet. @throws CloudError `conflict` where there are several, as Nova has it */
const onlyNetwork = async ({ tx }: Turn): Promise<readonly string[]> => {
  const [network, ...others] = await tx.list('networks')
  if (others.length > 0) throw conflict('Multiple possible networks found, use a Network ID to be more specific.')
  return network === undefined || network.subnets.length === 0 ? [] : [network.id]
}

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    const { shown } = await found(turn, 'network_interfaces', id)
    await unplug(turn, id)
    if (shown.instanceId !== undefined) await leave(turn, shown.instanceId, shown)
  })

/** Takes an interface out of its subnet, and away. Its instance's side is the caller's. */
export const unplug = async ({ tx }: Turn, id: string): Promise<void> => {
  const record = await tx.get('network_interfaces', id)
  if (record === undefined) return
  await tx.remove('network_interfaces', id)
  const { subnetId } = record.kept
  const subnet = subnetId === undefined ? undefined : await tx.get('subnets', subnetId)
  if (subnet !== undefined) await tx.put('subnets', { ...subnet, kept: { interfaces: subnet.kept.interfaces - 1 } })
  if (subnetId !== undefined) await tx.remove('leases', `${subnetId}/${record.shown.ipAddress}`)
}

const subnetOf = async (turn: Turn, id: string): Promise<Records['subnets']> => {
  const subnet = await turn.tx.get('subnets', id)
  if (subnet !== undefined) return subnet
  const network = await turn.tx.show('networks', id)
  if (network === undefined) throw badRequest(`There is neither a subnet nor a network '${id}'`)
  const [first] = network.subnets
  if (first === undefined) throw badRequest(`Network '${id}' has no subnet`)
  return referred(turn, 'subnets', first)
}

/** Takes an address of a subnet that is free. */
const lease = async ({ tx, draws }: Turn, subnet: Subnet, id: string): Promise<string> => {
  const block = subnet.addressBlock === undefined ? undefined : parseBlock(subnet.addressBlock)
  if (block === undefined || block.size < 4) throw badRequest(`Subnet '${subnet.id}' has no addresses for network interfaces`)
  // The first two and the last address are the network's own, its router's, and the one for all.
  const usable = block.size - 3
  const start = draws.between(0, usable - 1, 'network_interfaces', id, 'address')
  for (let i = 0; i < usable; i++) {
    const address = textOf(block.base + 2 + ((start + i) % usable))
    const key = `${subnet.id}/${address}`
    if ((await tx.show('leases', key)) !== undefined) continue
    await tx.put('leases', { shown: { id: key }, kept: {} })
    return address
  }
  throw conflict(`Subnet '${subnet.id}' has no free address`)
}
