/** The tokens and clients that a server keeps for its drivers: bounded, each for as long as it lasts, and never made twice at once. */

import { createHmac, randomBytes } from 'node:crypto'
import { orAborted } from './aborting.ts'
import type { Credentials, SessionCache } from './context.ts'

interface Entry {
  readonly making: Promise<unknown>
  /** Undefined until it's made. */
  expires?: number
  /** It failed because its maker went away, not because the cloud refused. */
  abandoned?: boolean
}

/**
 * @param options.limit how many are kept; the one that was used longest ago goes first.
 * @param options.now milliseconds since 1970, of the clock that `expires` is told in.
 */
export const createSessionCache = (options: { readonly limit: number; readonly now: () => number }): SessionCache => {
  // A map keeps the order of insertion: what is used is put in again, so the first is the one used longest ago.
  const entries = new Map<string, Entry>()

  const use = (key: string): Entry | undefined => {
    const entry = entries.get(key)
    if (entry === undefined) return undefined
    entries.delete(key)
    if (entry.expires !== undefined && entry.expires <= options.now()) return undefined
    entries.set(key, entry)
    return entry
  }

  const begin = <T>(key: string, make: () => Promise<{ value: T; expires: number }>, signal: AbortSignal): Promise<T> => {
    const drop = (): void => {
      if (entries.get(key) === entry) entries.delete(key)
    }
    const finish = async (): Promise<T> => {
      try {
        const { value, expires } = await make()
        entry.expires = expires
        if (expires <= options.now()) drop()
        return value
      } catch (error) {
        drop()
        entry.abandoned = signal.aborted
        throw error
      }
    }
    // A step later: when `finish` runs, its entry stands.
    const making = Promise.resolve().then(finish)
    const entry: Entry = { making }
    entries.set(key, entry)
    const [oldest] = entries.keys()
    if (entries.size > options.limit && oldest !== undefined) entries.delete(oldest)
    return making
  }

  return {
    async remember<T>(key: string, make: () => Promise<{ value: T; expires: number }>, signal: AbortSignal): Promise<T> {
      for (;;) {
        signal.throwIfAborted()
        const entry = use(key)
        if (entry === undefined) return begin(key, make, signal)
        try {
          // One key always stands for values of one type: it names the driver, and what is kept for it.
          return (await orAborted(signal, entry.making)) as T
        } catch (error) {
          if (entry.abandoned !== true) throw error
        }
      }
    },
    forget(key) {
      entries.delete(key)
    },
  }
}

// Of this process alone: a key that leaks tells nothing about the credentials.
const secret = randomBytes(32)

/** The key of what is kept for these credentials. They stand in it as a keyed hash, so that no secret is kept in the clear. */
export const sessionKey = (world: string, driver: string, provider: string | undefined, credentials: Credentials | undefined): string => {
  const who = credentials === undefined ? [] : [credentials.user, credentials.password]
  return JSON.stringify([world, driver, provider ?? null, createHmac('sha256', secret).update(JSON.stringify(who)).digest('base64url')])
}
