/**
 * What clients do, as data: sequences of commands for a driver, from its own features and state machine. Whatever they refer to is a number
 * until they're followed, so that they can be made before it's known what there is, and shortened after.
 */

import fc from 'fast-check'
import type { Offer } from '../../src/drivers/driver.ts'
import { offers } from '../../src/drivers/driver.ts'
import { featuresOf } from '../../src/model/features.ts'
import type { Parameter } from '../../src/model/parameter.ts'
import type { InstanceAction } from '../../src/model/state-machine.ts'
import type { Answer } from '../client.ts'
import { type CloudUnderTest, hold } from '../cloud-under-test.ts'
import { type Item, itemsAt, jsonOf, read, readResource } from '../documents/read.ts'
import { type Fits, fittingFor, readyFor } from './preconditions.ts'
import { livesOf, oneOfEverything } from './targets.ts'

/** A parameter's value, or which resource of a collection it names. */
export type Value = string | Reference

interface Reference {
  readonly collection: string
  readonly n: number
  /** It's the n-th of those that it belongs to, where there are any. */
  readonly fits?: true
}

type Parameters = Readonly<Record<string, Value>>

export type Command =
  | { readonly op: 'create'; readonly collection: string; readonly parameters: Parameters }
  /** Something is done with a resource: `attach`, `stop`. */
  | ({ readonly op: 'act'; readonly action: string; readonly parameters: Parameters } & Subject)
  | ({ readonly op: 'destroy' } & Subject)
  | { readonly op: 'wait'; readonly milliseconds: number }
  /** All that's under way comes to rest, where that can be seen to. */
  | { readonly op: 'settle' }

/** Which resource something is done with. */
interface Subject {
  readonly collection: string
  readonly n: number
  /** It's the n-th of those that can take it, where there are any: what was made last comes first. */
  readonly ready?: true
}

export type Commands = readonly Command[]

/** Whether nothing but time passes. */
export const isPause = ({ op }: Command): boolean => op === 'wait' || op === 'settle'

/** A command that was carried out. */
export interface Done {
  readonly command: Command
  /** Undefined where there was nothing to do it with, and for a wait. */
  readonly answer: Answer | undefined
  /** The resource that it was done with; of a creation, the one made. */
  readonly id: string | undefined
}

/** Sequences that a client may send; none where nothing may be changed. */
export const commands = (
  setting: { readonly offer: Offer; readonly source: string },
  constraints: { readonly maxLength?: number } = {},
): fc.Arbitrary<Commands> => {
  if (setting.source !== 'T' && setting.source !== 'L') return fc.constant([])
  const { maxLength = 4 } = constraints
  const some = fc.array(anyCommand(setting.offer), { maxLength })
  if (setting.offer.operations.instances?.create === undefined) return some
  // Where an account begins empty, most commands would find nothing to be done with.
  const launched = fc.tuple(creation(setting.offer, 'instances'), fc.option(waiting, { nil: undefined }), some)
  const lives = livesOf(setting.offer)
  return fc.oneof(
    { weight: 3, arbitrary: some },
    { weight: 5, arbitrary: launched.map(([launch, wait, rest]) => [launch, ...(wait === undefined ? [] : [wait]), ...rest]) },
    // Short histories seldom come to an end, and need much that is there already.
    ...(maxLength < 4 || lives.length === 0 ? [] : [{ weight: 2, arbitrary: fc.oneof(...lives) }]),
    { weight: 1, arbitrary: fc.tuple(oneOfEverything(setting.offer), some).map(([before, rest]) => [...before, ...rest]) },
  )
}

/** Collections in which a client can make something. */
const creatableIn = ({ operations }: Offer): readonly string[] =>
  Object.keys(creations).filter(name => isGroup(operations, name) && offers(operations, name, 'create'))

/** The making of anything that the driver can make; undefined where that's nothing. */
export const anyCreation = (offer: Offer): fc.Arbitrary<Command> | undefined => {
  const creatable = creatableIn(offer)
  return creatable.length === 0 ? undefined : fc.constantFrom(...creatable).chain(name => creation(offer, name))
}

/** One command that the driver offers; most of the time one that may succeed. */
export const anyCommand = (offer: Offer): fc.Arbitrary<Command> => sometimesAiming(blindCommand(offer))

