/** An instance's life: how an action moves it, and what happens when a move is over. */

import { notPermitted } from '../model/errors.ts'
import type { Instance } from '../model/resources.ts'
import { type Action, actions, type InstanceAction, type State } from '../model/state-machine.ts'
import { duration } from './becoming.ts'
import { free } from './collections/addresses.ts'
import { enlist } from './collections/firewalls.ts'
import { leave } from './collections/load-balancers.ts'
import { unplug } from './collections/network-interfaces.ts'
import { unfasten } from './collections/volumes.ts'
import { releaseId } from './ids.ts'
import { waited } from './latency.ts'
import type { InstanceKept, Records } from './records.ts'
import type { Fate } from './rules.ts'
import type { Turn } from './tenant.ts'
import { type Latencies, textureOf } from './texture.ts'

type InstanceRecord = Records['instances']

/** What the way out of a state takes that nobody stays in. */
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
export const go = async (turn: Turn, record: InstanceRecord, to: State, doing: Action): Promise<Instance | undefined> => {
  if (to === 'finish') return end(turn, record)
  const { id } = record.shown
  const next = onward(turn, to, doing)
  const kept: InstanceKept = {
    ...withoutGoal(record.kept),
    moves: record.kept.moves + 1,
    ...(to === 'running' ? { since: turn.now } : {}),
  }
  if (next === undefined) return rest(turn, { shown: inState(record, to), kept })
  const outcome = outcomeOf(turn, id, to, kept.moves)
  const isEnding = doing === 'destroy' && turn.personality.machine.actions(to).length > 0
  const shown: Instance = { ...inState(record, to, doing), ...(isEnding ? { permits: [] } : {}) }
  if (outcome === 'stuck') {
    await turn.tx.put('instances', { shown, kept })
    return shown
  }
  const becomes = outcome === 'fails' ? (failureOf(turn, to) ?? next) : next
  const latency = latencyOf[to]
  const takes = latency === undefined ? 0 : duration(turn, latency, 'instances', id, latency, kept.moves)
  if (takes === 0) return go(turn, { ...record, kept }, becomes, doing)
  await turn.tx.put('instances', { shown, kept: { ...kept, becomes }, due: turn.now + takes })
  return shown
}

/** What an instance that is due has come to. */
export const arriveInstance = async (turn: Turn, record: InstanceRecord): Promise<void> => {
  const { shown, kept } = record
  if (kept.becomes !== undefined && kept.becomes !== 'unknown') {
    // A machine's automatic state that leads on by itself goes on for the same reason.
    await go(turn, record, kept.becomes, actions.find(action => action === shown.doing) ?? 'create')
  } else if (shown.state === 'finish') {
    await remove(turn, shown.id)
  } else if (shown.doing !== undefined) {
    await turn.tx.put('instances', { shown: inState(record, shown.state), kept, ...dueToDie(turn, kept) })
  } else {
    // By itself, as far as anyone can tell: whoever looks finds it being stopped, or dead.
    await go(turn, record, failureOf(turn, shown.state) ?? 'error', 'stop')
  }
}

/** An action that leaves the state as it is, but takes its time: a reboot. */
const linger = async (turn: Turn, record: InstanceRecord, action: InstanceAction): Promise<Instance> => {
  const { id, state } = record.shown
  const moves = record.kept.moves + 1
  const takes = action === 'reboot' ? duration(turn, 'reboot', 'instances', id, 'reboot', moves) : 0
  const isStuck = action === 'reboot' && outcomeOf(turn, id, state, moves) === 'stuck'
  if (takes === 0 && !isStuck) return record.shown
  const { machine, whileRebooting } = turn.personality
  const permits = machine.actions(state).filter(other => whileRebooting?.includes(other) ?? other !== action)
  const { canCreateImage, ...rest } = record.shown
  const isImageable = canCreateImage === true && whileRebooting?.includes('stop') !== false
  const shown: Instance = { ...rest, doing: action, permits, ...(isImageable ? { canCreateImage } : {}) }
  await turn.tx.put('instances', { shown, kept: { ...record.kept, moves }, ...(isStuck ? {} : { due: turn.now + takes }) })
  return shown
}

