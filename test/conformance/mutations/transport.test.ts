/** A provider in trouble answers as its mutation says, and nothing waits longer than it’s told to. */

import fc from 'fast-check'
import t from 'tap'
import { mutate } from '../../../conformance/mutations/mutants.ts'
import { type IllegalMutation, isLegal, mutations } from '../../../conformance/mutations/mutations.ts'
import { parseShapes } from '../../../conformance/mutations/shapes.ts'
import { createMutantTransport } from '../../../conformance/mutations/transport.ts'
import { outgoingOf, Player } from '../../../conformance/replay/player.ts'
import { wireRequest } from '../../../src/drivers/wire.ts'
import { CloudError } from '../../../src/model/errors.ts'
import { recordingOf } from './made.ts'

const whole = '{"ships":[{"id":"ship-1","name":"Käthe"}]}'
const recording = recordingOf([{ url: 'https://x.example/ships', answer: `${whole}\n\n` }])
const shapes = parseShapes('x.json', '{"driver":"made","source":"x","operations":[{"asks":"/ships","items":"ships/*"}]}')

interface Told {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
  /** What the body broke off with. */
  readonly error?: unknown
}

/** What a driver gets that reads at most so many bytes. */
const told = async (
  mutation: IllegalMutation | undefined,
  { signal = AbortSignal.timeout(10_000), atMost = 1e6, url = '' } = {},
): Promise<Told> => {
  const mutant = mutate(recording, shapes, mutation === undefined ? [] : [mutation])
  const [entry] = mutant.recording.har.log.entries
  if (entry === undefined) throw new TypeError('Nothing is recorded')
  const { method, url: recorded, headers } = outgoingOf(entry)
  const transport = createMutantTransport(new Player(mutant.recording), mutant.effects)
  const { status, headers: answered, body } = await transport.send(wireRequest({ method, target: url || recorded, headers }), { signal })
  const pieces: Uint8Array[] = []
  let error: unknown
  let size = 0
  try {
    for await (const piece of typeof body === 'object' && Symbol.asyncIterator in body ? body : [Buffer.from(body ?? '')]) {
      pieces.push(piece)
      size += piece.length
      if (size > atMost) break
    }
  } catch (reason) {
    error = reason
  }
  return { status, headers: new Map(answered.map(([name, value]) => [name.toLowerCase(), value])), body: Buffer.concat(pieces), error }
}

t.test('without trouble the answer is the recorded one', async t => {
  const { status, body, error } = await told(undefined)
  t.match({ status, text: String(body), error }, { status: 200, text: `${whole}\n\n`, error: undefined })
})

t.test('a status comes with a body that is no document of the provider', async t => {
  const { status, headers, body } = await told({ kind: 'status', entry: 0, status: 503 })
  t.match({ status, type: headers.get('content-type'), text: String(body) }, { status: 503, type: 'text/plain', text: /wrong/ })
  t.equal((await told({ kind: 'status', entry: 0, status: 429 })).headers.get('retry-after'), '1')
})

t.test('a body that’s cut is a beginning of the whole; loudly its end is an error, quietly it’s none', async t => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 0.99, noNaN: true }), fc.boolean(), async (share, isQuiet) => {
      const { body, error } = await told({ kind: 'cut', entry: 0, share, isQuiet })
      const bytes = Buffer.from(whole)
      return body.length < bytes.length && bytes.subarray(0, body.length).equals(body) && error instanceof CloudError !== isQuiet
    }),
  )
  t.pass()
})

t.test('garbage is as long as the answer, and begins with another byte', async t => {
  for (const every of [1, 5, 16]) {
    const { body } = await told({ kind: 'garble', entry: 0, every })
    t.equal(body.length, Buffer.byteLength(`${whole}\n\n`))
    t.not(body[0], whole.charCodeAt(0))
    t.equal(body[1] === whole.charCodeAt(1), every > 1)
  }
})

t.test('a body of another type says which', async t => {
  const { status, headers, body } = await told({ kind: 'type', entry: 0, type: 'text/html', body: '<html/>' })
  t.match({ status, type: headers.get('content-type'), text: String(body) }, { status: 200, type: 'text/html', text: '<html/>' })
})

t.test('a huge body goes on for longer than anybody should read', async t => {
  t.ok((await told({ kind: 'huge', entry: 0 }, { atMost: 70 * 1024 * 1024 })).body.length > 70 * 1024 * 1024)
})

t.test('a broken connection gives no answer, and neither does what wasn’t recorded', async t => {
  await t.rejects(told({ kind: 'reset', entry: 0 }), { name: 'CloudError', kind: 'provider-error' })
  await t.rejects(told(undefined, { url: 'https://x.example/boats' }), { name: 'CloudError', kind: 'provider-error' })
})

t.test('what is late, or has no end, ends with its request', async t => {
  const reason = new Error('enough')
  for (const kind of ['late', 'never ending'] as const) {
    const gone = new AbortController()
    const waiting = told({ kind, entry: 0 }, { signal: gone.signal }).catch((error: unknown) => ({ error, body: Buffer.alloc(0) }))
    // Whatever comes has come by then.
    await new Promise(setImmediate)
    gone.abort(reason)
    const { error, body } = await waiting
    t.equal(error, reason)
    t.equal(String(body), kind === 'late' ? '' : `${whole}\n\n`)
  }
  await t.rejects(told({ kind: 'never ending', entry: 0 }, { signal: AbortSignal.abort(reason) }), reason)
})

t.test('whatever trouble is generated, it shows, and ends', async t => {
  const untouched = await told(undefined)
  const kinds = new Set<string>()
  await fc.assert(
    fc.asyncProperty(mutations('illegal'), async ([mutation]) => {
      if (mutation === undefined || isLegal(mutation)) return false
      const gone = new AbortController()
      kinds.add(mutation.kind)
      const answering = told(mutation, { signal: gone.signal, atMost: 1e5 }).catch((error: unknown) => ({ ...untouched, error }))
      if (mutation.kind === 'late' || mutation.kind === 'never ending') {
        await new Promise(setImmediate)
        gone.abort()
      }
      const { status, body, error } = await answering
      return status !== 200 || error !== undefined || !body.equals(untouched.body)
    }),
    { numRuns: 300, seed: 20261127 },
  )
  t.ok(kinds.size >= 6, [...kinds].join())
})
