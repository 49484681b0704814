/** Regions that a signature may be scoped to. */

import type { SignatureContext } from './signature.ts'

/** How many regions AWS has at a place, numbered from 1, in all of its partitions; from its general reference, 2026. */
const published: Readonly<Record<string, number>> = {
  'af-south': 1,
  'ap-east': 2,
  'ap-northeast': 3,
  'ap-south': 2,
  'ap-southeast': 7,
  'ca-central': 1,
  'ca-west': 1,
  'cn-north': 1,
  'cn-northwest': 1,
  'eu-central': 2,
  'eu-north': 1,
  'eu-south': 2,
  'eu-west': 3,
  'eusc-de-east': 1,
  'il-central': 1,
  'me-central': 1,
  'me-south': 1,
  'mx-central': 1,
  'sa-east': 1,
  'us-east': 2,
  'us-gov-east': 1,
  'us-gov-west': 1,
  'us-west': 2,
}

const isPublished = (region: string): boolean => {
  const [, place = '', number] = /^([a-z-]+)-([1-9])$/.exec(region) ?? []
  return Object.hasOwn(published, place) && Number(number) <= (published[place] ?? 0)
}

/** `bucket.s3.eu-west-1.localhost` */
const regionalHost = /(?:^|\.)(?:s3|ec2|elasticloadbalancing|monitoring)[.-]([a-z0-9-]+)\.(?:localhost|amazonaws\.com)(?::\d+)?$/i

/** The region whose endpoint a host is by its name; undefined for a host that serves all. */
export const regionInHost = (host: string): string | undefined => {
  const region = regionalHost.exec(host)?.[1]?.toLowerCase()
  return region !== undefined && isPublished(region) ? region : undefined
}

/**
 * The region that a scope should have named; undefined where the one that it names is right. A host with a region in its name is that
 * region's endpoint. Any other host serves the regions that the cloud is divided into; without such, all regions of AWS, and those that the
 * provider's name has in it: `region=home`.
 */
export const regionInstead = (
  region: string,
  host: string,
  { provider, regions = [] }: Pick<SignatureContext, 'provider' | 'regions'>,
): string | undefined => {
  const inHost = regionInHost(host)
  if (inHost !== undefined && region !== inHost) return inHost
  if (regions.length > 0) return regions.includes(region) ? undefined : regions[0]
  const isServed = isPublished(region) || provider?.split(/[;=]/).includes(region) === true
  return isServed ? undefined : 'us-east-1'
}
