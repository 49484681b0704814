/** Laws S1 to S7: what an instance offers can be done, what it doesn't is refused and changes nothing, whatever happened before. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Answer, type Client, type InProcess, inProcess, runs } from '../support/server.ts'

type Command =
  | { readonly kind: 'launch' }
  | { readonly kind: 'wait'; readonly milliseconds: number }
  | { readonly kind: 'act'; readonly which: number; readonly action: Action }

const actions = ['start', 'stop', 'reboot', 'destroy', 'create_image'] as const
type Action = (typeof actions)[number]

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Command>({ kind: 'launch' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.constantFrom(0, 1, 250, 500, 1000, 3000) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('act' as const), which: fc.nat(5), action: fc.constantFrom(...actions) }) },
)

interface Instance {
  readonly id: string
  readonly state: string
  readonly offered: readonly string[]
}

interface Transition {
  readonly to: string
  readonly action?: string
  readonly auto?: string
  readonly possibly?: string
}

type Machine = ReadonlyMap<string, readonly Transition[]>

const instancesOf = async (client: Client, root: string): Promise<readonly Instance[]> => {
  const { status, text } = await client.ask(`${root}/instances?format=json`)
  assert.equal(status, 200, text)
  const { instances } = JSON.parse(text) as { instances: { id: string; state: string; actions: { rel: string }[] }[] }
  return instances.map(({ id, state, actions: links }) => ({ id, state: state.toLowerCase(), offered: links.map(link => link.rel) }))
}

const machineOf = async (client: Client, root: string): Promise<Machine> => {
  const { text } = await client.ask(`${root}/instance_states?format=json`)
  const states = JSON.parse(text) as { name: string; transitions: Transition[] }[]
  return new Map(states.map(({ name, transitions }) => [name, transitions]))
}

/** All that a client can see of instances and images. */
const world = async (client: Client, root: string): Promise<string> =>
  (await Promise.all(['instances', 'images'].map(name => client.ask(`${root}/${name}?format=xml`)))).map(answer => answer.text).join('')

const perform = (client: Client, root: string, id: string, action: Action): Promise<Answer> => {
  switch (action) {
    case 'destroy':
      return client.ask({ method: 'DELETE', target: `${root}/instances/${id}?format=xml` })
    case 'create_image':
      return client.ask({ method: 'POST', target: `${root}/images;instance_id=${id}?format=xml` })
    default:
      return client.ask({ method: 'POST', target: `${root}/instances/${id}/${action}?format=xml` })
  }
}

const goodStatus: Readonly<Record<Action, number>> = { start: 202, stop: 202, reboot: 202, destroy: 204, create_image: 201 }

/** States that come by themselves from one, itself included. */
const onward = (machine: Machine, state: string): ReadonlySet<string> => {
  const found = new Set([state])
  for (const one of found) for (const { auto, to } of machine.get(one) ?? []) if (auto === 'true') found.add(to)
  return found
}

const isStable = (machine: Machine, state: string): boolean =>
  (machine.get(state) ?? []).every(({ auto, possibly }) => auto !== 'true' || possibly === 'true')

const byMachine = (machine: Machine, state: string): readonly string[] =>
  (machine.get(state) ?? []).flatMap(({ action }) => (action === undefined || action === 'create' ? [] : [action]))

/** Those of an instance's links that its state machine knows. */
const ofMachine = (offered: readonly string[]): readonly string[] =>
  offered.filter(rel => ['start', 'stop', 'reboot', 'destroy'].includes(rel))

const act = async (
  cloud: InProcess,
  root: string,
  machine: Machine,
  { which, action }: Extract<Command, { kind: 'act' }>,
): Promise<void> => {
  const all = await instancesOf(cloud, root)
  const instance = all[which]
  if (instance === undefined) return
  const before = await world(cloud, root)
  const answer = await perform(cloud, root, instance.id, action)
  const what = `${action} of ${instance.id}, ${instance.state}: ${answer.text}`
  if (instance.offered.includes(action)) {
    assert.equal(answer.status, goodStatus[action], what)
    if (action === 'create_image') return
    const targets = (machine.get(instance.state) ?? []).filter(transition => transition.action === action).map(({ to }) => to)
    const now = (await instancesOf(cloud, root)).find(({ id }) => id === instance.id)?.state ?? 'finish'
    assert.ok(
      targets.some(target => onward(machine, target).has(now)),
      `after ${what} it is ${now}`,
    )
  } else {
    assert.equal(answer.status, action === 'create_image' ? 409 : 405, what)
    assert.equal(await world(cloud, root), before, `${what} changed something`)
  }
}

for (const provider of ['default', 'classic']) {
  const root = `/api;provider=${provider}`

  t.test(`at the provider ${provider}, offered actions succeed and others are refused without effect`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyCommand, { maxLength: 25 }), async commands => {
        const cloud = await inProcess()
        try {
          const machine = await machineOf(cloud, root)
          for (const command of commands) {
            const before = await instancesOf(cloud, root)
            if (command.kind === 'launch') {
              const made = await cloud.ask({ method: 'POST', target: `${root}/instances?image_id=img1&format=json` })
              assert.equal(made.status, 201, made.text)
            } else if (command.kind === 'wait') cloud.clock.advance(command.milliseconds)
            else await act(cloud, root, machine, command)
            for (const { id, state, offered } of await instancesOf(cloud, root)) {
              assert.ok(machine.has(state), `${state} is declared`)
              const declared = byMachine(machine, state)
              assert.ok(
                ofMachine(offered).every(rel => declared.includes(rel)),
                `${id} offers ${offered} while ${state}`,
              )
              const was = before.find(one => one.id === id)
              if (command.kind === 'wait' && was !== undefined) {
                assert.ok(onward(machine, was.state).has(state), `${id} went from ${was.state} to ${state} by itself`)
              }
            }
          }
          // Left alone, all come to rest, and then offer all that their state does.
          cloud.clock.advance(60_000)
          for (const { id, state, offered } of await instancesOf(cloud, root)) {
            assert.ok(isStable(machine, state), `${id} stays ${state}`)
            assert.deepEqual([...ofMachine(offered)].sort(), [...new Set(byMachine(machine, state))].sort(), `${id} while ${state}`)
          }
        } finally {
          await cloud.close()
        }
      }),
      runs(25),
    )
  })

  t.test(`at the provider ${provider}, an instance that was destroyed stays away`, async t => {
    const cloud = await inProcess()
    t.teardown(() => cloud.close())
    await perform(cloud, root, 'inst1', 'stop')
    cloud.clock.advance(60_000)
    t.equal((await perform(cloud, root, 'inst1', 'destroy')).status, 204)
    cloud.clock.advance(60_000)
    for (const action of ['start', 'stop', 'reboot', 'destroy'] as const) {
      t.equal((await perform(cloud, root, 'inst1', action)).status, 404, action)
    }
    t.equal((await cloud.ask(`${root}/instances/inst1?format=xml`)).status, 404)
    t.notOk((await instancesOf(cloud, root)).some(({ id }) => id === 'inst1'))
  })
}
