/** Laws S0 to S8: an instance lives as its driver's machine says, offers what can be done, and goes when it's told to. */

import fc from 'fast-check'
import type { State, StateMachine } from '../../src/model/state-machine.ts'
import type { Answer } from '../client.ts'
import { type CloudUnderTest, hold, Inconclusive } from '../cloud-under-test.ts'
import { itemsAt, jsonOf, read, readResource } from '../documents/read.ts'
import {
  type Command,
  type Commands,
  commands,
  creation,
  follow,
  Inventory,
  instanceAction,
  resolveParameters,
} from '../generators/commands.ts'
import { livesOf, transitionTargets } from '../generators/targets.ts'
import { nothingSeen } from '../observations.ts'
import {
  actionsOf,
  askIndex,
  describeMissing,
  encodeSegment,
  instancesOf,
  isSame,
  pickNth,
  type SeenInstance,
  seeInstances,
  toSeenInstance,
} from './asking.ts'
import { goals } from './goals.ts'
import { type Law, law, type Setting } from './law.ts'

const noMachine = ({ offer }: Setting): string | undefined =>
  offer.machine === undefined ? 'the driver has no instances' : describeMissing({ offer }, 'instances', 'list')

const machineOf = ({ offer }: CloudUnderTest): StateMachine => {
  if (offer.machine === undefined) throw new Inconclusive('the driver has no state machine')
  return offer.machine
}

const actions = ['start', 'stop', 'reboot', 'destroy'] as const
type Action = (typeof actions)[number]

/** What the machine and the driver allow in a state, whatever the provider thinks. */
const allowedActions = (cloud: CloudUnderTest, state: string): readonly string[] =>
  machineOf(cloud)
    .actions(state)
    .filter(name => cloud.offers('instances', name))

/** States that follow by themselves, or may; itself included. */
const statesOnward = (machine: StateMachine, state: string): ReadonlySet<string> =>
  machine.states.some(one => one === state)
    ? machine.reachable(state as State, ({ on }) => on === 'automatically' || on === 'possibly')
    : new Set([state])

const askAction = (cloud: CloudUnderTest, id: string, action: Action): Promise<Answer> =>
  action === 'destroy'
    ? cloud.ask({ method: 'DELETE', target: `${cloud.root}/instances/${encodeSegment(id)}?format=json` })
    : cloud.ask({ method: 'POST', target: `${cloud.root}/instances/${encodeSegment(id)}/${action}?format=json` })

/** All that a client can see of instances and images. */
const readSurroundings = async (cloud: CloudUnderTest): Promise<string> => {
  const parts: string[] = []
  for (const collection of ['instances', 'images'])
    if (cloud.collections.includes(collection)) parts.push((await askIndex(cloud, collection, 'xml')).text)
  return parts.join('')
}

const failing = fc.integer({ min: 0, max: 5 }).map(n => n === 5)

const history = (setting: Setting, maxLength = 6): fc.Arbitrary<Commands> => commands(setting, { maxLength })

/** Commands, and one instance and action to be tried after them: at once, at rest, or on an instance that was stopped before. */
const attempt = (setting: Setting): fc.Arbitrary<Attempt> =>
  fc.record({
    history: history(setting),
    which: fc.nat(20),
    action: fc.nat(20),
    first: fc.constantFrom(...(['nothing', 'nothing', 'rest', 'stop'] as const)),
    fails: failing,
  })

interface Attempt {
  readonly history: Commands
  readonly which: number
  readonly action: number
  readonly first: 'nothing' | 'rest' | 'stop'
  readonly fails: boolean
  /** The action is this one, and of an instance in this state. */
  readonly aim?: { readonly state: string; readonly action: string }
}

/** For each action of the machine in each state: a history that leads there. */
const attemptsAimed = (setting: Setting): readonly fc.Arbitrary<Attempt>[] =>
  setting.source !== 'T'
    ? []
    : transitionTargets(setting.offer).flatMap(({ transition: { from, on }, before, fails }) =>
        actions.some(action => action === on)
          ? [
              before.map(
                (history): Attempt => ({ history, which: 0, action: 0, first: 'nothing', fails, aim: { state: from, action: on } }),
              ),
            ]
          : [],
      )

