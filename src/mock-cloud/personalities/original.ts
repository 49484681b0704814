/** The data of the original mock driver, as far as both personalities have it alike. */

import { enumeration, fixed, type HardwareProfile, range } from '../../model/hardware-profile.ts'
import type { Image, Instance, Realm } from '../../model/resources.ts'
import { parseAddress } from '../cidr.ts'
import type { Dataset } from '../dataset.ts'
import { Draws } from '../draw.ts'
import { digestOf, pemOf } from '../private-keys.ts'
import type { Records } from '../records.ts'

export const realms: readonly Realm[] = [
  { id: 'us', name: 'United States', limit: 'unlimited', state: 'AVAILABLE' },
  { id: 'eu', name: 'Europe', limit: 'unlimited', state: 'AVAILABLE' },
]

export const hardwareProfiles: readonly HardwareProfile[] = [
  { id: 'm1-small', properties: [fixed('cpu', 1), fixed('memory', 1740.8), fixed('storage', 160), fixed('architecture', 'i386')] },
  {
    id: 'm1-large',
    properties: [
      range('cpu', 1, 6),
      range('memory', 7680, 15360, 10240),
      enumeration('storage', [850, 1024]),
      fixed('architecture', 'x86_64'),
    ],
  },
  {
    id: 'm1-xlarge',
    properties: [
      fixed('cpu', 4),
      range('memory', 12288, 32768),
      enumeration('storage', [1024, 2048, 4096]),
      fixed('architecture', 'x86_64'),
    ],
  },
  { id: 'opaque', properties: [] },
]

/** Ids of all: every image runs on each. */
export const profileIds = hardwareProfiles.map(profile => profile.id)

const image = (id: string, description: string, ownerId: string, architecture: string): Image => ({
  id,
  name: id,
  description,
  ownerId,
  architecture,
  state: 'AVAILABLE',
  creationTime: 'Thu Oct 25 14:27:53 CEST 2012',
  hardwareProfiles: profileIds,
})

/** @param account the caller, who owns the third. */
export const images = (account: string): readonly Image[] => [
  image('img1', 'Fedora 10', 'fedoraproject', 'x86_64'),
  image('img2', 'Fedora 10', 'fedoraproject', 'i386'),
  image('img3', 'JBoss', account, 'i386'),
]

/** When the instances that are there from the start were launched: that of the images, milliseconds since 1970. */
export const launched = Date.UTC(2012, 9, 25, 12, 27, 53)

export const hostNames = (image: string, id: string) =>
  ({
    publicAddresses: [{ address: `${image}.${id}.public.com`, type: 'hostname' }],
    privateAddresses: [{ address: `${image}.${id}.private.com`, type: 'hostname' }],
  }) as const

export const small = { id: 'm1-small', overrides: {} } as const
export const large = { id: 'm1-large', overrides: {} } as const

type Given = Omit<Instance, 'state' | 'publicAddresses' | 'privateAddresses' | 'canCreateImage' | 'storageVolumes'> & {
  readonly imageId: string
  readonly storageVolumes?: Instance['storageVolumes']
}

/** An instance that runs from the start. @param options.addressedAs the image that its addresses name, where that's another. */
export const running = (given: Given, options: { addressedAs?: string; imageable?: boolean } = {}): Records['instances'] => {
  const imageable = options.imageable ?? true
  return {
    shown: {
      storageVolumes: [],
      ...given,
      state: 'running',
      ...hostNames(options.addressedAs ?? given.imageId, given.id),
      ...(imageable ? { canCreateImage: true } : {}),
    },
    kept: {
      moves: 0,
      since: launched,
      imageable,
      ownAddresses: hostNames(given.imageId, given.id).publicAddresses,
      addresses: [],
      loadBalancers: [],
    },
  }
}

/** Long ago, as the original's data say it. */
const volumeMade = 'Thu Jul 30 14:35:11 UTC 2009'
const snapshotMade = 'Wed Jul 29 18:15:24 UTC 2009'

const freeVolume = (id: string): Records['storage_volumes'] => ({
  shown: { id, realmId: 'us', capacity: 1, created: volumeMade, state: 'AVAILABLE' },
  kept: {},
})

const snapshot = (id: string, storageVolumeId: string): Records['storage_snapshots'] => ({
  shown: { id, storageVolumeId, created: snapshotMade, state: 'COMPLETED' },
  kept: { capacity: 1 },
})

