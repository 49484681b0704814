/** The gate: which cloud a request means, and whether it is who it says. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Context, Credentials } from '../../src/drivers/context.ts'
import type { DriverDefinition } from '../../src/drivers/driver.ts'
import { Registry } from '../../src/drivers/registry.ts'
import { createSessionCache } from '../../src/drivers/sessions.ts'
import { unauthenticated } from '../../src/model/errors.ts'
import { type Claim, Gate, type GateSettings } from '../../src/server/gate.ts'
import { Reach } from '../../src/server/reach.ts'
import { createSealer } from '../../src/server/sealing.ts'

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

const contextOf = (world = 'default', now = 1000): Context => ({
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  transport: { send: () => assert.fail('sent') },
  now: () => now,
  sleep: async () => undefined,
  random: () => 0,
  log: silent,
  sessions: createSessionCache({ limit: 1, now: () => now }),
  wire: {},
  world,
})

interface Session {
  readonly credentials: Credentials | undefined
  readonly provider: string | undefined
  readonly world: string
}

/** A driver that shows with whom and where it was connected, as its only realm. */
const driver = (id: string, more: Partial<DriverDefinition> = {}): DriverDefinition => ({
  id,
  name: id,
  credentials: { user: 'User', password: 'Password' },
  entrypoints: {},
  offer: provider =>
    provider === undefined || ['north', 'south'].includes(provider)
      ? {
          features: {},
          operations: {
            realms: {
              list: async session => {
                const { credentials, provider, world } = session as Session
                return [{ id: `${credentials?.user ?? 'nobody'}:${credentials?.password ?? ''}@${world}/${provider ?? 'default'}` }]
              },
            },
          },
        }
      : undefined,
  connect: async ({ credentials, provider, context }): Promise<Session> => ({ credentials, provider, world: context.world }),
  ...more,
})

const accounts: Readonly<Record<string, string>> = { mockuser: 'mockpassword' }
const mock = driver('mock', {
  credentialsOf: async (keyId, world) => {
    const password = accounts[keyId]
    if (keyId === 'anyone') return { credentials: { user: 'anyone', password: '' }, proven: true }
    return password === undefined || world === 'closed' ? undefined : { credentials: { user: keyId, password }, proven: false }
  },
})

const sealer = createSealer(async () => new Uint8Array(32))
const settings: GateSettings = {
  registry: new Registry([mock, driver('ec2'), driver('openstack')]),
  driver: 'mock',
  provider: undefined,
  fixed: [],
  reach: new Reach({}, () => 'any'),
  keys: new Map([['AKID', { user: 'AKID', password: 'of the config file' }]]),
  sealer,
}

const gateOf = (more: Partial<GateSettings> = {}, context = contextOf()): Gate => new Gate({ ...settings, ...more }, context)

/** Whom the cloud sees behind a claim. */
const seen = async (gate: Gate, claim: Claim, driver = 'mock'): Promise<string | undefined> => {
  const { cloud } = await gate.connect(claim, gate.target({ driver }))
  return (await cloud.realms?.list({}))?.[0]?.id
}

const refused = { kind: 'unauthenticated' }
const failureOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

t.test('which cloud', async t => {
  t.test('a request that names nothing means the server’s own driver and provider', async t => {
    t.match(gateOf({ driver: 'ec2', provider: 'north' }).target(), { driver: { id: 'ec2' }, provider: 'north' })
    t.equal(gateOf().target().provider, undefined)
  })

  t.test('a driver that is named, in any case, is meant without the provider of another', async t => {
    const gate = gateOf({ driver: 'ec2', provider: 'north' })
    t.match(gate.target({ driver: 'OpenStack' }), { driver: { id: 'openstack' }, provider: undefined })
    t.match(gate.target({ driver: 'EC2' }), { driver: { id: 'ec2' }, provider: 'north' })
    t.match(gate.target({ driver: 'openstack', provider: 'south' }), { driver: { id: 'openstack' }, provider: 'south' })
    t.match(gate.target({ provider: 'south' }), { driver: { id: 'ec2' }, provider: 'south' })
  })

  t.test('a driver that is not there is a bad request that names those near it', async t => {
    t.throws(() => gateOf().target({ driver: 'openstak' }), { message: "Driver 'openstak' is not available, did you mean 'openstack'?" })
    t.throws(() => gateOf().target({ driver: 'kubernetes' }), { message: "Driver 'kubernetes' is not available" })
    fc.assert(
      fc.property(fc.string(), name => {
        if (settings.registry.get(name.toLowerCase()) === undefined)
          assert.throws(() => gateOf().target({ driver: name }), { kind: 'bad-request' })
        else assert.equal(gateOf().target({ driver: name }).driver.id, name.toLowerCase())
      }),
    )
  })

  t.test('a provider that the driver does not have is a bad request', async t => {
    const failure = (choice: { driver?: string; provider?: string }, more: Partial<GateSettings> = {}): unknown => {
      try {
        return gateOf(more).target(choice)
      } catch (error) {
        return error
      }
    }
    t.match(failure({ provider: 'west' }), { kind: 'bad-request', message: "Driver 'mock' has no provider 'west'" })
    t.match(failure({}, { provider: 'west' }), { kind: 'bad-request' })
  })
})

