/** The mock cloud: its accounts, its worlds, and what kind of cloud it is at each of its providers. */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { badRequest, CloudError, conflict, notFound } from '../model/errors.ts'
import type { Clock } from './clock.ts'
import { begun, type ClockSetting, notBefore, timeAt } from './clock-state.ts'

import { classic } from './personalities/classic.ts'
import { usual } from './personalities/default.ts'
import { ec2 } from './personalities/ec2.ts'
import { eucalyptus } from './personalities/eucalyptus.ts'
import { openstack } from './personalities/openstack.ts'
import type { Personality } from './personality.ts'
import type { Caller } from './rules.ts'
import { load, read, written } from './snapshot.ts'
import { MemoryStore } from './store/memory.ts'
import { SqliteStore } from './store/sqlite.ts'
import { StateError } from './store/storage-errors.ts'
import type { Store } from './store/store.ts'
import type { Tenant } from './tenant.ts'
import { World } from './world.ts'

export interface MockCloudOptions {
  /** A file that keeps the cloud; blobs lie beside it in `<file>.blobs/`. Without it the cloud is in memory, and gone when closed. */
  readonly state?: string
  /** What every draw begins with; the same seed, calls and clock give the same answers. */
  readonly seed?: string
  /** How the clocks of worlds begin, with the machine's time by default; or a clock of your own, which then is that of all worlds. */
  readonly clock?: Clock | ClockSetting
  /** Kinds of cloud by the provider's name; `default` is that of requests that name none. */
  readonly personalities?: Readonly<Record<string, Personality>>
  /**
   * Names of a provider's regions, by the provider's name: the first is the provider itself, each other one a provider `NAME-REGION` of its
   * kind. They share accounts and time, and no resource. Frontends serve them as regions of one cloud.
   */
  readonly regions?: Readonly<Record<string, readonly string[]>>
  /** Passwords by user, beside that of `mockuser`. */
  readonly accounts?: Readonly<Record<string, string>>
  /** Whether native protocols take any key id as an account of its own. */
  readonly openToAnyone?: boolean
  /** The machine's time, milliseconds since 1970; for tests. */
  readonly wall?: () => number
}

export interface NewWorld {
  /** That of the cloud by default. */
  readonly seed?: string
  readonly clock?: ClockSetting
}

export interface TenantRequest {
  readonly world: string
  readonly provider: string | undefined
  readonly account: string
  readonly caller?: Caller
}

const usualSeed = 'deltacloud'

/** Of no password. */
const unguessable = randomBytes(32)

/** `USER+PROJECT` is an account of its own, with the password of the user. */
const personOf = (account: string): string => account.split('+')[0] ?? account

export class MockCloud {
  private readonly options: MockCloudOptions
  private readonly personalities: ReadonlyMap<string, Personality>
  private readonly accounts: ReadonlyMap<string, string>
  /** As bytes, to be compared. */
  private readonly passwords: ReadonlyMap<string, Buffer>
  private readonly store: Store
  private readonly ownClock: Clock | undefined
  private readonly clockSetting: ClockSetting
  private readonly wall: () => number
  /** Worlds that were entered, or are being. */
  private readonly entering = new Map<string, Promise<World>>()
  private readonly entered = new Map<string, World>()
  /** Names of the worlds that are being made. */
  private readonly making = new Set<string>()
  private keys: Promise<Buffer> | undefined

  /** @throws StateError where the state can't be used; RangeError for regions of a provider that isn't there. */
  static async open(options: MockCloudOptions = {}): Promise<MockCloud> {
    const { personalities = { default: usual, classic, ec2, eucalyptus, openstack }, regions = {} } = options
    const all = withRegions(personalities, regions)
    const cloud = new MockCloud(options, all, await openStore(options.state))
    try {
      await cloud.begin()
      return cloud
    } catch (error) {
      await cloud.close()
      throw error instanceof CloudError && error.cause instanceof StateError ? error.cause : error
    }
  }

  private constructor(options: MockCloudOptions, personalities: ReadonlyMap<string, Personality>, store: Store) {
    this.options = options
    this.store = store
    this.personalities = personalities
    this.accounts = new Map(Object.entries({ ...options.accounts, mockuser: 'mockpassword' }))
    this.passwords = new Map([...this.accounts].map(([user, password]) => [user, Buffer.from(password)]))
    const { clock = { mode: 'system' } } = options
    this.ownClock = 'mode' in clock ? undefined : clock
    this.clockSetting = 'mode' in clock ? clock : { mode: 'system' }
    this.wall = options.wall ?? Date.now
  }

  /** Where the cloud is kept, in one word. */
  get storeKind(): Store['kind'] {
    return this.store.kind
  }

  /** Makes sure that the cloud can be read and written. @throws CloudError or whatever keeps it from that */
  checkStore(): Promise<void> {
    return this.store.check()
  }

  /** Names of the providers: one for each kind of cloud. */
  providerNames(): readonly string[] {
    return [...this.personalities.keys()]
  }

