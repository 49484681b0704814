/** Every law rejects a driver, or a server, that is broken in a way which it is for, and passes a small one that's right. */

import { join } from 'node:path'
import t from 'tap'
import type { Answer, Sent } from '../../../conformance/client.ts'
import { type Harness, subjectsOf } from '../../../conformance/harness.ts'
import { laws } from '../../../conformance/laws/index.ts'
import type { Send } from '../../../conformance/sources/simulated.ts'
import { harbour } from '../../../examples/driver/harbour/index.ts'
import type { Log } from '../../../src/drivers/context.ts'
import type { Offer, OperationGroup, Operations } from '../../../src/drivers/driver.ts'
import type { AnyDriver } from '../../../src/drivers/registry.ts'
import { readBody, type WireRequest, type WireResponse, wireRequest } from '../../../src/drivers/wire.ts'
import { CloudError, conflict } from '../../../src/model/errors.ts'
import type { Instance, Key, Realm, StorageVolume } from '../../../src/model/resources.ts'
import { StateMachine, type Transition } from '../../../src/model/state-machine.ts'
import { but, examine, type Judging, judge, judgeHarbour, only, sound, withOperations } from './support.ts'

t.setTimeout(0)

/** A server whose answers are changed on their way. */
const answering = (
  change: (answer: Answer, request: Sent) => Partial<Pick<Answer, 'status' | 'text' | 'headers'>> | undefined,
): Judging => ({
  through:
    (send: Send): Send =>
    async (request, world) => {
      const answer = await send(request, world)
      const changed = change(answer, request)
      const { status, headers } = answer
      const text = changed?.text ?? answer.text
      return changed === undefined
        ? answer
        : { status: changed.status ?? status, headers: changed.headers ?? headers, text, body: Buffer.from(text) }
    },
})

/** A server that is asked something else. */
const asking = (change: (target: string) => string): Judging => ({
  through:
    (send: Send): Send =>
    (request, world) =>
      send({ ...request, target: change(request.target) }, world),
})

type Table<G extends OperationGroup> = NonNullable<Operations<unknown>[G]>

/** The mock driver with something else in one collection. */
const changed = <G extends OperationGroup>(group: G, change: (table: Table<G>) => Partial<Table<G>>): Harness =>
  withOperations(operations => {
    const table = operations[group]
    return table === undefined ? operations : { ...operations, [group]: { ...table, ...change(table as Table<G>) } }
  })

/** Whatever shows an instance shows it changed. */
const instances = (change: (instance: Instance) => Instance): Harness =>
  changed('instances', table => ({
    list: async (session, filter) => (await table.list(session, filter)).map(change),
    get: async (session, id) => {
      const found = await table.get?.(session, id)
      return found === undefined ? undefined : change(found)
    },
  }))

const withMachine = (change: (transitions: readonly Transition[]) => readonly Transition[]): Harness =>
  but(driver => ({
    offer(provider) {
      const offer = driver.offer(provider)
      return offer?.machine === undefined ? offer : { ...offer, machine: new StateMachine(change(offer.machine.transitions)) }
    },
  }))

const isJson = ({ headers }: Answer): boolean => headers.get('content-type')?.includes('json') === true
const isXml = ({ headers }: Answer): boolean => headers.get('content-type')?.includes('xml') === true

/** Keys that all accounts have in common: what no cloud should have. */
const everybodys: Key[] = []

interface Trial {
  readonly name: string
  readonly harness?: Harness
  readonly options?: Judging
  /** What the counterexample must say. */
  readonly says: RegExp
}

