/**
 * Octavia: load balancers. A balancer of the cloud is made with its listener, and reaches its instances at a port of that: listeners, pools
 * and members have ids that are made of what they say.
 */

import type { Listener, LoadBalancer, NetworkInterface } from '../../../model/resources.ts'
import {
  type Asked,
  allOf,
  gone,
  group,
  type Handler,
  json,
  nothing,
  one,
  operation,
  part,
  projectNames,
  type Routes,
  telling,
} from './asked.ts'
import type { Body } from './body.ts'
import { timeOf, uuid } from './derived.ts'
import { badRequest, Fault, missing, unsupported } from './errors.ts'
import { type Document, listed, type Style } from './listing.ts'

const style: Style = { usualLimit: 1000, next: 'links', isStrict: true }

/** @throws Fault 403 where a project is named that isn't the token's: only administrators of Octavia ask for others. */
const requireOwn = ({ identity: { projectId } }: Asked, named: readonly (string | undefined)[]): void => {
  if (named.some(one => one !== undefined && one !== projectId)) throw new Fault(403, 'Policy does not allow this request to be performed.')
}

const listenerId = (balancer: string, { loadBalancerPort }: Listener): string => uuid('listener', `${balancer}/${loadBalancerPort}`)
const poolId = (balancer: string, { loadBalancerPort }: Listener): string => uuid('pool', `${balancer}/${loadBalancerPort}`)
const memberId = (pool: string, instance: string): string => uuid('member', `${pool}/${instance}`)

const withoutZone = (time: string | undefined): string | null => timeOf(time)?.replace('Z', '') ?? null

/** What all that belongs to a balancer says. */
const common = ({ identity: { projectId } }: Asked, { createdAt }: LoadBalancer): Document => ({
  project_id: projectId,
  tenant_id: projectId,
  provisioning_status: 'ACTIVE',
  operating_status: 'ONLINE',
  admin_state_up: true,
  description: '',
  tags: [],
  created_at: withoutZone(createdAt),
  updated_at: null,
})

const balancerTree = (asked: Asked, balancer: LoadBalancer): Document => ({
  ...common(asked, balancer),
  id: balancer.id,
  name: balancer.id,
  vip_address: balancer.publicAddresses[0] ?? null,
  vip_port_id: null,
  vip_subnet_id: null,
  vip_network_id: null,
  provider: 'amphora',
  flavor_id: null,
  listeners: balancer.listeners.map(listener => ({ id: listenerId(balancer.id, listener) })),
  pools: balancer.listeners.map(listener => ({ id: poolId(balancer.id, listener) })),
})

interface Piece {
  readonly balancer: LoadBalancer
  readonly listener: Listener
}

const piecesOf = async (asked: Asked): Promise<readonly Piece[]> =>
  (await allOf(asked, 'load_balancers')).flatMap(balancer => balancer.listeners.map(listener => ({ balancer, listener })))

const listenerTree = (asked: Asked, { balancer, listener }: Piece): Document => ({
  ...common(asked, balancer),
  id: listenerId(balancer.id, listener),
  name: `${balancer.id}-${listener.loadBalancerPort}`,
  protocol: listener.protocol,
  protocol_port: listener.loadBalancerPort,
  connection_limit: -1,
  default_pool_id: poolId(balancer.id, listener),
  loadbalancers: [{ id: balancer.id }],
  l7policies: [],
})

const poolTree = (asked: Asked, { balancer, listener }: Piece): Document => {
  const id = poolId(balancer.id, listener)
  return {
    ...common(asked, balancer),
    id,
    name: `${balancer.id}-${listener.instancePort}`,
    protocol: listener.protocol,
    lb_algorithm: 'ROUND_ROBIN',
    session_persistence: null,
    healthmonitor_id: null,
    loadbalancers: [{ id: balancer.id }],
    listeners: [{ id: listenerId(balancer.id, listener) }],
    members: balancer.instances.map(instance => ({ id: memberId(id, instance) })),
  }
}

/** @throws Fault 404 */
const pieceAt = async (asked: Asked, kind: 'Listener' | 'Pool', id = part(asked)): Promise<Piece> => {
  const idOf = kind === 'Pool' ? poolId : listenerId
  const found = (await piecesOf(asked)).find(({ balancer, listener }) => idOf(balancer.id, listener) === id)
  if (found === undefined) throw missing(kind, id)
  return found
}

/** Where an instance is reached: at its first port. One without is told by its id. */
const addressOf = (instance: string, ports: readonly NetworkInterface[]): NetworkInterface =>
  ports.find(port => port.instanceId === instance && port.ipAddress !== undefined) ?? { id: instance, ipAddress: instance }

const memberTree = (asked: Asked, { balancer, listener }: Piece, instance: string, ports: readonly NetworkInterface[]): Document => {
  const { ipAddress, networkId } = addressOf(instance, ports)
  return {
    ...common(asked, balancer),
    id: memberId(poolId(balancer.id, listener), instance),
    name: instance,
    address: ipAddress ?? null,
    protocol_port: listener.instancePort,
    subnet_id: networkId ?? null,
    weight: 1,
    backup: false,
  }
}

