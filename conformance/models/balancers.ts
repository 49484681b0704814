/** Load balancers of the reference model, and who is registered with them. */

import { isRealm } from './instances.ts'
import type { CommandOf, Turn } from './turn.ts'

export const makeBalancer = (turn: Turn, { name, realm }: CommandOf<'makeBalancer'>): string => {
  if (!isRealm(realm)) turn.refuse('bad-request')
  return turn.unique(turn.model.load_balancers, name, {
    realm: isRealm(realm) ? realm : 'us',
    created: turn.model.now,
    instances: [],
  })
}

export const register = (turn: Turn, { id, instance }: CommandOf<'register'>): string => {
  const balancer = turn.found(turn.model.load_balancers, id)
  const { realm } = turn.instance(instance)
  if (balancer?.instances.includes(instance)) turn.refuse('conflict')
  if (balancer !== undefined && balancer.realm !== realm) turn.refuse('bad-request')
  balancer?.instances.push(instance)
  return ''
}

export const unregister = (turn: Turn, { id, instance }: CommandOf<'unregister'>): string => {
  const balancer = turn.found(turn.model.load_balancers, id)
  if (!balancer?.instances.includes(instance)) turn.refuse('bad-request')
  else balancer.instances = balancer.instances.filter(other => other !== instance)
  return ''
}
