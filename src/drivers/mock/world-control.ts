/** The control of one world of the mock cloud. */

import { checkedScale, latestTime } from '../../mock-cloud/clock-state.ts'
import type { MockCloud } from '../../mock-cloud/cloud.ts'
import { type EventType, events, watch } from '../../mock-cloud/events.ts'
import { exportWorld } from '../../mock-cloud/export.ts'
import { startScenario, stopScenario } from '../../mock-cloud/faults/scenarios.ts'
import { fromShortForm } from '../../mock-cloud/faults/short-form.ts'
import type { Kind } from '../../mock-cloud/records.ts'
import { setTexture, textureSetting } from '../../mock-cloud/texture.ts'
import { advance, nextEvent, runToNext, runUntilSettled } from '../../mock-cloud/time.ts'
import type { World } from '../../mock-cloud/world.ts'
import { badRequest, notFound } from '../../model/errors.ts'
import type { Bytes } from '../../model/requests.ts'
import type {
  AccountDocument,
  ClockChange,
  ClockDocument,
  EventDocument,
  EventQuery,
  FaultDocument,
  FiredDocument,
  LimitsDocument,
  LimitUse,
  ResourceSummary,
  WorldControl,
  WorldDocument,
} from '../control.ts'
import { faultDocument } from './fault-documents.ts'
import { inRange } from './ranges.ts'

export class MockWorldControl implements WorldControl {
  private readonly cloud: MockCloud
  private readonly world: World

  constructor(cloud: MockCloud, world: World) {
    this.cloud = cloud
    this.world = world
  }

  get name(): string {
    return this.world.name
  }

  async describe(): Promise<WorldDocument> {
    const { name, seed } = this.world
    return { name, seed, clock: await this.clock(), events: await this.lastEvent(), faults: this.world.rules.list().length }
  }

  revision(): string {
    const { settings } = this.world
    let number = revisions.get(settings)
    if (number === undefined) {
      number = ++lastRevision
      revisions.set(settings, number)
    }
    return String(number)
  }

  async reset(): Promise<void> {
    await this.cloud.resetWorld(this.name)
  }

  async clock(): Promise<ClockDocument> {
    const { mode, scale, now } = this.world.clock.read()
    const next = await nextEvent(this.world)
    return {
      mode,
      scale,
      now,
      time: new Date(now).toISOString(),
      ...(now === latestTime ? { ended: true } : {}),
      ...(next === undefined ? {} : { next: next.at }),
    }
  }

  async setClock({ mode, scale, now }: ClockChange): Promise<ClockDocument> {
    const { clock } = this.world
    await inRange(async () => {
      // A change is made as a whole or not at all.
      if (scale !== undefined) checkedScale(scale)
      if (now !== undefined) await clock.set(now)
      if (mode === 'manual') await clock.freeze()
      else if (scale !== undefined) await clock.setScale(scale)
      else if (mode === 'system') await clock.setScale(1)
      else if (mode === 'scaled') await clock.run()
    })
    return this.settled()
  }

  async advance(milliseconds: number): Promise<ClockDocument> {
    await inRange(() => advance(this.world, milliseconds))
    return this.clock()
  }

  async runToNext(): Promise<ClockDocument> {
    await runToNext(this.world)
    return this.clock()
  }

  async runUntilSettled(limit: number | undefined): Promise<ClockDocument & { readonly settled: boolean }> {
    const { settled } = await inRange(() => runUntilSettled(this.world, limit === undefined ? {} : { limit }))
    return { ...(await this.clock()), settled }
  }

  async faults(): Promise<readonly FaultDocument[]> {
    return this.world.rules.list().map(faultDocument)
  }

  async addFaults(rules: unknown): Promise<readonly FaultDocument[]> {
    return this.among(await this.world.rules.add(typeof rules === 'string' ? longForm(rules) : rules))
  }

  async removeFault(id: string): Promise<void> {
    if ((await this.world.rules.remove(rule => rule.id === id)) === 0) throw notFound(`There is no fault rule '${id}'`)
  }

  async removeFaults(): Promise<void> {
    await this.world.rules.remove(() => true)
  }

  async fired(after: number): Promise<readonly FiredDocument[]> {
    return this.world.rules.fired(after)
  }

  async startScenario(name: string, parameters: Readonly<Record<string, unknown>>): Promise<readonly FaultDocument[]> {
    return this.among(await startScenario(this.world, name, parameters))
  }

