/** What the simulator keeps of each resource: what documents show of it, and what only the simulator knows. */

import type {
  Address,
  Bucket,
  Firewall,
  Image,
  Instance,
  Key,
  LoadBalancer,
  Network,
  NetworkInterface,
  Resource,
  StorageSnapshot,
  StorageVolume,
  Subnet,
} from '../model/resources.ts'

/** `shown` is the resource of the model just as it's answered, so that a listing is read and not computed. */
export interface Stored<Shown, Kept> {
  readonly shown: Shown
  readonly kept: Kept
  /** When the transition under way is over: milliseconds since 1970, cloud time. */
  readonly due?: number
}

/** A resource that comes into being by itself: the state it has once it's due. */
export interface Becoming {
  readonly becomes?: string
}

export interface InstanceKept {
  /** The state it has once it's due; `finish` is the end of it. Absent while only `doing` ends. */
  readonly becomes?: Instance['state']
  /** How many latencies were drawn for it. */
  readonly moves: number
  /** When it will die, if it runs until then: milliseconds since 1970, cloud time. */
  readonly dies?: number
  /** When it last began to run: milliseconds since 1970, cloud time. */
  readonly since: number
  /** Whether an image can be made of it at all. */
  readonly imageable: boolean
  /** Public addresses that it has by itself, shown while no other is associated. */
  readonly ownAddresses: Instance['publicAddresses']
  /** Ids of the load balancers that it's registered with. */
  readonly loadBalancers: readonly string[]
  /** Addresses associated with it: one, where the cloud is strict. */
  readonly addresses: readonly string[]
  /** As the client sent it. */
  readonly userData?: string
  readonly files?: readonly { readonly path: string; readonly content: string }[]
  /** Whether it's measured in detail. */
  readonly metrics?: boolean
}

export interface AddressKept {
  /** The instance that it's about to be associated with. */
  readonly awaits?: string
}

export interface KeyKept {
  /** Of the private key, where the cloud made it. */
  readonly pemDigest?: string
}

export interface SnapshotKept extends Becoming {
  /** Of the volume when it was taken, GB. */
  readonly capacity: number
}

export interface FirewallKept {
  /** How many instances are in it. */
  readonly members: number
  /** How many rules were made. */
  readonly rules: number
}

export interface SubnetKept {
  /** How many network interfaces are in it. */
  readonly interfaces: number
}

export interface NetworkInterfaceKept {
  /** The subnet that its address is of; absent where that's gone. */
  readonly subnetId?: string
}

type Nothing = Readonly<Record<never, never>>

/** Kinds of records. Those of collections carry the collection's name. */
export interface Records {
  readonly images: Stored<Image, Becoming>
  readonly instances: Stored<Instance, InstanceKept>
  readonly keys: Stored<Key, KeyKept>
  readonly storage_volumes: Stored<StorageVolume, Becoming>
  readonly storage_snapshots: Stored<StorageSnapshot, SnapshotKept>
  /** A bucket's blobs have tables of their own. */
  readonly buckets: Stored<Bucket, { readonly location?: string }>
  readonly addresses: Stored<Address, AddressKept>
  readonly firewalls: Stored<Firewall, FirewallKept>
  readonly load_balancers: Stored<LoadBalancer, Nothing>
  readonly networks: Stored<Network, Nothing>
  readonly subnets: Stored<Subnet, SubnetKept>
  readonly network_interfaces: Stored<NetworkInterface, NetworkInterfaceKept>
  /** An address of a subnet that is taken; its id is `<subnet>/<address>`. */
  readonly leases: Stored<{ readonly id: string }, Nothing>
  /** What late reads still see of a resource; its id is `<kind> <id>`. */
  readonly echoes: Stored<Echo, Nothing>
}

/** A resource as it was: late reads see it so, until the record is due. */
export interface Echo {
  readonly id: string
  readonly kind: Kind
  /** Id of the resource. */
  readonly of: string
  /** As documents showed it; absent where there was none. */
  readonly was?: Resource
}

export type Kind = keyof Records

/** Kinds of what an account has and a client knows: all but the simulator's own notes. */
export const resourceKinds = [
  'images',
  'instances',
  'keys',
  'storage_volumes',
  'storage_snapshots',
  'buckets',
  'addresses',
  'firewalls',
  'load_balancers',
  'networks',
  'subnets',
  'network_interfaces',
] as const satisfies readonly Kind[]
export type ResourceKind = (typeof resourceKinds)[number]
export type Shown<K extends Kind> = Records[K]['shown']
