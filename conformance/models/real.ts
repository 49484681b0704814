/** The simulator, told what the model is told. */

import type { WholeCloud } from '../../src/mock.ts'
import type { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { CloudError, type ErrorKind } from '../../src/model/errors.ts'
import type { Bytes } from '../../src/model/requests.ts'
import type { Command } from './commands.ts'

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
      const { image, realm, firewall, key, profile, name, snapshot, balancer, count } = command
      const launched = await cloud.instances.create({
        imageId: image,
        ...(realm === undefined ? {} : { realmId: realm }),
        ...(firewall === undefined ? {} : { firewalls: [firewall] }),
        ...(key === undefined ? {} : { keyName: key }),
        ...(profile === undefined ? {} : { hardwareProfileId: profile }),
        ...(name === undefined ? {} : { name }),
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
    case 'makeKey': {
      const { name, publicKey } = command
      const { id, pem } = await cloud.keys.create({ name, ...(publicKey === undefined ? {} : { publicKey }) })
      return pem === undefined ? id : `${id} with its private half`
    }
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
      const { id, protocol, from, to, direction, sources } = command
      const firewall = await cloud.firewalls.createRule(id, {
        protocol,
        sources,
        ...(from === undefined ? {} : { portFrom: from }),
        ...(to === undefined ? {} : { portTo: to }),
        ...(direction === undefined ? {} : { direction }),
      })
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
