/** Taps: what an observer sees of an exchange, and that the exchange doesn't notice. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Transport } from '../../src/drivers/context.ts'
import { createTransport, type ExchangeObserver, tap } from '../../src/drivers/transport.ts'
import { discard, readBody, type WireResponse, wireRequest } from '../../src/drivers/wire.ts'
import { httpProvider, socketProvider } from './provider.ts'

const patient = { signal: new AbortController().signal }

/** An observer that writes down all it's told. */
const notebook = () => {
  const notes: unknown[] = []
  const sent: Uint8Array[] = []
  const received: Uint8Array[] = []
  const observer: ExchangeObserver = {
    sent: chunk => sent.push(Buffer.from(chunk)),
    answered: response => notes.push(['answered', response.status, response.headers]),
    received: chunk => received.push(Buffer.from(chunk)),
    ended: how => notes.push(['ended', how.kind]),
  }
  return { notes, observer, sent: () => Buffer.concat(sent).toString(), received: () => Buffer.concat(received).toString() }
}

const pieces = async function* (list: readonly string[]) {
  for (const piece of list) yield Buffer.from(piece)
}

t.test('the observer sees the bytes of both ways as they pass, and the reader gets the same', async () => {
  const body = fc.oneof(fc.constant(undefined), fc.string(), fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }))
  const text = (body: string | readonly string[] | undefined): string => (typeof body === 'string' ? body : (body?.join('') ?? ''))
  const onWire = (body: string | string[] | undefined) => (Array.isArray(body) ? pieces(body) : body)
  await fc.assert(
    fc.asyncProperty(body, body, async (upload, download) => {
      const { notes, observer, sent, received } = notebook()
      const provider: Transport = {
        async send(request) {
          assert.equal((await readBody(request.body)).toString(), text(upload))
          const answer = onWire(download)
          return { status: 201, headers: [['A', 'b']], ...(answer === undefined ? {} : { body: answer }) }
        },
      }
      const out = onWire(upload)
      const request = wireRequest({ method: 'PUT', target: 'http://cloud.example/', ...(out === undefined ? {} : { body: out }) })
      const response = await tap(provider, () => observer).send(request, patient)
      assert.equal((await readBody(response.body)).toString(), text(download))
      assert.equal(sent(), text(upload))
      assert.equal(received(), text(download))
      assert.deepEqual(notes, [
        ['answered', 201, [['A', 'b']]],
        ['ended', 'whole'],
      ])
    }),
  )
})

t.test('the observer asks for nothing: pieces come when the reader wants them', async t => {
  let produced = 0
  const provider: Transport = {
    send: async () => ({
      status: 200,
      headers: [],
      body: (async function* () {
        for (;;) yield Buffer.from(String(produced++))
      })(),
    }),
  }
  const { observer, notes } = notebook()
  const { body } = await tap(provider, () => observer).send(wireRequest({ method: 'GET', target: 'http://cloud.example/' }), patient)
  t.equal(produced, 0)
  if (typeof body !== 'object' || body instanceof Uint8Array) throw new TypeError('The body is no stream')
  for await (const piece of body) if (piece.toString() === '2') break
  t.equal(produced, 3)
  t.same(notes.at(-1), ['ended', 'left'])
})

t.test('an exchange that fails ends once, as failed', async t => {
  const transport = createTransport()
  t.teardown(() => transport.close())
  const exchange = async (answer: string): Promise<{ seen: ReturnType<typeof notebook>; response: WireResponse | undefined }> => {
    const host = await socketProvider(t, socket => socket.once('data', () => socket.end(answer)))
    const seen = notebook()
    const response = await tap(transport, () => seen.observer)
      .send(wireRequest({ method: 'GET', target: `http://${host}/` }), patient)
      .catch(() => undefined)
    return { seen, response }
  }
  const none = await exchange('')
  t.same(none.seen.notes, [['ended', 'failed']])
  const half = await exchange('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')
  await t.rejects(readBody(half.response?.body), { message: /broke the connection/ })
  t.equal(half.seen.received(), 'half')
  t.same(
    half.seen.notes.map(note => (Array.isArray(note) ? note.at(0) : note)),
    ['answered', 'ended'],
  )
  t.same(half.seen.notes.at(-1), ['ended', 'failed'])
})

t.test('an answer that is left through a tap gives its connection back', async t => {
  const url = await httpProvider(t, (_request, response) => response.end(Buffer.alloc(4 * 1024 * 1024)))
  const transport = createTransport({ connections: 1 })
  t.teardown(() => transport.close())
  const { observer, notes } = notebook()
  const tapped = tap(transport, () => observer)
  await discard(await tapped.send(wireRequest({ method: 'GET', target: url }), patient))
  t.same(notes.at(-1), ['ended', 'left'])
  t.equal((await readBody((await tapped.send(wireRequest({ method: 'GET', target: url }), patient)).body)).length, 4 * 1024 * 1024)
  t.same(notes.at(-1), ['ended', 'whole'])
})
