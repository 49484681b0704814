/** The package: a server in one call. The command line is built on it. */

import type { AddressInfo } from 'node:net'
import { type CompositionOptions, compose } from './compose.ts'
import type { MockCloud } from './mock-cloud/cloud.ts'
import { CloudError } from './model/errors.ts'
import { createApp } from './server/app.ts'
import { apiVersion } from './server/entry-point.ts'
import { listen } from './server/listen.ts'
import { isLoopback, Proxies } from './server/networks.ts'
import { Hosts } from './server/site.ts'

export { driverIds } from './compose.ts'
export type { Context, Credentials, Log, Transport } from './drivers/context.ts'
export type { Cloud, DriverDefinition, Offer, Operations } from './drivers/driver.ts'
export type { WireRequest, WireResponse } from './drivers/wire.ts'
export type { MockCloudOptions } from './mock-cloud/cloud.ts'
export { CloudError } from './model/errors.ts'

export interface ServerOptions extends CompositionOptions {
  /** `localhost` by default. */
  readonly host?: string
  /** 3001 by default; 0 takes a free one. */
  readonly port?: number
  readonly tls?: { readonly key: string; readonly cert: string }
  /** One line for each request. */
  readonly accessLog?: boolean
  /**
   * Names by which clients may know the server, beside those of this machine and `host`: other hosts are refused. `*.example.com` stands
   * for all below it. A server that other machines reach answers to any by default.
   */
  readonly allowedHosts?: readonly string[]
  /** Proxies whose X-Forwarded headers count: addresses, networks, `loopback` or `private`. None by default. */
  readonly trustedProxies?: readonly string[]
  /** What clients must show that control the simulator under `/_mock`; without it only this machine is let in. */
  readonly controlToken?: string
}

export interface RunningServer {
  /** `http://host:port`, without a path. */
  readonly url: string
  readonly address: AddressInfo
  /** The simulator behind the mock driver. */
  readonly mock: MockCloud
  /**
   * Stops listening, lets running requests finish (at most `grace` seconds, 10 by default), closes the cloud unless it was open before the
   * server was.
   */
  close(grace?: number): Promise<void>
}

/**
 * Starts a server.
 * @returns once it listens.
 * @throws TypeError for a driver, provider or frontend that isn't there, or an empty control token; the error of Node, with its `code`, where the port can't be opened;
 * StateError where the state file can't be used.
 */
export const startServer = async (options: ServerOptions = {}): Promise<RunningServer> => {
  const { host = 'localhost', port = 3001, tls } = options
  const scheme = tls === undefined ? 'http' : 'https'
  if (options.controlToken === '') throw new TypeError('The control token is empty')
  const hosts = new Hosts({ allowed: options.allowedHosts }, host)
  const proxies = new Proxies(options.trustedProxies ?? [])
  const composition = await compose({ isExposed: () => !hosts.isLoopback, ...options })
  const { settings, mock } = composition
  const closing = new AbortController()
  try {
    const app = createApp({
      ...settings,
      accessLog: options.accessLog ?? false,
      scheme,
      health: () => ({ version: apiVersion, driver: settings.driver }),
      hosts,
      proxies,
      controlToken: options.controlToken,
      closing: closing.signal,
    })
    const listening = await listen(app, { host, port, tls })
    const { address } = listening
    hosts.isLoopback = isLoopback(address.address)
    const name = host.includes(':') ? `[${host}]` : host
    return {
      url: `${scheme}://${name}:${address.port}`,
      address,
      mock,
      async close(grace = 10) {
        closing.abort(new CloudError('provider-unavailable', 'The server is about to stop'))
        await listening.close(grace)
        await composition.close()
      },
    }
  } catch (error) {
    await composition.close()
    throw error
  }
}
