/** Laws K1 to K3: at the same time is as one after the other, what isn't one's own isn't seen, and looking changes nothing. */

import fc from 'fast-check'
import { type CloudUnderTest, hold, Inconclusive } from '../cloud-under-test.ts'
import {
  type Command,
  commands,
  creation,
  follow,
  Inventory,
  instanceAction,
  isPause,
  type Known,
  perform,
} from '../generators/commands.ts'
import type { SentRequest } from '../traffic.ts'
import { askIndex } from './asking.ts'
import { type Law, law, type Setting } from './law.ts'

/** What of a command's answer a client can tell from another. */
interface NthAnswer {
  readonly command: number
  readonly status: number
  readonly text: string
}

/** All that can be seen, as text. */
const readEverything = async (cloud: CloudUnderTest, collections = cloud.collections): Promise<string> => {
  const parts: string[] = []
  for (const collection of collections) parts.push((await askIndex(cloud, collection, 'json')).text)
  return parts.join('\n')
}

const waitTurns = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise(resolve => setImmediate(resolve))
}

const performNth = async (cloud: CloudUnderTest, command: Command, n: number, inventory: Known): Promise<NthAnswer> => {
  const { answer } = await perform(cloud, inventory, command)
  const status = answer?.status ?? 0
  // In which words something is refused depends on who looked first.
  return { command: n, status, text: status < 400 ? (answer?.text ?? '') : '' }
}

/** Resources are chosen before anything happens, so that each order means the same. */
const readInventory = async (cloud: CloudUnderTest): Promise<Inventory> => {
  const inventory = new Inventory(cloud)
  for (const collection of cloud.collections) await inventory.ids(collection)
  return inventory
}

/** What there was before, whatever happens. */
const freezeInventory = (known: ReadonlyMap<string, readonly string[]>): Known => {
  const ids = (collection: string): readonly string[] => known.get(collection) ?? []
  return {
    at: async (collection, n) => ids(collection)[n % Math.max(1, ids(collection).length)],
    forget: () => undefined,
  }
}

const permutationsOf = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, n) => permutationsOf(items.filter((_, other) => other !== n)).map(rest => [item, ...rest]))

const requireFork = (cloud: CloudUnderTest): (() => Promise<CloudUnderTest>) => {
  if (cloud.abilities.fork === undefined) throw new Inconclusive('there is no second cloud that begins alike')
  return cloud.abilities.fork
}

/** @param theirs from where to where a stranger asked; the rest was asked by the right user */
const holdOwnTokens = (sent: readonly SentRequest[], [from, to]: readonly [number, number]): void => {
  const tokensIn = (some: readonly SentRequest[]): ReadonlySet<string> => new Set(some.flatMap(({ token }) => token ?? []))
  const own = tokensIn([...sent.slice(0, from), ...sent.slice(to)])
  const shared = sent.slice(from, to).find(({ token }) => token !== undefined && own.has(token))
  hold(shared === undefined, () => `${shared?.operation} is asked with the token of another user`)
}

const holdOrigin = (sent: readonly SentRequest[], origin: string | undefined): void => {
  const elsewhere = sent.find(one => origin !== undefined && one.origin !== origin)
  hold(elsewhere === undefined, () => `${elsewhere?.operation} is asked of ${elsewhere?.origin}, and the provider is at ${origin}`)
  const regions = new Set(sent.flatMap(({ region }) => region ?? []))
  hold(regions.size <= 1, () => `One region was chosen, and ${[...regions].join(' and ')} are asked`)
}

/** Commands that get into each other's way: they're about the same few things. */
const contendingCommand = ({ offer }: Setting): fc.Arbitrary<Command> =>
  fc.oneof(
    ...(offer.operations.instances === undefined
      ? []
      : [instanceAction(offer).map(command => ('n' in command ? { ...command, n: command.n % 2 } : command))]),
    ...(offer.operations.instances?.create === undefined ? [] : [creation(offer, 'instances')]),
    ...(offer.operations.keys?.create === undefined
      ? []
      : [
          creation(offer, 'keys').map(command =>
            'parameters' in command ? { ...command, parameters: { ...command.parameters, name: 'contended' } } : command,
          ),
        ]),
    ...(offer.operations.storage_volumes?.destroy === undefined
      ? []
      : [fc.record({ op: fc.constant('destroy' as const), collection: fc.constant('storage_volumes'), n: fc.nat(1) })]),
    ...(offer.operations.addresses?.create === undefined ? [] : [creation(offer, 'addresses')]),
  )

