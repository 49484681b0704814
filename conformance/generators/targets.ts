/**
 * Histories that are aimed: each operation that a driver offers and each transition of its machine is brought about, as far as a client can. They
 * follow from the offer alone, and are commands as all others, so that they shrink.
 */

import fc from 'fast-check'
import { type Offer, offers } from '../../src/drivers/driver.ts'
import type { State, StateMachine, Transition } from '../../src/model/state-machine.ts'
import { goals, isGoal } from '../laws/goals.ts'
import { aiming, type Command, type Commands, creation, creations, isGroup, others } from './commands.ts'

/** Those that others are made from come first. */
const orderOfCreation = [
  ...['keys', 'firewalls', 'networks', 'subnets', 'instances', 'storage_volumes', 'storage_snapshots', 'images', 'addresses'],
  ...['load_balancers', 'network_interfaces', 'buckets'],
]

/** Blocks of addresses that lie in each other. */
const nested: Readonly<Record<string, string>> = { networks: '172.20.0.0/16', subnets: '172.20.7.0/24' }

/** Made from what is fit for it, and with nothing else that it could be refused for. */
const making = (offer: Offer, collection: string): fc.Arbitrary<Command> =>
  creation(offer, collection).map(command => {
    if (command.op !== 'create') return command
    const { required = {} } = creations[collection] ?? {}
    const parameters = Object.fromEntries(
      Object.entries(command.parameters).flatMap(([name, value]) => {
        if (!Object.hasOwn(required, name)) return []
        return [[name, typeof value === 'string' ? value : { ...value, n: 0 }]]
      }),
    )
    const block = nested[collection]
    return aiming({ ...command, parameters: block === undefined ? parameters : { ...parameters, address_block: block } })
  })

const settle: Command = { op: 'settle' }

const can = ({ operations }: Offer, collection: string, operation: string): boolean =>
  isGroup(operations, collection) && offers(operations, collection, operation)

const creatable = (offer: Offer): readonly string[] => orderOfCreation.filter(name => can(offer, name, 'create'))

/** The collections that a creation, or what's done with what was made, refers to. */
const referredBy = (offer: Offer, collection: string): readonly string[] => {
  const { required = {} } = creations[collection] ?? {}
  const acted = others.filter(one => one.collection === collection && can(offer, collection, one.operation)).map(one => one.parameters)
  const found = [required, ...acted].flatMap(parameters =>
    Object.values(parameters).flatMap(arbitrary => {
      const [value] = fc.sample(arbitrary, { numRuns: 1, seed: 0 })
      return value === undefined || typeof value === 'string' ? [] : [value.collection]
    }),
  )
  return [...new Set(found)].filter(name => name !== collection && can(offer, name, 'create'))
}

/** What must be there before, and itself at the end: each once, in the order in which they're made. */
const neededFor = (offer: Offer, collection: string, known: ReadonlySet<string> = new Set()): readonly string[] => {
  if (known.has(collection)) return []
  const seen = new Set([...known, collection])
  // An image can be made of an instance, and is there to begin with.
  const before = referredBy(offer, collection).filter(name => name !== 'images')
  return [...new Set([...before.flatMap(name => neededFor(offer, name, seen)), collection])]
}

/** One of a collection from its making to its end, and all that's done with it between. */
const lifeOf = (offer: Offer, collection: string): fc.Arbitrary<Commands> => {
  const made = neededFor(offer, collection).map(name => making(offer, name))
  const acts = (collection === 'instances' ? actionsOfInstances(offer) : actionsOn(offer, collection)).flatMap(act => [
    act,
    fc.constant(settle),
  ])
  const end: Command[] = can(offer, collection, 'destroy') ? [{ op: 'destroy', collection, n: 0, ready: true }] : []
  return fc.tuple(...made.flatMap(one => [one, fc.constant(settle)]), ...acts, ...end.map(one => fc.constant(one))).map(all => all)
}

const actionsOn = (offer: Offer, collection: string): readonly fc.Arbitrary<Command>[] => [
  ...others
    .filter(one => one.collection === collection && can(offer, collection, one.operation))
    .map(({ action, parameters }) =>
      fc.record(parameters).map(given => aiming({ op: 'act', collection, n: 0, action, parameters: firstOf(given) })),
    ),
  ...(collection === 'firewalls' && can(offer, collection, 'destroyRule')
    ? [fc.constant<Command>({ op: 'act', collection, n: 0, ready: true, action: 'destroyRule', parameters: {} })]
    : []),
]

