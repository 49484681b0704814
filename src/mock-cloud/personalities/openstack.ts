/** A region of an OpenStack cloud: UUIDs, flavors, Nova's instances that may end in `error`, a tenant network from the start. */

import { fixed, type HardwareProfile } from '../../model/hardware-profile.ts'
import type { FirewallRule, Image } from '../../model/resources.ts'
import { StateMachine } from '../../model/state-machine.ts'
import { parseAddress } from '../cidr.ts'
import type { Dataset } from '../dataset.ts'
import { Draws } from '../draw.ts'
import { type IdRule, uuidOf } from '../ids.ts'
import { type Personality, strict } from '../personality.ts'
import { neverStale, noTroubles } from '../texture.ts'

/**
 * Nova's statuses by state and what is being done: `pending` is BUILD, or SHUTOFF while it's powered on; `running` is ACTIVE, or REBOOT;
 * `stopping` is ACTIVE while it's powered off or deleted; `stopped` is SHUTOFF.
 */
const machine = new StateMachine([
  { from: 'start', to: 'pending', on: 'create' },
  { from: 'pending', to: 'running', on: 'automatically' },
  { from: 'pending', to: 'stopping', on: 'destroy' },
  { from: 'pending', to: 'error', on: 'possibly' },
  { from: 'running', to: 'running', on: 'reboot' },
  { from: 'running', to: 'stopping', on: 'stop' },
  { from: 'running', to: 'stopping', on: 'destroy' },
  { from: 'running', to: 'error', on: 'possibly' },
  { from: 'stopping', to: 'stopped', on: 'automatically' },
  { from: 'stopping', to: 'finish', on: 'automatically' },
  { from: 'stopping', to: 'error', on: 'possibly' },
  { from: 'stopped', to: 'pending', on: 'start' },
  { from: 'stopped', to: 'stopping', on: 'destroy' },
  { from: 'error', to: 'stopping', on: 'destroy' },
])

/** The flavors that Nova used to come with, and a larger one. Memory in MB, disk in GB. */
const flavor = (id: string, name: string, cpu: number, memory: number, storage: number): HardwareProfile => ({
  id,
  name,
  properties: [fixed('cpu', cpu), fixed('memory', memory), fixed('storage', storage), fixed('architecture', 'x86_64')],
})

const hardwareProfiles: readonly HardwareProfile[] = [
  flavor('1', 'm1.tiny', 1, 512, 1),
  flavor('2', 'm1.small', 1, 2048, 20),
  flavor('3', 'm1.medium', 2, 4096, 40),
  flavor('4', 'm1.large', 4, 8192, 80),
  flavor('5', 'm1.xlarge', 8, 16384, 160),
  flavor('6', 'm1.2xlarge', 16, 32768, 320),
]

const flavorIds = hardwareProfiles.map(({ id }) => id)

const time = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')

/** Of names that are made up, as the driver makes them up. */
const prefixes: Readonly<Record<string, string>> = { networks: 'net', network_interfaces: 'nic' }

/** Neutron lets everything out. */
const firstRules = [
  { direction: 'egress', sources: [{ type: 'address', family: 'ipv4', address: '0.0.0.0', prefix: '0' }] },
  { direction: 'egress', sources: [{ type: 'address', family: 'ipv6', address: '::', prefix: '0' }] },
] as const

/** The firewall that Neutron makes for a project lets its own instances in, too. */
const defaultRules: readonly FirewallRule[] = [
  ...firstRules,
  { direction: 'ingress', sources: [{ type: 'group', name: 'default' }] } as const,
].map((rule, n) => ({ id: `rule${n + 1}`, ...rule }))

const uuid: IdRule = { by: 'draw', form: 'uuid' }

