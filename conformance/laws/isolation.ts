/** Law K2: what isn't one's own isn't seen, changed or answered, whoever asked before: other users, other regions, other providers, other worlds. */

import fc from 'fast-check'
import type { Answer } from '../client.ts'
import { type CloudUnderTest, type Elsewhere, hold, Inconclusive } from '../cloud-under-test.ts'
import { itemsAt, read, readIndex } from '../documents/read.ts'
import { anyCreation, type Command, commands, describe, follow, isPause } from '../generators/commands.ts'
import type { SentRequest } from '../traffic.ts'
import { askIndex, askResource, encodeSegment, pickNth } from './asking.ts'
import { type Law, law, type Setting } from './law.ts'

/** A resource that someone made. */
interface Made {
  readonly collection: string
  readonly id: string
}

type Texts = Readonly<Record<string, string>>

/** One user at one provider, and what they knew of it when they last looked. */
class Corner {
  readonly cloud: CloudUnderTest
  readonly user: string
  /** For people: `bob in the region eu-west-1`. */
  readonly name: string
  /** Which of the two clouds. */
  readonly place: number
  /** Collections in which the user's two corners have the same. */
  readonly shared: readonly string[]
  readonly made: Made[] = []
  /** Lists, as answered. */
  documents: Texts = {}
  /** What the simulator keeps. */
  records: Texts = {}
  private readonly looked: readonly string[]

  constructor(cloud: CloudUnderTest, place: number, { name, shared }: Pick<Elsewhere, 'name' | 'shared'>, looked: ReadonlySet<string>) {
    this.cloud = cloud
    this.user = cloud.credentials.user
    this.name = place === 0 ? this.user : `${this.user} in ${name}`
    this.place = place
    this.shared = shared
    this.looked = cloud.collections.filter(collection => looked.has(collection))
  }

  async read(): Promise<Texts> {
    const found: Record<string, string> = {}
    for (const collection of this.looked) {
      const answer = await askIndex(this.cloud, collection, 'json')
      readIndex(answer, collection)
      found[collection] = answer.text
    }
    return found
  }

  async readRecords(): Promise<Texts> {
    return (await this.cloud.abilities.accountRecords?.(this.user)) ?? {}
  }

  ids(collection: string): readonly string[] {
    return idsIn(this.documents, collection)
  }

  /** Whether another corner has the same of a collection. */
  shares(collection: string, other: Corner): boolean {
    return this.user === other.user && this.place !== other.place && this.shared.includes(collection)
  }
}

const idsIn = (documents: Texts, collection: string): readonly string[] =>
  itemsAt(JSON.parse(documents[collection] ?? '{}'), collection).map(item => read(item, 'id') ?? '')

/** Judges what providers are sent: in whose name, and where. */
class Watch {
  private readonly cloud: CloudUnderTest
  /** Who got a token, and where. */
  private readonly tokens = new Map<string, { readonly user: string; readonly origin: string }>()

  constructor(cloud: CloudUnderTest) {
    this.cloud = cloud
  }

  /** Nobody else asks meanwhile. */
  async during<T>(corner: Corner, task: () => Promise<T>): Promise<T> {
    const requests = this.cloud.abilities.traffic?.requests ?? []
    const from = requests.length
    const done = await task()
    for (const one of requests.slice(from)) this.judge(one, corner)
    return done
  }

  /** Of requests of several corners only what their tokens tell. */
  async duringAll<T>(task: () => Promise<T>): Promise<T> {
    const requests = this.cloud.abilities.traffic?.requests ?? []
    const from = requests.length
    const done = await task()
    for (const one of requests.slice(from)) {
      const owner = one.token === undefined ? undefined : this.tokens.get(one.token)
      if (owner !== undefined) holdOrigin(one, owner.origin)
    }
    return done
  }

