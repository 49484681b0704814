/**
 * T of a driver with a frontend of its protocol: the Deltacloud API over the driver, whose provider is that frontend over the mock cloud, all in
 * process or, once a run, through real sockets. A world of the mock cloud for each case.
 */

import fc from 'fast-check'
import type { Transport } from '../../src/drivers/context.ts'
import { bind, type Offer } from '../../src/drivers/driver.ts'
import { createTransport } from '../../src/drivers/transport.ts'
import { readBody, type WireRequest, type WireResponse, wireRequest } from '../../src/drivers/wire.ts'
import { type RunningServer, startServer } from '../../src/index.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { events } from '../../src/mock-cloud/events.ts'
import { advance, runUntilSettled } from '../../src/mock-cloud/time.ts'
import { CloudError } from '../../src/model/errors.ts'
import { Recorder } from '../../src/record/recorder.ts'
import { createDispatch, type Dispatch } from '../../src/server/dispatch.ts'
import type { Sent } from '../client.ts'
import { type Abilities, CloudUnderTest, type Throttling, type Trouble } from '../cloud-under-test.ts'
import type { RoundTrip, Subject } from '../harness.ts'
import { connectionError, throttledResponse } from '../mutations/transport.ts'
import { Flow, pieceSize } from '../streaming.ts'
import { Traffic } from '../traffic.ts'
import { withDriver } from './declared.ts'
import { type InProcess, startInProcess } from './in-process.ts'
import { recordsOf } from './kept.ts'
import { accountRecords } from './records.ts'
import { alice, bob, failedBoots, noContext, startOfTime } from './simulated.ts'
import type { OpenCloud, Setup, Source } from './source.ts'
import { writtenBy } from './written.ts'

/** The name of each case's world: draws depend on it, and a case that is replayed must fare as it did. */
const world = 'case'

const patience = 24 * 3600 * 1000

/** Seconds that a request may take. */
const timeLimit = 10

/** Most items of a page, so few that worlds have more: of some cases of each law, and of all cases of the law about pages. */
const smallPages = fc.constantFrom(1, 2, 3)
const somePages = fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: smallPages })

export const openRoundTrip = (subject: Subject): Promise<Source> =>
  withDriver(subject, async driver => {
    const { roundTrip: halves } = subject.harness
    if (halves === undefined) throw new TypeError(`${subject.name} has no other half`)
    const mock = await MockCloud.open({
      clock: { mode: 'manual', now: startOfTime },
      accounts: { [alice.user]: alice.password, [bob.user]: bob.password },
      ...(halves.regions === undefined ? {} : { regions: { [halves.personality]: halves.regions.names } }),
    })
    const provider = await startInProcess({ driver: 'mock', provider: halves.personality, mock, frontendDefinitions: halves.frontends })
    const offer = driver.offer(halves.provider('http://case.cloud.test'))
    if (offer === undefined) throw new TypeError(`${subject.name} takes no provider like ${halves.provider('http://case.cloud.test')}`)
    let sockets: Promise<RunningServer> | undefined
    const dispatchers = new Map<number | undefined, Dispatch>([[undefined, provider.dispatch]])
    const dispatcherFor = (pageSize: number | undefined): Dispatch => {
      const dispatch = dispatchers.get(pageSize) ?? createDispatch({ ...provider.composition.settings, pageSize })
      dispatchers.set(pageSize, dispatch)
      return dispatch
    }
    const open = (seed: number, pageSize: number | undefined, isRemote: boolean, isRecorded: boolean): Promise<OpenCloud> => {
      if (isRemote)
        sockets ??= startServer({ host: '127.0.0.1', port: 0, provider: halves.personality, mock, frontendDefinitions: halves.frontends })
      const dispatch = dispatcherFor(pageSize)
      return openTrip({ subject, halves, mock, provider, dispatch, server: isRemote ? sockets : undefined, isRecorded }, seed)
    }
    const setup = ({
      pages = somePages,
      isRemote = false,
      isRecorded = false,
    }: {
      readonly pages?: fc.Arbitrary<number | undefined>
      readonly isRemote?: boolean
      readonly isRecorded?: boolean
    } = {}) =>
      fc.record({ seed: fc.nat(999), pageSize: isRemote ? fc.constant(undefined) : pages }).map(
        ({ seed, pageSize }): Setup => ({
          given: `a new cloud with the seed ${seed}${pageSize === undefined ? '' : ` and pages of ${pageSize}`}${isRemote ? ', through sockets' : ''}`,
          open: () => open(seed, pageSize, isRemote, isRecorded),
        }),
      )
    return {
      kind: 'T',
      driver,
      offer,
      // Sockets are slow, and make no difference to most: few cases go through them.
      parts: [setup()],
      remote: setup({ isRemote: true }),
      // What a recorder writes is that law's to look at, and takes its time.
      partsFor: law => (law === 'E5' ? [setup({ isRecorded: true })] : law === 'R5' ? [setup({ pages: smallPages })] : undefined),
      async [Symbol.asyncDispose]() {
        await (await sockets)?.close(0)
        await provider.close()
        await mock.close()
      },
    }
  })