export const openstack: Personality = {
  name: 'openstack',
  machine,
  features: {
    images: { owner_id: {}, image_name: {} },
    instances: { user_name: {}, user_data: {}, user_files: {}, firewalls: {}, authentication_key: {}, authentication_password: {} },
    keys: { import_key: {} },
    storage_volumes: { volume_name: {}, volume_description: {} },
  },
  lacks: ['metrics'],
  limits: {
    // The quotas that Nova, Cinder and Neutron come with.
    quotas: {
      instances: 10,
      keys: 100,
      storage_volumes: 10,
      volume_gigabytes: 1000,
      storage_snapshots: 10,
      networks: 100,
      subnets: 100,
      network_interfaces: 500,
      addresses: 50,
      firewalls: 10,
      load_balancers: 10,
    },
    sizes: { name: 255, userData: 65_535, blob: 5 * 2 ** 30 },
  },
  realms: [{ id: 'default', name: 'default', state: 'AVAILABLE' }],
  hardwareProfiles,
  preset: { realm: 'default', hardwareProfile: '1' },
  dataset: account => dataset(account),
  inRegion: region => ({ ...openstack, dataset: account => dataset(account, region) }),
  latencies: {
    boot: { p50: 12_000, p99: 75_000 },
    stop: { p50: 6000, p99: 60_000 },
    reboot: { p50: 8000, p99: 40_000 },
    removal: { fixed: 0 },
    image: { p50: 20_000, p99: 120_000 },
    volume: { p50: 2000, p99: 15_000 },
    attachment: { p50: 2500, p99: 12_000 },
    detachment: { p50: 2500, p99: 12_000 },
    snapshot: { p50: 5000, p99: 45_000 },
    association: { p50: 1000, p99: 5000 },
  },
  troubles: noTroubles,
  staleness: neverStale,
  making: {
    images: { first: 'SAVING', last: 'ACTIVE' },
    storage_volumes: { first: 'CREATING', last: 'AVAILABLE' },
    storage_snapshots: { first: 'CREATING', last: 'AVAILABLE' },
  },
  lenient: strict,
  ids: {
    images: uuid,
    instances: uuid,
    storage_volumes: uuid,
    storage_snapshots: uuid,
    networks: uuid,
    subnets: uuid,
    network_interfaces: uuid,
  },
  time,
  sampling: { every: 300, detailed: 60, backfilled: false },
  instanceName: ({ time: at }) => `server${Math.floor(at / 1000)}`,
  volumeName: () => undefined,
  newImage: ({ owner, time: made }) => ({ ownerId: owner, architecture: 'x86_64', creationTime: made, hardwareProfiles: flavorIds }),
  // Those of its interfaces.
  addresses: () => ({ publicAddresses: [], privateAddresses: [] }),
  plugsIn: true,
  ownImagesOnly: true,
  snapshotsHoldVolumes: true,
  firstRules,
  usualFirewall: 'default',
  // Nova takes nothing else while anything is at work.
  whileRebooting: ['destroy'],
  blocksOfSubnets: true,
  nameOf: (collection, { of, time: at }) => `${prefixes[collection] ?? of?.name}_${Math.floor(at / 1000)}`,
  says: { launchTime: true, volumeRealm: true, privateKeyAgain: false, networkAsGiven: false, noInterfaces: true, passwordOnce: true },
  addressesComeBack: false,
  shell: () => undefined,
}

const image = (name: string, made: string): Image => ({
  id: uuidOf(new Draws('openstack').bytes(16, 'image', name)),
  name,
  description: name,
  ownerId: 'admin',
  architecture: 'x86_64',
  state: 'ACTIVE',
  creationTime: made,
  hardwareProfiles: flavorIds,
})

/** Public images, as an operator would upload them. */
const images: readonly Image[] = [
  image('cirros-0.6.2-x86_64-disk', '2023-06-01T08:12:44Z'),
  image('debian-12-genericcloud-amd64', '2024-10-04T07:30:15Z'),
  image('ubuntu-24.04-server-cloudimg-amd64', '2024-10-05T11:02:38Z'),
  image('Fedora-Cloud-Base-40', '2024-04-24T16:47:03Z'),
]

/** What a project's operator sets up: a network with its subnet, and the firewall that Neutron makes. */
const dataset = (account: string, ...region: readonly string[]): Dataset => {
  const draws = new Draws('openstack', account, ...region)
  const [networkId, subnetId] = [uuidOf(draws.bytes(16, 'network')), uuidOf(draws.bytes(16, 'subnet'))]
  return {
    records: {
      images: images.map(shown => ({ shown, kept: {} })),
      firewalls: [
        {
          shown: { id: 'default', name: 'default', description: 'Default security group', ownerId: account, rules: defaultRules },
          kept: { members: 0, rules: defaultRules.length },
        },
      ],
      networks: [{ shown: { id: networkId, name: 'private', state: 'UP', addressBlocks: ['10.0.0.0/18'], subnets: [subnetId] }, kept: {} }],
      subnets: [
        {
          shown: { id: subnetId, name: 'private-subnet', networkId, addressBlock: '10.0.0.0/18', state: 'UP' },
          kept: { interfaces: 0 },
        },
      ],
    },
    blobs: [],
    // Where the floating addresses begin.
    numbers: { 'highest address': parseAddress('172.24.4.9') ?? 0 },
  }
}
