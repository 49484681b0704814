/** Laws T0 and T1: what goes through a driver and back through a frontend of its protocol is as if it hadn't. */

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { advance } from '../../src/mock-cloud/time.ts'
import type { ErrorKind } from '../../src/model/errors.ts'
import { type CloudUnderTest, hold, Inconclusive, type Simulated } from '../cloud-under-test.ts'
import { type Item, isItem, itemsAt, jsonOf, read, readIndex } from '../documents/read.ts'
import { type Command, type Commands, commands, type Done, Inventory, type Known, perform } from '../generators/commands.ts'
import { type Story, stories } from '../generators/stories.ts'
import { livesOf } from '../generators/targets.ts'
import { apply, createModel } from '../models/model.ts'
import { passTime } from '../models/passing.ts'
import { difference, pictureOfCloud, pictureOfModel } from '../models/pictures.ts'
import { perform as performDirectly } from '../models/real.ts'
import { type Told, told as toldToModel } from '../models/stories.ts'
import { alice } from '../sources/simulated.ts'
import { actionsOf, askIndex, isSame } from './asking.ts'
import { type Law, law, type Setting } from './law.ts'
import { type Both, followStory, WithMade } from './stories.ts'

/** Which id on the one side is which on the other. */
class Names {
  private readonly ours = new Map<string, string>()

  pair(direct: string | undefined, own: string | undefined): void {
    if (direct !== undefined && own !== undefined) this.ours.set(direct, own)
  }

  own(direct: string): string {
    return this.ours.get(direct) ?? direct
  }

  /** A document of the direct side with the ids of the other. */
  renamed(value: unknown): unknown {
    if (typeof value === 'string') return this.ours.get(value) ?? value
    if (Array.isArray(value)) return value.map(inner => this.renamed(inner))
    return isItem(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.renamed(inner)])) : value
  }
}

/** What of a resource is compared: no addresses of servers, and nothing that the protocol can't carry. */
const comparablePart = (item: Item, collection: string, lossy: Readonly<Record<string, string>>): unknown =>
  Object.fromEntries(
    Object.entries(item).flatMap(([key, value]) => {
      if (key === 'href' || isNothing(value) || Object.hasOwn(lossy, `${collection} ${key}`)) return []
      if (key !== 'actions') return [[key, omitLinks(value)]]
      // Links to what else can be done depend on what the other driver can do.
      const actions = collection === 'instances' ? actionsOf(itemsAt(item, key).map(action => read(action, 'rel') ?? '')) : []
      return actions.length === 0 ? [] : [[key, actions]]
    }),
  )

/** An empty list says no more than none. */
const isNothing = (value: unknown): boolean => value === null || value === undefined || (Array.isArray(value) && value.length === 0)

const omitLinks = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(omitLinks)
  if (!isItem(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (key === 'href' || key === 'rel' || inner === null ? [] : [[key, omitLinks(inner)]])),
  )
}

const lossyOf = ({ subject }: CloudUnderTest): Readonly<Record<string, string>> => subject.harness.roundTrip?.lossy ?? {}

const compare = async (cloud: CloudUnderTest, twin: CloudUnderTest, collection: string, names: Names): Promise<void> => {
  const lossy = lossyOf(cloud)
  const [own, direct] = [
    readIndex(await askIndex(cloud, collection, 'json'), collection),
    readIndex(await askIndex(twin, collection, 'json'), collection),
  ]
  hold(
    own.length === direct.length,
    () => `Through the driver there are ${own.length} ${collection} (${ids(own)}), directly ${direct.length} (${ids(direct)})`,
  )
  const byId = new Map(own.map(item => [read(item, 'id'), item]))
  for (const item of direct) {
    const renamed = names.renamed(item)
    const id = read(renamed, 'id')
    const other = byId.get(id)
    hold(other !== undefined, () => `${collection} ${id} is there directly, and not through the driver, which has ${ids(own)}`)
    const told = await expectedOfDriver(cloud, twin, collection, isItem(renamed) ? renamed : {}, other)
    const [left, right] = [comparablePart(other, collection, lossy), comparablePart(told, collection, lossy)]
    const difference = firstDifference(left, right)
    hold(difference === undefined, () => `${collection} ${id}: ${difference}`)
  }
}

