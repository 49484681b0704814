/** The connections of a server, what each still owes, and how they end when the server stops. */

import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export class Connections {
  private readonly server: Server
  /** Answers that are owed, by connection, in the order of their requests. */
  private readonly owed = new Map<Socket, Set<ServerResponse>>()
  /** TLS: connections that aren't secure yet, by their two ends. Node gives the secure one another socket. */
  private readonly handshakes = new Map<string, Socket>()
  private isClosing = false

  /** @param server gets its listeners here: `request` before that of any application that is added later. */
  constructor(server: Server) {
    this.server = server
    const isSecure = 'setSecureContext' in server
    server.on('connection', (socket: Socket) => (isSecure ? this.greet(socket) : this.add(socket)))
    server.on('secureConnection', (socket: Socket) => {
      this.handshakes.delete(endsOf(socket))
      this.add(socket)
    })
    server.prependListener('request', (request, response) => this.owe(request.socket, response))
  }

  /** @param grace seconds that running requests may still take. */
  async close(grace: number): Promise<void> {
    this.isClosing = true
    for (const answers of this.owed.values()) closeAfter([...answers].at(-1))
    // A request that has arrived on an idle connection is read in this turn of the event loop.
    await new Promise<void>(resolve => setImmediate(resolve))
    const closed = new Promise<void>((resolve, reject) => {
      this.server.close(error => (error === undefined ? resolve() : reject(error)))
    })
    for (const socket of this.handshakes.values()) socket.destroy()
    for (const socket of [...this.owed.keys()]) this.closeIfIdle(socket)
    const timer = setTimeout(() => {
      for (const socket of this.owed.keys()) socket.destroy()
    }, grace * 1000)
    try {
      await closed
    } finally {
      clearTimeout(timer)
    }
  }

  private greet(socket: Socket): void {
    const ends = endsOf(socket)
    this.handshakes.set(ends, socket)
    socket.once('close', () => {
      if (this.handshakes.get(ends) === socket) this.handshakes.delete(ends)
    })
  }

  private add(socket: Socket): void {
    this.owed.set(socket, new Set())
    socket.once('close', () => this.owed.delete(socket))
  }

  private owe(socket: Socket, answer: ServerResponse): void {
    const answers = this.owed.get(socket)
    if (answers === undefined) return
    answers.add(answer)
    if (this.isClosing) closeAfter(answer)
    answer.once('close', () => {
      answers.delete(answer)
      if (this.isClosing) this.closeIfIdle(socket)
    })
  }

  /** Closes a connection that owes nothing, once what was answered has left. */
  private closeIfIdle(socket: Socket): void {
    if (this.owed.get(socket)?.size === 0) socket.destroySoon()
  }
}

/** Has an answer say that it's the last of its connection, where it hasn't begun. */
const closeAfter = (answer: ServerResponse | undefined): void => {
  if (answer !== undefined && !answer.headersSent) answer.shouldKeepAlive = false
}

const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
