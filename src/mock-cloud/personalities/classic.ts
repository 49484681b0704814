/** The original's mock driver: its data to the letter, its instant transitions, and only the collections that it had. */

import { StateMachine } from '../../model/state-machine.ts'
import type { Dataset } from '../dataset.ts'
import { instantly } from '../latency.ts'
import type { Personality } from '../personality.ts'
import { neverStale, noTroubles } from '../texture.ts'
import {
  addresses,
  blobs,
  buckets,
  hardwareProfiles,
  hostNames,
  images,
  large,
  leases,
  networkInterfaces,
  networks,
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
  { from: 'running', to: 'running', on: 'reboot' },
  { from: 'running', to: 'stopped', on: 'stop' },
  { from: 'stopped', to: 'running', on: 'start' },
  { from: 'stopped', to: 'finish', on: 'destroy' },
])

/** As Ruby prints a time. */
const rubyTime = (time: number): string =>
  new Date(time)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' +0000')

export const classic: Personality = {
  name: 'classic',
  machine,
  features: {
    images: { owner_id: {}, image_name: {}, image_description: {} },
    instances: { user_name: {}, user_data: {}, authentication_key: {}, metrics: {}, realm_filter: {} },
  },
  lacks: ['firewalls', 'load_balancers'],
  realms,
  hardwareProfiles,
  preset: { realm: 'us', hardwareProfile: 'm1-small' },
  dataset: account => dataset(account),
  latencies: {
    boot: instantly,
    stop: instantly,
    reboot: instantly,
    removal: instantly,
    image: instantly,
    volume: instantly,
    attachment: instantly,
    detachment: instantly,
    snapshot: instantly,
    association: instantly,
  },
  troubles: noTroubles,
  staleness: neverStale,
  making: {
    images: { first: 'PENDING', last: 'AVAILABLE' },
    storage_volumes: { first: 'CREATING', last: 'AVAILABLE' },
    storage_snapshots: { first: 'PENDING', last: 'COMPLETED' },
  },
  lenient: {
    unknownReferences: true,
    profileValues: true,
    looseValues: true,
    bucketTaken: true,
    attachedTwice: true,
    notEmpty: true,
    openShell: true,
  },
  ids: {
    images: { by: 'name', else: { by: 'count', prefix: 'img' } },
    instances: { by: 'gap', prefix: 'inst' },
    storage_volumes: { by: 'second', prefix: 'volume_' },
    storage_snapshots: { by: 'second', prefix: 'store_snapshot_' },
    networks: { by: 'name', else: { by: 'second', prefix: 'net_' } },
    subnets: { by: 'name', else: { by: 'second', prefix: 'subnet_' } },
    network_interfaces: { by: 'name', else: { by: 'second', prefix: 'nic_' } },
  },
  time: rubyTime,
  sampling: { every: 1, detailed: 1, backfilled: true },
  instanceName: ({ time }) => `i-${Math.floor(time / 1000)}`,
  volumeName: id => `Volume${id}`,
  newImage: () => ({ ownerId: 'root', architecture: 'i386', hardwareProfiles: profileIds }),
  addresses: ({ id, imageId }) => hostNames(imageId, id),
  says: { launchTime: false, volumeRealm: false, privateKeyAgain: true, networkAsGiven: true, noInterfaces: false },
  addressesComeBack: true,
  shell: command => `This instance only says which command it was given: '${command}'\n`,
}

const dataset = (account: string): Dataset => {
  const mine = { ownerId: account, realmId: 'us' }
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
          networkInterfaces: [],
        }),
        // Its addresses name an image that it wasn't made of (quirk M11).
        running(
          { ...mine, id: 'inst1', name: 'MockUserInstance', imageId: 'img3', hardwareProfile: small, networkInterfaces: ['nic1'] },
          { addressedAs: 'img1' },
        ),
        running({ ...mine, id: 'inst2', name: 'AnotherInstance', imageId: 'img1', hardwareProfile: large }),
        running(
          {
            ...mine,
            id: 'inst3',
            name: '',
            imageId: 'img3',
            realmId: 'eu',
            hardwareProfile: small,
            keyName: '',
            networkInterfaces: ['nicinst3'],
          },
          { imageable: false },
        ),
      ],
      keys: [testKey(true)],
      storage_volumes: volumes,
      storage_snapshots: snapshots,
      addresses,
      buckets,
      networks,
      subnets,
      // The first names its subnet, the second its network (quirk M11).
      network_interfaces: networkInterfaces('net1'),
      leases,
    },
    blobs,
    numbers: { 'next images': 4 },
  }
}
