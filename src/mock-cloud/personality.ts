/** The kind of cloud that the simulator is: what it starts with, how its instances live, how fast it is and what it insists on. All data. */

import type { AdvertisedFeatures } from '../model/features.ts'
import type { HardwareProfile } from '../model/hardware-profile.ts'
import type { FirewallRule, Image, Instance, Realm } from '../model/resources.ts'
import type { InstanceAction, StateMachine } from '../model/state-machine.ts'
import type { Dataset } from './dataset.ts'
import type { IdRule } from './ids.ts'
import type { PersonalityLimits } from './limits/limits.ts'
import type { Texture } from './texture.ts'

/** Collections that a cloud may lack. */
export type Collection =
  | 'realms'
  | 'hardware_profiles'
  | 'images'
  | 'instances'
  | 'keys'
  | 'storage_volumes'
  | 'storage_snapshots'
  | 'buckets'
  | 'addresses'
  | 'firewalls'
  | 'load_balancers'
  | 'metrics'
  | 'networks'
  | 'subnets'
  | 'network_interfaces'

/** What a cloud lets pass; one that is strict about all refuses with `bad-request` or `conflict`. */
export interface Leniency {
  /** Images, realms, keys and volumes that aren't there may be named. */
  readonly unknownReferences: boolean
  /** Any value may be given for any property of a hardware profile. */
  readonly profileValues: boolean
  /** Names of any form, blocks that are no CIDR, capacities out of range. */
  readonly looseValues: boolean
  /** A bucket may be made again: it stays as it is. */
  readonly bucketTaken: boolean
  /** A volume in use may be attached elsewhere. */
  readonly attachedTwice: boolean
  /** A network may be destroyed with its subnets, a subnet with its interfaces. */
  readonly notEmpty: boolean
  /** Commands run without a login. */
  readonly openShell: boolean
}

/** Lets nothing pass. */
export const strict: Leniency = {
  unknownReferences: false,
  profileValues: false,
  looseValues: false,
  bucketTaken: false,
  attachedTwice: false,
  notEmpty: false,
  openShell: false,
}

/** What this cloud calls the states of a resource that is made by itself: while it's made, and from then on. */
export interface Making {
  readonly first: string
  readonly last: string
}

export interface Sampling {
  /** Cloud seconds between two samples of a metric. */
  readonly every: number
  /** The same, of an instance that is measured in detail. */
  readonly detailed: number
  /** Whether there are samples from before the instance ran. */
  readonly backfilled: boolean
}

/** What documents of this cloud say, and others leave out. */
export interface Sayings {
  readonly launchTime: boolean
  readonly volumeRealm: boolean
  /** A private key is shown not only when it's made. */
  readonly privateKeyAgain: boolean
  /** The password of an instance is shown when it's made, and never again. */
  readonly passwordOnce?: boolean
  /** Type of new subnets. */
  readonly subnetType?: string
  /** A network interface names the network or subnet that was asked for, and not always the subnet. */
  readonly networkAsGiven: boolean
  /** A new instance has a list of network interfaces, though it's empty. */
  readonly noInterfaces: boolean
}

/** The rule by which ids are made; a name means that the resource's own name is its id. */
export interface IdRules {
  readonly images: IdRule
  readonly instances: IdRule
  readonly storage_volumes: IdRule
  readonly storage_snapshots: IdRule
  readonly networks: IdRule
  readonly subnets: IdRule
  readonly network_interfaces: IdRule
}

export interface Personality extends Texture {
  readonly name: string
  /** The same kind of cloud in another region, where that has names or ids of its own; else regions begin alike. */
  readonly inRegion?: (region: string) => Personality
  readonly machine: StateMachine
  readonly features: AdvertisedFeatures
  readonly lacks: readonly Collection[]
  /** None where it isn't said. */
  readonly limits?: PersonalityLimits
  readonly realms: readonly Realm[]
  readonly hardwareProfiles: readonly HardwareProfile[]
  /** Where an instance is put that names no realm, and the profile of one that names none. */
  readonly preset: { readonly realm: string; readonly hardwareProfile: string }
  /** What a new account finds. */
  readonly dataset: (account: string) => Dataset
  readonly making: { readonly images: Making; readonly storage_volumes: Making; readonly storage_snapshots: Making }
  readonly lenient: Leniency
  readonly ids: IdRules
  /** A time as this cloud writes it. @param time milliseconds since 1970. */
  readonly time: (time: number) => string
  readonly sampling: Sampling
  /** The name of an instance that was given none. @param made.time milliseconds since 1970. */
  readonly instanceName: (made: { readonly id: string; readonly imageId: string; readonly time: number }) => string
  /** The name of a volume that was given none; undefined where it has none then. */
  readonly volumeName: (id: string) => string | undefined
  /** What a new image has beside its name and description. */
  readonly newImage: (made: {
    readonly owner: string
    readonly of: Image | undefined
    readonly time: string
  }) => Omit<Image, 'id' | 'state'>
  /** The addresses of a new instance. */
  readonly addresses: (instance: {
    readonly id: string
    readonly imageId: string
  }) => Pick<Instance, 'publicAddresses' | 'privateAddresses'>
  readonly says: Sayings
  /** Whether an address that was given back may be given out again. */
  readonly addressesComeBack: boolean
  /** Whether a new instance has an interface in each network that was named, or in the only one that there is; its private addresses are theirs. */
  readonly plugsIn?: boolean
  /** Whether images that aren't an account's own can't be destroyed by it. */
  readonly ownImagesOnly?: boolean
  /** Whether a volume can't be destroyed while there are snapshots of it. */
  readonly snapshotsHoldVolumes?: boolean
  /** Rules that a new firewall has. */
  readonly firstRules?: readonly Omit<FirewallRule, 'id'>[]
  /** Whether rules are for what comes in over IPv4 only. */
  readonly plainRules?: boolean
  /** The firewall of an instance that names none; it can't be destroyed. */
  readonly usualFirewall?: string
  /** What may be done with an instance that reboots; absent: all but that again. An image can be made of it where it can be stopped. */
  readonly whileRebooting?: readonly InstanceAction[]
  /** Whether a network is no more than its subnets: it has their blocks, none of its own, and takes them along when it's destroyed. */
  readonly blocksOfSubnets?: boolean
  /** The name of what was given none; absent: its id. @param made.of the instance that an image is of @param made.time milliseconds since 1970. */
  readonly nameOf?: (
    collection: 'images' | 'networks' | 'network_interfaces',
    made: { readonly of?: { readonly id: string; readonly name: string }; readonly time: number },
  ) => string | undefined
  /** What any command gives; undefined where commands are carried out. */
  readonly shell: (command: string) => string | undefined
}
