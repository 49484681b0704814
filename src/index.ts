/** The package: a server in one call. This file is where the parts of the house are put together; the command line is built on it. */

import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Credentials, Log, Transport } from './drivers/context.ts'
import { createMockDriver } from './drivers/mock/index.ts'
import { type AnyDriver, Registry } from './drivers/registry.ts'
import { createSessionCache } from './drivers/sessions.ts'
import { MockCloud, type MockCloudOptions } from './mock-cloud/cloud.ts'
import { createApp } from './server/app.ts'
import { apiVersion } from './server/entry-point.ts'
import { frontends as knownFrontends } from './server/frontends.ts'
import { listen } from './server/listen.ts'
import { createSealer } from './server/sealing.ts'

export type { Context, Credentials, Log, Transport } from './drivers/context.ts'
export type { Cloud, DriverDefinition, Offer, Operations } from './drivers/driver.ts'
export type { WireRequest, WireResponse } from './drivers/wire.ts'
export { CloudError } from './model/errors.ts'
export type { MockCloudOptions }

export interface ServerOptions {
  /** Driver of requests that name none; `mock` by default. */
  readonly driver?: string
  readonly provider?: string
  /** `localhost` by default. */
  readonly host?: string
  /** 3001 by default; 0 takes a free one. */
  readonly port?: number
  /** `deltacloud` by default. */
  readonly frontends?: readonly string[]
  /** Seconds that a request may take; 60 by default. */
  readonly timeout?: number
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Credentials for every request; clients then need none. */
  readonly credentials?: Credentials
  /** Key ids that native protocols may sign with. */
  readonly keys?: Readonly<Record<string, Credentials>>
  readonly log?: Log
  /** One line for each request. */
  readonly accessLog?: boolean
  readonly mock?: MockCloudOptions
  /** Drivers beside our own. */
  readonly drivers?: readonly AnyDriver[]
}

export interface RunningServer {
  /** `http://host:port`, without a path. */
  readonly url: string
  readonly address: AddressInfo
  /** The simulator behind the mock driver. */
  readonly mock: MockCloud
  /** Stops listening, lets running requests finish (at most `grace` seconds, 10 by default), closes the cloud. */
  close(grace?: number): Promise<void>
}

/** The one list of our drivers, by id; what each is made of. */
const ownDrivers: Readonly<Record<string, (mock: MockCloud) => AnyDriver>> = { mock: createMockDriver }

/** Ids of the drivers that work. */
export const driverIds: readonly string[] = Object.keys(ownDrivers).sort()

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** How many sessions with providers are kept at a time. */
const sessionLimit = 1000

/**
 * Starts a server.
 * @returns once it listens.
 * @throws TypeError for a driver, provider or frontend that isn't there; the error of Node, with its `code`, where the port can't be opened;
 * StateError where the state file can't be used.
 */
export const startServer = async (options: ServerOptions = {}): Promise<RunningServer> => {
  const { driver = 'mock', provider, host = 'localhost', port = 3001, timeout = 60, log = silent, tls } = options
  const scheme = tls === undefined ? 'http' : 'https'
  const frontends = (options.frontends ?? ['deltacloud']).map(name => {
    const frontend = knownFrontends.get(name)
    if (frontend === undefined) throw new TypeError(`There is no frontend '${name}'; there are ${[...knownFrontends.keys()].join(', ')}`)
    return frontend
  })
  const mock = await MockCloud.open(options.mock)
  const transport = wayToProviders()
  try {
    const registry = new Registry([...Object.values(ownDrivers).map(create => create(mock)), ...(options.drivers ?? [])])
    const chosen = registry.get(driver)
    if (chosen === undefined) throw new TypeError(`There is no driver '${driver}'`)
    if (chosen.offer(provider) === undefined) throw new TypeError(`The driver '${driver}' has no provider '${provider ?? ''}'`)
    const ephemeralKey = randomBytes(32)
    const app = createApp({
      registry,
      driver,
      provider,
      fixed: options.credentials,
      keys: new Map(Object.entries(options.keys ?? {})),
      sealer: createSealer(async () => chosen.sealingKey?.() ?? ephemeralKey),
      transport,
      sessions: createSessionCache({ limit: sessionLimit, now: Date.now }),
      log,
      timeout: timeout * 1000,
      frontends,
      accessLog: options.accessLog ?? false,
      scheme,
      health: () => ({ version: apiVersion, driver }),
    })
    const listening = await listen(app, { host, port, tls })
    const { address } = listening
    const name = host.includes(':') ? `[${host}]` : host
    return {
      url: `${scheme}://${name}:${address.port}`,
      address,
      mock,
      async close(grace = 10) {
        await listening.close(grace)
        await transport.close()
        await mock.close()
      },
    }
  } catch (error) {
    await transport.close()
    await mock.close()
    throw error
  }
}

/** The transport, loaded when a driver first sends something: the mock cloud's never does. */
const wayToProviders = (): Transport & { close(): Promise<void> } => {
  const load = async () => (await import('./drivers/transport.ts')).createTransport()
  let loaded: ReturnType<typeof load> | undefined
  return {
    async send(request, options) {
      loaded ??= load()
      return (await loaded).send(request, options)
    },
    async close() {
      await (await loaded)?.close()
    },
  }
}
