/**
 * Where a cloud is kept. The simulator's operations are written once over these interfaces; a store decides what is behind them.
 *
 * An operation is an async function over one transaction. A store may run it again from its start (where another transaction got in its
 * way), so it has no other effects, and it must not be left running behind: it awaits everything that it begins.
 */

import type { Bytes, Page, UploadedPart } from '../../model/requests.ts'
import type { Blob } from '../../model/resources.ts'
import type { ClockState } from '../clock-state.ts'
import type { Event, EventQuery, NewEvent } from '../events.ts'
import type { Kind, Records, Shown } from '../records.ts'
import type { OpenContent } from './contents.ts'
import type { Entry } from './entries.ts'
import type { Incoming } from './receive.ts'

/** Whose data: an account of a provider in a world. */
export interface Scope {
  readonly world: string
  readonly provider: string
  readonly account: string
}

/** JSON that the parts of the simulator keep with a world, each under a name of its own. */
export type Settings = Readonly<Record<string, unknown>>

/** What is kept of a world itself. The settings are the same object for as long as nothing of them changes. */
export interface WorldState {
  readonly name: string
  /** What every draw in it begins with. */
  readonly seed: string
  /** The name that draws know it by. */
  readonly origin: string
  readonly clock: ClockState
  readonly settings: Settings
}

export type FreshWorld = Omit<WorldState, 'name'>

/** A world that was entered. */
export interface LiveWorld {
  /** The latest that this store knows. */
  readonly state: WorldState
  /** The latest cloud time that had been written in it when it was entered. */
  readonly reached: number
  /** Whether it has been removed or made anew, by this process or another: who wants it has to enter again. */
  readonly isGone: boolean
  /** Tells after each commit, of any process, that wrote events or changed the state. @returns what ends that. */
  onChange(listener: () => void): () => void
}

export interface Store {
  readonly kind: 'memory' | 'file' | 'postgresql'
  /** Writes something small, as a request would, and durably. @throws CloudError or whatever keeps it from that */
  check(): Promise<void>
  /** What is kept under a name for the whole store, made by `make` the first time. */
  remember(name: string, make: () => string): Promise<string>
  /** Names of the worlds, in the order of the alphabet. */
  worlds(): Promise<readonly string[]>
  /** Enters a world, and makes it where there is none. */
  enter(name: string, fresh: FreshWorld): Promise<LiveWorld>
  /** Changes a world that was entered, all at once; what isn't named stays. @throws what `change` throws. */
  change(name: string, change: (state: WorldState) => Partial<Pick<WorldState, 'clock' | 'settings'>>): Promise<void>
  /** Empties a world: its accounts, all that is theirs, and its log, of which the event `reset` is left. */
  clear(name: string, time: number): Promise<void>
  remove(name: string): Promise<void>
  /** Makes a copy of a world under a name that isn't taken, with the event `forked`. */
  fork(from: string, to: string, time: number): Promise<void>
  /** The accounts that a world knows, by provider and name. */
  accounts(name: string): Promise<readonly Owner[]>
  /** The first transition to come in a world, and when the last that is known of is due. */
  horizon(name: string): Promise<Horizon | undefined>
  events(name: string, query: EventQuery): Promise<readonly Event[]>
  /** The number of the last event; 0 where there is none. */
  lastEvent(name: string): Promise<number>
  /** A world as it is at one moment, whatever becomes of it meanwhile. */
  dump(name: string): AsyncIterable<Entry>
  /**
   * Makes a world anew, in place of what was there under that name, all at once; whoever entered that one has to enter again.
   * @param world.seq number of the event before the first that `fill` appends.
   * @param fill gets an account that isn't known, for `within` and `append`.
   */
  replace(name: string, world: FreshWorld & { readonly seq: number }, fill: (tx: Transaction) => Promise<void>): Promise<void>
  /** Runs an operation that only reads. */
  read<T>(scope: Scope, operation: (tx: Reading) => Promise<T>): Promise<T>
  /** Runs an operation that may write. It's all there, durably, when the promise is fulfilled; nothing of it is when it's rejected. */
  write<T>(scope: Scope, operation: (tx: Transaction) => Promise<T>): Promise<T>
  /**
   * Takes content in, before the operation that gives it to a blob.
   * @param length what its sender announced.
   * @throws CloudError `bad-request` where there's more or less than that; whatever reading it throws. Nothing is left of it then.
   */
  receive(content: Bytes, length?: number): Promise<Incoming>
  /** Lets go of content that was taken in, kept or not. */
  discard(incoming: Incoming): Promise<void>
  close(): Promise<void>
}

