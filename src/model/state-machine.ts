/** The life of an instance: the states it passes through, and what moves it. */

export const states = ['start', 'pending', 'running', 'stopping', 'stopped', 'finish', 'error'] as const
export type State = (typeof states)[number]

export const actions = ['create', 'reboot', 'stop', 'start', 'destroy'] as const
export type Action = (typeof actions)[number]

/** Actions that a client can take on an instance that is there. */
export type InstanceAction = Exclude<Action, 'create'>

/**
 * One move: `on` an action, `automatically` (the provider will do it by itself) or `possibly` (it may: a failure).
 */
export interface Transition {
  readonly from: State
  readonly to: State
  readonly on: Action | 'automatically' | 'possibly'
}

/** A declared machine. States are in the order in which the transitions first mention them. */
export class StateMachine {
  readonly transitions: readonly Transition[]
  readonly states: readonly State[]
  private readonly outOf: ReadonlyMap<string, readonly Transition[]>
  private readonly actionsOf: ReadonlyMap<string, readonly InstanceAction[]>

  /** @throws TypeError where a state or an action isn't one of the API's. */
  constructor(transitions: readonly Transition[]) {
    for (const { from, to, on } of transitions) {
      for (const state of [from, to]) {
        if (!states.includes(state)) throw new TypeError(`State '${state}' not in list of allowed states`)
      }
      if (on !== 'automatically' && on !== 'possibly' && !actions.includes(on)) {
        throw new TypeError(`Action '${on}' not in list of allowed actions`)
      }
    }
    this.transitions = transitions
    this.states = [...new Set(transitions.flatMap(t => [t.from, t.to]))]
    this.outOf = new Map(this.states.map(state => [state, transitions.filter(t => t.from === state)]))
    this.actionsOf = new Map(
      this.states.map(state => [state, [...new Set(this.from(state).flatMap(t => (isInstanceAction(t.on) ? [t.on] : [])))]]),
    )
  }

  /** The transitions out of a state, in order of declaration; none for a state that isn't declared. */
  from(state: string): readonly Transition[] {
    return this.outOf.get(state) ?? []
  }

  /** The actions that a state permits, each once, in order of declaration; none for a state that isn't declared. */
  actions(state: string): readonly InstanceAction[] {
    return this.actionsOf.get(state) ?? []
  }

  /** Where an action leads from a state; undefined where it isn't permitted. A machine may have several (profitbricks): the first. */
  target(state: string, action: Action): State | undefined {
    return this.from(state).find(t => t.on === action)?.to
  }

  /** True where nothing leads out of the state automatically. */
  isStable(state: string): boolean {
    return !this.from(state).some(t => t.on === 'automatically')
  }

  /** The states that can be reached from a state, itself included, by any transition that `by` accepts. */
  reachable(from: State, by: (t: Transition) => boolean = () => true): ReadonlySet<State> {
    const seen = new Set<State>([from])
    for (const state of seen) {
      for (const t of this.from(state)) if (by(t)) seen.add(t.to)
    }
    return seen
  }

  /**
   * What is wrong with the machine (law S0): a state that can't be reached from `start`, one from which `finish` can't be reached,
   * or a loop of automatic transitions alone.
   * @returns sentences; none for a sound machine.
   */
  flaws(): string[] {
    const found: string[] = []
    const fromStart = this.reachable('start')
    const automatically = (t: Transition): boolean => t.on === 'automatically'
    for (const state of this.states) {
      if (!fromStart.has(state)) found.push(`${state} can't be reached from start`)
      if (!this.reachable(state).has('finish')) found.push(`finish can't be reached from ${state}`)
      if (this.from(state).some(t => automatically(t) && this.reachable(t.to, automatically).has(state))) {
        // Two automatic ways out of one state (after a stop, after a destroy) are no loop: only a way back is.
        found.push(`${state} comes back to itself automatically`)
      }
    }
    return found
  }
}

const isInstanceAction = (on: Transition['on']): on is InstanceAction =>
  on === 'reboot' || on === 'stop' || on === 'start' || on === 'destroy'
