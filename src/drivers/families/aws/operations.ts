/** All operations that clouds of this family may have. */

import type { HardwareProfile } from '../../../model/hardware-profile.ts'
import type { Listing, Operations } from '../../driver.ts'
import { addresses } from './addresses.ts'
import { loadBalancers } from './balancers.ts'
import { firewalls } from './firewalls.ts'
import { images } from './images.ts'
import { instances } from './instances.ts'
import { keys } from './keys.ts'
import { metrics } from './metrics.ts'
import { networkInterfaces, networks, subnets } from './networks.ts'
import { realms } from './realms.ts'
import { blobs } from './s3/blobs.ts'
import { buckets } from './s3/buckets.ts'
import type { Session } from './session.ts'
import { storageSnapshots, storageVolumes } from './volumes.ts'

export const allOperations = {
  realms,
  images,
  instances,
  keys,
  storage_volumes: storageVolumes,
  storage_snapshots: storageSnapshots,
  addresses,
  firewalls,
  load_balancers: loadBalancers,
  metrics,
  networks,
  subnets,
  network_interfaces: networkInterfaces,
  buckets,
  blobs,
} satisfies Operations<Session>

/** Profiles of a table, as a listing. */
export const listed = (profiles: readonly HardwareProfile[]): Listing<Session, HardwareProfile> => ({ list: async () => profiles })