/** By law: how it may be broken, on the simulator. */
const broken: Readonly<Record<string, readonly Trial[]>> = {
  D1: [
    {
      name: 'JSON that says another state than XML',
      options: answering(answer => (isJson(answer) ? { text: answer.text.replaceAll('"AVAILABLE"', '"GONE"') } : undefined)),
      says: /state/,
    },
    {
      name: 'XML without names',
      options: answering(answer => (isXml(answer) ? { text: answer.text.replace(/<name>[^<]+<\/name>/g, '<name></name>') } : undefined)),
      says: /name/,
    },
  ],
  D2: [{ name: 'images that can’t be shown', harness: changed('images', () => ({ get: async () => undefined })), says: /images.*404/ }],
  D3: [
    {
      name: 'a realm that is another by itself',
      harness: changed('realms', table => ({
        get: async (session, id) =>
          (await table.list(session, {})).filter(realm => realm.id === id).map(realm => ({ ...realm, name: 'elsewhere' }))[0],
      })),
      says: /realms\/\w+: name is/,
    },
  ],
  D4: [
    {
      name: 'XML with a control character in it',
      options: answering(answer => (isXml(answer) ? { text: answer.text.replaceAll('\ufffd', '\u0001') } : undefined)),
      says: /not well-formed|is shown as/,
    },
  ],
  D5: [
    {
      name: 'keys that are found only by plain names',
      harness: changed('keys', table => ({ get: async (session, id) => (/^[\w-]*$/.test(id) ? table.get?.(session, id) : undefined) })),
      says: /not found at its own address/,
    },
    {
      name: 'an id that’s a place',
      options: answering((_, { target }) => (/%2e/i.test(target) ? { status: 200 } : undefined)),
      says: /is answered with 200, not 400/,
    },
  ],
  F1: [
    {
      name: 'a filter that’s ignored',
      options: asking(target => target.replace(/&(state|owner_id|architecture)=[^&]*/, '')),
      says: /should have/,
    },
    {
      name: 'a list in another order where it’s filtered',
      options: answering((answer, { target }) =>
        isJson(answer) && /images\?.*&owner_id=/.test(target)
          ? { text: JSON.stringify({ images: [...JSON.parse(answer.text).images].reverse() }) }
          : undefined,
      ),
      says: /should have/,
    },
  ],
  F2: [
    {
      name: '404 where nothing is found',
      options: answering((_, { target }) => (/&\w+=none-/.test(target) ? { status: 404 } : undefined)),
      says: /answered with 404/,
    },
  ],
  F3: [
    {
      name: 'only the first of two filters',
      options: asking(target => target.replace(/(\?format=\w+&[^&]*)&.*$/, '$1')),
      says: /should have/,
    },
  ],
  F4: [
    {
      name: 'another instance by id',
      harness: changed('instances', table => ({ get: async session => (await table.list(session, {}))[1] })),
      says: /filter finds|another than the filter/,
    },
  ],
  S1: [
    {
      name: 'a state that nobody declares',
      harness: instances(one => ({ ...one, state: 'asleep' as never })),
      says: /ASLEEP, which the driver doesn.t declare/,
    },
  ],
  S2: [
    {
      name: 'a move that isn’t declared',
      harness: withMachine(all => all.filter(({ from, on }) => !(from === 'stopping' && on === 'automatically'))),
      says: /no transition leads there/,
    },
    {
      name: 'a native state mapped wrongly',
      harness: instances(one => (one.state === 'stopped' ? { ...one, state: 'pending' } : one)),
      says: /no transition leads there/,
    },
  ],
  S3: [
    {
      name: 'an action that the state doesn’t have',
      options: answering(answer => (isJson(answer) ? { text: answer.text.replaceAll('"rel":"stop"', '"rel":"start"') } : undefined)),
      says: /offers .*start/,
    },
    {
      name: 'an action that’s hidden',
      harness: instances(one => ({ ...one, permits: ['stop', 'start', 'reboot'] })),
      says: /rests \w+ and offers/,
    },
  ],
  S4: [
    {
      name: 'an action that is offered and fails',
      harness: changed('instances', () => ({ reboot: async () => Promise.reject(conflict('not today')) })),
      says: /reboot.*offers it, is answered with 409/,
    },
    {
      name: 'a reboot that stops',
      harness: changed('instances', table => ({ reboot: async (session, id) => (await table.stop?.(session, id)) as Instance })),
      says: /no transition on reboot leads there/,
    },
  ],
  S5: [
    {
      name: 'a look that changes something',
      harness: changed('instances', table => ({
        get: async (session, id) => {
          await table.stop?.(session, id).catch(() => undefined)
          return table.get?.(session, id)
        },
      })),
      says: /has changed something|answered with/,
    },
    {
      name: 'an action that isn’t refused',
      options: answering(({ status }, { method }) => (status === 405 && method === 'POST' ? { status: 202 } : undefined)),
      says: /doesn’t offer it, is answered with 202/,
    },
  ],
  S6: [
    {
      name: 'an instance that never starts',
      harness: instances(one => (one.state === 'running' ? { ...one, state: 'pending' } : one)),
      says: /stays PENDING/,
    },
  ],
  S7: [
    {
      name: 'a destroy that does nothing',
      harness: changed('instances', () => ({ destroy: async () => undefined })),
      says: /was destroyed, and rests/,
    },
    {
      name: 'a destroyed instance that’s still shown',
      harness: changed('instances', table => ({
        get: async (session, id) => (await table.get?.(session, id)) ?? ({ ...(await table.list(session, {}))[0], id } as Instance),
      })),
      says: /is still shown|was destroyed/,
    },
  ],
  S8: [
    {
      name: 'a name that’s forgotten',
      harness: changed('instances', table => ({
        create: async (session, { name: _, ...rest }) => (await table.create?.(session, rest)) ?? [],
      })),
      says: /made with name=/,
    },
    {
      name: 'a key whose private half is lost',
      harness: changed('keys', table => ({
        create: async (session, request) => {
          if (table.create === undefined) throw new Error('The simulator makes keys')
          const { pem: _, ...rest } = await table.create(session, request)
          return rest
        },
      })),
      options: { runs: 400 },
      says: /without its private half/,
    },
    {
      name: 'a creation without an address',
      options: answering((answer, { method }) => {
        if (method === 'POST' && answer.status === 201) {
          ;(answer.headers as Map<string, string>).delete('location')
        }
        return undefined
      }),
      says: /has no Location/,
    },
    {
      name: 'a capacity that’s rounded',
      harness: changed('storage_volumes', table => ({
        create: async (session, request) => (await table.create?.(session, { ...request, capacity: 7 })) as never,
      })),
      says: /made with capacity=/,
    },
  ],
  E1: [
    {
      name: 'a driver that takes any password',
      harness: but(driver => ({
        connect: request => driver.connect({ ...request, credentials: { user: 'alice', password: 'pw-of-alice-5e1f0c' } }),
      })),
      says: /answered with \d+, not 401/,
    },
    {
      name: 'a refusal without a challenge',
      options: answering(answer => {
        if (answer.status === 401) (answer.headers as Map<string, string>).delete('www-authenticate')
        return undefined
      }),
      says: /without a challenge/,
    },
  ],
  E2: [
    {
      name: 'something where nothing is',
      harness: changed('instances', table => ({ get: async session => (await table.list(session, {}))[0] })),
      says: /which isn’t there, is answered with/,
    },
  ],
  E3: [
    {
      name: 'trouble that’s hushed up',
      harness: changed('images', table => ({
        list: async (session, filter) => Promise.resolve(table.list(session, filter)).catch(() => []),
      })),
      says: /index of images is answered with 200/,
    },
    {
      name: 'an error turned into 500',
      harness: changed('keys', table => ({
        list: async (session, filter) =>
          Promise.resolve(table.list(session, filter)).catch(() => {
            throw new TypeError('cannot read properties of undefined')
          }),
      })),
      says: /index of keys is answered with 500/,
    },
  ],
  E7: [
    {
      name: 'throttling told as another trouble',
      harness: changed('images', table => ({
        list: async (session, filter) =>
          Promise.resolve(table.list(session, filter)).catch(() => {
            throw new CloudError('provider-error', 'something is wrong')
          }),
      })),
      says: /asked too often, and the answer is 502/,
    },
    {
      name: 'a wait that is made up',
      harness: changed('images', table => ({
        list: async (session, filter) =>
          Promise.resolve(table.list(session, filter)).catch(() => {
            throw new CloudError('throttled', 'slow down', { retryAfter: 77 })
          }),
      })),
      says: /and the answer 77/,
    },
  ],
  E4: [
    {
      name: 'an error that’s no document',
      options: answering(answer => (answer.status >= 400 ? { text: 'Oops' } : undefined)),
      says: /document is none|no JSON|not well-formed/,
    },
    {
      name: 'an error that says another status',
      options: answering(answer => (answer.status >= 400 ? { text: answer.text.replaceAll(String(answer.status), '200') } : undefined)),
      says: /its (code|status) is 200/,
    },
  ],
  E5: [
    {
      name: 'a driver that logs its credentials',
      harness: but(driver => ({
        connect: request => {
          request.context.log.info({ who: request.credentials?.password }, 'connecting')
          return driver.connect(request)
        },
      })),
      says: /in the log/,
    },
    {
      name: 'a document with the caller’s password',
      harness: changed('realms', table => ({
        list: async (session, filter) => (await table.list(session, filter)).map(realm => ({ ...realm, name: 'pw-of-alice-5e1f0c' })),
      })),
      says: /in a document/,
    },
    {
      name: 'a password in the error of a provider in trouble',
      harness: changed('realms', table => ({
        list: async (session, filter) =>
          Promise.resolve(table.list(session, filter)).catch(() => {
            throw new CloudError('provider-error', 'pw-of-alice-5e1f0c was of no use')
          }),
      })),
      says: /in an error/,
    },
    {
      name: 'a password in a header, in Base64',
      options: answering(({ headers }) => ({
        headers: new Map([...headers, ['x-debug', Buffer.from('alice:pw-of-alice-5e1f0c').toString('base64')]]),
      })),
      says: /in a header/,
    },
    {
      name: 'a password in a page for browsers only',
      options: answering(answer =>
        answer.headers.get('content-type')?.includes('html') === true ? { text: `${answer.text}<!-- pw-of-alice-5e1f0c -->` } : undefined,
      ),
      says: /in a document/,
    },
  ],
  C1: [
    {
      name: 'a collection that’s listed and doesn’t answer',
      options: answering((_, { target }) => (/\/api\/metrics\?/.test(target) ? { status: 412 } : undefined)),
      says: /lists, is answered with 412/,
    },
    {
      name: 'a collection that isn’t listed',
      options: answering((answer, { target }) =>
        target.startsWith('/api?') ? { text: answer.text.replace(/(rel"?[=:]['"])keys/, '$1kees') } : undefined,
      ),
      says: /The entry point lists/,
    },
  ],
  C2: [
    {
      name: 'a key that isn’t injected',
      harness: changed('instances', table => ({
        create: async (session, { keyName: _, ...rest }) => (await table.create?.(session, rest)) ?? [],
      })),
      says: /authentication_key is advertised, and keyname has no effect/,
    },
    {
      name: 'a count that isn’t met',
      harness: changed('instances', table => ({
        create: async (session, { count, ...rest }) =>
          (await table.create?.(session, count === undefined ? rest : { ...rest, count: 1 })) ?? [],
      })),
      says: /instance_count/,
    },
  ],
  C3: [
    {
      name: 'a form that asks for something else',
      options: answering((answer, { target }) =>
        /new\?format=html/.test(target) ? { text: answer.text.replace(/name="(image_id|capacity|name)"/, 'name="unheard_of"') } : undefined,
      ),
      says: /asks for unheard_of|doesn’t ask for/,
    },
  ],
  T1: [
    {
      name: 'a volume that stays attached',
      harness: changed('storage_volumes', table => ({ detach: async (session, id) => (await table.get?.(session, id)) as never })),
      says: /isn’t what the model is|gives/,
    },
  ],
  T2: [
    {
      name: 'a content that’s cut',
      harness: changed('blobs', table => ({
        read: async (session, bucket, id, options) => {
          const download = await table.read?.(session, bucket, id, options)
          return { ...download, content: [new Uint8Array(0)] } as never
        },
      })),
      says: /come back/,
    },
    {
      name: 'metadata that are lost',
      harness: changed('blobs', table => ({
        create: async (session, bucket, id, upload) => (await table.create?.(session, bucket, id, { ...upload, metadata: {} })) as never,
      })),
      says: /was given/,
    },
  ],
  K1: [
    {
      name: 'a name that two can take at once',
      harness: changed('keys', table => ({
        create: async (session, request) => {
          if ((await table.list(session, {})).some(({ id }) => id === request.name)) throw conflict('taken')
          await new Promise(resolve => setImmediate(resolve))
          const made = await Promise.resolve(table.create?.(session, request)).catch(() => undefined)
          return made ?? ({ id: request.name, credentialType: 'key' } as const)
        },
      })),
      says: /No order/,
    },
  ],
  K2: [
    {
      name: 'keys that everyone sees',
      harness: changed('keys', table => ({
        list: async (session, filter) => [...(await table.list(session, filter)), ...everybodys],
        create: async (session, request) => {
          const key = await table.create?.(session, request)
          if (key !== undefined) everybodys.push(key)
          return key as Key
        },
      })),
      says: /is seen/,
    },
  ],
  K3: [
    {
      name: 'a look that leaves a trace',
      harness: changed('storage_snapshots', table => ({
        list: async (session, filter) => {
          await table.create?.(session, { volumeId: 'vol1' }).catch(() => undefined)
          return table.list(session, filter)
        },
      })),
      says: /Looking/,
    },
  ],
}

