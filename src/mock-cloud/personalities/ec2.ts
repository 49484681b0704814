/** A region of Amazon EC2: drawn ids, zones, instance types; instances that take their time, and are seen for a while after their end. */

import { fixed, type HardwareProfile } from '../../model/hardware-profile.ts'
import type { Image, Realm } from '../../model/resources.ts'
import { StateMachine } from '../../model/state-machine.ts'
import { parseAddress } from '../cidr.ts'
import type { Dataset } from '../dataset.ts'
import { Draws } from '../draw.ts'
import type { IdRule } from '../ids.ts'
import { type Personality, strict } from '../personality.ts'
import { neverStale, noTroubles } from '../texture.ts'

/** As EC2 documents the life of an instance; a launch that fails goes straight to its end, and a failing host stops what it can. */
const machine = new StateMachine([
  { from: 'start', to: 'pending', on: 'create' },
  { from: 'pending', to: 'running', on: 'automatically' },
  { from: 'pending', to: 'stopping', on: 'destroy' },
  { from: 'pending', to: 'finish', on: 'possibly' },
  { from: 'running', to: 'running', on: 'reboot' },
  { from: 'running', to: 'stopping', on: 'stop' },
  { from: 'running', to: 'stopping', on: 'destroy' },
  { from: 'running', to: 'stopping', on: 'possibly' },
  { from: 'stopping', to: 'stopped', on: 'automatically' },
  { from: 'stopping', to: 'finish', on: 'automatically' },
  { from: 'stopping', to: 'finish', on: 'destroy' },
  { from: 'stopped', to: 'pending', on: 'start' },
  { from: 'stopped', to: 'finish', on: 'destroy' },
])

const region = 'us-east-1'

const zonesOf = (region: string): readonly Realm[] =>
  ['a', 'b', 'c', 'd'].map(zone => ({
    id: `${region}${zone}`,
    name: `${region}${zone}`,
    limit: 'unlimited',
    state: 'AVAILABLE',
  }))

const realms = zonesOf(region)

/** vCPUs, memory in MiB, instance storage in GB. */
const type = (id: string, cpu: number, memory: number, storage = 0, architecture = 'x86_64'): HardwareProfile => ({
  id,
  properties: [fixed('cpu', cpu), fixed('memory', memory), fixed('storage', storage), fixed('architecture', architecture)],
})

const hardwareProfiles: readonly HardwareProfile[] = [
  type('t3.nano', 2, 512),
  type('t3.micro', 2, 1024),
  type('t3.small', 2, 2048),
  type('t3.medium', 2, 4096),
  type('t3.large', 2, 8192),
  type('t4g.micro', 2, 1024, 0, 'arm64'),
  type('t4g.small', 2, 2048, 0, 'arm64'),
  type('m5.large', 2, 8192),
  type('m5.xlarge', 4, 16384),
  type('m5.2xlarge', 8, 32768),
  type('m5d.large', 2, 8192, 75),
  type('m6g.large', 2, 8192, 0, 'arm64'),
  type('c5.large', 2, 4096),
  type('c5.xlarge', 4, 8192),
  type('r5.large', 2, 16384),
]

/** Ids of the types that run an architecture. */
const typesOf = (architecture: string | undefined): readonly string[] =>
  hardwareProfiles
    .filter(({ properties }) => properties.some(p => p.kind === 'fixed' && p.name === 'architecture' && p.value === architecture))
    .map(({ id }) => id)

/** Milliseconds are always 0 where EC2 tells a time. */
const time = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, '.000Z')

/** Ids of today's length: 17 digits. */
const drawnId = (prefix: string): IdRule => ({ by: 'draw', form: 'hex', prefix: `${prefix}-0`, digits: 16 })

/** A number from 1 to 254 that stands for an id, at each place another one. */
const octet = (id: string, place: number): number => new Draws('ec2').between(1, 254, id, place)

