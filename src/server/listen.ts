/** Opens the port, and closes it without cutting a running request. */

import { createServer as createHttpServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { failureOf, HttpError } from './errors.ts'
import { errorResponse } from './render.ts'

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
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(error, socket as Socket))
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

/** A message that is no HTTP: the answer is written by hand, since there is no request to answer. */
const refuse = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const message =
    status === 431
      ? `The headers are larger than ${headerLimit} bytes`
      : status === 408
        ? 'The request took too long'
        : 'The request is not HTTP'
  const response = errorResponse(failureOf(new HttpError(status, message), ''), 'xml', {
    target: '',
    driver: '',
    provider: undefined,
    parameters: [],
    page: undefined,
  })
  const body = typeof response.body === 'string' ? response.body : ''
  socket.end(
    `HTTP/1.1 ${status} Bad Request\r\nContent-Type: application/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
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
