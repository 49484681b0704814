/** The retry loop, over providers whose answers are written down and on a clock that only its waits move. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { SendOptions, Transport } from '../../src/drivers/context.ts'
import { type Retry, TransportError } from '../../src/drivers/failures.ts'
import { createTransport, type RetryPolicy, retryAfter, retrying } from '../../src/drivers/transport.ts'
import { readBody, type WireRequest, type WireResponse, wireRequest } from '../../src/drivers/wire.ts'
import { CloudError } from '../../src/model/errors.ts'
import { httpProvider } from './provider.ts'

/** What a provider does with one request: an answer, a failure, or a failure after it took the body. */
type Step =
  | { readonly status: number; readonly retryAfter?: string }
  | { readonly failure: Retry }
  | { readonly kind: 'provider-timeout' | 'provider-unavailable' | 'provider-error' | 'not-found' }

interface Run {
  /** Bodies as the provider got them; undefined where it didn't take the body. */
  readonly sent: (string | undefined)[]
  readonly waits: number[]
  readonly result: WireResponse | undefined
  readonly error: unknown
  /** Answers that were left unread, by number. */
  readonly left: number[]
}

const start = Date.parse('2026-01-01T00:00:00Z')

const run = async (
  steps: readonly Step[],
  request: WireRequest,
  options: Partial<SendOptions> = {},
  policy: RetryPolicy & { deadline?: number; random?: number } = {},
): Promise<Run> => {
  let now = start
  const sent: (string | undefined)[] = []
  const waits: number[] = []
  const left: number[] = []
  const provider: Transport = {
    async send(request) {
      const number = sent.length
      const step = steps[Math.min(number, steps.length - 1)]
      if (step === undefined) throw new Error('There is no step')
      const reached = !('failure' in step && step.failure === 'safe')
      sent.push(reached ? (await readBody(request.body)).toString() : undefined)
      if ('failure' in step) throw new TransportError('provider-unavailable', `failure ${number}`, step.failure, undefined)
      if ('kind' in step) throw new CloudError(step.kind, `failure ${number}`)
      const body = {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: true as const, value: undefined }),
          return: async () => {
            left.push(number)
            return { done: true as const, value: undefined }
          },
        }),
      }
      return { status: step.status, headers: step.retryAfter === undefined ? [] : [['Retry-After', step.retryAfter]], body }
    },
  }
  const context = {
    deadline: start + (policy.deadline ?? 60_000),
    now: () => now,
    random: () => policy.random ?? 0.5,
    sleep: async (milliseconds: number) => {
      waits.push(milliseconds)
      now += milliseconds
    },
  }
  const transport = retrying(provider, context, { clock: () => now, ...policy })
  try {
    const result = await transport.send(request, { signal: new AbortController().signal, ...options })
    return { sent, waits, left, result, error: undefined }
  } catch (error) {
    return { sent, waits, left, result: undefined, error }
  }
}

const get = wireRequest({ method: 'GET', target: 'http://cloud.example/' })
const post = wireRequest({ method: 'POST', target: 'http://cloud.example/', body: 'launch' })
const streamed = (method: string): WireRequest =>
  wireRequest({
    method,
    target: 'http://cloud.example/',
    body: (async function* () {
      yield Buffer.from('once')
    })(),
  })

t.test('an idempotent request is sent again after trouble that may pass', async t => {
  const troubles: Step[] = [
    ...[408, 429, 500, 502, 503, 504].map(status => ({ status })),
    { failure: 'safe' },
    { failure: 'if idempotent' },
    { kind: 'provider-timeout' },
    { kind: 'provider-unavailable' },
  ]
  for (const trouble of troubles) {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
      const { sent, result } = await run([trouble, { status: 200 }], wireRequest({ method, target: 'http://cloud.example/', body: 'same' }))
      t.equal(result?.status, 200, `${method} after ${JSON.stringify(trouble)}`)
      t.equal(sent.length, 2)
      t.equal(sent.at(-1), 'same')
    }
  }
})

t.test('a request that changes something is sent again only where nothing happened', async t => {
  const harmless: Step[] = [
    { status: 429 },
    { status: 498 },
    { status: 503, retryAfter: '1' },
    { status: 413, retryAfter: '1' },
    { failure: 'safe' },
  ]
  for (const step of harmless) t.equal((await run([step, { status: 200 }], post)).result?.status, 200, JSON.stringify(step))
  const doubtful: Step[] = [
    ...[408, 500, 502, 503, 504].map(status => ({ status })),
    { status: 503, retryAfter: 'soon' },
    { failure: 'if idempotent' },
    { kind: 'provider-timeout' },
    { kind: 'provider-unavailable' },
  ]
  for (const step of doubtful) t.equal((await run([step, { status: 200 }], post)).sent.length, 1, JSON.stringify(step))
})

t.test('the caller knows better than the method', async t => {
  t.equal((await run([{ status: 500 }, { status: 200 }], post, { idempotent: true })).sent.length, 2)
  t.equal((await run([{ status: 500 }, { status: 200 }], get, { idempotent: false })).sent.length, 1)
})

