/** Load balancers: Octavia's API 2, as its reference documents it. A balancer has listeners, these have pools, and pools have members. */

import { badRequest, CloudError, conflict, notFound } from '../../../model/errors.ts'
import type { Listener, LoadBalancer } from '../../../model/resources.ts'
import { byId, type Operations } from '../../driver.ts'
import { each } from './each.ts'
import { given, known, type Native } from './native.ts'
import { type Session, segment } from './session.ts'

const root = '/v2/lbaas'

interface Pool {
  readonly id: string
  readonly balancers: readonly string[]
  readonly listeners: readonly string[]
  readonly members: readonly Native[]
  /** Of its members; the pool's own name says it where it has none yet. */
  readonly port: number | undefined
}

const idsIn = (native: Native, name: string): readonly string[] => native.list(name).map(one => one.need('id'))

const poolsOf = async (session: Session): Promise<readonly Pool[]> => {
  const pools = await session.list('balancer', `${root}/pools`, 'pools')
  return each(pools, async pool => {
    const id = pool.need('id')
    const isEmpty = pool.has('members') && pool.list('members').length === 0
    const members = isEmpty ? [] : await session.list('balancer', `${root}/pools/${segment(id)}/members`, 'members')
    const [, named] = /-(\d{1,5})$/.exec(pool.text('name') ?? '') ?? []
    const port = members[0]?.number('protocol_port') ?? (named === undefined ? undefined : Number(named))
    return { id, balancers: idsIn(pool, 'loadbalancers'), listeners: idsIn(pool, 'listeners'), members, port }
  })
}

/** Which instance has an address: that of its port. */
type Owners = ReadonlyMap<string, string>

const ownersOf = async (session: Session): Promise<Owners> => {
  const ports = await session.list('network', '/ports', 'ports')
  return new Map(
    ports.flatMap(port => {
      const device = port.text('device_id') ?? ''
      return device === '' ? [] : port.list('fixed_ips').map(address => [address.need('ip_address'), device] as const)
    }),
  )
}

/** What balancers consist of, of all of the account. */
interface Parts {
  readonly listeners: readonly Native[]
  readonly pools: readonly Pool[]
  readonly owners: Owners
  readonly realm: string
}

const partsOf = async (session: Session): Promise<Parts> => {
  const [listeners, pools, owners] = await Promise.all([
    session.list('balancer', `${root}/listeners`, 'listeners'),
    poolsOf(session),
    ownersOf(session),
  ])
  return { listeners, pools, owners, realm: session.realm }
}

const listenerOf = (listener: Native, pools: readonly Pool[]): Listener => {
  const port = listener.number('protocol_port') ?? 0
  const pool = pools.find(({ id, listeners }) => id === listener.text('default_pool_id') || listeners.includes(listener.need('id')))
  return { protocol: listener.text('protocol') ?? '', loadBalancerPort: port, instancePort: pool?.port ?? port }
}

const balancerOf = (balancer: Native, { listeners, pools, owners, realm }: Parts): LoadBalancer => {
  const id = balancer.need('id')
  const own = pools.filter(pool => pool.balancers.includes(id))
  const addresses = own.flatMap(pool => pool.members.map(member => member.need('address')))
  const vip = balancer.text('vip_address')
  return known<LoadBalancer>({
    id,
    createdAt: balancer.text('created_at'),
    realms: [realm],
    listeners: listeners.filter(listener => idsIn(listener, 'loadbalancers').includes(id)).map(listener => listenerOf(listener, own)),
    instances: [...new Set(addresses.map(address => owners.get(address) ?? address))],
    publicAddresses: vip === undefined ? [] : [vip],
  })
}

const find = async (session: Session, id: string): Promise<LoadBalancer | undefined> => {
  const found = await session.find('balancer', `${root}/loadbalancers/${segment(id)}`)
  return found === undefined ? undefined : balancerOf(found.needObject('loadbalancer'), await partsOf(session))
}