  private judge(one: SentRequest, { cloud, user }: Corner): void {
    const { origin, region } = cloud.abilities
    if (origin !== undefined) holdOrigin(one, origin)
    const found = region?.of(one)
    hold(found === undefined || found === region?.name, () => `${one.operation} is asked in ${found}, and ${region?.name} was chosen`)
    if (one.token === undefined) return
    const owner = this.tokens.get(one.token) ?? { user, origin: one.origin }
    this.tokens.set(one.token, owner)
    hold(owner.user === user, () => `${one.operation} is asked with the token of another user`)
    hold(owner.origin === one.origin, () => `${one.operation} is asked with a token of ${owner.origin}`)
  }
}

const holdOrigin = (one: SentRequest, origin: string): void =>
  hold(one.origin === origin, () => `${one.operation} is asked of ${one.origin}, and the provider is at ${origin}`)

/** @param who did something since the corner looked last; absent where that may be any of the others */
const holdSame = (corner: Corner, before: Texts, now: Texts, who?: Corner): void => {
  for (const collection of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (corner.shared.includes(collection)) continue
    hold(before[collection] === now[collection], () => `What ${who?.name ?? 'another'} does is seen by ${corner.name}: ${collection}`)
  }
}

/** Makes things, and looks at what has become of one's own: no more and no less. */
const act = async (corner: Corner, others: readonly Corner[], watch: Watch, all: readonly Command[]): Promise<void> => {
  const { cloud } = corner
  const own = all.filter(command => !isPause(command) && hasCollection(cloud, command))
  await watch.during(corner, () =>
    follow(cloud, own, ({ command, answer, id }) => tell(corner, others, `${describe(command, id)} is answered with ${answer?.status}`)),
  )
  await cloud.abilities.settle?.()
  const before = corner.documents
  corner.documents = await watch.during(corner, () => corner.read())
  corner.records = await corner.readRecords()
  for (const collection of Object.keys(corner.documents))
    for (const id of corner.ids(collection)) if (!idsIn(before, collection).includes(id)) corner.made.push({ collection, id })
  await holdRecords(corner, others)
}

const hasCollection = ({ offer }: CloudUnderTest, command: Command): boolean =>
  'collection' in command && Object.hasOwn(offer.operations, command.collection)

/** Requests of others are in no transcript but their own. */
const tell = ({ name }: Corner, others: readonly Corner[], what: string): void => {
  for (const { cloud } of others) cloud.transcript.remark(`${name}: ${what}`)
}

/** In the simulator, nothing of others is changed. */
const holdRecords = async (who: Corner, others: readonly Corner[]): Promise<void> => {
  for (const other of others) {
    const now = await other.readRecords()
    const shared = (texts: Texts): Texts =>
      Object.fromEntries(Object.entries(texts).filter(([collection]) => !other.shares(collection, who)))
    const [before, after] = [shared(other.records), shared(now)]
    for (const collection of new Set([...Object.keys(before), ...Object.keys(after)]))
      hold(before[collection] === after[collection], () => `What ${who.name} does has changed ${collection} of ${other.name}`)
    other.records = now
  }
}

/** What can be asked of a resource without a parameter. */
const actions: Readonly<Record<string, readonly string[]>> = {
  instances: ['stop', 'start', 'reboot'],
  storage_volumes: ['detach'],
  addresses: ['disassociate'],
}

/** Someone asks for a resource of someone else, by its right id. */
const intrude = async (intruder: Corner, { collection, id }: Made, n: number, watch: Watch): Promise<void> => {
  const { cloud } = intruder
  const group = collection as keyof CloudUnderTest['offer']['operations']
  const path = `${cloud.root}/${collection}/${encodeSegment(id)}`
  const action = pickNth(
    (actions[collection] ?? []).filter(name => cloud.offers(group, name)),
    n,
  )
  const refused = (what: string, { status }: Answer): void =>
    hold(status === 404, () => `${intruder.name} is answered with ${status} to ${what} ${id} of ${collection}, which is another’s`)
  await watch.during(intruder, async () => {
    refused('showing', await askResource(cloud, collection, id, 'json'))
    if (action !== undefined) refused(action, await cloud.ask({ method: 'POST', target: `${path}/${action}?format=json` }))
    if (cloud.offers(group, 'destroy')) refused('destroying', await cloud.ask({ method: 'DELETE', target: `${path}?format=json` }))
  })
}

