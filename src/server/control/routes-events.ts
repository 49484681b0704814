/** The log of a world: in pages, and as it happens. */

import type { EventDocument } from '../../drivers/control.ts'
import { HttpError } from '../errors.ts'
import { type ControlRequest, type ControlRoute, numberOf, type QueryParameter } from './route.ts'
import { eventStream } from './stream.ts'

const filters: readonly QueryParameter[] = [
  { name: 'type', kind: 'text', doc: 'created, changed, destroyed, populated, seeded, restored, forked or reset' },
  { name: 'account', kind: 'text', doc: 'Whose resource it is' },
  { name: 'kind', kind: 'text', doc: 'The collection' },
  { name: 'id', kind: 'text', doc: 'Of the resource' },
  { name: 'text', kind: 'text', doc: 'What the event holds somewhere, in any case' },
]

const after: QueryParameter = { name: 'after', kind: 'number', doc: 'Only events behind this number' }

export const eventRoutes: readonly ControlRoute[] = [
  {
    name: 'events',
    tag: 'events',
    method: 'GET',
    path: ['events'],
    doc: 'What happened, oldest first; with `Accept: text/event-stream` as `events/stream` gives it',
    query: [after, { name: 'limit', kind: 'number', doc: 'How many at most; 100 by default, 10000 at most' }, ...filters],
    async run(request) {
      const { wire, world, query } = request
      if (/^\s*text\/event-stream\b/i.test(wire.header('accept') ?? '')) return stream(request)
      const limit = Math.min(numberOf(query, 'limit') ?? 100, longestPage)
      const events = limit === 0 ? [] : await world.events({ ...wanted(query), after: numberOf(query, 'after') ?? 0, limit })
      return { document: { events, last: await world.lastEvent() } }
    },
  },
  {
    name: 'events_stream',
    tag: 'events',
    method: 'GET',
    path: ['events', 'stream'],
    doc: 'Server-sent events: each as it happens. `Last-Event-ID` or `after` says where to go on; without either it begins now',
    query: [after, ...filters],
    gives: 'events',
    run: request => stream(request),
  },
]

const longestPage = 10_000

type Filter = Partial<Record<'type' | 'account' | 'kind' | 'id' | 'text', string>>

const wanted = (query: ControlRequest['query']): Filter =>
  Object.fromEntries(filters.flatMap(({ name }) => (query.get(name) ? [[name, query.get(name)]] : [])))

const stream = async ({ wire, world, query, over, closing }: ControlRequest) => {
  const last = await world.lastEvent()
  const seen = wire.header('last-event-id')
  if (seen !== undefined && !/^\d{0,15}$/.test(seen))
    throw new HttpError(400, `Last-Event-ID must be the number of an event, and not '${seen}'`)
  const from = seen === undefined || seen === '' ? numberOf(query, 'after') : Number(seen)
  // Who has seen more than there is has seen another log: of a server that was started anew.
  const after = Math.min(from ?? last, last)
  return { response: eventStream(world, { after, wants: matching(wanted(query)), over, closing }) }
}

const matching = ({ text, ...equal }: Filter): ((event: EventDocument) => boolean) => {
  const searched = text?.toLowerCase()
  const fields = Object.entries(equal)
  return event =>
    fields.every(([name, value]) => event[name as keyof EventDocument] === value) &&
    (searched === undefined || JSON.stringify(event).toLowerCase().includes(searched))
}
