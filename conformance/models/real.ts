/** The simulator, told what the model is told; and a picture of all that is there, in which the two can be compared. */

import type { WholeCloud } from '../../src/mock.ts'
import type { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { CloudError, type ErrorKind } from '../../src/model/errors.ts'
import type { Bytes } from '../../src/model/requests.ts'
import type { Command } from './commands.ts'
import type { Model } from './model.ts'

/** What came of a command. */
export type Answer = { readonly told: string } | { readonly refused: ErrorKind }

export interface Real {
  readonly cloud: WholeCloud
  readonly simulator: MockCloud
}

/** @throws whatever is no error of the cloud: nothing else may come. */
export const perform = async ({ cloud }: Pick<Real, 'cloud'>, command: Command): Promise<Answer> => {
  try {
    return { told: await carryOut(cloud, command) }
  } catch (error) {
    if (error instanceof CloudError) return { refused: error.kind }
    throw error
  }
}

const carryOut = async (cloud: WholeCloud, command: Command): Promise<string> => {
  switch (command.op) {
    case 'launch': {
      const { image, realm, firewall, key, snapshot, balancer, count } = command
      const launched = await cloud.instances.create({
        imageId: image,
        ...(realm === undefined ? {} : { realmId: realm }),
        ...(firewall === undefined ? {} : { firewalls: [firewall] }),
        ...(key === undefined ? {} : { keyName: key }),
        ...(snapshot === undefined ? {} : { snapshotId: snapshot }),
        ...(balancer === undefined ? {} : { loadBalancerId: balancer }),
        ...(count === undefined ? {} : { count }),
      })
      return launched.map(({ id }) => id).join()
    }
    case 'start':
      return awaitOnly(cloud.instances.start(command.id))
    case 'stop':
      return awaitOnly(cloud.instances.stop(command.id))
    case 'reboot':
      return awaitOnly(cloud.instances.reboot(command.id))
    case 'terminate':
      return awaitOnly(cloud.instances.destroy(command.id))
    case 'show':
      return (await cloud.instances.get(command.id))?.state ?? 'absent'
    case 'makeImage':
      return (await cloud.images.create({ instanceId: command.instance })).id
    case 'removeImage':
      return awaitOnly(cloud.images.destroy(command.id))
    case 'makeKey':
      return (await cloud.keys.create({ name: command.name })).id
    case 'removeKey':
      return awaitOnly(cloud.keys.destroy(command.id))
    case 'makeVolume': {
      const { capacity, snapshot, realm } = command
      const volume = await cloud.storage_volumes.create({
        ...(capacity === undefined ? {} : { capacity }),
        ...(snapshot === undefined ? {} : { snapshotId: snapshot }),
        ...(realm === undefined ? {} : { realmId: realm }),
      })
      return volume.id
    }
    case 'attach':
      return awaitOnly(cloud.storage_volumes.attach(command.id, { instanceId: command.instance, device: command.device }))
    case 'detach':
      return awaitOnly(cloud.storage_volumes.detach(command.id))
    case 'removeVolume':
      return awaitOnly(cloud.storage_volumes.destroy(command.id))
    case 'makeSnapshot':
      return (await cloud.storage_snapshots.create({ volumeId: command.volume })).id
    case 'removeSnapshot':
      return awaitOnly(cloud.storage_snapshots.destroy(command.id))
    case 'makeBucket':
      return (await cloud.buckets.create({ name: command.name })).id
    case 'removeBucket':
      return awaitOnly(cloud.buckets.destroy(command.id))
    case 'putBlob': {
      await cloud.blobs.create(command.bucket, command.id, { content: toBytes(command.content), metadata: {} })
      return command.content
    }
    case 'readBlob':
      return readText((await cloud.blobs.read(command.bucket, command.id, {})).content)
    case 'removeBlob':
      return awaitOnly(cloud.blobs.destroy(command.bucket, command.id))
    case 'makeAddress':
      return (await cloud.addresses.create()).id
    case 'associate':
      return awaitOnly(cloud.addresses.associate(command.id, command.instance))
    case 'disassociate':
      return awaitOnly(cloud.addresses.disassociate(command.id))
    case 'removeAddress':
      return awaitOnly(cloud.addresses.destroy(command.id))
    case 'makeFirewall':
      return (await cloud.firewalls.create({ name: command.name, description: 'of a test' })).id
    case 'makeRule': {
      const { id, port, group } = command
      const everywhere = { type: 'address', family: 'ipv4', address: '0.0.0.0', prefix: '0' } as const
      const source = group === undefined ? everywhere : ({ type: 'group', name: group } as const)
      const firewall = await cloud.firewalls.createRule(id, { protocol: 'tcp', portFrom: port, portTo: port, sources: [source] })
      return firewall.rules.at(-1)?.id ?? ''
    }
    case 'removeRule':
      return awaitOnly(cloud.firewalls.destroyRule(command.id, command.rule))
    case 'removeFirewall':
      return awaitOnly(cloud.firewalls.destroy(command.id))
    case 'makeBalancer': {
      const listener = { protocol: 'HTTP', loadBalancerPort: 80, instancePort: 8080 }
      return (await cloud.load_balancers.create({ name: command.name, realmId: command.realm, listener })).id
    }
    case 'register':
      return awaitOnly(cloud.load_balancers.register(command.id, command.instance))
    case 'unregister':
      return awaitOnly(cloud.load_balancers.unregister(command.id, command.instance))
    case 'removeBalancer':
      return awaitOnly(cloud.load_balancers.destroy(command.id))
    case 'makeNetwork':
      return (await cloud.networks.create({ addressBlock: command.block })).id
    case 'removeNetwork':
      return awaitOnly(cloud.networks.destroy(command.id))
    case 'makeSubnet':
      return (await cloud.subnets.create({ networkId: command.network, addressBlock: command.block })).id
    case 'removeSubnet':
      return awaitOnly(cloud.subnets.destroy(command.id))
    case 'makeInterface':
      return (await cloud.network_interfaces.create({ instanceId: command.instance, networkId: command.network })).id
    case 'removeInterface':
      return awaitOnly(cloud.network_interfaces.destroy(command.id))
  }
}

const awaitOnly = async (done: Promise<unknown>): Promise<string> => {
  await done
  return ''
}

async function* toBytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

const readText = async (content: Bytes): Promise<string> => {
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** Lines, one for each resource, in the order of its list. */
export type Picture = readonly string[]

/** What the cloud shows. */
export const pictureOfCloud = async (cloud: WholeCloud): Promise<Picture> => {
  const lines: string[] = []
  const instances = await cloud.instances.list({})
  for (const one of instances) {
    const publicly = one.publicAddresses.map(({ address, type }) => (type === 'hostname' ? '' : address)).join()
    const state = one.doing === 'reboot' ? 'rebooting' : one.state
    lines.push(
      toLine('instance', one.id, state, one.realmId, one.imageId, one.canCreateImage === true, publicly, {
        volumes: one.storageVolumes.map(({ id, device }) => `${id}@${device}`),
        interfaces: one.networkInterfaces ?? [],
        firewalls: one.firewalls ?? [],
      }),
    )
  }
  for (const { id, state } of await cloud.images.list({})) lines.push(toLine('image', id, state))
  for (const { id } of await cloud.keys.list({})) lines.push(toLine('key', id))
  for (const { id, state, capacity, realmId, instanceId, device } of await cloud.storage_volumes.list({}))
    lines.push(toLine('volume', id, state, capacity, realmId, instanceId, device))
  for (const { id, state, storageVolumeId } of await cloud.storage_snapshots.list({}))
    lines.push(toLine('snapshot', id, state, storageVolumeId))
  for (const { id, size, blobs } of await cloud.buckets.list({})) lines.push(toLine('bucket', id, size, blobs))
  for (const { id, instanceId } of await cloud.addresses.list({})) lines.push(toLine('address', id, instanceId))
  for (const { id, rules } of await cloud.firewalls.list({}))
    lines.push(
      toLine(
        'firewall',
        id,
        rules.map(rule => [rule.id, rule.portFrom, ...rule.sources.map(source => (source.type === 'group' ? source.name : ''))]),
      ),
    )
  for (const balancer of await cloud.load_balancers.list({}))
    lines.push(toLine('balancer', balancer.id, balancer.realms, balancer.instances))
  for (const { id, addressBlocks, subnets } of await cloud.networks.list({})) lines.push(toLine('network', id, addressBlocks, subnets))
  for (const { id, networkId, addressBlock } of await cloud.subnets.list({})) lines.push(toLine('subnet', id, networkId, addressBlock))
  const interfaces = await cloud.network_interfaces.list({})
  for (const { id, instanceId, networkId } of interfaces) lines.push(toLine('interface', id, instanceId, networkId))
  lines.push(toLine('addresses of interfaces', new Set(interfaces.map(one => `${one.networkId} ${one.ipAddress}`)).size))
  for (const { id } of await cloud.metrics.list({})) lines.push(toLine('metric', id))
  return lines
}

/** What the model says that the cloud shows. */
export const pictureOfModel = (model: Model): Picture => [
  ...Object.entries(model.instances).map(([id, one]) =>
    toLine(
      'instance',
      id,
      one.rebooting === undefined ? one.state : 'rebooting',
      one.realm,
      one.image,
      // An image may be made of an instance that's rebooting, too.
      one.imageable && (one.state === 'running' || one.state === 'stopped'),
      one.address ?? '',
      { volumes: one.volumes.map(mount => `${mount.id}@${mount.device}`), interfaces: one.interfaces, firewalls: one.firewalls },
    ),
  ),
  ...Object.entries(model.images).map(([id, { passing }]) => toLine('image', id, passing === undefined ? 'AVAILABLE' : 'PENDING')),
  ...Object.keys(model.keys).map(id => toLine('key', id)),
  ...Object.entries(model.storage_volumes).map(([id, { capacity, realm, instance, device }]) =>
    toLine('volume', id, instance === undefined ? 'AVAILABLE' : 'IN-USE', capacity, realm, instance, device),
  ),
  ...Object.entries(model.storage_snapshots).map(([id, { volume, passing }]) =>
    toLine('snapshot', id, passing === undefined ? 'COMPLETED' : 'PENDING', volume),
  ),
  ...Object.entries(model.buckets).map(([id, blobs]) => toLine('bucket', id, Object.keys(blobs).length, Object.keys(blobs).sort())),
  ...Object.entries(model.addresses).map(([id, { instance }]) => toLine('address', id, instance)),
  ...Object.entries(model.firewalls).map(([id, { rules }]) =>
    toLine(
      'firewall',
      id,
      Object.entries(rules).map(([rule, { port, group }]) => [rule, port, group ?? '']),
    ),
  ),
  ...Object.entries(model.load_balancers).map(([id, { realm, instances }]) => toLine('balancer', id, [realm], instances)),
  ...Object.entries(model.networks).map(([id, { block, subnets }]) => toLine('network', id, [block], subnets)),
  ...Object.entries(model.subnets).map(([id, { network, block }]) => toLine('subnet', id, network, block)),
  ...Object.entries(model.network_interfaces).map(([id, { instance, subnet }]) => toLine('interface', id, instance, subnet)),
  // Which these are is the cloud's to choose, but no two may be one.
  toLine('addresses of interfaces', Object.keys(model.network_interfaces).length),
  ...Object.keys(model.instances).map(id => toLine('metric', id)),
]

const toLine = (...parts: readonly unknown[]): string => JSON.stringify(parts)

/** How two pictures differ, in lines that only one of them has; empty where they are the same, in order too. */
export const difference = (wanted: Picture, found: Picture): string => {
  if (JSON.stringify(wanted) === JSON.stringify(found)) return ''
  const missing = wanted.filter(one => !found.includes(one)).map(one => `- ${one}`)
  const added = found.filter(one => !wanted.includes(one)).map(one => `+ ${one}`)
  return [...missing, ...added].join('\n') || `another order:\n${found.join('\n')}\nand not\n${wanted.join('\n')}`
}
