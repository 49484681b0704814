/** A world: an independent cloud with its own time, chance, rules and data. */

import { Agenda } from './agenda.ts'
import { type Clock, ManualClock } from './clock.ts'
import { type ClockState, latestTime } from './clock-state.ts'
import { FaultBook } from './faults/fault-book.ts'
import { LimitBook } from './limits/limit-book.ts'
import type { Personality } from './personality.ts'
import type { Caller } from './rules.ts'
import type { LiveWorld, Reading, Settings, Store } from './store/store.ts'
import { Tenant } from './tenant.ts'
import { KeptClock, OwnClock, type WorldClock } from './world-clock.ts'

export interface WorldMaking {
  readonly live: LiveWorld
  readonly store: Store
  /** Kinds of cloud by the provider's name. */
  readonly personalities: ReadonlyMap<string, Personality>
  /** The clock of whoever opened the cloud, where they gave one. */
  readonly ownClock: Clock | undefined
  /** The machine's time, milliseconds since 1970. */
  readonly wall: () => number
}

export class World {
  readonly name: string
  readonly seed: string
  /** The name that draws know it by: a fork keeps its original's, so that it fares as that would. */
  readonly origin: string
  readonly store: Store
  readonly clock: WorldClock
  readonly agenda = new Agenda(this)
  readonly rules = new FaultBook(this)
  readonly limits = new LimitBook(this)
  private readonly live: LiveWorld
  private readonly personalities: ReadonlyMap<string, Personality>
  private readonly kept: KeptClock | undefined
  private readonly listeners = new Set<() => void>()
  private readonly ends: (() => void)[]
  private left = false

  constructor({ live, store, personalities, ownClock, wall }: WorldMaking) {
    const { name, seed, origin } = live.state
    this.name = name
    this.seed = seed
    this.origin = origin
    this.store = store
    this.live = live
    this.personalities = personalities
    const place = {
      get state() {
        return live.state.clock
      },
      change: (change: (state: ClockState) => ClockState) => store.change(name, ({ clock }) => ({ clock: change(clock) })),
    }
    this.kept = ownClock === undefined ? new KeptClock(place, live.reached, wall) : undefined
    this.clock = this.kept ?? new OwnClock(ownClock ?? { now: wall }, live.reached)
    const tell = (): void => {
      for (const listener of [...this.listeners]) listener()
    }
    this.ends = [live.onChange(tell), ...(ownClock instanceof ManualClock ? [ownClock.onMove(tell)] : [])]
  }

  /** Whether it was removed or made anew since, by whichever process. */
  get isGone(): boolean {
    return this.live.isGone
  }

  /** What was set for this world, by whom it concerns: the same object for as long as nothing of it changes. */
  get settings(): Settings {
    return this.live.state.settings
  }

  /** Keeps what concerns one part of the simulator. @param value JSON; undefined removes. */
  set(owner: string, value: unknown): Promise<void> {
    return this.store.change(this.name, ({ settings }) => {
      const { [owner]: _, ...others } = settings
      return { settings: value === undefined ? others : { ...others, [owner]: value } }
    })
  }

  /** Milliseconds since 1970, cloud time. */
  now(): number {
    return this.clock.now()
  }

  /** The cloud time at which a transaction happens. */
  timeOf(tx: Reading): number {
    // Another server of this world may have been ahead by a little.
    return Math.max(this.kept === undefined ? this.clock.now() : this.kept.now(tx.world.clock), Math.min(tx.reached, latestTime))
  }

  /** The kind of cloud at a provider. One that a state file knows and this program doesn't is taken for the first there is. */
  personality(provider: string): Personality {
    const found = this.personalities.get(provider) ?? this.personalities.values().next().value
    if (found === undefined) throw new TypeError('A mock cloud without providers')
    return found
  }

  hasProvider(provider: string): boolean {
    return this.personalities.has(provider)
  }

  tenant(provider: string, account: string, caller?: Caller): Tenant {
    return new Tenant(this, provider, account, caller)
  }

  /** Lets all happen that is due, whoever it belongs to. */
  async settle(): Promise<void> {
    for (;;) {
      const due = (await this.store.horizon(this.name))?.first
      if (due === undefined || due.at > this.now()) return
      await this.tenant(due.provider, due.account).write(async () => undefined)
    }
  }

  /** The next change of this world: something committed, or its clock set. Dispose of it when it's not waited for any more. */
  nextChange(): { readonly promise: Promise<void> } & Disposable {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.listeners.add(resolve)
    promise.then(() => this.listeners.delete(resolve))
    return { promise, [Symbol.dispose]: () => resolve() }
  }

  /** Whether this process is done with the world, under this name at least. */
  get isLeft(): boolean {
    return this.left
  }

  /** Ends what this process has of the world; the world itself stays. */
  leave(): void {
    this.left = true
    for (const end of this.ends) end()
    for (const listener of [...this.listeners]) listener()
  }
}