const failBoots = async (cloud: CloudUnderTest): Promise<void> => {
  cloud.transcript.remark('every boot fails from now on')
  await cloud.abilities.failBoots?.()
}

/** What a command is for the life of a resource; undefined for other collections, and for what doesn't touch one. */
const actionOn = (command: Command, collection: string): string | undefined => {
  if (command.op === 'wait' || command.op === 'settle' || command.collection !== collection) return undefined
  return command.op === 'act' ? command.action : command.op
}

/** Follows an attempt's commands, and does what comes before the action itself. */
const prepare = async (cloud: CloudUnderTest, { history: before, which, first, fails }: Attempt): Promise<void> => {
  if (fails) await failBoots(cloud)
  await follow(cloud, before)
  if (first === 'nothing') return
  const instance = pickNth(await instancesOf(cloud), which)
  if (first === 'stop' && instance?.offered.includes('stop') === true) {
    await askAction(cloud, instance.id, 'stop')
    await instancesOf(cloud, { [instance.id]: 'stop' })
  }
  await cloud.settle()
}

const holdDeclaredStates = (cloud: CloudUnderTest, instances: readonly SeenInstance[]): void => {
  const machine = machineOf(cloud)
  for (const { id, state } of instances)
    hold(
      state === 'unknown' || machine.states.some(one => one === state),
      () => `The instance ${id} is ${state.toUpperCase()}, which the driver doesn't declare`,
    )
}

/** Parameters of a creation that its document shows: name of the parameter → what the document says. */
const shownAs: Readonly<Record<string, Readonly<Record<string, (item: unknown) => string | readonly string[] | undefined>>>> = {
  instances: {
    image_id: item => read(item, 'image', 'id'),
    realm_id: item => read(item, 'realm', 'id'),
    hwp_id: item => read(item, 'hardware_profile', 'id'),
    name: item => read(item, 'name'),
    keyname: item => read(item, 'authentication', 'keyname'),
    firewalls1: item => itemsAt(item, 'firewalls').map(one => read(one, 'id') ?? ''),
  },
  images: { name: item => read(item, 'name'), description: item => read(item, 'description') },
  keys: { name: item => [read(item, 'name') ?? '', read(item, 'id') ?? ''] },
  storage_volumes: {
    capacity: item => read(item, 'capacity'),
    name: item => read(item, 'name'),
    description: item => read(item, 'description'),
  },
  storage_snapshots: { volume_id: item => read(item, 'storage_volume', 'id') },
  buckets: { name: item => [read(item, 'name') ?? '', read(item, 'id') ?? ''] },
  firewalls: { name: item => [read(item, 'name') ?? '', read(item, 'id') ?? ''], description: item => read(item, 'description') },
  load_balancers: {
    name: item => read(item, 'id'),
    realm_id: item => itemsAt(item, 'realms').map(one => read(one, 'id') ?? ''),
    listener_protocol: item => itemsAt(item, 'listeners').map(one => read(one, 'protocol') ?? ''),
    listener_balancer_port: item => itemsAt(item, 'listeners').map(one => read(one, 'load_balancer_port') ?? ''),
    listener_instance_port: item => itemsAt(item, 'listeners').map(one => read(one, 'instance_port') ?? ''),
  },
  networks: { address_block: item => textsAt(item, 'address_blocks') },
  subnets: { network_id: item => read(item, 'network', 'id'), address_block: item => read(item, 'address_block') },
  network_interfaces: { instance: item => read(item, 'instance', 'id') },
}

const textsAt = (item: unknown, key: string): readonly string[] => {
  const found = typeof item === 'object' && item !== null ? Reflect.get(item, key) : undefined
  return Array.isArray(found) ? found.map(String) : []
}

const checkShown = (collection: string, given: Readonly<Record<string, string>>, item: unknown): void => {
  const table = Object.hasOwn(shownAs, collection) ? (shownAs[collection] ?? {}) : {}
  for (const [name, value] of Object.entries(given)) {
    const found = Object.hasOwn(table, name) ? table[name]?.(item) : undefined
    // What a document leaves out, it doesn't tell; a wrong value it does.
    if (found === undefined) continue
    hold(
      typeof found === 'string' ? found === value : found.includes(value),
      () => `${collection} made with ${name}=${JSON.stringify(value)} says ${JSON.stringify(found)}`,
    )
  }
}