/** Commands of which most look for what they can be done with, and the others take what comes: refusals are worth seeing, too. */
const sometimesAiming = (all: fc.Arbitrary<Command>): fc.Arbitrary<Command> =>
  fc.tuple(all, fc.nat(3)).map(([command, n]) => (n === 3 ? command : aiming(command)))

/** The same command, done with a resource that can take it, and naming what belongs to it. */
export const aiming = (command: Command): Command => {
  switch (command.op) {
    case 'create':
      return { ...command, parameters: fitting(command.parameters) }
    case 'act':
      return { ...command, ready: true, parameters: fitting(command.parameters) }
    case 'destroy':
      return { ...command, ready: true }
    case 'wait':
    case 'settle':
      return command
  }
}

const fitting = (parameters: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, typeof value === 'string' ? value : { ...value, fits: true }]),
  )

const blindCommand = (offer: Offer): fc.Arbitrary<Command> => {
  const { operations } = offer
  const creatable = creatableIn(offer)
  const destroyable = creatable.filter(name => isGroup(operations, name) && offers(operations, name, 'destroy'))
  const actions: fc.Arbitrary<Command>[] = others
    .filter(({ collection, operation }) => isGroup(operations, collection) && offers(operations, collection, operation))
    .map(({ collection, action, parameters }) =>
      fc.record({
        op: fc.constant('act' as const),
        collection: fc.constant(collection),
        n: fc.nat(20),
        action: fc.constant(action),
        parameters: record(parameters),
      }),
    )
  return fc.oneof(
    { weight: 2, arbitrary: waiting },
    ...(operations.instances?.create === undefined ? [] : [{ weight: 4, arbitrary: creation(offer, 'instances') }]),
    ...(operations.instances === undefined ? [] : [{ weight: 5, arbitrary: blindAction(offer) }]),
    ...(creatable.length === 0 ? [] : [{ weight: 3, arbitrary: fc.constantFrom(...creatable).chain(name => creation(offer, name)) }]),
    ...(actions.length === 0 ? [] : [{ weight: 2, arbitrary: fc.oneof(...actions) }]),
    ...(destroyable.length === 0
      ? []
      : [
          {
            weight: 2,
            arbitrary: fc.record({ op: fc.constant('destroy' as const), collection: fc.constantFrom(...destroyable), n: fc.nat(20) }),
          },
        ]),
  )
}

export const isGroup = (operations: Offer['operations'], name: string): name is keyof Offer['operations'] => Object.hasOwn(operations, name)

const waiting: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('wait' as const), milliseconds: fc.constantFrom(0, 1, 250, 500, 1000, 3000, 60_000) }),
  },
  { weight: 2, arbitrary: fc.constant<Command>({ op: 'settle' }) },
)

/** An action of the driver's machine, most of the time on an instance that offers it. */
export const instanceAction = (offer: Offer): fc.Arbitrary<Command> => sometimesAiming(blindAction(offer))

const blindAction = ({ operations }: Offer): fc.Arbitrary<Command> => {
  const able = (['start', 'stop', 'reboot', 'destroy'] as const).filter(name => operations.instances?.[name] !== undefined)
  return fc.constantFrom<InstanceAction[]>(...(able.length === 0 ? (['destroy'] as const) : able)).chain(
    (action): fc.Arbitrary<Command> =>
      action === 'destroy'
        ? fc.record({ op: fc.constant('destroy' as const), collection: fc.constant('instances'), n: fc.nat(20) })
        : fc.record({
            op: fc.constant('act' as const),
            collection: fc.constant('instances'),
            n: fc.nat(20),
            action: fc.constant(action),
            parameters: fc.constant({}),
          }),
  )
}

/** The making of a resource, with any of the parameters that the driver's features allow. */
export const creation = (offer: Offer, collection: string): fc.Arbitrary<Command> => {
  const { required = {}, optional = {} } = Object.hasOwn(creations, collection) ? (creations[collection] ?? {}) : {}
  const featured = Object.fromEntries(
    featuresOf(offer.features, collection)
      .filter(({ feature }) => feature.operation === 'create')
      .flatMap(({ feature }) =>
        feature.parameters.map((parameter): [string, fc.Arbitrary<Value>] => [nameOf(parameter), valueFor(parameter)]),
      ),
  )
  const possible = { ...optional, ...featured }
  return fc.record({
    op: fc.constant('create' as const),
    collection: fc.constant(collection),
    parameters: fc
      .tuple(record(required), fc.record(possible, { requiredKeys: [] }))
      .map(([always, sometimes]): Parameters => ({ ...always, ...definedOnly(sometimes) })),
  })
}

