/** A session with a harbour: a login that's kept as long as it lasts, and requests whose answers are read by a schema. */

import { z } from 'zod'
import {
  allPages,
  CloudError,
  type ConnectRequest,
  discard,
  readBody,
  sessionKey,
  unauthenticated,
  type WireResponse,
  wireRequest,
} from '../../../src/driver.ts'
import { errorOf } from './errors.ts'

const login = z.object({ token: z.string(), expires: z.iso.datetime() })
const fault = z.object({ fault: z.object({ code: z.string(), reason: z.string() }) })

/** What an answer may measure, in bytes. */
const largest = 64 * 1024 * 1024

export class Session {
  private readonly request: ConnectRequest

  /** @throws CloudError `unauthenticated` where there are no credentials */
  constructor(request: ConnectRequest) {
    if (request.credentials === undefined) throw unauthenticated()
    this.request = request
  }

  /** One resource, or whatever one answer holds. @throws CloudError */
  async ask<T>(method: string, path: string, schema: z.ZodType<T>, body?: object): Promise<T> {
    return read(`${method} ${path.split('?')[0]}`, await this.send(method, path, body), schema, this.request.context.now())
  }

  /** All items of a list, page by page. */
  list<T>(path: string, key: string, item: z.ZodType<T>): Promise<T[]> {
    const page = z.object({ [key]: z.array(item), next: z.string().optional() })
    return allPages(`GET ${path}`, async after => {
      const answer = await this.ask('GET', after === undefined ? path : `${path}?after=${encodeURIComponent(after)}`, page)
      const { next, [key]: items } = answer
      return { items: Array.isArray(items) ? items : [], next: typeof next === 'string' ? next : undefined }
    })
  }

  /** A request whose answer says nothing. */
  async tell(method: string, path: string): Promise<void> {
    const call = `${method} ${path}`
    const response = await this.send(method, path)
    if (response.status >= 400) await read(call, response, z.unknown(), this.request.context.now())
    else await whole(call, response.body)
  }

  /** With the token that's kept; where the harbour takes it no more, with a new one. */
  private async send(method: string, path: string, body?: object): Promise<WireResponse> {
    const response = await this.sendAs(`Bearer ${await this.token()}`, method, path, body)
    if (response.status !== 401) return response
    await discard(response)
    this.request.context.sessions.forget(this.key())
    return this.sendAs(`Bearer ${await this.token()}`, method, path, body)
  }

  private token(): Promise<string> {
    const { sessions, signal } = this.request.context
    return sessions.remember(this.key(), () => this.login(), signal)
  }

  private key(): string {
    const { credentials, provider, context } = this.request
    return sessionKey(context.world, 'harbour', provider, credentials)
  }

  private async login(): Promise<{ value: string; expires: number }> {
    const { credentials } = this.request
    const basic = Buffer.from(`${credentials?.user}:${credentials?.password}`).toString('base64')
    const answer = await this.sendAs(`Basic ${basic}`, 'POST', '/session')
    const { token, expires } = await read('POST /session', answer, login, this.request.context.now())
    return { value: token, expires: Date.parse(expires) }
  }

  private sendAs(authorization: string, method: string, path: string, body?: object): Promise<WireResponse> {
    const { provider, context } = this.request
    const request = wireRequest({
      method,
      target: `${provider}/v1${path}`,
      headers: [
        ['Authorization', authorization],
        ['Accept', 'application/json'],
        ...(body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
      ],
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return context.transport.send(request, { signal: context.signal, operation: `${method} ${path.split('?')[0]}` })
  }
}

const read = async <T>(call: string, response: WireResponse, schema: z.ZodType<T>, now: number): Promise<T> => {
  const value = parsed(await whole(call, response.body))
  if (response.status >= 400) throw errorOf(call, response, fault.safeParse(value).data?.fault, now)
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new CloudError(
    'provider-error',
    `${call}: Harbour's answer can't be read (${issue?.path.join('.') || 'the whole'}: ${issue?.message})`,
  )
}

const whole = async (call: string, body: WireResponse['body']): Promise<string> => {
  try {
    return String(await readBody(body, largest))
  } catch (error) {
    if (error instanceof RangeError) throw new CloudError('provider-error', `${call}: Harbour's answer is larger than ${largest} bytes`)
    throw error
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