/** What is made of something else, which the parameter names. */
const references: Readonly<
  Record<string, { readonly makes: string; readonly parameter: string; readonly others?: Readonly<Record<string, string>> }>
> = {
  images: { makes: 'instances', parameter: 'image_id' },
  instances: { makes: 'images', parameter: 'instance_id' },
  storage_volumes: { makes: 'storage_snapshots', parameter: 'volume_id' },
  storage_snapshots: { makes: 'storage_volumes', parameter: 'snapshot_id', others: { capacity: '20' } },
  networks: { makes: 'subnets', parameter: 'network_id', others: { address_block: '10.77.1.0/24' } },
}

/** The id of something that isn't there, in the form of one that is. */
const idOfNobody = (id: string, taken: ReadonlySet<string>): string | undefined =>
  ['7', '8', '9', '6', '5'].map(digit => id.replace(/[0-9a-z](?=[^0-9a-z]*$)/i, digit)).find(one => one !== id && !taken.has(one))

/** Someone makes something of a resource of someone else: nothing tells that it's there. */
const refer = async (intruder: Corner, { collection, id }: Made, corners: readonly Corner[], watch: Watch): Promise<void> => {
  const { cloud } = intruder
  const { makes, parameter, others = {} } = references[collection] ?? { makes: '', parameter: '' }
  const none = idOfNobody(id, new Set(corners.flatMap(corner => corner.ids(collection))))
  if (none === undefined || !cloud.offers(makes as keyof CloudUnderTest['offer']['operations'], 'create')) return
  const ask = (named: string): Promise<Answer> =>
    cloud.ask({ target: `${cloud.root}/${makes}?format=json`, form: { ...others, [parameter]: named } })
  await watch.during(intruder, async () => {
    const [ofNobody, ofAnother] = [await ask(none), await ask(id)]
    hold(
      ofNobody.status === ofAnother.status,
      () =>
        `${intruder.name} is answered with ${ofAnother.status} to making ${makes} of ${id}, which is another’s, and with ${ofNobody.status} of what isn’t there`,
    )
  })
}

interface Question {
  /** Is made in several corners under the same name. */
  readonly same: Command | undefined
  readonly sameIn: readonly number[]
  readonly histories: readonly (readonly Command[])[]
  /** Which of the clouds beside this one. */
  readonly where: number
  /** Collections that are looked at although nothing is done in them. */
  readonly also: readonly number[]
  readonly order: readonly number[]
  readonly n: number
}

const question = (setting: Setting): fc.Arbitrary<Question> =>
  fc.record({
    same: anyCreation(setting.offer) ?? fc.constant(undefined),
    sameIn: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
    histories: fc.array(commands(setting, { maxLength: 1 }), { minLength: 4, maxLength: 4 }),
    // The first of three is a region, where the cloud has several, and comes twice as often.
    where: fc.nat(3),
    also: fc.array(fc.nat(20), { minLength: 2, maxLength: 2 }),
    // One user here and there, the other one, and the first again.
    order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    n: fc.nat(20),
  })

/** Two users in two clouds; in one, where there is no other. */
const openCorners = async (cloud: CloudUnderTest, { same, histories, where, also }: Question): Promise<readonly Corner[]> => {
  const { stranger, elsewhere = [] } = cloud.abilities
  if (stranger === undefined) throw new Inconclusive('there is no second account')
  const beside = pickNth(elsewhere, where) ?? { name: '', shared: [], open: undefined }
  const looked = new Set([
    ...[same, ...histories.flat()].flatMap(command => (command !== undefined && 'collection' in command ? [command.collection] : [])),
    ...also.flatMap(n => pickNth(cloud.collections, n) ?? []),
  ])
  if (beside.open !== undefined) cloud.transcript.remark(`beside this cloud: ${beside.name}`)
  const clouds = [cloud, ...(beside.open === undefined ? [] : [await beside.open()])]
  return [cloud.credentials, stranger].flatMap(credentials =>
    clouds.map((one, place) => new Corner(one.credentials === credentials ? one : one.as(credentials), place, beside, looked)),
  )
}

