/** Floating addresses: their ids are made of the addresses. */

import type { Address } from '../../../model/resources.ts'
import { type Asked, allOf, group, json, nothing, operation, part, type Routes, wantedIn } from './asked.ts'
import type { Body } from './body.ts'
import { uuid } from './derived.ts'
import { badRequest, Fault, missing } from './errors.ts'
import { type Document, listed } from './listing.ts'
import { common, outerId, style } from './networks.ts'

const floatingId = (address: string): string => uuid('floating', address)

/** The port by which an address reaches its instance: the first one that has an address of its own. */
const portsByInstance = async (asked: Asked): Promise<ReadonlyMap<string, { readonly id: string; readonly ip: string }>> => {
  const found = new Map<string, { readonly id: string; readonly ip: string }>()
  for (const { id, instanceId, ipAddress } of await allOf(asked, 'network_interfaces'))
    if (instanceId !== undefined && ipAddress !== undefined && !found.has(instanceId)) found.set(instanceId, { id, ip: ipAddress })
  return found
}

const floatingTree = (asked: Asked, { id, instanceId }: Address, ports: Awaited<ReturnType<typeof portsByInstance>>): Document => {
  // An instance without ports has a port of that name to the address alone.
  const port = instanceId === undefined ? undefined : (ports.get(instanceId) ?? { id: instanceId, ip: null })
  return {
    ...common(asked),
    id: floatingId(id),
    floating_ip_address: id,
    floating_network_id: outerId,
    port_id: port?.id ?? null,
    fixed_ip_address: port?.ip ?? null,
    router_id: null,
    status: port === undefined ? 'DOWN' : 'ACTIVE',
    dns_domain: '',
    dns_name: '',
    port_details: null,
    qos_policy_id: null,
    port_forwardings: [],
  }
}

const found = async (asked: Asked): Promise<Address> => {
  const address = (await group(asked, 'addresses').list({})).find(({ id }) => floatingId(id) === part(asked))
  if (address === undefined) throw missing('FloatingIP', part(asked))
  return address
}

const shown = async (asked: Asked, address: string): Promise<object> => {
  const now = (await group(asked, 'addresses').list({})).find(({ id }) => id === address)
  return { floatingip: floatingTree(asked, now ?? { id: address }, await portsByInstance(asked)) }
}

/** Leads an address to the instance of a port. @throws Fault 404 for a port that isn't there */
const lead = async (asked: Asked, address: Address, portId: string): Promise<void> => {
  const port = (await allOf(asked, 'network_interfaces')).find(({ id }) => id === portId)
  if (port === undefined) throw missing('Port', portId)
  if (port.instanceId === undefined) throw badRequest(`The port ${portId} is of no server`)
  const { associate, disassociate } = group(asked, 'addresses')
  if (address.instanceId === port.instanceId) return
  // Neutron moves an address without a word.
  if (address.instanceId !== undefined) await operation(disassociate, 'disassociate addresses')(address.id)
  await operation(associate, 'associate addresses')(address.id, port.instanceId)
}

/** Gives an address back; it's taken from its server first. */
const withdrawn = async (asked: Asked, { id, instanceId }: Address): Promise<void> => {
  const { destroy, disassociate } = group(asked, 'addresses')
  if (instanceId !== undefined) await operation(disassociate, 'disassociate addresses')(id)
  await operation(destroy, 'destroy addresses')(id)
}

const portIn = (wanted: Body): string | undefined => wanted.text('port_id')

export const floatingRoutes: Routes = {
  'GET /floatingips': async asked => {
    const ports = await portsByInstance(asked)
    const all = (await allOf(asked, 'addresses')).map(address => floatingTree(asked, address, ports))
    return listed(asked, 'floatingips', all, style)
  },
  'GET /floatingips/:id': async asked => json(200, await shown(asked, (await found(asked)).id)),
  'POST /floatingips': async asked => {
    const wanted = await wantedIn(asked, 'floatingip')
    if (wanted.need('floating_network_id') !== outerId) throw new Fault(404, 'External network could not be found.', 'NetworkNotFound')
    const { create, destroy } = group(asked, 'addresses')
    const made = await operation(create, 'make addresses')()
    const port = portIn(wanted)
    if (port !== undefined)
      try {
        await lead(asked, made, port)
      } catch (error) {
        await destroy?.(made.id)
        throw error
      }
    return json(201, await shown(asked, made.id))
  },
  'PUT /floatingips/:id': async asked => {
    const address = await found(asked)
    const wanted = (await asked.body()).needObject('floatingip')
    const port = portIn(wanted)
    if (port !== undefined) await lead(asked, address, port)
    else if (wanted.has('port_id') && address.instanceId !== undefined)
      await operation(group(asked, 'addresses').disassociate, 'disassociate addresses')(address.id)
    return json(200, await shown(asked, address.id))
  },
  'DELETE /floatingips/:id': async asked => {
    await withdrawn(asked, await found(asked))
    return nothing(204)
  },
}

/** As Nova told of them before 2016: the address, and the server that it leads to. */
const proxied = ({ id, instanceId }: Address): object => ({
  id: floatingId(id),
  ip: id,
  fixed_ip: null,
  instance_id: instanceId ?? null,
  pool: 'public',
})

export const proxiedFloatingRoutes: Routes = {
  'GET /os-floating-ip-pools': () => json(200, { floating_ip_pools: [{ name: 'public' }] }),
  'GET /os-floating-ips': async asked => json(200, { floating_ips: (await allOf(asked, 'addresses')).map(proxied) }),
  'GET /os-floating-ips/:id': async asked => json(200, { floating_ip: proxied(await found(asked)) }),
  'POST /os-floating-ips': async asked => {
    const pool = (await asked.body()).text('pool') ?? 'public'
    if (pool !== 'public') throw new Fault(404, `Floating IP pool ${pool.slice(0, 100)} could not be found.`)
    return json(200, { floating_ip: proxied(await operation(group(asked, 'addresses').create, 'make addresses')()) })
  },
  'DELETE /os-floating-ips/:id': async asked => {
    await withdrawn(asked, await found(asked))
    return nothing(202)
  },
}
