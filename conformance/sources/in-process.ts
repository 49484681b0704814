/** A server in this process, without a port: a driver behind the Deltacloud API, on a simulator whose time stands still. */

import { validateHeaderName, validateHeaderValue } from 'node:http'
import { type Composition, type CompositionOptions, compose } from '../../src/compose.ts'
import type { Log } from '../../src/drivers/context.ts'
import { readBody, wireRequest } from '../../src/drivers/wire.ts'
import { createDispatch, type Dispatch } from '../../src/server/dispatch.ts'
import type { Answer, Sent } from '../client.ts'
import { LawViolation } from '../cloud-under-test.ts'

export interface InProcess {
  readonly composition: Composition
  readonly dispatch: Dispatch
  readonly log: KeptLog
  /** Carries a request out, in a world. @throws LawViolation where Node would refuse to send the answer. */
  send(request: Sent, world: string): Promise<Answer>
  close(): Promise<void>
}

export const startInProcess = async (options: CompositionOptions): Promise<InProcess> => {
  const log = new KeptLog()
  const composition = await compose({ log, ...options })
  const dispatch = createDispatch(composition.settings)
  return {
    composition,
    dispatch,
    log,
    async send({ method, target, headers, body }, world) {
      const length = body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const]
      const request = wireRequest({
        method,
        target,
        headers: [['Host', 'cloud.test'], ['X-Deltacloud-World', world], ...length, ...headers],
        ...(body === undefined ? {} : { body }),
      })
      const answering = dispatch(request, () => undefined)
      if (answering === undefined) throw new TypeError(`No frontend is for ${target}`)
      const { response } = await answering
      for (const [name, value] of response.headers) checkHeader(name, value)
      const content = await readBody(response.body)
      return {
        status: response.status,
        headers: new Map(response.headers.map(([name, value]) => [name.toLowerCase(), value])),
        body: content,
        get text() {
          return content.toString('utf8')
        },
      }
    },
    close: () => composition.close(),
  }
}

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