t.test('an answer that is final is not asked for again', async t => {
  for (const status of [200, 204, 301, 304, 307, 400, 401, 403, 404, 409, 501])
    t.equal((await run([{ status }], get)).sent.length, 1, String(status))
  for (const step of [{ failure: 'useless' }, { kind: 'provider-error' }, { kind: 'not-found' }] as const)
    t.equal((await run([step], get)).sent.length, 1)
})

t.test('a streamed body that was begun is not sent again, one that was not begun is', async t => {
  t.same((await run([{ status: 503 }, { status: 200 }], streamed('PUT'))).sent, ['once'])
  t.same((await run([{ failure: 'safe' }, { failure: 'safe' }, { status: 200 }], streamed('POST'))).sent, [undefined, undefined, 'once'])
})

t.test('waits double and are drawn below their limit', async t => {
  const waits = async (random: number): Promise<number[]> =>
    (await run([{ status: 503 }], get, {}, { attempts: 6, base: 100, longest: 500, random })).waits
  t.same(await waits(1), [100, 200, 400, 500, 500])
  t.same(await waits(0.25), [25, 50, 100, 125, 125])
  t.same(await waits(0), [0, 0, 0, 0, 0])
})

t.test('Retry-After is honoured, in seconds and as a date', async t => {
  const waits = async (text: string): Promise<number[]> =>
    (await run([{ status: 429, retryAfter: text }, { status: 200 }], post, {}, { random: 0 })).waits
  t.same(await waits('7'), [7000])
  t.same(await waits('Thu, 01 Jan 2026 00:00:12 GMT'), [12_000])
  t.same(await waits('Thursday, 01-Jan-26 00:00:12 GMT'), [12_000])
  t.same(await waits('Wed, 31 Dec 2025 00:00:00 GMT'), [0])
  for (const text of ['', '-5', 'soon', '1.5', '5 apples']) t.same(await waits(text), [0], text)
})

t.test('nobody waits beyond the deadline: the answer comes back as it came, unread', async t => {
  const { waits, result, left } = await run([{ status: 429, retryAfter: '30' }], get, {}, { deadline: 20_000 })
  t.same(waits, [])
  t.equal(result?.status, 429)
  t.same(left, [])
  t.equal(result === undefined ? undefined : retryAfter(result, start), 30_000)
  const failed = await run([{ failure: 'safe' }], get, {}, { deadline: 40 })
  t.match(failed.error, { message: 'failure 0' })
})

t.test('a client that has gone is not worked for', async t => {
  const gone = new AbortController()
  const reason = new CloudError('provider-timeout', 'The time is over')
  let asked = 0
  const provider: Transport = {
    async send() {
      asked++
      gone.abort(reason)
      throw gone.signal.reason
    },
  }
  const never = { deadline: Number.POSITIVE_INFINITY, now: () => start, random: () => 0, sleep: async () => assert.fail('waited') }
  await t.rejects(retrying(provider, never).send(get, { signal: gone.signal }), reason)
  t.equal(asked, 1)

  const leaving = new AbortController()
  const busy: Transport = { send: async () => ({ status: 503, headers: [] }) }
  const context = { deadline: Number.POSITIVE_INFINITY, now: () => start, random: () => 0, sleep: async () => leaving.abort(reason) }
  await t.rejects(retrying(busy, context).send(get, { signal: leaving.signal }), reason)
})

t.test('what the protocol calls throttling is sent again whatever it is, and the last answer comes whole', async t => {
  const said = ['<Code>Busy</Code>', '<Code>Busy</Code>', '<Code>Broken</Code>']
  let asked = 0
  const provider: Transport = { send: async () => ({ status: 503, headers: [], body: said[asked++] ?? '' }) }
  const context = { deadline: Number.POSITIVE_INFINITY, now: () => start, random: () => 0, sleep: async () => undefined }
  const response = await retrying(provider, context).send(post, {
    signal: new AbortController().signal,
    isThrottling: text => text.includes('Busy'),
  })
  t.equal(asked, 3)
  t.equal(String(await readBody(response.body)), '<Code>Broken</Code>')
})

t.test('a body that is looked at breaks off where it did', async t => {
  const broken = {
    async *[Symbol.asyncIterator]() {
      yield Buffer.from('half')
      throw new Error('broken')
    },
  }
  const provider: Transport = { send: async () => ({ status: 500, headers: [], body: broken }) }
  const context = { deadline: Number.POSITIVE_INFINITY, now: () => start, random: () => 0, sleep: async () => undefined }
  const options = { signal: new AbortController().signal, isThrottling: () => false }
  const response = await retrying(provider, context).send(post, options)
  await t.rejects(readBody(response.body), { message: 'broken' })
})

