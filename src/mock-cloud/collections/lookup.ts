/** Finding resources: in lists, by the id of a path, and by an id that a request refers to. */

import { badRequest, conflict, notFound } from '../../model/errors.ts'
import type { Kind, Records, Shown } from '../records.ts'
import type { Look, Tenant } from '../tenant.ts'

/** What every collection has whose resources are kept as they're shown. */
export const listing = <K extends Kind>(kind: K) => ({
  list: (tenant: Tenant, filter: { readonly id?: string }): Promise<readonly Shown<K>[]> =>
    tenant.read(async ({ tx }) => {
      if (filter.id === undefined) return tx.list(kind)
      const one = await tx.show(kind, filter.id)
      return one === undefined ? [] : [one]
    }),
  get: (tenant: Tenant, id: string): Promise<Shown<K> | undefined> => tenant.read(({ tx }) => tx.show(kind, id)),
  page: (tenant: Tenant, _filter: unknown, page: { readonly after?: string; readonly limit: number }) =>
    tenant.read(({ tx }) => tx.page(kind, page)),
})

/** The resource of the path. @throws CloudError `not-found` */
export const found = async <K extends Kind>({ tx }: Look, kind: K, id: string): Promise<Records[K]> => {
  const record = await tx.get(kind, id)
  if (record === undefined) throw notFound()
  return record
}

const names: Readonly<Record<Kind, string>> = {
  images: 'Image',
  instances: 'Instance',
  keys: 'Key',
  storage_volumes: 'Storage volume',
  storage_snapshots: 'Storage snapshot',
  buckets: 'Bucket',
  addresses: 'Address',
  firewalls: 'Firewall',
  load_balancers: 'Load balancer',
  networks: 'Network',
  subnets: 'Subnet',
  network_interfaces: 'Network interface',
  leases: 'Lease',
  echoes: 'Echo',
}

/** A resource that a request refers to. @throws CloudError `bad-request` */
export const referred = async <K extends Kind>({ tx }: Look, kind: K, id: string): Promise<Records[K]> => {
  const record = await tx.get(kind, id)
  if (record === undefined) throw badRequest(`${names[kind]} '${id}' does not exist`)
  return record
}

/** An instance that a request refers to, which is still to have something. @throws CloudError `bad-request`, or `conflict` after its end */
export const livingInstance = async (look: Look, id: string): Promise<Records['instances']> => {
  const record = await referred(look, 'instances', id)
  if (record.shown.state === 'finish') throw conflict(`Instance '${id}' has been destroyed`)
  return record
}

/** A realm that a request refers to; the usual one where it names none. @throws CloudError `bad-request` */
export const realmOr = ({ personality }: Look, id: string | undefined): string => {
  const wanted = id === undefined || id === '' ? personality.preset.realm : id
  if (!personality.lenient.unknownReferences && !personality.realms.some(realm => realm.id === wanted)) {
    throw badRequest(`Realm '${wanted}' does not exist`)
  }
  return wanted
}

/** A name that becomes an id, and so a part of a path. @throws CloudError `bad-request` */
export const checkedId = (id: string, what: string, longest = 255): string => {
  if (id === '' || id === '.' || id === '..') throw badRequest(`'${id}' can't be the name of a ${what}`)
  if (Buffer.byteLength(id) > longest) throw badRequest(`The name of a ${what} can't be longer than ${longest} bytes`)
  return id
}

/** A text that was given, and isn't empty: as a form leaves it. */
export const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text)
