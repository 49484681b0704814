/** The mock cloud's own kind: the original's data, mended; every collection; instances that take their time; strict about what it's given. */

import { StateMachine } from '../../model/state-machine.ts'
import type { Dataset } from '../dataset.ts'
import { instantly } from '../latency.ts'
import { type Personality, strict } from '../personality.ts'
import { neverStale, noTroubles } from '../texture.ts'
import {
  addresses,
  blobs,
  buckets,
  hardwareProfiles,
  hostNames,
  images,
  large,
  launched,
  leases,
  networkInterfaces,
  networks,
  numbers,
  profileIds,
  realms,
  running,
  small,
  snapshots,
  subnets,
  testKey,
  volumes,
} from './original.ts'

const machine = new StateMachine([
  { from: 'start', to: 'pending', on: 'create' },
  { from: 'pending', to: 'running', on: 'automatically' },
  { from: 'pending', to: 'stopping', on: 'destroy' },
  { from: 'running', to: 'running', on: 'reboot' },
  { from: 'running', to: 'stopping', on: 'stop' },
  { from: 'running', to: 'stopping', on: 'destroy' },
  { from: 'stopping', to: 'stopped', on: 'automatically' },
  { from: 'stopping', to: 'finish', on: 'automatically' },
  { from: 'stopped', to: 'pending', on: 'start' },
  { from: 'stopped', to: 'finish', on: 'destroy' },
  { from: 'pending', to: 'error', on: 'possibly' },
  { from: 'running', to: 'error', on: 'possibly' },
  { from: 'error', to: 'finish', on: 'destroy' },
])

const isoTime = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')

/** More than any test needs, so that only those meet a limit who set one. */
const quotas = {
  images: 100_000,
  instances: 100_000,
  keys: 100_000,
  storage_volumes: 100_000,
  storage_snapshots: 100_000,
  volume_gigabytes: 100_000_000,
  buckets: 100_000,
  addresses: 100_000,
  firewalls: 100_000,
  load_balancers: 100_000,
  networks: 100_000,
  subnets: 100_000,
  network_interfaces: 100_000,
}

export const usual: Personality = {
  name: 'default',
  machine,
  features: {
    images: { owner_id: {}, image_name: {}, image_description: {} },
    buckets: { bucket_location: {} },
    instances: {
      metrics: {},
      realm_filter: {},
      user_name: {},
      user_data: {},
      user_files: {},
      firewalls: {},
      authentication_key: {},
      authentication_password: {},
      register_to_load_balancer: {},
      instance_count: {},
      attach_snapshot: {},
    },
    keys: { import_key: {} },
    storage_volumes: { volume_name: {}, volume_description: {} },
  },
  lacks: [],
  limits: { quotas, sizes: { blob: 5 * 2 ** 40 } },
  realms,
  hardwareProfiles,
  preset: { realm: 'us', hardwareProfile: 'm1-small' },
  dataset: account => dataset(account),
  latencies: {
    boot: { least: 500, most: 2000 },
    stop: { least: 300, most: 1000 },
    reboot: { least: 300, most: 1000 },
    image: { least: 500, most: 1500 },
    volume: instantly,
    attachment: instantly,
    detachment: instantly,
    snapshot: { least: 300, most: 1000 },
    association: instantly,
    removal: instantly,
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
    images: { by: 'count', prefix: 'img' },
    instances: { by: 'count', prefix: 'inst' },
    storage_volumes: { by: 'count', prefix: 'vol' },
    storage_snapshots: { by: 'count', prefix: 'snap' },
    networks: { by: 'count', prefix: 'net' },
    subnets: { by: 'count', prefix: 'subnet' },
    network_interfaces: { by: 'count', prefix: 'nic' },
  },
  time: isoTime,
  sampling: { every: 300, detailed: 60, backfilled: false },
  instanceName: ({ id }) => id,
  volumeName: id => id,
  newImage: ({ owner, of, time }) => ({
    ownerId: owner,
    ...(of?.architecture === undefined ? {} : { architecture: of.architecture }),
    creationTime: time,
    hardwareProfiles: of?.hardwareProfiles ?? profileIds,
  }),
  addresses: ({ id, imageId }) => hostNames(imageId, id),
  says: { launchTime: true, volumeRealm: true, privateKeyAgain: false, subnetType: 'PRIVATE', networkAsGiven: false, noInterfaces: true },
  addressesComeBack: false,
  shell: () => undefined,
}

const dataset = (account: string): Dataset => {
  const mine = { ownerId: account, realmId: 'us', launchTime: isoTime(launched), networkInterfaces: [] }
  return {
    records: {
      images: images(account).map(shown => ({ shown, kept: {} })),
      instances: [
        running({
          ...mine,
          id: 'inst0',
          name: 'Mock Instance With Profile Change',
          imageId: 'img1',
          hardwareProfile: { id: 'm1-large', overrides: { memory: '12288' } },
        }),
        running({
          ...mine,
          id: 'inst1',
          name: 'MockUserInstance',
          imageId: 'img3',
          hardwareProfile: small,
          storageVolumes: [{ id: 'vol3', device: '/dev/sda1' }],
          networkInterfaces: ['nic1'],
        }),
        running({ ...mine, id: 'inst2', name: 'AnotherInstance', imageId: 'img1', hardwareProfile: large }),
        running(
          { ...mine, id: 'inst3', name: '', imageId: 'img3', realmId: 'eu', hardwareProfile: small, networkInterfaces: ['nicinst3'] },
          { imageable: false },
        ),
      ],
      keys: [testKey(false)],
      storage_volumes: volumes,
      storage_snapshots: snapshots,
      addresses,
      firewalls: [
        {
          shown: { id: 'default', name: 'default', description: 'Default firewall', ownerId: account, rules: [] },
          kept: { members: 0, rules: 0 },
        },
      ],
      buckets,
      networks,
      subnets,
      network_interfaces: networkInterfaces('subnet2'),
      leases,
    },
    blobs,
    numbers: numbers,
  }
}
