/** All collections of the API, by name. */

import { addresses } from './addresses.ts'
import { buckets } from './buckets.ts'
import { drivers } from './drivers.ts'
import { firewalls } from './firewalls.ts'
import { hardwareProfiles } from './hardware-profiles.ts'
import { images } from './images.ts'
import { instanceStates } from './instance-states.ts'
import { instances } from './instances.ts'
import { keys } from './keys.ts'
import { loadBalancers } from './load-balancers.ts'
import { metrics } from './metrics.ts'
import { networkInterfaces, networks, subnets } from './networks.ts'
import type { Collection } from './operation.ts'
import { realms } from './realms.ts'
import { storageSnapshots } from './storage-snapshots.ts'
import { storageVolumes } from './storage-volumes.ts'

/** Sorted: documents list them in this order (quirk P25). */
export const collections: readonly Collection[] = [
  addresses,
  buckets,
  drivers,
  firewalls,
  hardwareProfiles,
  images,
  instanceStates,
  instances,
  keys,
  loadBalancers,
  metrics,
  networkInterfaces,
  networks,
  realms,
  storageSnapshots,
  storageVolumes,
  subnets,
]

const byName: ReadonlyMap<string, Collection> = new Map(collections.map(collection => [collection.name, collection]))

export const collectionNamed = (name: string): Collection | undefined => byName.get(name)