const record = (values: Readonly<Record<string, fc.Arbitrary<Value>>>): fc.Arbitrary<Parameters> => fc.record(values)

const definedOnly = (values: Readonly<Record<string, Value | undefined>>): Parameters =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

const nameOf = ({ name, numbered }: Parameter): string => (numbered === true ? `${name}1` : name)

const valueFor = ({ name, kind, refers, values, initial }: Parameter): fc.Arbitrary<Value> => {
  if (refers !== undefined) return anyReference(refers)
  if (values !== undefined) return fc.constantFrom(...values)
  if (name === 'instance_count') return fc.integer({ min: 1, max: 3 }).map(String)
  if (kind === 'number') return fc.integer({ min: 1, max: 99 }).map(String)
  if (kind === 'flag') return fc.constantFrom('true', 'false')
  if (name === 'public_key') return fc.constant('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ somebody')
  if (/^path\d$/.test(name)) return word.map(text => `/tmp/${text}`)
  if (initial !== undefined) return fc.constant(initial)
  if (name === 'user_data' || kind === 'text') return fc.base64String({ maxLength: 40 })
  return word
}

const anyReference = (collection: string): fc.Arbitrary<Value> => fc.nat(20).map((n): Value => ({ collection, n }))

/** A name that every cloud takes. */
const word = fc
  .tuple(
    fc.constantFrom(...'abcdefghij'),
    fc.array(fc.constantFrom(...'abcxyz0189-'), { minLength: 3, maxLength: 8 }),
    fc.constantFrom(...'klmn'),
  )
  .map(([first, middle, last]) => `${first}${middle.join('').replace(/-+/g, '-')}${last}`)

const gigabytes = fc.integer({ min: 1, max: 20 }).map(String)
const block = fc.integer({ min: 16, max: 31 }).map(n => `172.${n}.0.0/16`)
const subnetBlock = fc.tuple(fc.constantFrom('192.168', '10.1', '172.20'), fc.nat(250)).map(([net, n]) => `${net}.${n}.0/24`)
const port = fc.integer({ min: 1, max: 65535 }).map(String)

/** What is made, and from which parameters beside those of features. */
export const creations: Readonly<
  Record<
    string,
    { readonly required?: Readonly<Record<string, fc.Arbitrary<Value>>>; readonly optional?: Readonly<Record<string, fc.Arbitrary<Value>>> }
  >
> = {
  instances: {
    required: { image_id: anyReference('images') },
    optional: { realm_id: anyReference('realms'), hwp_id: anyReference('hardware_profiles') },
  },
  images: { required: { instance_id: anyReference('instances') } },
  keys: { required: { name: word } },
  storage_volumes: {
    required: { capacity: gigabytes },
    optional: { realm_id: anyReference('realms'), snapshot_id: anyReference('storage_snapshots') },
  },
  storage_snapshots: { required: { volume_id: anyReference('storage_volumes') }, optional: { name: word, description: word } },
  buckets: { required: { name: word } },
  addresses: {},
  firewalls: { required: { name: word, description: word } },
  load_balancers: {
    required: {
      name: word,
      realm_id: anyReference('realms'),
      listener_protocol: fc.constantFrom('HTTP', 'TCP'),
      listener_balancer_port: port,
      listener_instance_port: port,
    },
  },
  networks: { required: { address_block: block }, optional: { name: word } },
  subnets: { required: { network_id: anyReference('networks'), address_block: subnetBlock }, optional: { name: word } },
  network_interfaces: { required: { instance: anyReference('instances'), network: anyReference('subnets') }, optional: { name: word } },
}

