/** Replays one file against a fresh server and judges every exchange. */

import { Aliases } from './aliases.ts'
import { compareAnswers } from './compare.ts'
import { missing } from './difference.ts'
import { type Answer, type Exchange, headerOf } from './exchange.ts'
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
  const world: World = { ...abilities, aliases: new Aliases(), inventory: new Inventory(), strays: new Map() }
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
  renumber(exchange, ours, world)
  const verdict = judge(compareAnswers(ours, { exchange, aliases: world.aliases }), ours, exchange, world, lists)
  const quirk = verdict.listed.find(({ difference }) => difference.at === 'status')?.rule.quirk
  const made = exchange.recorded.status >= 400 && ours.status < 300 && exchange.method === 'POST' ? locationOf(ours) : undefined
  if (quirk !== undefined && made !== undefined) world.strays.set(made, quirk)
  world.inventory.note(exchange)
  return verdict
}

const answerOf = async (exchange: Exchange, server: URL, world: World): Promise<Answer | string> => {
  try {
    return await play(server, exchange, world.aliases, world.strays.size > 0)
  } catch (error) {
    return `no answer: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Where ours made more than the original, what is counted has other numbers from there on: the new resource is known by ours. */
const renumber = ({ recorded }: Exchange, ours: Answer, { strays, aliases }: World): void => {
  const [theirs, own] = [locationOf(recorded), locationOf(ours)]
  if (theirs === undefined || own === undefined || theirs === own || headerOf(recorded.headers, 'location') === undefined) return
  const cut = (path: string) => path.lastIndexOf('/')
  const collection = own.slice(0, cut(own))
  if (
    recorded.status < 300 &&
    theirs.slice(0, cut(theirs)) === collection &&
    [...strays.keys()].some(path => path.startsWith(`${collection}/`))
  )
    aliases.bind(theirs.slice(cut(theirs) + 1), own.slice(cut(own) + 1))
}
