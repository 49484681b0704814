/** What a model and a simulator are both told to do: commands as data, on few names, so that they meet. */

import fc from 'fast-check'
import type { RuleSource } from '../../src/model/resources.ts'

export type Realm = 'us' | 'eu'

export type Command =
  | {
      readonly op: 'launch'
      readonly image: string
      readonly realm?: string
      readonly firewall?: string
      readonly key?: string
      readonly profile?: string
      readonly name?: string
      readonly snapshot?: string
      readonly balancer?: string
      readonly count?: number
    }
  | { readonly op: 'start' | 'stop' | 'reboot' | 'terminate' | 'show'; readonly id: string }
  | { readonly op: 'makeImage'; readonly instance: string }
  | { readonly op: 'makeKey'; readonly name: string; readonly publicKey?: string }
  | { readonly op: 'makeBucket' | 'makeFirewall'; readonly name: string }
  | { readonly op: 'makeVolume'; readonly capacity?: number; readonly snapshot?: string; readonly realm?: string }
  | { readonly op: 'attach'; readonly id: string; readonly instance: string; readonly device: string }
  | { readonly op: Removal | 'detach' | 'disassociate'; readonly id: string }
  | { readonly op: 'makeSnapshot'; readonly volume: string }
  | { readonly op: 'putBlob'; readonly bucket: string; readonly id: string; readonly content: string }
  | { readonly op: 'readBlob' | 'removeBlob'; readonly bucket: string; readonly id: string }
  | { readonly op: 'makeAddress' }
  | { readonly op: 'associate' | 'register' | 'unregister'; readonly id: string; readonly instance: string }
  | ({ readonly op: 'makeRule'; readonly id: string } & Rule)
  | { readonly op: 'removeRule'; readonly id: string; readonly rule: string }
  | { readonly op: 'makeBalancer'; readonly name: string; readonly realm: string }
  | { readonly op: 'makeNetwork'; readonly block: string }
  | { readonly op: 'makeSubnet'; readonly network: string; readonly block: string }
  | { readonly op: 'makeInterface'; readonly instance: string; readonly network: string }

/** What a rule of a firewall says. */
export interface Rule {
  readonly protocol: string
  readonly from?: number
  readonly to?: number
  readonly direction?: 'ingress' | 'egress'
  readonly sources: readonly RuleSource[]
}

type Removal = keyof typeof removals

const removals = {
  removeImage: 'images',
  removeKey: 'keys',
  removeVolume: 'storage_volumes',
  removeSnapshot: 'storage_snapshots',
  removeBucket: 'buckets',
  removeAddress: 'addresses',
  removeFirewall: 'firewalls',
  removeBalancer: 'load_balancers',
  removeNetwork: 'networks',
  removeSubnet: 'subnets',
  removeInterface: 'network_interfaces',
} as const

/** Operations that a fault may be set for, and what they are called in a rule. */
export const faultable = {
  launch: 'instances.create',
  stop: 'instances.stop',
  terminate: 'instances.destroy',
  makeVolume: 'storage_volumes.create',
  attach: 'storage_volumes.attach',
  makeKey: 'keys.create',
  associate: 'addresses.associate',
  putBlob: 'blobs.create',
  removeSnapshot: 'storage_snapshots.destroy',
  makeSubnet: 'subnets.create',
} as const satisfies Partial<Record<Command['op'], string>>

export type Faultable = keyof typeof faultable

/** Ids that an account begins with, most of the time, or of the first that are made. */
const numberedId = (prefix: string, first: readonly [number, number], later: readonly [number, number]): fc.Arbitrary<string> => {
  const between = ([min, max]: readonly [number, number]) => fc.noBias(fc.integer({ min, max })).map(n => `${prefix}${n}`)
  return fc.oneof({ weight: 3, arbitrary: between(first) }, { weight: 2, arbitrary: between(later) })
}

const instance = numberedId('inst', [0, 3], [4, 6])
const image = numberedId('img', [1, 3], [4, 4])
const volume = numberedId('vol', [1, 3], [4, 6])
const snapshot = numberedId('snap', [1, 3], [4, 5])
const address = numberedId('192.168.0.', [1, 4], [5, 5])
const network = numberedId('net', [1, 2], [3, 3])
const subnet = numberedId('subnet', [1, 4], [5, 6])
const nic = fc.oneof(fc.constantFrom('nic1', 'nicinst3'), numberedId('nic', [2, 2], [3, 3]))
const name = fc.constantFrom('a', 'b')
const firewallName = fc.constantFrom('a', 'a', 'b', 'default')
const bucket = fc.constantFrom('bucket1', 'bucket2', 'a')
const firewall = fc.constantFrom('default', 'a', 'b')
const realm = fc.constantFrom('us', 'us', 'eu', 'eu', 'nowhere')
const block = fc.constantFrom('10.3.0.0/16', '10.1.5.0/24', '192.168.3.0/24', '192.168.0.0/16', '172.16.0.0/16', '172.16.1.0/24')

const ids = {
  images: image,
  keys: fc.oneof(name, fc.constant('test-key')),
  storage_volumes: volume,
  storage_snapshots: snapshot,
  buckets: bucket,
  addresses: address,
  firewalls: firewall,
  load_balancers: name,
  networks: network,
  subnets: subnet,
  network_interfaces: nic,
} as const

/** Given now and then. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

/** Drops what isn't given, as a client that doesn't send a parameter. */
const definedOnly = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T

