/** Replays one file against a fresh server and judges every exchange. */

import { Aliases } from './aliases.ts'
import { compareAnswers } from './compare.ts'
import { missing } from './difference.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { Capture } from './har.ts'
import { locationOf } from './instead.ts'
import { type Pending, pendingFor } from './pending.ts'
import { play } from './player.ts'
import { judge, type Lists, type Verdict } from './rules.ts'
import { Inventory, type World } from './world.ts'

export interface Judged {
  readonly exchange: Exchange
  /** What the exchange waits for; then it wasn't sent. */
  readonly pending: string | undefined
  readonly verdict: Verdict
}

export type Abilities = Pick<World, 'drivers' | 'frontends' | 'graphviz'>

/** The server must be a fresh one: exchanges of a file depend on each other, and on nothing else. */
export const replay = async (
  capture: Capture,
  server: URL,
  abilities: Abilities,
  lists: Lists & { readonly pending: Pending },
): Promise<Judged[]> => {
  const world: World = { ...abilities, aliases: new Aliases(), inventory: new Inventory(), strays: new Set(), overwritten: new Set() }
  // What another frontend changes, all of its file sees.
  const frontend = capture.exchanges.map(exchange => pendingFor(lists.pending, exchange)).find(reason => reason?.startsWith('frontend'))
  const judged: Judged[] = []
  for (const exchange of capture.exchanges) {
    const waits = frontend ?? pendingFor(lists.pending, exchange)
    const verdict = waits === undefined ? await judgeOne(exchange, server, world, lists) : { listed: [], added: [], unlisted: [] }
    judged.push({ exchange, pending: waits, verdict })
  }
  return judged
}

const judgeOne = async (exchange: Exchange, server: URL, world: World, lists: Lists): Promise<Verdict> => {
  const ours = await answerOf(exchange, server, world)
  if (typeof ours === 'string') return { listed: [], added: [], unlisted: [missing('status', ours)] }
  world.aliases.learn(exchange)
  identify(exchange, ours, world)
  const verdict = judge(compareAnswers(ours, { exchange, aliases: world.aliases }), ours, exchange, world, lists)
  world.inventory.note(exchange)
  if (verdict.listed.some(({ difference }) => difference.at === 'status')) remember(exchange, ours, world)
  return verdict
}

/** Where ours does another thing than the original, by a rule, the two clouds differ from there on. */
const remember = ({ verb, path, form, recorded }: Exchange, ours: Answer, { inventory, strays, overwritten }: World): void => {
  const made = locationOf(ours)
  if (recorded.status >= 400 && ours.status < 300 && made !== undefined && !inventory.has(made)) strays.add(made)
  if (ours.status === 409 && recorded.status < 400 && verb === 'DELETE') strays.add(path)
  if (ours.status === 409 && verb === 'POST' && inventory.has(`${path}/${form.get('name')}`)) overwritten.add(`${path}/${form.get('name')}`)
}

const answerOf = async (exchange: Exchange, server: URL, world: World): Promise<Answer | string> => {
  try {
    return await play(server, exchange, world.aliases, world.strays.size > 0)
  } catch (error) {
    return `no answer: ${error instanceof Error ? error.message : String(error)}`
  }
}

/**
 * A new resource is known by our id from the start, where the original's is made from the clock. It is also where ours had made more than the
 * original before, so that what is counted has other numbers from there on.
 */
const identify = ({ recorded }: Exchange, ours: Answer, { strays, aliases }: World): void => {
  const [theirs, own] = [locationOf(recorded), locationOf(ours)].map(path => path?.split('/') ?? [])
  const [word, id] = [theirs?.pop(), own?.pop()]
  if (word === undefined || id === undefined || recorded.status >= 400 || theirs?.join('/') !== own?.join('/')) return
  const shifted = word !== id && [...strays].some(path => path.startsWith(`${own?.join('/')}/`))
  if (aliases.knows(word) || shifted) aliases.bind(word, id)
}
