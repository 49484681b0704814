/** Subnets of networks. */

import { badRequest, conflict } from '../../model/errors.ts'
import type { Network, Subnet } from '../../model/resources.ts'
import { contains, overlaps, parseBlock } from '../cidr.ts'
import { newId } from '../ids.ts'
import type { Look, Tenant, Turn } from '../tenant.ts'
import { checkedId, found, given, listing, referred } from './lookup.ts'

export const { list, get, page } = listing('subnets')

export const create = (
  tenant: Tenant,
  request: { readonly networkId: string; readonly addressBlock: string; readonly name?: string },
): Promise<Subnet> =>
  tenant.write(async turn => {
    const { tx, personality } = turn
    const { networkId, addressBlock } = request
    const network = await referred(turn, 'networks', networkId)
    if (!personality.lenient.looseValues) await checkBlock(turn, network.shown, addressBlock)
    const name = given(request.name)
    const id = checkedId(await newId(turn, 'subnets', personality.ids.subnets, name), 'subnet')
    const type = personality.says.subnetType
    const shown: Subnet = { id, name: name ?? id, state: 'UP', ...(type === undefined ? {} : { type }), addressBlock, networkId }
    await tx.put('subnets', { shown, kept: { interfaces: 0 } })
    await tx.put('networks', { ...network, shown: await withBlocks(turn, { ...network.shown, subnets: [...network.shown.subnets, id] }) })
    return shown
  })

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    const { tx, personality } = turn
    const { shown, kept } = await found(turn, 'subnets', id)
    if (kept.interfaces > 0 && !personality.lenient.notEmpty) throw conflict(`Subnet '${id}' has network interfaces`)
    await tx.remove('subnets', id)
    const network = shown.networkId === undefined ? undefined : await tx.get('networks', shown.networkId)
    if (network === undefined) return
    const subnets = network.shown.subnets.filter(other => other !== id)
    await tx.put('networks', { ...network, shown: await withBlocks(turn, { ...network.shown, subnets }) })
  })

/** The blocks that a network has by its subnets, where it has none of its own. */
const withBlocks = async ({ tx, personality }: Turn, network: Network): Promise<Network> => {
  if (personality.blocksOfSubnets !== true) return network
  const subnets = await Promise.all(network.subnets.map(id => tx.show('subnets', id)))
  return { ...network, addressBlocks: subnets.flatMap(subnet => subnet?.addressBlock ?? []) }
}

/** @throws CloudError `bad-request` for what is no block in its network, `conflict` for one that shares addresses with another. */
const checkBlock = async ({ tx, personality }: Look, network: Network, text: string): Promise<void> => {
  const block = parseBlock(text)
  if (block === undefined) throw badRequest(`'${text}' is not a block of IPv4 addresses`)
  if (block.size < smallest) throw badRequest(`The block '${text}' is too small for a subnet`)
  const outer = network.addressBlocks.map(parseBlock)
  if (personality.blocksOfSubnets !== true && !outer.some(other => other !== undefined && contains(other, block)))
    throw badRequest(`The block '${text}' is not in the network '${network.id}'`)
  for (const id of network.subnets) {
    const other = await tx.show('subnets', id)
    const taken = other?.addressBlock === undefined ? undefined : parseBlock(other.addressBlock)
    const overlap = `The block '${text}' overlaps that of the subnet '${id}'`
    if (taken !== undefined && overlaps(taken, block)) throw personality.blocksOfSubnets === true ? badRequest(overlap) : conflict(overlap)
  }
}

/** Addresses: fewer leave none for interfaces. */
const smallest = 4
