/** The simulator's operations, as the contract names them. */

import * as addresses from '../../mock-cloud/collections/addresses.ts'
import * as annotations from '../../mock-cloud/collections/annotations.ts'
import * as blobs from '../../mock-cloud/collections/blobs.ts'
import * as buckets from '../../mock-cloud/collections/buckets.ts'
import * as firewalls from '../../mock-cloud/collections/firewalls.ts'
import * as hardwareProfiles from '../../mock-cloud/collections/hardware-profiles.ts'
import * as images from '../../mock-cloud/collections/images.ts'
import * as instances from '../../mock-cloud/collections/instances.ts'
import * as keys from '../../mock-cloud/collections/keys.ts'
import * as loadBalancers from '../../mock-cloud/collections/load-balancers.ts'
import * as metrics from '../../mock-cloud/collections/metrics.ts'
import * as networkInterfaces from '../../mock-cloud/collections/network-interfaces.ts'
import * as networks from '../../mock-cloud/collections/networks.ts'
import * as realms from '../../mock-cloud/collections/realms.ts'
import { run } from '../../mock-cloud/collections/run.ts'
import * as snapshots from '../../mock-cloud/collections/snapshots.ts'
import * as subnets from '../../mock-cloud/collections/subnets.ts'
import * as uploads from '../../mock-cloud/collections/uploads.ts'
import * as volumes from '../../mock-cloud/collections/volumes.ts'
import type { Tenant } from '../../mock-cloud/tenant.ts'
import type { Operations } from '../driver.ts'

/** What a cloud with every collection can do. Named one by one, because a capability is what stands here, and a module may export more. */
export const operations = {
  realms: { list: realms.list, get: realms.get },
  hardware_profiles: { list: hardwareProfiles.list, get: hardwareProfiles.get },
  images: { list: images.list, get: images.get, page: images.page, create: images.create, destroy: images.destroy },
  instances: {
    list: instances.list,
    get: instances.get,
    page: instances.page,
    create: instances.create,
    start: instances.start,
    stop: instances.stop,
    reboot: instances.reboot,
    destroy: instances.destroy,
    run,
  },
  keys: { list: keys.list, get: keys.get, page: keys.page, create: keys.create, destroy: keys.destroy },
  storage_volumes: {
    list: volumes.list,
    get: volumes.get,
    page: volumes.page,
    create: volumes.create,
    attach: volumes.attach,
    detach: volumes.detach,
    destroy: volumes.destroy,
  },
  storage_snapshots: {
    list: snapshots.list,
    get: snapshots.get,
    page: snapshots.page,
    create: snapshots.create,
    destroy: snapshots.destroy,
  },
  buckets: { list: buckets.list, get: buckets.get, page: buckets.page, create: buckets.create, destroy: buckets.destroy },
  blobs: {
    get: blobs.get,
    page: blobs.page,
    read: blobs.read,
    create: blobs.create,
    updateMetadata: blobs.updateMetadata,
    destroy: blobs.destroy,
    begin: uploads.begin,
    part: uploads.part,
    parts: uploads.parts,
    finish: uploads.finish,
    abort: uploads.abort,
  },
  addresses: {
    list: addresses.list,
    get: addresses.get,
    page: addresses.page,
    create: addresses.create,
    associate: addresses.associate,
    disassociate: addresses.disassociate,
    destroy: addresses.destroy,
  },
  firewalls: {
    list: firewalls.list,
    get: firewalls.get,
    page: firewalls.page,
    create: firewalls.create,
    destroy: firewalls.destroy,
    createRule: firewalls.createRule,
    destroyRule: firewalls.destroyRule,
  },
  load_balancers: {
    list: loadBalancers.list,
    get: loadBalancers.get,
    page: loadBalancers.page,
    create: loadBalancers.create,
    register: loadBalancers.register,
    unregister: loadBalancers.unregister,
    destroy: loadBalancers.destroy,
  },
  metrics: { list: metrics.list, get: metrics.get },
  networks: { list: networks.list, get: networks.get, page: networks.page, create: networks.create, destroy: networks.destroy },
  subnets: { list: subnets.list, get: subnets.get, page: subnets.page, create: subnets.create, destroy: subnets.destroy },
  network_interfaces: {
    list: networkInterfaces.list,
    get: networkInterfaces.get,
    page: networkInterfaces.page,
    create: networkInterfaces.create,
    reserve: networkInterfaces.reserve,
    attach: networkInterfaces.attach,
    detach: networkInterfaces.detach,
    destroy: networkInterfaces.destroy,
  },
  annotations: { get: annotations.get, all: annotations.all, set: annotations.set, find: annotations.find },
} satisfies Operations<Tenant>
