/** One account of a provider in a world: where every operation of the simulator begins. */

import type { Clock } from './clock.ts'
import { populate } from './dataset.ts'
import { Draws } from './draw.ts'
import { settle } from './lifecycle.ts'
import type { Personality } from './personality.ts'
import type { Reading, Scope, Store, Transaction } from './store/store.ts'

/** An independent cloud: its time, its chance and its data. */
export interface World {
  readonly name: string
  readonly store: Store
  readonly clock: Clock
  readonly seed: string
}

/** What an operation that only looks has in hand. */
export interface Look {
  readonly tx: Reading
  /** The cloud time at which it happens: milliseconds since 1970. */
  readonly now: number
  readonly account: string
  readonly personality: Personality
  readonly draws: Draws
}

/** What an operation has in hand that may change something. */
export interface Turn extends Look {
  readonly tx: Transaction
}

export class Tenant {
  readonly scope: Scope
  readonly world: World
  readonly personality: Personality
  private readonly draws: Draws

  constructor(world: World, personality: Personality, provider: string, account: string) {
    this.world = world
    this.personality = personality
    this.scope = { world: world.name, provider, account }
    this.draws = new Draws(world.seed, world.name, provider, account)
  }

  /** Runs an operation that changes nothing, on the account as it is now: all that is due has happened. */
  async read<T>(operation: (look: Look) => Promise<T>): Promise<T> {
    const answer = await this.world.store.read(this.scope, async tx => {
      const now = this.world.clock.now()
      // What is due is rare: only then a look has to write.
      if (!(await tx.isKnown()) || (await tx.isDue(now))) return undefined
      return { value: await operation(this.at(tx, now)) }
    })
    return answer === undefined ? this.write(operation) : answer.value
  }

  /** Runs an operation on the account as it is now, all of it or nothing. */
  write<T>(operation: (turn: Turn) => Promise<T>): Promise<T> {
    return this.world.store.write(this.scope, async tx => {
      const turn = this.at(tx, this.world.clock.now())
      const isKnown = await tx.isKnown()
      await tx.arrive(turn.now)
      if (isKnown) await settle(turn)
      else await populate(turn)
      return operation(turn)
    })
  }

  private at<Tx extends Reading>(tx: Tx, now: number): Omit<Look, 'tx'> & { readonly tx: Tx } {
    return { tx, now, account: this.scope.account, personality: this.personality, draws: this.draws }
  }
}
