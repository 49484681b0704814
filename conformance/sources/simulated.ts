/** T of the mock driver: the Deltacloud server itself over the mock cloud, a world for each case, with accounts and clock in process. */

import fc from 'fast-check'
import type { Context, Credentials } from '../../src/drivers/context.ts'
import { bind, type Offer } from '../../src/drivers/driver.ts'
import { createSessionCache } from '../../src/drivers/sessions.ts'
import type { WholeCloud } from '../../src/mock.ts'
import { events } from '../../src/mock-cloud/events.ts'
import { advance, runUntilSettled } from '../../src/mock-cloud/time.ts'
import type { ErrorKind } from '../../src/model/errors.ts'
import type { Answer, Sent } from '../client.ts'
import { CloudUnderTest, type Simulated, type Trouble } from '../cloud-under-test.ts'
import type { Subject } from '../harness.ts'
import { KeptLog, startInProcess } from './in-process.ts'
import { recordsOf } from './kept.ts'
import { accountRecords } from './records.ts'
import type { OpenCloud, Setup, Source } from './source.ts'

/** When the time of a case begins, milliseconds since 1970. */
export const startOfTime = Date.UTC(2030, 0, 1)

/** Passwords that stand out wherever they turn up. */
export const alice: Credentials = { user: 'alice', password: 'pw-of-alice-5e1f0c' }
export const bob: Credentials = { user: 'bob', password: 'pw-of-bob-77d2aa' }

/** The name of each case's world: draws depend on it, and a case that is replayed must fare as it did. */
const world = 'case'

/** Regions that the provider has, its own first. */
const regions = ['here', 'there'] as const

const otherKind = 'openstack'

/** The simulator asks nobody, and waits for nothing. */
export const noContext: Context = {
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  transport: { send: () => Promise.reject(new TypeError('The simulator needs no network')) },
  now: () => startOfTime,
  sleep: async () => undefined,
  random: () => 0,
  log: new KeptLog(),
  sessions: createSessionCache({ limit: 1, now: () => startOfTime }),
  wire: {},
  world,
}

/** How many clouds there are to begin with: latencies and ids depend on the seed. */
const mostSeeds = 15

/** How long things may take until they must have come to rest, cloud time: more than any boot that isn't stuck. Milliseconds. */
const patience = 24 * 3600 * 1000

/** Boots end in an error. */
export const failedBoots = { match: { operation: ['instances.create', 'instances.start'] }, effect: { boot: 'fails' } }

const failWith = (kind: ErrorKind): object => ({ match: {}, effect: { error: { kind } } })

export type Send = (request: Sent, world: string) => Promise<Answer>

export interface SimulatedOptions {
  /** Stands between the laws and the server: a server that fails in its own ways. */
  readonly through?: (send: Send) => Send
}

/** What a simulator does instead of a provider in trouble: it has none, but knows how one would fare. */
const effects: Readonly<Record<Trouble, object>> = {
  'a server error': failWith('provider-error'),
  'no service': failWith('provider-unavailable'),
  'no answer in time': failWith('provider-timeout'),
  throttling: { match: {}, effect: { throttle: { retryAfter: 30 } } },
  'a broken connection': failWith('provider-error'),
  'half an answer': failWith('provider-error'),
  garbage: failWith('provider-error'),
}

