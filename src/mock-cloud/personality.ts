/** The kind of cloud that the simulator is: what it starts with, how its instances live, how fast it is and what it insists on. All data. */

import type { AdvertisedFeatures } from '../model/features.ts'
import type { HardwareProfile } from '../model/hardware-profile.ts'
import type { Image, Instance, Realm } from '../model/resources.ts'
import type { StateMachine } from '../model/state-machine.ts'
import type { Dataset } from './dataset.ts'
import type { IdRule } from './ids.ts'

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

/** How long something takes: drawn from `least` to `most`, milliseconds of cloud time. Nothing at all where `most` is 0. */
export interface Latency {
  readonly least: number
  readonly most: number
}

export const instantly: Latency = { least: 0, most: 0 }

export interface Latencies {
  /** From `pending` to `running`. */
  readonly boot: Latency
  /** From `stopping` to `stopped` or to the end. */
  readonly stop: Latency
  readonly reboot: Latency
  readonly image: Latency
  readonly volume: Latency
  readonly snapshot: Latency
}

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

export interface Personality {
  readonly name: string
  readonly machine: StateMachine
  readonly features: AdvertisedFeatures
  readonly lacks: readonly Collection[]
  readonly realms: readonly Realm[]
  readonly hardwareProfiles: readonly HardwareProfile[]
  /** Where an instance is put that names no realm, and the profile of one that names none. */
  readonly preset: { readonly realm: string; readonly hardwareProfile: string }
  /** What a new account finds. */
  readonly dataset: (account: string) => Dataset
  readonly latencies: Latencies
  readonly lenient: Leniency
  readonly ids: IdRules
  /** A time as this cloud writes it. @param time milliseconds since 1970. */
  readonly time: (time: number) => string
  /** Cloud seconds between two samples of a metric, and between those of an instance that is measured in detail. */
  readonly sampling: { readonly every: number; readonly detailed: number }
  /** The name of an instance that was given none. */
  readonly instanceName: (id: string, time: number) => string
  /** What a new image has beside its name and description. */
  readonly newImage: (made: { readonly owner: string; readonly of: Image | undefined; readonly time: string }) => Omit<Image, 'id'>
  /** The addresses of a new instance. */
  readonly addresses: (instance: {
    readonly id: string
    readonly imageId: string
  }) => Pick<Instance, 'publicAddresses' | 'privateAddresses'>
  /** Whether new instances and volumes say when they were made, and new volumes where they are. */
  readonly says: { readonly launchTime: boolean; readonly volumeRealm: boolean }
}
