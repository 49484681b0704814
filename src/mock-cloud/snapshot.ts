/**
 * A world as a file: lines of JSON, the same from every store.
 *
 * The first line says what it is, `{"snapshot":"mock cloud","version":1}`; then each entry (see store/entries.ts) has a line. The bytes of a
 * content follow its entry in lines `{"is":"piece","bytes":"<base64>"}`, as many as its size takes. The last line is `{"is":"end","lines":n}`
 * with the number of lines before it, so that half of a snapshot is known for what it is.
 */

import { badRequest } from '../model/errors.ts'
import { begun, latestTime, notBefore, readClockState, timeAt } from './clock-state.ts'
import type { NewEvent } from './events.ts'
import type { Entry } from './store/entries.ts'
import type { Incoming } from './store/receive.ts'
import type { Store, Transaction } from './store/store.ts'

const version = 1
const header = { snapshot: 'mock cloud', version }

/** Bytes of a piece: whole groups of Base64. */
const pieceSize = 192 * 1024
/** Characters that are gathered before they're given on. */
const gathered = 64 * 1024

/** Entries as a file. @param now the cloud's time. */
export async function* written(entries: AsyncIterable<Entry>, now: number): AsyncGenerator<Uint8Array> {
  let text = ''
  let lines = 0
  const line = (value: object): void => {
    text += `${JSON.stringify(value)}\n`
    lines++
  }
  line(header)
  for await (const entry of entries) {
    if (entry.is === 'content') {
      const { is, hash, size } = entry
      line({ is, hash, size })
      for await (const bytes of entry.content) {
        for (let at = 0; at < bytes.length; at += pieceSize) {
          line({ is: 'piece', bytes: Buffer.from(bytes.subarray(at, at + pieceSize)).toString('base64') })
          yield Buffer.from(text)
          text = ''
        }
      }
    } else if (entry.is === 'world') {
      // What the machine's time was when means nothing elsewhere.
      line({ ...entry, clock: { ...entry.clock, cloudAt: now, wallAt: 0 } })
    } else line(entry)
    if (text.length < gathered) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(`${text}${JSON.stringify({ is: 'end', lines })}\n`)
}

/** What a line holds, as far as anything reads it before it's known to be whole. */
interface Line {
  readonly is?: unknown
  readonly [name: string]: unknown
}

/** The entries of a file. @throws CloudError `bad-request` for what is no snapshot, or not all of one. */
export async function* read(file: AsyncIterable<Uint8Array>): AsyncGenerator<Entry> {
  const lines = linesOf(file)
  const first = await lines.next()
  if (first.done || first.value.snapshot !== header.snapshot) throw badRequest('This is no snapshot of a world')
  if (first.value.version !== version)
    throw badRequest(`This snapshot is of the version ${String(first.value.version)}; this program reads version ${version}`)
  let count = 1
  let isWhole = false
  const next = async (): Promise<Line | undefined> => {
    const { done, value } = await lines.next()
    if (done || isWhole) return undefined
    isWhole = value.is === 'end' && value.lines === count
    count++
    return isWhole ? undefined : value
  }
  for (let line = await next(); line !== undefined; line = await next()) {
    if (line.is === 'content') {
      const { hash, size } = line
      if (typeof hash !== 'string' || typeof size !== 'number') throw damaged()
      yield { is: 'content', hash, size, content: piecesOf(size, next) }
    } else yield entryOf(line)
  }
  if (!isWhole) throw badRequest('This snapshot breaks off: its last line is missing')
}

async function* piecesOf(size: number, next: () => Promise<Line | undefined>): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; ) {
    const line = await next()
    if (line?.is !== 'piece' || typeof line.bytes !== 'string') throw damaged()
    const bytes = Buffer.from(line.bytes, 'base64')
    if (bytes.length === 0) throw damaged()
    left -= bytes.length
    yield bytes
  }
}

const damaged = () => badRequest('This snapshot is damaged')

/** What each kind of entry must have, so that reading it can't fail in the middle. */
const shapes: Readonly<Record<string, Readonly<Record<string, 'string' | 'number' | 'object'>>>> = {
  world: { seed: 'string', origin: 'string', clock: 'object', settings: 'object', seq: 'number' },
  account: { provider: 'string', account: 'string', reached: 'number' },
  number: { name: 'string', value: 'number' },
  resource: { kind: 'string', shown: 'object', kept: 'object' },
  annotation: { kind: 'string', id: 'string', key: 'string', value: 'string' },
  blob: { hash: 'string', shown: 'object' },
  upload: { bucket: 'string', upload: 'string', pending: 'object' },
  part: { bucket: 'string', upload: 'string', hash: 'string', shown: 'object' },
  event: { seq: 'number', event: 'object' },
}

