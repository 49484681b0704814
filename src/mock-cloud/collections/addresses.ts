/** Public addresses. */

import { type CloudError, conflict } from '../../model/errors.ts'
import type { Address } from '../../model/resources.ts'
import { parseAddress, textOf } from '../cidr.ts'
import type { Tenant, Turn } from '../tenant.ts'
import { found, listing, referred } from './lookup.ts'

export const { list, get, page } = listing('addresses')

export const create = (tenant: Tenant): Promise<Address> =>
  tenant.write(async turn => {
    const shown: Address = { id: await nextAddress(turn) }
    await turn.tx.put('addresses', { shown, kept: {} })
    return shown
  })

/** Gives an instance the address instead of those it has by itself. */
export const associate = (tenant: Tenant, id: string, instanceId: string): Promise<void> =>
  tenant.write(async turn => {
    const { tx, personality } = turn
    const address = await found(turn, 'addresses', id)
    const instance = await referred(turn, 'instances', instanceId)
    if (address.shown.instanceId !== undefined) throw inUse(address.shown)
    const [other] = instance.kept.addresses
    if (other !== undefined && !personality.lenient.attachedTwice)
      throw conflict(`Instance '${instanceId}' has the address ${other} already`)
    await tx.put('addresses', { ...address, shown: { ...address.shown, instanceId } })
    await tx.put('instances', {
      ...instance,
      shown: { ...instance.shown, publicAddresses: [{ address: id, type: 'ipv4' }] },
      kept: { ...instance.kept, addresses: [...instance.kept.addresses, id] },
    })
  })

/** The original's word for it; the details say it in ours. */
const inUse = ({ id, instanceId }: Address): CloudError =>
  conflict('AddressInUse', `The address ${id} is associated with the instance '${instanceId}'`)

export const disassociate = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    const { instanceId } = (await found(turn, 'addresses', id)).shown
    if (instanceId === undefined) throw conflict('AddressNotInUse', `The address ${id} is not associated with an instance`)
    await free(turn, id)
    const instance = await turn.tx.get('instances', instanceId)
    if (instance === undefined) return
    await turn.tx.put('instances', {
      ...instance,
      shown: { ...instance.shown, publicAddresses: instance.kept.ownAddresses },
      kept: { ...instance.kept, addresses: instance.kept.addresses.filter(other => other !== id) },
    })
  })

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    const { shown } = await found(turn, 'addresses', id)
    if (shown.instanceId !== undefined) throw inUse(shown)
    await turn.tx.remove('addresses', id)
  })

/** Frees an address, on its own side. */
export const free = async (turn: Turn, id: string): Promise<void> => {
  const address = await turn.tx.get('addresses', id)
  if (address !== undefined) await turn.tx.put('addresses', { ...address, shown: { id } })
}

/** One more than the highest there is; where ids are never used again, than the highest there was. */
const nextAddress = async (turn: Turn): Promise<string> => {
  const { tx, personality } = turn
  let highest = await tx.number('highest address')
  if (personality.addressesComeBack) {
    highest = parseAddress('192.168.0.0') ?? 0
    for (const { id } of await tx.list('addresses')) highest = Math.max(highest, parseAddress(id) ?? 0)
  }
  await tx.setNumber('highest address', highest + 1)
  return textOf(highest + 1)
}
