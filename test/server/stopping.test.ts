/** How a server stops: what owes no answer is closed at once, what does is finished and then closed. The grace is longer than a test may take. */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { type RunningServer, type ServerOptions, startServer } from '../../src/index.ts'
import type { FrontendDefinition } from '../../src/server/frontend.ts'
import { certificate, privateKey as key } from '../drivers/self-signed.ts'
import { connect as connectTo } from '../mock-cloud/support.ts'
import { basic, until } from '../support/server.ts'

/** Seconds: who waits for it fails by the runner's time limit. */
const grace = 600

/** An account with a long name. */
const verbose = 'x'.repeat(500_000)

const login = `Authorization: ${basic()}\r\n`
const requestOf = (target: string, method = 'GET', more = ''): string =>
  `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${login}${more}\r\n`

interface Connection {
  readonly socket: Socket
  /** What has come so far. */
  said(): string
  readonly ended: Promise<void>
}

const watch = (t: Test, socket: Socket): Connection => {
  let said = ''
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    said += text
  })
  socket.on('error', () => undefined)
  t.teardown(() => socket.destroy())
  return { socket, said: () => said, ended: new Promise(resolve => socket.once('close', () => resolve())) }
}

for (const scheme of ['http', 'https'] as const) {
  const serve = (t: Test, options: ServerOptions = {}): Promise<RunningServer> => {
    const server = startServer({
      host: '127.0.0.1',
      port: 0,
      ...options,
      mock: { accounts: { [verbose]: '' } },
      ...(scheme === 'https' ? { tls: { key, cert: certificate } } : {}),
    })
    t.teardown(async () => (await server).close(0).catch(() => undefined))
    return server
  }

  const open = async (t: Test, { address }: RunningServer): Promise<Connection> => {
    const to = { host: '127.0.0.1', port: address.port }
    const socket = scheme === 'http' ? connect(to) : connectTls({ ...to, rejectUnauthorized: false })
    const connection = watch(t, socket)
    await once(socket, scheme === 'http' ? 'connect' : 'secureConnect')
    return connection
  }

  const makeBucket = async (t: Test, server: RunningServer): Promise<Connection> => {
    const connection = await open(t, server)
    connection.socket.write(requestOf('/api/buckets?name=stopping', 'POST', 'Content-Length: 0\r\n'))
    await until(() => connection.said().includes('201 Created'))
    return connection
  }

  /** Begins an upload. @returns once the server has the request's headers */
  const beginUpload = async (t: Test, server: RunningServer): Promise<Connection> => {
    const connection = await open(t, server)
    connection.socket.write(requestOf('/api/buckets/stopping/slow', 'PUT', 'Content-Length: 10\r\nExpect: 100-continue\r\n'))
    await until(() => connection.said().includes('100 Continue'))
    connection.socket.write('01234')
    return connection
  }

  t.test(`${scheme}: connections that owe no answer don't keep a server from stopping`, async t => {
    const server = await serve(t)
    const used = await makeBucket(t, server)
    const unused = await open(t, server)
    const slow = await open(t, server)
    slow.socket.write('GET /api HTTP/1.1\r\nHost: loc')
    const refused = await open(t, server)
    refused.socket.write('no HTTP\r\n\r\n')
    await until(() => refused.said().includes('400 Bad Request'))
    const stream = await open(t, server)
    stream.socket.write(requestOf('/_mock/events/stream'))
    await until(() => stream.said().includes('events of the world'))
    // On a port for TLS it hasn't said hello.
    const silent = watch(t, connect(server.address.port, '127.0.0.1'))
    await once(silent.socket, 'connect')
    await server.close(grace)
    await Promise.all([used, unused, slow, refused, stream, silent].map(({ ended }) => ended))
    t.match(stream.said(), /about to stop|this is all/)
  })

  t.test(`${scheme}: an event stream that nobody reads doesn't keep a server from stopping`, async t => {
    const server = await serve(t)
    // Its name is in each of its events, and they are more than what the buffers of both ends take.
    const { buckets } = await connectTo(server.mock, verbose)
    for (let i = 0; i < 40; i++) await buckets.create({ name: `stopping${i}` })
    const stream = await open(t, server)
    stream.socket.write(requestOf('/_mock/events/stream?after=0'))
    await until(() => stream.said().includes('events of the world'))
    stream.socket.pause()
    await server.close(grace)
  })

  t.test(`${scheme}: an upload in flight is finished, says that it was the last, and its connection is closed`, async t => {
    const server = await serve(t)
    await makeBucket(t, server)
    const upload = await beginUpload(t, server)
    const closed = server.close(grace)
    const late = watch(t, connect(server.address.port, '127.0.0.1'))
    await late.ended
    t.equal(late.said(), '')
    upload.socket.write('56789')
    await upload.ended
    t.match(upload.said(), /HTTP\/1\.1 200 OK\r\n.*Connection: close\r\n/s)
    await closed
  })

  t.test(`${scheme}: of several requests on one connection all are answered, and the last says that it is the last`, async t => {
    let asked = 0
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const slow: FrontendDefinition = {
      name: 'slow',
      title: 'Slow',
      root: 'slow',
      version: '1',
      answer: async () => {
        asked++
        await held
        return { status: 200, headers: [], body: 'answered' }
      },
    }
    const server = await serve(t, { frontendDefinitions: [slow] })
    const one = await open(t, server)
    const other = await open(t, server)
    one.socket.write(requestOf('/slow/1') + requestOf('/slow/2') + requestOf('/slow/3'))
    other.socket.write(requestOf('/slow/4'))
    await until(() => asked === 4)
    const closed = server.close(grace)
    release()
    await Promise.all([one.ended, other.ended, closed])
    t.match(one.said().split('answered'), [/keep-alive/, /keep-alive/, /Connection: close/, ''])
    t.match(other.said(), /Connection: close\r\n.*answered$/s)
  })
}