/** The least that each law can be asked of. */
const least: Readonly<Record<string, readonly OperationGroup[]>> = {
  D2: ['realms', 'keys'],
  D4: ['keys'],
  D5: ['keys'],
  S8: ['keys'],
  C2: ['instances', 'images', 'keys'],
  C3: ['keys'],
  E5: ['keys', 'realms'],
  T2: ['buckets', 'blobs'],
  K1: ['instances', 'images', 'keys'],
  K2: ['keys', 'instances', 'images'],
  K3: ['keys', 'realms'],
}

const judgedOnT = laws.filter(({ sources }) => sources.includes('T'))

t.test('every law that’s asked of the simulator has something to reject', t => {
  t.same(
    judgedOnT.map(({ id }) => id).filter(id => broken[id] === undefined),
    [],
  )
  t.end()
})

for (const [id, trials] of Object.entries(broken)) {
  for (const { name, harness = sound, options = {}, says } of trials)
    t.test(`${id} rejects ${name}`, async t => {
      const { outcome, counterexample } = await judge(id, harness, options)
      t.equal(outcome, 'broken')
      t.match(counterexample?.message, says)
      t.ok((counterexample?.transcript.length ?? 0) < 60, 'in a conversation that can be read')
    })

  t.test(`${id} passes what is right, and has looked at it`, async t => {
    const small = id === 'T1' ? sound : only(...(least[id] ?? (['instances', 'images', 'realms'] as const)))
    const result = await judge(id, small, { runs: 60 })
    t.match(result, { outcome: 'holds', counterexample: undefined })
    t.ok(result.cases > 10, `${result.cases} cases`)
  })
}

