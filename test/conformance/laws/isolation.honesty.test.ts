/** K2 rejects what mixes users, regions or providers up, on each source, and passes what doesn't. */

import t from 'tap'
import { checkLaw } from '../../../conformance/check.ts'
import { type Harness, subjectsOf } from '../../../conformance/harness.ts'
import { harness as ec2Harness } from '../../../conformance/harnesses/ec2.ts'
import { harness as openstackHarness } from '../../../conformance/harnesses/openstack.ts'
import { laws } from '../../../conformance/laws/index.ts'
import type { LawResult } from '../../../conformance/results.ts'
import { openRoundTrip } from '../../../conformance/sources/round-trip.ts'
import type { Context } from '../../../src/drivers/context.ts'
import type { ConnectRequest } from '../../../src/drivers/driver.ts'
import { ec2 } from '../../../src/drivers/ec2/index.ts'
import { openstack } from '../../../src/drivers/openstack/index.ts'
import type { AnyDriver } from '../../../src/drivers/registry.ts'
import { type WireRequest, wireRequest } from '../../../src/drivers/wire.ts'
import type { Key } from '../../../src/model/resources.ts'
import type { FrontendDefinition } from '../../../src/server/frontend.ts'
import type { Gate } from '../../../src/server/gate.ts'
import { but, judge, judgeHarbour, only, sound, withOperations } from './support.ts'

t.setTimeout(0)

/** A driver that is asked something else than was meant. */
const connecting =
  (change: (request: ConnectRequest) => ConnectRequest) =>
  (driver: AnyDriver): Partial<AnyDriver> => ({ connect: request => driver.connect(change(request)) })

const sending = (change: (request: WireRequest) => WireRequest) =>
  connecting(request => {
    const { transport } = request.context
    const changed: Context['transport'] = { send: (one, options) => transport.send(change(one), options) }
    return { ...request, context: Object.create(request.context, { transport: { value: changed } }) }
  })

/** One session for all who have the same key. */
const keeping = (key: (request: ConnectRequest) => string) =>
  connecting(request => {
    const { sessions } = request.context
    const kept: Context['sessions'] = {
      remember: (_, make, signal) => sessions.remember(key(request), make, signal),
      forget: () => sessions.forget(key(request)),
    }
    return { ...request, context: Object.create(request.context, { sessions: { value: kept } }) }
  })

const judgeRoundTrip = async (
  name: string,
  harness: Harness,
  driver: AnyDriver,
  change: (driver: AnyDriver) => Partial<AnyDriver>,
  runs = 60,
): Promise<LawResult> => {
  const law = laws.find(({ id }) => id === 'K2')
  const [subject] = subjectsOf(name, { ...harness, driver: { ...driver, ...change(driver) } })
  if (law === undefined || subject === undefined) throw new TypeError('There is a law K2')
  await using source = await openRoundTrip(subject)
  const setting = { subject, driver: source.driver, offer: source.offer, source: source.kind, recordings: [] }
  return await checkLaw({ law, setting, source, runs, seed: 1, command: replay => `--replay ${replay}` })
}

/** Keys that anyone made. */
const madeKeys = new Map<string, Key>()
/** Sessions in which keys were made. */
const sessions = new Set<unknown>()

const simulated: readonly { readonly name: string; readonly harness: Harness; readonly says: RegExp }[] = [
  {
    name: 'one account for all users',
    harness: but(connecting(request => ({ ...request, credentials: { user: 'alice', password: 'pw-of-alice-5e1f0c' } }))),
    says: /does is seen by|has changed/,
  },
  {
    name: 'one provider for all regions',
    harness: but(connecting(request => ({ ...request, provider: request.provider === 'default-there' ? undefined : request.provider }))),
    says: /does is seen by .*default-there|default-there does is seen by/,
  },
  {
    name: 'another’s resource that is shown to who knows its id',
    harness: withOperations(operations => {
      const { keys } = operations
      if (keys === undefined) return operations
      return {
        ...operations,
        keys: {
          ...keys,
          create: async (session, request) => {
            const key = await keys.create?.(session, request)
            if (key === undefined) throw new TypeError('The mock driver makes keys')
            madeKeys.set(key.id, key)
            return key
          },
          get: async (session, id) => (await keys.get?.(session, id)) ?? madeKeys.get(id),
        },
      }
    }),
    says: /is answered with 200 to showing .* of keys, which is another’s/,
  },
  {
    name: 'a destruction that reaches others',
    harness: withOperations(operations => {
      const { keys } = operations
      if (keys === undefined) return operations
      return {
        ...operations,
        keys: {
          ...keys,
          create: async (session, request) => {
            sessions.add(session)
            return (await keys.create?.(session, request)) as never
          },
          destroy: async (session, id) => {
            await keys.destroy?.(session, id)
            for (const other of sessions) await Promise.resolve(keys.destroy?.(other, id)).catch(() => undefined)
          },
        },
      }
    }),
    says: /has changed keys of/,
  },
  {
    name: 'a password that isn’t looked at',
    harness: but(
      connecting(request => {
        const { credentials } = request
        const right: Readonly<Record<string, string>> = { alice: 'pw-of-alice-5e1f0c', bob: 'pw-of-bob-77d2aa' }
        const password = credentials === undefined ? undefined : right[credentials.user]
        return credentials === undefined || password === undefined ? request : { ...request, credentials: { ...credentials, password } }
      }),
    ),
    says: /is answered with 200 to the password of/,
  },
]

