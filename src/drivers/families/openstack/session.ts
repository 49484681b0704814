/** A session with an OpenStack cloud: a token that's kept as long as it lasts, the addresses that came with it, and requests to them. */

import { badRequest, CloudError, notSupported, unauthenticated } from '../../../model/errors.ts'
import type { Bytes } from '../../../model/requests.ts'
import type { Context, Credentials } from '../../context.ts'
import type { ConnectRequest } from '../../driver.ts'
import { allPages } from '../../pagers.ts'
import { sessionKey } from '../../sessions.ts'
import { discard, type Headers, readBody, type WireResponse, wireRequest } from '../../wire.ts'
import { addressIn, type Catalog, type Choice, type ServiceKind } from './catalog.ts'
import { errorOf } from './errors.ts'
import { type Answer, type LoggingIn, type Login, type Question, userIn } from './identity.ts'
import { Native, parsed } from './native.ts'

/** What an answer may measure, in bytes. */
const largest = 64 * 1024 * 1024
/** Of a fault that much is read. */
const largestFault = 64 * 1024
/** Milliseconds before its end at which a token isn't used any more. */
const margin = 60_000
/** Milliseconds that a token is kept whose end isn't told. */
const assumed = 10 * 60_000

export interface SessionOptions {
  readonly driver: string
  /** Of the identity service, without a slash at its end. */
  readonly address: string
  readonly logIn: LoggingIn
  readonly choice: Choice
  /** The one realm that the session sees: a region, by the name that the API has for it. */
  readonly realm: string
  /** Images by Nova's proxy, whatever the catalog says of Glance. */
  readonly hasNoGlance?: boolean
}

/** What is asked of a service. */
export interface Call {
  readonly method: string
  /** Below the address of the service, with its query. */
  readonly path: string
  readonly headers?: Headers
  /** An object is sent as JSON. */
  readonly body?: object
  /** Instead of `body`: bytes as they are. */
  readonly content?: Bytes | Uint8Array
  readonly idempotent?: boolean
}

interface Kept {
  readonly login: Login
}

export class Session {
  readonly context: Context
  /** Who asks, as the owner of the account's resources. */
  readonly user: string
  private readonly request: ConnectRequest
  private readonly credentials: Credentials
  private readonly options: SessionOptions
  /** Of this request: a token that has expired by the cloud's clock isn't asked for anew with each call. */
  private current: Promise<Kept> | undefined
  private renewal: { readonly refused: string; readonly done: Promise<void> } | undefined

  /** @throws CloudError `unauthenticated` where there are no credentials */
  constructor(request: ConnectRequest, options: SessionOptions) {
    const { credentials } = request
    if (credentials === undefined || credentials.user === '') throw unauthenticated()
    this.request = request
    this.context = request.context
    this.credentials = credentials
    this.options = options
    this.user = userIn(credentials.user)
  }

  get realm(): string {
    return this.options.realm
  }

  /** Whether images are Glance's: in its API 2, for before that clients weren't meant to ask it. */
  async hasGlance(): Promise<boolean> {
    return this.options.hasNoGlance !== true && /\/v2(\.\d+)?$/.test((await this.address('image')) ?? '')
  }

  /** The address of the identity service. */
  get identity(): string {
    return this.options.address
  }

  /** Logs in, if that isn't done. @throws CloudError `unauthenticated` */
  async login(): Promise<Login> {
    this.current ??= this.remembered()
    return (await this.current).login
  }

  async catalog(): Promise<Catalog> {
    return (await this.login()).catalog
  }

  /** The address of a service, undefined where the account has none. */
  async address(kind: ServiceKind): Promise<string | undefined> {
    const address = addressIn(await this.catalog(), kind, this.options.choice)
    // Catalogs name Glance and Neutron mostly without a version, for their clients ask which ones there are.
    return address === undefined || /\/v\d/.test(address) ? address : `${address}${versions[kind] ?? ''}`
  }

  async has(kind: ServiceKind): Promise<boolean> {
    return (await this.address(kind)) !== undefined
  }

