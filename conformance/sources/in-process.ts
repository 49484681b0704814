/** A server in this process, without a port: a driver behind the Deltacloud API, on a simulator whose time stands still. */

import { validateHeaderName, validateHeaderValue } from 'node:http'
import { type Composition, type CompositionOptions, compose } from '../../src/compose.ts'
import type { Log } from '../../src/drivers/context.ts'
import { discard, readBody, type WireResponse, wireRequest } from '../../src/drivers/wire.ts'
import type { Bytes } from '../../src/model/requests.ts'
import { createDispatch, type Dispatch } from '../../src/server/dispatch.ts'
import type { Answer, Sent } from '../client.ts'
import { LawViolation } from '../cloud-under-test.ts'
import type { StreamedAnswer, StreamedRequest } from '../streaming.ts'

export interface InProcess {
  readonly composition: Composition
  readonly dispatch: Dispatch
  readonly log: KeptLog
  /** Carries a request out, in a world. @throws LawViolation where Node would refuse to send the answer. */
  send(request: Sent, world: string): Promise<Answer>
  /** The same, of content that comes and goes in pieces. */
  stream(request: StreamedRequest, world: string): Promise<StreamedAnswer>
  close(): Promise<void>
}

export const startInProcess = async (options: CompositionOptions): Promise<InProcess> => {
  const log = new KeptLog()
  const composition = await compose({ log, ...options })
  const dispatch = createDispatch(composition.settings)
  const answerTo = async (
    { method, target, headers }: Pick<Sent, 'method' | 'target' | 'headers'>,
    world: string,
    content: Pick<Parameters<typeof wireRequest>[0], 'body'>,
    length: number | undefined,
  ): Promise<WireResponse> => {
    const announced = length === undefined ? [] : [['Content-Length', String(length)] as const]
    const request = wireRequest({
      method,
      target,
      headers: [['Host', 'cloud.test'], ['X-Deltacloud-World', world], ...announced, ...headers],
      ...content,
    })
    const answering = dispatch(request, () => undefined)
    if (answering === undefined) throw new TypeError(`No frontend is for ${target}`)
    const { response } = await answering
    for (const [name, value] of response.headers) checkHeader(name, value)
    return response
  }
  return {
    composition,
    dispatch,
    log,
    async send(request, world) {
      const { method, body } = request
      const response = await answerTo(
        request,
        world,
        body === undefined ? {} : { body },
        body === undefined ? undefined : Buffer.byteLength(body),
      )
      const content = await contentOf(response, method)
      return {
        status: response.status,
        headers: headersOf(response),
        body: content,
        get text() {
          return content.toString('utf8')
        },
      }
    },
    async stream({ method, target, headers, content, length }, world) {
      const body = content === undefined ? {} : { body: content }
      const response = await answerTo({ method, target, headers }, world, body, length)
      return { status: response.status, headers: headersOf(response), body: piecesOf(response.body) }
    },
    close: () => composition.close(),
  }
}

/** What of an answer's body goes over the wire: HTTP sends none to HEAD, and none with these statuses. */
const contentOf = async (response: WireResponse, method: string): Promise<Buffer> => {
  if (method !== 'HEAD' && response.status !== 204 && response.status !== 304) return readBody(response.body)
  await discard(response)
  return Buffer.alloc(0)
}

/** By lower-case name, with the length that goes with a body that's whole. */
const headersOf = ({ status, headers, body }: WireResponse): ReadonlyMap<string, string> => {
  const found = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]))
  const isWhole = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  if (isWhole && status !== 204 && status !== 304) found.set('content-length', String(Buffer.byteLength(body ?? '')))
  return found
}

const piecesOf = (body: WireResponse['body']): Bytes =>
  body === undefined || typeof body === 'string' || body instanceof Uint8Array
    ? {
        async *[Symbol.asyncIterator]() {
          yield Buffer.from(body ?? '')
        },
      }
    : body

const checkHeader = (name: string, value: string): void => {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch {
    throw new LawViolation(`The answer has a header that can't be sent: ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
  }
}

/** A log whose lines are kept until they're forgotten. */
export class KeptLog implements Log {
  private lines: { readonly details: object; readonly message: string }[] = []

  debug(details: object, message: string): void {
    this.lines.push({ details, message })
  }

  info(details: object, message: string): void {
    this.lines.push({ details, message })
  }

  warn(details: object, message: string): void {
    this.lines.push({ details, message })
  }

  error(details: object, message: string): void {
    this.lines.push({ details, message })
  }

  /** All lines, errors with their stacks and causes: whatever a person could find there. */
  text(): string {
    return this.lines.map(({ details, message }) => `${message} ${JSON.stringify(details, unfoldError)}`).join('\n')
  }

  forget(): void {
    this.lines = []
  }
}

const unfoldError = (_key: string, value: unknown): unknown =>
  value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value