/** What else can be done with a resource. */
export const others: readonly {
  readonly collection: string
  readonly operation: string
  readonly action: string
  readonly parameters: Readonly<Record<string, fc.Arbitrary<Value>>>
}[] = [
  {
    collection: 'storage_volumes',
    operation: 'attach',
    action: 'attach',
    parameters: { instance_id: anyReference('instances'), device: fc.constantFrom('/dev/sdc', '/dev/sdd') },
  },
  { collection: 'storage_volumes', operation: 'detach', action: 'detach', parameters: {} },
  { collection: 'addresses', operation: 'associate', action: 'associate', parameters: { instance_id: anyReference('instances') } },
  { collection: 'addresses', operation: 'disassociate', action: 'disassociate', parameters: {} },
  { collection: 'load_balancers', operation: 'register', action: 'register', parameters: { instance_id: anyReference('instances') } },
  { collection: 'load_balancers', operation: 'unregister', action: 'unregister', parameters: { instance_id: anyReference('instances') } },
  {
    collection: 'firewalls',
    operation: 'createRule',
    action: 'rules',
    parameters: {
      protocol: fc.constantFrom('tcp', 'udp'),
      port_from: fc.constant('22'),
      port_to: fc.constantFrom('22', '80'),
      ip_address1: fc.constant('10.0.0.0/8'),
    },
  },
]

/** Carries commands out, one after the other. A command that is refused has done nothing; one that the server fails at breaks every law. */
export const follow = async (
  cloud: CloudUnderTest,
  all: Commands,
  told: (done: Done) => Promise<void> | void = () => undefined,
): Promise<readonly Done[]> => {
  const inventory = new Inventory(cloud)
  const done: Done[] = []
  for (const command of all) {
    const one = await perform(cloud, inventory, command)
    done.push(one)
    await told(one)
  }
  return done
}

/** Tells which resource a number means. */
export interface Known {
  /** @param fits tells which had better be taken */
  at(collection: string, n: number, fits?: Fits): Promise<string | undefined>
  /** A resource's document, and all of a collection, for those that choose by them. */
  items?(collection: string): Promise<readonly Item[]>
  /** A resource was made. */
  noteMade?(collection: string, id: string): void
  /** Something has changed. */
  forget(): void
}

/** Which resources there are, asked once for each collection that something has changed in. */
export class Inventory implements Known {
  private readonly cloud: CloudUnderTest
  private readonly known = new Map<string, readonly Item[]>()
  private readonly young = new Map<string, string[]>()

  constructor(cloud: CloudUnderTest) {
    this.cloud = cloud
  }

  async ids(collection: string): Promise<readonly string[]> {
    return (await this.items(collection)).map(idOf)
  }

  async items(collection: string): Promise<readonly Item[]> {
    let found = this.known.get(collection)
    if (found === undefined) {
      const answer = await this.cloud.ask(`${this.cloud.root}/${collection}?format=json`)
      found = answer.status === 200 ? itemsAt(jsonOf(answer), collection) : []
      this.known.set(collection, found)
    }
    return found
  }

  async at(collection: string, n: number, fits?: Fits): Promise<string | undefined> {
    const all = await this.items(collection)
    if (fits === undefined) return all.map(idOf)[n % Math.max(1, all.length)]
    const fitting = all.filter(fits).map(idOf)
    if (fitting.length === 0) return this.at(collection, n)
    const young = (this.young.get(collection) ?? []).filter(id => fitting.includes(id)).toReversed()
    return [...young, ...fitting.filter(id => !young.includes(id))][n % fitting.length]
  }

  noteMade(collection: string, id: string): void {
    this.young.set(collection, [...(this.young.get(collection) ?? []), id])
  }

  forget(): void {
    this.known.clear()
  }
}

const idOf = (item: Item): string => read(item, 'id') ?? ''

/** Carries one command out. @throws LawViolation where the provider, which is in no trouble, is said to be */
export const perform = async (cloud: CloudUnderTest, inventory: Known, command: Command): Promise<Done> => {
  const done = await carryOut(cloud, inventory, command)
  const { answer, id } = done
  hold(answer === undefined || answer.status < 500, () => `${describe(command, id)} is answered with ${answer?.status}`)
  return done
}