  /** The regions of a provider, each with the provider that it is, its own first; none where it isn't divided into regions. */
  regionsOf(provider: string | undefined): ReadonlyMap<string, string | undefined> {
    const { regions = {} } = this.options
    const name = provider ?? 'default'
    const names = Object.hasOwn(regions, name) ? (regions[name] ?? []) : []
    return new Map(names.map((region, n) => [region, n === 0 ? provider : providerIn(name, region)]))
  }

  /** The kind of cloud that a provider is; undefined where there is no such provider. */
  personality(provider: string | undefined): Personality | undefined {
    return this.personalities.get(provider ?? 'default')
  }

  /** Whether someone is who they say. Time doesn't tell who is known: a password is always compared with something. */
  async authenticate(user: string, password: string): Promise<boolean> {
    const right =
      this.passwords.get(user) ??
      this.passwords.get(personOf(user)) ??
      (this.isAccount(user) ? Buffer.from(await this.strangersPassword(user)) : unguessable)
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
    const password = this.accounts.get(keyId) ?? this.accounts.get(personOf(keyId))
    return password === undefined
      ? { credentials: { user: keyId, password: await this.strangersPassword(keyId) }, proven: true }
      : { credentials: { user: keyId, password }, proven: false }
  }

  /** An account at a provider. @throws RangeError for a provider that isn't there; CloudError `bad-request` for a world that can't be. */
  async tenant({ world, provider, account, caller }: TenantRequest): Promise<Tenant> {
    if (this.personality(provider) === undefined) throw new RangeError(`The mock cloud has no provider '${provider}'`)
    return (this.here(world) ?? (await this.world(world))).tenant(provider ?? 'default', account, caller)
  }

  /** A world by its name, made where there is none. @throws CloudError `bad-request` for a name that none can have. */
  world(name = usualWorld): Promise<World> {
    this.here(name)
    let world = this.entering.get(name)
    if (world === undefined) {
      world = this.enter(name, {})
      this.entering.set(name, world)
      // A world that could not be entered now may be another time.
      world.catch(() => this.entering.delete(name))
    }
    return world
  }

  /** Names of the worlds there are, in the order of the alphabet. */
  worlds(): Promise<readonly string[]> {
    return this.store.worlds()
  }

  async hasWorld(name: string): Promise<boolean> {
    return this.here(name) !== undefined || (await this.worlds()).includes(name)
  }

  /** @throws CloudError `bad-request`; `conflict` where there is one of that name. */
  async createWorld(name: string, settings: NewWorld = {}): Promise<World> {
    checkedName(name)
    if (settings.clock !== undefined && this.ownClock !== undefined)
      throw conflict('This cloud has one clock for all its worlds, that of whoever started it')
    const taken = () => conflict(`There is a world '${name}' already`)
    // Of two who make one at once, the second is too late.
    if (this.making.has(name)) throw taken()
    this.making.add(name)
    try {
      if (await this.hasWorld(name)) throw taken()
      const world = this.enter(name, settings)
      this.entering.set(name, world)
      world.catch(() => this.entering.delete(name))
      return await world
    } finally {
      this.making.delete(name)
    }
  }

  /** @throws CloudError `not-found`; `conflict` for the world that everyone begins in. */
  async removeWorld(name: string): Promise<void> {
    if (name === usualWorld) throw conflict(`The world '${usualWorld}' can't be removed`)
    await this.existing(name)
    this.leave(name)
    await this.store.remove(name)
  }

  /** Empties a world: accounts find what they found at first. Its clock, its faults and its limits stay. @throws CloudError `not-found` */
  async resetWorld(name: string): Promise<World> {
    const world = await this.existing(name)
    await this.store.clear(name, world.now())
    await world.rules.forget()
    return world
  }

  /** A copy of a world as it is, to go its own way from here. @throws CloudError `bad-request`, `not-found`, `conflict` */
  async forkWorld(from: string, to: string): Promise<World> {
    checkedName(to)
    const original = await this.existing(from)
    if (await this.hasWorld(to)) throw conflict(`There is a world '${to}' already`)
    await this.store.fork(from, to, original.now())
    return this.world(to)
  }

  /** All of a world, to be restored from. @throws CloudError `not-found` */
  async *snapshot(name: string): AsyncGenerator<Uint8Array> {
    const world = await this.existing(name)
    yield* written(this.store.dump(name), world.now())
  }

  /**
   * Makes a world what it was when the snapshot was taken, or another one like it; its clock goes on from there.
   * @throws CloudError `bad-request` for a bad name, and for what is no snapshot or not a whole one; the world is then as it was.
   */
  async restore(name: string, snapshot: AsyncIterable<Uint8Array>): Promise<World> {
    checkedName(name)
    await load(this.store, name, read(snapshot), this.wall())
    this.leave(name)
    return this.world(name)
  }

