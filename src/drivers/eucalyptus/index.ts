/** Eucalyptus: private clouds that speak EC2 and S3 as they were around 2010. */

import { badRequest } from '../../model/errors.ts'
import { fixed, type HardwareProfile } from '../../model/hardware-profile.ts'
import type { DriverDefinition, Offer } from '../driver.ts'
import type { Kind } from '../families/aws/kind.ts'
import { machine } from '../families/aws/machine.ts'
import { plainGroups, walrusBuckets } from '../families/aws/names.ts'
import { allOperations, listed } from '../families/aws/operations.ts'
import { addressIn, type Place, pairsIn } from '../families/aws/place.ts'
import { Session } from '../families/aws/session.ts'

const kind: Kind = {
  hasSubnetRealms: false,
  imageOwner: 'self',
  filtersImages: false,
  profile: 'm1.small',
  hasNetworks: false,
  hasPlainRules: true,
  bucketNames: walrusBuckets,
  firewallNames: plainGroups,
}

/** What an installation begins with; who runs it may change it. Memory in MiB, storage in GB. */
const sizes: readonly (readonly [id: string, cpu: number, memory: number, storage: number])[] = [
  ['m1.small', 1, 128, 2],
  ['c1.medium', 1, 256, 5],
  ['m1.large', 2, 512, 10],
  ['m1.xlarge', 2, 1024, 20],
  ['c1.xlarge', 4, 2048, 20],
]

const profiles: readonly HardwareProfile[] = sizes.map(([id, cpu, memory, storage]) => ({
  id,
  properties: [fixed('cpu', cpu), fixed('memory', memory), fixed('storage', storage), fixed('architecture', 'x86_64')],
}))

const { realms, images, instances, keys, storage_volumes, storage_snapshots, addresses, firewalls, buckets, blobs } = allOperations

const offer: Offer<Session> = {
  features: {
    instances: { user_data: {}, authentication_key: {}, firewalls: {}, instance_count: {} },
    images: { owner_id: {} },
    keys: { import_key: {} },
  },
  machine,
  hardwareProfiles: profiles,
  operations: {
    realms,
    hardware_profiles: listed(profiles),
    images,
    instances,
    keys,
    storage_volumes,
    storage_snapshots,
    addresses,
    firewalls,
    buckets,
    blobs,
  },
}

/** Where the services are on a front end, where a provider names a host only. */
const paths = { ec2: 'services/Eucalyptus', s3: 'services/Walrus' } as const
const port = 8773

const endpointIn = (text: string | undefined, service: keyof typeof paths): string | undefined => {
  if (text === undefined) return undefined
  if (/^https?:/i.test(text)) return addressIn(text)
  return /^[\w.-]+(?::\d+)?$/.test(text)
    ? addressIn(`http://${/:\d+$/.test(text) ? text : `${text}:${port}`}/${paths[service]}`)
    : undefined
}

const settings: ReadonlySet<string> = new Set(['ec2', 's3', 'region', 'signature'])

/**
 * `ec2=HOST[:PORT];s3=HOST[:PORT]`, or whole addresses; `signature=4` for releases that know it, with `region=…`.
 * @returns undefined for what names no place
 */
export const placeIn = (provider: string): Place | undefined => {
  const pairs = pairsIn(provider)
  if (pairs === undefined || [...pairs.keys()].some(name => !settings.has(name))) return undefined
  const [ec2, s3] = [endpointIn(pairs.get('ec2'), 'ec2'), endpointIn(pairs.get('s3'), 's3')]
  const signature = pairs.get('signature') ?? '2'
  if ((pairs.has('ec2') && ec2 === undefined) || (pairs.has('s3') && s3 === undefined)) return undefined
  if ((ec2 === undefined && s3 === undefined) || (signature !== '2' && signature !== '4')) return undefined
  return {
    region: pairs.get('region') ?? 'us-east-1',
    endpoints: { ...(ec2 === undefined ? {} : { ec2 }), ...(s3 === undefined ? {} : { s3 }) },
    signature: signature === '2' ? 2 : 4,
    version: '2010-08-31',
    profiles: 'static',
  }
}

export const eucalyptus: DriverDefinition<Session> = {
  id: 'eucalyptus',
  name: 'Eucalyptus',
  credentials: { user: 'Access Key ID', password: 'Secret Access Key' },
  entrypoints: {},
  offer: provider => (provider === undefined || placeIn(provider) !== undefined ? offer : undefined),
  async connect(request) {
    const place = request.provider === undefined ? undefined : placeIn(request.provider)
    if (place === undefined) throw badRequest('Name a provider: ec2=HOST[:PORT];s3=HOST[:PORT]')
    return new Session(request, place, kind, profiles)
  },
  verify: session => session.verify(),
}
