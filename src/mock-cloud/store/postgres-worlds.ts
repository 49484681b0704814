/** Worlds as this process has entered them, and the news of other processes about them. */

import type { Client, Pool } from 'pg'
import type { LiveWorld, WorldState } from './store.ts'

/** What every process of a cloud listens to; the news is a world's name. */
const channel = 'mock_cloud'
/** Milliseconds. */
const newsTogether = 20
/** News may be lost: a process may be killed between what it did and telling of it. So the tables are looked at, too. Milliseconds. */
const glance = 2000

/** A world's row, and how often it was changed. */
export interface Versioned {
  /** Of the row. A world that was made anew has another. */
  readonly id: string
  readonly version: number
  readonly state: WorldState
}

class Entered implements LiveWorld {
  readonly reached: number
  private known: Versioned
  private readonly listeners = new Set<() => void>()
  isGone = false

  constructor(known: Versioned, reached: number) {
    this.known = known
    this.reached = reached
  }

  get state(): WorldState {
    return this.known.state
  }

  get version(): number {
    return this.known.version
  }

  get id(): string {
    return this.known.id
  }

  learn(known: Versioned): void {
    if (known.version > this.known.version) this.known = known
  }

  tell(): void {
    for (const listener of [...this.listeners]) listener()
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

export class PostgresWorlds {
  private readonly pool: Pool
  private readonly connect: () => Client
  private readonly entered = new Map<string, Entered>()
  private readonly news = new Set<string>()
  private readonly lookAgain: NodeJS.Timeout
  private ear: Client | undefined
  private teller: NodeJS.Timeout | undefined
  private latest = ''
  private isClosed = false

  /** @param connect makes a connection of its own that isn't open yet. */
  constructor(pool: Pool, connect: () => Client) {
    this.pool = pool
    this.connect = connect
    // A look that fails is made again by the next; what a request needs of the database fails in its own words.
    this.lookAgain = setInterval(() => void this.look().catch(() => undefined), glance)
    this.lookAgain.unref()
  }

  enter(known: Versioned, reached: number): LiveWorld {
    this.learn(known)
    const { name } = known.state
    const live = this.entered.get(name) ?? new Entered(known, reached)
    this.entered.set(name, live)
    return live
  }

  /** The state of a world where that version of it is known. */
  known(name: string, version: number): WorldState | undefined {
    const live = this.entered.get(name)
    return live?.version === version ? live.state : undefined
  }

  learn(known: Versioned): void {
    const { name } = known.state
    const live = this.entered.get(name)
    if (live !== undefined && live.id !== known.id) this.forget(name)
    else live?.learn(known)
  }

  /** Whether the row is that of the world that was entered under the name. */
  isEntered(name: string, id: string): boolean {
    const live = this.entered.get(name)
    if (live !== undefined && live.id !== id) this.forget(name)
    return live?.id === id
  }

  /** A world is there no more, or not the one that it was. */
  forget(name: string): void {
    const live = this.entered.get(name)
    if (live === undefined) return
    this.entered.delete(name)
    live.isGone = true
    live.tell()
  }

  /** Something was committed in a world: tells those who watch it, here at once and elsewhere soon. */
  changed(name: string): void {
    this.entered.get(name)?.tell()
    this.news.add(name)
    this.teller ??= setTimeout(() => void this.spread(), newsTogether)
  }

  /** Begins to hear what other processes tell. */
  async listen(): Promise<void> {
    const ear = this.connect()
    ear.on('notification', ({ processId, payload = '' }) => {
      // What this process told, it knows. News that are lost here are found by the next look.
      if (Reflect.get(ear, 'processID') !== processId) void this.heard(payload).catch(() => undefined)
    })
    ear.on('error', () => undefined)
    ear.on('end', () => {
      if (this.ear === ear) this.ear = undefined
    })
    await ear.connect()
    if (this.isClosed) return ear.end()
    this.ear = ear
    await ear.query(`listen ${channel}`)
  }

  async close(): Promise<void> {
    this.isClosed = true
    clearInterval(this.lookAgain)
    clearTimeout(this.teller)
    if (this.news.size > 0) await this.spread()
    await this.ear?.end()
  }

  private async spread(): Promise<void> {
    this.teller = undefined
    const names = [...this.news]
    this.news.clear()
    // Not in the transactions themselves: those that notify are committed one after the other. Where it fails, others look anyway.
    await this.ear?.query('select pg_notify($1, name) from unnest($2::text[]) as name', [channel, names]).catch(() => undefined)
  }

  private async heard(name: string): Promise<void> {
    if (!this.entered.has(name)) return
    await this.refresh([name])
    this.entered.get(name)?.tell()
  }

  private async look(): Promise<void> {
    if (this.ear === undefined && !this.isClosed) await this.listen()
    const { rows } = await this.pool.query<{ latest: string | null }>('select max(event) as latest from event')
    const latest = rows[0]?.latest ?? ''
    const names = [...this.entered.keys()]
    const changed = await this.refresh(names)
    const told = latest === this.latest ? changed : names
    this.latest = latest
    for (const name of told) this.entered.get(name)?.tell()
  }

  /** @returns the worlds that were changed */
  private async refresh(names: readonly string[]): Promise<string[]> {
    const { rows } = await this.pool.query<WorldRow>({
      name: 'worlds',
      text: `select ${worldColumns} from world where name = any($1)`,
      values: [names],
      rowMode: 'array',
    })
    const there = rows.map(versionedOf)
    for (const name of names) if (!there.some(({ state }) => state.name === name)) this.forget(name)
    const changed = there.filter(({ state, version }) => (this.entered.get(state.name)?.version ?? version) < version)
    for (const known of there) this.learn(known)
    return changed.map(({ state }) => state.name)
  }
}

/** As `versionedOf` reads them. */
export const worldColumns = 'world, name, version, seed, origin, clock, settings'

type WorldRow = [id: string, name: string, version: string, seed: string, origin: string, clock: string, settings: string]

/** A row of `worldColumns`. */
export const versionedOf = ([id, name, version, seed, origin, clock, settings]: readonly unknown[]): Versioned => ({
  id: String(id),
  version: Number(version),
  state: {
    name: String(name),
    seed: String(seed),
    origin: String(origin),
    clock: JSON.parse(String(clock)),
    settings: JSON.parse(String(settings)),
  },
})
