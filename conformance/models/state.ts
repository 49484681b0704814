/** The state of the reference model: what there is, as plain data, and what an account begins with. */

import type { ErrorKind } from '../../src/model/errors.ts'
import type { Faultable, Realm, Rule } from './commands.ts'

/** From when on something may have come to an end, and from when on it must have: milliseconds since 1970. */
export interface Window {
  readonly least: number
  readonly most: number
}

export interface ModelInstance {
  state: 'pending' | 'running' | 'stopping' | 'stopped' | 'error'
  readonly realm: Realm
  readonly image: string
  readonly imageable: boolean
  readonly name: string
  readonly profile: string
  /** What was chosen instead of the profile’s own values. */
  readonly overrides?: Readonly<Record<string, string>>
  readonly key?: string
  /** When it was launched: milliseconds since 1970. */
  readonly launched: number
  /** What becomes of it by itself; nothing where it's stuck, or stays as it is. */
  passing?: Window & { readonly to: 'running' | 'stopped' | 'error' | 'gone' }
  rebooting?: Window
  volumes: { readonly id: string; readonly device: string }[]
  interfaces: string[]
  readonly firewalls: readonly string[]
  address?: string
}

export interface ModelImage {
  readonly name: string
  readonly description?: string
  readonly owner: string
  readonly architecture?: string
  readonly created: Made
  passing?: Window
}

/** When something was made: milliseconds since 1970, or as the data have it that an account begins with. */
export type Made = number | string

export interface Model {
  /** Whose account it is. */
  readonly account: string
  now: number
  next: Record<'img' | 'inst' | 'vol' | 'snap' | 'net' | 'subnet' | 'nic' | 'address', number>
  instances: Record<string, ModelInstance>
  images: Record<string, ModelImage>
  /** The fingerprint of one that was imported; one that the cloud made has a fingerprint of the cloud’s choice. */
  keys: Record<string, { readonly fingerprint?: string }>
  storage_volumes: Record<
    string,
    { readonly name?: string; readonly capacity: number; readonly realm: Realm; readonly created: Made; instance?: string; device?: string }
  >
  storage_snapshots: Record<string, { readonly volume: string; readonly capacity: number; readonly created: Made; passing?: Window }>
  buckets: Record<string, Record<string, string>>
  addresses: Record<string, { instance?: string }>
  firewalls: Record<string, { made: number; rules: Record<string, Rule> }>
  load_balancers: Record<string, { readonly realm: Realm; readonly created: Made; instances: string[] }>
  networks: Record<string, { readonly name: string; readonly block: string; subnets: string[] }>
  subnets: Record<string, { readonly network: string; readonly block: string }>
  network_interfaces: Record<string, { readonly instance: string; readonly subnet: string }>
  /** Of the operations that are counted. */
  quotas: Partial<Record<Quota, number>>
  /** What the next call of an operation meets. */
  fault?: { readonly operation: Faultable; readonly kind: ErrorKind } | { readonly boot: 'fails' | 'sticks' }
}

export type Quota = 'instances' | 'storage_volumes' | 'keys' | 'addresses' | 'buckets'

/** As the original’s data have the times. */
const [imageMade, volumeMade, snapshotMade] = [
  'Thu Oct 25 14:27:53 CEST 2012',
  'Thu Jul 30 14:35:11 UTC 2009',
  'Wed Jul 29 18:15:24 UTC 2009',
]

const firstLaunch = Date.parse(imageMade.replace('CEST', 'GMT+0200'))

const freeVolume = { capacity: 1, realm: 'us', created: volumeMade } as const

const fedora = { description: 'Fedora 10', owner: 'fedoraproject', created: imageMade } as const

/** @param account whose it is */
export const createModel = (now: number, account = 'mockuser'): Model => ({
  account,
  now,
  next: { img: 4, inst: 4, vol: 4, snap: 4, net: 3, subnet: 5, nic: 2, address: 5 },
  instances: {
    inst0: {
      ...runningInstance('img1'),
      name: 'Mock Instance With Profile Change',
      profile: 'm1-large',
      overrides: { memory: '12288' },
    },
    inst1: { ...runningInstance('img3'), name: 'MockUserInstance', volumes: [{ id: 'vol3', device: '/dev/sda1' }], interfaces: ['nic1'] },
    inst2: { ...runningInstance('img1'), name: 'AnotherInstance', profile: 'm1-large' },
    inst3: { ...runningInstance('img3'), realm: 'eu', imageable: false, interfaces: ['nicinst3'] },
  },
  images: {
    img1: { ...fedora, name: 'img1', architecture: 'x86_64' },
    img2: { ...fedora, name: 'img2', architecture: 'i386' },
    img3: { name: 'img3', description: 'JBoss', owner: account, architecture: 'i386', created: imageMade },
  },
  keys: { 'test-key': {} },
  storage_volumes: {
    vol1: { ...freeVolume },
    vol2: { ...freeVolume },
    vol3: { ...freeVolume, instance: 'inst1', device: '/dev/sda1' },
  },
  storage_snapshots: {
    snap1: { volume: 'vol1', capacity: 1, created: snapshotMade },
    snap2: { volume: 'vol2', capacity: 1, created: snapshotMade },
    snap3: { volume: 'vol2', capacity: 1, created: snapshotMade },
  },
  buckets: {
    bucket1: {
      blob1: 'content of blob 1',
      blob2: '<html><head></head><body>content of blob 2</body></html>',
      blob3: 'content of blob 3',
    },
    bucket2: { blob4: 'content of blob 4', blob5: 'content of blob 5' },
  },
  addresses: { '192.168.0.1': {}, '192.168.0.2': {}, '192.168.0.3': {}, '192.168.0.4': {} },
  firewalls: { default: { made: 0, rules: {} } },
  load_balancers: {},
  networks: {
    net1: { name: 'network1', block: '192.168.0.0/16', subnets: ['subnet1', 'subnet2'] },
    net2: { name: 'network2', block: '10.0.0.0/8', subnets: ['subnet3', 'subnet4'] },
  },
  subnets: {
    subnet1: { network: 'net1', block: '192.168.1.0/24' },
    subnet2: { network: 'net1', block: '192.168.2.0/24' },
    subnet3: { network: 'net2', block: '10.1.0.0/16' },
    subnet4: { network: 'net2', block: '10.2.0.0/16' },
  },
  network_interfaces: { nic1: { instance: 'inst1', subnet: 'subnet1' }, nicinst3: { instance: 'inst3', subnet: 'subnet2' } },
  quotas: {},
})

export const runningInstance = (image: string): ModelInstance => ({
  state: 'running',
  realm: 'us',
  image,
  imageable: true,
  name: '',
  profile: 'm1-small',
  launched: firstLaunch,
  volumes: [],
  interfaces: [],
  firewalls: [],
})
