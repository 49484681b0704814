/**
 * Late reads: for a while, what was created, changed or destroyed is seen as it was before.
 * Reading decides nothing of it: whether a change is seen late, and until when, is drawn when it happens.
 */

import type { Page } from '../model/requests.ts'
import type { Resource } from '../model/resources.ts'
import { drawn } from './latency.ts'
import type { Echo, Kind, Shown } from './records.ts'
import type { Reading } from './store/store.ts'
import type { Look, Turn } from './tenant.ts'
import { textureOf } from './texture.ts'

/** Keeps what a change replaces, where it's to be seen for longer. @param was undefined where there was none. */
export const remember = async ({ tx, now, draws, personality }: Turn, kind: Kind, id: string, was: Resource | undefined): Promise<void> => {
  const { share, delay } = textureOf(tx, personality).staleness
  if (share === 0 || draws.fraction(kind, id, 'staleness', now) >= share) return
  const until = now + drawn(delay, n => draws.fraction(kind, id, 'staleness', now, n))
  if (until === now) return
  const known = await tx.get('echoes', keyOf(kind, id))
  // Of several changes in a row, the state before all of them is seen until the last has come through.
  const shown = known?.shown ?? { id: keyOf(kind, id), kind, of: id, ...(was === undefined ? {} : { was }) }
  await tx.put('echoes', { shown, kept: {}, due: Math.max(until, known?.due ?? 0) })
}

/** What an operation that only looks has in hand: an account as it's seen where reads are late. */
export const late = (look: Look): Look => {
  const { share, everywhere } = textureOf(look.tx, look.personality).staleness
  return share === 0 ? look : { ...look, tx: lateReading(look.tx, everywhere) }
}

const lateReading = (tx: Reading, everywhere: boolean): Reading => ({
  world: tx.world,
  reached: tx.reached,
  blobs: tx.blobs,
  isKnown: () => tx.isKnown(),
  isDue: now => tx.isDue(now),
  get: (kind, id) => tx.get(kind, id),
  number: name => tx.number(name),
  annotations: (kind, id) => tx.annotations(kind, id),
  allAnnotations: kind => tx.allAnnotations(kind),
  annotated: (kind, key, value) => tx.annotated(kind, key, value),
  async show<K extends Kind>(kind: K, id: string): Promise<Shown<K> | undefined> {
    const echo = everywhere ? await tx.show('echoes', keyOf(kind, id)) : undefined
    return echo !== undefined && isOf(echo, kind) ? echo.was : tx.show(kind, id)
  },
  async list<K extends Kind>(kind: K): Promise<Shown<K>[]> {
    const echoes = await echoesOf(tx, kind)
    const items = await tx.list(kind)
    return echoes.length === 0 ? items : [...asBefore(items, echoes), ...(await gone(tx, kind, echoes))]
  },
  async page<K extends Kind>(kind: K, page: { readonly after?: string; readonly limit: number }): Promise<Page<Shown<K>>> {
    const echoes = await echoesOf(tx, kind)
    if (echoes.length === 0 && page.after?.startsWith(behindAll) !== true) return tx.page(kind, page)
    const old = await gone(tx, kind, echoes)
    if (page.after?.startsWith(behindAll)) return stretch([], old, Number(page.after.slice(behindAll.length)), page.limit)
    const { items, next } = await tx.page(kind, page)
    const seen = asBefore(items, echoes)
    return next === undefined ? stretch(seen, old, 0, page.limit) : { items: seen, next }
  },
})

/** Of a kind. What is gone stands behind all that is there. */
interface EchoOf<K extends Kind> extends Echo {
  readonly kind: K
  readonly was?: Shown<K>
}

const keyOf = (kind: Kind, id: string): string => `${kind} ${id}`

const isOf = <K extends Kind>(echo: Echo, kind: K): echo is EchoOf<K> => echo.kind === kind

const echoesOf = async <K extends Kind>(tx: Reading, kind: K): Promise<readonly EchoOf<K>[]> =>
  (await tx.list('echoes')).filter(echo => isOf(echo, kind))

/** Resources that are there, as late reads see them. */
const asBefore = <K extends Kind>(items: readonly Shown<K>[], echoes: readonly EchoOf<K>[]): Shown<K>[] => {
  const byId = new Map(echoes.map(echo => [echo.of, echo]))
  return items.flatMap(item => {
    const echo = byId.get(item.id)
    return echo === undefined ? [item] : echo.was === undefined ? [] : [echo.was]
  })
}

/** Resources that aren't there any more, as late reads still see them. */
const gone = async <K extends Kind>(tx: Reading, kind: K, echoes: readonly EchoOf<K>[]): Promise<Shown<K>[]> => {
  const found: Shown<K>[] = []
  for (const { of, was } of echoes) if (was !== undefined && (await tx.show(kind, of)) === undefined) found.push(was)
  return found
}

/** How a part of a list is named that begins among what is gone. */
const behindAll = 'gone:'

/** A part of a list that ends with what is gone. @param from how much of that was in the parts before. */
const stretch = <T>(first: readonly T[], old: readonly T[], from: number, limit: number): Page<T> => {
  const end = from + Math.max(0, limit - first.length)
  return { items: [...first, ...old.slice(from, end)], ...(end < old.length ? { next: `${behindAll}${end}` } : {}) }
}
