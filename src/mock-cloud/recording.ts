/** Writes down what a transaction changes, by comparing each resource with what it was: no collection need tell. */

import type { Blob, Resource } from '../model/resources.ts'
import type { NewEvent } from './events.ts'
import type { Kind, Records, Shown } from './records.ts'
import type { Incoming } from './store/receive.ts'
import type { BlobWriting, Due, Transaction } from './store/store.ts'

/** What all events of one step have in common. */
interface About {
  /** Cloud time. */
  readonly time: number
  readonly provider: string
  readonly account: string
  readonly action?: string
}

/** Who has a say in what a transaction does. */
interface Watching {
  /** Before a resource is added; throws where it may not be. */
  readonly creating?: <K extends Kind>(kind: K, shown: Shown<K>) => Promise<void>
  /** After a resource was added, changed or removed. @param was as it was before; undefined where it wasn't there. */
  readonly changed?: (kind: Kind, id: string, was: Resource | undefined) => Promise<void>
}

/** The events of one transaction. */
export class Recording {
  private readonly events: NewEvent[] = []

  note(event: NewEvent): void {
    this.events.push(event)
  }

  /** A transaction whose changes are written down. */
  of(tx: Transaction, about: About, watching: Watching = {}): Transaction {
    return new RecordedTransaction(tx, event => this.note({ ...about, ...event }), watching)
  }

  /** Keeps the events: the last thing that the transaction does. */
  async keep(tx: Transaction): Promise<void> {
    if (this.events.length > 0) await tx.append(this.events)
  }
}

type Note = (event: Omit<NewEvent, 'time'>) => void

/** What only the simulator knows of is no event. */
const unseen: ReadonlySet<string> = new Set(['leases', 'echoes'])

class RecordedTransaction implements Transaction {
  private readonly tx: Transaction
  private readonly note: Note
  private readonly watching: Watching
  /** Resources as this transaction last saw them. */
  private readonly seen = new Map<string, Resource | undefined>()
  readonly blobs: BlobWriting

  constructor(tx: Transaction, note: Note, watching: Watching) {
    this.tx = tx
    this.note = note
    this.watching = watching
    this.blobs = recordedBlobs(tx.blobs, note)
  }

