/**
 * Calls at the same time are as calls one after another, in some order: whatever runs between the steps of each (law K1). In memory and in a
 * file; and on PostgreSQL, with two simulators over one database, where MOCK_STATE names a server.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { type Command, command } from '../../conformance/models/commands.ts'
import { apply, createModel, type Model, type Outcome } from '../../conformance/models/model.ts'
import { difference, type Picture, pictureOfCloud, pictureOfModel } from '../../conformance/models/pictures.ts'
import { type Answer, perform } from '../../conformance/models/real.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import type { Store } from '../../src/mock-cloud/store/store.ts'
import { historyOf, play } from '../../test-postgres/history.ts'
import { isShared, place } from '../mock-cloud/place.ts'
import { beginning as begin, connect, type FullCloud } from '../mock-cloud/support.ts'
import { runs } from '../support/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'deltacloud-linearizable-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
t.setTimeout(0)
let files = 0

/** Commands that get into each other's way. */
const contended = (): fc.Arbitrary<Command> => {
  const instance = fc.constantFrom('inst0', 'inst1')
  const subnet = fc.constantFrom('subnet3', 'net2')
  const block = fc.constantFrom('10.3.0.0/16', '10.3.1.0/24')
  const blob = { bucket: fc.constant('bucket1'), id: fc.constantFrom('blob1', 'x') }
  const of = <Op extends Command['op'], T extends object>(op: Op, fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
    fc.record({ op: fc.constant(op), ...fields })
  return fc.noBias(
    fc.oneof(
      of('launch', { image: fc.constant('img1'), firewall: fc.constantFrom('default', 'a') }),
      of('launch', { image: fc.constantFrom('img1', 'img2'), count: fc.constantFrom(1, 2) }),
      of('removeImage', { id: fc.constantFrom('img1', 'img2') }),
      of('removeFirewall', { id: fc.constant('default') }),
      of('makeFirewall', { name: fc.constant('a') }),
      of('stop', { id: instance }),
      of('reboot', { id: instance }),
      of('terminate', { id: instance }),
      of('show', { id: instance }),
      of('attach', { id: fc.constantFrom('vol1', 'vol3'), instance, device: fc.constantFrom('/dev/sda1', '/dev/sdb') }),
      of('detach', { id: fc.constantFrom('vol1', 'vol3') }),
      of('removeVolume', { id: fc.constantFrom('vol1', 'vol3') }),
      of('makeVolume', { snapshot: fc.constant('snap1') }),
      of('removeSnapshot', { id: fc.constant('snap1') }),
      of('associate', { id: fc.constantFrom('192.168.0.1', '192.168.0.2'), instance }),
      of('disassociate', { id: fc.constant('192.168.0.1') }),
      of('removeAddress', { id: fc.constant('192.168.0.1') }),
      of('makeAddress', {}),
      of('makeKey', { name: fc.constant('a') }),
      of('removeKey', { id: fc.constant('a') }),
      of('makeSubnet', { network: fc.constant('net2'), block }),
      of('makeInterface', { instance, network: subnet }),
      of('removeSubnet', { id: fc.constant('subnet3') }),
      of('makeBalancer', { name: fc.constant('a'), realm: fc.constant('us') }),
      of('register', { id: fc.constant('a'), instance }),
      of('removeBalancer', { id: fc.constant('a') }),
      of('putBlob', { ...blob, content: fc.constantFrom('one', 'another') }),
      of('readBlob', blob),
      of('removeBlob', blob),
      of('removeBucket', { id: fc.constant('bucket2') }),
    ) as fc.Arbitrary<Command>,
  )
}

/** What one client does, one call after the other. */
const client = (): fc.Arbitrary<readonly Command[]> => fc.array(contended(), { minLength: 1, maxLength: 3 })

t.test('calls at the same time are answered, and leave the cloud, as in some order', async t => {
  const answers = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(command(), { maxLength: 6 }),
      fc.array(client(), { minLength: 2, maxLength: 3 }),
      fc.boolean(),
      async (scheduler, before, clients, isKept) => {
        const { state, leave } = await place()
        const clouds = await openAll(state, isKept ? join(folder, `cloud-${files++}.db`) : undefined)
        try {
          const model = createModel(begin)
          model.quotas = { instances: 6, storage_volumes: 4 }
          const [first] = clouds
          if (first === undefined) throw new TypeError('There is no cloud')
          await (await first.world()).limits.set({ quotas: model.quotas })
          const sequential = await connect(first, 'mockuser')
          for (const one of before) check(one, await perform({ cloud: sequential }, one), apply(model, one))
          const sessions = await Promise.all(clients.map((_, i) => connect(clouds[i % clouds.length] ?? first, 'mockuser')))
          const restore = await Promise.all(clouds.map(cloud => interleave(cloud, scheduler)))
          const histories = await scheduler.waitFor(
            Promise.all(clients.map((commands, i) => history(sessions[i] ?? sequential, commands, scheduler))),
          )
          for (const one of restore) one()
          for (const { answer } of histories.flat()) {
            const what = 'told' in answer ? 'told' : answer.refused
            answers.set(what, (answers.get(what) ?? 0) + 1)
          }
          const after = await pictureOfCloud(sequential)
          const { wrong } = play(await historyOf(await first.world()))
          if (wrong.length > 0) throw new Error(`The log contradicts itself:\n${wrong.join('\n')}`)
          if (!isExplained(model, histories, after))
            throw new Error(
              `No order explains\n${histories.map(one => one.map(call => JSON.stringify(call)).join('\n')).join('\n---\n')}\n` +
                `and what is there then:\n${difference(pictureOfModel(model), after)}`,
            )
        } finally {
          await Promise.all(clouds.map(cloud => cloud.close()))
          leave()
        }
      },
    ),
    // A database takes its time.
    runs(isShared ? 12 : 60),
  )
  t.comment(JSON.stringify(Object.fromEntries(answers)))
  t.ok((answers.get('told') ?? 0) > 0 && (answers.get('conflict') ?? 0) > 0, 'some got what others wanted')
})

