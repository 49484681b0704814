/** What the cases of a law touched: collections that were asked, states that instances were seen in, and moves between them. */

import type { Coverage, Tally } from './results.ts'
import { addTallies, tallyOf } from './statistics.ts'

type Counts = Map<string, number>

/** Of one case; counted only once the case is judged. */
export class Observations {
  private readonly collections: Counts = new Map()
  private readonly states: Counts = new Map()
  private readonly transitions: Counts = new Map()
  private readonly rows: Counts = new Map()
  private operations: Readonly<Record<string, Tally>> = {}
  private actions: Readonly<Record<string, Tally>> = {}

  /** A collection of the API was asked and answered. */
  collection(name: string): void {
    add(this.collections, name)
  }

  /** An instance was seen in a state, in lower case. */
  state(name: string): void {
    add(this.states, name)
  }

  /** An instance was seen to move. @param on an action, `automatically` or `possibly` */
  transition(from: string, on: string, to: string): void {
    add(this.transitions, `${from} ${on} ${to}`)
  }

  /** A row of the driver's shapes was held against a document. */
  row(key: string): void {
    add(this.rows, key)
  }

  /** An operation was asked for. @param name `instances.stop` @param state that the instance was last seen in, where that is known */
  request(name: string, status: number, state: string | undefined): void {
    const tally = tallyOf(status)
    this.operations = addTallies(this.operations, { [name]: tally })
    if (state !== undefined) this.actions = addTallies(this.actions, { [`${state} ${name.slice(name.indexOf('.') + 1)}`]: tally })
  }

  /** All of it, as one case. */
  coverage(): Coverage {
    return {
      cases: 1,
      collections: countOnce(this.collections),
      states: countOnce(this.states),
      transitions: countOnce(this.transitions),
      ...(this.rows.size === 0 ? {} : { rows: countOnce(this.rows) }),
      ...(Object.keys(this.operations).length === 0 ? {} : { operations: this.operations }),
      ...(Object.keys(this.actions).length === 0 ? {} : { actions: this.actions }),
    }
  }
}

const add = (counts: Counts, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** A case counts once for whatever it touches, however often it does. */
const countOnce = (counts: Counts): Record<string, number> => Object.fromEntries([...counts.keys()].map(name => [name, 1]))

export const nothingSeen: Coverage = { cases: 0, collections: {}, states: {}, transitions: {} }

/** Coverage of cases taken together. */
export const addCoverage = (a: Coverage, b: Coverage): Coverage => {
  const date = [a.date, b.date]
    .filter(day => day !== undefined)
    .sort()
    .at(-1)
  return {
    cases: a.cases + b.cases,
    collections: addCounts(a.collections, b.collections),
    states: addCounts(a.states, b.states),
    transitions: addCounts(a.transitions, b.transitions),
    ...(a.rows === undefined && b.rows === undefined ? {} : { rows: addCounts(a.rows ?? {}, b.rows ?? {}) }),
    ...(a.operations === undefined && b.operations === undefined ? {} : { operations: addTallies(a.operations ?? {}, b.operations ?? {}) }),
    ...(a.actions === undefined && b.actions === undefined ? {} : { actions: addTallies(a.actions ?? {}, b.actions ?? {}) }),
    ...(date === undefined ? {} : { date }),
  }
}

const addCounts = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> => {
  const all: Record<string, number> = { ...a }
  for (const [name, count] of Object.entries(b)) all[name] = (Object.hasOwn(all, name) ? (all[name] ?? 0) : 0) + count
  return all
}
