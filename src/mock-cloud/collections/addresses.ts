/** Public addresses. */

import { type CloudError, conflict } from '../../model/errors.ts'
import type { Address } from '../../model/resources.ts'
import { duration } from '../becoming.ts'
import { parseAddress, textOf } from '../cidr.ts'
import type { Records } from '../records.ts'
import type { Tenant, Turn } from '../tenant.ts'
import { found, listing, livingInstance } from './lookup.ts'

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
    const instance = await livingInstance(turn, instanceId)
    if (ownerOf(address) !== undefined) throw inUse(address)
    const [other] = instance.kept.addresses
    if (other !== undefined && !personality.lenient.attachedTwice)
      throw conflict(`Instance '${instanceId}' has the address ${other} already`)
    const taken = { ...instance, kept: { ...instance.kept, addresses: [...instance.kept.addresses, id] } }
    const takes = duration(turn, 'association', 'addresses', id, 'association', turn.now)
    if (takes === 0) return link(turn, id, taken)
    await tx.put('instances', taken)
    await tx.put('addresses', { shown: { id }, kept: { awaits: instanceId }, due: turn.now + takes })
  })

/** The original's word for it; the details say it in ours. */
const inUse = (address: Records['addresses']): CloudError =>
  conflict('AddressInUse', `The address ${address.shown.id} is associated with the instance '${ownerOf(address)}'`)

export const disassociate = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    const instanceId = ownerOf(await found(turn, 'addresses', id))
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
    const address = await found(turn, 'addresses', id)
    if (ownerOf(address) !== undefined) throw inUse(address)
    await turn.tx.remove('addresses', id)
  })

/** Frees an address, on its own side. */
export const free = async (turn: Turn, id: string): Promise<void> => {
  if ((await turn.tx.show('addresses', id)) !== undefined) await turn.tx.put('addresses', { shown: { id }, kept: {} })
}

/** What an address that is due has come to. */
export const arriveAddress = async (turn: Turn, { shown, kept }: Records['addresses']): Promise<void> => {
  const instance = kept.awaits === undefined ? undefined : await turn.tx.get('instances', kept.awaits)
  if (instance === undefined) await free(turn, shown.id)
  else await link(turn, shown.id, instance)
}

/** Shows an address and its instance as they belong together. */
const link = async ({ tx }: Turn, id: string, instance: Records['instances']): Promise<void> => {
  await tx.put('addresses', { shown: { id, instanceId: instance.shown.id }, kept: {} })
  await tx.put('instances', { ...instance, shown: { ...instance.shown, publicAddresses: [{ address: id, type: 'ipv4' }] } })
}

/** The instance that has an address, or is about to. */
const ownerOf = ({ shown, kept }: Records['addresses']): string | undefined => shown.instanceId ?? kept.awaits

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