/** An account of a provider. */
export interface Owner {
  readonly provider: string
  readonly account: string
}

export interface Horizon {
  readonly first: Due
  /** Milliseconds since 1970, cloud time. */
  readonly last: number
}

/** One account as it was at one moment. */
export interface Reading {
  /** The world as it is in this transaction: where other processes share it, as they left it. */
  readonly world: WorldState
  /** The latest cloud time that was written in the account; 0 where it's not known. */
  readonly reached: number
  /** Whether the account has been used before. */
  isKnown(): Promise<boolean>
  /** Whether a transition is due at this cloud time, of this account or another. */
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
  readonly blobs: BlobReading
  annotations(kind: Kind, id: string): Promise<Readonly<Record<string, string>>>
  /** Of all resources of a kind, by id; who has none is left out. */
  allAnnotations(kind: Kind): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>
  /** Ids of the resources whose annotation has this value, in the order in which they were made. */
  annotated(kind: Kind, key: string, value: string): Promise<string[]>
}

export interface Transaction extends Reading {
  /** Marks the account as used, and the cloud time that it reached: the first that a writing operation does. */
  arrive(now: number): Promise<void>
  /** Adds a record, or replaces the one of its id, which keeps its place. */
  put<K extends Kind>(kind: K, record: Records[K]): Promise<void>
  /** Removes a record with its annotations. */
  remove(kind: Kind, id: string): Promise<void>
  /**
   * The record whose transition is due first at this cloud time: by time, then by provider, account, id and kind.
   * Of the whole world, so that its log is in the order of time; where processes share it, it may be of this account only.
   */
  nextDue(now: number): Promise<Due | undefined>
  /** Another account of the same world, in the same transaction. */
  within(provider: string, account: string): Promise<Transaction>
  /** Adds events to the world's log: the last that an operation does. */
  append(events: readonly NewEvent[]): Promise<void>
  readonly blobs: BlobWriting
  setNumber(name: string, value: number): Promise<void>
  /** An undefined value removes. */
  annotate(kind: Kind, id: string, entries: Readonly<Record<string, string | undefined>>): Promise<void>
}

/** A stretch of a bucket's blobs, in the order of their ids (that of their UTF-8). */
export interface Stretch {
  readonly prefix: string
  /** Ids behind this one only. */
  readonly after?: string
  /** Ids behind all that begin with this only. */
  readonly behind?: string
  readonly limit: number
}

/** Blobs and uploads in parts, by bucket. */
export interface BlobReading {
  show(bucket: string, id: string): Promise<Blob | undefined>
  /** All ids, in order. */
  ids(bucket: string): Promise<string[]>
  list(bucket: string, stretch: Stretch): Promise<Blob[]>
  /** A blob with its content, to be read when the operation is over. */
  open(bucket: string, id: string): Promise<{ blob: Blob; content: OpenContent } | undefined>
  upload(bucket: string, upload: string): Promise<PendingUpload | undefined>
  /** By number. */
  parts(bucket: string, upload: string): Promise<UploadedPart[]>
  openPart(bucket: string, upload: string, number: number): Promise<OpenContent | undefined>
}

export interface BlobWriting extends BlobReading {
  /** Adds a blob, or replaces the one of its id. @param content absent where it stays as it is. */
  put(blob: Blob, content?: Incoming): Promise<void>
  remove(bucket: string, id: string): Promise<void>
  begin(bucket: string, upload: string, pending: PendingUpload): Promise<void>
  /** Adds a part, or replaces the one of its number. */
  putPart(bucket: string, upload: string, part: UploadedPart, content: Incoming): Promise<void>
  /** Forgets an upload with its parts. */
  end(bucket: string, upload: string): Promise<void>
  /** Forgets all uploads of a bucket. */
  endAll(bucket: string): Promise<void>
}

/** What an upload in parts is to become. */
export interface PendingUpload {
  /** Of the blob. */
  readonly id: string
  readonly contentType?: string
  readonly metadata: Readonly<Record<string, string>>
}

/** A record whose time has come. */
export interface Due {
  readonly provider: string
  readonly account: string
  readonly kind: Kind
  readonly id: string
  readonly at: number
}
