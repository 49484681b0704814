/** A client that writes its requests as bytes and keeps its connection for as long as the server does. */

import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** Status line and headers, as they came. */
  readonly head: string
  /** By lower-case name; several of one name are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** How long a server may take for an answer before it counts as a hang, in milliseconds. */
const patience = 20_000

export class Connection {
  private readonly port: number
  private socket: Socket | undefined

  /** @param port of 127.0.0.1 */
  constructor(port: number) {
    this.port = port
  }

  /**
   * @param isHead whether the answer has no body, whatever its length says.
   * @throws Error where no answer came, or only a part of one.
   */
  async ask(bytes: Uint8Array, isHead: boolean): Promise<RawAnswer> {
    const isKept = this.socket !== undefined && !this.socket.destroyed
    try {
      return await this.once(bytes, isHead)
    } catch (error) {
      // A server may close an idle connection just when it is used again.
      if (!isKept || !(error instanceof ClosedError)) throw error
      return this.once(bytes, isHead)
    }
  }

  close(): void {
    this.socket?.destroy()
    this.socket = undefined
  }

  private once(bytes: Uint8Array, isHead: boolean): Promise<RawAnswer> {
    const socket = this.socket === undefined || this.socket.destroyed || this.socket.readableEnded ? this.open() : this.socket
    this.socket = socket
    return new Promise((resolve, reject) => {
      let received = Buffer.alloc(0)
      const settle = (result: RawAnswer | Error, mayStay: boolean): void => {
        clearTimeout(timer)
        socket.off('data', take).off('close', end)
        if (!mayStay) this.close()
        if (result instanceof Error) reject(result)
        else resolve(result)
      }
      const timer = setTimeout(() => settle(new Error(`no answer within ${patience} ms`), false), patience)
      const take = (chunk: Buffer): void => {
        received = Buffer.concat([received, chunk])
        const answer = readAnswer(received, isHead, false)
        if (answer !== undefined) settle(answer, answer.headers.get('connection') !== 'close' && !isStream(answer.headers))
      }
      const end = (): void => {
        const answer = readAnswer(received, isHead, true)
        settle(answer ?? (received.length === 0 ? new ClosedError() : new Error('the answer breaks off')), false)
      }
      socket.on('data', take).on('close', end)
      socket.write(bytes)
    })
  }

  private open(): Socket {
    const socket = connect({ port: this.port, host: '127.0.0.1' })
    socket.on('error', () => undefined)
    return socket
  }
}

class ClosedError extends Error {
  constructor() {
    super('the server closed the connection without an answer')
  }
}

/** The first final answer in what came; undefined while a part of it is missing. */
const readAnswer = (bytes: Buffer, isHead: boolean, hasEnded: boolean): RawAnswer | undefined => {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = bytes.subarray(0, end).toString('latin1')
  const rest = bytes.subarray(end + 4)
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
  if (status < 200) return readAnswer(rest, isHead, hasEnded)
  const headers = headersIn(head)
  const body = isHead || status === 204 || status === 304 || isStream(headers) ? Buffer.alloc(0) : bodyIn(rest, headers, hasEnded)
  return body === undefined ? undefined : { status, head, headers, body }
}

const headersIn = (head: string): ReadonlyMap<string, string> => {
  const headers = new Map<string, string>()
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value)
  }
  return headers
}

/** Server-sent events have no end: their head is answer enough. */
const isStream = (headers: ReadonlyMap<string, string>): boolean => headers.get('content-type')?.startsWith('text/event-stream') === true

const bodyIn = (rest: Buffer, headers: ReadonlyMap<string, string>, hasEnded: boolean): Buffer | undefined => {
  if (headers.get('transfer-encoding') === 'chunked') return chunksIn(rest)
  const length = headers.get('content-length')
  if (length === undefined) return hasEnded ? rest : undefined
  return rest.length < Number(length) ? undefined : rest.subarray(0, Number(length))
}

const chunksIn = (rest: Buffer): Buffer | undefined => {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const line = rest.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(rest.subarray(at, line).toString('latin1'), 16)
    const next = line + 2 + size + 2
    if (rest.length < next) return undefined
    if (size === 0) return Buffer.concat(chunks)
    chunks.push(rest.subarray(line + 2, line + 2 + size))
    at = next
  }
}
