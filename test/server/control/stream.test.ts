/** The log as server-sent events: from where a client left off, as it happens, and to an end. */

import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import type { EventDocument, WorldControl } from '../../../src/drivers/control.ts'
import { eventStream } from '../../../src/server/control/stream.ts'
import { controlled, launch } from './support.ts'

/** Reads a stream, event by event. */
const listen = async (url: string, headers: Record<string, string> = {}) => {
  const stop = new AbortController()
  const response = await fetch(url, { headers, signal: stop.signal })
  const source = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  /** The next block of lines; undefined at the end. */
  const block = async (): Promise<string | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const found = text.slice(0, end)
        text = text.slice(end + 2)
        return found
      }
      const step = await source?.read()
      if (step === undefined || step.done) return undefined
      text += step.value
    }
  }
  const next = async (): Promise<{ id: number; event: EventDocument } | undefined> => {
    for (let found = await block(); found !== undefined; found = await block()) {
      const [, id] = /^id: (\d+)$/m.exec(found) ?? []
      const [, data] = /^data: (.*)$/m.exec(found) ?? []
      if (id !== undefined && data !== undefined) return { id: Number(id), event: JSON.parse(data) }
    }
    return undefined
  }
  return { response, block, next, stop: () => stop.abort() }
}

t.test('a client goes on where it left off, and hears what happens from then on', async t => {
  const server = await controlled()
  t.teardown(server.close)
  await launch(server, 'one')
  const first = await listen(`${server.url}/_mock/events/stream`, { 'Last-Event-ID': '1' })
  t.teardown(first.stop)
  t.equal(first.response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  t.match(await first.block(), /^retry: \d+/)
  t.match(await first.next(), { id: 2, event: { seq: 2, type: 'created', kind: 'instances' } })

  const heard = first.next()
  await server.control('POST', '/clock/next')
  t.match(await heard, { id: 3, event: { seq: 3, from: 'pending', to: 'running' } })
})

t.test('a client that says nothing of where it is hears what comes', async t => {
  const server = await controlled()
  t.teardown(server.close)
  await launch(server, 'before')
  const stream = await listen(`${server.url}/_mock/events`, { Accept: 'text/event-stream' })
  t.teardown(stream.stop)
  await stream.block()
  await launch(server, 'after')
  t.match(await stream.next(), { id: 3, event: { type: 'created' } })
})

t.test('one that has seen more than there is has seen another log, and hears what comes', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const stream = await listen(`${server.url}/_mock/events/stream`, { 'Last-Event-ID': '100000' })
  t.teardown(stream.stop)
  await stream.block()
  await launch(server, 'new')
  t.match(await stream.next(), { id: 1, event: { type: 'populated' } })
})

t.test('a stream tells of its own world only, and of what is asked for', async t => {
  const server = await controlled()
  t.teardown(server.close)
  await server.control('POST', '/worlds', { name: 'other', clock: { mode: 'manual' } })
  const stream = await listen(`${server.url}/_worlds/other/_mock/events/stream?kind=instances&after=0`)
  t.teardown(stream.stop)
  await launch(server, 'elsewhere')
  await launch(server, 'here', '/_worlds/other')
  t.match(await stream.next(), { id: 2, event: { world: 'other', kind: 'instances', type: 'created' } })
})

t.test('a stream ends when the server stops, and the server doesn’t wait for it', async t => {
  const server = await controlled()
  const stream = await listen(`${server.url}/_mock/events/stream`)
  t.match(await stream.block(), /retry/)
  const closed = server.close()
  t.equal(await stream.block(), ': this is all')
  t.equal(await stream.block(), undefined)
  await closed
})