interface Trip {
  readonly subject: Subject
  readonly halves: RoundTrip
  readonly mock: MockCloud
  readonly provider: InProcess
  /** To the provider, in pages of the case's size. */
  readonly dispatch: Dispatch
  readonly server: Promise<RunningServer> | undefined
  /** Whether a recorder looks on. */
  readonly isRecorded: boolean
}

const openTrip = async ({ subject, halves, mock, provider, dispatch, server, isRecorded }: Trip, seed: number): Promise<OpenCloud> =>
  withDriver(subject, async driver => {
    await mock.createWorld(world, { seed: `seed-${seed}` })
    const worlds = [world]
    const way = new Way(dispatch, await server, () => mock.now(way.world))
    const time = {
      now: () => mock.now(way.world),
      // A driver that waits for its provider waits in cloud time.
      sleep: async (milliseconds: number) => {
        await advance(await mock.world(way.world), milliseconds)
      },
      random: () => 0.5,
    }
    const recorder = isRecorded ? new Recorder(() => mock.now(way.world)) : undefined
    const api = await startInProcess({
      driver: driver.id,
      drivers: [driver],
      provider: halves.provider('http://cloud.test'),
      mock,
      transport: way,
      timeout: timeLimit,
      time,
      ...(recorder === undefined ? {} : { recorder }),
    })
    const offerOf = (name: string): Offer => {
      const offer = driver.offer(name)
      if (offer === undefined) throw new TypeError(`${subject.name} takes no provider like ${name}`)
      return offer
    }

    const clock = (name: string): Pick<Abilities, 'wait' | 'settle' | 'now' | 'events' | 'refuse'> => ({
      wait: async milliseconds => {
        await advance(await mock.world(name), milliseconds)
      },
      settle: async () => {
        await runUntilSettled(await mock.world(name), { limit: patience })
      },
      now: () => mock.now(name),
      refuse: async kind => {
        await (await mock.world(name)).rules.add({ match: {}, effect: { error: { kind } } })
      },
      events: async () => (await events(await mock.world(name), { limit: Number.MAX_SAFE_INTEGER })).map(event => JSON.stringify(event)),
    })

    const forkOf = async (original: string): Promise<string> => {
      const name = `fork-${worlds.length}`
      await mock.forkWorld(original, name)
      worlds.push(name)
      return name
    }

    const { regions } = halves
    /** Worlds that begin in their own way, as clouds at other addresses do. */
    const another = async (): Promise<CloudUnderTest> => {
      const name = `other-${worlds.length}`
      await mock.createWorld(name, { seed: name })
      worlds.push(name)
      return cloudOf(name)
    }

    const cloudOf = (name: string, region = regions?.names[0]): CloudUnderTest => {
      const isHome = region === regions?.names[0]
      const providerAt = (origin: string): string =>
        regions === undefined || region === undefined || isHome ? halves.provider(origin) : regions.provider(origin, region)
      return new CloudUnderTest({
        subject,
        source: 'T',
        offer: offerOf(providerAt('http://cloud.test')),
        credentials: alice,
        send: request => way.during(name, origin => api.send(withHeader(request, 'X-Deltacloud-Provider', providerAt(origin)), 'default')),
        abilities: {
          ...clock(name),
          stream: request =>
            way.during(name, origin => api.stream(withHeader(request, 'X-Deltacloud-Provider', providerAt(origin)), 'default')),
          flow: way.flow,
          log: () => api.log.text(),
          secrets: () => [alice.password, bob.password, ...way.secrets],
          written: () => (recorder === undefined ? [] : writtenBy(recorder, driver.id, halves.provider('http://cloud.test'))),
          fork: async () => cloudOf(await forkOf(name)),
          twin: async () => twin(await forkOf(name)),
          failBoots: async () => {
            await (await mock.world(name)).rules.add(failedBoots)
          },
          trouble: async (trouble, only) => {
            way.trouble = trouble
            way.isForChanges = only === 'changes'
          },
          throttle: async throttling => {
            const { seconds, times, isOwn } = throttling
            if (!isOwn) way.throttling = { ...throttling, left: times }
            else {
              const limit = times === 1 ? { limit: 1 } : {}
              await (await mock.world(name)).rules.add({ match: {}, effect: { throttle: { retryAfter: seconds } }, ...limit })
            }
          },
          refuseTokens: async which => way.refuse(which),
          inOnePage: async task => {
            way.dispatch = provider.dispatch
            try {
              return await task()
            } finally {
              way.dispatch = dispatch
            }
          },
          traffic: way.traffic,
          operate: task =>
            way.during(name, async origin => {
              const own = providerAt(origin)
              const session = await driver.connect({
                credentials: alice,
                provider: own,
                context: { ...noContext, ...time, transport: way, world: name },
              })
              return task(bind(offerOf(own).operations, session))
            }),
          records: async kind => recordsOf(await mock.world(name), providerIn(region), alice.user, kind),
          ...(server === undefined ? { origin: `http://${name}.cloud.test` } : {}),
          ...(regions === undefined || region === undefined ? {} : { region: { name: region, of: regions.regionOf } }),
          elsewhere: [
            ...(regions === undefined || !isHome
              ? []
              : [
                  {
                    name: `the region ${regions.names[1]}`,
                    open: async () => cloudOf(name, regions.names[1]),
                    shared: regions.shared ?? [],
                  },
                ]),
            { name: 'another address', open: another, shared: [] },
            { name: 'a copy at another address', open: async () => cloudOf(await forkOf(name), region), shared: [] },
          ],
          accountRecords: user => accountRecords(mock, name, providerIn(region), user),
          stranger: bob,
        },
      })
    }

    /** The provider of the simulator that a region is. */
    const providerIn = (region: string | undefined): string =>
      (region === undefined ? undefined : mock.regionsOf(halves.personality).get(region)) ?? halves.personality

    /** The same cloud, asked without the driver. */
    const twin = (name: string): CloudUnderTest => {
      const direct = provider.composition.settings.registry.get('mock')?.offer(halves.personality)
      return new CloudUnderTest({
        subject,
        source: 'T',
        offer: direct ?? offerOf(halves.provider('http://cloud.test')),
        credentials: alice,
        send: request => provider.send(request, name),
        abilities: {
          ...clock(name),
          operate: async task => {
            const simulator = provider.composition.settings.registry.get('mock')
            if (simulator === undefined || direct === undefined) throw new TypeError('The simulator has no driver')
            const context = { ...noContext, world: name }
            return task(bind(direct.operations, await simulator.connect({ credentials: alice, provider: halves.personality, context })))
          },
        },
      })
    }

    return {
      cloud: cloudOf(world),
      grade: 'property-tested',
      async [Symbol.asyncDispose]() {
        await api.close()
        await way.close()
        for (const name of worlds) await mock.removeWorld(name)
        provider.log.forget()
      },
    }
  })