  async stopScenario(name: string): Promise<void> {
    await stopScenario(this.world, name)
  }

  async limits(): Promise<LimitsDocument> {
    const { world } = this
    const use: LimitUse[] = []
    for (const { provider, account } of await world.store.accounts(this.name)) {
      const { quotas, realms } = await world.limits.usage(provider, account)
      for (const quota of quotas) use.push({ provider, account, ...quota })
      for (const { id: realm, instances, cpus } of realms)
        use.push({ provider, account, realm, name: 'instances', ...instances }, { provider, account, realm, name: 'cpus', ...cpus })
    }
    return { limits: world.limits.setting, use }
  }

  async setLimits(limits: unknown): Promise<LimitsDocument> {
    await this.world.limits.set(limits)
    return this.limits()
  }

  async setQuotas(quotas: Readonly<Record<string, number | null>>): Promise<LimitsDocument> {
    await this.world.limits.setQuotas(quotas)
    return this.limits()
  }

  snapshot(): Bytes {
    return this.cloud.snapshot(this.name)
  }

  export(contents: boolean): Promise<object> {
    return exportWorld(this.world, { contents })
  }

  async seed(data: unknown): Promise<void> {
    const { seed } = await import('../../mock-cloud/seeds.ts')
    await seed(this.world, data)
  }

  async texture(): Promise<object> {
    return textureSetting(this.world.settings)
  }

  async setTexture(texture: unknown): Promise<object> {
    await setTexture(this.world, texture)
    return this.texture()
  }

  events(query: EventQuery): Promise<readonly EventDocument[]> {
    const { type, ...others } = query
    if (type === undefined) return events(this.world, others)
    const known = eventTypes.find(one => one === type)
    return known === undefined ? Promise.resolve([]) : events(this.world, { ...others, type: known })
  }

  lastEvent(): Promise<number> {
    return this.world.store.lastEvent(this.name)
  }

  watch(after: number, signal: AbortSignal): AsyncIterable<EventDocument> {
    return watch(this.world, after, signal)
  }

  async accounts(rows: number): Promise<readonly AccountDocument[]> {
    const { world } = this
    const found: AccountDocument[] = []
    for (const { provider, account } of await world.store.accounts(this.name)) {
      const lists = await world.tenant(provider, account).read(async ({ tx }) => {
        const all: (readonly Listed[])[] = []
        for (const kind of listed) all.push(await tx.list(kind))
        return all
      })
      const collections = lists.flatMap((list, i) => {
        const name = listed[i]
        const resources = rows === 0 ? [] : list.slice(-rows).reverse().map(summaryOf)
        return name === undefined || list.length === 0 ? [] : [{ name, count: list.length, resources }]
      })
      found.push({ provider, account, collections })
    }
    return found
  }

  /** Rules that were just added, as they are shown. */
  private async among(added: readonly { readonly id: string }[]): Promise<readonly FaultDocument[]> {
    return (await this.faults()).filter(({ id }) => added.some(rule => rule.id === id))
  }

  private async settled(): Promise<ClockDocument> {
    await this.world.settle()
    return this.clock()
  }
}

/** Settings are the same object for as long as nothing of them changes. */
const revisions = new WeakMap<object, number>()
let lastRevision = 0

/** @throws CloudError `bad-request` */
const longForm = (text: string): object => {
  try {
    return fromShortForm(text)
  } catch (error) {
    throw badRequest(`The rule ${error instanceof Error ? error.message : String(error)}`)
  }
}

const eventTypes: readonly EventType[] = ['created', 'changed', 'destroyed', 'populated', 'seeded', 'restored', 'forked', 'reset']

/** Collections in the order in which one thinks of them. */
const listed = [
  'instances',
  'images',
  'keys',
  'storage_volumes',
  'storage_snapshots',
  'buckets',
  'addresses',
  'firewalls',
  'load_balancers',
  'networks',
  'subnets',
  'network_interfaces',
] as const satisfies readonly Kind[]

/** What of a resource is told in short, where it has that. */
interface Listed {
  readonly id: string
  readonly name?: string
  readonly state?: string
  readonly realmId?: string
}

const summaryOf = ({ id, name, state, realmId }: Listed): ResourceSummary => ({
  id,
  ...(name === undefined || name === id ? {} : { name }),
  ...(state === undefined ? {} : { state }),
  ...(realmId === undefined ? {} : { realm: realmId }),
})