/** One, in memory or in a file; or two where the state can be shared. */
const openAll = async (shared: string | undefined, file: string | undefined): Promise<readonly MockCloud[]> => {
  const open = (state: string | undefined) =>
    MockCloud.open({ clock: { mode: 'manual', now: begin }, ...(state === undefined ? {} : { state }) })
  return shared === undefined ? [await open(file)] : [await open(shared), await open(shared)]
}

interface Call {
  readonly command: Command
  readonly answer: Answer
}

const history = async (cloud: FullCloud, commands: readonly Command[], scheduler: fc.Scheduler): Promise<readonly Call[]> => {
  const calls: Call[] = []
  for (const command of commands) {
    await scheduler.schedule(Promise.resolve(), command.op)
    calls.push({ command, answer: await perform({ cloud }, command) })
  }
  return calls
}

/** Lets others come in between before each thing that a call does to the store. @returns what gives the store back as it was. */
const interleave = async (simulator: MockCloud, scheduler: fc.Scheduler): Promise<() => void> => {
  const { store } = await simulator.world()
  const { read, write } = store
  const woven: Pick<Store, 'read' | 'write'> = {
    read: (scope, operation) => read.call(store, scope, tx => operation(between(tx, scheduler))) as ReturnType<typeof operation>,
    write: (scope, operation) => write.call(store, scope, tx => operation(between(tx, scheduler))) as ReturnType<typeof operation>,
  }
  Object.assign(store, woven)
  return () => Object.assign(store, { read, write })
}

/** The same, with a pause before each of its methods that ends when the scheduler says so. */
const between = <T extends object>(target: T, scheduler: fc.Scheduler): T =>
  new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name === 'blobs' && typeof value === 'object' && value !== null) return between(value, scheduler)
      if (typeof value !== 'function') return value
      return async (...args: readonly unknown[]) => {
        await scheduler.schedule(Promise.resolve(), String(name))
        const result: unknown = await Reflect.apply(value, target, args)
        return name === 'within' && typeof result === 'object' && result !== null ? between(result, scheduler) : result
      }
    },
  })

/** Whether the calls could have come one after another, those of each client in its order, with these answers and this end. */
const isExplained = (model: Model, histories: readonly (readonly Call[])[], after: Picture): boolean => {
  if (histories.every(calls => calls.length === 0)) return difference(pictureOfModel(model), after) === ''
  return histories.some(([first, ...rest], i) => {
    if (first === undefined) return false
    const next = structuredClone(model)
    return (
      fits(first.answer, apply(next, first.command)) &&
      isExplained(
        next,
        histories.map((calls, n) => (n === i ? rest : calls)),
        after,
      )
    )
  })
}

const fits = (answer: Answer, outcome: Outcome): boolean =>
  'told' in answer ? 'told' in outcome && answer.told === outcome.told : 'refused' in outcome && outcome.refused.includes(answer.refused)

const check = (command: Command, answer: Answer, outcome: Outcome): void => {
  if (!fits(answer, outcome))
    throw new Error(`${JSON.stringify(command)} gives ${JSON.stringify(answer)}, and not ${JSON.stringify(outcome)}`)
}
