/** The request handler of Amazon's clients: whatever they send goes through the one transport. */

import { Readable } from 'node:stream'
import { CloudError } from '../../../model/errors.ts'
import type { Bytes } from '../../../model/requests.ts'
import type { Context } from '../../context.ts'
import { type Headers, headerOf, readBody, type WireResponse, wireRequest } from '../../wire.ts'
import { isThrottlingCode } from './errors.ts'

/** What an answer in XML or JSON may measure, in bytes. */
const largest = 64 * 1024 * 1024

/** A request as the clients build it: the part that is on the wire. */
export interface NativeRequest {
  method: string
  protocol: string
  hostname: string
  port?: number | undefined
  path: string
  query?: Record<string, string | string[] | null> | undefined
  headers: Record<string, string>
  body?: unknown
  /** The name of what is asked, where neither a header nor the body has it: `CreateBucket`. */
  operation?: string
}

interface NativeResponse {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array | Readable
}

/** @param streams answers of this client may be long, and are read as they come */
export const handlerFor = (
  context: Context,
  streams: boolean,
): { handle(request: NativeRequest): Promise<{ response: NativeResponse }>; metadata: object } => ({
  metadata: { handlerProtocol: 'http/1.1' },
  async handle(request) {
    const { body } = request
    const operation = actionOf(request)
    const response = await context.transport.send(
      wireRequest({
        method: request.method,
        target: `${request.protocol}//${request.hostname}${request.port === undefined ? '' : `:${request.port}`}${request.path}${queryOf(request)}`,
        headers: Object.entries(request.headers).filter(([name]) => name !== 'expect'),
        ...(isContent(body) ? { body } : {}),
      }),
      {
        signal: context.signal,
        ...(operation === undefined ? {} : { operation }),
        ...idempotence(operation, request),
        isThrottling,
      },
    )
    const headers = joined(response.headers)
    return {
      response: { statusCode: response.status, headers, body: streams ? streamOf(response.body) : await whole(operation, response) },
    }
  },
})

/** The services say by the code of an error that they are too busy, with 400 or 503. */
const isThrottling = (text: string): boolean => {
  const code = /<Code>\s*([\w.]+)\s*<\/Code>/.exec(text)?.[1]
  return code !== undefined && isThrottlingCode(code)
}

const isContent = (body: unknown): body is string | Uint8Array | Bytes =>
  typeof body === 'string' || (typeof body === 'object' && body !== null && (body instanceof Uint8Array || Symbol.asyncIterator in body))

/** The name of what a query API is asked: `DescribeInstances`. */
const actionOf = ({ body, headers, operation }: NativeRequest): string | undefined => {
  if (operation !== undefined) return operation
  const target = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-amz-target')?.[1]
  if (target !== undefined) return target.split('.').at(-1)
  return typeof body === 'string' ? /(?:^|&)Action=(\w+)/.exec(body)?.[1] : undefined
}

/**
 * Of a query API, reads, and what a token lets the service recognize, may be sent twice. Of S3 the method tells, but for a new bucket: the
 * answer to a second request is that it's there, whoever made it.
 */
const idempotence = (operation: string | undefined, { method, body }: NativeRequest): { readonly idempotent?: boolean } => {
  if (operation === undefined) return {}
  if (operation === 'CreateBucket') return { idempotent: false }
  if (method !== 'POST' || typeof body !== 'string') return {}
  return { idempotent: /^(?:Describe|Get|List)/.test(operation) || /(?:^|&)ClientToken=/.test(body) }
}

const queryOf = ({ query = {} }: NativeRequest): string => {
  const parts = Object.entries(query).flatMap(([name, value]) =>
    value === null ? [escaped(name)] : [value].flat().map(one => `${escaped(name)}=${escaped(one)}`),
  )
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

/** As signatures are made over it. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

const joined = (headers: Headers): Record<string, string> => {
  const all: Record<string, string> = {}
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    const before = Object.hasOwn(all, lower) ? all[lower] : undefined
    all[lower] = before === undefined ? value : `${before}, ${value}`
  }
  return all
}

const isXml = (headers: Headers): boolean => /xml/i.test(headerOf(headers, 'content-type') ?? 'xml')

/** Times that are none, as private clouds write them where they know none: the clients would refuse the whole answer. */
const noTime = /<(\w*[tT]ime)>(?!\s*\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\s*<)[^<]*<\/\1>/g

/** The clients take an answer that is none, or a part of one, for one that says nothing. @throws CloudError `provider-error` */
const checkDocument = (operation: string, text: string): void => {
  const [, name = ''] = /^[^<]*(?:<[?!][^>]*>[^<]*)*<((?:\w+:)?\w+)/.exec(text) ?? []
  const end = text.slice(-200).trimEnd()
  const isWhole = end.endsWith(`</${name}>`) || (end.endsWith('/>') && text.lastIndexOf('<') === text.indexOf(`<${name}`))
  if (!new RegExp(`^(?:\\w+:)?${operation}Response$`).test(name) || !isWhole)
    throw new CloudError('provider-error', `${operation}: the answer can’t be read`)
}

const whole = async (operation: string | undefined, { status, body, headers }: WireResponse): Promise<Uint8Array> => {
  try {
    const content = await readBody(body, largest)
    if (status < 300 && operation !== undefined) checkDocument(operation, String(content))
    return isXml(headers) ? Buffer.from(String(content).replace(noTime, '')) : content
  } catch (error) {
    if (error instanceof RangeError)
      throw new CloudError('provider-error', `${operation ?? 'The request'}: the answer is larger than ${largest} bytes`)
    throw error
  }
}

const streamOf = (body: WireResponse['body']): Readable => {
  if (body === undefined) return Readable.from([], { objectMode: false })
  const stream = Readable.from(typeof body === 'string' || body instanceof Uint8Array ? [Buffer.from(body)] : body, { objectMode: false })
  // A body that nobody reads may break all the same.
  stream.on('error', () => undefined)
  return stream
}
