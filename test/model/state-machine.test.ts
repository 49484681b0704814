/** The life of an instance: what a machine says of itself, against a search that knows nothing of it. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { actions, type State, StateMachine, states, type Transition } from '../../src/model/state-machine.ts'
import { originals } from './machines.ts'

const transition: fc.Arbitrary<Transition> = fc.record({
  from: fc.constantFrom(...states),
  to: fc.constantFrom(...states),
  on: fc.constantFrom(...actions, 'automatically' as const, 'automatically' as const, 'possibly' as const),
})
const transitions = fc.array(transition, { maxLength: 14 })

/** Pairs of states with a way of at least one step between them, by closing the relation until it grows no more. */
const ways = (moves: readonly Transition[]): Set<string> => {
  const pairs = new Set(moves.map(({ from, to }) => `${from} ${to}`))
  for (let before = -1; before < pairs.size; ) {
    before = pairs.size
    for (const a of states)
      for (const b of states) for (const c of states) if (pairs.has(`${a} ${b}`) && pairs.has(`${b} ${c}`)) pairs.add(`${a} ${c}`)
  }
  return pairs
}

t.test('a machine finds exactly the flaws that a search by brute force finds', async () => {
  fc.assert(
    fc.property(transitions, moves => {
      const [any, automatic] = [ways(moves), ways(moves.filter(move => move.on === 'automatically'))]
      const declared = states.filter(state => moves.some(move => move.from === state || move.to === state))
      const expected = declared.flatMap(state => [
        ...(state === 'start' || any.has(`start ${state}`) ? [] : [`${state} can't be reached from start`]),
        ...(state === 'finish' || any.has(`${state} finish`) ? [] : [`finish can't be reached from ${state}`]),
        ...(automatic.has(`${state} ${state}`) ? [`${state} comes back to itself automatically`] : []),
      ])
      assert.deepEqual(new StateMachine(moves).flaws().sort(), expected.sort())
    }),
    { numRuns: 2000 },
  )
})

t.test('what can be reached is what a search by brute force reaches', async () => {
  fc.assert(
    fc.property(transitions, fc.constantFrom(...states), fc.constantFrom('automatically', 'possibly', 'stop'), (moves, from, on) => {
      const machine = new StateMachine(moves)
      const reached = (way: Set<string>): State[] => states.filter(state => state === from || way.has(`${from} ${state}`))
      assert.deepEqual([...machine.reachable(from)].sort(), reached(ways(moves)).sort())
      assert.deepEqual(
        [...machine.reachable(from, move => move.on === on)].sort(),
        reached(ways(moves.filter(move => move.on === on))).sort(),
      )
    }),
  )
})

t.test('a loop of automatic moves is a flaw, two automatic ways out of a state are none', async t => {
  const life: Transition[] = [
    { from: 'start', to: 'running', on: 'create' },
    { from: 'running', to: 'stopping', on: 'destroy' },
  ]
  const twoWays: Transition[] = [
    { from: 'stopping', to: 'stopped', on: 'automatically' },
    { from: 'stopping', to: 'finish', on: 'automatically' },
    { from: 'stopped', to: 'finish', on: 'destroy' },
  ]
  t.same(new StateMachine([...life, ...twoWays]).flaws(), [])
  t.same(new StateMachine([...life, ...twoWays, { from: 'stopped', to: 'stopping', on: 'automatically' }]).flaws(), [
    'stopping comes back to itself automatically',
    'stopped comes back to itself automatically',
  ])
  t.same(new StateMachine([...life, ...twoWays, { from: 'running', to: 'running', on: 'automatically' }]).flaws(), [
    'running comes back to itself automatically',
  ])
  // An action on the way breaks the loop.
  t.same(new StateMachine([...life, ...twoWays, { from: 'stopped', to: 'stopping', on: 'stop' }]).flaws(), [])
})

t.test('a machine without a beginning or an end is flawed everywhere', async t => {
  t.same(new StateMachine([{ from: 'running', to: 'finish', on: 'destroy' }]).flaws(), [
    "running can't be reached from start",
    "finish can't be reached from start",
  ])
  t.same(new StateMachine([{ from: 'start', to: 'running', on: 'create' }]).flaws(), [
    "finish can't be reached from start",
    "finish can't be reached from running",
  ])
})

t.test('of the original machines, these are to be mended', async t => {
  const found = new Map<string, string[]>()
  for (const [driver, moves] of originals) {
    const flaws = new StateMachine(moves).flaws()
    if (flaws.length > 0) found.set(driver, flaws)
  }
  for (const [driver, flaws] of found) t.comment(`${driver}: ${flaws.join('; ')}`)
  t.same(Object.fromEntries(found), {
    condor: ["finish can't be reached from running", "finish can't be reached from stopping"],
    digitalocean: ["finish can't be reached from error"],
    fgcp: ["finish can't be reached from error"],
    openstack: ["finish can't be reached from error"],
  })
})

t.test('states are listed as they are first mentioned', async t => {
  const machine = new StateMachine(originals.get('fgcp') ?? [])
  t.same(machine.states, ['start', 'pending', 'stopped', 'error', 'running', 'finish', 'stopping'])
})

t.test('the actions of a state are its moves that a client can make, each once', async () => {
  fc.assert(
    fc.property(transitions, moves => {
      const machine = new StateMachine(moves)
      for (const state of states) {
        const out = moves.filter(move => move.from === state)
        assert.deepEqual(machine.from(state), out)
        const clients = out.map(move => move.on).filter(on => on !== 'automatically' && on !== 'possibly' && on !== 'create')
        assert.deepEqual(machine.actions(state), [...new Set(clients)])
        assert.equal(
          machine.isStable(state),
          out.every(move => move.on !== 'automatically'),
        )
        for (const action of actions) assert.equal(machine.target(state, action), out.find(move => move.on === action)?.to)
      }
    }),
  )
})

t.test('a state that no machine has permits nothing and stays', async () => {
  const machine = new StateMachine(originals.get('mock') ?? [])
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('unknown', 'RUNNING', 'constructor', '__proto__', 'error')), state => {
      fc.pre(!machine.states.some(known => known === state))
      assert.deepEqual(machine.from(state), [])
      assert.deepEqual(machine.actions(state), [])
      assert.equal(machine.target(state, 'stop'), undefined)
      assert.equal(machine.isStable(state), true)
    }),
  )
})

t.test('names that the API does not know are refused when the machine is declared', async t => {
  const declare = (move: object) => () => new StateMachine([move as Transition])
  t.throws(declare({ from: 'start', to: 'sleeping', on: 'create' }), { message: "State 'sleeping' not in list of allowed states" })
  t.throws(declare({ from: 'born', to: 'running', on: 'create' }), { message: "State 'born' not in list of allowed states" })
  t.throws(declare({ from: 'start', to: 'running', on: 'launch' }), { message: "Action 'launch' not in list of allowed actions" })
  t.throws(declare({ from: 'start', to: 'running', on: '' }), { message: "Action '' not in list of allowed actions" })
})