t.test('a stream goes on in a world that was emptied, and ends where a snapshot takes its place', async t => {
  const server = await controlled()
  t.teardown(server.close)
  await launch(server, 'one')
  const { body: snapshot } = await server.raw('/_mock/snapshot')
  const stream = await listen(`${server.url}/_mock/events/stream`)
  t.teardown(stream.stop)
  await stream.block()
  await server.control('POST', '/reset')
  t.match(await stream.next(), { event: { type: 'reset' } })
  await launch(server, 'two')
  t.match(await stream.next(), { event: { type: 'populated' } })
  t.match(await stream.next(), { event: { type: 'created' } })
  await server.raw({ method: 'POST', target: '/_mock/restore', body: snapshot, headers: { 'Content-Type': 'application/octet-stream' } })
  t.equal(await stream.next(), undefined, 'the log is another one: the client comes again')
  const again = await listen(`${server.url}/_mock/events/stream`, { 'Last-Event-ID': '1000' })
  t.teardown(again.stop)
  await again.block()
  await launch(server, 'four')
  t.match(await again.next(), { event: { type: 'created' } })
})

t.test('a stream ends when its world is removed', async t => {
  const server = await controlled()
  t.teardown(server.close)
  await server.control('POST', '/worlds', { name: 'short-lived' })
  const stream = await listen(`${server.url}/_worlds/short-lived/_mock/events/stream`)
  await stream.block()
  await server.control('DELETE', '/worlds/short-lived')
  let last: string | undefined
  for (let block = await stream.block(); block !== undefined; block = await stream.block()) last = block
  t.match(last, /^:/)
})

t.test('a client that goes lets go of what it listened to', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const socket = connect(server.port, '127.0.0.1')
  socket.write('GET /_mock/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()
  await once(socket, 'close')
  await launch(server, 'later')
  t.equal((await server.control('GET', '/health')).status, 200)
})

/** A world of which nothing is known but its log. */
const worldOf = (watch: WorldControl['watch']): WorldControl => ({ name: 'made', watch }) as Partial<WorldControl> as WorldControl

const forever = async function* (signal: AbortSignal): AsyncGenerator<EventDocument> {
  for (let seq = 1; !signal.aborted; seq++) {
    yield { seq, time: 0, world: 'made', type: 'created', id: 'x'.repeat(1000) }
  }
}

const bodyOf = (response: ReturnType<typeof eventStream>): AsyncIterator<Uint8Array> => {
  if (response.body === undefined || typeof response.body === 'string' || response.body instanceof Uint8Array)
    throw new TypeError('A stream has no such body')
  return response.body[Symbol.asyncIterator]()
}

t.test('a silent stream shows that it’s alive', async t => {
  const over = new AbortController()
  const silent = async function* (signal: AbortSignal): AsyncGenerator<EventDocument> {
    await once(signal, 'abort')
    yield* []
  }
  const response = eventStream(
    worldOf((_after, signal) => silent(signal)),
    { after: 0, wants: () => true, over: over.signal, closing: over.signal, heartbeat: 5 },
  )
  const body = bodyOf(response)
  let text = ''
  for (let piece = await body.next(); !text.includes(': still here'); piece = await body.next()) text += Buffer.from(piece.value).toString()
  t.match(text, /: still here/)
  over.abort()
  await body.return?.()
})

t.test('nothing is heaped up for a slow client, and in the end it’s told to come again', async t => {
  const over = new AbortController()
  let made = 0
  const counted = async function* (signal: AbortSignal): AsyncGenerator<EventDocument> {
    for await (const event of forever(signal)) {
      made = event.seq
      yield event
    }
  }
  const response = eventStream(
    worldOf((_after, signal) => counted(signal)),
    { after: 0, wants: () => true, over: over.signal, closing: over.signal, patience: 20 },
  )
  const body = bodyOf(response)
  await body.next()
  await new Promise(resolve => setTimeout(resolve, 100))
  t.ok(made < 100, `${made} events were made for a client that took one piece`)
  let text = ''
  for (let piece = await body.next(); piece.done !== true; piece = await body.next()) text += Buffer.from(piece.value).toString()
  t.match(text, /: too slow[^\n]*\n\n$/)
})