  async put<K extends Kind>(kind: K, record: Records[K]): Promise<void> {
    const { shown } = record
    if (unseen.has(kind)) return this.tx.put(kind, record)
    const before = await this.before(kind, shown.id)
    if (before === undefined) await this.watching.creating?.(kind, shown)
    await this.tx.put(kind, record)
    this.seen.set(keyOf(kind, shown.id), shown)
    const to = stateOf(shown)
    if (before === undefined) {
      this.note({ type: 'created', kind, id: shown.id, ...(to === undefined ? {} : { to }) })
      await this.watching.changed?.(kind, shown.id, undefined)
      return
    }
    const changed = differences(before, shown)
    if (changed.length === 0) return
    const from = stateOf(before)
    const states = from === to ? {} : { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
    this.note({ type: 'changed', kind, id: shown.id, ...states, changed })
    await this.watching.changed?.(kind, shown.id, before)
  }

  async remove(kind: Kind, id: string): Promise<void> {
    const before = unseen.has(kind) ? undefined : await this.before(kind, id)
    await this.tx.remove(kind, id)
    if (before === undefined) return
    this.seen.set(keyOf(kind, id), undefined)
    const from = stateOf(before)
    this.note({ type: 'destroyed', kind, id, ...(from === undefined ? {} : { from }) })
    await this.watching.changed?.(kind, id, before)
  }

  async annotate(kind: Kind, id: string, entries: Readonly<Record<string, string | undefined>>): Promise<void> {
    const before = await this.tx.annotations(kind, id)
    await this.tx.annotate(kind, id, entries)
    if (Object.entries(entries).some(([key, value]) => before[key] !== value)) {
      this.note({ type: 'changed', kind, id, changed: ['annotations'] })
    }
  }

  async show<K extends Kind>(kind: K, id: string): Promise<Shown<K> | undefined> {
    const shown = await this.tx.show(kind, id)
    this.seen.set(keyOf(kind, id), shown)
    return shown
  }

  async get<K extends Kind>(kind: K, id: string): Promise<Records[K] | undefined> {
    const record = await this.tx.get(kind, id)
    this.seen.set(keyOf(kind, id), record?.shown)
    return record
  }

  get world() {
    return this.tx.world
  }
  get reached() {
    return this.tx.reached
  }
  isKnown() {
    return this.tx.isKnown()
  }
  isDue(now: number) {
    return this.tx.isDue(now)
  }
  list<K extends Kind>(kind: K) {
    return this.tx.list(kind)
  }
  page<K extends Kind>(kind: K, page: { readonly after?: string; readonly limit: number }) {
    return this.tx.page(kind, page)
  }
  number(name: string) {
    return this.tx.number(name)
  }
  setNumber(name: string, value: number) {
    return this.tx.setNumber(name, value)
  }
  annotations(kind: Kind, id: string) {
    return this.tx.annotations(kind, id)
  }
  allAnnotations(kind: Kind) {
    return this.tx.allAnnotations(kind)
  }
  annotated(kind: Kind, key: string, value: string) {
    return this.tx.annotated(kind, key, value)
  }
  arrive(now: number) {
    return this.tx.arrive(now)
  }
  nextDue(now: number): Promise<Due | undefined> {
    return this.tx.nextDue(now)
  }
  within(provider: string, account: string) {
    return this.tx.within(provider, account)
  }
  append(events: readonly NewEvent[]) {
    return this.tx.append(events)
  }

  private async before(kind: Kind, id: string): Promise<Resource | undefined> {
    const key = keyOf(kind, id)
    return this.seen.has(key) ? this.seen.get(key) : this.tx.show(kind, id)
  }
}

const recordedBlobs = (blobs: BlobWriting, note: Note): BlobWriting => ({
  show: (bucket, id) => blobs.show(bucket, id),
  ids: bucket => blobs.ids(bucket),
  list: (bucket, stretch) => blobs.list(bucket, stretch),
  open: (bucket, id) => blobs.open(bucket, id),
  upload: (bucket, upload) => blobs.upload(bucket, upload),
  parts: (bucket, upload) => blobs.parts(bucket, upload),
  openPart: (bucket, upload, number) => blobs.openPart(bucket, upload, number),
  begin: (bucket, upload, pending) => blobs.begin(bucket, upload, pending),
  putPart: (bucket, upload, part, content) => blobs.putPart(bucket, upload, part, content),
  end: (bucket, upload) => blobs.end(bucket, upload),
  endAll: bucket => blobs.endAll(bucket),
  async put(blob: Blob, content?: Incoming) {
    const { bucketId: bucket, id } = blob
    const before = await blobs.show(bucket, id)
    await blobs.put(blob, content)
    const changed = before === undefined ? [] : differences(before, blob)
    if (before === undefined) note({ type: 'created', kind: 'blobs', bucket, id })
    else if (changed.length > 0) note({ type: 'changed', kind: 'blobs', bucket, id, changed })
  },
  async remove(bucket, id) {
    const isThere = (await blobs.show(bucket, id)) !== undefined
    await blobs.remove(bucket, id)
    if (isThere) note({ type: 'destroyed', kind: 'blobs', bucket, id })
  },
})

const keyOf = (kind: Kind, id: string): string => `${kind} ${id}`

const stateOf = (shown: object): string | undefined => ('state' in shown && typeof shown.state === 'string' ? shown.state : undefined)

/** Names of the attributes that differ. What is shown is kept as JSON, so JSON tells. */
const differences = (before: object, after: object): string[] => {
  if (before === after) return []
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  const names = new Set([...was.keys(), ...is.keys()])
  return [...names].filter(name => was.get(name) !== is.get(name) && JSON.stringify(was.get(name)) !== JSON.stringify(is.get(name)))
}