export const ec2: Personality = {
  name: 'ec2',
  machine,
  // EC2 takes a reboot of an instance that reboots.
  whileRebooting: ['reboot', 'stop', 'destroy'],
  features: {
    images: { owner_id: {}, image_name: {}, image_description: {} },
    buckets: { bucket_location: {} },
    instances: { metrics: {}, user_data: {}, firewalls: {}, authentication_key: {}, instance_count: {}, attach_snapshot: {} },
    keys: { import_key: {} },
  },
  lacks: [],
  limits: {
    // As AWS documents the default quotas of a region.
    quotas: {
      instances: 20,
      addresses: 5,
      networks: 5,
      subnets: 1000,
      network_interfaces: 5000,
      firewalls: 2500,
      keys: 5000,
      load_balancers: 20,
      storage_snapshots: 100_000,
      volume_gigabytes: 51_200,
      buckets: 10_000,
    },
    sizes: { name: 255, description: 255, userData: 21_848, blob: 5 * 2 ** 40 },
  },
  realms,
  hardwareProfiles,
  preset: { realm: `${region}a`, hardwareProfile: 't3.micro' },
  dataset: account => dataset(account),
  inRegion: other => ({
    ...ec2,
    realms: zonesOf(other),
    preset: { ...ec2.preset, realm: `${other}a` },
    dataset: account => dataset(account, other),
  }),
  latencies: {
    boot: { p50: 9000, p99: 40_000 },
    stop: { p50: 15_000, p99: 70_000 },
    reboot: { p50: 4000, p99: 15_000 },
    removal: { least: 55 * 60_000, most: 65 * 60_000 },
    image: { p50: 60_000, p99: 300_000 },
    volume: { p50: 1500, p99: 6000 },
    attachment: { p50: 1200, p99: 6000 },
    detachment: { p50: 3000, p99: 15_000 },
    snapshot: { p50: 30_000, p99: 180_000 },
    association: { p50: 300, p99: 1500 },
  },
  troubles: noTroubles,
  staleness: neverStale,
  making: {
    images: { first: 'PENDING', last: 'AVAILABLE' },
    storage_volumes: { first: 'CREATING', last: 'AVAILABLE' },
    storage_snapshots: { first: 'PENDING', last: 'COMPLETED' },
  },
  lenient: strict,
  ids: {
    images: drawnId('ami'),
    instances: drawnId('i'),
    storage_volumes: drawnId('vol'),
    storage_snapshots: drawnId('snap'),
    networks: drawnId('vpc'),
    subnets: drawnId('subnet'),
    network_interfaces: drawnId('eni'),
  },
  time,
  sampling: { every: 300, detailed: 60, backfilled: false },
  // Without a tag `Name`, an instance has the name of its image.
  instanceName: ({ imageId }) => imageId,
  volumeName: () => undefined,
  // EC2 wants a name that is the account's only one: whoever asks for an image without one gets it made up.
  nameOf: (_collection, { of, time: at }) => of && `${of.id} ${new Date(at).toISOString().replaceAll(':', '-')}`,
  newImage: ({ owner, of, time }) => {
    const architecture = of?.architecture ?? 'x86_64'
    return { ownerId: owner, architecture, creationTime: time, rootType: 'persistent', hardwareProfiles: typesOf(architecture) }
  },
  addresses: ({ id }) => ({
    publicAddresses: [
      {
        address: `ec2-${54 - (octet(id, 0) % 4)}-${octet(id, 1)}-${octet(id, 2)}-${octet(id, 3)}.compute-1.amazonaws.com`,
        type: 'hostname',
      },
    ],
    privateAddresses: [{ address: `ip-172-31-${octet(id, 4) % 64}-${octet(id, 5)}.ec2.internal`, type: 'hostname' }],
  }),
  says: { launchTime: true, volumeRealm: true, privateKeyAgain: false, networkAsGiven: false, noInterfaces: false },
  addressesComeBack: false,
  shell: () => undefined,
}

const amazon = '137112412989'
const canonical = '099720109477'
const debian = '136693071363'

const image = (id: string, ownerId: string, name: string, description: string, architecture: string, made: string): Image => ({
  id,
  name,
  description,
  ownerId,
  architecture,
  state: 'AVAILABLE',
  creationTime: made,
  rootType: 'persistent',
  hardwareProfiles: typesOf(architecture),
})

/** Public images: their names are in the publishers' style, their ids made up. */
const images: readonly Image[] = [
  image(
    'ami-0a1c36b5d2e94f708',
    amazon,
    'al2023-ami-2023.6.20241010.0-kernel-6.1-x86_64',
    'Amazon Linux 2023',
    'x86_64',
    '2024-10-10T09:14:27.000Z',
  ),
  image(
    'ami-0a2d47c6e3fa50819',
    amazon,
    'al2023-ami-2023.6.20241010.0-kernel-6.1-arm64',
    'Amazon Linux 2023',
    'arm64',
    '2024-10-10T09:15:02.000Z',
  ),
  image(
    'ami-0c1b58d7f40b6192a',
    canonical,
    'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20241004',
    'Canonical, Ubuntu, 24.04, amd64 noble image',
    'x86_64',
    '2024-10-04T06:41:50.000Z',
  ),
  image(
    'ami-0c2c69e8051c72a3b',
    canonical,
    'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20241004',
    'Canonical, Ubuntu, 24.04, arm64 noble image',
    'arm64',
    '2024-10-04T06:43:11.000Z',
  ),
  image(
    'ami-0d1d7af9162d83b4c',
    debian,
    'debian-12-amd64-20241004-1890',
    'Debian 12 (20241004-1890)',
    'x86_64',
    '2024-10-04T18:20:09.000Z',
  ),
]

/** What EC2 makes for everyone: a default network with a subnet in each zone, and a default firewall. */
const dataset = (account: string, ...other: readonly string[]): Dataset => {
  const draws = new Draws('ec2', account, ...other)
  const drawn = (prefix: string, n = 0): string => `${prefix}-0${draws.bytes(8, prefix, n).toString('hex')}`
  const networkId = drawn('vpc')
  const subnets = realms.map((_, n) => drawn('subnet', n))
  return {
    records: {
      images: images.map(shown => ({ shown, kept: {} })),
      firewalls: [
        {
          shown: {
            id: 'default',
            name: 'default',
            description: 'default VPC security group',
            ownerId: account,
            rules: [],
          },
          kept: { members: 0, rules: 0 },
        },
      ],
      networks: [{ shown: { id: networkId, name: networkId, state: 'UP', addressBlocks: ['172.31.0.0/16'], subnets }, kept: {} }],
      subnets: subnets.map((id, n) => ({
        shown: { id, name: id, networkId, addressBlock: `172.31.${n * 16}.0/20`, state: 'UP' },
        kept: { interfaces: 0 },
      })),
    },
    blobs: [],
    // Where the elastic addresses of this region begin.
    numbers: { 'highest address': parseAddress('44.192.0.9') ?? 0 },
  }
}
