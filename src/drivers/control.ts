/** How a simulator is controlled: its time, faults, limits, worlds and log. What the server's control API and console stand on. */

import type { Bytes } from '../model/requests.ts'

/**
 * A simulator in the hands of whoever tests with it. Everything that it gives is plain data, ready to be written as JSON.
 * For all of it: what can't be understood is a CloudError `bad-request` that says where it's wrong, what isn't there is `not-found`, and
 * what is taken, or can't be now, a `conflict`.
 */
export interface MockControl {
  /** Names of the worlds that there are, in the order of the alphabet. */
  worlds(): Promise<readonly string[]>
  hasWorld(name: string): Promise<boolean>
  /** A world, made if it isn't there. */
  world(name: string): Promise<WorldControl>
  createWorld(name: string, making: WorldMaking): Promise<WorldControl>
  removeWorld(name: string): Promise<void>
  /** Makes a copy of a world as it is. */
  forkWorld(from: string, to: string): Promise<WorldControl>
  /** Puts a snapshot in place of what a world holds. */
  restoreWorld(name: string, snapshot: Bytes): Promise<WorldControl>
  /** Situations that are known by name. */
  scenarios(): Promise<readonly ScenarioDocument[]>
  /** What bodies look like whose form only the simulator knows, as JSON Schema. */
  schemas(): Promise<Readonly<Record<string, object>>>
}

export interface WorldMaking {
  /** What every draw begins with; that of the whole cloud by default. */
  readonly seed?: string
  readonly clock?: ClockStart
}

export type ClockMode = 'system' | 'scaled' | 'manual'

export interface ClockStart {
  readonly mode: ClockMode
  /** Cloud seconds in a second, from 0.001 to 1,000,000; 1 by default. */
  readonly scale?: number
  /** Milliseconds since 1970; the machine's time by default. */
  readonly now?: number
}

/** What is to become of a clock; what isn't named stays. */
export interface ClockChange {
  readonly mode?: ClockMode
  readonly scale?: number
  /** A time that the clock is set to, milliseconds since 1970; never one that has passed. */
  readonly now?: number
}

export interface ClockDocument {
  /** `own` is a clock that whoever started the cloud made, and only they control. */
  readonly mode: ClockMode | 'own'
  readonly scale: number
  /** Milliseconds since 1970, cloud time. */
  readonly now: number
  /** The same for people, ISO 8601. */
  readonly time: string
  /** True at the end of the year 9999: the clock stands still there for good. */
  readonly ended?: true
  /** When something happens next by itself, or a request that a fault holds back goes on; absent where nothing is to come. */
  readonly next?: number
}

/** A world whose state can't be read, in a list of worlds. */
export interface UnreadableWorld {
  readonly name: string
  readonly problem: string
}

export interface WorldDocument {
  readonly name: string
  readonly seed: string
  readonly clock: ClockDocument
  /** Number of its last event. */
  readonly events: number
  /** Of the fault rules. */
  readonly faults: number
}

/** One world. */
export interface WorldControl extends FaultControl, LimitControl {
  readonly name: string
  describe(): Promise<WorldDocument>
  /** Another text after each change that leaves no event: of rules and what they hit, of limits, of the texture. */
  revision(): string
  /** Takes everything out of it; its clock, faults and limits stay. */
  reset(): Promise<void>
  clock(): Promise<ClockDocument>
  setClock(change: ClockChange): Promise<ClockDocument>
  /** Moves the clock; all that comes to be due happens at its time. */
  advance(milliseconds: number): Promise<ClockDocument>
  /** Moves a clock that stands still to what happens next. */
  runToNext(): Promise<ClockDocument>
  /** Moves a clock that stands still until nothing is to come. @param limit milliseconds of cloud time that it may take */
  runUntilSettled(limit: number | undefined): Promise<ClockDocument & { readonly settled: boolean }>

  /** The world in one portable file. */
  snapshot(): Bytes
  /** Everything as JSON. @param contents with what is in blobs, in base 64. */
  export(contents: boolean): Promise<object>
  /** Adds resources; what is there already under the same id is replaced. */
  seed(data: unknown): Promise<void>
  /** How smoothly the cloud runs, as far as this world has it otherwise than usual. */
  texture(): Promise<object>
  /** @param texture undefined for what is usual. */
  setTexture(texture: unknown): Promise<object>

