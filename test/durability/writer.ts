/** A client that makes, changes and destroys resources of its own, and remembers what it was answered. */

import { hash } from 'node:crypto'
import { type Answer, type Ask, basic, type Client } from '../support/server.ts'
import { digest, type Fact, fits, idOf, type Kind, keyFact, observe } from './facts.ts'

interface Entry {
  readonly kind: Kind
  readonly path: string
  /** What is so since the last answer; where a request was cut, also what may have become of it. */
  readonly facts: readonly Fact[]
}

/** A request, and what it makes of a resource. */
interface Step {
  readonly ask: Ask
  readonly kind: Kind
  /** Absent where only the answer tells the id. */
  readonly path?: string
  readonly into: Fact
  /** What more the answer tells. */
  readonly learn?: (answer: Answer) => Fact
}

/** Answers that refuse, as the state of an instance or a volume has it just now, and change nothing. */
const refusals: readonly number[] = [405, 409]

export class Writer {
  readonly account: string
  private readonly name: string
  private readonly authorization: string
  private readonly seed: string
  private readonly ledger = new Map<string, Entry>()
  private steps = 0

  constructor(seed: string, { name, user, password }: { name: string; user: string; password: string }) {
    this.seed = seed
    this.name = name
    this.account = user
    this.authorization = basic(user, password)
  }

  /** A client that asks as this writer. */
  as(client: Client): Client {
    const headers = { Authorization: this.authorization, Accept: 'application/json' }
    return {
      ask: request => {
        const asked = typeof request === 'string' ? { target: request } : request
        return client.ask({ ...asked, login: false, headers: { ...headers, ...asked.headers } })
      },
    }
  }

  /**
   * Writes until the server is gone.
   * @param gone whether it's known to be; as long as it isn't, each request must be answered
   */
  async write(client: Client, acknowledged: () => void, gone: () => boolean): Promise<void> {
    for (;;) {
      const step = this.next()
      const { ask, kind, path, into, learn } = step
      let answer: Answer
      try {
        answer = await this.as(client).ask(ask)
      } catch (error) {
        if (!gone()) throw error
        if (path !== undefined) this.ledger.set(path, { kind, path, facts: [...(this.ledger.get(path)?.facts ?? ['gone']), into] })
        return
      }
      if (refusals.includes(answer.status)) continue
      if (answer.status >= 300) throw new Error(`${ask.method} ${ask.target} answers ${answer.status}: ${answer.text}`)
      const known = path ?? `/api/${kind === 'volume' ? 'storage_volumes' : 'instances'}/${idOf(answer)}`
      // An instance that is being destroyed may be seen on its way out.
      const facts = kind === 'instance' && into === 'gone' ? (['gone', { phase: 'down' }] as const) : [learn?.(answer) ?? into]
      this.ledger.set(known, { kind, path: known, facts })
      acknowledged()
    }
  }

  /** Looks for all that it remembers, and believes what it finds where it can't know. @returns what is lost */
  async check(client: Client): Promise<string[]> {
    const lost: string[] = []
    for (const { kind, path, facts } of this.ledger.values()) {
      const found = await observe(this.as(client), kind, path)
      if (!facts.some(fact => fits(fact, found))) {
        lost.push(`${path} is ${JSON.stringify(found)} and not ${facts.map(fact => JSON.stringify(fact)).join(' or ')}`)
      }
      const leaving = kind === 'instance' && facts.includes('gone')
      if (found === 'gone') this.ledger.delete(path)
      else if (!leaving) this.ledger.set(path, { kind, path, facts: [found] })
    }
    return lost
  }

  /** How many resources it knows of. */
  get size(): number {
    return this.ledger.size
  }

  private next(): Step {
    for (;;) {
      this.steps++
      const step = this.oneOf(moves)(this)
      if (step !== undefined) return step
    }
  }

  /** At least 0 and below `below`, by the seed and the number of the step. */
  draw(purpose: string, below: number): number {
    return Number.parseInt(hash('sha256', `${this.seed} ${this.name} ${this.steps} ${purpose}`).slice(0, 12), 16) % below
  }

  oneOf<T>(items: readonly [T, ...T[]]): T {
    return items[this.draw('item', items.length)] ?? items[0]
  }

  /** A name that nothing had before. */
  fresh(prefix: string): string {
    return `${prefix}-${this.name}-${this.steps}`
  }

  /** Resources of a kind that are known to be there, and how they are. */
  known(kind: Kind): { path: string; fact: Exclude<Fact, 'gone'> }[] {
    return [...this.ledger.values()].flatMap(entry => {
      const [fact, other] = entry.facts
      return entry.kind === kind && fact !== undefined && fact !== 'gone' && other === undefined ? [{ path: entry.path, fact }] : []
    })
  }
}

/** Undefined where there is nothing to do it with. */
type Move = (writer: Writer) => Step | undefined

