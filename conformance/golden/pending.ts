/** Exchanges that need a driver or a frontend which our server doesn't have yet. What is registered is compared, and has to leave these lists. */

import type { Difference } from './difference.ts'
import { driverOf, type Exchange } from './exchange.ts'
import type { Rule } from './rules.ts'
import type { World } from './world.ts'

export interface Pending {
  readonly frontends: readonly string[]
  readonly drivers: readonly string[]
  readonly ofTheirOwn: OfTheirOwn
}

/**
 * What isn't held to the original, since it stands for clouds of today. The original's EC2 frontend answered ten actions of API 2012-04-01 with
 * made-up ids and elements of its own (`instanceSet`), as `text/html`; ours answers as AWS does, and real clients judge it. Its drivers told the
 * regions, features and states of 2012; ours are judged by recordings and by round trip.
 */
interface OfTheirOwn {
  readonly frontends: readonly string[]
  readonly drivers: readonly string[]
}

export const pending: Pending = {
  frontends: ['cimi'],
  ofTheirOwn: { frontends: ['ec2'], drivers: ['ec2', 'eucalyptus', 'openstack', 'rackspace'] },
  drivers: [
    'arubacloud',
    'azure',
    'condor',
    'digitalocean',
    'fgcp',
    'gogrid',
    'google',
    'opennebula',
    'profitbricks',
    'rhevm',
    'rimuhosting',
    'sbc',
    'terremark',
    'vsphere',
  ],
}

/** Entries that are pending no longer, as sentences. */
export const findOverdue = (list: Pending, { drivers, frontends }: Pick<World, 'drivers' | 'frontends'>): string[] => [
  ...list.frontends.filter(name => frontends.has(name)).map(name => `The frontend ${name} is registered: take it off the pending list.`),
  ...list.drivers.filter(name => drivers.has(name)).map(name => `The driver ${name} is registered: take it off the pending list.`),
]

/** The frontend that an exchange asks, by the first segment of its path. */
export const frontendOf = ({ path }: Exchange): string => path.split('/')[1] ?? ''

/** What an exchange waits for; undefined for one that is to be compared. */
export const pendingFor = (list: Pending, exchange: Exchange): string | undefined => {
  const [frontend, driver] = [frontendOf(exchange), driverOf(exchange)]
  if (list.frontends.includes(frontend) || list.ofTheirOwn.frontends.includes(frontend)) return `frontend ${frontend}`
  return driver !== undefined && (list.drivers.includes(driver) || list.ofTheirOwn.drivers.includes(driver))
    ? `driver ${driver}`
    : undefined
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

/** What drivers of today's clouds tell of themselves in the list of drivers. */
export const driversOfTheirOwn = ({ ofTheirOwn }: Pending): Rule => ({
  quirk: 'of their own',
  because: 'Names, regions and credentials are those of today’s clouds.',
  when: { method: ['GET'], path: /^\/api\/drivers(\/|$)/, status: [200] },
  excuses: ofTheirOwn.drivers.flatMap(name => [`xml /drivers/driver[${name}]/**`, `json $.${name}.**`]),
})
