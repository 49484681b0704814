/** A world in sqlite that was entered: what is known of it without asking the database, which nobody else writes to. */

import { notFound } from '../../model/errors.ts'
import type { Event, EventQuery, NewEvent } from '../events.ts'
import { eventLimit } from './event-limit.ts'
import { parse, type Statements } from './statements.ts'
import type { FreshWorld, LiveWorld, WorldState } from './store.ts'

export class SqliteWorld implements LiveWorld {
  readonly id: number
  readonly reached: number
  /** As committed, and as the transaction under way has it. */
  private current: WorldState
  private next: WorldState
  private readonly listeners = new Set<() => void>()
  /** Number of the last event, in the same two ways. */
  private committed: number
  private latest: number
  isGone = false

  private constructor(id: number, state: WorldState, reached: number, latest: number) {
    this.id = id
    this.current = state
    this.next = state
    this.reached = reached
    this.committed = latest
    this.latest = latest
  }

  /** @returns undefined where there is none of that name. */
  static find(sql: Statements, name: string): SqliteWorld | undefined {
    const row = sql.row('select world, seed, origin, clock, settings from world where name = ?', name)
    if (row === undefined) return undefined
    const [id, seed, origin, clock, settings] = row
    const reached = sql.row('select max(reached) from account where world = ?', Number(id))?.[0]
    const latest = sql.row('select max(seq) from event where world = ?', Number(id))?.[0]
    const state = { name, seed: String(seed), origin: String(origin), clock: parse<never>(clock), settings: parse<never>(settings) }
    return new SqliteWorld(Number(id), state, Number(reached ?? 0), Number(latest ?? 0))
  }

  static make(sql: Statements, name: string, { seed, origin, clock, settings }: FreshWorld): SqliteWorld {
    const values = [name, origin, seed, JSON.stringify(clock), JSON.stringify(settings)]
    const row = sql.row('insert into world (name, origin, seed, clock, settings) values (?, ?, ?, ?, ?) returning world', ...values)
    return new SqliteWorld(Number(row?.[0]), { name, seed, origin, clock, settings }, 0, 0)
  }

  get state(): WorldState {
    return this.current
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** @throws CloudError `not-found` where it has been removed. */
  checkThere(): void {
    if (this.isGone) throw notFound(`The world '${this.current.name}' is gone`)
  }

  write(sql: Statements, state: WorldState): void {
    const { clock, settings } = state
    sql.run('update world set clock = ?, settings = ? where world = ?', JSON.stringify(clock), JSON.stringify(settings), this.id)
    this.next = state
  }

  append(sql: Statements, events: readonly NewEvent[]): void {
    for (const event of events) {
      this.latest++
      sql.run('insert into event values (?, ?, ?)', this.id, this.latest, JSON.stringify(event))
      if (this.latest % trimming === 0) {
        sql.run('delete from event where world = ? and seq <= ?', this.id, this.latest - eventLimit(this.current.settings))
      }
    }
  }

  events(sql: Statements, { after = 0, limit, text, ...filters }: EventQuery): Event[] {
    const wanted = Object.entries(filters).filter(([, value]) => value !== undefined)
    const rows = sql.rows(
      `select seq, body from event where world = ? and seq > ?
       ${wanted.map(([name]) => `and body ->> '${columnOf(name)}' = ?`).join(' ')}
       ${text === undefined ? '' : 'and instr(lower(body), lower(?)) > 0'} order by seq limit ?`,
      this.id,
      after,
      ...wanted.map(([, value]) => String(value)),
      ...(text === undefined ? [] : [text]),
      limit,
    )
    return rows.map(([seq, body]) => ({ seq: Number(seq), world: this.current.name, ...parse<NewEvent>(body) }))
  }

  /** Goes on from an event of this number. */
  countFrom(seq: number): void {
    this.latest = seq
  }

  get lastEvent(): number {
    return this.committed
  }

  /** The transaction under way is over. */
  settle(isCommitted: boolean): void {
    if (!isCommitted) {
      this.next = this.current
      this.latest = this.committed
    } else if (this.next !== this.current || this.latest !== this.committed) {
      this.current = this.next
      this.committed = this.latest
      this.tell()
    }
  }

  end(): void {
    this.isGone = true
    this.tell()
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener()
  }
}

/** Events between two looks at how long the log has become. */
const trimming = 100

const columnOf = (name: string): string => {
  if (!/^[a-z]+$/.test(name)) throw new TypeError(`Events have no '${name}'`)
  return name
}