export const concurrencyLaws: readonly Law[] = [
  law({
    id: 'K1',
    title: 'linearizable',
    says: 'Concurrent operations on the simulator are equivalent to some order of them.',
    family: 'concurrency',
    sources: ['T'],
    question: setting =>
      fc.record({
        history: commands(setting, { maxLength: 2 }),
        calls: fc.array(fc.record({ command: contendingCommand(setting), after: fc.nat(4) }), { minLength: 2, maxLength: 3 }),
      }),
    async check(cloud, { history, calls }) {
      const fork = requireFork(cloud)
      await follow(cloud, history)
      const before = await readInventory(cloud)
      const known = new Map<string, readonly string[]>()
      for (const collection of cloud.collections) known.set(collection, await before.ids(collection))
      const pristine = await fork()
      cloud.transcript.remark(`${calls.length} requests at the same time`)
      const answers = await Promise.all(
        calls.map(async ({ command, after }, n) => {
          await waitTurns(after)
          return performNth(cloud, command, n, freezeInventory(known))
        }),
      )
      // What these commands may change.
      const touched = cloud.collections.filter(
        name => name === 'instances' || calls.some(({ command }) => 'collection' in command && command.collection === name),
      )
      const [given, found] = [JSON.stringify(answers), await readEverything(cloud, touched)]
      for (const order of permutationsOf([...calls.keys()])) {
        const again = await requireFork(pristine)()
        const inOrder: NthAnswer[] = []
        for (const n of order) {
          const call = calls[n]
          if (call !== undefined) inOrder[n] = await performNth(again, call.command, n, freezeInventory(known))
        }
        if (JSON.stringify(inOrder) === given && (await readEverything(again, touched)) === found) return
      }
      hold(false, () => `No order of these requests gives these answers: ${answers.map(({ status }) => status).join(', ')}`)
    },
  }),
  law({
    id: 'K2',
    title: 'isolated',
    says: 'No account or world ever sees or changes another’s resources; no provider is asked with the token of another user, nor any but the one that was chosen.',
    family: 'concurrency',
    sources: ['T'],
    question: setting => fc.record({ history: commands(setting, { maxLength: 4 }), theirs: commands(setting, { maxLength: 4 }) }),
    async check(cloud, { history, theirs }) {
      const { stranger } = cloud.abilities
      if (stranger === undefined) throw new Inconclusive('there is no second account')
      const fork = requireFork(cloud)
      await follow(
        cloud,
        history.filter(command => !isPause(command)),
      )
      const [own, other] = [await readEverything(cloud), await fork()]
      const foreign = cloud.as(stranger)
      const { traffic } = cloud.abilities
      const before = traffic?.requests.length ?? 0
      // Time is everyone's; all else isn't.
      await follow(
        foreign,
        theirs.filter(command => !isPause(command)),
      )
      const theirsEnd = traffic?.requests.length ?? 0
      hold((await readEverything(cloud)) === own, () => `What ${stranger.user} does is seen by ${cloud.credentials.user}`)
      const again = async (asker: CloudUnderTest): Promise<void> => {
        for (const collection of asker.collections) await askIndex(asker, collection, 'json')
      }
      if (traffic !== undefined) {
        holdOwnTokens(traffic.requests, [before, theirsEnd])
        holdOrigin(traffic.requests, cloud.abilities.origin)
      }
      // At the same time, too: what is kept for one isn’t for the other.
      await Promise.all([again(cloud), again(foreign), again(cloud)])
      await follow(other, theirs)
      hold((await readEverything(cloud)) === own, () => 'What happens in one world is seen in another')
    },
  }),
  law({
    id: 'K3',
    title: 'reads have no side effects',
    says: 'Inserting reads anywhere into a sequence changes no other answer and no event.',
    family: 'concurrency',
    sources: ['T'],
    question: setting => fc.record({ history: commands(setting, { maxLength: 6 }), looks: fc.array(fc.nat(99), { maxLength: 8 }) }),
    async check(cloud, { history, looks }) {
      // An account comes into being with its first request, whatever that is.
      const first = cloud.collections.find(name => name !== 'hardware_profiles')
      if (first !== undefined) await askIndex(cloud, first, 'json')
      const twin = await requireFork(cloud)()
      const answersOf = (done: Awaited<ReturnType<typeof follow>>): string =>
        JSON.stringify(done.map(({ answer, id }) => [answer?.status, answer?.text, id]))
      const plain = answersOf(await follow(cloud, history))
      let n = 0
      const looking = answersOf(
        await follow(twin, history, async () => {
          const collection = twin.collections[(looks[n++] ?? 0) % Math.max(1, twin.collections.length)]
          if (n <= looks.length && collection !== undefined)
            for (const format of ['json', 'xml'] as const) await askIndex(twin, collection, format)
        }),
      )
      hold(plain === looking, 'Looking between them changes what commands are answered')
      if (cloud.abilities.events === undefined || twin.abilities.events === undefined) return
      const withoutWorld = (lines: readonly string[]): string =>
        lines
          .filter(line => !line.includes('"forked"'))
          .map(line => line.replace(/"(seq|world)":("[^"]*"|\d+),?/g, ''))
          .join('\n')
      hold(
        withoutWorld(await cloud.abilities.events()) === withoutWorld(await twin.abilities.events()),
        'Looking changes what the cloud’s log says',
      )
    },
  }),
]
