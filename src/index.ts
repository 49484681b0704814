/** The package: a server in one call. This file is where the parts of the house are put together; the command line is built on it. */

import type { AddressInfo } from 'node:net'
import type { Credentials, Log } from './drivers/context.ts'
import type { AnyDriver } from './drivers/registry.ts'
import type { MockCloud, MockCloudOptions } from './mock-cloud/cloud.ts'

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
