/** What the log of a world must be, whoever wrote it: no number missing or given twice, nothing made twice, every step from where the last one led. */

import type { Event } from '../src/mock-cloud/events.ts'
import type { World } from '../src/mock-cloud/world.ts'

/** All events of a world. */
export const historyOf = async (world: World): Promise<readonly Event[]> => {
  const all: Event[] = []
  for (;;) {
    const some = await world.store.events(world.name, { after: all.at(-1)?.seq ?? 0, limit: 1000 })
    if (some.length === 0) return all
    all.push(...some)
  }
}

/** What's known of a resource: nothing yet (an account is populated in one event), that it's there, or that it's gone. */
interface Known {
  readonly isThere: boolean
  /** Undefined also where no event told of it yet. */
  readonly state: string | undefined
}

/** What a history leaves: resources that are there by account, kind and id, with their states. */
export interface Outcome {
  readonly known: ReadonlyMap<string, Known>
  readonly wrong: readonly string[]
}

export const keyOf = (provider = '', account = '', kind = '', id = ''): string => [provider, account, kind, id].join(' ')

/** Plays a history that was never shortened. */
export const play = (events: readonly Event[]): Outcome => {
  const known = new Map<string, Known>()
  const ids = new Set<string>()
  const wrong: string[] = []
  for (const [i, event] of events.entries()) {
    const { seq, type, provider, account, kind, id, from, to, bucket } = event
    const complain = (what: string): void => {
      wrong.push(`${what}: ${JSON.stringify(event)}`)
    }
    if (seq !== i + 1) complain(`event ${i + 1} has another number`)
    if (type === 'populated') {
      const key = keyOf(provider, account)
      if (ids.has(key)) complain('an account is populated twice')
      ids.add(key)
    }
    if (kind === undefined || id === undefined) continue
    const key = keyOf(provider, account, kind, bucket === undefined ? id : `${bucket} ${id}`)
    const before = known.get(key)
    if (type === 'created') {
      if (before?.isThere) complain('something is made that is there')
      // An instance's id is its own for ever; names that clients choose may come again.
      if (kind === 'instances' && ids.has(key)) complain('an id is given twice')
      ids.add(key)
      known.set(key, { isThere: true, state: to })
    } else {
      if (before?.isThere === false) complain('something happens to what is gone')
      if (from !== undefined && before?.state !== undefined && before.state !== from)
        complain(`a step from where nothing was (${before.state})`)
      known.set(key, { isThere: type !== 'destroyed', state: to ?? before?.state })
    }
  }
  return { known, wrong }
}