t.test('who asks', async t => {
  t.test('a password is handed to the driver, which judges it', async t => {
    t.equal(await seen(gateOf(), { kind: 'password', user: 'ann', password: 'pw' }), 'ann:pw@default/default')
    const strict = driver('strict', { connect: () => Promise.reject(unauthenticated()) })
    const gate = gateOf({ registry: new Registry([strict]), driver: 'strict' })
    t.match(await failureOf(gate.connect({ kind: 'password', user: 'ann', password: 'pw' }, gate.target())), refused)
  })

  t.test('one who says nothing is nobody', async t => {
    const connection = await gateOf().connect({ kind: 'none' }, gateOf().target())
    t.equal(connection.credentials, undefined)
    t.equal(await seen(gateOf(), { kind: 'none' }), 'nobody:@default/default')
  })

  t.test('credentials of the operator belong to one driver and provider', async t => {
    const own = { user: 'server', password: 'own' }
    const other = { user: 'second', password: 'other' }
    const gate = gateOf({
      driver: 'ec2',
      provider: 'north',
      fixed: [
        { driver: 'ec2', provider: 'north', credentials: own },
        { driver: 'openstack', provider: 'south', credentials: other },
      ],
    })
    t.match(gate.fixedClaim(gate.target()), { kind: 'password', ...own })
    t.match(gate.fixedClaim(gate.target({ driver: 'ec2', provider: 'north' })), own)
    t.match(gate.fixedClaim(gate.target({ driver: 'openstack', provider: 'south' })), other)
    for (const choice of [{ provider: 'south' }, { driver: 'openstack' }, { driver: 'openstack', provider: 'north' }, { driver: 'mock' }])
      t.equal(gate.fixedClaim(gate.target(choice)), undefined, JSON.stringify(choice))
  })

  t.test('they let nobody in who signs with something else, or gives a password of his own', async t => {
    const own = { user: 'server', password: 'own' }
    const gate = gateOf({ driver: 'ec2', fixed: [{ driver: 'ec2', provider: undefined, credentials: own }] })
    const signed = (keyId: string, verdict: boolean): Claim => ({ kind: 'signature', keyId, verify: () => verdict })
    t.equal(await seen(gate, signed('server', true), 'ec2'), 'server:own@default/default')
    t.match(await failureOf(seen(gate, signed('server', false), 'ec2')), refused)
    t.match(await failureOf(seen(gate, signed('x', true), 'ec2')), refused)
    t.match(await failureOf(gate.connect(signed('server', true), gate.target({ driver: 'ec2', provider: 'north' }))), refused)
    t.match(await failureOf(seen(gate, { kind: 'token', token: 'x' }, 'ec2')), refused)
    t.equal(await seen(gate, { kind: 'password', user: 'ann', password: 'pw' }, 'ec2'), 'ann:pw@default/default')
    t.equal(await seen(gate, { kind: 'none' }, 'ec2'), 'nobody:@default/default')
  })

  t.test('a signature is checked against the secret that the driver knows', async t => {
    const secrets: string[] = []
    const claim = (keyId: string, verdict: boolean): Claim => ({
      kind: 'signature',
      keyId,
      verify: ({ password }) => {
        secrets.push(password)
        return verdict
      },
    })
    t.equal(await seen(gateOf(), claim('mockuser', true)), 'mockuser:mockpassword@default/default')
    t.same(secrets, ['mockpassword'])
    t.match(await failureOf(seen(gateOf(), claim('mockuser', false))), refused)
    t.match(await failureOf(seen(gateOf(), claim('stranger', true))), refused)
    t.match(await failureOf(seen(gateOf({}, contextOf('closed')), claim('mockuser', true))), refused, 'accounts belong to a world')
    // The mock knows its own accounts: the keys of the config file are for drivers that don't.
    t.match(await failureOf(seen(gateOf(), claim('AKID', true))), refused)
  })

  t.test('a cloud that takes anyone who names a key needs no signature', async t => {
    const claim: Claim = { kind: 'signature', keyId: 'anyone', verify: () => assert.fail('checked') }
    t.equal(await seen(gateOf(), claim), 'anyone:@default/default')
  })

  t.test('over a driver that knows no secrets only the keys of the config file sign', async t => {
    const claim = (keyId: string): Claim => ({ kind: 'signature', keyId, verify: ({ password }) => password === 'of the config file' })
    const ec2 = { driver: 'ec2', provider: 'north' }
    const north = { gate: gateOf(ec2), at: 'ec2' }
    t.equal(await seen(north.gate, claim('AKID'), north.at), 'AKID:of the config file@default/north')
    t.match(await failureOf(seen(north.gate, claim('mockuser'), north.at)), refused)
    t.match(await failureOf(seen(gateOf({ ...ec2, keys: new Map() }), claim('AKID'), north.at)), refused)
    t.match(await failureOf(seen(north.gate, { kind: 'signature', keyId: 'AKID', verify: () => false }, north.at)), refused)
    t.match(await failureOf(north.gate.connect(claim('AKID'), north.gate.target({ provider: 'south' }))), refused, 'at another provider')
    t.match(await failureOf(seen(north.gate, claim('AKID'), 'openstack')), refused, 'at another driver')
  })
})