/** The one listener that a new balancer is asked for, with its pool. @throws Fault 501 for another number of them */
const listenerIn = (wanted: Body): Listener => {
  const [listener, ...more] = wanted.list('listeners')
  if (listener === undefined || more.length > 0) throw unsupported('A load balancer is made with its one listener here, in one request')
  const port = listener.number('protocol_port')
  const pool = listener.object('default_pool')
  // The port of members that are to come stands in the pool's name, where no member says it.
  const [, named] = /-(\d{1,5})$/.exec(pool?.text('name') ?? '') ?? []
  const [member] = pool?.list('members') ?? []
  if (port === undefined) throw badRequest('A listener needs a protocol_port')
  return {
    protocol: listener.need('protocol'),
    loadBalancerPort: port,
    instancePort: member?.number('protocol_port') ?? (named === undefined ? port : Number(named)),
  }
}

/** The instance that has an address; a client may name it instead. @throws Fault 400 */
const instanceIn = async (asked: Asked, member: Body): Promise<string> => {
  const [address, name] = [member.need('address'), member.text('name')]
  const port = (await allOf(asked, 'network_interfaces')).find(({ ipAddress }) => ipAddress === address)
  if (port?.instanceId !== undefined) return port.instanceId
  if ((await allOf(asked, 'instances')).some(({ id }) => id === name) && name !== undefined) return name
  throw badRequest(`No server has the address ${address.slice(0, 100)}`)
}

const routes: Routes = {
  'GET /loadbalancers': async asked =>
    listed(
      asked,
      'loadbalancers',
      (await allOf(asked, 'load_balancers')).map(balancer => balancerTree(asked, balancer)),
      style,
    ),
  'GET /loadbalancers/:id': async asked =>
    json(200, { loadbalancer: balancerTree(asked, await one(asked, 'load_balancers', part(asked))) }),
  'POST /loadbalancers': async asked => {
    const wanted = (await asked.body()).needObject('loadbalancer')
    requireOwn(
      asked,
      projectNames.map(name => wanted.text(name)),
    )
    const [realm] = await allOf(asked, 'realms')
    const create = operation(group(asked, 'load_balancers').create, 'make load balancers')
    const made = await create({ name: wanted.need('name'), realmId: realm?.id ?? '', listener: listenerIn(wanted) })
    return json(201, { loadbalancer: balancerTree(asked, made) })
  },
  'DELETE /loadbalancers/:id': async asked => {
    const { id } = await one(asked, 'load_balancers', part(asked))
    if (!/^true$/i.test(asked.query.get('cascade') ?? ''))
      throw new Fault(409, `Invalid state: the load balancer ${id} has a listener; it goes with it where cascade is asked for`)
    await operation(group(asked, 'load_balancers').destroy, 'destroy load balancers')(id)
    return nothing(204)
  },
  'GET /listeners': async asked =>
    listed(
      asked,
      'listeners',
      (await piecesOf(asked)).map(piece => listenerTree(asked, piece)),
      style,
    ),
  'GET /listeners/:id': async asked => json(200, { listener: listenerTree(asked, await pieceAt(asked, 'Listener')) }),
  'GET /pools': async asked =>
    listed(
      asked,
      'pools',
      (await piecesOf(asked)).map(piece => poolTree(asked, piece)),
      style,
    ),
  'GET /pools/:id': async asked => json(200, { pool: poolTree(asked, await pieceAt(asked, 'Pool')) }),
  'GET /pools/:id/members': async asked => {
    const [piece, ports] = [await pieceAt(asked, 'Pool'), await allOf(asked, 'network_interfaces')]
    return listed(
      asked,
      'members',
      piece.balancer.instances.map(instance => memberTree(asked, piece, instance, ports)),
      style,
    )
  },
  'POST /pools/:id/members': async asked => {
    const piece = await pieceAt(asked, 'Pool')
    const instance = await instanceIn(asked, (await asked.body()).needObject('member'))
    const register = operation(group(asked, 'load_balancers').register, 'register instances')
    await telling(register(piece.balancer.id, instance), kind =>
      kind === 'not-found' ? gone('load_balancers', piece.balancer.id) : undefined,
    )
    return json(201, { member: memberTree(asked, piece, instance, await allOf(asked, 'network_interfaces')) })
  },
  'DELETE /pools/:id/members/:member': async asked => {
    const { balancer, listener } = await pieceAt(asked, 'Pool')
    const pool = poolId(balancer.id, listener)
    const instance = balancer.instances.find(id => memberId(pool, id) === part(asked, 'member'))
    if (instance === undefined) throw missing('Member', part(asked, 'member'))
    await operation(group(asked, 'load_balancers').unregister, 'unregister instances')(balancer.id, instance)
    return nothing(204)
  },
}

export const balancerRoutes: Routes = Object.fromEntries(
  Object.entries(routes).map(([route, handler]): [string, Handler] => [
    route,
    asked => {
      requireOwn(
        asked,
        projectNames.flatMap(name => asked.query.getAll(name)),
      )
      return handler(asked)
    },
  ]),
)
