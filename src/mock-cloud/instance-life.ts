/** An instance's life: how an action moves it, and what happens when a move is over. */

import { notPermitted } from '../model/errors.ts'
import type { Instance } from '../model/resources.ts'
import type { InstanceAction, State } from '../model/state-machine.ts'
import { free } from './collections/addresses.ts'
import { enlist } from './collections/firewalls.ts'
import { leave } from './collections/load-balancers.ts'
import { unplug } from './collections/network-interfaces.ts'
import { unfasten } from './collections/volumes.ts'
import { releaseId } from './ids.ts'
import { draw } from './lifecycle.ts'
import type { Latencies } from './personality.ts'
import type { InstanceKept, Records } from './records.ts'
import type { Turn } from './tenant.ts'

type InstanceRecord = Records['instances']

/** The latency of the way out of a state that nobody stays in. */
const latencyOf: Readonly<Partial<Record<State, keyof Latencies>>> = { pending: 'boot', stopping: 'stop' }

/**
 * Takes an action on an instance.
 * @returns what's there right after; undefined where that was its end.
 * @throws CloudError `not-permitted` where its state doesn't allow it.
 */
export const act = async (turn: Turn, record: InstanceRecord, action: InstanceAction): Promise<Instance | undefined> => {
  const { machine } = turn.personality
  const { state, permits } = record.shown
  const to = machine.target(state, action)
  if (to === undefined || permits?.includes(action) === false) throw notPermitted()
  return to === state ? linger(turn, record, action) : go(turn, record, to, action)
}

/** Moves an instance into a state, and on for as long as that takes no time. */
export const go = async (
  turn: Turn,
  record: InstanceRecord,
  to: State,
  doing: InstanceAction | 'create',
): Promise<Instance | undefined> => {
  if (to === 'finish') {
    await end(turn, record)
    return undefined
  }
  const next = onward(turn, to, doing)
  const moves = record.kept.moves + 1
  const latency = latencyOf[to]
  const takes =
    next === undefined || latency === undefined
      ? 0
      : draw(turn, turn.personality.latencies[latency], 'instances', record.shown.id, latency, moves)
  if (next !== undefined && takes === 0) return go(turn, { ...record, kept: { ...record.kept, moves } }, next, doing)
  const shown = inState(record, to, next === undefined ? undefined : doing)
  const kept: InstanceKept = {
    ...withoutGoal(record.kept),
    moves,
    ...(to === 'running' ? { since: turn.now } : {}),
    ...(next === undefined ? {} : { becomes: next }),
  }
  await turn.tx.put('instances', { shown, kept, ...(next === undefined ? {} : { due: turn.now + takes }) })
  return shown
}

/** What an instance that is due has come to. */
export const arriveInstance = async (turn: Turn, record: InstanceRecord): Promise<void> => {
  const { becomes } = record.kept
  if (becomes === undefined || becomes === 'unknown') {
    await turn.tx.put('instances', { shown: inState(record, record.shown.state), kept: withoutGoal(record.kept) })
  } else {
    // A machine's automatic state that leads on by itself goes on for the same reason.
    await go(turn, record, becomes, record.shown.doing === 'destroy' ? 'destroy' : 'create')
  }
}

/** An action that leaves the state as it is, but takes its time: a reboot. */
const linger = async (turn: Turn, record: InstanceRecord, action: InstanceAction): Promise<Instance> => {
  const moves = record.kept.moves + 1
  const takes = action === 'reboot' ? draw(turn, turn.personality.latencies.reboot, 'instances', record.shown.id, 'reboot', moves) : 0
  if (takes === 0) return record.shown
  const permits = turn.personality.machine.actions(record.shown.state).filter(other => other !== action)
  const shown: Instance = { ...record.shown, doing: action, permits }
  await turn.tx.put('instances', { shown, kept: { ...withoutGoal(record.kept), moves }, due: turn.now + takes })
  return shown
}

/** Where a state leads by itself. A machine may say two ways: the end is for what was destroyed. */
const onward = ({ personality }: Turn, state: State, doing: string): State | undefined => {
  const ways = personality.machine.from(state).filter(t => t.on === 'automatically')
  const isEnd = doing === 'destroy'
  return (ways.find(t => (t.to === 'finish') === isEnd) ?? ways[0])?.to
}

const inState = ({ shown, kept }: InstanceRecord, state: Instance['state'], doing?: string): Instance => {
  const { doing: _, permits: __, canCreateImage: ___, ...rest } = shown
  const canCreateImage = kept.imageable && (state === 'running' || state === 'stopped')
  return { ...rest, state, ...(doing === undefined ? {} : { doing }), ...(canCreateImage ? { canCreateImage } : {}) }
}

const withoutGoal = ({ becomes: _, ...kept }: InstanceKept): InstanceKept => kept

/** The end of an instance: all that it had is free again. */
const end = async (turn: Turn, { shown, kept }: InstanceRecord): Promise<void> => {
  const { tx } = turn
  for (const { id } of shown.storageVolumes) {
    const volume = await tx.show('storage_volumes', id)
    if (volume?.instanceId === shown.id) await unfasten(turn, id)
  }
  for (const id of kept.addresses) await free(turn, id)
  for (const id of shown.networkInterfaces ?? []) await unplug(turn, id)
  for (const id of shown.firewalls ?? []) await enlist(turn, id, -1)
  for (const id of kept.loadBalancers) {
    const balancer = await tx.get('load_balancers', id)
    if (balancer !== undefined) await leave(turn, balancer, shown.id)
  }
  await tx.remove('instances', shown.id)
  await releaseId(turn, 'instances', turn.personality.ids.instances, shown.id)
}
