/** HTTP messages as plain values. */

import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { discard, headerOf, readBody, watched, wireRequest } from '../../src/drivers/wire.ts'

const pieces = async function* (list: readonly string[]) {
  for (const piece of list) yield Buffer.from(piece)
}

t.test('a header is found by its lower-case name in any writing, and repetitions are joined in order', async () => {
  const name = fc.constantFrom('Host', 'host', 'HOST', 'X-A', 'x-a', 'X-B', 'constructor', '__proto__')
  await fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string())), headers => {
      const request = wireRequest({ method: 'GET', target: '/', headers })
      for (const wanted of ['host', 'x-a', 'x-b', 'constructor', '__proto__', 'absent']) {
        const values = headers.filter(([n]) => n.toLowerCase() === wanted).map(([, value]) => value)
        const expected = values.length === 0 ? undefined : values.join(', ')
        assert.equal(request.header(wanted), expected)
        assert.equal(headerOf(headers, wanted), expected)
      }
    }),
  )
})

t.test('a body in memory can be read again and again, a stream once', async t => {
  for (const body of ['text é', Buffer.from('text é')]) {
    const request = wireRequest({ method: 'PUT', target: '/', body })
    t.equal(request.repeatable, true)
    for (let i = 0; i < 3; i++) t.equal((await readBody(request.body)).toString(), 'text é')
  }
  const request = wireRequest({ method: 'PUT', target: '/', body: pieces(['a', 'b']) })
  t.not(request.repeatable, true)
  t.equal((await readBody(request.body)).toString(), 'ab')
  t.equal((await readBody(request.body)).toString(), '')
  t.equal(wireRequest({ method: 'GET', target: '/' }).body, undefined)
})

t.test('a body is read whole up to a limit, and not a piece further', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'binary', minLength: 1 })), fc.integer({ min: 0, max: 30 }), async (list, limit) => {
      const whole = Buffer.concat(list.map(piece => Buffer.from(piece)))
      if (whole.length <= limit) assert.deepEqual(await readBody(pieces(list), limit), whole)
      else {
        let asked = 0
        const counted = watched(pieces(list), {
          piece: chunk => {
            asked += chunk.length
          },
        })
        await assert.rejects(readBody(counted, limit), RangeError)
        const firstTooMany = list.reduce((sum, piece) => (sum > limit ? sum : sum + Buffer.byteLength(piece)), 0)
        assert.equal(asked, firstTooMany)
      }
    }),
  )
})

t.test('a watcher hears of each piece, and of exactly one end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1 })),
      fc.constantFrom('whole', 'failed', 'left'),
      fc.nat(6),
      async (list, how, stop) => {
        const heard: string[] = []
        let closed = 0
        const own = new Error('broken')
        const source = async function* () {
          try {
            yield* pieces(list)
            if (how === 'failed') throw own
          } finally {
            closed++
          }
        }
        const bytes = watched(source(), {
          begin: () => heard.push('begin'),
          piece: chunk => heard.push(chunk.toString()),
          end: () => heard.push('end'),
          fail: error => {
            heard.push('fail')
            return new Error('mapped', { cause: error })
          },
          leave: () => heard.push('leave'),
        })
        let read = 0
        let error: unknown
        try {
          for await (const _ of bytes) if (++read === stop && how === 'left') break
        } catch (thrown) {
          error = thrown
        }
        const left = how === 'left' && stop > 0 && stop <= list.length
        const last = left ? 'leave' : how === 'failed' ? 'fail' : 'end'
        assert.deepEqual(heard, ['begin', ...list.slice(0, left ? stop : list.length), last])
        assert.equal(closed, 1)
        if (last === 'fail') assert.ok(error instanceof Error && error.message === 'mapped' && error.cause === own)
        else assert.equal(error, undefined)
      },
    ),
  )
})

t.test('an answer that is discarded closes its source, begun or not, watched or not', async t => {
  const stream = Readable.from(pieces(['a']))
  await discard({ status: 200, headers: [], body: watched(stream, {}) })
  t.equal(stream.destroyed, true)
  const plain = Readable.from(pieces(['a']))
  await discard({ status: 200, headers: [], body: plain })
  t.equal(plain.destroyed, true)
  for (const body of ['text', Buffer.from('bytes'), undefined])
    await discard({ status: 200, headers: [], ...(body === undefined ? {} : { body }) })
})
