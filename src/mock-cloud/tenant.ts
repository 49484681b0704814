/** One account of a provider in a world: where every operation of the simulator begins. */

import { populate } from './dataset.ts'
import { Draws } from './draw.ts'
import { late, remember } from './echoes.ts'
import { settle } from './lifecycle.ts'
import type { Personality } from './personality.ts'
import { Recording } from './recording.ts'
import type { Call, Caller, Fate } from './rules.ts'
import type { Reading, Scope, Transaction } from './store/store.ts'
import type { World } from './world.ts'

/** What an operation that only looks has in hand. */
export interface Look {
  readonly tx: Reading
  /** The cloud time at which it happens: milliseconds since 1970. */
  readonly now: number
  readonly world: World
  readonly account: string
  readonly personality: Personality
  readonly draws: Draws
  /** What it's done for: the operation, or `automatically`. */
  readonly cause: string
  /** How it fares, where that isn't as usual. */
  readonly fate?: Fate
}

/** What an operation has in hand that may change something. */
export interface Turn extends Look {
  readonly tx: Transaction
}

/** For those who use the simulator directly: nobody leaves, and nobody sees the wire. */
const anyone: Caller = { signal: new AbortController().signal, wire: {} }

/** An operation of the driver's table. */
export type Asked = Pick<Call, 'collection' | 'operation' | 'args' | 'id' | 'bucket'>

export class Tenant {
  readonly scope: Scope
  readonly world: World
  readonly personality: Personality
  private readonly draws: Draws
  private readonly caller: Caller
  private readonly cause: string
  private readonly fate: Fate | undefined

  constructor(world: World, provider: string, account: string, caller = anyone, cause = 'automatically', fate?: Fate) {
    this.world = world
    this.personality = world.personality(provider)
    this.scope = { world: world.name, provider, account }
    this.draws = new Draws(world.seed, world.origin, provider, account)
    this.caller = caller
    this.cause = cause
    this.fate = fate
  }

  /** Carries an operation of the driver's table out, if the world's rules and limits let it. */
  ask<T>(asked: Asked, run: (tenant: Tenant) => Promise<T>): Promise<T> {
    const { rules, limits } = this.world
    const isFree = rules.isEmpty && !limits.concerns(this.scope.provider, asked)
    return isFree ? run(this.during(asked.operation)) : this.judged(asked, run)
  }

  /** Runs an operation that changes nothing, on the account as it is now: all that is due has happened. */
  async read<T>(operation: (look: Look) => Promise<T>): Promise<T> {
    const answer = await this.world.store.read(this.scope, async tx => {
      const now = this.world.timeOf(tx)
      // What is due is rare: only then a look has to write.
      if (!(await tx.isKnown()) || (await tx.isDue(now))) return undefined
      return { value: await operation(late(this.at(tx, now))) }
    })
    return answer === undefined ? this.write(turn => operation(late(turn))) : answer.value
  }

  /** Runs an operation on the account as it is now, all of it or nothing. */
  write<T>(operation: (turn: Turn) => Promise<T>): Promise<T> {
    return this.act(operation)
  }

  /** Puts into the account what it's to begin with: one event, and no limit. @param options.empty without what it finds otherwise. */
  seed(options: { readonly empty: boolean }, operation: (turn: Turn) => Promise<void>): Promise<void> {
    return this.act(operation, options)
  }

  private act<T>(operation: (turn: Turn) => Promise<T>, seeding?: { readonly empty: boolean }): Promise<T> {
    const { world, scope, cause } = this
    const { provider, account } = scope
    return world.store.write(scope, async tx => {
      const now = world.timeOf(tx)
      const isKnown = await tx.isKnown()
      await tx.arrive(now)
      const recording = new Recording()
      await settle(tx, now, async due => {
        const isOurs = due.account === account && due.provider === provider
        const own = isOurs ? tx : await tx.within(due.provider, due.account)
        const owner = world.tenant(due.provider, due.account)
        const about = { provider: due.provider, account: due.account, time: due.at, action: 'automatically' }
        const turn: Turn = owner.at(recording.of(own, about, { changed: (kind, id, was) => remember(turn, kind, id, was) }), due.at)
        return turn
      })
      const about = { provider, account, time: now }
      if (!isKnown && seeding?.empty !== true) {
        await populate(this.at(tx, now))
        recording.note({ ...about, type: 'populated' })
      }
      const { limits } = world
      const turn: Turn = this.at(
        recording.of(
          tx,
          { ...about, action: cause },
          {
            creating: (kind, shown) => limits.creating(turn, kind, shown),
            changed: (kind, id, was) => remember(turn, kind, id, was),
          },
        ),
        now,
      )
      if (seeding !== undefined) recording.note({ ...about, type: 'seeded' })
      const result = await operation(seeding === undefined ? turn : this.at(tx, now))
      if (seeding !== undefined) await limits.forget(turn)
      await recording.keep(tx)
      return result
    })
  }

  private async judged<T>(asked: Asked, run: (tenant: Tenant) => Promise<T>): Promise<T> {
    const { world, caller, scope } = this
    const { provider, account } = scope
    const call: Call = { ...asked, world, provider, account, caller, realm: () => this.realmOf(asked) }
    const verdict = world.rules.isEmpty ? undefined : await world.rules.before(call)
    if (verdict?.effect !== undefined) caller.wire.effect = verdict.effect
    const proceed = async (): Promise<T> => {
      if (verdict?.error !== undefined) throw verdict.error
      if (world.limits.concerns(provider, call)) await world.limits.before(call)
      return run(this.during(asked.operation, verdict?.fate))
    }
    return verdict?.wait === undefined || verdict.wait <= 0 ? proceed() : world.agenda.after(verdict.wait, patienceOf(caller), proceed)
  }

  /** The same account, as one operation has it. */
  private during(cause: string, fate?: Fate): Tenant {
    return new Tenant(this.world, this.scope.provider, this.scope.account, this.caller, cause, fate)
  }

  /** The realm that a request names, or that its resource is in. */
  private async realmOf({ collection, id, args }: Asked): Promise<string | undefined> {
    const [request] = args
    if (typeof request === 'object' && request !== null && 'realmId' in request && typeof request.realmId === 'string')
      return request.realmId
    if (collection === 'realms') return id
    if (id === undefined || !isPlaced(collection)) return undefined
    return this.read(async ({ tx }) => (await tx.show(collection, id))?.realmId)
  }

  private at<Tx extends Reading>(tx: Tx, now: number): Omit<Look, 'tx'> & { readonly tx: Tx } {
    const { world, scope, personality, draws, cause, fate } = this
    return { tx, now, world, account: scope.account, personality, draws, cause, ...(fate === undefined ? {} : { fate }) }
  }
}

/** What ends a caller's waiting. */
const patienceOf = ({ signal, closing }: Caller): AbortSignal => (closing === undefined ? signal : AbortSignal.any([signal, closing]))

/** Collections whose resources are in a realm. */
const isPlaced = (collection: string): collection is 'instances' | 'storage_volumes' =>
  collection === 'instances' || collection === 'storage_volumes'