t.test('what is declared', async t => {
  t.equal(await examine('S0', sound), undefined)
  t.match(
    await examine(
      'S0',
      withMachine(all => all.filter(({ on }) => on !== 'destroy')),
    ),
    /finish can't be reached/,
  )
  t.equal(await examine('C3', sound), undefined)
})

/** The driver with something between it and its provider. */
const between =
  (change: (text: string, response: WireResponse) => string) =>
  (driver: AnyDriver): Partial<AnyDriver> => ({
    connect: request =>
      driver.connect({
        ...request,
        // A context's own way to the provider can't be set, only hidden.
        context: Object.create(request.context, {
          transport: {
            value: {
              async send(...args: Parameters<typeof request.context.transport.send>) {
                const response = await request.context.transport.send(...args)
                return { ...response, body: change(String(await readBody(response.body)), response) }
              },
            },
          },
        }),
      }),
  })

type Context = Parameters<AnyDriver['connect']>[0]['context']

/** The driver with another way to its provider. */
const sending =
  (send: (way: Context['transport'], ...args: Parameters<Context['transport']['send']>) => Promise<WireResponse>) =>
  (driver: AnyDriver): Partial<AnyDriver> => ({
    connect: request => {
      const way = request.context.transport
      const transport = { send: (...args: Parameters<typeof way.send>) => send(way, ...args) }
      return driver.connect({ ...request, context: Object.create(request.context, { transport: { value: transport } }) })
    },
  })

/** The driver whose tokens are kept under a key of its own. */
const keeping =
  (key: (user: string | undefined) => string) =>
  (driver: AnyDriver): Partial<AnyDriver> => ({
    connect: request => {
      const { sessions } = request.context
      const own = key(request.credentials?.user)
      const kept: Context['sessions'] = {
        remember: (_, make, signal) => sessions.remember(own, make, signal),
        forget: () => sessions.forget(own),
      }
      return driver.connect({ ...request, context: Object.create(request.context, { sessions: { value: kept } }) })
    },
  })

const isWithToken = ({ headers }: WireRequest): boolean => headers.some(([, value]) => value.startsWith('Bearer '))

const inOperations =
  (change: (operations: Operations<unknown>) => Operations<unknown>) =>
  (driver: AnyDriver): Partial<AnyDriver> => ({
    offer: provider => {
      const offer = driver.offer(provider)
      return offer === undefined ? undefined : { ...offer, operations: change(offer.operations) }
    },
  })