const withHeader = <R extends Pick<Sent, 'headers'>>(request: R, name: string, value: string): R => ({
  ...request,
  headers: [...request.headers, [name, value]],
})

/** The way from the driver to the frontend: in process, or through sockets; it may be broken on purpose. */
class Way implements Transport {
  /** The world that is asked now. */
  world = world
  trouble: Trouble | undefined
  /** Whether only requests that change something meet the trouble. */
  isForChanges = false
  throttling: (Throttling & { left: number }) | undefined
  readonly traffic: Traffic
  readonly flow = new Flow()
  private refused: ReadonlySet<string> | 'all' = new Set()
  /** What proves who asks: it's for the provider's eyes only. */
  readonly secrets = new Set<string>()
  dispatch: Dispatch
  private readonly server: RunningServer | undefined
  private readonly remote: (Transport & { close(): Promise<void> }) | undefined

  private readonly now: () => number
  private readonly noted: Transport

  constructor(dispatch: Dispatch, server: RunningServer | undefined, now: () => number) {
    this.now = now
    this.traffic = new Traffic(now)
    this.noted = this.traffic.through({ send: (request, options) => this.carry(request, options) })
    this.dispatch = dispatch
    this.server = server
    this.remote = server === undefined ? undefined : createTransport()
  }

  /** Whatever the task sends goes to that world. */
  async during<T>(name: string, task: (origin: string) => Promise<T>): Promise<T> {
    this.world = name
    return task(this.server === undefined ? `http://${name}.cloud.test` : `${this.server.url}/_worlds/${name}`)
  }

