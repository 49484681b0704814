/** Realms: fixed, and a way to see every kind of failure. */

import { CloudError, type ErrorKind } from '../../model/errors.ts'
import type { Realm } from '../../model/resources.ts'
import { capacityOf } from '../limits/limits.ts'
import { usedIn } from '../limits/measures.ts'
import type { Tenant } from '../tenant.ts'

/** Ids of the original that answer with the error of their name. */
const faults: Readonly<Record<string, { readonly kind: ErrorKind; readonly message: string }>> = {
  '500': { kind: 'internal', message: 'DeltacloudErrorMessage' },
  '501': { kind: 'not-supported', message: 'NotImplementedMessage' },
  '502': { kind: 'provider-error', message: 'ProviderErrorMessage' },
  '504': { kind: 'provider-timeout', message: 'ProviderTimeoutMessage' },
}

export const list = async (tenant: Tenant, filter: { readonly id?: string }): Promise<readonly Realm[]> => {
  provoke(filter.id)
  return withRoom(tenant, tenant.personality.realms)
}

export const get = async (tenant: Tenant, id: string): Promise<Realm | undefined> => {
  provoke(id)
  const [realm] = await withRoom(
    tenant,
    tenant.personality.realms.filter(realm => realm.id === id),
  )
  return realm
}

const provoke = (id: string | undefined): void => {
  const fault = id !== undefined && Object.hasOwn(faults, id) ? faults[id] : undefined
  if (fault !== undefined) throw new CloudError(fault.kind, fault.message)
}

/** Realms with how many instances more there is room for, where that is limited. */
const withRoom = async (tenant: Tenant, realms: readonly Realm[]): Promise<readonly Realm[]> => {
  const { world, scope } = tenant
  const allowance = world.limits.of(scope.provider)
  if (realms.every(({ id }) => capacityOf(allowance, id)?.instances === undefined)) return realms
  const instances = await tenant.read(({ tx }) => tx.list('instances'))
  return realms.map(realm => {
    const room = capacityOf(allowance, realm.id)?.instances
    const taken = usedIn(instances, tenant.personality, realm.id).instances
    return room === undefined ? realm : { ...realm, limit: String(Math.max(0, room - taken)) }
  })
}
