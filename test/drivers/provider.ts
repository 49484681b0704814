/** Providers that live for one test, on a port of their own. */

import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'

/** One that speaks HTTP. @returns its address, without a path. */
export const httpProvider = async (t: Test, listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  return `http://127.0.0.1:${await listen(t, server, () => server.closeAllConnections())}`
}

/** One that does what it likes with a connection. @returns host and port. */
export const socketProvider = async (t: Test, onSocket: (socket: Socket) => void): Promise<string> => {
  const sockets = new Set<Socket>()
  const server = createSocketServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return `127.0.0.1:${await listen(t, server, hangUp)}`
}

/** A host and port at which nobody listens. */
export const nobody = async (t: Test): Promise<string> => {
  const server = createSocketServer()
  const port = await listen(t, server, () => undefined)
  await new Promise(resolve => server.close(resolve))
  return `127.0.0.1:${port}`
}

const listen = async (t: Test, server: Server, hangUp: () => void): Promise<number> => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    hangUp()
    await new Promise(resolve => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

/** Lets the event loop turn: what can happen without anyone's doing then has. */
export const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
}