  /** An object, as a service answered it. @throws CloudError */
  async ask(kind: ServiceKind, method: string, path: string, body?: object): Promise<Native> {
    return (await this.asked(kind, { method, path, ...(body === undefined ? {} : { body }) })).native
  }

  /** With the headers of the answer. @throws CloudError */
  async asked(kind: ServiceKind, call: Call): Promise<{ readonly native: Native; readonly headers: Headers }> {
    const name = nameOf(kind, call)
    const response = await this.send(kind, call)
    return { native: new Native(parsed(await whole(name, response.body)), name), headers: response.headers }
  }

  /** One by its path, which ends with its id; undefined where there is none. @throws CloudError */
  async find(kind: ServiceKind, path: string): Promise<Native | undefined> {
    // The services have lists at this path: it's no id of anything.
    if (path.endsWith('/detail')) return undefined
    return unlessMissing(this.ask(kind, 'GET', path))
  }

  /** A request whose answer says nothing. @throws CloudError */
  async tell(kind: ServiceKind, method: string, path: string, body?: object): Promise<void> {
    await discard(await this.send(kind, { method, path, ...(body === undefined ? {} : { body }) }))
  }

  /** All items of a list, page by page. @throws CloudError */
  list(kind: ServiceKind, path: string, key: string): Promise<readonly Native[]> {
    return allPages(nameOf(kind, { method: 'GET', path }), async next => {
      const answer = await this.ask(kind, 'GET', next ?? path)
      return { items: answer.needList(key), next: following(path, answer, key) }
    })
  }

  /**
   * An answer below 400, its body unread. A token that the service takes no more is renewed once, unless the content was read.
   * @throws CloudError
   */
  async send(kind: ServiceKind, call: Call): Promise<WireResponse> {
    const response = await this.sent(kind, call)
    if (response.status < 400) return response
    const text = await beginning(response.body)
    throw errorOf(nameOf(kind, call), response, text, this.context.now())
  }

  private async sent(kind: ServiceKind, call: Call): Promise<WireResponse> {
    const { token } = await this.login()
    const response = await this.sendOnce(kind, call)
    const isRepeatable = call.content === undefined || call.content instanceof Uint8Array
    if (response.status !== 401 || !isRepeatable) return response
    await discard(response)
    await this.renew(token)
    return this.sendOnce(kind, call)
  }

