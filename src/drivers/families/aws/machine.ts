/** The life of an instance, as EC2 documents it, and what its states are in the words of the API. */

import type { InstanceState } from '../../../model/resources.ts'
import { type InstanceAction, StateMachine } from '../../../model/state-machine.ts'

/** A launch that fails goes straight to its end; a host that fails stops what it can. What is stopping can end, too: then it was terminated. */
export const machine = new StateMachine([
  { from: 'start', to: 'pending', on: 'create' },
  { from: 'pending', to: 'running', on: 'automatically' },
  { from: 'pending', to: 'stopping', on: 'destroy' },
  { from: 'pending', to: 'finish', on: 'possibly' },
  { from: 'running', to: 'running', on: 'reboot' },
  { from: 'running', to: 'stopping', on: 'stop' },
  { from: 'running', to: 'stopping', on: 'destroy' },
  { from: 'running', to: 'stopping', on: 'possibly' },
  { from: 'stopping', to: 'stopped', on: 'automatically' },
  { from: 'stopping', to: 'finish', on: 'automatically' },
  { from: 'stopping', to: 'finish', on: 'destroy' },
  { from: 'stopped', to: 'pending', on: 'start' },
  { from: 'stopped', to: 'finish', on: 'destroy' },
])

interface Meaning {
  readonly state: InstanceState
  readonly doing?: string
  /** Where EC2 allows less than the state says. */
  readonly permits?: readonly InstanceAction[]
}

const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['pending', { state: 'pending', doing: 'create' }],
  ['running', { state: 'running' }],
  ['stopping', { state: 'stopping', doing: 'stop' }],
  ['stopped', { state: 'stopped' }],
  ['shutting-down', { state: 'stopping', doing: 'destroy', permits: [] }],
  ['terminated', { state: 'finish' }],
])

export const meaningOf = (native: string): Meaning => meanings.get(native) ?? { state: 'unknown' }

export const stateOf = (native: string): InstanceState => meaningOf(native).state

/** What an instance without a volume to start from allows: what is stopped there is gone. */
export const permitsWithoutVolume: readonly InstanceAction[] = ['reboot', 'destroy']