/** What the simulator says of a resource, as the driver has to tell it. @param told what the driver tells of it */
const expectedOfDriver = async (
  { subject }: CloudUnderTest,
  twin: CloudUnderTest,
  collection: string,
  item: Item,
  told: Item,
): Promise<Item> => {
  const own = Object.entries(subject.harness.roundTrip?.expected ?? {}).filter(([name]) => name.startsWith(`${collection} `))
  if (own.length === 0) return item
  const all = async (name: string): Promise<readonly Item[]> => readIndex(await askIndex(twin, name, 'json'), name)
  const changed: Record<string, unknown> = { ...item }
  for (const [name, tell] of own) changed[name.slice(collection.length + 1)] = await tell(item, all, told)
  return changed
}

const ids = (items: readonly Item[]): string => items.map(item => read(item, 'id')).join(', ') || 'none'

const firstDifference = (own: unknown, direct: unknown): string | undefined => {
  if (!isItem(own) || !isItem(direct)) return isSame(own, direct) ? undefined : 'differs'
  for (const key of new Set([...Object.keys(own), ...Object.keys(direct)]))
    if (!isSame(sortValues(own[key]), sortValues(direct[key])))
      return `${key} is ${JSON.stringify(own[key]) ?? 'absent'} through the driver, and ${JSON.stringify(direct[key]) ?? 'absent'} directly`
  return undefined
}

/** Lists of references and keys of objects have no order of their own. */
const sortValues = (value: unknown): unknown => {
  if (Array.isArray(value))
    return value
      .map(sortValues)
      .map(inner => JSON.stringify(inner))
      .sort()
  if (!isItem(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortValues(inner)]),
  )
}

/** Time on both sides is that of the one that's ahead: a driver may have waited for its provider. */
const alignTime = async (cloud: CloudUnderTest, twin: CloudUnderTest): Promise<void> => {
  const ahead = (cloud.abilities.now?.() ?? 0) - (twin.abilities.now?.() ?? 0)
  if (ahead > 0) await twin.abilities.wait?.(ahead)
  if (ahead < 0) await cloud.abilities.wait?.(-ahead)
}

const followOnBoth = async (
  cloud: CloudUnderTest,
  twin: CloudUnderTest,
  history: Commands,
  names: Names,
  directly = new WithMade(new Inventory(twin)),
): Promise<void> => {
  // A driver may list in another order: both sides mean the resource that is the direct side's n-th.
  const through: Known = {
    async at(collection, n, fits) {
      const id = await directly.at(collection, n, fits === undefined ? undefined : item => fits(renamedItem(names, item)))
      return id === undefined ? undefined : names.own(id)
    },
    items: async collection => (await directly.items(collection)).map(item => renamedItem(names, item)),
    forget: () => undefined,
  }
  for (const command of history) {
    await alignTime(cloud, twin)
    const own = await perform(cloud, through, command)
    await alignTime(cloud, twin)
    const other = await perform(twin, directly, command)
    const what = describeCommand(command)
    hold(
      own?.answer?.status === other?.answer?.status,
      () => `${what} is answered with ${own?.answer?.status} through the driver, and with ${other?.answer?.status} directly`,
    )
    if (command.op !== 'create') continue
    pairCreated(names, own, other)
    directly.note(command.collection, other.id)
  }
}

const renamedItem = (names: Names, item: Item): Item => {
  const renamed = names.renamed(item)
  return isItem(renamed) ? renamed : item
}

const pairCreated = (names: Names, own: Done | undefined, direct: Done | undefined): void => {
  names.pair(direct?.id, own?.id)
  if (own?.answer?.status !== 201 || direct?.answer?.status !== 201 || direct.id !== undefined) return
  const of = ({ answer }: Done): readonly Item[] => (answer === undefined ? [] : itemsAt(jsonOf(answer), 'instances'))
  for (const [n, item] of of(direct).entries()) names.pair(read(item, 'id'), read(of(own)[n], 'id'))
}