const firstOf = (parameters: Extract<Command, { op: 'act' }>['parameters']): typeof parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, typeof value === 'string' ? value : { ...value, n: 0 }]))

const actionOnInstance = (action: string): Command =>
  action === 'destroy'
    ? { op: 'destroy', collection: 'instances', n: 0, ready: true }
    : { op: 'act', collection: 'instances', n: 0, ready: true, action, parameters: {} }

const actionsOfInstances = (offer: Offer): readonly fc.Arbitrary<Command>[] =>
  ['reboot', 'stop', 'start', ...(offer.machine?.target('running', 'destroy') === undefined ? ['stop'] : [])]
    .filter(action => can(offer, 'instances', action))
    .map(action => fc.constant(actionOnInstance(action)))

/** The life of one of each collection that the driver makes; twice where something can be done with it, which little else does. */
export const livesOf = (offer: Offer): readonly fc.Arbitrary<Commands>[] => {
  const all = creatable(offer)
  const busy = all.filter(name => actionsOn(offer, name).length > 0)
  return [...busy, ...all].map(name => lifeOf(offer, name))
}

/** Some of one of everything that the driver makes. */
export const oneOfEverything = (offer: Offer): fc.Arbitrary<Commands> => {
  const all = creatable(offer)
  return fc
    .tuple(fc.subarray([...all], { minLength: Math.ceil(all.length / 2) }), fc.tuple(...all.map(name => making(offer, name))))
    .map(([chosen, made]) => [
      ...made.filter(command => command.op === 'create' && chosen.includes(command.collection)).flatMap(command => [command, settle]),
    ])
}

/** A transition, and the commands that bring an instance to its beginning and over it. */
export interface TransitionTarget {
  readonly transition: Transition
  readonly before: fc.Arbitrary<Commands>
  readonly commands: fc.Arbitrary<Commands>
  /** Every boot has to fail. */
  readonly fails: boolean
}

/** The transitions that a client can bring about. */
export const transitionTargets = (offer: Offer): readonly TransitionTarget[] => {
  const { machine } = offer
  if (machine === undefined || !can(offer, 'instances', 'create')) return []
  return machine.transitions.flatMap(transition => {
    const fails = [false, true].find(fails => pathTo(machine, transition, fails) !== undefined)
    const path = fails === undefined ? undefined : pathTo(machine, transition, fails)
    if (path === undefined || fails === undefined) return []
    const over = path.map(({ on }): fc.Arbitrary<Command> => (on === 'create' ? making(offer, 'instances') : fc.constant(commandFor(on))))
    return [
      {
        transition,
        fails,
        before: fc.tuple(...over.slice(0, -1)).map(all => all),
        commands: fc.tuple(...over).map(all => all),
      },
    ]
  })
}

const commandFor = (on: Exclude<Transition['on'], 'create'>): Command =>
  on === 'automatically' || on === 'possibly' ? settle : actionOnInstance(on)

/**
 * The shortest way over a transition from the beginning. What follows by itself depends on what an instance was told: of two automatic ways out of
 * `stopping` a stop takes one and a destroy the other.
 */
const pathTo = (machine: StateMachine, wanted: Transition, fails: boolean): readonly Transition[] | undefined => {
  const queue: { readonly state: State; readonly aim: string; readonly path: readonly Transition[] }[] = [
    { state: 'start', aim: '', path: [] },
  ]
  const seen = new Set<string>()
  for (const { state, aim, path } of queue) {
    if (seen.has(`${state} ${aim}`)) continue
    seen.add(`${state} ${aim}`)
    for (const move of machine.from(state)) {
      if (!isPassable(machine, move, aim, fails)) continue
      const next = [...path, move]
      if (move === wanted) return next
      queue.push({ state: move.to, aim: Object.hasOwn(goals, move.on) ? move.on : aim, path: next })
    }
  }
  return undefined
}

const isPassable = (machine: StateMachine, { from, to, on }: Transition, aim: string, fails: boolean): boolean => {
  const isBooting = aim === 'create' || aim === 'start'
  if (on === 'possibly')
    return fails && isBooting && machine.from(from).some(other => other.on === 'automatically' && isGoal(aim, other.to))
  if (on !== 'automatically') return true
  if (fails && isBooting) return false
  return isGoal(aim, to) || [...machine.reachable(to, other => other.on === 'automatically')].some(state => isGoal(aim, state))
}
