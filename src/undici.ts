/** `deltacloud/undici`: the mock cloud behind undici and Node's own `fetch`, as whole HTTP over connections that lie in memory. */

import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import { Agent, buildConnector } from 'undici'
import { compose, frontendNames } from './compose.ts'
import { type InProcessOptions, originOf } from './in-process.ts'
import { createApp } from './server/app.ts'
import { apiVersion } from './server/entry-point.ts'
import { serverOptions } from './server/listen.ts'

/**
 * A dispatcher for undici: `setGlobalDispatcher(await deltacloudAgent({ cloud }))`, or the `dispatcher` of one request. What is for the
 * address meets the whole server, byte for byte as it was sent; everything else goes out as usual. undici's own `close` ends it.
 * @throws TypeError for an address that is more than an origin; for a driver, provider or frontend that isn't there.
 */
export const deltacloudAgent = async (options: InProcessOptions = {}): Promise<Agent> => {
  const { url, cloud, ...rest } = options
  const origin = originOf(url)
  const { settings } = await compose({ frontends: frontendNames, ...rest, ...(cloud === undefined ? {} : { mock: cloud }) })
  const app = createApp({
    ...settings,
    accessLog: false,
    scheme: origin.startsWith('https:') ? 'https' : 'http',
    health: () => ({ version: apiVersion, driver: settings.driver }),
  })
  const server = createServer(serverOptions, app)
  server.on('checkExpectation', app)
  const outside = buildConnector({})
  return new Agent({
    connect(target, callback) {
      if (`${target.protocol}//${target.host}` !== origin) outside(target, callback)
      // undici takes a connection only after it has returned from asking for it.
      else setImmediate(() => callback(null, connectionTo(server)))
    },
  })
}

/** The client's end of a new connection. When one end is gone, so is the other, as with a socket. */
const connectionTo = (server: Server): Socket => {
  const [ours, theirs] = duplexPair()
  ours.once('close', () => theirs.destroy())
  theirs.once('close', () => ours.destroy())
  server.emit('connection', likeSocket(theirs))
  return likeSocket(ours)
}

/** What Node's server and undici ask of a socket beside that it's a stream: nothing that memory has. */
const likeSocket = (end: Duplex): Socket => {
  const itself = (): Duplex => end
  return Object.assign(end, {
    ref: itself,
    unref: itself,
    setNoDelay: itself,
    setKeepAlive: itself,
    setTimeout: itself,
    resetAndDestroy: () => end.destroy(),
    // Memory is of this machine.
    remoteAddress: '127.0.0.1',
  }) as Duplex as Socket
}
