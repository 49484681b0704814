/** What each action is for: the state in which an instance rests after it. The API's own meaning of them, which no driver declares. */

import type { Action, State } from '../../src/model/state-machine.ts'

export const goals: Readonly<Record<Action, State>> = {
  create: 'running',
  start: 'running',
  reboot: 'running',
  stop: 'stopped',
  destroy: 'finish',
}

const goalOf: ReadonlyMap<string, string> = new Map(Object.entries(goals))

/** Whether an instance that an action was asked for may rest in the state. */
export const isGoal = (action: string, state: string): boolean => goalOf.get(action) === state