for (const { name, harness, says } of simulated)
  t.test(`on the simulator it rejects ${name}`, async t => {
    const { outcome, counterexample } = await judge('K2', harness, { runs: 200 })
    t.equal(outcome, 'broken')
    t.match(counterexample?.message, says)
  })

for (const [name, harness] of [
  ['the mock driver', sound],
  ['a driver of keys only', only('keys')],
] as const)
  t.test(`on the simulator it passes ${name}`, async t => {
    const { outcome, cases } = await judge('K2', harness, { runs: 25 })
    t.equal(outcome, 'holds')
    t.ok(cases > 0)
  })

t.test('on the round trip it rejects a session that is kept for a user at all providers', async t => {
  const { outcome, counterexample } = await judgeHarbour(
    'K2',
    'T',
    keeping(({ credentials }) => JSON.stringify(credentials)),
  )
  t.equal(outcome, 'broken')
  t.match(counterexample?.message, /with a token of http:/)
})

const isRegionIgnored = /is asked in \S+, and \S+ was chosen/

for (const [name, harness, driver, change, says] of [
  [
    'openstack',
    openstackHarness,
    openstack as AnyDriver,
    connecting(request => ({ ...request, provider: request.provider?.split(';')[0] })),
    isRegionIgnored,
  ],
  [
    'ec2',
    ec2Harness,
    ec2 as AnyDriver,
    connecting(request => ({ ...request, provider: request.provider?.replace(/;region=.*/, '') })),
    isRegionIgnored,
  ],
  [
    'openstack',
    openstackHarness,
    openstack as AnyDriver,
    // Only Swift is asked in the wrong region.
    sending(request => wireRequest({ ...request, target: request.target.replace('/RegionTwo/object-store', '/object-store') })),
    isRegionIgnored,
  ],
] as const)
  t.test(`on the round trip it rejects ${name} that ignores the region`, async t => {
    const { outcome, counterexample } = await judgeRoundTrip(name, harness, driver, change)
    t.equal(outcome, 'broken')
    t.match(counterexample?.message, says)
  })

/** Frontends whose regions are all one. */
const withoutRegions = (frontends: readonly FrontendDefinition[]): readonly FrontendDefinition[] =>
  frontends.map(frontend => ({
    ...frontend,
    answer: (request, gate) => {
      const oneRegion: Gate = Object.create(gate, { inRegion: { value: (target: unknown) => target } })
      return frontend.answer(request, oneRegion)
    },
  }))

for (const [name, harness, driver] of [
  ['openstack', openstackHarness, openstack as AnyDriver],
  ['ec2', ec2Harness, ec2 as AnyDriver],
] as const)
  t.test(`on the round trip it rejects a frontend for ${name} that ignores the region`, async t => {
    const { roundTrip } = harness
    if (roundTrip === undefined) throw new TypeError(`${name} has a round trip`)
    const ignoring = { ...harness, roundTrip: { ...roundTrip, frontends: withoutRegions(roundTrip.frontends) } }
    const { outcome, counterexample } = await judgeRoundTrip(name, ignoring, driver, () => ({}))
    t.equal(outcome, 'broken')
    t.match(counterexample?.message, /is seen by|has changed/)
  })

for (const [name, harness, driver] of [
  ['openstack', openstackHarness, openstack as AnyDriver],
  ['ec2', ec2Harness, ec2 as AnyDriver],
] as const)
  t.test(`on the round trip it passes ${name}`, async t => {
    const { outcome, cases } = await judgeRoundTrip(name, harness, driver, () => ({}), 25)
    t.equal(outcome, 'holds')
    t.ok(cases > 0)
  })
