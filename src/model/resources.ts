/**
 * What the API talks about. Every resource has an id; times are text in the provider's own format; sizes say their unit.
 * Attributes are the model's own names: documents rename them (`ownerId` is `owner_id` in XML, `owner` in some JSON).
 */

import type { PropertyName, PropertyValue } from './hardware-profile.ts'
import type { InstanceAction, State } from './state-machine.ts'

/** Anything with an id. */
export interface Resource {
  readonly id: string
}

/** A boundary inside a provider: a data centre, a zone. */
export interface Realm extends Resource {
  readonly name?: string
  readonly state?: string
  /** `unlimited`, or a number of the provider's. */
  readonly limit?: string
}

export interface Image extends Resource {
  readonly name?: string
  readonly description?: string
  readonly ownerId?: string
  readonly architecture?: string
  readonly state?: string
  readonly creationTime?: string
  /** `transient` (the default) or `persistent`. */
  readonly rootType?: string
  /** Ids of the profiles that it runs on; absent where the provider doesn't say. */
  readonly hardwareProfiles?: readonly string[]
}

/** The state of an instance; `unknown` where the provider says one that its driver doesn't know. */
export type InstanceState = State | 'unknown'

export interface InstanceAddress {
  readonly address: string
  readonly type: 'ipv4' | 'ipv6' | 'hostname' | 'mac' | 'vnc' | 'unavailable'
  readonly port?: number
}

/** The profile of an instance, with what was chosen instead of its defaults. */
export interface InstanceProfile extends Resource {
  readonly overrides: Readonly<Partial<Record<Exclude<PropertyName, 'root_type'>, PropertyValue>>>
}

export interface VolumeMount extends Resource {
  readonly device?: string
}

export interface Instance extends Resource {
  readonly name?: string
  readonly ownerId?: string
  readonly imageId?: string
  readonly realmId?: string
  readonly state: InstanceState
  /** The action under way: state and `doing` together give a frontend its native state. */
  readonly doing?: string
  /** What the provider allows now, where that's less than the state says. */
  readonly permits?: readonly InstanceAction[]
  readonly hardwareProfile?: InstanceProfile
  readonly publicAddresses: readonly InstanceAddress[]
  readonly privateAddresses: readonly InstanceAddress[]
  readonly launchTime?: string
  readonly keyName?: string
  /** Why the provider couldn't set up the login. */
  readonly authnError?: string
  readonly username?: string
  readonly password?: string
  /** True while an image can be made of it. */
  readonly canCreateImage?: boolean
  /** Ids. */
  readonly firewalls?: readonly string[]
  /** Attached volumes. */
  readonly storageVolumes: readonly VolumeMount[]
  /** Ids; absent where the provider has none. */
  readonly networkInterfaces?: readonly string[]
}

export interface Key extends Resource {
  readonly name?: string
  readonly credentialType: 'key' | 'password'
  readonly fingerprint?: string
  /** The private key: providers show it when the key is made, and never again. */
  readonly pem?: string
  readonly username?: string
  readonly password?: string
  readonly state?: string
}

export interface StorageVolume extends Resource {
  readonly name?: string
  readonly description?: string
  readonly state?: string
  /** GB. */
  readonly capacity?: number
  readonly created?: string
  readonly realmId?: string
  readonly kind?: string
  /** Where it's attached. */
  readonly instanceId?: string
  readonly device?: string
  /** What its provider offers, where that isn't told by whether it's attached. */
  readonly permits?: readonly VolumeAction[]
}

export type VolumeAction = 'attach' | 'detach' | 'destroy'

export interface StorageSnapshot extends Resource {
  readonly name?: string
  readonly description?: string
  readonly state?: string
  readonly storageVolumeId?: string
  readonly created?: string
}

export interface Bucket extends Resource {
  readonly name?: string
  /** Number of blobs, or the provider's notion. */
  readonly size?: number
  /** Ids; absent where listing them is a call of its own and wasn't made. */
  readonly blobs?: readonly string[]
}

/** A blob without its content: that is read as a stream. */
export interface Blob extends Resource {
  readonly bucketId: string
  /** Bytes. */
  readonly contentLength?: number
  readonly contentType?: string
  readonly lastModified?: string
  /** Without quotes. */
  readonly etag?: string
  readonly userMetadata: Readonly<Record<string, string>>
}

/** A public address; its id is the address. */
export interface Address extends Resource {
  readonly instanceId?: string
}

export type RuleSource =
  | { readonly type: 'address'; readonly family: 'ipv4' | 'ipv6'; readonly address: string; readonly prefix: string }
  | { readonly type: 'group'; readonly name: string; readonly owner?: string }

export interface FirewallRule extends Resource {
  readonly protocol?: string
  readonly portFrom?: number
  readonly portTo?: number
  readonly direction?: 'ingress' | 'egress'
  readonly action?: 'accept' | 'deny'
  readonly log?: boolean
  readonly sources: readonly RuleSource[]
}

export interface Firewall extends Resource {
  readonly name?: string
  readonly description?: string
  readonly ownerId?: string
  readonly rules: readonly FirewallRule[]
}

export interface Listener {
  readonly protocol: string
  readonly loadBalancerPort: number
  readonly instancePort: number
}

export interface LoadBalancer extends Resource {
  readonly createdAt?: string
  /** Ids. */
  readonly realms: readonly string[]
  readonly listeners: readonly Listener[]
  /** Ids of the registered instances. */
  readonly instances: readonly string[]
  readonly publicAddresses: readonly string[]
}

/** What was measured at one time: minimum, maximum, average, timestamp, unit, …, by name. */
export type Sample = Readonly<Record<string, string | number>>

export interface MetricProperty {
  readonly name: string
  /** Absent in an index, where samples aren't loaded. */
  readonly values?: readonly Sample[]
}

export interface Metric extends Resource {
  /** Name of what is measured. */
  readonly entity?: string
  readonly properties: readonly MetricProperty[]
}

export interface Network extends Resource {
  readonly name?: string
  readonly state?: string
  /** CIDR. */
  readonly addressBlocks: readonly string[]
  /** Ids. */
  readonly subnets: readonly string[]
}

export interface Subnet extends Resource {
  readonly name?: string
  readonly state?: string
  readonly type?: string
  /** CIDR. */
  readonly addressBlock?: string
  readonly networkId?: string
}

export interface NetworkInterface extends Resource {
  readonly name?: string
  readonly instanceId?: string
  /** Id of a subnet, where the cloud has subnets; else of a network. */
  readonly networkId?: string
  readonly ipAddress?: string
}

/** What a command on an instance gave. */
export interface CommandResult extends Resource {
  readonly publicAddress?: string
  readonly command: string
  readonly output: string
}

/** A provider of a driver: a region, a data centre, an installation. */
export interface Provider extends Resource {
  readonly name: string
  readonly url: string
}