/** @throws CloudError `not-found` */
const again = async (session: Session, id: string): Promise<LoadBalancer> => {
  const balancer = await find(session, id)
  if (balancer === undefined) throw notFound(`There is no load balancer ${id}`)
  return balancer
}

/** The subnet in which the balancer has its address: the first of the project's own. */
const firstSubnet = async (session: Session): Promise<string> => {
  const [subnet] = await session.list('network', '/subnets', 'subnets')
  if (subnet === undefined) throw new CloudError('conflict', 'The project has no subnet that a load balancer could be in')
  return subnet.need('id')
}

/** The address by which a balancer reaches an instance. @throws CloudError `bad-request` for an instance without one */
const addressOf = async (
  session: Session,
  instanceId: string,
): Promise<{ readonly address: string; readonly subnet: string | undefined }> => {
  const ports = await session.list('network', `/ports?device_id=${segment(instanceId)}`, 'ports')
  const [address] = ports.flatMap(port => port.list('fixed_ips'))
  if (address === undefined) throw badRequest(`The instance ${instanceId} has no port that a load balancer could reach`)
  return { address: address.need('ip_address'), subnet: address.text('subnet_id') }
}

/** Those of a balancer. @throws CloudError `not-found` */
const ownPools = async (session: Session, id: string): Promise<readonly Pool[]> => {
  await session.ask('balancer', 'GET', `${root}/loadbalancers/${segment(id)}`)
  return (await poolsOf(session)).filter(({ balancers }) => balancers.includes(id))
}

export const loadBalancers: NonNullable<Operations<Session>['load_balancers']> = {
  ...byId(async session => {
    const [found, parts] = await Promise.all([session.list('balancer', `${root}/loadbalancers`, 'loadbalancers'), partsOf(session)])
    return found.map(balancer => balancerOf(balancer, parts))
  }, find),
  /** All in one request, so that it's made whole or not at all. */
  async create(session, { name, listener }) {
    const { protocol, loadBalancerPort, instancePort } = listener
    const pool = { name: `${name}-${instancePort}`, protocol: protocol.toUpperCase(), lb_algorithm: 'ROUND_ROBIN' }
    const wanted = {
      name: `${name}-${loadBalancerPort}`,
      protocol: protocol.toUpperCase(),
      protocol_port: loadBalancerPort,
      default_pool: pool,
    }
    const loadbalancer = { name, vip_subnet_id: await firstSubnet(session), listeners: [wanted] }
    const made = await session.ask('balancer', 'POST', `${root}/loadbalancers`, { loadbalancer })
    return again(session, made.needObject('loadbalancer').need('id'))
  },
  async register(session, id, instanceId) {
    const pools = await ownPools(session, id)
    const { address, subnet } = await addressOf(session, instanceId)
    if (pools.some(({ members }) => members.some(member => member.text('address') === address)))
      throw conflict(`The instance ${instanceId} is registered with ${id}`)
    for (const { id: pool, port } of pools) {
      const member = given({ address, protocol_port: port, subnet_id: subnet, name: instanceId })
      await session.ask('balancer', 'POST', `${root}/pools/${segment(pool)}/members`, { member })
    }
    return again(session, id)
  },
  async unregister(session, id, instanceId) {
    const [pools, owners] = [await ownPools(session, id), await ownersOf(session)]
    const members = pools.flatMap(pool => pool.members.map(member => ({ pool: pool.id, member })))
    // One that was plugged elsewhere since has its name left.
    const own = members.filter(({ member }) => [owners.get(member.need('address')), member.text('name')].includes(instanceId))
    if (own.length === 0) throw badRequest(`The instance ${instanceId} is not registered with ${id}`)
    for (const { pool, member } of own)
      await session.tell('balancer', 'DELETE', `${root}/pools/${segment(pool)}/members/${segment(member.need('id'))}`)
    return again(session, id)
  },
  destroy: (session, id) => session.tell('balancer', 'DELETE', `${root}/loadbalancers/${segment(id)}?cascade=true`),
}