/** A line that has what its kind needs; what is in it is ours, for as long as the file is. */
const entryOf = (line: Line): Entry => {
  const shape = typeof line.is === 'string' && Object.hasOwn(shapes, line.is) ? shapes[line.is] : undefined
  if (shape === undefined) throw damaged()
  if (Object.entries(shape).some(([name, type]) => typeof line[name] !== type || line[name] === null)) throw damaged()
  return line as Line & Entry
}

async function* linesOf(file: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  try {
    for await (const bytes of file) {
      rest += decoder.decode(bytes, { stream: true })
      if (!rest.includes('\n')) continue
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield lineOf(line)
    }
  } catch (error) {
    throw error instanceof TypeError ? damaged() : error
  }
}

const lineOf = (text: string): Line => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw damaged()
  }
  if (typeof value !== 'object' || value === null) throw damaged()
  return { ...value }
}

/** A snapshot in memory, before the world is made of it. */
interface Gathered {
  world: Extract<Entry, { is: 'world' }> | undefined
  readonly contents: Map<string, Incoming>
  readonly rows: Entry[]
  readonly events: NewEvent[]
  firstEvent: number | undefined
}

/** Makes a world of entries. @param wall the machine's time. @throws CloudError `bad-request` for entries that make none. */
export const load = async (store: Store, name: string, entries: AsyncIterable<Entry>, wall: number): Promise<void> => {
  const gathered: Gathered = { world: undefined, contents: new Map(), rows: [], events: [], firstEvent: undefined }
  try {
    for await (const entry of entries) await gather(store, gathered, entry)
    const { world, rows, events, firstEvent } = gathered
    if (world === undefined) throw damaged()
    const { seed, origin, settings } = world
    const clock = readClockState(world.clock)
    if (clock === undefined) throw badRequest('This snapshot has a clock that no world can have')
    // Time hasn't passed in a snapshot, but where it's the machine's.
    const reached = Math.min(latestTime, latest(gathered, clock.cloudAt))
    const going = clock.mode === 'system' ? begun({ mode: 'system' }, wall) : { ...clock, cloudAt: reached, wallAt: wall }
    const started = notBefore(going, reached, wall)
    await store.replace(name, { seed, origin, clock: started, settings, seq: (firstEvent ?? world.seq + 1) - 1 }, async tx => {
      let account = tx
      for (const row of rows) account = await add(tx, account, row, gathered.contents)
      await tx.append([...events, { time: timeAt(started, wall), type: 'restored' }])
    })
  } finally {
    for (const incoming of gathered.contents.values()) await store.discard(incoming)
  }
}

const latest = ({ rows }: Gathered, time: number): number =>
  rows.reduce((latest, row) => (row.is === 'account' ? Math.max(latest, row.reached) : latest), time)

const gather = async (store: Store, gathered: Gathered, entry: Entry): Promise<void> => {
  switch (entry.is) {
    case 'world':
      gathered.world = entry
      return
    case 'content': {
      const incoming = await store.receive(entry.content, entry.size)
      gathered.contents.set(entry.hash, incoming)
      if (incoming.hash !== entry.hash) throw damaged()
      return
    }
    case 'event':
      gathered.firstEvent ??= entry.seq
      gathered.events.push(entry.event)
      return
    default:
      gathered.rows.push(entry)
  }
}

/** @returns the account that the next row belongs to. */
const add = async (tx: Transaction, account: Transaction, row: Entry, contents: ReadonlyMap<string, Incoming>): Promise<Transaction> => {
  const contentOf = (hash: string): Incoming => {
    const content = contents.get(hash)
    if (content === undefined) throw damaged()
    return content
  }
  if (row.is !== 'account' && account === tx) throw damaged()
  switch (row.is) {
    case 'account': {
      const next = await tx.within(row.provider, row.account)
      await next.arrive(row.reached)
      return next
    }
    case 'number':
      await account.setNumber(row.name, row.value)
      return account
    case 'resource': {
      const { kind, shown, kept, due } = row
      // What belongs together was written together.
      await account.put(kind, { shown, kept, ...(due === undefined ? {} : { due }) } as never)
      return account
    }
    case 'annotation':
      await account.annotate(row.kind, row.id, { [row.key]: row.value })
      return account
    case 'blob':
      await account.blobs.put(row.shown, contentOf(row.hash))
      return account
    case 'upload':
      await account.blobs.begin(row.bucket, row.upload, row.pending)
      return account
    case 'part':
      await account.blobs.putPart(row.bucket, row.upload, row.shown, contentOf(row.hash))
      return account
    default:
      throw damaged()
  }
}
