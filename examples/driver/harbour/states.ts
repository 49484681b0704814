/** The life of a ship, as Harbour documents it, and what it is in the words of the API. */

import { type InstanceAction, type State, StateMachine } from '../../../src/driver.ts'

export const machine = new StateMachine([
  { from: 'start', to: 'pending', on: 'create' },
  { from: 'pending', to: 'running', on: 'automatically' },
  { from: 'pending', to: 'stopping', on: 'destroy' },
  { from: 'pending', to: 'error', on: 'possibly' },
  { from: 'running', to: 'running', on: 'reboot' },
  { from: 'running', to: 'stopping', on: 'stop' },
  { from: 'running', to: 'stopping', on: 'destroy' },
  { from: 'running', to: 'error', on: 'possibly' },
  { from: 'stopping', to: 'stopped', on: 'automatically' },
  { from: 'stopping', to: 'finish', on: 'automatically' },
  { from: 'stopped', to: 'pending', on: 'start' },
  { from: 'stopped', to: 'finish', on: 'destroy' },
  { from: 'error', to: 'finish', on: 'destroy' },
])

const states: ReadonlyMap<string, State> = new Map([
  ['LAUNCHING', 'pending'],
  ['AFLOAT', 'running'],
  ['REFITTING', 'running'],
  ['MOORING', 'stopping'],
  ['MOORED', 'stopped'],
  ['SINKING', 'stopping'],
  ['SUNK', 'finish'],
  ['WRECKED', 'error'],
])

export const stateOf = (status: string): State | 'unknown' => states.get(status) ?? 'unknown'

/** A ship in the yard can't be refitted again. Undefined where the state says it all. */
export const permittedIn = (status: string): readonly InstanceAction[] | undefined =>
  status === 'REFITTING' ? ['stop', 'destroy'] : undefined