  async send(request: WireRequest, options: Parameters<Transport['send']>[1]): Promise<WireResponse> {
    this.remember(request)
    return this.noted.send(this.flow.counted(request), options)
  }

  /** Takes the tokens no more that were used by now, or any. */
  refuse(which: 'given' | 'all'): void {
    this.refused = which === 'all' ? 'all' : new Set(this.traffic.requests.flatMap(({ token }) => token ?? []))
  }

  private async carry(request: WireRequest, options: Parameters<Transport['send']>[1]): Promise<WireResponse> {
    const sent = this.traffic.requests.at(-1)
    if (sent?.token !== undefined && (this.refused === 'all' || this.refused.has(sent.token))) return textResponse(401, 'Unauthorized')
    if (this.throttling !== undefined && this.throttling.left > 0) {
      this.throttling.left--
      return throttledResponse(429, this.throttling, this.now())
    }
    if (this.trouble === undefined || (this.isForChanges && sent?.isRead !== false)) return this.deliver(request, options)
    return wireFaults[this.trouble](() => this.deliver(request, options))
  }

  async close(): Promise<void> {
    await this.remote?.close()
  }

  private async deliver(request: WireRequest, options: Parameters<Transport['send']>[1]): Promise<WireResponse> {
    options.signal.throwIfAborted()
    if (this.remote !== undefined) return this.remote.send(request, options)
    const { host, pathname, search } = new URL(request.target)
    const raw = request.target.slice(request.target.indexOf('/', request.target.indexOf('//') + 2))
    const [name = world] = host.split('.')
    const inner = wireRequest({
      method: request.method,
      // As it was written: a URL would be another, and its signature wrong.
      target: raw.startsWith('/') ? raw : `${pathname}${search}`,
      headers: [...request.headers.filter(([header]) => header.toLowerCase() !== 'host'), ['Host', host], ['X-Deltacloud-World', name]],
      ...(request.body === undefined ? {} : { body: await readBody(request.body) }),
    })
    const answering = this.dispatch(inner, () => undefined)
    if (answering === undefined) return { status: 404, headers: [], body: 'There is nothing at this path' }
    const { response } = await answering
    const body = await readBody(response.body)
    return { ...response, body: body.length > pieceSize ? this.flow.inPieces(body) : body }
  }

  private remember(request: WireRequest): void {
    for (const [name, value] of request.headers) {
      if (!/token|authorization|auth-key/i.test(name)) continue
      const secret = value.replace(/^(Basic|Bearer) /i, '')
      if (secret.length >= 12 && !/^AWS4-HMAC/.test(secret)) this.secrets.add(secret)
    }
  }
}

const textResponse = (status: number, body: string, headers: WireResponse['headers'] = []): WireResponse => ({
  status,
  headers: [['Content-Type', 'text/plain'], ...headers],
  body,
})

/** Each trouble as a driver meets it: an answer that's none, or no answer. */
const wireFaults: Readonly<Record<Trouble, (deliver: () => Promise<WireResponse>) => Promise<WireResponse>>> = {
  'a server error': async () => textResponse(500, 'Internal Server Error'),
  'no service': async () => textResponse(503, 'Service Unavailable'),
  'no answer in time': async () => {
    throw new CloudError('provider-timeout', 'The provider did not answer in time')
  },
  throttling: async () => textResponse(429, 'Too Many Requests', [['Retry-After', '1']]),
  'a broken connection': async () => {
    throw connectionError()
  },
  'half an answer': async deliver => {
    const response = await deliver()
    const whole = await readBody(response.body)
    return {
      ...response,
      body: {
        async *[Symbol.asyncIterator]() {
          yield whole.subarray(0, Math.floor(whole.length / 2))
          throw connectionError()
        },
      },
    }
  },
  garbage: async deliver => ({ ...(await deliver()), body: '<<<{{{ not what it should be' }),
}
