/** An OpenStack for one test: Keystone with tokens that can be ended, and whatever else the test answers. In memory, on a clock of its own. */

import type { Context, Transport } from '../../../../src/drivers/context.ts'
import { createSessionCache } from '../../../../src/drivers/sessions.ts'
import { readBody, type WireRequest, type WireResponse } from '../../../../src/drivers/wire.ts'
import { CloudError } from '../../../../src/model/errors.ts'

export interface Seen {
  readonly call: string
  readonly token: string | undefined
  readonly body: unknown
  readonly idempotent?: boolean | undefined
}

export const keystone = 'http://cloud.example:5000/v3'

const json = (status: number, value: unknown, headers: [string, string][] = []): WireResponse => ({
  status,
  headers: [['Content-Type', 'application/json'], ...headers],
  body: JSON.stringify(value),
})

/** Answers by `METHOD /path?query`; a function is asked each time. Undefined is 404. */
export type Answers = Readonly<Record<string, Partial<WireResponse> | object | ((seen: Seen) => WireResponse | object)>>

export const services = [
  ['compute', 'nova', 'http://cloud.example:8774/v2.1'],
  ['image', 'glance', 'http://cloud.example:9292'],
  ['volumev3', 'cinder', 'http://cloud.example:8776/v3/p1'],
  ['network', 'neutron', 'http://cloud.example:9696'],
  ['object-store', 'swift', 'http://cloud.example:8090/v1/AUTH_p1'],
] as const

export const isResponse = (value: object): value is WireResponse => 'status' in value && 'headers' in value

export class Cloud {
  readonly seen: Seen[] = []
  now = Date.parse('2026-01-01T00:00:00Z')
  /** Milliseconds that a token lasts. */
  lasts = 3_600_000
  /** Tokens that the services take. */
  readonly valid = new Set<string>()
  catalog: readonly (readonly [string, string, string])[] = services
  private count = 0
  private readonly answers: Answers
  private readonly sessions = createSessionCache({ limit: 10, now: () => this.now })

  constructor(answers: Answers = {}) {
    this.answers = answers
  }

  get logins(): number {
    return this.seen.filter(({ call }) => call.startsWith('POST /v3/auth/tokens')).length
  }

  readonly transport: Transport = {
    send: async (request, { idempotent }) => {
      const seen = { ...(await seenOf(request)), idempotent }
      this.seen.push(seen)
      if (seen.call === 'POST /v3/auth/tokens') return this.login()
      if (!this.valid.has(seen.token ?? '')) return json(401, { error: { code: 401, message: 'The token is no more' } })
      const answer = this.answers[seen.call]
      if (answer === undefined)
        return json(404, { itemNotFound: { code: 404, message: 'It is not there' } }, [['X-Openstack-Request-Id', 'req-1']])
      const value = typeof answer === 'function' ? answer(seen) : answer
      return isResponse(value) ? value : json(200, value)
    },
  }

  context(): Context {
    const silent = () => undefined
    return {
      signal: new AbortController().signal,
      deadline: Date.now() + 10_000,
      transport: this.transport,
      now: () => this.now,
      sleep: async () => undefined,
      random: () => 0.5,
      log: { debug: silent, info: silent, warn: silent, error: silent },
      sessions: this.sessions,
      wire: {},
      world: 'default',
    }
  }

  private login(): WireResponse {
    const token = `token-${++this.count}`
    this.valid.add(token)
    const endpoint = (url: string) => ({ region_id: 'RegionOne', interface: 'public', url })
    const catalog = this.catalog.map(([type, name, url]) => ({ type, name, endpoints: [endpoint(url)] }))
    const expires_at = new Date(this.now + this.lasts).toISOString()
    return json(201, { token: { expires_at, project: { id: 'p1' }, catalog } }, [['X-Subject-Token', token]])
  }
}

const seenOf = async (request: WireRequest): Promise<Seen> => {
  const { pathname, search } = new URL(request.target)
  const text = String(await readBody(request.body))
  return {
    call: `${request.method} ${pathname}${search}`,
    token: request.header('x-auth-token'),
    body: text === '' ? undefined : bodyOf(text),
  }
}

const bodyOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What an operation was refused with. @throws Error where it wasn't */
export const refusal = async (asking: Promise<unknown> | undefined): Promise<CloudError> => {
  try {
    await asking
  } catch (error) {
    if (error instanceof CloudError) return error
    throw error
  }
  throw new Error('It was not refused')
}
