/** The driver of the mock cloud: no protocol in between, so nothing to map. */

import type { MockCloud } from '../../mock-cloud/cloud.ts'
import type { Personality } from '../../mock-cloud/personality.ts'
import type { Tenant } from '../../mock-cloud/tenant.ts'
import { unauthenticated } from '../../model/errors.ts'
import type { DriverDefinition, Offer } from '../driver.ts'
import { asked } from './asked.ts'
import { createMockControl } from './control.ts'
import { operations } from './operations.ts'

/** @param cloud stays the caller's: the driver never closes it. */
export const createMockDriver = (cloud: MockCloud): DriverDefinition<Tenant> => ({
  id: 'mock',
  name: 'Mock',
  credentials: { user: 'User', password: 'Password', trial: { user: 'mockuser', password: 'mockpassword' } },
  providerNames: cloud.providerNames(),
  regions: provider => cloud.regionsOf(provider),
  entrypoints: {},
  offer(provider) {
    const personality = cloud.personality(provider)
    return personality === undefined ? undefined : offerOf(personality)
  },
  async connect({ credentials, provider, context }) {
    if (credentials === undefined) throw unauthenticated()
    if (!(await cloud.authenticate(credentials.user, credentials.password))) throw unauthenticated('Authentication Failure')
    return cloud.tenant({ world: context.world, provider, account: credentials.user, caller: context })
  },
  now: world => cloud.now(world),
  credentialsOf: keyId => cloud.credentialsOf(keyId),
  sealingKey: () => cloud.sealingKey(),
  control: createMockControl(cloud),
})

const offers = new WeakMap<Personality, Offer<Tenant>>()

/** Made once for a personality: the server binds an operation table once, too. */
const offerOf = (personality: Personality): Offer<Tenant> => {
  let offer = offers.get(personality)
  if (offer === undefined) {
    const { features, machine, hardwareProfiles, lacks } = personality
    // Blobs come and go with their buckets.
    const lacksGroup = (group: string): boolean => lacks.some(lacking => lacking === (group === 'blobs' ? 'buckets' : group))
    const table = Object.fromEntries(Object.entries(operations).filter(([group]) => !lacksGroup(group)))
    offer = { features, machine, hardwareProfiles, operations: asked(table) }
    offers.set(personality, offer)
  }
  return offer
}
