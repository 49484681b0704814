/** A picture of all that is there, in which the cloud and the model of it can be compared. */

import type { WholeCloud } from '../../src/mock.ts'
import { usual } from '../../src/mock-cloud/personalities/default.ts'
import type { HardwareProfile } from '../../src/model/hardware-profile.ts'
import type { Instance, InstanceAddress } from '../../src/model/resources.ts'
import { signOf } from './firewalls.ts'
import { actionsOf } from './instances.ts'
import { isInside } from './networks.ts'
import type { Made, Model } from './state.ts'

/** Lines, one for each resource, in the order of its list. */
export type Picture = readonly string[]

/** What the cloud shows. */
export const pictureOfCloud = async (cloud: WholeCloud): Promise<Picture> => {
  const lines: string[] = []
  for (const { id, name, state } of await cloud.realms.list({})) lines.push(toLine('realm', id, name, state))
  for (const profile of await cloud.hardware_profiles.list({})) lines.push(toLine('hardware profile', profile.id, ...sizesOf(profile)))
  const instances = await cloud.instances.list({})
  for (const one of instances) {
    lines.push(
      toLine('instance', one.id, one.doing === 'reboot' ? 'rebooting' : one.state, offeredBy(one), {
        name: one.name,
        owner: one.ownerId,
        realm: one.realmId,
        image: one.imageId,
        imageable: one.canCreateImage === true,
        profile: [one.hardwareProfile?.id, one.hardwareProfile?.overrides ?? {}],
        launched: one.launchTime,
        key: one.keyName,
        public: one.publicAddresses.map(addressOf),
        private: one.privateAddresses.map(addressOf),
        volumes: one.storageVolumes.map(({ id, device }) => `${id}@${device}`),
        interfaces: one.networkInterfaces ?? [],
        firewalls: one.firewalls ?? [],
      }),
    )
  }
  for (const { id, state, name, description, ownerId, architecture, creationTime, hardwareProfiles } of await cloud.images.list({}))
    lines.push(toLine('image', id, state, name, description, ownerId, architecture, creationTime, hardwareProfiles))
  const keys = await cloud.keys.list({})
  for (const { id, name, credentialType, fingerprint = '', pem } of keys)
    lines.push(toLine('key', id, name, credentialType, fingerprint.length === md5Length ? fingerprint : kindOf(fingerprint), pem))
  lines.push(
    toLine('fingerprints of keys', new Set(keys.map(({ fingerprint }) => fingerprint).filter(one => one?.length !== md5Length)).size),
  )
  for (const { id, name, state, capacity, realmId, created, instanceId, device } of await cloud.storage_volumes.list({}))
    lines.push(toLine('volume', id, name, state, capacity, realmId, created, instanceId, device))
  for (const { id, state, storageVolumeId, created } of await cloud.storage_snapshots.list({}))
    lines.push(toLine('snapshot', id, state, storageVolumeId, created))
  for (const { id, size, blobs } of await cloud.buckets.list({})) lines.push(toLine('bucket', id, size, blobs))
  for (const { id, instanceId } of await cloud.addresses.list({})) lines.push(toLine('address', id, instanceId))
  for (const { id, name, ownerId, rules } of await cloud.firewalls.list({})) {
    const said = rules.map(({ id: rule, protocol = '', portFrom: from, portTo: to, direction, sources }) => [
      rule,
      signOf({
        protocol,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(direction === undefined ? {} : { direction }),
        sources,
      }),
    ])
    lines.push(toLine('firewall', id, name, ownerId, said))
  }
  for (const { id, realms, createdAt, listeners, instances, publicAddresses } of await cloud.load_balancers.list({}))
    lines.push(
      toLine(
        'balancer',
        id,
        realms,
        createdAt,
        instances,
        listeners.map(one => [one.protocol, one.loadBalancerPort, one.instancePort]),
        publicAddresses,
      ),
    )
  for (const { id, name, state, addressBlocks, subnets } of await cloud.networks.list({}))
    lines.push(toLine('network', id, name, state, addressBlocks, subnets))
  const subnets = await cloud.subnets.list({})
  for (const { id, name, state, type, networkId, addressBlock } of subnets)
    lines.push(toLine('subnet', id, name, state, type, networkId, addressBlock))
  const interfaces = await cloud.network_interfaces.list({})
  for (const { id, name, instanceId, networkId, ipAddress } of interfaces) {
    const block = subnets.find(subnet => subnet.id === networkId)?.addressBlock ?? ''
    lines.push(toLine('interface', id, name, instanceId, networkId, isInside(`${ipAddress}/32`, block)))
  }
  lines.push(toLine('addresses of interfaces', new Set(interfaces.map(one => `${one.networkId} ${one.ipAddress}`)).size))
  for (const { id } of await cloud.metrics.list({})) lines.push(toLine('metric', id))
  return lines
}

const addressOf = ({ address, type }: InstanceAddress): string => `${type} ${address}`

/** Of 16 bytes as digits with colons. */
const md5Length = 47

/** Which bytes these are is the cloud's to choose. */
const kindOf = (fingerprint: string): string => (/^([0-9a-f]{2}:){19}[0-9a-f]{2}$/.test(fingerprint) ? 'of 20 bytes' : fingerprint)

/** What the API offers: what the state allows, unless the cloud permits less. */
const offeredBy = ({ state, permits }: Instance): readonly string[] =>
  (state === 'unknown' ? [] : usual.machine.actions(state)).filter(action => permits?.includes(action) ?? true).sort()