export const openSimulated = async (subject: Subject, { through = send => send }: SimulatedOptions = {}): Promise<Source> => {
  const { driver } = subject.harness
  const { provider } = subject
  const { MockCloud } = await import('../../src/mock-cloud/cloud.ts')
  const home = provider ?? 'default'
  const mock = await MockCloud.open({
    clock: { mode: 'manual', now: startOfTime },
    accounts: { [alice.user]: alice.password, [bob.user]: bob.password },
    regions: { [home]: regions },
  })
  const own = typeof driver === 'function' ? driver(mock) : driver
  const server = await startInProcess({ driver: own.id, mock, drivers: [own], ...(provider === undefined ? {} : { provider }) })
  const send = through(server.send)
  const offerOf = (name: string | undefined): Offer => {
    const offer = own.offer(name)
    if (offer === undefined) throw new TypeError(`The driver '${own.id}' has no provider '${name ?? ''}'`)
    return offer
  }
  const offer = offerOf(provider)

  /** Another region, and another kind of cloud. */
  const others = [...mock.regionsOf(home).values()]
    .slice(1)
    .flatMap(other => other ?? [])
    .concat(home === otherKind ? 'ec2' : otherKind)

  /** What the reference model is compared with. */
  const bare = async (name: string): Promise<Simulated> => {
    const world = await mock.world(name)
    const context = { ...noContext, world: name }
    const session = await own.connect({ credentials: alice, provider, context })
    // Only the default provider has a model, and it lacks nothing.
    return { cloud: bind(offer.operations, session) as WholeCloud, world }
  }

  /** @param at the provider that requests name, where they name one */
  const cloudOf = (name: string, forkOf: (name: string) => Promise<CloudUnderTest>, at?: string): CloudUnderTest =>
    new CloudUnderTest({
      subject,
      source: 'T',
      offer: at === undefined ? offer : offerOf(at),
      credentials: alice,
      send: request =>
        send(at === undefined ? request : { ...request, headers: [...request.headers, ['X-Deltacloud-Provider', at]] }, name),
      abilities: {
        wait: async milliseconds => {
          await advance(await mock.world(name), milliseconds)
        },
        settle: async () => {
          await runUntilSettled(await mock.world(name), { limit: patience })
        },
        stream: request => server.stream(request, name),
        log: () => server.log.text(),
        secrets: () => [alice.password, bob.password],
        events: async () => (await events(await mock.world(name), { limit: Number.MAX_SAFE_INTEGER })).map(event => JSON.stringify(event)),
        fork: () => forkOf(name),
        elsewhere: [
          ...others.map(other => ({ name: `the provider ${other}`, open: async () => cloudOf(name, forkOf, other), shared: [] })),
          { name: 'another world', open: () => forkOf(name), shared: [] },
        ],
        accountRecords: user => accountRecords(mock, name, at ?? home, user),
        failBoots: async () => {
          await (await mock.world(name)).rules.add(failedBoots)
        },
        trouble: async trouble => {
          await (await mock.world(name)).rules.add(effects[trouble])
        },
        throttle: async ({ seconds }) => {
          await (await mock.world(name)).rules.add({ match: {}, effect: { throttle: { retryAfter: seconds } } })
        },
        records: async kind => recordsOf(await mock.world(name), provider ?? 'default', alice.user, kind),
        ...(provider === undefined ? { simulator: () => bare(name) } : {}),
        stranger: bob,
      },
    })

  /** A world in which the account has come into being already: a case is a fork of it, which is made in less time than a new one. */
  const original = async (seed: number): Promise<string> => {
    const name = `seed-${seed}`
    if (!(await mock.hasWorld(name))) {
      const made = await mock.createWorld(name, { seed: name })
      await made.tenant(provider ?? 'default', alice.user).write(async () => undefined)
    }
    return name
  }

  const open = async (seed: number): Promise<OpenCloud> => {
    await mock.forkWorld(await original(seed), world)
    const worlds = [world]
    const forkOf = async (original: string): Promise<CloudUnderTest> => {
      const name = `fork-${worlds.length}`
      await mock.forkWorld(original, name)
      worlds.push(name)
      return cloudOf(name, forkOf)
    }
    return {
      cloud: cloudOf(world, forkOf),
      grade: 'property-tested',
      async [Symbol.asyncDispose]() {
        for (const name of worlds) await mock.removeWorld(name)
        server.log.forget()
      },
    }
  }

  return {
    kind: 'T',
    driver: own,
    offer,
    parts: [fc.nat(mostSeeds).map((seed): Setup => ({ given: `a new cloud with the seed ${seed}`, open: () => open(seed) }))],
    async [Symbol.asyncDispose]() {
      await server.close()
      await mock.close()
    },
  }
}
