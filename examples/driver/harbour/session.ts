/** A session with a harbour: a login that's kept as long as it lasts, and requests whose answers are read by a schema. */

import { z } from 'zod'
import {
  CloudError,
  type ConnectRequest,
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
    const call = `${method} ${path.split('?')[0]}`
    const response = await this.send(method, path, await this.token(), body)
    return read(call, response, schema)
  }

  /** All items of a list, page by page. */
  async list<T>(path: string, key: string, item: z.ZodType<T>): Promise<T[]> {
    const page = z.object({ [key]: z.array(item), next: z.string().optional() })
    const all: T[] = []
    for (let after: string | undefined; ; ) {
      const { next, ...found } = await this.ask('GET', after === undefined ? path : `${path}?after=${encodeURIComponent(after)}`, page)
      all.push(
        ...Object.values(found)
          .flat()
          .filter((one): one is T => one !== undefined && typeof one !== 'string'),
      )
      if (next === undefined || typeof next !== 'string') return all
      after = next
    }
  }

  /** A request whose answer says nothing. */
  async tell(method: string, path: string, body?: object): Promise<void> {
    const response = await this.send(method, path, await this.token(), body)
    if (response.status >= 400) await read(`${method} ${path}`, response, z.unknown())
    else await whole(`${method} ${path}`, response.body)
  }

  private token(): Promise<string> {
    const { credentials, provider, context } = this.request
    const key = sessionKey(context.world, 'harbour', provider, credentials)
    return context.sessions.remember(
      key,
      async () => {
        const basic = Buffer.from(`${credentials?.user}:${credentials?.password}`).toString('base64')
        const { token, expires } = await read(
          'POST /session',
          await this.send('POST', '/session', undefined, undefined, `Basic ${basic}`),
          login,
        )
        return { value: token, expires: Date.parse(expires) }
      },
      context.signal,
    )
  }

  private send(
    method: string,
    path: string,
    token: string | undefined,
    body?: object,
    authorization = `Bearer ${token}`,
  ): Promise<WireResponse> {
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

const read = async <T>(call: string, { status, body }: WireResponse, schema: z.ZodType<T>): Promise<T> => {
  const value = parsed(await whole(call, body))
  if (status >= 400) throw errorOf(call, status, fault.safeParse(value).data?.fault)
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