  /** The time in a world, milliseconds since 1970; in one that nobody entered yet, what its clock would begin with. */
  now(world = usualWorld): number {
    return this.here(world)?.now() ?? this.ownClock?.now() ?? timeAt(begun(this.clockSetting, this.wall()), this.wall())
  }

  /** A key for sealing what clients are to bring back; as lasting as the cloud. */
  sealingKey(): Promise<Buffer> {
    this.keys ??= this.store
      .remember('sealing key', () => randomBytes(32).toString('base64'))
      .then(
        key => Buffer.from(key, 'base64'),
        error => {
          this.keys = undefined
          throw error
        },
      )
    return this.keys
  }

  async close(): Promise<void> {
    for (const name of [...this.entered.keys()]) this.leave(name)
    await this.store.close()
  }

  private isAccount(user: string): boolean {
    return this.accounts.has(user) || this.accounts.has(personOf(user)) || this.options.openToAnyone === true
  }

  /** A password that only this cloud can tell, for accounts that nobody set up. */
  private async strangersPassword(user: string): Promise<string> {
    return createHmac('sha256', await this.sealingKey())
      .update(`account ${user}`)
      .digest('hex')
  }

  /** Enters the world that everyone begins in, and sees to it that it's as the options say. */
  private async begin(): Promise<void> {
    const { seed, clock } = this.options
    const world = await this.world(usualWorld)
    if (seed !== undefined && seed !== world.seed)
      throw new StateError(`${stateOf(this.options)} was made with the seed '${world.seed}', not '${seed}'`)
    if (clock !== undefined && this.ownClock === undefined) await this.setClock(world)
  }

  /** A clock that was kept goes on in the way that's wanted now. */
  private async setClock({ clock }: World): Promise<void> {
    const { mode, scale = 1 } = this.clockSetting
    const kept = clock.read()
    if (mode === 'manual') {
      if (kept.mode !== 'manual') await clock.freeze()
    } else if (kept.mode === 'manual' || kept.scale !== scale) await clock.setScale(scale)
  }

  private async existing(name: string): Promise<World> {
    if (!(await this.hasWorld(name))) throw notFound(`There is no world '${name}'`)
    return this.world(name)
  }

  /** A world that was entered and is still the one that it was. */
  private here(name: string): World | undefined {
    const world = this.entered.get(name)
    if (world?.isGone !== true) return world
    this.leave(name)
    return undefined
  }

  private leave(name: string): void {
    this.entered.get(name)?.leave()
    this.entered.delete(name)
    this.entering.delete(name)
  }

  private async enter(name: string, { seed = this.options.seed ?? usualSeed, clock = this.clockSetting }: NewWorld): Promise<World> {
    checkedName(name)
    const { store, personalities, ownClock, wall } = this
    const live = await store.enter(name, { seed, origin: name, clock: begun(clock, wall()), settings: {} })
    // The machine's time may have been set back since.
    if (ownClock === undefined && notBefore(live.state.clock, live.reached, wall()) !== live.state.clock)
      await store.change(name, state => ({ clock: notBefore(state.clock, live.reached, wall()) }))
    const world = new World({ live, store, personalities, ownClock, wall })
    this.entered.set(name, world)
    return world
  }
}

const usualWorld = 'default'

/** The provider that another region of a provider is. */
const providerIn = (provider: string, region: string): string => `${provider}-${region}`

/** The kinds of cloud by provider, with those of each provider's other regions. @throws RangeError for regions of a provider that isn't there */
const withRegions = (
  personalities: Readonly<Record<string, Personality>>,
  regions: Readonly<Record<string, readonly string[]>>,
): ReadonlyMap<string, Personality> => {
  const all = new Map(Object.entries(personalities))
  for (const [provider, names] of Object.entries(regions)) {
    const personality = all.get(provider)
    if (personality === undefined) throw new RangeError(`The mock cloud has no provider '${provider}'`)
    for (const region of names.slice(1)) all.set(providerIn(provider, region), personality.inRegion?.(region) ?? personality)
  }
  return all
}

/** @throws CloudError `bad-request` */
const checkedName = (name: string): string => {
  if (/^[a-z0-9][a-z0-9_.-]{0,62}$/.test(name)) return name
  throw badRequest(`'${name}' can't be the name of a world: those have up to 63 small letters, digits, dots, dashes and underscores`)
}

const isDatabase = (state: string): boolean => /^postgres(ql)?:/i.test(state)

/** Where a cloud is kept, for people to read. */
const stateOf = ({ state = '' }: MockCloudOptions): string =>
  // An URL may hold a password.
  isDatabase(state) ? 'The database' : `The state file ${state}`

const openStore = async (state: string | undefined): Promise<Store> => {
  if (state === undefined) return new MemoryStore()
  if (!isDatabase(state)) return SqliteStore.inFile(state)
  // The client is loaded by those who have a database only.
  return (await import('./store/postgres.ts')).PostgresStore.open(state)
}