/** Puts an instance down in a state that it may stay in, until it dies. */
const rest = async (turn: Turn, { shown, kept }: InstanceRecord): Promise<Instance> => {
  const { lifetime } = textureOf(turn.tx, turn.personality).troubles
  const isMortal = lifetime > 0 && shown.state === 'running' && failureOf(turn, 'running') !== undefined
  const dies = turn.now + waited(lifetime * 1000, turn.draws.fraction('instances', shown.id, 'death', kept.moves))
  const mortal = isMortal ? { ...kept, dies } : kept
  await turn.tx.put('instances', { shown, kept: mortal, ...dueToDie(turn, mortal) })
  return shown
}

const dueToDie = ({ now }: Turn, { dies }: InstanceKept): { due?: number } => (dies === undefined ? {} : { due: Math.max(dies, now) })

/** How a boot or a reboot ends, where that isn't well. Nothing sticks that nobody could destroy. */
const outcomeOf = (turn: Turn, id: string, state: State | 'unknown', moves: number): Fate['outcome'] => {
  if (state !== 'pending' && state !== 'running') return undefined
  const { failing, sticking } = textureOf(turn.tx, turn.personality).troubles
  const isDrawn = (purpose: string, share: number): boolean => share > 0 && turn.draws.fraction('instances', id, purpose, moves) < share
  const outcome = turn.fate?.outcome ?? (isDrawn('failing', failing) ? 'fails' : isDrawn('sticking', sticking) ? 'stuck' : undefined)
  return outcome === 'stuck' && !turn.personality.machine.actions(state).includes('destroy') ? undefined : outcome
}

/** Where a failure leads from a state. */
const failureOf = ({ personality }: Turn, state: string): State | undefined =>
  personality.machine.from(state).find(({ on }) => on === 'possibly')?.to

/** Where a state leads by itself. A machine may say several ways: then what is being done says which, and the end is for what is destroyed. */
const onward = ({ personality }: Turn, state: State, doing: Action): State | undefined => {
  const ways = personality.machine.from(state).filter(t => t.on === 'automatically')
  return (ways.find(t => t.to === goals[doing]) ?? ways.find(t => t.to !== 'finish') ?? ways[0])?.to
}

const goals: Readonly<Partial<Record<Action, State>>> = { start: 'running', stop: 'stopped', destroy: 'finish' }

const inState = ({ shown, kept }: InstanceRecord, state: Instance['state'], doing?: string): Instance => {
  const { doing: _, permits: __, canCreateImage: ___, ...rest } = shown
  const canCreateImage = kept.imageable && (state === 'running' || state === 'stopped')
  return { ...rest, state, ...(doing === undefined ? {} : { doing }), ...(canCreateImage ? { canCreateImage } : {}) }
}

const withoutGoal = ({ becomes: _, dies: __, ...kept }: InstanceKept): InstanceKept => kept

/** The end of an instance: all that it had is free again. Some clouds show it for a while yet. */
const end = async (turn: Turn, record: InstanceRecord): Promise<Instance | undefined> => {
  const { shown, kept } = record
  await giveBack(turn, record)
  const takes = duration(turn, 'removal', 'instances', shown.id, 'removal')
  if (takes === 0) {
    await remove(turn, shown.id)
    return undefined
  }
  const { firewalls: _, networkInterfaces: __, ...rest } = inState(record, 'finish')
  const last: Instance = { ...rest, publicAddresses: [], privateAddresses: [], storageVolumes: [] }
  await turn.tx.put('instances', {
    shown: last,
    kept: { ...withoutGoal(kept), ownAddresses: [], addresses: [], loadBalancers: [] },
    due: turn.now + takes,
  })
  return last
}

const giveBack = async (turn: Turn, { shown, kept }: InstanceRecord): Promise<void> => {
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
}

const remove = async (turn: Turn, id: string): Promise<void> => {
  await turn.tx.remove('instances', id)
  await releaseId(turn, 'instances', turn.personality.ids.instances, id)
}
