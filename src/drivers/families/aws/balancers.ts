/** Load balancers: the classic ones. */

import type { LoadBalancerDescription } from '@aws-sdk/client-elastic-load-balancing'
import { notFound } from '../../../model/errors.ts'
import type { LoadBalancer } from '../../../model/resources.ts'
import { byId, type Operations } from '../../driver.ts'
import { asReference, unlessMissing } from './errors.ts'
import { loadBalancers as balancerNames, checkName } from './names.ts'
import { need, paged, present, some, timeOf, withIds } from './native.ts'
import { partsOf } from './realms.ts'
import type { Session } from './session.ts'

export const balancerOf = (balancer: LoadBalancerDescription): LoadBalancer =>
  present({
    id: need(balancer.LoadBalancerName, 'LoadBalancerName'),
    createdAt: timeOf(balancer.CreatedTime),
    realms: balancer.AvailabilityZones ?? [],
    listeners: (balancer.ListenerDescriptions ?? []).flatMap(({ Listener: listener }) =>
      listener === undefined
        ? []
        : [
            {
              protocol: need(listener.Protocol, 'Protocol'),
              loadBalancerPort: need(listener.LoadBalancerPort, 'LoadBalancerPort'),
              instancePort: need(listener.InstancePort, 'InstancePort'),
            },
          ],
    ),
    instances: (balancer.Instances ?? []).map(({ InstanceId: id }) => need(id, 'InstanceId')),
    publicAddresses: [balancer.DNSName].flatMap(name => some(name) ?? []),
  })

const balancersOf = ({ context }: Session, found: readonly LoadBalancerDescription[] | undefined): readonly LoadBalancer[] =>
  withIds(found, 'load balancer', context, one => one.LoadBalancerName).map(balancerOf)

const get = async (session: Session, id: string): Promise<LoadBalancer | undefined> => {
  const answer = await unlessMissing(session.elb(client => client.describeLoadBalancers({ LoadBalancerNames: [id] })))
  return balancersOf(session, answer?.LoadBalancerDescriptions).find(balancer => balancer.id === id)
}

/** @throws CloudError `not-found` */
const again = async (session: Session, id: string): Promise<LoadBalancer> => {
  const balancer = await get(session, id)
  if (balancer === undefined) throw notFound()
  return balancer
}

export const loadBalancers: NonNullable<Operations<Session>['load_balancers']> = {
  ...byId(
    async session =>
      paged(async token => {
        const answer = await session.elb(client => client.describeLoadBalancers(token === undefined ? {} : { Marker: token }))
        return { items: balancersOf(session, answer.LoadBalancerDescriptions), next: answer.NextMarker }
      }),
    get,
  ),
  async create(session, { name, realmId, listener }) {
    await checkName(name, balancerNames, () => session.elb(client => client.describeLoadBalancers({ PageSize: 1 })))
    const { zone, subnet } = partsOf(realmId)
    await asReference(
      session.elb(client =>
        client.createLoadBalancer({
          LoadBalancerName: name,
          ...(subnet !== undefined ? { Subnets: [subnet] } : zone === undefined ? {} : { AvailabilityZones: [zone] }),
          Listeners: [{ Protocol: listener.protocol, LoadBalancerPort: listener.loadBalancerPort, InstancePort: listener.instancePort }],
        }),
      ),
    )
    return again(session, name)
  },
  async register(session, id, instanceId) {
    await again(session, id)
    await asReference(
      session.elb(client => client.registerInstancesWithLoadBalancer({ LoadBalancerName: id, Instances: [{ InstanceId: instanceId }] })),
    )
    return again(session, id)
  },
  async unregister(session, id, instanceId) {
    await again(session, id)
    await asReference(
      session.elb(client => client.deregisterInstancesFromLoadBalancer({ LoadBalancerName: id, Instances: [{ InstanceId: instanceId }] })),
    )
    return again(session, id)
  },
  async destroy(session, id) {
    // The service says yes to deleting what isn't there.
    await again(session, id)
    await session.elb(client => client.deleteLoadBalancer({ LoadBalancerName: id }))
  },
}
