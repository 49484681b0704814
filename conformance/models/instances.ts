/** Instances of the reference model: launches, actions, and what becomes of what an instance had. */

import type { Realm } from './commands.ts'
import { type Model, type ModelInstance, runningInstance } from './state.ts'
import type { CommandOf, Turn } from './turn.ts'
import { makeVolume } from './volumes.ts'

export const isRealm = (text: string | undefined): text is Realm => text === 'us' || text === 'eu'

export const launch = (turn: Turn, { image, realm, firewall, key, snapshot, balancer, count = 1 }: CommandOf<'launch'>): string => {
  const { model } = turn
  const its = model.images[image]
  if (its === undefined) turn.refuse('bad-request')
  if (its?.passing !== undefined) turn.refuse('conflict')
  if (realm !== undefined && !isRealm(realm)) turn.refuse('bad-request')
  if (firewall !== undefined && model.firewalls[firewall] === undefined) turn.refuse('bad-request')
  if (key !== undefined && model.keys[key] === undefined) turn.refuse('bad-request')
  const place = isRealm(realm) ? realm : 'us'
  turn.within('instances', count)
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    const id = turn.newId('inst')
    ids.push(id)
    const instance: ModelInstance = {
      ...runningInstance(image),
      state: 'pending',
      realm: place,
      firewalls: firewall === undefined ? [] : [firewall],
      ...coming(turn),
    }
    model.instances[id] = instance
    if (snapshot !== undefined) {
      const volume = makeVolume(turn, { op: 'makeVolume', snapshot, ...(realm === undefined ? {} : { realm }) })
      instance.volumes.push({ id: volume, device: '/dev/sdc' })
      Object.assign(model.storage_volumes[volume] ?? {}, { instance: id, device: '/dev/sdc' })
    }
    if (balancer !== undefined) {
      const its = model.load_balancers[balancer]
      if (its === undefined || its.realm !== place) turn.refuse('bad-request')
      its?.instances.push(id)
    }
  }
  return ids.join()
}

export const act = (turn: Turn, action: 'start' | 'stop' | 'reboot' | 'terminate', id: string): string => {
  const instance = turn.found(turn.model.instances, id)
  if (instance === undefined) return ''
  const { state } = instance
  const permitted: Readonly<Record<typeof action, readonly string[]>> = {
    start: ['stopped'],
    stop: ['running'],
    reboot: instance.rebooting === undefined ? ['running'] : [],
    terminate: ['pending', 'running', 'stopped', 'error'],
  }
  if (!permitted[action].includes(state)) turn.refuse('not-permitted')
  else if (action === 'reboot') instance.rebooting = turn.window('reboot')
  else if (action === 'terminate' && (state === 'stopped' || state === 'error')) endInstance(turn.model, id)
  else {
    delete instance.rebooting
    delete instance.passing
    if (action === 'start') Object.assign(instance, { state: 'pending', ...coming(turn) })
    else
      Object.assign(instance, {
        state: 'stopping',
        passing: { to: action === 'stop' ? 'stopped' : 'gone', ...turn.window('stop') },
      })
  }
  return ''
}

/** What a boot comes to. */
const coming = (turn: Turn): Pick<ModelInstance, 'passing'> => {
  if (turn.boot === 'sticks') return {}
  return { passing: { to: turn.boot === 'fails' ? 'error' : 'running', ...turn.window('boot') } }
}

/** The end of an instance: all that it had is free again. */
export const endInstance = (model: Model, id: string): void => {
  const instance = model.instances[id]
  if (instance === undefined) return
  for (const volume of instance.volumes) {
    const its = model.storage_volumes[volume.id]
    delete its?.instance
    delete its?.device
  }
  for (const one of instance.interfaces) delete model.network_interfaces[one]
  if (instance.address !== undefined) delete model.addresses[instance.address]?.instance
  for (const balancer of Object.values(model.load_balancers)) balancer.instances = balancer.instances.filter(other => other !== id)
  delete model.instances[id]
}

export const makeImage = (turn: Turn, command: CommandOf<'makeImage'>): string => {
  const { imageable, state } = turn.instance(command.instance)
  if (!imageable || (state !== 'running' && state !== 'stopped')) turn.refuse('conflict')
  const id = turn.newId('img')
  turn.model.images[id] = { passing: turn.window('image') }
  return id
}
