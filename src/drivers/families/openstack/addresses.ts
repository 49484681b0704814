/** Floating addresses: Neutron's, or Nova's own where a cloud has no Neutron. */

import { badRequest, CloudError, conflict, notFound } from '../../../model/errors.ts'
import type { Address } from '../../../model/resources.ts'
import type { Operations } from '../../driver.ts'
import { known } from './native.ts'
import { asReference, type Session, segment } from './session.ts'

/** An address, and by which id the service knows it. */
interface Floating {
  readonly nativeId: string
  readonly address: Address
}

/** What both services can do, each in its own way. */
interface Pool {
  list(session: Session): Promise<readonly Floating[]>
  create(session: Session): Promise<Address>
  associate(session: Session, floating: Floating, instanceId: string): Promise<void>
  disassociate(session: Session, floating: Floating): Promise<void>
  destroy(session: Session, floating: Floating): Promise<void>
}

const neutron: Pool = {
  async list(session) {
    const found = await session.list('network', '/floatingips', 'floatingips')
    const isUsed = found.some(one => one.told('port_id') !== undefined)
    const ports = isUsed ? await session.list('network', '/ports', 'ports') : []
    const instanceBy = new Map(ports.map(port => [port.need('id'), port.told('device_id')]))
    return found.map(one => floatingOf(one.need('id'), one.need('floating_ip_address'), instanceBy.get(one.told('port_id') ?? '')))
  },
  async create(session) {
    const [outer] = await session.list('network', '/networks?router%3Aexternal=True', 'networks')
    if (outer === undefined) throw new CloudError('not-supported', 'The cloud has no network of public addresses')
    const answer = await session.ask('network', 'POST', '/floatingips', { floatingip: { floating_network_id: outer.need('id') } })
    return { id: answer.needObject('floatingip').need('floating_ip_address') }
  },
  async associate(session, { nativeId }, instanceId) {
    const ports = await session.list('network', `/ports?device_id=${segment(instanceId)}`, 'ports')
    const port = ports.find(one => one.list('fixed_ips').length > 0)
    if (port === undefined) throw badRequest(`The instance ${instanceId} has no port that an address could lead to`)
    await session.ask('network', 'PUT', `/floatingips/${segment(nativeId)}`, { floatingip: { port_id: port.need('id') } })
  },
  async disassociate(session, { nativeId }) {
    await session.ask('network', 'PUT', `/floatingips/${segment(nativeId)}`, { floatingip: { port_id: null } })
  },
  destroy: (session, { nativeId }) => session.tell('network', 'DELETE', `/floatingips/${segment(nativeId)}`),
}

const nova: Pool = {
  async list(session) {
    const found = await session.list('compute', '/os-floating-ips', 'floating_ips')
    return found.map(one => floatingOf(one.need('id'), one.need('ip'), one.told('instance_id')))
  },
  async create(session) {
    return { id: (await session.ask('compute', 'POST', '/os-floating-ips', {})).needObject('floating_ip').need('ip') }
  },
  associate: (session, { address }, instanceId) =>
    asReference(
      session.tell('compute', 'POST', `/servers/${segment(instanceId)}/action`, { addFloatingIp: { address: address.id } }),
      instanceId,
    ),
  disassociate: (session, { address }) =>
    session.tell('compute', 'POST', `/servers/${segment(address.instanceId ?? '')}/action`, { removeFloatingIp: { address: address.id } }),
  destroy: (session, { nativeId }) => session.tell('compute', 'DELETE', `/os-floating-ips/${segment(nativeId)}`),
}

const floatingOf = (nativeId: string, id: string, instanceId: string | undefined): Floating => ({
  nativeId,
  address: known<Address>({ id, instanceId: instanceId === '' ? undefined : instanceId }),
})

const poolOf = async (session: Session): Promise<Pool> => ((await session.has('network')) ? neutron : nova)

const named = async (session: Session, id: string): Promise<{ readonly pool: Pool; readonly floating: Floating }> => {
  const pool = await poolOf(session)
  const floating = (await pool.list(session)).find(({ address }) => address.id === id)
  if (floating === undefined) throw notFound(`There is no address ${id}`)
  return { pool, floating }
}

export const addresses: NonNullable<Operations<Session>['addresses']> = {
  list: async session => (await (await poolOf(session)).list(session)).map(({ address }) => address),
  create: async session => (await poolOf(session)).create(session),
  async associate(session, id, instanceId) {
    const { pool, floating } = await named(session, id)
    // Neutron would move it without a word.
    if (floating.address.instanceId !== undefined) throw conflict(`The address ${id} is associated with ${floating.address.instanceId}`)
    await pool.associate(session, floating, instanceId)
  },
  async disassociate(session, id) {
    const { pool, floating } = await named(session, id)
    if (floating.address.instanceId === undefined) throw conflict(`The address ${id} is not associated`)
    await pool.disassociate(session, floating)
  },
  async destroy(session, id) {
    const { pool, floating } = await named(session, id)
    if (floating.address.instanceId !== undefined) throw conflict(`The address ${id} is associated with ${floating.address.instanceId}`)
    await pool.destroy(session, floating)
  },
}
