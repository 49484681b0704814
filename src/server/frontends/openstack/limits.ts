/** What an account may have, as far as the cloud tells; zones; and what Nova says of itself. */

import { type Asked, allOf, json, type Routes } from './asked.ts'

/** What is used. How much may be, the cloud says when it's too much: figures that aren't known aren't made up. */
const absolute = async (asked: Asked): Promise<object> => {
  const [instances, groups] = [await allOf(asked, 'instances'), await allOf(asked, 'firewalls')]
  return { totalInstancesUsed: instances.length, totalSecurityGroupsUsed: groups.length }
}

export const zonesOf = async (asked: Asked): Promise<readonly object[]> =>
  (await allOf(asked, 'realms')).map(({ id, state }) => ({
    zoneName: id,
    zoneState: { available: state === undefined || /^available$/i.test(state) },
    hosts: null,
  }))

export const limitRoutes: Routes = {
  'GET /limits': async asked => json(200, { limits: { rate: [], absolute: await absolute(asked) } }),
  'GET /os-availability-zone': async asked => json(200, { availabilityZoneInfo: await zonesOf(asked) }),
  'GET /os-availability-zone/detail': async asked => json(200, { availabilityZoneInfo: await zonesOf(asked) }),
  'GET /extensions': () => json(200, { extensions: [] }),
  'GET /os-server-groups': () => json(200, { server_groups: [] }),
}
