/** Realms: fixed, and a way to see every kind of failure. */

import { CloudError, type ErrorKind } from '../../model/errors.ts'
import type { Realm } from '../../model/resources.ts'
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
  return tenant.personality.realms
}

export const get = async (tenant: Tenant, id: string): Promise<Realm | undefined> => {
  provoke(id)
  return tenant.personality.realms.find(realm => realm.id === id)
}

const provoke = (id: string | undefined): void => {
  const fault = id !== undefined && Object.hasOwn(faults, id) ? faults[id] : undefined
  if (fault !== undefined) throw new CloudError(fault.kind, fault.message)
}
