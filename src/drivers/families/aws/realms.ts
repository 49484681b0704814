/** Realms: zones, and where the cloud has networks the subnets in them. */

import type { AvailabilityZone, Subnet } from '@aws-sdk/client-ec2'
import type { Realm } from '../../../model/resources.ts'
import { byId, type Operations } from '../../driver.ts'
import { unlessMissing } from './errors.ts'
import { need, present } from './native.ts'
import { allSubnets } from './networks.ts'
import type { Session } from './session.ts'

/** A zone that isn't available takes nothing; one that doesn't say is left open. */
const limitOf = (state: string | undefined): string | undefined =>
  state === undefined ? undefined : state === 'available' ? 'unlimited' : '0'

export const zoneOf = (zone: AvailabilityZone): Realm => {
  const id = need(zone.ZoneName, 'zoneName')
  return present({ id, name: id, state: zone.State?.toUpperCase(), limit: limitOf(zone.State) })
}

export const subnetRealmOf = (subnet: Subnet): Realm => {
  const id = `${need(subnet.AvailabilityZone, 'availabilityZone')}:${need(subnet.SubnetId, 'subnetId')}`
  return present({ id, name: id, state: subnet.State?.toUpperCase() })
}

/** The two halves of a realm's id. */
export const partsOf = (realm: string | undefined): { readonly zone?: string; readonly subnet?: string } => {
  if (realm === undefined) return {}
  const at = realm.indexOf(':')
  return at < 0 ? { zone: realm } : { zone: realm.slice(0, at), subnet: realm.slice(at + 1) }
}

/** Zones of other kinds are small places at the edge, which most accounts can't use. */
const zones = async (session: Session, id?: string): Promise<readonly AvailabilityZone[]> => {
  const answer = await session.ec2(client => client.describeAvailabilityZones(id === undefined ? {} : { ZoneNames: [id] }))
  return (answer.AvailabilityZones ?? []).filter(({ ZoneType: type }) => type === undefined || type === 'availability-zone')
}

export const zoneNames = async (session: Session): Promise<readonly string[]> =>
  (await zones(session)).map(zone => need(zone.ZoneName, 'zoneName'))

const get = async (session: Session, id: string): Promise<Realm | undefined> => {
  const { subnet } = partsOf(id)
  if (subnet !== undefined && session.kind.hasSubnetRealms) {
    const found = await unlessMissing(allSubnets(session, subnet))
    return found?.map(subnetRealmOf).find(realm => realm.id === id)
  }
  return (await unlessMissing(zones(session, id)))?.map(zoneOf).find(realm => realm.id === id)
}

export const realms: NonNullable<Operations<Session>['realms']> = byId(async session => {
  const found = (await zones(session)).map(zoneOf)
  return session.kind.hasSubnetRealms ? [...found, ...(await allSubnets(session)).map(subnetRealmOf)] : found
}, get)
