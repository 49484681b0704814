/** The classic load balancers: API version 2012-06-01. */

import type { LoadBalancer } from '../../../model/resources.ts'
import { type Actions, type Asked, chosen, group, operation } from './asked.ts'
import { dateOf } from './derived.ts'
import { ApiError, notThere } from './errors.ts'
import { smallest } from './listing.ts'
import type { Tree } from './writer.ts'

const balancerTree = (balancer: LoadBalancer): Tree => ({
  LoadBalancerName: balancer.id,
  DNSName: balancer.publicAddresses[0] ?? '',
  ListenerDescriptions: balancer.listeners.map(({ protocol, loadBalancerPort, instancePort }) => ({
    Listener: {
      Protocol: protocol,
      LoadBalancerPort: loadBalancerPort,
      InstanceProtocol: protocol,
      InstancePort: instancePort,
    },
    PolicyNames: [],
  })),
  AvailabilityZones: balancer.realms,
  Subnets: [],
  Instances: balancer.instances.map(id => ({ InstanceId: id })),
  SecurityGroups: [],
  CreatedTime: dateOf(balancer.createdAt),
  Scheme: 'internet-facing',
})

const balancerAt = async (asked: Asked, id: string): Promise<LoadBalancer> => {
  const found = (await group(asked, 'load_balancers').list({})).find(one => one.id === id)
  if (found === undefined) throw notThere('load_balancers', id)
  return found
}

const instancesOf = ({ parameters }: Asked): readonly string[] => parameters.items('Instances').map(one => one.need('InstanceId'))

const members = (balancer: LoadBalancer): Tree => ({ Instances: balancer.instances.map(id => ({ InstanceId: id })) })

/** Load balancers of one answer, as the service has them. */
const most = 400

export const balancerActions: Actions = {
  DescribeLoadBalancers: {
    about: 'load_balancers',
    async answer(asked) {
      const names = asked.parameters.list('LoadBalancerNames')
      const all = chosen('load_balancers', await group(asked, 'load_balancers').list({}), names)
      const marker = asked.parameters.text('Marker')
      const size = names.length > 0 ? undefined : smallest(asked.parameters.number('PageSize'), asked.pageSize, most)
      const from = marker === undefined ? 0 : all.findIndex(({ id }) => id === marker)
      if (from < 0) throw new ApiError('ValidationError', 'The marker is none that was given')
      const to = size === undefined ? all.length : from + Math.max(1, size)
      return { LoadBalancerDescriptions: all.slice(from, to).map(balancerTree), NextMarker: all[to]?.id }
    },
  },
  CreateLoadBalancer: {
    about: 'load_balancers',
    async answer(asked) {
      const { parameters } = asked
      const [listener, ...more] = parameters.items('Listeners')
      if (listener === undefined) throw new ApiError('ValidationError', 'The request must contain the parameter Listeners')
      if (more.length > 0) throw new ApiError('UnsupportedOperation', 'This cloud has one listener for each load balancer')
      const [realmId] = parameters.list('AvailabilityZones')
      if (realmId === undefined) throw new ApiError('ValidationError', 'The request must contain the parameter AvailabilityZones')
      const [loadBalancerPort, instancePort] = [listener.number('LoadBalancerPort'), listener.number('InstancePort')]
      if (loadBalancerPort === undefined || instancePort === undefined) throw new ApiError('ValidationError', 'A listener needs its ports')
      const made = await operation(
        group(asked, 'load_balancers').create,
        'make load balancers',
      )({
        name: parameters.need('LoadBalancerName'),
        realmId,
        listener: { protocol: listener.need('Protocol'), loadBalancerPort, instancePort },
      })
      return { DNSName: made.publicAddresses[0] ?? '' }
    },
  },
  DeleteLoadBalancer: {
    about: 'load_balancers',
    async answer(asked) {
      const id = asked.parameters.need('LoadBalancerName')
      const { list, destroy } = group(asked, 'load_balancers')
      // What isn't there needs no deleting, as the service has it.
      if ((await list({})).some(one => one.id === id)) await operation(destroy, 'destroy load balancers')(id)
      return {}
    },
  },
  RegisterInstancesWithLoadBalancer: {
    about: 'load_balancers',
    async answer(asked) {
      const register = operation(group(asked, 'load_balancers').register, 'register instances')
      let balancer = await balancerAt(asked, asked.parameters.need('LoadBalancerName'))
      for (const id of instancesOf(asked)) balancer = await register(balancer.id, id)
      return members(balancer)
    },
  },
  DeregisterInstancesFromLoadBalancer: {
    about: 'load_balancers',
    async answer(asked) {
      const unregister = operation(group(asked, 'load_balancers').unregister, 'deregister instances')
      let balancer = await balancerAt(asked, asked.parameters.need('LoadBalancerName'))
      for (const id of instancesOf(asked)) balancer = await unregister(balancer.id, id)
      return members(balancer)
    },
  },
  DescribeInstanceHealth: {
    about: 'load_balancers',
    async answer(asked) {
      const balancer = await balancerAt(asked, asked.parameters.need('LoadBalancerName'))
      const running = new Set(((await asked.cloud.instances?.list({})) ?? []).flatMap(({ id, state }) => (state === 'running' ? [id] : [])))
      return {
        InstanceStates: balancer.instances.map(id => ({
          InstanceId: id,
          State: running.has(id) ? 'InService' : 'OutOfService',
          ReasonCode: running.has(id) ? 'N/A' : 'Instance',
          Description: 'N/A',
        })),
      }
    },
  },
}
