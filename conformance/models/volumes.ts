/** Volumes and snapshots of the reference model. */

import { isRealm } from './instances.ts'
import type { CommandOf, Turn } from './turn.ts'

export const makeVolume = (turn: Turn, { capacity, snapshot, realm }: CommandOf<'makeVolume'>): string => {
  const { model } = turn
  const source = snapshot === undefined ? undefined : model.storage_snapshots[snapshot]
  if (snapshot !== undefined && source === undefined) turn.refuse('bad-request')
  if (source?.passing !== undefined) turn.refuse('conflict')
  if (realm !== undefined && !isRealm(realm)) turn.refuse('bad-request')
  const least = source?.capacity ?? 1
  const size = capacity ?? least
  if (!Number.isInteger(size) || size < least || size > 16384) turn.refuse('bad-request')
  turn.within('storage_volumes', 1)
  const id = turn.newId('vol')
  model.storage_volumes[id] = { name: id, capacity: size, realm: isRealm(realm) ? realm : 'us', created: model.now }
  return id
}

export const attach = (turn: Turn, { id, instance: to, device }: CommandOf<'attach'>): string => {
  const volume = turn.found(turn.model.storage_volumes, id)
  const instance = turn.instance(to)
  if (volume?.instance !== undefined) turn.refuse('conflict')
  if (instance.state !== 'running' && instance.state !== 'stopped') turn.refuse('conflict')
  if (instance.volumes.some(mount => mount.device === device)) turn.refuse('conflict')
  if (volume !== undefined && volume.realm !== instance.realm) turn.refuse('bad-request')
  Object.assign(volume ?? {}, { instance: to, device })
  instance.volumes = [...instance.volumes, { id, device }]
  return ''
}

export const detach = (turn: Turn, id: string): string => {
  const volume = turn.found(turn.model.storage_volumes, id)
  if (volume?.instance === undefined) {
    turn.refuse('conflict')
    return ''
  }
  const instance = turn.model.instances[volume.instance]
  if (instance !== undefined) instance.volumes = instance.volumes.filter(mount => mount.id !== id)
  delete volume.instance
  delete volume.device
  return ''
}

export const removeVolume = (turn: Turn, id: string): string => {
  if (turn.found(turn.model.storage_volumes, id)?.instance !== undefined) turn.refuse('conflict')
  return turn.drop(turn.model.storage_volumes, id)
}

export const makeSnapshot = (turn: Turn, command: CommandOf<'makeSnapshot'>): string => {
  const volume = turn.model.storage_volumes[command.volume]
  if (volume === undefined) turn.refuse('bad-request')
  const id = turn.newId('snap')
  const { storage_snapshots: all, now } = turn.model
  all[id] = { volume: command.volume, capacity: volume?.capacity ?? 0, created: now, passing: turn.window('snapshot') }
  return id
}
