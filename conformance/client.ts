/** Whoever takes a request of the API and brings the answer; and a conversation kept as people read it. */

import { STATUS_CODES } from 'node:http'
import type { Credentials } from '../src/drivers/context.ts'
import type { Exchange } from './results.ts'

/** One request. It carries the credentials of the site, where it doesn't say otherwise. */
export interface Ask {
  /** `POST` where there is something to send, else `GET`. */
  readonly method?: string
  /** Path and query, as they go over the wire. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Sent as a form; beats `body`. */
  readonly form?: Readonly<Record<string, string>>
  /** Other credentials; null for none. */
  readonly login?: Credentials | null
}

export interface Answer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
  readonly text: string
}

export interface Client {
  ask(request: Ask | string): Promise<Answer>
}

/** A request as it goes out: all of it said. */
export interface Sent {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | Uint8Array | undefined
}

export const basic = ({ user, password }: Credentials): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** What a request becomes on its way out. */
export const sent = (request: Ask | string, credentials: Credentials | undefined): Sent => {
  const ask = typeof request === 'string' ? { target: request } : request
  const { target, headers = {}, form } = ask
  const body = form === undefined ? ask.body : new URLSearchParams(form).toString()
  const login = ask.login === undefined ? credentials : ask.login
  return {
    method: ask.method ?? (body === undefined ? 'GET' : 'POST'),
    target,
    headers: [
      ...(login == null ? [] : [['Authorization', basic(login)] as const]),
      ...(form === undefined ? [] : [['Content-Type', 'application/x-www-form-urlencoded'] as const]),
      ...Object.entries(headers),
    ],
    body,
  }
}

/** How much of a body is shown, in characters: enough to see what is wrong. */
const longest = 2000

/** A conversation, shown without secrets. */
export class Transcript {
  private readonly exchanges: Exchange[] = []
  private readonly secrets: readonly string[]

  constructor(secrets: readonly string[]) {
    this.secrets = secrets.filter(secret => secret !== '')
  }

  note({ method, target, headers, body }: Sent, { status, headers: answered, text }: Answer): void {
    const shownHeaders = headers.map(([name, value]) => `${name}: ${name.toLowerCase() === 'authorization' ? 'Basic ***' : value}`)
    const type = answered.get('content-type')
    const location = answered.get('location')
    this.exchanges.push({
      request: this.shown([`${method} ${target}`, ...shownHeaders, ...(body === undefined ? [] : ['', bodyText(body)])].join('\n')),
      answer: this.shown(
        [
          `${status} ${STATUS_CODES[status] ?? ''}`.trim(),
          ...(type === undefined ? [] : [`Content-Type: ${type}`]),
          ...(location === undefined ? [] : [`Location: ${location}`]),
          '',
          text,
        ].join('\n'),
      ),
    })
  }

  /** Something that isn't a request of the API, and that the reader has to know: that time passed, that another cloud was asked. */
  remark(text: string): void {
    this.exchanges.push({ request: this.shown(`# ${text}`), answer: '' })
  }

  all(): readonly Exchange[] {
    return [...this.exchanges]
  }

  private shown(text: string): string {
    const cut = text.length > longest ? `${text.slice(0, longest)}\n… (${text.length} characters)` : text
    return this.secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), cut)
  }
}

const bodyText = (body: string | Uint8Array): string => (typeof body === 'string' ? body : Buffer.from(body).toString('utf8'))
