/** Whoever takes a request of the API and brings the answer; and a conversation kept as people read it. */

import { STATUS_CODES } from 'node:http'
import type { Credentials } from '../src/drivers/context.ts'
import type { Exchange } from './results.ts'
import { quoteWord } from './shell.ts'

/** One request. It carries the credentials of the cloud, where it doesn't say otherwise. */
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

export const basicAuthorization = ({ user, password }: Credentials): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** What a request becomes on its way out. */
export const prepareRequest = (request: Ask | string, credentials: Credentials | undefined): Sent => {
  const ask = typeof request === 'string' ? { target: request } : request
  const { target, headers = {}, form } = ask
  const body = form === undefined ? ask.body : new URLSearchParams(form).toString()
  const login = ask.login === undefined ? credentials : ask.login
  return {
    method: ask.method ?? (body === undefined ? 'GET' : 'POST'),
    target,
    headers: [
      ...(login == null ? [] : [['Authorization', basicAuthorization(login)] as const]),
      ...(form === undefined ? [] : [['Content-Type', 'application/x-www-form-urlencoded'] as const]),
      ...Object.entries(headers),
    ],
    body,
  }
}

/** How much of a body is shown, in characters: enough to see what is wrong. */
const longest = 2000

/** A conversation, shown without secrets. Few are ever shown, so it's put into words only then. */
export class Transcript {
  private readonly parts: ({ readonly request: Sent; readonly answer: Answer } | { readonly remark: string })[] = []
  private readonly secrets: () => readonly string[]
  private readonly login: string | undefined

  /** @param secrets those known by then, when it's shown @param own what most requests carry */
  constructor(secrets: () => readonly string[], own?: Credentials) {
    this.secrets = secrets
    this.login = own === undefined ? undefined : basicAuthorization(own)
  }

  note(request: Sent, answer: Answer): void {
    this.parts.push({ request, answer })
  }

  /** Something that isn't a request of the API, and that the reader has to know: that time passed, that another cloud was asked. */
  remark(text: string): void {
    this.parts.push({ remark: text })
  }

  /** All that was answered so far, and to what. */
  answers(): readonly { readonly what: string; readonly answer: Answer }[] {
    return this.parts.flatMap(part =>
      'remark' in part ? [] : [{ what: `${part.request.method} ${part.request.target}`, answer: part.answer }],
    )
  }

  all(): readonly Exchange[] {
    return this.parts.map(part =>
      'remark' in part
        ? { request: this.redact(`# ${part.remark}`), answer: '' }
        : {
            request: this.redact(requestText(part.request)),
            answer: this.redact(answerText(part.answer)),
            curl: curlCommand(part.request, this.login, text => this.hide(text)),
          },
    )
  }

  private redact(text: string): string {
    const cut = text.length > longest ? `${text.slice(0, longest)}\n… (${text.length} characters)` : text
    return this.hide(cut)
  }

  private hide(text: string): string {
    return this.secrets()
      .flatMap(spellingsOf)
      .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  }
}

/** A secret as it stands in texts, addresses and forms, longest first: none may leave a part of another. */
const spellingsOf = (secret: string): readonly string[] => {
  if (secret === '') return []
  const form = new URLSearchParams({ '': secret }).toString().slice(1)
  return [...new Set([secret, encodeURIComponent(secret.toWellFormed()), form])].sort((a, b) => b.length - a.length)
}

/**
 * A request as a command that sends it to a server of one's own.
 * @param login the header of the account that the cloud is asked as; whoever else asks is another user
 * @param hide takes secrets out: before anything is quoted, which would change them
 */
const curlCommand = ({ method, target, headers, body }: Sent, login: string | undefined, hide: (text: string) => string): string => {
  const authorization = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  const whose = authorization === login ? 'API' : 'OTHER'
  const others = headers.filter(([name]) => name.toLowerCase() !== 'authorization')
  const isTyped = others.some(([name]) => name.toLowerCase() === 'content-type')
  const way = method === 'HEAD' ? ['--head'] : method === (body === undefined ? 'GET' : 'POST') ? [] : ['-X', quoteWord(method)]
  return [
    'curl -i',
    // curl reads brackets and dots in its own way.
    ...(/[[\]{}]/.test(target) ? ['-g'] : []),
    ...(/\/\.{1,2}(\/|\?|$)/.test(target) ? ['--path-as-is'] : []),
    ...way,
    ...(authorization === undefined ? [] : ['-u', `"$${whose}_USER:$${whose}_PASSWORD"`]),
    ...others.flatMap(([name, value]) => ['-H', quoteWord(hide(value === '' ? `${name};` : `${name}: ${value}`))]),
    ...(body === undefined ? [] : [...(isTyped ? [] : ['-H', 'Content-Type:']), ...bodyOption(body, hide)]),
    quoteWord(`http://HOST:PORT${hide(target)}`),
  ].join(' ')
}

/** A body that no command line can hold has to come from a file. */
const bodyOption = (body: string | Uint8Array, hide: (text: string) => string): readonly string[] => {
  const text = bodyText(body)
  const isText = typeof body === 'string' || Buffer.from(text).equals(body)
  return isText && text.length <= longest && !text.includes('\0')
    ? ['--data-raw', quoteWord(hide(text))]
    : ['--data-binary', `@FILE-OF-${Buffer.byteLength(body)}-BYTES`]
}

const requestText = ({ method, target, headers, body }: Sent): string => {
  const shown = headers.map(([name, value]) => `${name}: ${name.toLowerCase() === 'authorization' ? 'Basic ***' : value}`)
  return [`${method} ${target}`, ...shown, ...(body === undefined ? [] : ['', bodyText(body)])].join('\n')
}

const answerText = ({ status, headers, text }: Answer): string => {
  const shown = ['content-type', 'location'].flatMap(name => {
    const value = headers.get(name)
    return value === undefined ? [] : [`${name === 'location' ? 'Location' : 'Content-Type'}: ${value}`]
  })
  return [`${status} ${STATUS_CODES[status] ?? ''}`.trim(), ...shown, '', text].join('\n')
}

const bodyText = (body: string | Uint8Array): string => (typeof body === 'string' ? body : Buffer.from(body).toString('utf8'))