const commandOf = <Op extends Command['op'], T extends object>(op: Op, fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record({ op: fc.constant(op), ...fields }).map(definedOnly)

const block4 = (address: string, prefix: string): RuleSource => ({ type: 'address', family: 'ipv4', address, prefix })
const block6 = (address: string, prefix: string): RuleSource => ({ type: 'address', family: 'ipv6', address, prefix })

/** Blocks of both families, groups, and a group of another account. */
const sources: readonly RuleSource[] = [
  block4('0.0.0.0', '0'),
  block4('10.0.0.0', '8'),
  block4('203.0.113.7', '32'),
  block6('::', '0'),
  block6('2001:db8::', '32'),
  { type: 'group', name: 'default' },
  { type: 'group', name: 'a' },
  { type: 'group', name: 'a', owner: 'somebody' },
]

/** Most rules are right; few say ports that can't be, or no source. */
export const rule = (): fc.Arbitrary<Rule> =>
  fc
    .record({
      protocol: fc.constantFrom('tcp', 'tcp', 'udp', 'icmp', 'TCP', 'sctp'),
      ports: fc.constantFrom<readonly number[]>([22, 22], [22, 22], [80, 443], [0, 65535], [443, 80], []),
      direction: fc.constantFrom(undefined, 'ingress' as const, 'egress' as const, 'egress' as const),
      sources: fc.oneof({ weight: 5, arbitrary: fc.subarray([...sources], { minLength: 1, maxLength: 3 }) }, fc.constant([])),
    })
    .map(({ protocol, ports: [from, to], direction, sources: its }) => ({
      protocol,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(direction === undefined ? {} : { direction }),
      sources: its,
    }))

/** A public key as OpenSSH writes it; few are nonsense. */
const publicKey = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.uint8Array({ minLength: 51, maxLength: 51 }).map(body => `ssh-ed25519 ${Buffer.from(body).toString('base64')} me`),
  },
  { weight: 1, arbitrary: fc.constantFrom('nonsense', 'ssh-rsa', 'ssh-rsa not/base64!') },
)

/** Each kind of command, and how often it's drawn. */
const kinds: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<unknown> }[] = [
  {
    weight: 6,
    arbitrary: commandOf('launch', {
      image,
      realm: seldom(realm),
      firewall: fc.constantFrom(undefined, undefined, 'default', 'default', 'a'),
      key: seldom(fc.constantFrom('test-key', 'a')),
      profile: seldom(fc.constantFrom('m1-small', 'm1-large', 'm1-xlarge', 'opaque', 'none')),
      name: seldom(fc.constantFrom('web', 'b')),
      snapshot: seldom(snapshot),
      balancer: seldom(name),
      count: seldom(fc.constantFrom(1, 2, 0)),
    }),
  },
  ...(['stop', 'reboot', 'terminate', 'show'] as const).map(op => ({ weight: 3, arbitrary: commandOf(op, { id: instance }) })),
  // Few are stopped.
  { weight: 6, arbitrary: commandOf('start', { id: instance }) },
  { weight: 2, arbitrary: commandOf('makeImage', { instance }) },
  { weight: 2, arbitrary: commandOf('makeKey', { name, publicKey: fc.option(publicKey, { nil: undefined, freq: 2 }) }) },
  { weight: 1, arbitrary: commandOf('makeBucket', { name }) },
  { weight: 2, arbitrary: commandOf('makeFirewall', { name: firewallName }) },
  {
    weight: 3,
    arbitrary: commandOf('makeVolume', {
      capacity: seldom(fc.constantFrom(1, 2, 10, 1.5, 16384, 0, 16385)),
      snapshot: seldom(snapshot),
      realm: seldom(realm),
    }),
  },
  {
    weight: 5,
    arbitrary: commandOf('attach', { id: volume, instance, device: fc.constantFrom('/dev/sda1', '/dev/sdc') }),
  },
  { weight: 3, arbitrary: commandOf('detach', { id: volume }) },
  { weight: 2, arbitrary: commandOf('makeSnapshot', { volume }) },
  {
    weight: 2,
    arbitrary: commandOf('putBlob', { bucket, id: fc.constantFrom('blob1', 'blob4', 'x'), content: fc.string({ maxLength: 20 }) }),
  },
  ...(['readBlob', 'removeBlob'] as const).map(op => ({
    weight: 2,
    arbitrary: commandOf(op, { bucket, id: fc.constantFrom('blob4', 'blob5', 'x') }),
  })),
  { weight: 1, arbitrary: commandOf('makeAddress', {}) },
  { weight: 3, arbitrary: commandOf('associate', { id: address, instance }) },
  { weight: 2, arbitrary: commandOf('disassociate', { id: address }) },
  { weight: 3, arbitrary: fc.tuple(firewall, rule()).map(([id, its]) => ({ op: 'makeRule', id, ...its })) },
  { weight: 1, arbitrary: commandOf('removeRule', { id: firewall, rule: fc.constantFrom('rule1', 'rule2') }) },
  { weight: 2, arbitrary: commandOf('makeBalancer', { name, realm }) },
  ...(['register', 'unregister'] as const).map(op => ({ weight: 2, arbitrary: commandOf(op, { id: name, instance }) })),
  { weight: 1, arbitrary: commandOf('makeNetwork', { block }) },
  { weight: 2, arbitrary: commandOf('makeSubnet', { network, block }) },
  { weight: 2, arbitrary: commandOf('makeInterface', { instance, network: fc.oneof(network, subnet) }) },
  ...Object.entries(removals).map(([op, collection]) => ({
    weight: op === 'removeFirewall' ? 3 : 1,
    arbitrary: fc.record({ op: fc.constant(op), id: ids[collection] }),
  })),
]

export const command = (): fc.Arbitrary<Command> => fc.noBias(fc.oneof(...kinds) as fc.Arbitrary<Command>)
