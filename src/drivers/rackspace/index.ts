/** Rackspace: Cloud Servers and Cloud Files, of the first generation and of the one on OpenStack. */

import type { ConnectRequest, DriverDefinition, Offer } from '../driver.ts'
import { byApiKey, byHeaders } from '../families/openstack/identity.ts'
import { openstackOffer } from '../families/openstack/offer.ts'
import { Session, type SessionOptions } from '../families/openstack/session.ts'
import { firstGeneration } from './first-generation.ts'

/** Accounts of the United Kingdom are on an identity service of their own. */
const identities: Readonly<Record<string, string>> = { LON: 'https://lon.identity.api.rackspacecloud.com/v2.0' }
const identity = 'https://identity.api.rackspacecloud.com/v2.0'
const regions = ['DFW', 'ORD', 'IAD', 'LON', 'SYD', 'HKG'] as const
const before = 'https://auth.api.rackspacecloud.com/v1.0'

const { realms, hardware_profiles, images, instances, buckets, blobs } = openstackOffer.operations

/** Volumes, networks and keys of the account aren't offered: no client of the API ever saw them here. */
const nextGeneration: Offer<Session> = {
  features: {
    images: { owner_id: {}, image_name: {} },
    instances: { user_name: {}, authentication_password: {}, user_files: {} },
  },
  ...(openstackOffer.machine === undefined ? {} : { machine: openstackOffer.machine }),
  operations: {
    ...(realms === undefined ? {} : { realms }),
    ...(hardware_profiles === undefined ? {} : { hardware_profiles }),
    ...(images === undefined ? {} : { images }),
    ...(instances === undefined ? {} : { instances }),
    ...(buckets === undefined ? {} : { buckets }),
    ...(blobs === undefined ? {} : { blobs }),
  },
}

interface Place {
  readonly offer: Offer<Session>
  readonly options: Omit<SessionOptions, 'driver'>
}

const first = (address: string): Place => ({
  offer: firstGeneration,
  options: { address, logIn: byHeaders, realm: 'us', choice: { region: undefined, interface: 'public' } },
})

const next = (address: string, region: string): Place => ({
  offer: nextGeneration,
  options: {
    address,
    logIn: byApiKey,
    realm: region,
    hasNoGlance: true,
    choice: {
      region,
      interface: 'public',
      isStrict: true,
      only: ['compute', 'objects'],
      names: { compute: 'cloudServersOpenStack', objects: 'cloudFiles' },
    },
  },
})

/**
 * A provider: none for the first generation, as clients have always asked; a region; or the address of an identity service, whose version
 * tells the generation: `https://identity.api.rackspacecloud.com/v2.0;DFW`.
 */
const placeOf = (provider: string | undefined): Place | undefined => {
  if (provider === undefined) return first(before)
  const region = regions.find(one => one === provider.toUpperCase())
  if (region !== undefined) return next(identities[region] ?? identity, region)
  const [address = '', chosen = regions[0], ...more] = provider.split(';')
  if (more.length > 0 || !/^https?:\/\//.test(address) || !URL.canParse(address)) return undefined
  const bare = address.replace(/\/+$/, '')
  return /\/v1(\.\d)?$/.test(bare) ? first(bare) : next(bare, chosen)
}

const sessionOf = (request: ConnectRequest): Session => {
  const place = placeOf(request.provider) ?? first(before)
  return new Session(request, { driver: 'rackspace', ...place.options })
}

export const rackspace: DriverDefinition<Session> = {
  id: 'rackspace',
  name: 'Rackspace',
  credentials: { user: 'User name', password: 'API key' },
  entrypoints: { identity: Object.fromEntries(regions.map(region => [region, identities[region] ?? identity])) },
  offer: provider => placeOf(provider)?.offer,
  connect: async request => sessionOf(request),
  verify: async session => {
    await session.login()
  },
  caller: session => session.user,
}