/** The third says that it's attached; the instance's side is the instance's. */
export const volumes: readonly Records['storage_volumes'][] = [
  freeVolume('vol1'),
  freeVolume('vol2'),
  {
    shown: {
      id: 'vol3',
      realmId: 'us',
      capacity: 1,
      created: volumeMade,
      state: 'IN-USE',
      instanceId: 'inst1',
      device: '/dev/sda1',
    },
    kept: {},
  },
]

export const snapshots = [snapshot('snap1', 'vol1'), snapshot('snap2', 'vol2'), snapshot('snap3', 'vol2')]

export const addresses: readonly Records['addresses'][] = [1, 2, 3, 4].map(n => ({ shown: { id: `192.168.0.${n}` }, kept: {} }))

const network = (id: string, name: string, block: string, subnets: readonly string[]): Records['networks'] => ({
  shown: { id, name, state: 'UP', addressBlocks: [block], subnets },
  kept: {},
})

export const networks = [
  network('net1', 'network1', '192.168.0.0/16', ['subnet1', 'subnet2']),
  network('net2', 'network2', '10.0.0.0/8', ['subnet3', 'subnet4']),
]

const subnet = (id: string, networkId: string, addressBlock: string, interfaces: number): Records['subnets'] => ({
  shown: { id, name: id, networkId, addressBlock, state: 'UP', type: 'PRIVATE' },
  kept: { interfaces },
})

export const subnets = [
  subnet('subnet1', 'net1', '192.168.1.0/24', 1),
  subnet('subnet2', 'net1', '192.168.2.0/24', 1),
  subnet('subnet3', 'net2', '10.1.0.0/16', 0),
  subnet('subnet4', 'net2', '10.2.0.0/16', 0),
]

/** @param networkId what the document names, which need not be the subnet. */
const networkInterface = (
  id: string,
  instanceId: string,
  networkId: string,
  subnetId: string,
  ipAddress: string,
): Records['network_interfaces'] => ({
  shown: { id, name: id, instanceId, networkId, ipAddress },
  kept: { subnetId },
})

/** @param second what the second one says of its network. */
export const networkInterfaces = (second: string): readonly Records['network_interfaces'][] => [
  networkInterface('nic1', 'inst1', 'subnet1', 'subnet1', '192.168.1.2'),
  networkInterface('nicinst3', 'inst3', second, 'subnet2', '192.168.2.189'),
]

export const leases: readonly Records['leases'][] = ['subnet1/192.168.1.2', 'subnet2/192.168.2.189'].map(id => ({
  shown: { id },
  kept: {},
}))

/** @param again whether the private key is shown. */
export const testKey = (again: boolean): Records['keys'] => {
  const pem = pemOf(new Draws('test-key').bytes(1190, 'pem'))
  return {
    shown: {
      id: 'test-key',
      name: 'test-key',
      credentialType: 'key',
      fingerprint: '5e:ce:b6:dc:59:3b:5c:93:f8:2e:9d:20:ce:60:ca:f5:0b:8a:66:93',
      ...(again ? { pem } : {}),
    },
    kept: { pemDigest: digestOf(pem) },
  }
}

const bucket = (id: string, size: number): Records['buckets'] => ({ shown: { id, name: id, size }, kept: {} })

export const buckets = [bucket('bucket1', 3), bucket('bucket2', 2)]

const blob = (
  bucketId: string,
  id: string,
  contentType: string,
  lastModified: string,
  userMetadata: Readonly<Record<string, string>> = {},
  content = `content of blob ${id.slice(-1)}`,
): Dataset['blobs'][number] => ({ blob: { id, bucketId, contentType, lastModified, userMetadata }, content })

export const blobs = [
  blob('bucket1', 'blob1', 'text/plain', '2010-09-23 16:44:54 +0100', { SOMENEWKEY: 'NEWVALUE' }),
  blob(
    'bucket1',
    'blob2',
    'text/html',
    '2010-09-23 16:55:05 +0100',
    { VERSION: '1.2' },
    '<html><head></head><body>content of blob 2</body></html>',
  ),
  blob('bucket1', 'blob3', 'text/plain', '2010-08-14 02:14:31 +0100'),
  blob('bucket2', 'blob4', 'application/octet-stream', '2010-09-21 06:17:24 +0100', { some: 'value' }),
  blob('bucket2', 'blob5', 'application/pdf', '2009-07-21 11:12:13 +0100'),
]

/** Where counters stand once all that is there. */
export const numbers: Readonly<Record<string, number>> = {
  'next images': 4,
  'next instances': 4,
  'next storage_volumes': 4,
  'next storage_snapshots': 4,
  'next networks': 3,
  'next subnets': 5,
  'next network_interfaces': 2,
  'highest address': parseAddress('192.168.0.4') ?? 0,
}
