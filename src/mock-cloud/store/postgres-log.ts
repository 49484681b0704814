/**
 * The log of a world in PostgreSQL. Events are written without a number, so that those who write don't wait for each other, and numbered when
 * somebody wants to read them: in the order in which they were begun to be written, which within an account is that of its transactions.
 */

import type { Event, EventQuery, NewEvent } from '../events.ts'
import { eventLimit } from './event-limit.ts'
import type { Session } from './postgres-session.ts'
import { parse } from './statements.ts'
import type { WorldState } from './store.ts'

export const append = (sql: Session, world: string, events: readonly NewEvent[]): void => {
  for (const event of events) {
    const { time, type, provider, account, kind, id } = event
    sql.run(
      'insert into event (world, time, type, provider, account, kind, id, body) values ($1, $2, $3, $4, $5, $6, $7, $8)',
      world,
      time,
      type,
      provider ?? null,
      account ?? null,
      kind ?? null,
      id ?? null,
      JSON.stringify(event),
    )
  }
}

/** Whether events wait for their number. */
export const isWaiting = async (sql: Session, world: string): Promise<boolean> =>
  (await sql.row('select 1 from event where world = $1 and seq is null limit 1', world)) !== undefined

/** Numbers what was committed until now, and lets the oldest go. @returns the last number that was given */
export const number = async (sql: Session, world: string, { settings }: WorldState): Promise<number> => {
  sql.run('select 1 from world where world = $1 for no key update', world)
  sql.run(
    `with waiting as (select event, row_number() over (order by event) as n from event where world = $1 and seq is null),
     numbered as (update event e set seq = w.seq + n from waiting, world w where w.world = $1 and e.event = waiting.event returning n)
     update world set seq = seq + (select count(*) from numbered) where world = $1`,
    world,
  )
  sql.run('delete from event where world = $1 and seq <= (select seq from world where world = $1) - $2', world, eventLimit(settings))
  return Number((await sql.row('select seq from world where world = $1', world))?.[0])
}

export const read = async (sql: Session, world: string, name: string, query: EventQuery): Promise<Event[]> => {
  const { after = 0, limit, text, type, provider, account, kind, id } = query
  const wanted = Object.entries({ type, provider, account, kind, id }).flatMap(([column, value]) =>
    value === undefined ? [] : [{ column, value }],
  )
  const conditions = wanted.map(({ column }, i) => `and ${column} = $${i + 4}`)
  if (text !== undefined) conditions.push(`and strpos(lower(body), lower($${wanted.length + 4})) > 0`)
  const rows = await sql.rows(
    `select seq, body from event where world = $1 and seq > $2 ${conditions.join(' ')} order by seq limit $3`,
    world,
    after,
    limit,
    ...wanted.map(({ value }) => value),
    ...(text === undefined ? [] : [text]),
  )
  return rows.map(([seq, body]) => ({ seq: Number(seq), world: name, ...parse<NewEvent>(body) }))
}