  /** Events by number, oldest first, once all that is due has happened. */
  events(query: EventQuery): Promise<readonly EventDocument[]>
  lastEvent(): Promise<number>
  /** Events from behind a number on, as they happen, until the signal is aborted. */
  watch(after: number, signal: AbortSignal): AsyncIterable<EventDocument>
  /** What there is, by account and collection; of each collection the latest so many. */
  accounts(rows: number): Promise<readonly AccountDocument[]>
}

/** The fault rules of a world. */
export interface FaultControl {
  faults(): Promise<readonly FaultDocument[]>
  /** Adds rules, all or none. @param rules one or several as data, or one in short form. */
  addFaults(rules: unknown): Promise<readonly FaultDocument[]>
  removeFault(id: string): Promise<void>
  removeFaults(): Promise<void>
  /** What rules did, oldest first. @param after those behind this number only. */
  fired(after: number): Promise<readonly FiredDocument[]>
  startScenario(name: string, parameters: Readonly<Record<string, unknown>>): Promise<readonly FaultDocument[]>
  /** Removes its rules, where there are any. */
  stopScenario(name: string): Promise<void>
}

/** What a world has room for. */
export interface LimitControl {
  limits(): Promise<LimitsDocument>
  /** Sets limits in place of those that were set before; an empty setting goes back to those of the cloud's own kind. */
  setLimits(limits: unknown): Promise<LimitsDocument>
  /** Sets some quotas and leaves the others; null is no quota. */
  setQuotas(quotas: Readonly<Record<string, number | null>>): Promise<LimitsDocument>
}

export interface FaultDocument {
  readonly id: string
  /** What it does, in one line for people. */
  readonly summary: string
  /** How many calls it was for, and how often it struck. */
  readonly calls: number
  readonly fired: number
  /** The scenario that it's a part of. */
  readonly scenario?: string
  /** As data, in the form in which rules are added. */
  readonly rule: object
}

export interface FiredDocument {
  /** Counted in a world from 1. */
  readonly seq: number
  /** Cloud time, milliseconds since 1970. */
  readonly time: number
  readonly rule: string
  /** In one word. */
  readonly effect: string
  readonly provider: string
  readonly account: string
  /** `instances.create` */
  readonly operation: string
  readonly id?: string
}

export interface ScenarioDocument {
  readonly name: string
  readonly doc: string
  readonly parameters: readonly {
    readonly name: string
    readonly doc: string
    readonly required: boolean
    /** What holds where it isn't given. */
    readonly usual?: string | number
  }[]
}

export interface LimitsDocument {
  /** As they were set for the world, in the form in which they are set. */
  readonly limits: object
  readonly use: readonly LimitUse[]
}

/** How much is used of what; without a limit there is none. */
export interface LimitUse {
  readonly provider: string
  readonly account: string
  /** Of a realm's capacity. */
  readonly realm?: string
  readonly name: string
  readonly used: number
  readonly limit?: number
}

export interface EventQuery {
  readonly after?: number
  readonly limit: number
  readonly type?: string
  readonly account?: string
  readonly kind?: string
  readonly id?: string
  /** What the event holds somewhere, in any case. */
  readonly text?: string
}

/** A change: what it was of, from which state to which, who did it and when. */
export interface EventDocument {
  /** Counted in a world from 1, without gaps. */
  readonly seq: number
  /** Cloud time, milliseconds since 1970. */
  readonly time: number
  readonly world: string
  readonly type: string
  readonly provider?: string
  readonly account?: string
  readonly kind?: string
  readonly id?: string
  readonly bucket?: string
  /** The operation that did it; `automatically` for what happened by itself. */
  readonly action?: string
  readonly from?: string
  readonly to?: string
  readonly changed?: readonly string[]
}

export interface AccountDocument {
  readonly provider: string
  readonly account: string
  readonly collections: readonly {
    readonly name: string
    readonly count: number
    readonly resources: readonly ResourceSummary[]
  }[]
}

export interface ResourceSummary {
  readonly id: string
  readonly name?: string
  readonly state?: string
  readonly realm?: string
}
