/** What clouds of this family differ in, as data. */

import type { NameRule } from './names.ts'

export interface Kind {
  /** Subnets are realms, too: `us-east-1a:subnet-1`. */
  readonly hasSubnetRealms: boolean
  /** Whose images are listed where nobody is named. */
  readonly imageOwner: string
  /** Whether the cloud filters images by their type; else kernels and ramdisks are listed, too. */
  readonly filtersImages: boolean
  /** The profile of an instance that names none. */
  readonly profile: string
  /** Addresses and firewalls belong to a network, and go by ids of their own. */
  readonly hasNetworks: boolean
  /** What a new bucket, and a new firewall, may be called. */
  readonly bucketNames: NameRule
  readonly firewallNames: NameRule
  /** Rules of firewalls are told in the parameters of before 2010: one group or one block a request. */
  readonly hasPlainRules: boolean
}
