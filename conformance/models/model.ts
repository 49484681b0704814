/**
 * What the default mock cloud does, written from the API's documents and the tables of the mock cloud's data, and from nothing of its code:
 * plain data and one function that carries a command out. Of time it knows no more than how long things take at least and at most.
 */

import type { ErrorKind } from '../../src/model/errors.ts'
import { makeBalancer, register, unregister } from './balancers.ts'
import { putBlob, readBlob, removeBlob, removeBucket } from './buckets.ts'
import type { Command } from './commands.ts'
import { makeRule, removeFirewall, removeRule } from './firewalls.ts'
import { act, launch, makeImage } from './instances.ts'
import { makeKey } from './keys.ts'
import {
  associate,
  disassociate,
  makeAddress,
  makeInterface,
  makeNetwork,
  makeSubnet,
  removeAddress,
  removeInterface,
  removeNetwork,
  removeSubnet,
} from './networks.ts'
import type { Model } from './state.ts'
import { Turn } from './turn.ts'
import { attach, detach, makeSnapshot, makeVolume, removeVolume } from './volumes.ts'

export { createModel, type Model, type Quota } from './state.ts'

/** What came of a command: what it told, or the kinds of error that it may be refused with. */
export type Outcome = { readonly told: string } | { readonly refused: readonly ErrorKind[] }

/** Carries a command out, unless it's refused: then nothing has changed but that a fault was met. */
export const apply = (model: Model, command: Command): Outcome => {
  const draft = structuredClone(model)
  const outcome = carryOut(draft, command)
  if ('told' in outcome) {
    delete model.fault
    Object.assign(model, draft)
  } else if (meetsFault(model, command)) delete model.fault
  return outcome
}

/** Whether a command is the call that a fault waits for. */
const meetsFault = ({ fault }: Model, { op }: Command): boolean => {
  if (fault === undefined) return false
  return 'boot' in fault ? op === 'launch' || op === 'start' : fault.operation === op
}

const carryOut = (model: Model, command: Command): Outcome => {
  const { fault } = model
  const isMet = meetsFault(model, command)
  if (isMet && fault !== undefined && 'kind' in fault) return { refused: [fault.kind] }
  if (isMet) delete model.fault
  const refused: ErrorKind[] = []
  const told = take(new Turn(model, refused, isMet && fault !== undefined && 'boot' in fault ? fault.boot : undefined), command)
  return refused.length > 0 ? { refused } : { told }
}

const take = (turn: Turn, command: Command): string => {
  const { model } = turn
  switch (command.op) {
    case 'launch':
      return launch(turn, command)
    case 'start':
    case 'stop':
    case 'reboot':
    case 'terminate':
      return act(turn, command.op, command.id)
    case 'show':
      return model.instances[command.id]?.state ?? 'absent'
    case 'makeImage':
      return makeImage(turn, command)
    case 'removeImage':
      return turn.drop(model.images, command.id)
    case 'makeKey':
      return makeKey(turn, command)
    case 'removeKey':
      return turn.drop(model.keys, command.id)
    case 'makeVolume':
      return makeVolume(turn, command)
    case 'attach':
      return attach(turn, command)
    case 'detach':
      return detach(turn, command.id)
    case 'removeVolume':
      return removeVolume(turn, command.id)
    case 'makeSnapshot':
      return makeSnapshot(turn, command)
    case 'removeSnapshot':
      return turn.drop(model.storage_snapshots, command.id)
    case 'makeBucket':
      turn.within('buckets', 1)
      return turn.unique(model.buckets, command.name, {})
    case 'removeBucket':
      return removeBucket(turn, command.id)
    case 'putBlob':
      return putBlob(turn, command)
    case 'readBlob':
      return readBlob(turn, command)
    case 'removeBlob':
      return removeBlob(turn, command)
    case 'makeAddress':
      return makeAddress(turn)
    case 'associate':
      return associate(turn, command)
    case 'disassociate':
      return disassociate(turn, command.id)
    case 'removeAddress':
      return removeAddress(turn, command.id)
    case 'makeFirewall':
      return turn.unique(model.firewalls, command.name, { made: 0, rules: {} })
    case 'makeRule':
      return makeRule(turn, command)
    case 'removeRule':
      return removeRule(turn, command)
    case 'removeFirewall':
      return removeFirewall(turn, command.id)
    case 'makeBalancer':
      return makeBalancer(turn, command)
    case 'register':
      return register(turn, command)
    case 'unregister':
      return unregister(turn, command)
    case 'removeBalancer':
      return turn.drop(model.load_balancers, command.id)
    case 'makeNetwork':
      return makeNetwork(turn, command)
    case 'removeNetwork':
      return removeNetwork(turn, command.id)
    case 'makeSubnet':
      return makeSubnet(turn, command)
    case 'removeSubnet':
      return removeSubnet(turn, command.id)
    case 'makeInterface':
      return makeInterface(turn, command)
    case 'removeInterface':
      return removeInterface(turn, command.id)
  }
}
