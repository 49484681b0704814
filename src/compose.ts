/** Where the parts of the house are put together, short of a port: what the server, msw handlers and tests have in common. */

import { randomBytes } from 'node:crypto'
import type { Credentials, Log, Transport } from './drivers/context.ts'
import { ec2 } from './drivers/ec2/index.ts'
import { eucalyptus } from './drivers/eucalyptus/index.ts'
import { createMockDriver } from './drivers/mock/index.ts'
import { openstack } from './drivers/openstack/index.ts'
import { rackspace } from './drivers/rackspace/index.ts'
import { type AnyDriver, Registry } from './drivers/registry.ts'
import { createSessionCache } from './drivers/sessions.ts'
import { MockCloud, type MockCloudOptions } from './mock-cloud/cloud.ts'
import type { Recorder } from './record/recorder.ts'
import type { CloudTime } from './server/context.ts'
import { discreet } from './server/discreet-log.ts'
import type { FrontendSettings } from './server/dispatch.ts'
import { apiVersion } from './server/entry-point.ts'
import type { FrontendDefinition } from './server/frontend.ts'
import { frontends as knownFrontends } from './server/frontends.ts'
import type { FixedCredentials } from './server/gate.ts'
import { createHealth, type Health } from './server/health.ts'
import { Reach, type ReachOptions } from './server/reach.ts'
import { createSealer } from './server/sealing.ts'

export interface CompositionOptions {
  /** Driver of requests that name none; `mock` by default. */
  readonly driver?: string
  readonly provider?: string
  /** `deltacloud` by default. */
  readonly frontends?: readonly string[]
  /** Seconds that a request may take; 60 by default. */
  readonly timeout?: number
  /** Credentials for every request of the Deltacloud API that means the server's own driver and provider; clients then need none. */
  readonly credentials?: Credentials
  /** The same for other clouds: each is sent to its driver and provider only. */
  readonly fixedCredentials?: readonly FixedCredentials[]
  /** Which providers requests may choose by address. */
  readonly providers?: ReachOptions
  /** Whether other machines reach the server: then addresses of private networks may not be chosen by default. */
  readonly isExposed?: () => boolean
  /** Most items of a page of native protocols that list in pages; as many as each of them has by default. From 1 on. */
  readonly pageSize?: number
  /** Key ids that native protocols may sign with. */
  readonly keys?: Readonly<Record<string, Credentials>>
  readonly log?: Log
  /** The simulator behind the mock driver: how to open it, or one that is open. */
  readonly mock?: MockCloudOptions | OpenCloud
  /** Drivers beside our own. */
  readonly drivers?: readonly AnyDriver[]
  /** Protocols beside those that are named. */
  readonly frontendDefinitions?: readonly FrontendDefinition[]
  /** The way to providers, instead of connections of our own; it stays its maker's to close. */
  readonly transport?: Transport
  /** Looks on while drivers and their providers talk, and notes what clients ask. */
  readonly recorder?: Recorder
  /** The time that drivers are told, and chance; the machine's by default. */
  readonly time?: CloudTime
}

/** A simulator that is open already, as `createMockCloud` gives it or bare; it stays its opener's to close. */
export type OpenCloud = MockCloud | { readonly simulator: MockCloud }

export interface Composition {
  readonly settings: FrontendSettings
  /** The simulator behind the mock driver. */
  readonly mock: MockCloud
  /** What `/healthz` tells. */
  readonly health: () => Promise<Health>
  /** Ends connections to providers, and closes the simulator if it was opened here. */
  close(): Promise<void>
}

/** The one list of our drivers, by id; what each is made of. */
const ownDrivers: Readonly<Record<string, (mock: MockCloud) => AnyDriver>> = {
  ec2: () => ec2,
  eucalyptus: () => eucalyptus,
  mock: createMockDriver,
  openstack: () => openstack,
  rackspace: () => rackspace,
}

/** Ids of the drivers that work. */
export const driverIds: readonly string[] = Object.keys(ownDrivers).sort()

