/** Exchanges that need a driver or a frontend which our server doesn't have yet. What is registered is compared, and has to leave these lists. */

import type { Difference } from './difference.ts'
import { driverOf, type Exchange } from './exchange.ts'
import type { Rule } from './rules.ts'
import type { World } from './world.ts'

export interface Pending {
  readonly frontends: readonly string[]
  readonly drivers: readonly string[]
}

export const pending: Pending = {
  frontends: ['cimi', 'ec2'],
  drivers: [
    'arubacloud',
    'azure',
    'condor',
    'digitalocean',
    'ec2',
    'eucalyptus',
    'fgcp',
    'gogrid',
    'google',
    'opennebula',
    'openstack',
    'profitbricks',
    'rackspace',
    'rhevm',
    'rimuhosting',
    'sbc',
    'terremark',
    'vsphere',
  ],
}

/** Entries that are pending no longer, as sentences. */
export const overdue = (list: Pending, { drivers, frontends }: Pick<World, 'drivers' | 'frontends'>): string[] => [
  ...list.frontends.filter(name => frontends.has(name)).map(name => `The frontend ${name} is registered: take it off the pending list.`),
  ...list.drivers.filter(name => drivers.has(name)).map(name => `The driver ${name} is registered: take it off the pending list.`),
]

/** The frontend that an exchange asks, by the first segment of its path. */
export const frontendOf = ({ path }: Exchange): string => path.split('/')[1] ?? ''

/** What an exchange waits for; undefined for one that is to be compared. */
export const pendingFor = (list: Pending, exchange: Exchange): string | undefined => {
  const [frontend, driver] = [frontendOf(exchange), driverOf(exchange)]
  if (list.frontends.includes(frontend)) return `frontend ${frontend}`
  return driver !== undefined && list.drivers.includes(driver) ? `driver ${driver}` : undefined
}

/** The list of drivers names those that work. */
export const unlistedDrivers = (list: Pending): Rule => ({
  quirk: 'pending',
  because: 'A driver is listed when it works.',
  when: { method: ['GET'], path: /^\/api\/drivers$/, status: [200] },
  excuses: ['xml /drivers/driver[*]', 'xml /drivers/driver', 'json $.*'],
  only: ({ kind, at }: Difference, _exchange, { drivers }) => {
    const driver = /\[(\w+)\]$|\$\.(\w+)$/
      .exec(at)
      ?.slice(1)
      .find(name => name !== undefined)
    return kind === 'missing' && driver !== undefined && list.drivers.includes(driver) && !drivers.has(driver)
  },
})