t.test('tokens', async t => {
  const ann = { user: 'ann', password: 'pw' }

  t.test('a token stands for its credentials until it expires, in its own world and at its own driver', async () => {
    const world = fc.constantFrom('default', 'other')
    const id = fc.constantFrom('mock', 'ec2')
    await fc.assert(
      fc.asyncProperty(world, world, id, id, fc.nat(20), fc.nat(20), async (made, used, forDriver, atDriver, expires, now) => {
        const maker = gateOf({}, contextOf(made))
        const token = await maker.seal(ann, maker.target({ driver: forDriver }), expires)
        const answer = failureOf(
          seen(gateOf({}, contextOf(used, now)), { kind: 'token', token }, atDriver).then(who =>
            assert.equal(who, `ann:pw@${used}/default`),
          ),
        )
        const good = made === used && forDriver === atDriver && now < expires
        const error = await answer
        if (good) assert.equal(error, undefined)
        else assert.equal((error as { kind?: string } | undefined)?.kind, 'unauthenticated')
      }),
    )
  })

  t.test('a token opens the provider that it was made for, and no other', async t => {
    const gate = gateOf()
    const token = await gate.seal(ann, gate.target({ driver: 'ec2', provider: 'north' }), 5000)
    const claim: Claim = { kind: 'token', token }
    t.ok(await gate.connect(claim, gate.target({ driver: 'ec2', provider: 'north' })))
    t.match(await failureOf(gate.connect(claim, gate.target({ driver: 'ec2', provider: 'south' }))), refused)
  })

  t.test('a token that was changed, or never made, opens nothing', async t => {
    const gate = gateOf()
    const token = await gate.seal(ann, gate.target(), 5000)
    const [first] = token
    const changed = (first === 'A' ? 'B' : 'A') + token.slice(1)
    for (const text of [changed, token.slice(0, -4), token.slice(4), '', 'ann:pw'])
      t.match(await failureOf(seen(gate, { kind: 'token', token: text })), refused)
    t.equal(await seen(gate, { kind: 'token', token }), 'ann:pw@default/default')
  })

  t.test('no refusal says anything of the secret', async t => {
    const gate = gateOf({}, contextOf('default', 9000))
    const token = await gate.seal(ann, gate.target(), 5000)
    const error = await failureOf(seen(gate, { kind: 'token', token }))
    t.match(error, refused)
    t.notMatch(String(error), /pw|ann/)
  })
})
