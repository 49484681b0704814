/** Part of T1: a story is told to both sides, which have to answer and show the same. */

import { CloudError } from '../../src/model/errors.ts'
import type { RuleRequest } from '../../src/model/requests.ts'
import { type CloudUnderTest, hold, Inconclusive } from '../cloud-under-test.ts'
import { type Item, itemsAt, read, readResource } from '../documents/read.ts'
import type { Command, Inventory, Known, Value } from '../generators/commands.ts'
import type { Fits } from '../generators/preconditions.ts'
import type { Step, Story } from '../generators/stories.ts'

/** Numbers below zero mean what was made meanwhile: -1 the first of its collection, and nothing where its making was refused. */
export class WithMade implements Known {
  private readonly inner: Inventory
  private readonly made = new Map<string, (string | undefined)[]>()

  constructor(inner: Inventory) {
    this.inner = inner
  }

  note(collection: string, id: string | undefined): void {
    this.made.set(collection, [...(this.made.get(collection) ?? []), id])
  }

  async at(collection: string, n: number, fits?: Fits): Promise<string | undefined> {
    return n < 0 ? this.made.get(collection)?.[-1 - n] : this.inner.at(collection, n, fits)
  }

  items(collection: string): Promise<readonly Item[]> {
    return this.inner.items(collection)
  }

  noteMade(collection: string, id: string): void {
    this.inner.noteMade(collection, id)
  }

  forget(): void {
    this.inner.forget()
  }
}

/** Both sides, and what T1 has to tell them. */
export interface Both {
  readonly cloud: CloudUnderTest
  readonly twin: CloudUnderTest
  /** Resources of the direct side. */
  readonly directly: WithMade
  /** The id that one of the direct side has through the driver. */
  readonly own: (direct: string) => string
  readonly follow: (command: Command) => Promise<void>
  readonly compare: (collection: string) => Promise<void>
}

export const followStory = async (both: Both, story: Story): Promise<void> => {
  for (const step of story) await take(both, step)
}

const take = async (both: Both, step: Step): Promise<void> => {
  switch (step.op) {
    case 'compare':
      for (const collection of step.collections.filter(name => both.cloud.collections.includes(name))) await both.compare(collection)
      return
    case 'removeRule':
      return removeRule(both, step)
    case 'makeRule':
      return makeRule(both, step)
    default:
      return both.follow(step)
  }
}

const resolve = async (both: Both, value: Value): Promise<string | undefined> =>
  typeof value === 'string' ? value : both.directly.at(value.collection, value.n)

/** A rule of either side, as the API shows it. */
interface ShownRule {
  readonly id: string
  readonly about: string
  readonly sources: readonly string[]
}

const rulesOf = async (cloud: CloudUnderTest, firewall: string): Promise<readonly ShownRule[]> => {
  const answer = await cloud.ask(`${cloud.root}/firewalls/${encodeURIComponent(firewall)}?format=json`)
  hold(answer.status === 200, () => `The firewall ${firewall} is answered with ${answer.status}`)
  return itemsAt(readResource(answer), 'rules').map(rule => ({
    id: read(rule, 'id') ?? '',
    about: ['allow_protocol', 'port_from', 'port_to', 'direction'].map(name => read(rule, name)).join(),
    sources: itemsAt(rule, 'sources').map(source => ['type', 'name', 'address', 'prefix'].map(name => read(source, name)).join()),
  }))
}

/** Removes a rule on both sides; where the provider has a rule for each source, those of them all. */
const removeRule = async (both: Both, { firewall, n }: Step & { readonly op: 'removeRule' }): Promise<void> => {
  const id = await resolve(both, firewall)
  if (id === undefined) return
  const rules = await rulesOf(both.twin, id)
  const chosen = rules[n % Math.max(1, rules.length)]
  if (chosen === undefined) return
  const own = (await rulesOf(both.cloud, both.own(id))).filter(
    ({ about, sources }) =>
      sources.every(source => chosen.sources.includes(source)) &&
      // A provider without networks lets a group in whatever the port.
      (about === chosen.about || sources.every(source => source.startsWith('group,'))),
  )
  hold(own.length > 0, () => `The rule ${chosen.about} of ${chosen.sources.join('; ')} is there directly, and not through the driver`)
  for (const [cloud, at, all] of [
    [both.twin, id, [chosen]],
    [both.cloud, both.own(id), own],
  ] as const) {
    for (const rule of all) {
      const target = `${cloud.root}/firewalls/${encodeURIComponent(at)}/${encodeURIComponent(rule.id)}?format=json`
      const { status } = await cloud.ask({ method: 'DELETE', target })
      hold(status < 300, () => `Removing the rule ${rule.id} of ${at} is answered with ${status}`)
    }
  }
  both.directly.forget()
}

const makeRule = async (both: Both, { firewall, rule }: Step & { readonly op: 'makeRule' }): Promise<void> => {
  const id = await resolve(both, firewall)
  if (id === undefined) return
  const [direct, own] = [await attempt(both.twin, id, rule), await attempt(both.cloud, both.own(id), rule)]
  hold(
    direct === own,
    () => `A rule for ${rule.direction} comes to “${own ?? 'made'}” through the driver, and to “${direct ?? 'made'}” directly`,
  )
  both.directly.forget()
}

/** The kind of error that it’s refused with. */
const attempt = async (cloud: CloudUnderTest, id: string, rule: RuleRequest): Promise<string | undefined> => {
  if (cloud.abilities.operate === undefined) throw new Inconclusive('the driver’s operations can’t be reached here')
  return cloud.abilities.operate(async ({ firewalls }) => {
    try {
      await firewalls?.createRule?.(id, rule)
      return undefined
    } catch (error) {
      if (error instanceof CloudError) return error.kind
      throw error
    }
  })
}
