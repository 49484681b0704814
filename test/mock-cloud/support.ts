/** A mock cloud on a manual clock, asked through its driver as a server would. */

import type { Test } from 'tap'
import type { Context } from '../../src/drivers/context.ts'
import { bind, type Cloud } from '../../src/drivers/driver.ts'
import { createMockDriver } from '../../src/drivers/mock/index.ts'
import type { operations } from '../../src/drivers/mock/operations.ts'
import { ManualClock } from '../../src/mock-cloud/clock.ts'
import { MockCloud, type MockCloudOptions } from '../../src/mock-cloud/cloud.ts'
import { CloudError, type ErrorKind } from '../../src/model/errors.ts'
import { place } from './place.ts'

/** 2026-11-21T00:00:00Z */
export const beginning = Date.UTC(2026, 10, 21)

/** Of a cloud with all collections. */
export type FullCloud = { [Group in keyof typeof operations]: NonNullable<Cloud[Group]> & Bound<(typeof operations)[Group]> }
type Bound<Group> = {
  [Name in keyof Group]: Group[Name] extends (session: never, ...args: infer Args) => infer Result ? (...args: Args) => Result : never
}

export interface Fixture {
  readonly cloud: MockCloud
  readonly clock: ManualClock
  /** The cloud as an account sees it; `mockuser` at the default provider where none is named. */
  as(user?: string, provider?: string): Promise<FullCloud>
}

export const accounts = { alice: 'wonderland', bob: 'builder' }
const passwords: Readonly<Record<string, string>> = { ...accounts, mockuser: 'mockpassword' }

const context = (world = 'default'): Context => {
  const unused = (): never => {
    throw new Error('The mock driver needs no provider')
  }
  return {
    signal: new AbortController().signal,
    deadline: Number.POSITIVE_INFINITY,
    transport: { send: unused },
    now: unused,
    sleep: unused,
    random: unused,
    log: { debug: unused, info: unused, warn: unused, error: unused },
    sessions: { remember: unused, forget: unused },
    wire: {},
    world,
  }
}

export const open = async (options: MockCloudOptions = {}, clock = new ManualClock(beginning)): Promise<Fixture> => {
  const { state, leave } = await place()
  const cloud = await MockCloud.open({ clock, accounts, ...(state === undefined ? {} : { state }), ...options })
  const close = cloud.close.bind(cloud)
  cloud.close = async () => {
    await close()
    leave()
  }
  return { cloud, clock, as: (user = 'mockuser', provider) => connect(cloud, user, provider) }
}

/** The same, closed when the test is over. */
export const opened = async (t: Test, options: MockCloudOptions = {}): Promise<Fixture> => {
  const fixture = await open(options)
  t.teardown(() => fixture.cloud.close())
  return fixture
}

export const connect = async (cloud: MockCloud, user: string, provider?: string, world?: string): Promise<FullCloud> => {
  const driver = createMockDriver(cloud)
  const offer = driver.offer(provider)
  if (offer === undefined) throw new Error(`no provider ${provider}`)
  const credentials = { user, password: passwords[user] ?? '' }
  const session = await driver.connect({ credentials, provider, context: context(world) })
  // A cloud that lacks a collection is asked for it by no test that expects it.
  return bind(offer.operations, session) as FullCloud
}

export const contextOf = context

/** The kind of error that a promise is rejected with; `none` where it isn't. */
export const failure = async (promise: Promise<unknown>): Promise<ErrorKind | 'none'> => {
  try {
    await promise
    return 'none'
  } catch (error) {
    if (error instanceof CloudError) return error.kind
    throw error
  }
}

/** The message of the error that a promise is rejected with. */
export const complaint = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The one that's there, and a failed test where it isn't. */
export const only = <T>(items: readonly T[]): T => {
  const [first, ...rest] = items
  if (first === undefined || rest.length > 0) throw new Error(`expected one, not ${items.length}`)
  return first
}

/** What must be there. */
export const there = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('expected it to be there')
  return value
}

/** Longer than anything takes in the default cloud. */
export const aWhile = 10_000
