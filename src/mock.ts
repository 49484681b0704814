/** `deltacloud/mock-cloud`: the simulator in a test's own hands, without a server, a port or a password. */

import type { Context } from './drivers/context.ts'
import { bind, type Cloud, type OperationGroup } from './drivers/driver.ts'
import { createMockDriver } from './drivers/mock/index.ts'
import type { operations } from './drivers/mock/operations.ts'
import { createSessionCache } from './drivers/sessions.ts'
import { type Clock, ManualClock } from './mock-cloud/clock.ts'
import { MockCloud, type MockCloudOptions } from './mock-cloud/cloud.ts'
import { type Event, type EventQuery, events } from './mock-cloud/events.ts'
import { fromShortForm } from './mock-cloud/faults/short-form.ts'
import { advance, runUntilSettled } from './mock-cloud/time.ts'
import type { World } from './mock-cloud/world.ts'
import { badRequest, unauthenticated } from './model/errors.ts'

export type { Cloud } from './drivers/driver.ts'
export { type Clock, ManualClock, scaledClock, systemClock } from './mock-cloud/clock.ts'
export type { MockCloud, MockCloudOptions } from './mock-cloud/cloud.ts'
export type { Event, EventQuery } from './mock-cloud/events.ts'
export type { World } from './mock-cloud/world.ts'
export { CloudError, type ErrorKind } from './model/errors.ts'
export type * from './model/requests.ts'
export type * from './model/resources.ts'

export interface CreateOptions<C extends Clock = ManualClock> extends Omit<MockCloudOptions, 'clock'> {
  /** A `ManualClock` at 2030-01-01T00:00:00Z by default: time stands still until the test moves it. */
  readonly clock?: C
}

/** An independent cloud beside others in one simulator; all of them have its clock. */
export interface WorldInHand {
  /** Its log, its rules and its limits. */
  readonly world: World
  /** The cloud as `mockuser`, or another account, sees it. Every name is an account of its own, with nothing in common with others. */
  as(user?: string): Promise<WholeCloud>
  /** The same at another provider, which may lack collections. @throws CloudError `bad-request` for a provider that isn't there. */
  as(user: string, provider: string): Promise<Cloud>
  /** Moves a manual clock on, and returns when all that was due by then has happened, seen or not. @param milliseconds of cloud time. */
  advance(milliseconds: number): Promise<void>
  /** Moves a manual clock on until nothing is under way any more. @returns how many milliseconds of cloud time that took. */
  settle(): Promise<number>
  /** What has happened, oldest first: all of it, if it isn't more than the log keeps. */
  events(query?: Partial<EventQuery>): Promise<readonly Event[]>
  /**
   * Puts resources into accounts: `{ accounts: [{ account: 'alice', empty: true, collections: { keys: [{ id: 'deploy' }] } }] }`.
   * @throws CloudError `bad-request` that says where the document is wrong.
   */
  seed(data: object): Promise<void>
  /**
   * Adds fault rules, as a file has them or in the short form of the command line: `operation=instances.create,error=over-quota`.
   * @returns takes them away again.
   * @throws CloudError `bad-request` that says where and what is wrong.
   */
  provoke(rules: string | object): Promise<() => Promise<void>>
  /** A copy under another name, which goes its own way from here. @throws CloudError `conflict` where there is one of that name. */
  fork(name: string): Promise<WorldInHand>
}

/**
 * A mock cloud and its clock, in the world that everyone begins in. `startServer`, `deltacloudHandlers` and `deltacloudAgent` take it as it
 * is, so that all of them show one cloud.
 */
export interface MockCloudInHand<C extends Clock = ManualClock> extends WorldInHand, AsyncDisposable {
  readonly simulator: MockCloud
  readonly clock: C
  /** Another world, made where there is none of that name: its requests have the header `X-Deltacloud-World`. */
  in(world: string): Promise<WorldInHand>
  /** Frees its memory, or its file. */
  close(): Promise<void>
}

type Named<Group extends OperationGroup> = keyof (typeof operations)[Group] & keyof NonNullable<Cloud[Group]>

/** A cloud that lacks nothing. */
export type WholeCloud = { readonly [Group in OperationGroup]: Required<Pick<NonNullable<Cloud[Group]>, Named<Group>>> }

const beginning = Date.UTC(2030, 0, 1)

/** @throws StateError where the state file can't be used. */
export function createMockCloud(options?: CreateOptions): Promise<MockCloudInHand>
export function createMockCloud<C extends Clock>(options: CreateOptions<C> & { readonly clock: C }): Promise<MockCloudInHand<C>>
export async function createMockCloud(options: CreateOptions<Clock> = {}): Promise<MockCloudInHand<Clock>> {
  const clock = options.clock ?? new ManualClock(beginning)
  const simulator = await MockCloud.open({ openToAnyone: true, ...options, clock })
  const enter = async (name?: string): Promise<WorldInHand> => inHand(simulator, await simulator.world(name))
  const close = (): Promise<void> => simulator.close()
  return { ...(await enter()), simulator, clock, in: enter, close, [Symbol.asyncDispose]: close }
}

const inHand = (simulator: MockCloud, world: World): WorldInHand => {
  const driver = createMockDriver(simulator)
  const context = contextOf(world)
  return {
    world,
    // Only the default provider is told to lack nothing, and that's the one which is asked for where none is named.
    async as(user = 'mockuser', provider?: string): Promise<WholeCloud> {
      const offer = driver.offer(provider)
      if (offer === undefined)
        throw badRequest(`The mock cloud has no provider '${provider}'; there are ${simulator.providerNames().join(', ')}`)
      const account = await simulator.credentialsOf(user)
      if (account === undefined) throw unauthenticated(`The mock cloud has no account '${user}'`)
      const session = await driver.connect({ credentials: account.credentials, provider, context })
      return bind(offer.operations, session) as WholeCloud
    },
    async advance(milliseconds) {
      await advance(world, milliseconds)
    },
    async settle() {
      const before = world.now()
      return (await runUntilSettled(world)).now - before
    },
    events: query => events(world, { limit: Number.MAX_SAFE_INTEGER, ...query }),
    async seed(data) {
      const { seed } = await import('./mock-cloud/seeds.ts')
      await seed(world, data)
    },
    async provoke(rules) {
      const added = await world.rules.add(typeof rules === 'string' ? inFull(rules) : rules)
      const ids = new Set(added.map(({ id }) => id))
      return async () => {
        await world.rules.remove(({ id }) => ids.has(id))
      }
    },
    async fork(name) {
      return inHand(simulator, await simulator.forkWorld(world.name, name))
    },
  }
}

const inFull = (rule: string): object => {
  try {
    return fromShortForm(rule)
  } catch (error) {
    throw badRequest(`The rule '${rule}' ${error instanceof Error ? error.message : ''}`)
  }
}

/** Of no request in particular: it never ends, and nobody waits at its other end. */
const contextOf = (world: World): Context => ({
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  transport: { send: () => Promise.reject(new TypeError('The mock cloud asks no provider')) },
  now: () => world.now(),
  sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
  random: Math.random,
  log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  sessions: createSessionCache({ limit: 100, now: () => world.now() }),
  wire: {},
  world: world.name,
})
