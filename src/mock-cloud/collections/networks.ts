/** Networks. */

import { badRequest, conflict } from '../../model/errors.ts'
import type { Network } from '../../model/resources.ts'
import { parseBlock } from '../cidr.ts'
import { newId } from '../ids.ts'
import type { Tenant, Turn } from '../tenant.ts'
import { checkedId, found, given, listing } from './lookup.ts'

export const { list, get, page } = listing('networks')

export const create = (tenant: Tenant, request: { readonly name?: string; readonly addressBlock?: string }): Promise<Network> =>
  tenant.write(async turn => {
    const { lenient, ids, blocksOfSubnets, nameOf } = turn.personality
    const block = given(request.addressBlock) ?? (lenient.looseValues ? undefined : usualBlock)
    if (block !== undefined && !lenient.looseValues && parseBlock(block) === undefined)
      throw badRequest(`'${block}' is not a block of IPv4 addresses`)
    const name = given(request.name)
    const id = checkedId(await newId(turn, 'networks', ids.networks, name), 'network')
    const addressBlocks = block === undefined || blocksOfSubnets === true ? [] : [block]
    const shown: Network = { id, name: name ?? nameOf?.('networks', { time: turn.now }) ?? id, state: 'UP', addressBlocks, subnets: [] }
    await turn.tx.put('networks', { shown, kept: {} })
    return shown
  })

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    const { shown } = await found(turn, 'networks', id)
    if (!turn.personality.lenient.notEmpty) await checkFree(turn, shown)
    for (const subnet of shown.subnets) await turn.tx.remove('subnets', subnet)
    await turn.tx.remove('networks', id)
  })

/** @throws CloudError `conflict` for one with subnets; where these go with it, for one that's in use. */
const checkFree = async ({ tx, personality }: Turn, { id, subnets }: Network): Promise<void> => {
  if (subnets.length > 0 && personality.blocksOfSubnets !== true) throw conflict(`Network '${id}' has subnets`)
  for (const subnet of subnets)
    if (((await tx.get('subnets', subnet))?.kept.interfaces ?? 0) > 0) throw conflict(`Network '${id}' has network interfaces`)
}

/** Of a network that was given none. */
const usualBlock = '10.0.0.0/16'
