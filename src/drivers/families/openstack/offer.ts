/** What an OpenStack cloud offers, and which service each collection is of. */

import type { CollectionName, Offer } from '../../driver.ts'
import { addresses } from './addresses.ts'
import { loadBalancers } from './balancers.ts'
import type { ServiceKind } from './catalog.ts'
import { hardwareProfiles, images, instances, keys, realms } from './compute.ts'
import { firewalls } from './firewalls.ts'
import { uploads } from './large-objects.ts'
import { networkInterfaces, networks, subnets } from './networks.ts'
import { blobs, buckets } from './objects.ts'
import type { Session } from './session.ts'
import { machine } from './states.ts'
import { storageSnapshots, storageVolumes } from './volumes.ts'

export const openstackOffer: Offer<Session> = {
  features: {
    images: { owner_id: {}, image_name: {} },
    instances: { user_name: {}, user_data: {}, user_files: {}, firewalls: {}, authentication_key: {}, authentication_password: {} },
    keys: { import_key: {} },
    storage_volumes: { volume_name: {}, volume_description: {} },
  },
  machine,
  operations: {
    realms,
    hardware_profiles: hardwareProfiles,
    images,
    instances,
    keys,
    storage_volumes: storageVolumes,
    storage_snapshots: storageSnapshots,
    buckets,
    blobs: { ...blobs, ...uploads },
    addresses,
    firewalls,
    load_balancers: loadBalancers,
    networks,
    subnets,
    network_interfaces: networkInterfaces,
  },
}

/** Nova has addresses and firewalls of its own where there is no Neutron. */
const services: readonly (readonly [CollectionName, ...ServiceKind[]])[] = [
  ['realms', 'compute'],
  ['hardware_profiles', 'compute'],
  ['images', 'compute', 'image'],
  ['instances', 'compute'],
  ['keys', 'compute'],
  ['storage_volumes', 'volume'],
  ['storage_snapshots', 'volume'],
  ['buckets', 'objects'],
  ['addresses', 'network', 'compute'],
  ['firewalls', 'network', 'compute'],
  ['load_balancers', 'balancer'],
  ['networks', 'network'],
  ['subnets', 'network'],
  ['network_interfaces', 'network'],
]

/** Collections of which the account has none of the services. */
export const withdrawnFrom = async (session: Session): Promise<readonly CollectionName[]> => {
  const kinds: readonly ServiceKind[] = ['compute', 'image', 'volume', 'network', 'balancer', 'objects']
  const there = new Set((await Promise.all(kinds.map(async kind => ((await session.has(kind)) ? [kind] : [])))).flat())
  return services.filter(([, ...any]) => !any.some(kind => there.has(kind))).map(([name]) => name)
}