export const isolated: Law = law({
  id: 'K2',
  title: 'isolated',
  says: 'No account, region, provider or world ever sees or changes another’s resources, or answers for them; no provider is asked with the token of another user or provider, nor any but the one that was chosen.',
  family: 'concurrency',
  sources: ['T'],
  question,
  async check(cloud, asked) {
    const corners = await openCorners(cloud, asked)
    const watch = new Watch(cloud)
    const but = (corner: Corner): readonly Corner[] => corners.filter(other => other !== corner)
    for (const corner of corners) corner.documents = await watch.during(corner, () => corner.read())
    for (const corner of corners) corner.records = await corner.readRecords()

    const turns = asked.order.flatMap(n => corners[n] ?? [])
    const [first] = turns
    if (first === undefined) throw new TypeError('There is a corner at least')
    let last: Corner | undefined
    for (const corner of [...turns, first]) {
      holdSame(corner, corner.documents, await watch.during(corner, () => corner.read()), last)
      last = corner
      if (corner.made.length > 0) continue
      const at = corners.indexOf(corner)
      const same = asked.same !== undefined && asked.sameIn.includes(at) ? [asked.same] : []
      await act(corner, but(corner), watch, [...same, ...(asked.histories[at] ?? [])])
    }

    const makers = corners.filter(({ made }) => made.length > 0)
    if (makers.length === 0) throw new Inconclusive('nothing could be made')
    for (const [n, owner] of makers.entries()) {
      const made = pickNth(owner.made, asked.n + n)
      if (made === undefined) continue
      const { collection, id } = made
      const intruders = but(owner).filter(
        other =>
          other.cloud.collections.includes(collection) &&
          // One of the same name may be one's own, or one's own elsewhere.
          !corners.some(one => (one === other || other.shares(collection, one)) && one.ids(collection).includes(id)) &&
          !other.shares(collection, owner),
      )
      for (const intruder of intruders) await intrude(intruder, made, asked.n, watch)
      const intruder = pickNth(intruders, asked.n)
      if (intruder === undefined) continue
      await refer(intruder, made, corners, watch)
      await intruder.cloud.abilities.settle?.()
      intruder.documents = await watch.during(intruder, () => intruder.read())
      intruder.records = await intruder.readRecords()
      await holdRecords(intruder, but(intruder))
    }

    // What has the same name in two places goes in one of them.
    for (const { collection, id } of first.made)
      await watch.during(first, () =>
        first.cloud.ask({ method: 'DELETE', target: `${first.cloud.root}/${collection}/${encodeSegment(id)}?format=json` }),
      )
    await first.cloud.abilities.settle?.()
    first.documents = await watch.during(first, () => first.read())
    first.records = await first.readRecords()
    await holdRecords(first, but(first))

    // At the same time, too: what is kept for one isn’t for the other.
    const again = [...turns, first]
    const read = await watch.duringAll(() => Promise.all(again.map(corner => corner.read())))
    for (const [n, corner] of again.entries()) holdSame(corner, corner.documents, read[n] ?? {})
    await holdPasswords(corners)
  },
})

/** Someone's name opens nothing with the password of someone else, although both have just been here. */
const holdPasswords = async (corners: readonly Corner[]): Promise<void> => {
  // What can be made is asked of the provider; there is more that a driver may know by itself.
  const collection = corners.flatMap(({ made }) => made)[0]?.collection
  for (const { cloud, user } of corners) {
    const other = corners.find(one => one.user !== user)
    if (collection === undefined || other === undefined || !cloud.collections.includes(collection)) continue
    const { status } = await cloud.ask({
      target: `${cloud.root}/${collection}?format=json`,
      login: { user, password: other.cloud.credentials.password },
    })
    hold(status === 401, () => `${user} is answered with ${status} to the password of ${other.user}`)
  }
}
