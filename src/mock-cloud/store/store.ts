/**
 * Where a cloud is kept. The simulator's operations are written once over these interfaces; a store decides what is behind them.
 *
 * An operation is an async function over one transaction. A store may run it again from its start (where another transaction got in its
 * way), so it has no other effects, and it must not be left running behind: it awaits everything that it begins.
 */

import type { Page } from '../../model/requests.ts'
import type { Kind, Records, Shown } from '../records.ts'

/** Whose data: an account of a provider in a world. */
export interface Scope {
  readonly world: string
  readonly provider: string
  readonly account: string
}

export interface Store {
  /** Makes the world where there is none. @returns the seed it was made with, and the latest cloud time that was written in it. */
  enter(world: string, seed: string): Promise<{ seed: string; reached: number }>
  /** What is kept under a name for the whole store, made by `make` the first time. */
  remember(name: string, make: () => string): Promise<string>
  /** Runs an operation that only reads. */
  read<T>(scope: Scope, operation: (tx: Reading) => Promise<T>): Promise<T>
  /**
   * Runs an operation that may write. It's all there, durably, when the promise is fulfilled; nothing of it is when it's rejected.
   * @param operation gets the transaction; its `at` is set once the operation knows the cloud time at which it happens.
   */
  write<T>(scope: Scope, operation: (tx: Transaction) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** One account as it was at one moment. */
export interface Reading {
  /** Whether the account has been used before. */
  isKnown(): Promise<boolean>
  /** Whether a transition is due at this cloud time. */
  isDue(now: number): Promise<boolean>
  /** What documents show of one resource. */
  show<K extends Kind>(kind: K, id: string): Promise<Shown<K> | undefined>
  /** What documents show of all of a kind, in the order in which they were made. */
  list<K extends Kind>(kind: K): Promise<Shown<K>[]>
  /** A part of that list. @param page.after the `next` of the part before. */
  page<K extends Kind>(kind: K, page: { readonly after?: string; readonly limit: number }): Promise<Page<Shown<K>>>
  get<K extends Kind>(kind: K, id: string): Promise<Records[K] | undefined>
  /** A number kept under a name; 0 where none was. */
  number(name: string): Promise<number>
  annotations(kind: Kind, id: string): Promise<Readonly<Record<string, string>>>
  /** Ids of the resources whose annotation has this value, in the order in which they were made. */
  annotated(kind: Kind, key: string, value: string): Promise<string[]>
}

export interface Transaction extends Reading {
  /** Marks the account as used, and the cloud time that was reached. */
  arrive(now: number): Promise<void>
  /** Adds a record, or replaces the one of its id, which keeps its place. */
  put<K extends Kind>(kind: K, record: Records[K]): Promise<void>
  /** Removes a record with its annotations. */
  remove(kind: Kind, id: string): Promise<void>
  /** The record whose transition is due first at this cloud time: by time, then by id. */
  nextDue(now: number): Promise<Due | undefined>
  setNumber(name: string, value: number): Promise<void>
  /** An undefined value removes. */
  annotate(kind: Kind, id: string, entries: Readonly<Record<string, string | undefined>>): Promise<void>
}

/** A record whose time has come. */
export interface Due {
  readonly kind: Kind
  readonly id: string
  readonly at: number
}