/** What the provider answers is changed as a whole. */
const changing =
  (change: (response: WireResponse) => WireResponse) =>
  (driver: AnyDriver): Partial<AnyDriver> => ({
    connect: request =>
      driver.connect({
        ...request,
        context: Object.create(request.context, {
          transport: {
            value: {
              send: async (...args: Parameters<typeof request.context.transport.send>) =>
                change(await request.context.transport.send(...args)),
            },
          },
        }),
      }),
  })

const withStatus = (status: number, other: number) =>
  changing(response => (response.status === status ? { ...response, status: other, body: '' } : response))

const inGroup =
  <G extends OperationGroup>(group: G, change: (table: Table<G>) => Partial<Table<G>>) =>
  (driver: AnyDriver): Partial<AnyDriver> =>
    inOperations(operations => {
      const table = operations[group]
      return table === undefined ? operations : { ...operations, [group]: { ...table, ...change(table as Table<G>) } }
    })(driver)

const shownInstances = (change: (one: Instance) => Instance) =>
  inGroup('instances', table => ({
    list: async (session, filter) => (await table.list(session, filter)).map(change),
    get: async (session, id) => {
      const found = await table.get?.(session, id)
      return found === undefined ? undefined : change(found)
    },
  }))

const withoutPermits = ({ permits: _, ...rest }: Instance): Instance => rest

const shownVolumes = (change: (one: StorageVolume) => StorageVolume) =>
  inGroup('storage_volumes', table => ({
    list: async (session, filter) => (await table.list(session, filter)).map(change),
    get: async (session, id) => {
      const found = await table.get?.(session, id)
      return found === undefined ? undefined : change(found)
    },
  }))

/** Each documented state of a ship, and one that it isn't. */
const wrongStates = [
  ['LAUNCHING', 'AFLOAT'],
  ['AFLOAT', 'MOORED'],
  ['REFITTING', 'AFLOAT'],
  ['MOORING', 'MOORED'],
  ['MOORED', 'AFLOAT'],
  ['SINKING', 'SUNK'],
  ['SUNK', 'MOORED'],
  ['WRECKED', 'SUNK'],
] as const

/** Each documented fault, one that it isn't, and what a client then gets. */
const wrongErrors = [
  ['bad-request', 'taken', 409],
  ['who-are-you', 'not-yours', 403],
  ['not-yours', 'bad-request', 400],
  ['harbour-full', 'taken', 409],
  ['no-such-thing', 'taken', 409],
  ['wrong-state', 'taken', 409],
  ['taken', 'no-such-thing', 404],
  ['beyond-us', 'bad-request', 400],
] as const

/** Each documented status whose fault says nothing more. */
const wrongStatuses = [
  [429, 500, /slow-down.* is answered with 502, not 503/],
  [500, 503, /broken.* is answered with 503, not 502/],
  [503, 500, /later.* is answered with 502, not 503/],
] as const

const wrongTime = (change: (time: string) => string) =>
  shownInstances(one => (one.launchTime === undefined ? one : { ...one, launchTime: change(one.launchTime) }))

