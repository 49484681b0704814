/** The mock cloud: its accounts, its worlds, and what kind of cloud it is at each of its providers. */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Clock, continuing, systemClock } from './clock.ts'
import { classic } from './personalities/classic.ts'
import { usual } from './personalities/default.ts'
import type { Personality } from './personality.ts'
import { SqliteStore } from './store/sqlite.ts'
import { StateError } from './store/sqlite-file.ts'
import { Tenant, type World } from './tenant.ts'

export interface MockCloudOptions {
  /** A file that keeps the cloud; blobs lie beside it in `<file>.blobs/`. Without it the cloud is in memory, and gone when closed. */
  readonly state?: string
  /** What every draw begins with; the same seed, calls and clock give the same answers. */
  readonly seed?: string
  /** The machine's by default. */
  readonly clock?: Clock
  /** Kinds of cloud by the provider's name; `default` is that of requests that name none. */
  readonly personalities?: Readonly<Record<string, Personality>>
  /** Passwords by user, beside that of `mockuser`. */
  readonly accounts?: Readonly<Record<string, string>>
  /** Whether native protocols take any key id as an account of its own. */
  readonly openToAnyone?: boolean
}

const usualSeed = 'deltacloud'

/** Of no password. */
const unguessable = randomBytes(32)

export class MockCloud {
  private readonly options: MockCloudOptions
  private readonly personalities: ReadonlyMap<string, Personality>
  private readonly accounts: ReadonlyMap<string, string>
  /** As bytes, to be compared. */
  private readonly passwords: ReadonlyMap<string, Buffer>
  /** Holds all worlds where the cloud is in a file; in memory each world has a store of its own. */
  private readonly file: SqliteStore | undefined
  private readonly worlds = new Map<string, Promise<World>>()
  private readonly clock: Clock
  /** Those of the worlds that were entered. */
  private readonly clocks = new Map<string, Clock>()
  private keys: Promise<Buffer> | undefined

  /** @throws StateError where the state file can't be used. */
  static async open(options: MockCloudOptions = {}): Promise<MockCloud> {
    const cloud = new MockCloud(options)
    await cloud.world('default')
    return cloud
  }

  private constructor(options: MockCloudOptions) {
    this.options = options
    this.clock = options.clock ?? systemClock()
    this.personalities = new Map(Object.entries(options.personalities ?? { default: usual, classic }))
    this.accounts = new Map(Object.entries({ ...options.accounts, mockuser: 'mockpassword' }))
    this.passwords = new Map([...this.accounts].map(([user, password]) => [user, Buffer.from(password)]))
    this.file = options.state === undefined ? undefined : new SqliteStore(options.state)
  }

  /** Names of the providers: one for each kind of cloud. */
  providerNames(): readonly string[] {
    return [...this.personalities.keys()]
  }

  /** The kind of cloud that a provider is; undefined where there is no such provider. */
  personality(provider: string | undefined): Personality | undefined {
    return this.personalities.get(provider ?? 'default')
  }

  /** Whether someone is who they say. Time doesn't tell who is known: a password is always compared with something. */
  async authenticate(user: string, password: string): Promise<boolean> {
    const right = this.passwords.get(user) ?? (this.isAccount(user) ? Buffer.from(await this.strangersPassword(user)) : unguessable)
    const given = Buffer.from(password)
    // Of another length it's wrong for sure, but compared all the same.
    return timingSafeEqual(right, given.length === right.length ? given : right) && given.length === right.length
  }

  /**
   * The password of an account that signs with its user name as key id.
   * `proven` for one that is an account only because anyone is: there is no secret that it could sign with.
   */
  async credentialsOf(keyId: string): Promise<{ credentials: { user: string; password: string }; proven: boolean } | undefined> {
    if (!this.isAccount(keyId)) return undefined
    const password = this.accounts.get(keyId)
    return password === undefined
      ? { credentials: { user: keyId, password: await this.strangersPassword(keyId) }, proven: true }
      : { credentials: { user: keyId, password }, proven: false }
  }

  /** An account at a provider. @throws RangeError for a provider that isn't there. */
  async tenant({ world, provider, account }: { world: string; provider: string | undefined; account: string }): Promise<Tenant> {
    const personality = this.personality(provider)
    if (personality === undefined) throw new RangeError(`The mock cloud has no provider '${provider}'`)
    return new Tenant(await this.world(world), personality, provider ?? 'default', account)
  }

  /** The time in a world, milliseconds since 1970; in one that nobody entered yet, what its clock would begin with. */
  now(world = 'default'): number {
    return (this.clocks.get(world) ?? this.clock).now()
  }

  /** A key for sealing what clients are to bring back; as lasting as the cloud. */
  sealingKey(): Promise<Buffer> {
    this.keys ??= (async () => {
      const make = (): string => randomBytes(32).toString('base64')
      return Buffer.from(this.file === undefined ? make() : await this.file.remember('sealing key', make), 'base64')
    })()
    return this.keys
  }

  async close(): Promise<void> {
    const worlds = await Promise.all(this.worlds.values())
    await Promise.all([...new Set(worlds.map(world => world.store))].map(store => store.close()))
  }

  private isAccount(user: string): boolean {
    return this.accounts.has(user) || this.options.openToAnyone === true
  }

  /** A password that only this cloud can tell, for accounts that nobody set up. */
  private async strangersPassword(user: string): Promise<string> {
    return createHmac('sha256', await this.sealingKey())
      .update(`account ${user}`)
      .digest('hex')
  }

  private world(name: string): Promise<World> {
    let world = this.worlds.get(name)
    if (world === undefined) {
      world = this.enter(name)
      this.worlds.set(name, world)
    }
    return world
  }

  private async enter(name: string): Promise<World> {
    const store = this.file ?? new SqliteStore()
    const { seed, reached } = await store.enter(name, this.options.seed ?? usualSeed)
    if (this.options.seed !== undefined && this.options.seed !== seed) {
      await store.close()
      throw new StateError(`The state file ${this.options.state} was made with the seed '${seed}', not '${this.options.seed}'`)
    }
    const clock = continuing(this.clock, reached)
    this.clocks.set(name, clock)
    return { name, store, seed, clock }
  }
}
