/** The fault rules of a world, as they are kept with it: asked before each call, and changed by whoever controls it. */

import { badRequest } from '../../model/errors.ts'
import { Draws } from '../draw.ts'
import type { Call, Rules, Verdict } from '../rules.ts'
import type { Settings, WorldState } from '../store/store.ts'
import { textureOf } from '../texture.ts'
import type { World } from '../world.ts'
import { isSpent, judge, tallyOf } from './judging.ts'
import { fitting } from './matching.ts'
import { type Firing, noTallies, type Rule, type Tallies } from './rules.ts'

const rulesOwner = 'faults'
const talliesOwner = 'firings'

/** A rule with how often it was counted on, and how often it fired. */
export interface CountedRule extends Rule {
  readonly calls: number
  readonly fired: number
}

export class FaultBook implements Rules {
  private readonly world: World

  constructor(world: World) {
    this.world = world
  }

  get isEmpty(): boolean {
    return rulesIn(this.world.settings).length === 0
  }

  async before(call: Call): Promise<Verdict | undefined> {
    const { world } = this
    const { provider, account, collection, operation } = call
    const now = world.now()
    const { settings } = world
    const rules = await fitting(rulesIn(settings), call, now)
    if (rules.every(rule => isSpent(rule, tallyOf(talliesIn(settings), rule, provider, account)))) return undefined
    const facts = {
      provider,
      account,
      operation: `${collection}.${operation}`,
      id: call.bucket === undefined ? call.id : [call.bucket, ...(call.id === undefined ? [] : [call.id])].join('/'),
      now,
      draws: new Draws(world.seed, world.origin, provider, account),
    }
    let verdict: Verdict | undefined
    await world.store.change(world.name, state => {
      // Another server may have removed one since.
      const there = rules.filter(({ id }) => rulesIn(state.settings).some(rule => rule.id === id))
      const before = talliesIn(state.settings)
      const boot = textureOf({ world: state }, world.personality(provider)).latencies.boot
      const judged = judge(there, before, { ...facts, boot })
      verdict = judged.verdict
      return judged.tallies === before ? {} : { settings: { ...state.settings, [talliesOwner]: judged.tallies } }
    })
    return verdict
  }

  list(): readonly CountedRule[] {
    const { settings } = this.world
    const { counts } = talliesIn(settings)
    return rulesIn(settings).map(rule => {
      const tallies = Object.values(counts[rule.id] ?? {})
      return { ...rule, calls: sum(tallies.map(({ calls }) => calls)), fired: sum(tallies.map(({ fired }) => fired)) }
    })
  }

  /** What fired lately, oldest first. @param after those behind this number only. */
  fired(after = 0): readonly Firing[] {
    return talliesIn(this.world.settings).log.filter(({ seq }) => seq > after)
  }

  /**
   * Adds rules as somebody wrote them, all or none. One whose id is there takes that one's place, and keeps its counts where it's the same.
   * @returns them as they are kept.
   * @throws CloudError `bad-request` that says where and what is wrong.
   */
  async add(input: unknown, marks: Pick<Rule, 'scenario' | 'atStart'> = {}, what = 'rules'): Promise<readonly Rule[]> {
    const { parseRules } = await import('./schema.ts')
    const checked = parseRules(input, this.world.now(), what)
    let added: readonly Rule[] = []
    await this.change((rules, tallies) => {
      const [kept, counts] = [new Map(rules.map(rule => [rule.id, rule])), { ...tallies.counts }]
      added = checked.map(rule => {
        const made: Rule = { ...rule, ...marks, id: rule.id ?? freeId(kept) }
        if (JSON.stringify(kept.get(made.id)) !== JSON.stringify(made)) delete counts[made.id]
        kept.set(made.id, made)
        return made
      })
      if (kept.size > mostRules) throw badRequest(`A world can have ${mostRules} fault rules, and not ${kept.size}`)
      return { rules: [...kept.values()], tallies: { ...tallies, counts } }
    })
    return added
  }

  /** @returns how many went. */
  async remove(which: (rule: Rule) => boolean): Promise<number> {
    let removed = 0
    await this.change((rules, tallies) => {
      const stay = rules.filter(rule => !which(rule))
      removed = rules.length - stay.length
      const counts = Object.fromEntries(Object.entries(tallies.counts).filter(([id]) => stay.some(rule => rule.id === id)))
      return { rules: stay, tallies: { ...tallies, counts } }
    })
    return removed
  }

  /** Counts from the beginning again, as in a world where nothing has happened yet. */
  async forget(): Promise<void> {
    if (talliesIn(this.world.settings) !== noTallies) await this.world.set(talliesOwner, undefined)
  }

  private change(change: (rules: readonly Rule[], tallies: Tallies) => { rules: readonly Rule[]; tallies: Tallies }): Promise<void> {
    return this.world.store.change(this.world.name, ({ settings }: WorldState) => {
      const { rules, tallies } = change(rulesIn(settings), talliesIn(settings))
      return { settings: { ...settings, [rulesOwner]: rules, [talliesOwner]: tallies } }
    })
  }
}

const mostRules = 1000

const none: readonly Rule[] = []

/** What is kept was checked when it was added. */
const rulesIn = (settings: Settings): readonly Rule[] => (settings[rulesOwner] as readonly Rule[] | undefined) ?? none

const talliesIn = (settings: Settings): Tallies => (settings[talliesOwner] as Tallies | undefined) ?? noTallies

const freeId = (taken: ReadonlyMap<string, Rule>): string => {
  let number = taken.size + 1
  while (taken.has(`rule-${number}`)) number++
  return `rule-${number}`
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)