/** A resource of a kind that satisfies a condition, for a move that needs one. */
const withOne =
  (
    kind: Kind,
    move: (found: { path: string; fact: Exclude<Fact, 'gone'> }, writer: Writer) => Step | undefined,
    suits: (fact: Exclude<Fact, 'gone'>) => boolean = () => true,
  ): Move =>
  writer => {
    const [first, ...others] = writer.known(kind).filter(({ fact }) => suits(fact))
    return first === undefined ? undefined : move(writer.oneOf([first, ...others]), writer)
  }

/** A move that makes one more, up to so many. */
const atMost =
  (most: number, kind: Kind, move: (writer: Writer) => Step): Move =>
  writer =>
    writer.known(kind).length < most ? move(writer) : undefined

const destroy = (kind: Kind): Move => withOne(kind, ({ path }) => ({ ask: { method: 'DELETE', target: path }, kind, path, into: 'gone' }))

const act = (action: string, from: string, into: string): Move =>
  withOne(
    'instance',
    ({ path, fact }) => ({ ask: { method: 'POST', target: `${path}/${action}` }, kind: 'instance', path, into: { ...fact, phase: into } }),
    ({ phase }) => phase === from,
  )

const putBlob: Move = withOne('bucket', ({ path: bucket }, writer) => {
  // Few names, so that blobs are written over; most are small, some take a while.
  const path = `${bucket}/blob-${writer.draw('blob', 4)}`
  const size = writer.draw('large', 8) === 0 ? 3_000_000 : writer.draw('size', 50_000)
  const content = Buffer.alloc(size, `${writer.fresh('content')} `)
  const tag = writer.fresh('tag')
  const headers = { 'X-Deltacloud-Blobmeta-Tag': tag, 'Content-Type': 'text/plain' }
  return { ask: { method: 'PUT', target: path, headers, body: content }, kind: 'blob', path, into: { content: digest(content), tag } }
})

const moves: readonly [Move, ...Move[]] = [
  atMost(5, 'key', writer => {
    const name = writer.fresh('key')
    return { ask: { method: 'POST', target: `/api/keys?name=${name}` }, kind: 'key', path: `/api/keys/${name}`, into: {}, learn: keyFact }
  }),
  destroy('key'),
  atMost(3, 'bucket', writer => {
    const name = writer.fresh('bucket')
    return { ask: { method: 'POST', target: `/api/buckets?name=${name}` }, kind: 'bucket', path: `/api/buckets/${name}`, into: {} }
  }),
  withOne('bucket', ({ path }, writer) =>
    writer.known('blob').some(blob => blob.path.startsWith(`${path}/`))
      ? undefined
      : { ask: { method: 'DELETE', target: path }, kind: 'bucket', path, into: 'gone' },
  ),
  putBlob,
  putBlob,
  putBlob,
  withOne('blob', ({ path, fact }, writer) => {
    const tag = writer.fresh('tag')
    return {
      ask: { method: 'POST', target: path, headers: { 'X-Deltacloud-Blobmeta-Tag': tag } },
      kind: 'blob',
      path,
      into: { ...fact, tag },
    }
  }),
  destroy('blob'),
  atMost(5, 'volume', writer => {
    const name = writer.fresh('volume')
    const capacity = 1 + writer.draw('capacity', 100)
    const target = `/api/storage_volumes?name=${name}&capacity=${capacity}`
    return { ask: { method: 'POST', target }, kind: 'volume', into: { name, capacity, on: undefined } }
  }),
  withOne(
    'volume',
    ({ path, fact }, writer) => {
      const [first, ...others] = writer.known('instance')
      if (first === undefined) return undefined
      const on = writer
        .oneOf([first, ...others])
        .path.split('/')
        .at(-1)
      const device = `/dev/sd${String.fromCharCode(98 + writer.draw('device', 20))}`
      return {
        ask: { method: 'POST', target: `${path}/attach?instance_id=${on}&device=${device}` },
        kind: 'volume',
        path,
        into: { ...fact, on },
      }
    },
    ({ on }) => on === undefined,
  ),
  withOne(
    'volume',
    ({ path, fact }) => ({ ask: { method: 'POST', target: `${path}/detach` }, kind: 'volume', path, into: { ...fact, on: undefined } }),
    ({ on }) => on !== undefined,
  ),
  withOne(
    'volume',
    ({ path }) => ({ ask: { method: 'DELETE', target: path }, kind: 'volume', path, into: 'gone' }),
    ({ on }) => on === undefined,
  ),
  atMost(4, 'instance', writer => {
    const name = writer.fresh('instance')
    return { ask: { method: 'POST', target: `/api/instances?image_id=img1&name=${name}` }, kind: 'instance', into: { name, phase: 'up' } }
  }),
  act('stop', 'up', 'down'),
  act('start', 'down', 'up'),
  withOne('instance', ({ path }, writer) =>
    writer.known('volume').some(({ fact }) => path.endsWith(`/${fact.on}`))
      ? undefined
      : { ask: { method: 'DELETE', target: path }, kind: 'instance', path, into: 'gone' },
  ),
]