t.test('a date in Retry-After is one of the cloud’s clock', async t => {
  const later = Date.UTC(2040, 0, 1)
  const waits: number[] = []
  const headers = [['Retry-After', new Date(later + 7000).toUTCString()] as const]
  const provider: Transport = { send: async () => ({ status: waits.length === 0 ? 429 : 200, headers }) }
  const context = {
    deadline: Number.POSITIVE_INFINITY,
    now: () => later,
    random: () => 0,
    sleep: async (wait: number) => void waits.push(wait),
  }
  await retrying(provider, context).send(post, { signal: new AbortController().signal })
  t.same(waits, [7000])
})

t.test('whatever a provider does, the loop keeps its rules', async () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ status: fc.constantFrom(200, 400, 404, 408, 429, 500, 502, 503, 504) }),
    fc.record({
      status: fc.constantFrom(429, 503),
      retryAfter: fc.constantFrom('0', '1', '9', '100', 'Thu, 01 Jan 2026 00:00:30 GMT', 'later'),
    }),
    fc.record({ failure: fc.constantFrom<Retry[]>('safe', 'if idempotent', 'useless') }),
    fc.record({ kind: fc.constantFrom('provider-timeout', 'provider-unavailable', 'provider-error', 'not-found') }),
  )
  const may = (step: Step | undefined): Retry | undefined => {
    if (step === undefined) return undefined
    if ('failure' in step) return step.failure
    if ('kind' in step) return step.kind === 'provider-timeout' || step.kind === 'provider-unavailable' ? 'if idempotent' : 'useless'
    if (step.status === 429 || step.status === 498 || (step.status === 503 && step.retryAfter !== undefined && step.retryAfter !== 'later'))
      return 'safe'
    return step.status === 408 || step.status >= 500 ? 'if idempotent' : 'useless'
  }
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.constantFrom('GET', 'POST', 'PUT', 'PATCH'),
      fc.boolean(),
      fc.record({
        attempts: fc.integer({ min: 1, max: 6 }),
        base: fc.constantFrom(10, 1000),
        deadline: fc.constantFrom(0, 50, 20_000),
        random: fc.constantFrom(0, 0.5, 0.99),
      }),
      async (steps, method, stream, policy) => {
        const request = stream ? streamed(method) : wireRequest({ method, target: 'http://cloud.example/', body: 'all' })
        const { sent, waits, left, result, error } = await run(steps, request, {}, policy)
        const met = sent.map((_, i) => steps[Math.min(i, steps.length - 1)])
        const final = met.at(-1)
        const idempotent = method === 'GET' || method === 'PUT'

        assert.ok(sent.length <= policy.attempts)
        assert.equal(waits.length, sent.length - 1)
        assert.ok(waits.reduce((a, b) => a + b, 0) <= policy.deadline)
        for (const [i, before] of met.slice(0, -1).entries()) {
          assert.ok(may(before) === 'safe' || (may(before) === 'if idempotent' && idempotent), `sent again after ${JSON.stringify(before)}`)
          const asked =
            before !== undefined && 'retryAfter' in before && /^\d/.test(before.retryAfter ?? '') ? Number(before.retryAfter) * 1000 : 0
          assert.ok((waits[i] ?? 0) >= asked)
        }
        assert.ok(
          sent.slice(0, -1).every(body => !stream || body === undefined),
          'a begun stream was sent twice',
        )
        // What comes back is what the provider did last; all else was left unread.
        if (final !== undefined && 'status' in final) assert.equal(result?.status, final.status)
        else assert.ok(error instanceof CloudError && error.message.endsWith(`failure ${sent.length - 1}`))
        assert.deepEqual(
          left,
          met.slice(0, -1).flatMap((step, i) => (step !== undefined && 'status' in step ? [i] : [])),
        )
        // It gives up only for a reason.
        const again = may(final) === 'safe' || (may(final) === 'if idempotent' && idempotent)
        if (again && sent.length < policy.attempts && (!stream || sent.at(-1) === undefined)) {
          const spent = waits.reduce((a, b) => a + b, 0)
          const asked = final !== undefined && 'retryAfter' in final ? 30_000 : 0
          assert.ok(spent + Math.max(asked, policy.base * 2 ** sent.length) >= policy.deadline, 'it gave up early')
        }
      },
    ),
    { numRuns: 500 },
  )
})

t.test('a real provider that is busy for a while is asked until it answers', async t => {
  let asked = 0
  const bodies: string[] = []
  const url = await httpProvider(t, async (request, response) => {
    bodies.push((await readBody(request)).toString())
    if (++asked < 3) response.writeHead(429, { 'retry-after': String(asked) }).end('busy'.repeat(100_000))
    else response.end('done')
  })
  const transport = createTransport({ connections: 1 })
  t.teardown(() => transport.close())
  const waits: number[] = []
  const context = { deadline: Date.now() + 60_000, now: Date.now, random: () => 0, sleep: async (wait: number) => void waits.push(wait) }
  const response = await retrying(transport, context).send(wireRequest({ method: 'POST', target: url, body: 'launch' }), {
    signal: new AbortController().signal,
  })
  t.equal((await readBody(response.body)).toString(), 'done')
  t.same(bodies, ['launch', 'launch', 'launch'])
  t.same(waits, [1000, 2000])
})