/** Names of the frontends that work. */
export const frontendNames: readonly string[] = [...knownFrontends.keys()]

/** @throws TypeError where there is none of that name. */
export const frontendNamed = (name: string): FrontendDefinition => {
  const frontend = knownFrontends.get(name)
  if (frontend === undefined) throw new TypeError(`There is no frontend '${name}'; there are ${frontendNames.join(', ')}`)
  return frontend
}

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** How many sessions with providers are kept at a time. */
const sessionLimit = 1000

/** @throws TypeError for a driver, provider or frontend that isn't there, or a size of pages that is none; StateError where the state file can't be used. */
export const compose = async (options: CompositionOptions = {}): Promise<Composition> => {
  const { driver = 'mock', provider, timeout = 60, log = silent } = options
  const frontends = [...(options.frontends ?? ['deltacloud']).map(frontendNamed), ...(options.frontendDefinitions ?? [])]
  const { pageSize } = options
  if (pageSize !== undefined && !(Number.isInteger(pageSize) && pageSize >= 1))
    throw new TypeError(`The size of pages is ${pageSize}; it must be a whole number from 1 on`)
  const simulator = await openSimulator(options.mock)
  const { mock } = simulator
  const way = options.transport === undefined ? wayToProviders() : lent(options.transport)
  const { recorder } = options
  const transport = recorder === undefined ? way : tapped(way, recorder)
  const close = async (): Promise<void> => {
    await transport.close()
    await simulator.close()
  }
  try {
    const registry = new Registry([...Object.values(ownDrivers).map(create => create(mock)), ...(options.drivers ?? [])])
    const chosen = registry.get(driver)
    if (chosen === undefined) throw new TypeError(`There is no driver '${driver}'`)
    if (chosen.offer(provider) === undefined) throw new TypeError(`The driver '${driver}' has no provider '${provider ?? ''}'`)
    const ephemeralKey = randomBytes(32)
    const settings: FrontendSettings = {
      registry,
      driver,
      provider,
      fixed: [
        ...(options.credentials === undefined ? [] : [{ driver, provider, credentials: options.credentials }]),
        ...(options.fixedCredentials ?? []),
      ],
      reach: new Reach(options.providers ?? {}, () => (options.isExposed?.() === true ? 'public' : 'any')),
      keys: new Map(Object.entries(options.keys ?? {})),
      sealer: createSealer(async () => chosen.sealingKey?.() ?? ephemeralKey),
      pageSize,
      transport,
      sessions: createSessionCache({ limit: sessionLimit, now: () => options.time?.now() ?? Date.now() }),
      log: discreet(log),
      timeout: timeout * 1000,
      time: options.time,
      frontends: recorder === undefined ? frontends : frontends.map(one => ({ ...one, answer: recorder.watch(one.answer) })),
    }
    const store = { kind: mock.storeKind, check: () => mock.checkStore() }
    return { settings, mock, health: createHealth({ version: apiVersion, driver }, store, log), close }
  } catch (error) {
    await close()
    throw error
  }
}

const openSimulator = async (given: CompositionOptions['mock']): Promise<Pick<Composition, 'mock' | 'close'>> => {
  if (given instanceof MockCloud) return { mock: given, close: async () => undefined }
  if (given !== undefined && 'simulator' in given) return { mock: given.simulator, close: async () => undefined }
  const mock = await MockCloud.open(given)
  return { mock, close: () => mock.close() }
}

/** The tap is loaded with the transport, when something is first sent. */
const tapped = (way: Transport & { close(): Promise<void> }, recorder: Recorder): Transport & { close(): Promise<void> } => ({
  send: async (request, sending) => (await import('./drivers/transport.ts')).tap(way, recorder.observer).send(request, sending),
  close: () => way.close(),
})

/** A way that stays its maker's to close. */
const lent = (transport: Transport): Transport & { close(): Promise<void> } => ({
  send: (request, sending) => transport.send(request, sending),
  close: async () => undefined,
})

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
