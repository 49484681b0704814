/** Opens the port, and closes it without cutting a running request. */

import type { RequestListener, Server, ServerOptions, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { failureOf, HttpError } from './errors.ts'
import { errorDocument } from './render.ts'

// An import of node:http makes all that it exports, WebSocket's whole machinery among it: 25 ms of the start.
const { createServer: createHttpServer } = process.getBuiltinModule('node:http')

export interface Listening {
  readonly address: AddressInfo
  /** @param grace seconds that running requests may still take. */
  close(grace: number): Promise<void>
}

interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly tls: { readonly key: string; readonly cert: string } | undefined
}

/** Request line and headers together, in bytes; beyond it a client gets 431. */
const headerLimit = 32 * 1024

/** Of every server of ours, wherever its connections come from. */
export const serverOptions: ServerOptions = {
  maxHeaderSize: headerLimit,
  // A request without a Host gets an error document of ours.
  requireHostHeader: false,
  // A blob may take its time; a socket on which nothing moves is closed.
  requestTimeout: 0,
  headersTimeout: 60_000,
  keepAliveTimeout: 65_000,
}

const idleLimit = 300_000

/** @throws Error as Node reports it, with `code`, where the port can't be opened. */
export const listen = async (listener: RequestListener, { host, port, tls }: ListenOptions): Promise<Listening> => {
  const server: Server =
    tls === undefined
      ? createHttpServer(serverOptions, listener)
      : (await import('node:https')).createServer({ ...serverOptions, key: tls.key, cert: tls.cert }, listener)
  server.timeout = idleLimit
  const answering = new WeakMap<object, ServerResponse>()
  server.on('request', (request, response) => answering.set(request.socket, response))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(error, socket as Socket, answering.get(socket)))
  // Whom the request is for says in its own words that it can't be met.
  server.on('checkExpectation', listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('A TCP port has an address')
  return { address, close: grace => close(server, grace) }
}

const notHttp: Failing = { status: 400, reason: 'Bad Request', message: 'The request is not HTTP' }

interface Failing {
  readonly status: number
  readonly reason: string
  readonly message: string
}

/** What is wrong with a message, by Node's code for it. */
const failings: Readonly<Record<string, Failing>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'Request Header Fields Too Large',
    message: `The headers are larger than ${headerLimit} bytes`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, reason: 'Request Timeout', message: 'The request took too long' },
}

/** A message that is no HTTP: the answer is written by hand, since there is no request to answer. */
const refuse = (error: NodeJS.ErrnoException, socket: Socket, answering: ServerResponse | undefined): void => {
  // In the middle of another answer its reader would take this one for a part of it.
  if (!socket.writable || error.code === 'ECONNRESET' || (answering?.headersSent === true && !answering.writableFinished)) {
    socket.destroy()
    return
  }
  const { status, reason, message } = failings[error.code ?? ''] ?? notHttp
  const body = documentOf(status, message)
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

const documentOf = (status: number, message: string): string => {
  const nowhere = { target: '', driver: '', provider: undefined, parameters: [], page: undefined }
  return errorDocument(failureOf(new HttpError(status, message), ''), 'xml', nowhere)
}

const close = (server: Server, grace: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => server.closeAllConnections(), grace * 1000)
    server.close(error => {
      clearTimeout(timer)
      if (error === undefined) resolve()
      else reject(error)
    })
    server.closeIdleConnections()
  })
