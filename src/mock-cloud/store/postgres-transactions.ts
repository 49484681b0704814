/** Transactions in PostgreSQL: begun again where they got in each other's way, or where the database went away before they were over. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import { CloudError, type ErrorKind } from '../../model/errors.ts'
import { Session } from './postgres-session.ts'

/** Sees all as it was at one moment, and waits for nobody. */
export const reading = 'isolation level repeatable read read only'
/** The same, for who writes elsewhere what is read here. */
export const copying = 'isolation level repeatable read'
/** Each statement sees what was committed before it; what must not change meanwhile is locked. */
export const writing = 'isolation level read committed'
/** The same, not on disk when it's over: nobody may be told of it before it's flushed. */
export const unhurried = `${writing}; set local synchronous_commit to off`

type Mode = typeof reading | typeof copying | typeof writing | typeof unhurried

/** How often a transaction is begun before it's given up, some seconds later. */
const mostAttempts = 10

export class Transactions {
  private readonly pool: Pool

  constructor(pool: Pool) {
    this.pool = pool
  }

  /** @param task may be run again from its start. @throws CloudError where the database is not there, or full; what the task throws. */
  async run<T>(mode: Mode, task: (sql: Session) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(mode, task)
      } catch (error) {
        if (!isPassing(error)) throw explainPostgres(error)
        if (attempt === mostAttempts) throw unavailable(error)
        // Those who got in each other's way don't come back at the same time.
        await pause(Math.random() * 5 * 2 ** attempt)
      }
    }
  }

  /** A transaction that can't be begun again, because what it was given is used up then. */
  async once<T>(mode: Mode, task: (sql: Session) => Promise<T>): Promise<T> {
    try {
      return await this.attempt(mode, task)
    } catch (error) {
      throw explainPostgres(error)
    }
  }

  private async attempt<T>(mode: Mode, task: (sql: Session) => Promise<T>): Promise<T> {
    const client = await this.pool.connect()
    const sql = new Session(client)
    let result: T
    let isEnding = false
    try {
      sql.begin(mode)
      result = await task(sql)
      isEnding = mode !== reading
      if (isEnding) await sql.commit()
    } catch (error) {
      this.leave(client, 'rollback')
      throw isEnding && isLost(error) ? doubtful(error) : error
    }
    if (mode === reading) this.leave(client, 'commit')
    else client.release()
    return result
  }

  /** Ends a transaction whose end nobody need wait for. */
  private leave(client: PoolClient, end: 'commit' | 'rollback'): void {
    client.query(end).then(
      () => client.release(),
      () => client.release(true),
    )
  }
}

const brokenOff = 'broken off'

/** The connection is gone, or there was none: codes of PostgreSQL and of the system. */
const lost: ReadonlySet<string> = new Set([
  brokenOff,
  // Told to end by the administrator, crashed, starting or stopping, idle for too long in a session or a transaction.
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '25P03',
  // Too many connections, or none to be had for this user.
  '53300',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  // The socket of a server on this machine goes with it.
  'ENOENT',
])

/** All of PostgreSQL's class 08 says so, too. */
const isLost = (error: unknown): boolean => lost.has(codeOf(error)) || /^08...$/.test(codeOf(error))

/**
 * Failures that another attempt need not meet: serialization failure, deadlock, two who made the same row at the same time, a row whose world
 * was removed at the same time (the next attempt finds it gone), and a lost connection.
 */
const passing: ReadonlySet<string> = new Set(['40001', '40P01', '23505', '23503'])

const isPassing = (error: unknown): boolean => passing.has(codeOf(error)) || isLost(error)

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error) || error instanceof CloudError) return ''
  const code: unknown = Reflect.get(error, 'code')
  if (typeof code === 'string') return code
  // The client has no code for what it says itself.
  return /^(Connection terminated|timeout exceeded when trying|Client (has encountered|was closed))/.test(error.message) ? brokenOff : ''
}

/** What PostgreSQL can't do for now, by its code, as errors of the cloud. */
const troubles: Readonly<Record<string, readonly [ErrorKind, string]>> = {
  '53100': ['storage-full', 'The mock cloud has no space left'],
  '25006': ['provider-unavailable', 'The database of the mock cloud takes no changes at the moment'],
  '58030': ['internal', "The state of the mock cloud can't be read or written"],
  XX001: ['internal', 'The state of the mock cloud is damaged'],
  XX002: ['internal', 'The state of the mock cloud is damaged'],
}

/** A failure of the database as an error of the cloud; what is none stays as it is. */
export const explainPostgres = (error: unknown): unknown => {
  if (isLost(error)) return unavailable(error)
  const trouble = troubles[codeOf(error)]
  return trouble === undefined ? error : new CloudError(...trouble, { cause: error })
}

const unavailable = (cause: unknown): CloudError =>
  new CloudError('provider-unavailable', 'The database of the mock cloud is not available', { cause })

/** Nobody can know whether it was kept. */
export const doubtful = (cause: unknown): CloudError =>
  new CloudError('provider-unavailable', 'The database of the mock cloud went away; whether the change was made is not known', { cause })
