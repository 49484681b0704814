/** Amazon EC2, with S3, the classic load balancers and CloudWatch. */

import { badRequest } from '../../model/errors.ts'
import type { DriverDefinition, Offer } from '../driver.ts'
import type { Kind } from '../families/aws/kind.ts'
import { machine } from '../families/aws/machine.ts'
import { s3Buckets, vpcGroups } from '../families/aws/names.ts'
import { need } from '../families/aws/native.ts'
import { allOperations, listed } from '../families/aws/operations.ts'
import { addressIn, endpointsOf, isRegion, type Place, pairsIn, regionInHost } from '../families/aws/place.ts'
import { askedProfiles } from '../families/aws/profiles.ts'
import { Session } from '../families/aws/session.ts'
import { profiles } from './profiles.ts'
import { regions } from './regions.ts'

const kind: Kind = {
  hasSubnetRealms: true,
  imageOwner: 'amazon',
  filtersImages: true,
  profile: 't3.micro',
  hasNetworks: true,
  hasPlainRules: false,
  bucketNames: s3Buckets,
  firewallNames: vpcGroups,
}

const features = {
  instances: { user_data: {}, authentication_key: {}, firewalls: {}, instance_count: {}, metrics: {}, attach_snapshot: {} },
  images: { owner_id: {}, image_name: {}, image_description: {} },
  buckets: { bucket_location: {} },
  keys: { import_key: {} },
}

const withTable: Offer<Session> = {
  features,
  machine,
  hardwareProfiles: profiles,
  operations: { ...allOperations, hardware_profiles: listed(profiles) },
}

const withQuestions: Offer<Session> = { features, machine, operations: { ...allOperations, hardware_profiles: askedProfiles } }

const settings: ReadonlySet<string> = new Set(['ec2', 's3', 'elb', 'cloudwatch', 'region', 'profiles', 'realms'])

/**
 * A region, a host for all services, or where each is: `ec2=http://127.0.0.1:3001/ec2;s3=http://127.0.0.1:3001/s3;region=eu-west-1;profiles=live;realms=zones`.
 * @returns undefined for what names no place
 */
export const placeIn = (provider = 'us-east-1'): Place | undefined => {
  const pairs = provider.includes('=') ? pairsIn(provider) : new Map<string, string>()
  if (pairs === undefined || [...pairs.keys()].some(name => !settings.has(name))) return undefined
  const endpoints = endpointsOf(pairs, process.env)
  const kept = pairs.get('profiles') ?? 'static'
  if (endpoints === undefined || (kept !== 'static' && kept !== 'live')) return undefined
  const realms = pairs.get('realms')
  if (realms !== undefined && realms !== 'zones') return undefined
  const base: Pick<Place, 'signature' | 'profiles' | 'realms'> = {
    signature: 4,
    profiles: kept,
    ...(realms === undefined ? {} : { realms }),
  }
  if (provider.includes('=')) {
    const region = pairs.get('region') ?? 'us-east-1'
    return isRegion(region) ? { ...base, region, endpoints } : undefined
  }
  if (isRegion(provider)) return { ...base, region: provider, endpoints }
  const address = addressIn(/^https?:/i.test(provider) ? provider : `https://${provider}`)
  if (address === undefined || !/[.:]/.test(provider)) return undefined
  const everywhere = { ec2: address, s3: address, elb: address, cloudwatch: address }
  return { ...base, region: regionInHost(new URL(address).hostname) ?? 'us-east-1', endpoints: everywhere }
}

export const ec2: DriverDefinition<Session> = {
  id: 'ec2',
  name: 'Amazon EC2',
  credentials: { user: 'Access Key ID', password: 'Secret Access Key' },
  entrypoints: {
    ec2: Object.fromEntries(regions.map(region => [region, `ec2.${region}.amazonaws.com`])),
    s3: Object.fromEntries(regions.map(region => [region, `s3.${region}.amazonaws.com`])),
    elb: Object.fromEntries(regions.map(region => [region, `elasticloadbalancing.${region}.amazonaws.com`])),
    mon: Object.fromEntries(regions.map(region => [region, `monitoring.${region}.amazonaws.com`])),
  },
  offer(provider) {
    const place = placeIn(provider)
    return place === undefined ? undefined : place.profiles === 'static' ? withTable : withQuestions
  },
  async connect(request) {
    const place = placeIn(request.provider)
    if (place === undefined) throw badRequest('The provider is neither a region of Amazon nor an address')
    return new Session(request, place, place.realms === 'zones' ? { ...kind, hasSubnetRealms: false } : kind, profiles)
  },
  verify: session => session.verify(),
  async providers(session) {
    const { Regions: found = [] } = await session.ec2(client => client.describeRegions({}))
    return found.map(({ RegionName: region, Endpoint: endpoint }) => {
      const id = need(region, 'regionName')
      return { id, name: id, url: endpoint ?? `ec2.${id}.amazonaws.com` }
    })
  },
}