/** What a scenario expects of the resource goes before what was asked: clouds of old ignored some parameters. */
const omitExpected = (
  form: Readonly<Record<string, string>>,
  expected: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(form).filter(([name, value]) => {
      const known = expected[name.replace(/_id$/, '.id')]
      return known === undefined || known === value
    }),
  )

const makeOne = async (cloud: CloudUnderTest, command: Command): Promise<void> => {
  if (command.op !== 'create') throw new Inconclusive('nothing is made')
  const { collection } = command
  const inventory = new Inventory(cloud)
  const form = await resolveParameters(inventory, command.parameters)
  const answer = await cloud.ask({ method: 'POST', target: `${cloud.root}/${collection}?format=json`, form })
  hold(answer.status < 500, () => `Making one of ${collection} is answered with ${answer.status}`)
  if (answer.status >= 400) throw new Inconclusive(`the cloud refuses to make one of ${collection}`)
  hold(answer.status === 201, () => `What was made of ${collection} is answered with ${answer.status}, not 201`)
  const location = answer.headers.get('location')
  if (form.instance_count !== undefined && cloud.offer.features.instances?.instance_count !== undefined) {
    const { length } = itemsAt(jsonOf(answer), 'instances')
    hold(length === Number(form.instance_count), () => `${form.instance_count} instances were asked for, and ${length} were made`)
    return
  }
  hold(location !== undefined, () => `What was made of ${collection} has no Location`)
  const made = readResource(answer)
  const there = await cloud.ask(`${new URL(location).pathname}?format=json`)
  hold(there.status === 200, () => `The Location of what was made of ${collection} is answered with ${there.status}`)
  const item = readResource(there)
  hold(read(item, 'id') === read(made, 'id'), () => `The Location of ${read(made, 'id')} leads to ${read(item, 'id')}`)
  checkShown(collection, form, made)
  checkShown(collection, form, item)
  // Nobody else has the private half of a key that the provider made, and it's told only now.
  if (collection === 'keys' && form.public_key === undefined && read(made, 'credential_type') !== 'password')
    hold(/PRIVATE KEY/.test(read(made, 'pem_rsa_key') ?? ''), () => `The key ${read(made, 'id')} was made without its private half`)
  if (collection === 'instances') cloud.sawInstance(read(item, 'id') ?? '', toSeenInstance(made).state, 'create')
}

/** Brings an instance to where it can be destroyed, and destroys it. @throws Inconclusive where none can be */
const destroyOne = async (cloud: CloudUnderTest, which: number): Promise<string> => {
  const instance = pickNth(await instancesOf(cloud), which)
  if (instance === undefined) throw new Inconclusive('there is no instance')
  let now = instance
  for (let tries = 0; !now.offered.includes('destroy') && tries < 3; tries++) {
    if (now.offered.includes('stop')) await askAction(cloud, now.id, 'stop')
    await cloud.settle()
    const again = (await instancesOf(cloud)).find(({ id }) => id === instance.id)
    if (again === undefined) throw new Inconclusive('the instance is gone by itself')
    now = again
  }
  if (!now.offered.includes('destroy')) throw new Inconclusive('no instance can be destroyed')
  const answer = await askAction(cloud, now.id, 'destroy')
  hold(
    answer.status === 204,
    () => `Destroying ${now.id}, which is ${now.state.toUpperCase()} and offers it, is answered with ${answer.status}`,
  )
  return now.id
}

/** At rest an instance is where the action is meant to lead, or has failed. */
const holdGoal = async (cloud: CloudUnderTest, { id, state }: Pick<SeenInstance, 'id' | 'state'>, action: Action): Promise<void> => {
  if (cloud.abilities.settle === undefined) return
  await cloud.settle()
  const rest = (await instancesOf(cloud)).find(one => one.id === id)?.state ?? 'finish'
  if (rest === 'finish') cloud.sawInstance(id, rest)
  // A live cloud has faults of its own.
  const mayFail = cloud.source === 'L' && rest === 'error'
  hold(
    rest === goals[action] || mayFail,
    () =>
      `After ${action} of ${id}, which was ${state.toUpperCase()}, it rests ${rest.toUpperCase()}, and ${action} leads to ${goals[action].toUpperCase()}`,
  )
}