/** Carries one command out, whatever it is answered. */
export const carryOut = async (cloud: CloudUnderTest, inventory: Known, command: Command): Promise<Done> => {
  if (command.op === 'wait' || command.op === 'settle') {
    if (command.op === 'wait') await cloud.wait(command.milliseconds)
    else if (cloud.abilities.settle !== undefined) await cloud.settle()
    inventory.forget()
    return { command, answer: undefined, id: undefined }
  }
  const { collection } = command
  const id = command.op === 'create' ? undefined : await subjectOf(inventory, command)
  if (command.op !== 'create' && id === undefined) return { command, answer: undefined, id }
  const path = `${cloud.root}/${collection}${id === undefined ? '' : `/${encodeURIComponent(id)}`}`
  const answer =
    command.op === 'act' && command.action === 'destroyRule'
      ? await destroyLastRule(cloud, path)
      : command.op === 'destroy'
        ? await cloud.ask({ method: 'DELETE', target: `${path}?format=json` })
        : await cloud.ask({
            target: `${path}${command.op === 'act' ? `/${command.action}` : ''}?format=json`,
            method: 'POST',
            form: await resolveParameters(inventory, command.parameters, {
              operation: `${collection}.${command.op === 'act' ? command.action : 'create'}`,
              collection,
              id,
            }),
          })
  if (answer === undefined) return { command, answer, id }
  if (answer.status < 400) inventory.forget()
  if (command.op !== 'create') return { command, answer, id }
  const made = createdId(answer)
  if (made !== undefined) inventory.noteMade?.(collection, made)
  return { command, answer, id: made }
}

/** Rules have no collection: the firewall's own document has their ids. */
const destroyLastRule = async (cloud: CloudUnderTest, path: string): Promise<Answer | undefined> => {
  const shown = await cloud.ask(`${path}?format=json`)
  const id = shown.status === 200 ? read(itemsAt(readResource(shown), 'rules').at(-1), 'id') : undefined
  return id === undefined ? undefined : cloud.ask({ method: 'DELETE', target: `${path}/${encodeURIComponent(id)}?format=json` })
}

const subjectOf = (inventory: Known, command: Command & { readonly op: 'act' | 'destroy' }): Promise<string | undefined> => {
  const { collection, n, ready } = command
  return inventory.at(collection, n, ready === true ? readyFor(collection, command.op === 'act' ? command.action : 'destroy') : undefined)
}

interface Purpose {
  readonly operation: string
  readonly collection: string
  readonly id: string | undefined
}

/** The parameters as they go out; a reference to what isn't there is left out. @param purpose what they're for, where references may have to fit */
export const resolveParameters = async (inventory: Known, parameters: Parameters, purpose?: Purpose): Promise<Record<string, string>> => {
  const texts = Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
  const found: Record<string, string> = {}
  for (const [name, value] of Object.entries(parameters)) {
    const text = typeof value === 'string' ? value : await referredTo(inventory, value, name, texts, purpose)
    if (text !== undefined) found[name] = text
  }
  return found
}

const referredTo = async (
  inventory: Known,
  { collection, n, fits }: Reference,
  parameter: string,
  form: Readonly<Record<string, string>>,
  purpose: Purpose | undefined,
): Promise<string | undefined> => {
  if (fits !== true || purpose === undefined) return inventory.at(collection, n)
  const items = async (name: string): Promise<readonly Item[]> => (await inventory.items?.(name)) ?? []
  const subject = purpose.id === undefined ? undefined : (await items(purpose.collection)).find(item => idOf(item) === purpose.id)
  const fitting = await fittingFor({ operation: purpose.operation, parameter, subject, form, instances: () => items('instances') })
  return inventory.at(collection, n, fitting)
}

/** The id of what a creation made: the last segment of its location. */
const createdId = (answer: Answer): string | undefined => {
  const [, last] = /\/([^/?]+)$/.exec(answer.headers.get('location') ?? '') ?? []
  return answer.status === 201 && last !== undefined ? decodeURIComponent(last) : undefined
}

/** A command in words. */
export const describe = (command: Command, id?: string): string => {
  switch (command.op) {
    case 'wait':
      return `waiting ${command.milliseconds} ms`
    case 'settle':
      return 'coming to rest'
    case 'create':
      return `making one of ${command.collection}`
    case 'destroy':
      return `destroying ${id ?? `number ${command.n}`} of ${command.collection}`
    case 'act':
      return `${command.action} of ${id ?? `number ${command.n}`} of ${command.collection}`
  }
}
