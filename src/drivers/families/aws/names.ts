/** What may be the name of a resource whose name is its id, as the services document it: a name that breaks the rule isn't sent. */

import { badRequest } from '../../../model/errors.ts'

/** A rule for names, and its sentence, which begins with what is named. */
export interface NameRule {
  readonly fits: (name: string) => boolean
  readonly says: string
}

/**
 * @param prove asks the service anything that it answers to all its users: who isn't one is told that first, whatever the name
 * @throws CloudError `bad-request` that tells the rule
 */
export const checkName = async (name: string, { fits, says }: NameRule, prove: () => Promise<unknown>): Promise<void> => {
  if (fits(name)) return
  await prove()
  throw badRequest(says)
}

const matching = (says: string, all: RegExp, none?: RegExp): NameRule => ({
  fits: name => all.test(name) && none?.test(name) !== true,
  says,
})

/** Amazon S3 user guide, general purpose bucket naming rules. */
export const s3Buckets = matching(
  'The name of a bucket has 3 to 63 lower-case letters, digits, dots and hyphens, begins and ends with a letter or a digit, ' +
    'has no two dots in a row, is no IP address, and has none of the prefixes and suffixes that S3 reserves',
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  /\.\.|^\d+\.\d+\.\d+\.\d+$|^(?:xn--|sthree-|amzn-s3-demo-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/,
)

/** What S3 took in its first region until 2018, which Walrus follows. */
export const walrusBuckets = matching(
  'The name of a bucket has 3 to 255 letters, digits, dots, hyphens and underscores',
  /^[A-Za-z0-9._-]{3,255}$/,
)

/** EC2 API reference, CreateKeyPair, and the EC2 user guide. */
export const keyPairs = matching(
  'The name of a key has 1 to 255 ASCII characters, without control characters and without a space at either end',
  /^[!-~](?:[ -~]{0,253}[!-~])?$/,
)

/** EC2 API reference, CreateSecurityGroup, for the groups of a VPC. */
export const vpcGroups = matching(
  "The name of a firewall has 1 to 255 letters, digits, spaces and characters of ._-:/()#,@[]+=&;{}!$*, has no space at either end, and doesn't begin with sg-",
  /^[\w.\-:/()#,@[\]+=&;{}!$*](?:[\w .\-:/()#,@[\]+=&;{}!$*]{0,253}[\w.\-:/()#,@[\]+=&;{}!$*])?$/,
  /^sg-/i,
)

/** The groups of clouds without networks, as EC2 had them before VPCs. */
export const plainGroups = matching(
  'The name of a firewall has 1 to 255 ASCII characters, without control characters and without a space at either end',
  /^[!-~](?:[ -~]{0,253}[!-~])?$/,
)

/** Elastic Load Balancing API reference 2012-06-01, CreateLoadBalancer. */
export const loadBalancers = matching(
  "The name of a load balancer has 1 to 32 letters, digits and hyphens, and doesn't begin or end with a hyphen",
  /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/,
)