export const stateLaws: readonly Law[] = [
  law({
    id: 'S0',
    title: 'sound machine',
    says: 'Every state is reachable from `start`; `finish` is reachable from every state; `automatically` transitions alone don’t loop.',
    family: 'states',
    sources: ['static'],
    missing: ({ offer }) => (offer.machine === undefined ? 'the driver has no instances' : undefined),
    async examine({ offer: { machine } }) {
      const flaws = machine?.flaws() ?? []
      hold(flaws.length === 0, flaws.join('; '))
      return {
        ...nothingSeen,
        cases: machine?.transitions.length ?? 0,
        states: Object.fromEntries((machine?.states ?? []).map(state => [state, 1])),
        transitions: Object.fromEntries((machine?.transitions ?? []).map(({ from, on, to }) => [`${from} ${on} ${to}`, 1])),
      }
    },
  }),
  law({
    id: 'S1',
    title: 'declared states',
    says: 'Every observed state is declared, or `unknown`.',
    family: 'states',
    sources: ['R', 'M', 'T', 'L'],
    missing: noMachine,
    question: history,
    async check(cloud, all) {
      await follow(cloud, all)
      holdDeclaredStates(cloud, await seeInstances(cloud))
    },
  }),
  law({
    id: 'S2',
    title: 'declared moves',
    says: 'Every observed change of state is a path of declared transitions.',
    family: 'states',
    sources: ['R', 'T', 'L'],
    missing: noMachine,
    question: setting =>
      fc.record({
        first: history(setting, 2),
        all: fc.array(fc.oneof(instanceAction(setting.offer), waits), { maxLength: setting.source === 'R' ? 0 : 8 }),
        fails: failing,
      }),
    targets: setting =>
      setting.source !== 'T'
        ? []
        : [
            ...transitionTargets(setting.offer).map(({ commands: all, fails }) =>
              fc.record({ first: fc.constant<Commands>([]), all, fails: fc.constant(fails) }),
            ),
            // The simulator isn't asked for these by the law of round trips.
            ...(setting.subject.harness.roundTrip === undefined
              ? livesOf(setting.offer).map(all => fc.record({ first: fc.constant<Commands>([]), all, fails: fc.constant(false) }))
              : []),
          ],
    async check(cloud, { first, all, fails }) {
      const machine = machineOf(cloud)
      if (fails) await failBoots(cloud)
      await follow(cloud, first)
      if (all.length === 0) {
        await seeInstances(cloud)
        return
      }
      let before = await instancesOf(cloud)
      await follow(cloud, all, async ({ command, id, answer }) => {
        const acted = actionOn(command, 'instances')
        const worked = answer !== undefined && answer.status < 300
        const after = await instancesOf(cloud, worked && id !== undefined && acted !== undefined ? { [id]: acted } : {})
        for (const was of before) {
          const now = after.find(one => one.id === was.id)?.state ?? 'finish'
          if (now === was.state) continue
          if (now === 'finish') cloud.sawInstance(was.id, now, was.id === id && worked ? acted : undefined)
          const moves = was.id === id && acted !== undefined ? machine.reachable(was.state as State) : statesOnward(machine, was.state)
          hold(
            moves.has(now as State),
            () =>
              `The instance ${was.id} went from ${was.state.toUpperCase()} to ${now.toUpperCase()}${was.id === id && acted !== undefined ? ` on ${acted}` : ' by itself'}: no transition leads there`,
          )
        }
        before = after
      })
    },
  }),
  law({
    id: 'S3',
    title: 'right actions',
    says: 'The actions (start, stop, reboot, destroy) of an instance = the machine’s actions in its state ∩ the driver’s operations ∩ what the provider permits now.',
    family: 'states',
    sources: ['R', 'M', 'T', 'L'],
    missing: noMachine,
    question: history,
    async check(cloud, all) {
      await follow(cloud, all)
      for (const { id, state, offered } of await seeInstances(cloud)) {
        const able = allowedActions(cloud, state)
        const wrong = actionsOf(offered).filter(action => !able.includes(action))
        hold(
          wrong.length === 0,
          () =>
            `The instance ${id} is ${state.toUpperCase()} and offers ${wrong.join(', ')}; the machine and the driver allow ${able.join(', ') || 'nothing'}`,
        )
      }
      if (cloud.abilities.settle === undefined) return
      // At rest, a provider permits what the state does.
      await cloud.settle()
      for (const { id, state, offered } of await instancesOf(cloud)) {
        const [able, found] = [[...allowedActions(cloud, state)].sort(), [...actionsOf(offered)].sort()]
        hold(
          isSame(able, found),
          () =>
            `The instance ${id} rests ${state.toUpperCase()} and offers ${found.join(', ') || 'nothing'}; the machine and the driver allow ${able.join(', ') || 'nothing'}`,
        )
      }
    },
  }),
  law({
    id: 'S4',
    title: 'offered actions succeed',
    says: 'An offered action succeeds; the states then observed begin with its transition, go on with automatic or possible ones, and end where the action is meant to lead: `stop` to stopped, `start` and `reboot` to running, `destroy` to finish.',
    family: 'states',
    sources: ['T', 'L'],
    missing: noMachine,
    question: attempt,
    targets: attemptsAimed,
    async check(cloud, question) {
      await prepare(cloud, question)
      const { which, action: n, aim, fails } = question
      const able = (await instancesOf(cloud))
        .map(one => ({ ...one, actions: actionsOf(one.offered).filter(action => aim === undefined || aim.action === action) }))
        .filter(one => one.actions.length > 0 && (aim === undefined || aim.state === one.state))
      const instance = pickNth(able, which)
      const action = instance === undefined ? undefined : (pickNth(instance.actions, n) as Action | undefined)
      if (instance === undefined || action === undefined) throw new Inconclusive('nothing is offered')
      const { id, state } = instance
      const answer = await askAction(cloud, id, action)
      const good = action === 'destroy' ? 204 : 202
      hold(
        answer.status === good,
        () => `${action} of ${id}, which is ${state.toUpperCase()} and offers it, is answered with ${answer.status}`,
      )
      const machine = machineOf(cloud)
      const targets = machine.from(state).filter(({ on }) => on === action)
      const now = (await instancesOf(cloud, { [id]: action })).find(one => one.id === id)?.state ?? 'finish'
      if (now === 'finish') cloud.sawInstance(id, now, action)
      hold(
        targets.some(({ to }) => statesOnward(machine, to).has(now)),
        () =>
          `After ${action} of ${id}, which was ${state.toUpperCase()}, it is ${now.toUpperCase()}: no transition on ${action} leads there`,
      )
      if (answer.status === 202)
        hold(read(readResource(answer), 'id') === id, () => `The answer to ${action} of ${id} shows ${read(readResource(answer), 'id')}`)
      if (!(fails && action === 'start')) await holdGoal(cloud, { id, state }, action)
    },
  }),
  law({
    id: 'S5',
    title: 'refused actions change nothing',
    says: 'An action not offered is refused with 4xx and changes nothing.',
    family: 'states',
    sources: ['T', 'L'],
    missing: noMachine,
    question: attempt,
    async check(cloud, question) {
      await prepare(cloud, question)
      const { which, action: n } = question
      const able = actions.filter(action => cloud.offers('instances', action))
      const refusing = (await instancesOf(cloud)).filter(({ offered }) => able.some(action => !offered.includes(action)))
      const instance = pickNth(refusing, which)
      const action =
        instance === undefined
          ? undefined
          : pickNth(
              able.filter(one => !instance.offered.includes(one)),
              n,
            )
      if (instance === undefined || action === undefined) throw new Inconclusive('all is offered')
      const { id, state } = instance
      const was = await readSurroundings(cloud)
      const answer = await askAction(cloud, id, action)
      hold(
        answer.status >= 400 && answer.status < 500,
        () => `${action} of ${id}, which is ${state.toUpperCase()} and doesn’t offer it, is answered with ${answer.status}`,
      )
      hold((await readSurroundings(cloud)) === was, () => `${action} of ${id} was refused, and has changed something all the same`)
    },
  }),
  law({
    id: 'S6',
    title: 'settles',
    says: 'Left alone, every instance reaches a stable state.',
    family: 'states',
    sources: ['T'],
    missing: noMachine,
    question: history,
    async check(cloud, all) {
      await follow(cloud, all)
      await cloud.settle()
      const machine = machineOf(cloud)
      for (const { id, state } of await instancesOf(cloud))
        hold(machine.isStable(state), () => `The instance ${id} stays ${state.toUpperCase()}, which isn’t stable`)
    },
  }),
  law({
    id: 'S7',
    title: 'destroyed stays gone',
    says: 'After destroy an id moves only towards `finish`, gets there, and stays absent or `FINISH`, unless a later create takes the id where the cloud gives ids again.',
    family: 'states',
    sources: ['T', 'L'],
    missing: setting => noMachine(setting) ?? describeMissing(setting, 'instances', 'destroy'),
    question: setting => fc.record({ history: history(setting, 3), which: fc.nat(20), later: fc.array(waits, { maxLength: 3 }) }),
    async check(cloud, { history: before, which, later }) {
      await follow(cloud, before)
      const machine = machineOf(cloud)
      const id = await destroyOne(cloud, which)
      const stateNow = async (): Promise<string> => (await instancesOf(cloud)).find(one => one.id === id)?.state ?? 'finish'
      let last = await stateNow()
      if (last === 'finish') cloud.sawInstance(id, last, 'destroy')
      const further = async (): Promise<void> => {
        const now = await stateNow()
        if (now === 'finish' && last !== now) cloud.sawInstance(id, now)
        hold(
          statesOnward(machine, last).has(now),
          () => `After destroy the instance ${id} went from ${last.toUpperCase()} to ${now.toUpperCase()}`,
        )
        last = now
      }
      for (const wait of later) {
        await follow(cloud, [wait])
        await further()
      }
      await cloud.settle()
      await further()
      hold(last === 'finish', () => `The instance ${id} was destroyed, and rests ${last.toUpperCase()}`)
      const shown = await cloud.ask(`${cloud.root}/instances/${encodeSegment(id)}?format=json`)
      hold(
        shown.status === 404 || toSeenInstance(readResource(shown)).state === 'finish',
        () => `The instance ${id} was destroyed, and is still shown (${shown.status})`,
      )
    },
  }),
  law({
    id: 'S8',
    title: 'created is readable',
    says: '201, and `Location` answers with the resource just created, with the parameters given; a key that the provider made comes with its private half.',
    family: 'states',
    sources: ['R', 'T', 'L'],
    missing: setting => (creatable(setting).length === 0 ? 'the driver makes nothing' : undefined),
    question: setting => fc.constantFrom(...creatable(setting)).chain(collection => creation(setting.offer, collection)),
    async check(cloud, command) {
      const { recorded } = cloud.abilities
      if (recorded === undefined) return makeOne(cloud, command)
      const made = recorded.outcomes.filter(
        ({ step, answer }) => step.request.method === 'POST' && /^\/api\/[a-z_]+$/.test(step.request.path) && answer.status < 300,
      )
      if (made.length === 0) throw new Inconclusive('the recording makes nothing')
      for (const { step, answer } of made) {
        const [, , collection = ''] = step.request.path.split('/')
        hold(answer.status === 201, () => `${step.title}: answered with ${answer.status}, not 201`)
        // Several instances have no one address.
        const isOne = Number(step.request.form?.instance_count ?? 1) === 1
        hold(!isOne || answer.headers.has('location'), () => `${step.title}: there is no Location`)
        cloud.seen.collection(collection)
        if (isOne && answer.headers.get('content-type')?.includes('json') === true)
          checkShown(collection, omitExpected(step.request.form ?? {}, step.expect.element), readResource(answer))
      }
    },
  }),
]

const waits: fc.Arbitrary<Command> = fc.record({
  op: fc.constant('wait' as const),
  milliseconds: fc.constantFrom(1, 250, 500, 1000, 3000, 60_000),
})

const creatable = ({ offer }: Setting): readonly string[] =>
  Object.entries(offer.operations).flatMap(([group, table]) =>
    table !== undefined && Object.hasOwn(table, 'create') && group !== 'blobs' ? [group] : [],
  )