const sizesOf = ({ properties }: HardwareProfile): readonly unknown[] =>
  properties.map(one => {
    if (one.kind === 'fixed') return [one.name, one.value]
    return one.kind === 'range' ? [one.name, one.first, one.last, one.default] : [one.name, one.values, one.default]
  })

/** Name, and the value; or the least, the greatest and the usual one; or all and the usual one. Memory in MB, storage in GB. */
const profiles = [
  ['m1-small', ['cpu', 1], ['memory', 1740.8], ['storage', 160], ['architecture', 'i386']],
  ['m1-large', ['cpu', 1, 6, 1], ['memory', 7680, 15360, 10240], ['storage', [850, 1024], 850], ['architecture', 'x86_64']],
  ['m1-xlarge', ['cpu', 4], ['memory', 12288, 32768, 12288], ['storage', [1024, 2048, 4096], 1024], ['architecture', 'x86_64']],
  ['opaque'],
] as const

/** What the model says that the cloud shows. */
export const pictureOfModel = (model: Model): Picture => [
  toLine('realm', 'us', 'United States', 'AVAILABLE'),
  toLine('realm', 'eu', 'Europe', 'AVAILABLE'),
  ...profiles.map(([id, ...sizes]) => toLine('hardware profile', id, ...sizes)),
  ...Object.entries(model.instances).map(([id, one]) =>
    toLine('instance', id, one.rebooting === undefined ? one.state : 'rebooting', actionsOf(one), {
      name: one.name,
      owner: model.account,
      realm: one.realm,
      image: one.image,
      // An image may be made of an instance that's rebooting, too.
      imageable: one.imageable && (one.state === 'running' || one.state === 'stopped'),
      profile: [one.profile, one.overrides ?? {}],
      launched: timeOf(one.launched),
      key: one.key,
      public: [one.address === undefined ? `hostname ${one.image}.${id}.public.com` : `ipv4 ${one.address}`],
      private: [`hostname ${one.image}.${id}.private.com`],
      volumes: one.volumes.map(mount => `${mount.id}@${mount.device}`),
      interfaces: one.interfaces,
      firewalls: one.firewalls,
    }),
  ),
  ...Object.entries(model.images).map(([id, { name, description, owner, architecture, created, passing }]) =>
    toLine(
      'image',
      id,
      passing === undefined ? 'AVAILABLE' : 'PENDING',
      name,
      description,
      owner,
      architecture,
      timeOf(created),
      profiles.map(([profile]) => profile),
    ),
  ),
  ...Object.entries(model.keys).map(([id, { fingerprint = 'of 20 bytes' }]) => toLine('key', id, id, 'key', fingerprint, undefined)),
  toLine('fingerprints of keys', Object.values(model.keys).filter(({ fingerprint }) => fingerprint === undefined).length),
  ...Object.entries(model.storage_volumes).map(([id, { name, capacity, realm, created, instance, device }]) =>
    toLine('volume', id, name, instance === undefined ? 'AVAILABLE' : 'IN-USE', capacity, realm, timeOf(created), instance, device),
  ),
  ...Object.entries(model.storage_snapshots).map(([id, { volume, created, passing }]) =>
    toLine('snapshot', id, passing === undefined ? 'COMPLETED' : 'PENDING', volume, timeOf(created)),
  ),
  ...Object.entries(model.buckets).map(([id, blobs]) => toLine('bucket', id, Object.keys(blobs).length, Object.keys(blobs).sort())),
  ...Object.entries(model.addresses).map(([id, { instance }]) => toLine('address', id, instance)),
  ...Object.entries(model.firewalls).map(([id, { rules }]) =>
    toLine(
      'firewall',
      id,
      id,
      model.account,
      Object.entries(rules).map(([rule, said]) => [rule, signOf(said)]),
    ),
  ),
  ...Object.entries(model.load_balancers).map(([id, { realm, created, instances }]) =>
    toLine('balancer', id, [realm], timeOf(created), instances, [['HTTP', 80, 8080]], [`${id}.${realm}.balancers.public.com`]),
  ),
  ...Object.entries(model.networks).map(([id, { name, block, subnets }]) => toLine('network', id, name, 'UP', [block], subnets)),
  ...Object.entries(model.subnets).map(([id, { network, block }]) => toLine('subnet', id, id, 'UP', 'PRIVATE', network, block)),
  ...Object.entries(model.network_interfaces).map(([id, { instance, subnet }]) => toLine('interface', id, id, instance, subnet, true)),
  // Which these are is the cloud's to choose, but no two may be one.
  toLine('addresses of interfaces', Object.keys(model.network_interfaces).length),
  ...Object.keys(model.instances).map(id => toLine('metric', id)),
]

/** In seconds, UTC. */
const timeOf = (made: Made): string => (typeof made === 'string' ? made : `${new Date(made).toISOString().slice(0, 19)}Z`)

const toLine = (...parts: readonly unknown[]): string => JSON.stringify(parts)

/** How two pictures differ, in lines that only one of them has; empty where they are the same, in order too. */
export const difference = (wanted: Picture, found: Picture): string => {
  if (JSON.stringify(wanted) === JSON.stringify(found)) return ''
  const missing = wanted.filter(one => !found.includes(one)).map(one => `- ${one}`)
  const added = found.filter(one => !wanted.includes(one)).map(one => `+ ${one}`)
  return [...missing, ...added].join('\n') || `another order:\n${found.join('\n')}\nand not\n${wanted.join('\n')}`
}
