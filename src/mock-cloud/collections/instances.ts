/** Instances. */

import { badRequest, conflict } from '../../model/errors.ts'
import type { LaunchRequest } from '../../model/requests.ts'
import type { Image, Instance } from '../../model/resources.ts'
import type { InstanceAction } from '../../model/state-machine.ts'
import { newId } from '../ids.ts'
import { act, go } from '../instance-life.ts'
import type { InstanceKept } from '../records.ts'
import type { Tenant, Turn } from '../tenant.ts'
import { enlist } from './firewalls.ts'
import { chosen } from './hardware-profiles.ts'
import { join } from './load-balancers.ts'
import { found, given, listing, realmOr, referred } from './lookup.ts'
import { joinNetworks } from './network-interfaces.ts'
import { fasten, make } from './volumes.ts'

export const { list, get, page } = listing('instances')

/** Launches one or more, all or none. */
export const create = (tenant: Tenant, request: LaunchRequest): Promise<readonly Instance[]> =>
  tenant.write(async turn => {
    const count = request.count ?? 1
    if (!Number.isInteger(count) || count < 1 || count > mostAtOnce)
      throw badRequest(`From 1 to ${mostAtOnce} instances can be launched at once, not ${count}`)
    const launched: Instance[] = []
    for (let i = 0; i < count; i++) launched.push(await launch(turn, request))
    return launched
  })

export const start = (tenant: Tenant, id: string): Promise<Instance> => move(tenant, id, 'start')
export const stop = (tenant: Tenant, id: string): Promise<Instance> => move(tenant, id, 'stop')
export const reboot = (tenant: Tenant, id: string): Promise<Instance> => move(tenant, id, 'reboot')

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    await act(turn, await found(turn, 'instances', id), 'destroy')
  })

const mostAtOnce = 100

const move = (tenant: Tenant, id: string, action: InstanceAction): Promise<Instance> =>
  tenant.write(async turn => {
    const record = await found(turn, 'instances', id)
    return (await act(turn, record, action)) ?? record.shown
  })

const launch = async (turn: Turn, request: LaunchRequest): Promise<Instance> => {
  const { personality, tx, now } = turn
  const { imageId } = request
  const image = await imageOf(turn, request)
  const realmId = realmOr(turn, request.realmId)
  const hardwareProfile = chosen(personality, request.hardwareProfileId, request.overrides)
  if (image?.hardwareProfiles?.includes(hardwareProfile.id) === false)
    throw badRequest(`Image '${imageId}' does not run on the hardware profile '${hardwareProfile.id}'`)
  const id = await newId(turn, 'instances', personality.ids.instances)
  const addresses = personality.addresses({ id, imageId })
  const password = given(request.password)
  const login = password === undefined ? {} : { username: 'root', password }
  const firewalls = [...new Set(request.firewalls ?? (await usualFirewalls(turn)))]
  const shown: Instance = {
    id,
    name: given(request.name) ?? personality.instanceName({ id, imageId, time: now }),
    ownerId: turn.account,
    imageId,
    realmId,
    state: 'start',
    hardwareProfile,
    ...addresses,
    ...(personality.says.launchTime ? { launchTime: personality.time(now) } : {}),
    ...(request.keyName === undefined ? {} : { keyName: request.keyName }),
    ...(personality.says.passwordOnce === true ? {} : login),
    ...(firewalls.length === 0 ? {} : { firewalls }),
    storageVolumes: [],
    ...(personality.says.noInterfaces ? { networkInterfaces: [] } : {}),
  }
  const kept: InstanceKept = {
    moves: 0,
    since: now,
    imageable: true,
    ownAddresses: addresses.publicAddresses,
    addresses: [],
    loadBalancers: [],
    ...(request.userData === undefined ? {} : { userData: request.userData }),
    ...(request.files === undefined ? {} : { files: request.files }),
    ...(isOn(request.metrics) ? { metrics: true } : {}),
  }
  for (const firewall of firewalls) await enlist(turn, firewall, 1)
  await go(turn, { shown, kept }, personality.machine.target('start', 'create') ?? 'pending', 'create')
  await joinNetworks(turn, id, request.networks)
  await attachSnapshot(turn, id, request)
  await registerAtOnce(turn, id, request)
  return { ...((await tx.show('instances', id)) ?? shown), ...login }
}

/**
 * The image to launch, and a look whether the key is there too; undefined where nobody cares what is named.
 * @throws CloudError `bad-request` for what isn't there, `conflict` for an image that isn't ready.
 */
const imageOf = async (turn: Turn, { imageId, keyName }: LaunchRequest): Promise<Image | undefined> => {
  if (turn.personality.lenient.unknownReferences) return undefined
  const image = await turn.tx.show('images', imageId)
  if (image === undefined) throw badRequest(`Image ${imageId} does not exists.`)
  if (image.state !== turn.personality.making.images.last) throw conflict(`Image '${imageId}' is not available yet`)
  if (given(keyName) !== undefined) await referred(turn, 'keys', keyName ?? '')
  return image
}

const usualFirewalls = async ({ tx, personality: { usualFirewall } }: Turn): Promise<readonly string[]> =>
  usualFirewall !== undefined && (await tx.show('firewalls', usualFirewall)) !== undefined ? [usualFirewall] : []

/** A volume made of a snapshot, attached from the start: neither it nor the instance need be ready. */
const attachSnapshot = async (turn: Turn, id: string, request: LaunchRequest): Promise<void> => {
  const snapshotId = given(request.snapshotId)
  if (snapshotId === undefined) return
  const { realmId } = request
  const volume = await make(turn, { snapshotId, ...(realmId === undefined ? {} : { realmId }) })
  await fasten(turn, volume, await referred(turn, 'instances', id), given(request.deviceName) ?? '/dev/sdc')
}

const registerAtOnce = async (turn: Turn, id: string, request: LaunchRequest): Promise<void> => {
  const balancer = given(request.loadBalancerId)
  if (balancer !== undefined) await join(turn, await referred(turn, 'load_balancers', balancer), await referred(turn, 'instances', id))
}

/** A flag as forms and clients write it. */
const isOn = (flag: string | undefined): boolean => flag !== undefined && !['', 'false', 'off', 'no', '0'].includes(flag.toLowerCase())
