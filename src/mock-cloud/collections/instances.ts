/** Instances. */

import { badRequest, conflict, notFound } from '../../model/errors.ts'
import type { InstanceFilter, LaunchRequest } from '../../model/requests.ts'
import type { Instance } from '../../model/resources.ts'
import type { InstanceAction } from '../../model/state-machine.ts'
import { newId } from '../ids.ts'
import { act, go } from '../instance-life.ts'
import type { Records } from '../records.ts'
import type { Tenant, Turn } from '../tenant.ts'
import { chosen } from './hardware-profiles.ts'

export const list = (tenant: Tenant, filter: InstanceFilter): Promise<readonly Instance[]> =>
  tenant.read(async ({ tx }) => {
    const { id } = filter
    if (id === undefined) return tx.list('instances')
    const found = await tx.show('instances', id)
    return found === undefined ? [] : [found]
  })

export const get = (tenant: Tenant, id: string): Promise<Instance | undefined> => tenant.read(({ tx }) => tx.show('instances', id))

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
    await act(turn, await found(turn, id), 'destroy')
  })

const mostAtOnce = 100

const move = (tenant: Tenant, id: string, action: InstanceAction): Promise<Instance> =>
  tenant.write(async turn => {
    const record = await found(turn, id)
    return (await act(turn, record, action)) ?? record.shown
  })

const found = async ({ tx }: Turn, id: string): Promise<Records['instances']> => {
  const record = await tx.get('instances', id)
  if (record === undefined) throw notFound()
  return record
}

const launch = async (turn: Turn, request: LaunchRequest): Promise<Instance> => {
  const { personality, tx, now } = turn
  const { imageId } = request
  const realmId = request.realmId === undefined || request.realmId === '' ? personality.preset.realm : request.realmId
  if (!personality.lenient.unknownReferences) {
    const image = await tx.show('images', imageId)
    if (image === undefined) throw badRequest(`Image ${imageId} does not exists.`)
    if (image.state !== 'AVAILABLE') throw conflict(`Image ${imageId} is not available yet`)
    if (!personality.realms.some(realm => realm.id === realmId)) throw badRequest(`Realm ${realmId} does not exist`)
  }
  const hardwareProfile = chosen(personality, request.hardwareProfileId, request.overrides)
  const id = await newId(turn, 'instances', personality.ids.instances)
  const addresses = personality.addresses({ id, imageId })
  const shown: Instance = {
    id,
    name: request.name === undefined || request.name === '' ? personality.instanceName(id, now) : request.name,
    ownerId: turn.account,
    imageId,
    realmId,
    state: 'start',
    hardwareProfile,
    ...addresses,
    ...(personality.says.launchTime ? { launchTime: personality.time(now) } : {}),
    ...(request.keyName === undefined ? {} : { keyName: request.keyName }),
    storageVolumes: [],
  }
  const record: Records['instances'] = {
    shown,
    kept: { moves: 0, launched: now, imageable: true, ownAddresses: addresses.publicAddresses, loadBalancers: [] },
  }
  const first = personality.machine.target('start', 'create') ?? 'pending'
  return (await go(turn, record, first, 'create')) ?? shown
}
