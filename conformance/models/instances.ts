/** Instances of the reference model: launches, actions, and what becomes of what an instance had. */

import type { Realm } from './commands.ts'
import { type Model, type ModelInstance, runningInstance } from './state.ts'
import type { CommandOf, Turn } from './turn.ts'
import { makeVolume } from './volumes.ts'

export const isRealm = (text: string | undefined): text is Realm => text === 'us' || text === 'eu'

/** The sizes that there are. */
const profiles = ['m1-small', 'm1-large', 'm1-xlarge', 'opaque']

export const launch = (turn: Turn, command: CommandOf<'launch'>): string => {
  const { model } = turn
  const { image, realm, firewall, key, profile = 'm1-small', name, snapshot, balancer, count = 1 } = command
  const its = model.images[image]
  if (its === undefined) turn.refuse('bad-request')
  if (its?.passing !== undefined) turn.refuse('conflict')
  if (realm !== undefined && !isRealm(realm)) turn.refuse('bad-request')
  if (firewall !== undefined && model.firewalls[firewall] === undefined) turn.refuse('bad-request')
  if (key !== undefined && model.keys[key] === undefined) turn.refuse('bad-request')
  if (!profiles.includes(profile)) turn.refuse('bad-request')
  if (count < 1) turn.refuse('bad-request')
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
      name: name ?? id,
      profile,
      ...(key === undefined ? {} : { key }),
      launched: model.now,
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
  if (!actionsOf(instance).includes(action === 'terminate' ? 'destroy' : action)) turn.refuse('not-permitted')
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

/** What may be done with an instance now. */
export const actionsOf = ({ state, rebooting }: ModelInstance): readonly string[] => {
  switch (state) {
    case 'running':
      return rebooting === undefined ? ['destroy', 'reboot', 'stop'] : ['destroy', 'stop']
    case 'stopped':
      return ['destroy', 'start']
    case 'pending':
    case 'error':
      return ['destroy']
    case 'stopping':
      return []
  }
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
  const { imageable, state, image } = turn.instance(command.instance)
  if (!imageable || (state !== 'running' && state !== 'stopped')) turn.refuse('conflict')
  const id = turn.newId('img')
  const { images, account, now } = turn.model
  const architecture = images[image]?.architecture
  images[id] = {
    name: id,
    owner: account,
    ...(architecture === undefined ? {} : { architecture }),
    created: now,
    passing: turn.window('image'),
  }
  return id
}