/** Of R and M, where nothing else is said. */
const wrongAttributes: readonly {
  readonly name: string
  readonly change: (driver: AnyDriver) => Partial<AnyDriver>
  readonly says: RegExp
  readonly only?: readonly ('R' | 'M')[]
}[] = [
  {
    name: 'GB for MB',
    change: shownVolumes(one => (one.capacity === undefined ? one : { ...one, capacity: one.capacity * 1024 })),
    says: /the capacity of vol\d in storage_volumes is "\d+", not \d+: tons as number \(Harbour 1, Members/,
  },
  {
    name: 'public and private addresses swapped',
    change: shownInstances(one => ({ ...one, publicAddresses: one.privateAddresses, privateAddresses: one.publicAddresses })),
    says: /the public_addresses of inst\d in instances is/,
  },
  {
    name: 'private addresses told by their range, without 172.16/12',
    change: shownInstances(one => {
      const all = [...one.publicAddresses, ...one.privateAddresses]
      const isPrivate = ({ address }: { readonly address: string }): boolean => /^(10|192\.168)\.|\.private\.|^fd|^100\.64/.test(address)
      return /^[\d.]+$/.test(all[0]?.address ?? '')
        ? { ...one, publicAddresses: all.filter(address => !isPrivate(address)), privateAddresses: all.filter(isPrivate) }
        : one
    }),
    says: /the (public|private)_addresses of inst\d in instances is/,
    only: ['M'],
  },
  {
    name: 'milliseconds of the epoch for a time',
    change: wrongTime(time => String(Date.parse(time))),
    says: /the launch_time of inst\d in instances is "\d+"/,
  },
  {
    name: 'a time that loses its zone',
    change: wrongTime(time => time.replace(/(Z|[+-]\d\d:\d\d)$/, '')),
    says: /the launch_time of inst\d/,
  },
  {
    name: 'a time whose zone is taken for UTC',
    change: wrongTime(time => time.replace(/[+-]\d\d:\d\d$/, 'Z')),
    says: /the launch_time of inst\d in instances is ".*Z", not .*[+-]/,
    only: ['M'],
  },
  {
    name: 'nothing where there is zero',
    change: shownVolumes(({ capacity, ...rest }) => (capacity ? { ...rest, capacity } : rest)),
    says: /the capacity of vol\d in storage_volumes is absent, not 0/,
    only: ['M'],
  },
  {
    name: 'a realm that is always open',
    change: inGroup('realms', table => ({
      list: async (session, filter) => (await table.list(session, filter)).map(realm => ({ ...realm, state: 'AVAILABLE' as const })),
    })),
    says: /the state of \w+ in realms is "AVAILABLE", not UNAVAILABLE/,
    only: ['M'],
  },
  {
    name: 'the owner for the name',
    change: shownInstances(one => ({ ...one, name: one.ownerId ?? '' })),
    says: /the name of inst\d in instances is "mockuser"/,
  },
]

/** What a driver knows of secrets when it's asked. */
interface Known {
  password: string
  token: string
}

/** The driver with a slip: it may spoil the requests that it sends, what it makes of the answers, and its realms. */
const slipping =
  (slip: {
    readonly connect?: (known: Known, log: Log) => void
    readonly sent?: (request: WireRequest, known: Known) => WireRequest
    readonly failed?: (known: Known) => Error
    readonly realm?: (realm: Realm, known: Known) => Realm
  }) =>
  (driver: AnyDriver): Partial<AnyDriver> => {
    const known: Known = { password: '', token: '' }
    return {
      connect: request => {
        known.password = request.credentials?.password ?? ''
        slip.connect?.(known, request.context.log)
        const { transport } = request.context
        const send: typeof transport.send = async (outgoing, options) => {
          known.token = outgoing.header('authorization')?.replace(/^Bearer /, '') ?? known.token
          const response = await transport.send(slip.sent?.(outgoing, known) ?? outgoing, options).catch(error => {
            throw slip.failed?.(known) ?? error
          })
          if (response.status >= 500 && slip.failed !== undefined) throw slip.failed(known)
          return response
        }
        return driver.connect({ ...request, context: Object.create(request.context, { transport: { value: { send } } }) })
      },
      ...inOperations(({ realms, ...rest }) => ({
        ...rest,
        ...(realms === undefined
          ? {}
          : {
              realms: {
                ...realms,
                list: async (session, filter) => (await realms.list(session, filter)).map(realm => slip.realm?.(realm, known) ?? realm),
              },
            }),
      }))(driver),
    }
  }

/** A request with another Authorization. */
const authorized = ({ method, target, headers, body }: WireRequest, value: string): WireRequest =>
  wireRequest({
    method,
    target,
    headers: headers.map(([name, own]) => [name, name.toLowerCase() === 'authorization' ? value : own] as const),
    ...(body === undefined ? {} : { body }),
  })

const slips: readonly { readonly name: string; readonly slip: Parameters<typeof slipping>[0]; readonly says: RegExp }[] = [
  {
    name: 'a password in the name of a realm',
    slip: { realm: (realm, { password }) => ({ ...realm, name: password }) },
    says: /in a document/,
  },
  {
    name: 'a password in a log line, in hexadecimal',
    slip: { connect: ({ password }, log) => log.debug({ with: Buffer.from(password).toString('hex') }, 'connecting') },
    says: /in the log/,
  },
]

/** These show with a provider in trouble only. */
const slipsInTrouble: typeof slips = [
  {
    name: 'a password in every 502',
    slip: { failed: ({ password }) => new CloudError('provider-error', `The provider took no ${password}`) },
    says: /in an error/,
  },
  {
    name: 'a password in every 503, percent-encoded',
    slip: { failed: ({ password }) => new CloudError('provider-unavailable', `Nobody at /?key=${encodeURIComponent(password)}`) },
    says: /in an error/,
  },
  {
    name: 'a token in an error',
    slip: { failed: ({ token }) => new CloudError('provider-error', `The provider took no ${token}`) },
    says: /in an error/,
  },
]

const recordedTrials: readonly {
  readonly id: string
  readonly source: 'R' | 'M' | 'T'
  readonly name: string
  readonly change: (driver: AnyDriver) => Partial<AnyDriver>
  readonly says: RegExp
}[] = [
  {
    id: 'R1',
    source: 'R',
    name: 'a driver that asks twice',
    change: inOperations(({ keys, ...rest }) => ({
      ...rest,
      ...(keys === undefined
        ? {}
        : {
            keys: {
              ...keys,
              create: async (session, request) => {
                await keys.create?.(session, request)
                return (await keys.create?.(session, request)) as Key
              },
            },
          }),
    })),
    says: /the status is|is asked again|not/,
  },
  {
    id: 'R1',
    source: 'R',
    name: 'a native state mapped wrongly',
    change: between(text => text.replaceAll('"MOORING"', '"MOORED"')),
    says: /state is "STOPPED", not "STOPPING"/,
  },
  {
    id: 'R1',
    source: 'R',
    name: 'a page that’s forgotten',
    change: between(text => text.replace(/,"next":"[^"]*"/, '')),
    says: /there are 3 \w+, not|nothing asks it/,
  },
  {
    id: 'R2',
    source: 'M',
    name: 'a driver that trusts the order',
    change: inOperations(({ instances: table, ...rest }) => ({
      ...rest,
      ...(table === undefined
        ? {}
        : {
            instances: {
              ...table,
              list: async (session, filter) =>
                (await table.list(session, filter)).map((one, n) => (n === 0 ? { ...one, name: 'the first' } : one)),
            },
          }),
    })),
    says: /another order at the provider/,
  },
  {
    id: 'R3',
    source: 'M',
    name: 'a driver that counts members',
    change: between(text =>
      text
        .replace(/"id":"(inst\d)"(?=[^{}]*"unheard of")/g, '"id":"$1-and-more"')
        .replace(/"unheard of"/g, '"x"')
        .replace(/("label":")([^"]*)(?="[^{}]*"x[a-z]+":"x")/, '$1odd $2'),
    ),
    says: /something unknown/,
  },
  {
    id: 'R4',
    source: 'M',
    name: 'an optional element assumed',
    change: between(text => {
      // Each image of the recordings has all four.
      if (text.includes('"images"') && (text.match(/"(description|owner|arch|status)":/g) ?? []).length % 4 !== 0)
        throw new TypeError('undefined is not an object')
      return text
    }),
    says: /without .* the answer is 500/,
  },
  {
    id: 'S9',
    source: 'M',
    name: 'an unknown state that’s an error',
    change: between(text => {
      if (text.includes('"unheard of"')) throw new CloudError('internal', 'unknown state')
      return text
    }),
    says: /answered with 500/,
  },
  {
    id: 'S9',
    source: 'M',
    name: 'an unknown state that’s taken for another',
    change: between(text => text.replaceAll('"status":"constructor"', '"status":"AFLOAT"')),
    says: /"constructor", a state that no document has, is shown as RUNNING, not UNKNOWN/,
  },
  ...wrongStates.map(([native, other]) => ({
    id: 'S9',
    source: 'M' as const,
    name: `${native} taken for ${other}`,
    change: between(text => text.replaceAll(`"status":"${native}"`, `"status":"${other}"`)),
    says: new RegExp(`which is "${native}" (is shown as|offers)`),
  })),
  {
    id: 'S9',
    source: 'M',
    name: 'an action too many',
    change: shownInstances(one => (one.state === 'running' ? withoutPermits(one) : one)),
    says: /which is "REFITTING" offers destroy, reboot, stop; the documents permit destroy, stop of what the driver can do \(Harbour 1, States of ships/,
  },
  {
    id: 'S9',
    source: 'M',
    name: 'an action too few',
    change: shownInstances(one => (one.state === 'error' ? { ...one, permits: [] } : one)),
    says: /which is "WRECKED" offers nothing; the documents permit destroy/,
  },
  {
    id: 'S9',
    source: 'M',
    name: 'instances that are hidden',
    change: inOperations(({ instances: table, ...rest }) => ({
      ...rest,
      ...(table === undefined
        ? {}
        : {
            instances: {
              ...table,
              list: async (session, filter) => (await table.list(session, filter)).filter(one => one.state !== 'stopping'),
              get: async () => undefined,
            },
          }),
    })),
    says: /"(MOORING|SINKING)" (isn’t shown|is answered with 404)/,
  },
  ...wrongErrors.map(([code, other, status]) => ({
    id: 'E6',
    source: 'M' as const,
    name: `${code} taken for ${other}`,
    change: between((text, response) =>
      response.status >= 400
        ? text.replace(`"code": "${code}"`, `"code":"${other}"`).replace(`"code":"${code}"`, `"code":"${other}"`)
        : text,
    ),
    says: new RegExp(`${code}.* is answered with ${status}, not`),
  })),
  ...wrongStatuses.map(([status, other, says]) => ({
    id: 'E6',
    source: 'M' as const,
    name: `${status} taken for ${other}`,
    change: withStatus(status, other),
    says,
  })),
  {
    id: 'E6',
    source: 'M',
    name: 'a time to wait that’s lost',
    change: changing(response => ({ ...response, headers: response.headers.filter(([name]) => name.toLowerCase() !== 'retry-after') })),
    says: /Retry-After (absent|\d+), not 7/,
  },
  ...wrongAttributes.flatMap(({ name, change, says, only }) =>
    (only ?? (['R', 'M'] as const)).map(source => ({ id: 'A1', source, name, change, says })),
  ),
  {
    id: 'E3',
    source: 'M',
    name: 'garbage turned into 500',
    change: between(text => {
      JSON.parse(text || '{}')
      return text
    }),
    says: /is answered with 500/,
  },
  {
    id: 'E1',
    source: 'T',
    name: 'a token that is kept without regard to its password',
    change: keeping(user => `kept ${user}`),
    says: /not 401/,
  },
  {
    id: 'E1',
    source: 'R',
    name: 'a token that is kept without regard to its password',
    change: keeping(user => `kept ${user}`),
    says: /with a token of the right user/,
  },
  {
    id: 'E1',
    source: 'T',
    name: 'one token for all users',
    change: keeping(() => 'kept'),
    says: /not 401/,
  },
  {
    id: 'K2',
    source: 'T',
    name: 'one token for all users',
    change: keeping(() => 'kept'),
    says: /with a token of|token of another user|is seen/,
  },
  {
    id: 'E1',
    source: 'T',
    name: 'a token that is never renewed',
    change: sending(async (way, request, options) => {
      const response = await way.send(request, options)
      if (response.status === 401 && isWithToken(request)) throw new CloudError('unauthenticated', 'Who are you?')
      return response
    }),
    says: /when the token has ended/,
  },
  {
    id: 'E1',
    source: 'T',
    name: 'a driver that asks without end',
    change: sending(async (way, request, options) => {
      for (;;) {
        const response = await way.send(request, options)
        if (response.status !== 401 || !isWithToken(request)) return response
      }
    }),
    says: /when the token has ended/,
  },
  {
    id: 'E3',
    source: 'T',
    name: 'a POST that is sent again after its answer was lost',
    change: sending((way, request, options) => way.send(request, { ...options, idempotent: true })),
    says: /is sent again although its answer was lost/,
  },
  {
    id: 'E3',
    source: 'M',
    name: 'a POST that is sent again after its answer was lost',
    change: sending((way, request, options) => way.send(request, { ...options, idempotent: true })),
    says: /is sent again although its answer was lost/,
  },
  {
    id: 'E3',
    source: 'M',
    name: 'garbage that is taken for nothing',
    change: sending(async (way, request, options) => {
      const response = await way.send(request, options)
      const text = String(await readBody(response.body))
      const isGarbage = response.status < 300 && request.method === 'GET' && !/^\{"/.test(text)
      return isGarbage
        ? { ...response, status: 404, body: '{"fault":{"code":"no-such-thing","reason":"gone"}}' }
        : { ...response, body: text }
    }),
    says: /answered with 404, not 502/,
  },
  ...(['M', 'T'] as const).map(source => ({
    id: 'E7',
    source,
    name: 'a wait that is ignored',
    change: sending(async (way: Context['transport'], request: WireRequest, options: Parameters<Context['transport']['send']>[1]) => {
      const response = await way.send(request, options)
      return response.status === 429 ? way.send(request, options) : response
    }),
    says: /isn’t waited for/,
  })),
  {
    id: 'K2',
    source: 'T',
    name: 'a driver that asks another provider',
    change: sending((way, request, options) => way.send({ ...request, target: request.target.replace('http:', 'https:') }, options)),
    says: /and the provider is at/,
  },
  {
    id: 'T1',
    source: 'T',
    name: 'an attribute that’s lost on the way',
    change: between(text => text.replace(/"owner":"[^"]*",?/g, '')),
    says: /owner is absent through the driver/,
  },
  {
    id: 'R1',
    source: 'R',
    name: 'somebody else’s token',
    change: slipping({
      sent: request =>
        request.header('authorization')?.startsWith('Bearer ') === true ? authorized(request, 'Bearer 5f0c6e2b77d2aa5e1f0c') : request,
    }),
    says: /Authorization isn’t a token that the provider handed out/,
  },
  {
    id: 'R1',
    source: 'R',
    name: 'a wrong password',
    change: slipping({
      sent: (request, { password }) =>
        request.header('authorization')?.startsWith('Basic ') === true
          ? authorized(request, `Basic ${Buffer.from(password).toString('base64')}`)
          : request,
    }),
    says: /Authorization isn’t the user and the password/,
  },
  ...(['R', 'M', 'T'] as const).flatMap(source =>
    [...slips, ...(source === 'R' ? [] : slipsInTrouble.filter(({ name }) => source === 'M' || !name.startsWith('a token')))].map(
      ({ name, slip, says }) => ({
        id: 'E5',
        source,
        name,
        change: slipping(slip),
        says,
      }),
    ),
  ),
]

for (const { id, source, name, change, says } of recordedTrials)
  t.test(`${id} on ${source} rejects ${name}`, async t => {
    // What is broken shows in one recording of several; a trial ends where it does. What documents say is fed row by row, which takes few cases.
    const { outcome, counterexample } = await judgeHarbour(id, source, change, { runs: ['S9', 'E6', 'A1'].includes(id) ? 150 : 1000 })
    t.equal(outcome, 'broken')
    t.match(counterexample?.message, says)
  })

t.test('S9, E6 and A1 aren’t applicable where the shapes have no rows: none of them holds', async t => {
  const setting = (shapes: string) => {
    const file = join(t.testdir({ 'shapes.json': shapes }), 'shapes.json')
    const [subject] = subjectsOf('harbour', { driver: harbour as AnyDriver, shapes: file })
    if (subject === undefined) throw new TypeError('A driver has a subject')
    const offer = harbour.offer(undefined) as Offer
    return { subject, driver: harbour as AnyDriver, offer, source: 'M' as const, recordings: [] }
  }
  const none = setting(JSON.stringify({ driver: 'harbour', source: 'none', operations: [{ asks: 'ships', items: 'ships/*' }] }))
  const missing = (id: string) => laws.find(one => one.id === id)?.missing(none)
  t.match(missing('S9'), /^no rows: .* states/)
  t.match(missing('E6'), /^no rows: .* errors/)
  t.match(missing('A1'), /^no rows: .* attributes/)
})

for (const [id, source] of [
  ['R1', 'R'],
  ['T0', 'R'],
  ['R2', 'M'],
  ['R3', 'M'],
  ['R4', 'M'],
  ['S9', 'M'],
  ['E3', 'M'],
  ['E6', 'M'],
  ['A1', 'R'],
  ['A1', 'M'],
  ['E5', 'R'],
  ['E5', 'M'],
  ['E5', 'T'],
  ['E1', 'R'],
  ['E1', 'T'],
  ['E3', 'T'],
  ['E7', 'M'],
  ['E7', 'T'],
  ['K2', 'T'],
  ['T1', 'T'],
  ['D1', 'R'],
  ['F1', 'M'],
] as const)
  t.test(`${id} on ${source} passes the driver as it is`, async t => {
    const result = await judgeHarbour(id, source)
    t.match(result, { outcome: 'holds', counterexample: undefined })
    t.ok(result.cases > 0)
  })