const describeCommand = (command: Command): string =>
  'collection' in command ? `${command.op === 'act' ? command.action : command.op} of ${command.collection}` : command.op

const expectedByScenarios = ({ recordings }: Setting): ReadonlySet<string> =>
  new Set(
    recordings.flatMap(({ scenario }) =>
      scenario.steps.flatMap(({ request, expect }) => {
        const collection = expect.collection ?? request.path.split('/')[2] ?? ''
        return [...(expect.members ?? []), ...(expect.element === undefined ? [] : [expect.element])].flatMap(one =>
          Object.keys(one).map(name => `${collection} ${inJson[name] ?? name.split('.')[0]}`),
        )
      }),
    ),
  )

/** Names of JSON that scenarios call otherwise. */
const inJson: Readonly<Record<string, string>> = { owner_id: 'owner', launch_time: 'create_time' }

/** All that there is, and what instances come to. */
const compareAll = async (cloud: CloudUnderTest, twin: CloudUnderTest, names: Names): Promise<void> => {
  await alignTime(cloud, twin)
  for (const collection of cloud.collections) await compare(cloud, twin, collection, names)
  await cloud.settle()
  await twin.settle()
  await alignTime(cloud, twin)
  if (cloud.collections.includes('instances')) await compare(cloud, twin, 'instances', names)
}

const tellBoth = async (cloud: CloudUnderTest, twin: CloudUnderTest, story: Story, names: Names): Promise<void> => {
  const directly = new WithMade(new Inventory(twin))
  const both: Both = {
    cloud,
    twin,
    directly,
    own: id => names.own(id),
    follow: command => followOnBoth(cloud, twin, [command], names, directly),
    async compare(collection) {
      await alignTime(cloud, twin)
      await compare(cloud, twin, collection, names)
    },
  }
  await followStory(both, story)
  await compareAll(cloud, twin, names)
}

/** Errors of the cloud that a protocol can tell from one another. */
const faults = ['bad-request', 'forbidden', 'over-quota', 'not-found', 'not-permitted', 'conflict'] as const satisfies readonly ErrorKind[]

/** The simulator does what the reference model of it does, and shows the same after each step. */
const compareWithModel = async ({ cloud, world }: Simulated, told: readonly Told[]): Promise<void> => {
  const model = createModel(world.now(), alice.user)
  for (const one of told) {
    if (typeof one === 'number') {
      const now = await advance(world, one)
      const busy = await findUnderWay(cloud)
      passTime(model, now, (collection, id) => busy.has(`${collection} ${id}`))
    } else {
      const answer = await performDirectly({ cloud }, one)
      const outcome = apply(model, one)
      const isRight =
        'told' in answer
          ? 'told' in outcome && answer.told === outcome.told
          : 'refused' in outcome && outcome.refused.includes(answer.refused)
      hold(isRight, () => `${JSON.stringify(one)} gives ${JSON.stringify(answer)}, and the model says ${JSON.stringify(outcome)}`)
    }
    const [wanted, found] = [pictureOfModel(model), await pictureOfCloud(cloud)]
    hold(
      isDeepStrictEqual(wanted, found),
      () => `After ${JSON.stringify(one)} the cloud isn’t what the model is:\n${difference(wanted, found)}`,
    )
  }
}

/** What time may bring to an end now or later: the model knows windows only. */
const findUnderWay = async (cloud: Simulated['cloud']): Promise<ReadonlySet<string>> =>
  new Set([
    ...(await cloud.instances.list({}))
      .filter(({ state, doing }) => state === 'pending' || state === 'stopping' || doing === 'reboot')
      .map(({ id }) => `instances ${id}`),
    ...(await cloud.images.list({})).filter(({ state }) => state === 'PENDING').map(({ id }) => `images ${id}`),
    ...(await cloud.storage_snapshots.list({})).filter(({ state }) => state === 'PENDING').map(({ id }) => `storage_snapshots ${id}`),
  ])