  private async sendOnce(kind: ServiceKind, call: Call): Promise<WireResponse> {
    const { token } = await this.login()
    const address = await this.address(kind)
    if (address === undefined) throw notSupported(`This account has no service for ${labels[kind]}`)
    const { method, path, headers = [], body, content, idempotent } = call
    return this.context.transport.send(
      wireRequest({
        method,
        target: `${address}${path}`,
        headers: [
          ['X-Auth-Token', token],
          ['Accept', 'application/json'],
          ...(body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
          ...headers,
        ],
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(content === undefined ? {} : { body: content }),
      }),
      { signal: this.context.signal, operation: nameOf(kind, call), ...(idempotent === undefined ? {} : { idempotent }) },
    )
  }

  /** Calls of one request that are refused with the same token share one renewal. */
  private renew(refused: string): Promise<void> {
    if (this.renewal?.refused !== refused) this.renewal = { refused, done: this.replace(refused) }
    return this.renewal.done
  }

  private async replace(refused: string): Promise<void> {
    // Another request may have renewed it meanwhile: what it got is as good.
    const kept = await this.remembered()
    if (kept.login.token === refused) this.context.sessions.forget(this.key())
    this.current = kept.login.token === refused ? this.remembered() : Promise.resolve(kept)
  }

  private remembered(): Promise<Kept> {
    const { sessions, signal } = this.context
    return sessions.remember(this.key(), () => this.make(), signal)
  }

  private key(): string {
    const { context, provider, credentials } = this.request
    return sessionKey(context.world, this.options.driver, provider, credentials)
  }

  private async make(): Promise<{ value: Kept; expires: number }> {
    const { logIn, address } = this.options
    const login = await logIn(question => this.askIdentity(question), address, this.credentials)
    return { value: { login }, expires: login.expires === undefined ? this.context.now() + assumed : login.expires - margin }
  }

  private async askIdentity({ method, url, headers = [], body }: Question): Promise<Answer> {
    const call = `${method} ${new URL(url).pathname}`
    const response = await this.context.transport.send(
      wireRequest({
        method,
        target: url,
        headers: [
          ['Accept', 'application/json'],
          ...(body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
          ...headers,
        ],
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
      { signal: this.context.signal, operation: call, idempotent: true },
    )
    // 300 is how an identity service without a version tells which ones it has.
    if (response.status >= 400) throw errorOf(call, response, await beginning(response.body), this.context.now())
    return { headers: response.headers, body: parsed(await whole(call, response.body)), call }
  }
}

/**
 * Where the next page is: by `next`, or by the link of that name in `<key>_links`. Links name hosts that a client needn't reach, so only
 * their query counts. It repeats what was asked; examples in the documents have pages of one that nobody asked for.
 */
const following = (path: string, answer: Native, key: string): string | undefined => {
  const isNext = (link: Native): boolean => link.text('rel') === 'next'
  const link = answer.text('next') ?? answer.list(`${key}_links`).find(isNext)?.text('href')
  const query = link === undefined ? undefined : /\?[^#]*/.exec(link)?.[0]
  if (query === undefined) return undefined
  const limit = new URLSearchParams(query).get('limit')
  const isForeign = limit !== null && Number(limit) < smallestPage && !path.includes(`limit=${limit}`)
  return isForeign ? undefined : `${path.split('?')[0]}${query}`
}

/** No service has pages smaller than Glance's 25 by itself. */
const smallestPage = 20

const versions: Readonly<Partial<Record<ServiceKind, string>>> = { image: '/v2', network: '/v2.0' }

const labels: Readonly<Record<ServiceKind, string>> = {
  compute: 'instances',
  image: 'images',
  volume: 'volumes',
  network: 'networks',
  balancer: 'load balancers',
  objects: 'objects',
}

const nameOf = (kind: ServiceKind, { method, path }: Call): string => `${method} ${kind}${path.split('?')[0]}`

/** An answer's text. @throws CloudError `provider-error` where it's larger than any answer is */
export const whole = async (call: string, body: WireResponse['body']): Promise<string> => {
  try {
    return String(await readBody(body, largest))
  } catch (error) {
    if (error instanceof RangeError) throw new CloudError('provider-error', `${call}: the answer is larger than ${largest} bytes`)
    throw error
  }
}

/** What a fault says; a page that is too long for one says nothing. */
const beginning = async (body: WireResponse['body']): Promise<string> => {
  try {
    return String(await readBody(body, largestFault))
  } catch (error) {
    if (error instanceof RangeError) return ''
    throw error
  }
}

/** @returns undefined instead of `not-found` */
export const unlessMissing = async <T>(asking: Promise<T>): Promise<T | undefined> => {
  try {
    return await asking
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'not-found') return undefined
    throw error
  }
}

/**
 * What is named by a parameter and isn't there is a bad value; only what the path names is `not-found`.
 * @param named the ids that parameters name, where the service says which one it hasn't found; without any all are taken for named
 */
export const asReference = async <T>(asking: Promise<T>, ...named: readonly (string | undefined)[]): Promise<T> => {
  try {
    return await asking
  } catch (error) {
    const isNamed = (id: string | undefined): boolean =>
      id !== undefined && id !== '' && error instanceof CloudError && (error.details ?? error.message).includes(id)
    if (error instanceof CloudError && error.kind === 'not-found' && (named.length === 0 || named.some(isNamed)))
      throw new CloudError('bad-request', error.details ?? error.message)
    throw error
  }
}

/** An id as one segment of a path. @throws CloudError `bad-request` for an empty one: the path would be another */
export const segment = (id: string): string => {
  if (id === '') throw badRequest('An id must not be empty')
  return encodeURIComponent(id)
}
