/** Load balancers. */

import { badRequest, conflict } from '../../model/errors.ts'
import type { Listener, LoadBalancer } from '../../model/resources.ts'
import type { Records } from '../records.ts'
import type { Tenant, Turn } from '../tenant.ts'
import { checkedId, found, listing, livingInstance, realmOr, referred } from './lookup.ts'

export const { list, get, page } = listing('load_balancers')

export const create = (
  tenant: Tenant,
  { name, realmId, listener }: { readonly name: string; readonly realmId: string; readonly listener: Listener },
): Promise<LoadBalancer> =>
  tenant.write(async turn => {
    const id = checkedId(name, 'load balancer')
    if ((await turn.tx.show('load_balancers', id)) !== undefined) throw conflict(`A load balancer '${id}' already exists`)
    const realm = realmOr(turn, realmId)
    check(listener)
    if (turn.personality.plugsIn === true && (await turn.tx.list('subnets')).length === 0)
      throw conflict('There is no subnet that a load balancer could be in')
    const shown: LoadBalancer = {
      id,
      createdAt: turn.personality.time(turn.now),
      realms: [realm],
      listeners: [{ ...listener, protocol: listener.protocol.toUpperCase() }],
      instances: [],
      publicAddresses: [`${id}.${realm}.balancers.public.com`],
    }
    await turn.tx.put('load_balancers', { shown, kept: {} })
    return shown
  })

export const register = (tenant: Tenant, id: string, instanceId: string): Promise<LoadBalancer> =>
  tenant.write(async turn => {
    const balancer = await found(turn, 'load_balancers', id)
    return join(turn, balancer, await livingInstance(turn, instanceId))
  })

export const unregister = (tenant: Tenant, id: string, instanceId: string): Promise<LoadBalancer> =>
  tenant.write(async turn => {
    const balancer = await found(turn, 'load_balancers', id)
    const instance = await referred(turn, 'instances', instanceId)
    if (!balancer.shown.instances.includes(instanceId))
      throw badRequest(`Instance '${instanceId}' is not registered with the load balancer '${id}'`)
    await forget(turn, instance, id)
    return leave(turn, balancer, instanceId)
  })

export const destroy = (tenant: Tenant, id: string): Promise<void> =>
  tenant.write(async turn => {
    const { shown } = await found(turn, 'load_balancers', id)
    for (const instanceId of shown.instances) await forget(turn, await referred(turn, 'instances', instanceId), id)
    await turn.tx.remove('load_balancers', id)
  })

/** Registers an instance, on both sides. @throws CloudError `conflict` where it is already, `bad-request` where its realm isn't served. */
export const join = async (
  turn: Turn,
  { shown, ...record }: Records['load_balancers'],
  instance: Records['instances'],
): Promise<LoadBalancer> => {
  const { id, realmId, networkInterfaces = [] } = instance.shown
  if (shown.instances.includes(id)) throw conflict(`Instance '${id}' is already registered with the load balancer '${shown.id}'`)
  if (realmId === undefined || !shown.realms.includes(realmId))
    throw badRequest(`Load balancer '${shown.id}' doesn't serve the realm of the instance '${id}'`)
  if (turn.personality.plugsIn === true && networkInterfaces.length === 0)
    throw badRequest(`The instance '${id}' has no network interface that a load balancer could reach`)
  const balancer: LoadBalancer = { ...shown, instances: [...shown.instances, id] }
  await turn.tx.put('load_balancers', { ...record, shown: balancer })
  const loadBalancers = [...instance.kept.loadBalancers, shown.id]
  await turn.tx.put('instances', { ...instance, kept: { ...instance.kept, loadBalancers } })
  return balancer
}

/** Takes an instance out of a balancer, on the balancer's side. */
export const leave = async (turn: Turn, { shown, ...record }: Records['load_balancers'], instanceId: string): Promise<LoadBalancer> => {
  const balancer: LoadBalancer = { ...shown, instances: shown.instances.filter(other => other !== instanceId) }
  await turn.tx.put('load_balancers', { ...record, shown: balancer })
  return balancer
}

/** Takes a balancer out of an instance, on the instance's side. */
const forget = async (turn: Turn, instance: Records['instances'], id: string): Promise<void> => {
  const loadBalancers = instance.kept.loadBalancers.filter(other => other !== id)
  await turn.tx.put('instances', { ...instance, kept: { ...instance.kept, loadBalancers } })
}

const check = ({ protocol, loadBalancerPort, instancePort }: Listener): void => {
  if (!['HTTP', 'HTTPS', 'TCP', 'SSL'].includes(protocol.toUpperCase()))
    throw badRequest(`A listener's protocol is HTTP, HTTPS, TCP or SSL, not '${protocol}'`)
  for (const port of [loadBalancerPort, instancePort]) {
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw badRequest(`A listener's port is from 1 to 65535`)
  }
}