export const roundTripLaws: readonly Law[] = [
  law({
    id: 'T0',
    title: 'faithful frontend',
    says: 'For every recorded exchange our frontend, seeded with the resource, answers the same request with the same skeleton (paths, types, status, error code); those it doesn’t serve are listed.',
    family: 'round trip',
    sources: ['R'],
    once: true,
    missing: ({ subject }) =>
      subject.harness.roundTrip?.seedOf === undefined ? 'no frontend of its protocol can be seeded from a recording' : undefined,
    question: () => fc.constant(undefined),
    async check(cloud) {
      const { recorded } = cloud.abilities
      if (recorded?.compareFrontend === undefined) throw new Inconclusive('there is no frontend to be asked')
      const wrong = await recorded.compareFrontend()
      if (wrong === undefined) throw new Inconclusive('the frontend serves nothing of this recording')
      hold(wrong.length === 0, () => wrong.join('\n'))
    },
  }),
  law({
    id: 'T1',
    title: 'bisimulation',
    says: 'On a world of the driver’s personality, for its collections and features, the same commands give the same statuses and documents directly and through driver ∘ frontend, ids renamed, except for the attributes in the driver’s `lossy` table; the simulator itself is held to a model of its own.',
    family: 'round trip',
    sources: ['T'],
    remote: true,
    missing: setting => {
      const lossy = Object.keys(setting.subject.harness.roundTrip?.lossy ?? {})
      const wrong = lossy.filter(name => expectedByScenarios(setting).has(name))
      if (wrong.length > 0) throw new Error(`The lossy table of ${setting.subject.name} has ${wrong.join(', ')}, which scenarios expect`)
      return typeof setting.subject.harness.driver === 'function' && setting.subject.provider !== undefined
        ? 'the reference model is one of the default provider'
        : undefined
    },
    question: setting =>
      fc.record({
        history: commands(setting, { maxLength: 6 }),
        story: fc.option(stories(setting.offer), { nil: undefined, freq: 2 }),
        fault: fc.option(fc.constantFrom(...faults), { nil: undefined, freq: 3 }),
        told: typeof setting.subject.harness.driver === 'function' ? toldToModel() : fc.constant([]),
      }),
    // The simulator and its model are told other commands.
    targets: setting =>
      typeof setting.subject.harness.driver === 'function'
        ? []
        : livesOf(setting.offer).map(life =>
            fc.record({ history: life, story: fc.constant(undefined), fault: fc.constant(undefined), told: fc.constant([]) }),
          ),
    async check(cloud, { history, story, fault, told }) {
      if (cloud.abilities.simulator !== undefined) return compareWithModel(await cloud.abilities.simulator(), told)
      if (cloud.abilities.twin === undefined) throw new Inconclusive('there is nothing to compare with')
      const twin = await cloud.abilities.twin()
      const names = new Names()
      if (story !== undefined && story.length > 0) return tellBoth(cloud, twin, story, names)
      // The last command may meet an error of the cloud: it has to come out as what it went in.
      await followOnBoth(cloud, twin, fault === undefined ? history : history.slice(0, -1), names)
      if (fault !== undefined) {
        cloud.transcript.remark(`the cloud refuses everything from now on: ${fault}`)
        await cloud.abilities.refuse?.(fault)
        await twin.abilities.refuse?.(fault)
        await followOnBoth(cloud, twin, history.slice(-1), names)
        for (const collection of cloud.collections.filter(name => name !== 'hardware_profiles')) {
          const [own, direct] = [await askIndex(cloud, collection, 'json'), await askIndex(twin, collection, 'json')]
          hold(
            own.status === direct.status,
            () =>
              `With ${fault} the index of ${collection} is answered with ${own.status} through the driver, and with ${direct.status} directly`,
          )
        }
        return
      }
      await compareAll(cloud, twin, names)
    },
  }),
]
