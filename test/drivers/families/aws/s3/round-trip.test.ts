/** Buckets and blobs by the driver, over our own S3, over the mock cloud: what comes out is what went in. */

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import type { Context } from '../../../../../src/drivers/context.ts'
import { bind, type Cloud } from '../../../../../src/drivers/driver.ts'
import { ec2 } from '../../../../../src/drivers/ec2/index.ts'
import { createSessionCache } from '../../../../../src/drivers/sessions.ts'
import { createTransport } from '../../../../../src/drivers/transport.ts'
import { readBody } from '../../../../../src/drivers/wire.ts'
import { startServer } from '../../../../../src/index.ts'
import { CloudError } from '../../../../../src/model/errors.ts'
import type { Bytes } from '../../../../../src/model/requests.ts'

const server = await startServer({ host: '127.0.0.1', port: 0, frontends: ['s3'] })
const transport = createTransport()
t.teardown(async () => {
  await transport.close()
  await server.close(0)
})

const context = (): Context => ({
  signal: AbortSignal.timeout(60_000),
  deadline: Date.now() + 60_000,
  transport,
  now: () => Date.now(),
  sleep: async () => undefined,
  random: () => 0.5,
  log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  sessions: createSessionCache({ limit: 10, now: () => Date.now() }),
  wire: {},
  world: 'default',
})

const provider = `s3=http://127.0.0.1:${server.address.port}/s3`
const opened = async (password = 'mockpassword'): Promise<Cloud> => {
  const offer = ec2.offer(provider)
  if (offer === undefined) throw new TypeError('The provider is one')
  return bind(offer.operations, await ec2.connect({ credentials: { user: 'mockuser', password }, provider, context: context() }))
}

const kindOf = async (operation: Promise<unknown>): Promise<string | undefined> => {
  try {
    await operation
    return undefined
  } catch (error) {
    if (error instanceof CloudError) return error.kind
    throw error
  }
}

const need = <T>(value: T | undefined): T => {
  if (value === undefined) throw new TypeError('It is there')
  return value
}

const pieces = (content: Uint8Array, size: number): Bytes => ({
  async *[Symbol.asyncIterator]() {
    for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
  },
})

const cloud = await opened()
const buckets = need(cloud.buckets)
const blobs = need(cloud.blobs)
const md5 = (content: Uint8Array): string => createHash('md5').update(content).digest('hex')

t.test('what no bucket can be called is not there, and a stranger is told that it is one', async t => {
  for (const id of ['no/slash', 'none-/', 'x'.repeat(256)]) {
    t.ok([undefined, 'not-found'].includes(await kindOf(need(buckets.get)(id))), id)
    t.equal(await kindOf(need(buckets.destroy)(id)), 'not-found', id)
    t.equal(await kindOf(need(need((await opened('wrong')).buckets).get)(id)), 'unauthenticated', id)
  }
})

t.test('a bucket is made once, listed, and goes when it is empty', async t => {
  t.strictSame(await need(buckets.create)({ name: 'made-once' }), { id: 'made-once', name: 'made-once', size: 0, blobs: [] })
  t.equal(await kindOf(need(buckets.create)({ name: 'made-once' })), 'conflict')
  t.ok((await buckets.list({})).some(({ id }) => id === 'made-once'))
  await need(blobs.create)('made-once', 'a', { content: pieces(Buffer.from('x'), 1), length: 1, metadata: {} })
  t.strictSame(await need(buckets.get)('made-once'), { id: 'made-once', name: 'made-once', size: 1, blobs: ['a'] })
  t.equal(await kindOf(need(buckets.destroy)('made-once')), 'conflict')
  await need(blobs.destroy)('made-once', 'a')
  await need(buckets.destroy)('made-once')
  t.equal(await need(buckets.get)('made-once'), undefined)
  t.equal(await kindOf(need(buckets.destroy)('made-once')), 'not-found')
})

t.test('any content under any name comes back, with its type and metadata', async t => {
  await need(buckets.create)({ name: 'any' })
  const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter(id => id.isWellFormed() && id !== '.' && id !== '..')
  const values = fc.string({ unit: fc.constantFrom('a', 'Z', ' ', 'ü', '€', '字', '=', '?', '+', '%'), maxLength: 20 })
  const metadata = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/), values, { maxKeys: 3, noNullPrototype: true })
  await fc.assert(
    fc.asyncProperty(names, fc.uint8Array({ maxLength: 300 }), metadata, fc.boolean(), async (id, content, metadata, isAnnounced) => {
      const length = isAnnounced ? { length: content.length } : {}
      const made = await need(blobs.create)('any', id, { content: pieces(content, 100), ...length, contentType: 'text/x-any', metadata })
      const { blob, content: read } = await need(blobs.read)('any', id, {})
      t.strictSame(Buffer.from(await readBody(read)), Buffer.from(content))
      for (const one of [made, blob, need(await blobs.get('any', id))])
        t.match(one, { id, bucketId: 'any', contentLength: content.length, contentType: 'text/x-any', etag: md5(content) })
      t.strictSame(blob.userMetadata, metadata)
      await need(blobs.destroy)('any', id)
      t.equal(await blobs.get('any', id), undefined)
    }),
    { numRuns: 40 },
  )
})

t.test('a range is that part, and one that is not there is refused', async t => {
  await need(buckets.create)({ name: 'ranges' })
  await need(blobs.create)('ranges', 'digits', { content: pieces(Buffer.from('0123456789'), 3), length: 10, metadata: {} })
  const part = await need(blobs.read)('ranges', 'digits', { range: { first: 2, last: 4 } })
  t.equal(String(await readBody(part.content)), '234')
  t.strictSame(part.range, { first: 2, last: 4, total: 10 })
  t.equal(part.blob.contentLength, 10)
  t.equal(String(await readBody((await need(blobs.read)('ranges', 'digits', { range: { last: 2 } })).content)), '89')
  t.equal(await kindOf(need(blobs.read)('ranges', 'digits', { range: { first: 10 } })), 'bad-request')
  t.equal(await kindOf(need(blobs.read)('ranges', 'nothing', {})), 'not-found')
})

t.test('metadata is replaced whole, and the content stays', async t => {
  await need(buckets.create)({ name: 'meta' })
  const metadata = { old: '1', kept: '2' }
  await need(blobs.create)('meta', 'a b+c', { content: pieces(Buffer.from('hello'), 5), length: 5, contentType: 'text/plain', metadata })
  const updated = await need(blobs.updateMetadata)('meta', 'a b+c', { kept: '3' })
  t.match(updated, { contentType: 'text/plain', contentLength: 5, userMetadata: { kept: '3' } })
  t.strictSame(Object.keys(updated.userMetadata), ['kept'])
})

t.test('lists come in pages, folded at the delimiter', async t => {
  await need(buckets.create)({ name: 'pages' })
  for (const id of ['a', 'b/1', 'b/2', 'c', 'd/1'])
    await need(blobs.create)('pages', id, { content: pieces(Buffer.from(id), 9), length: id.length, metadata: {} })
  const seen: string[] = []
  for (let after: string | undefined, n = 0; n < 9; n++) {
    const page = await need(blobs.page)('pages', { delimiter: '/', limit: 2, ...(after === undefined ? {} : { after }) })
    seen.push(...page.items.map(({ id }) => id), ...page.prefixes)
    after = page.next
    if (after === undefined) break
  }
  t.strictSame(seen.sort(), ['a', 'b/', 'c', 'd/'])
  t.strictSame(
    (await need(blobs.page)('pages', { prefix: 'b/', limit: 10 })).items.map(({ id }) => id),
    ['b/1', 'b/2'],
  )
})

t.test('an upload in parts is joined in order, with the etag that S3 gives it; an aborted one leaves nothing', async t => {
  await need(buckets.create)({ name: 'parts' })
  const upload = await need(blobs.begin)('parts', 'whole', { contentType: 'text/plain', metadata: { made: 'of parts' } })
  const [one, two] = ['first ', 'second'].map(text => Buffer.from(text))
  const second = await need(blobs.part)('parts', 'whole', upload, { number: 2, content: pieces(need(two), 4), length: 6 })
  const first = await need(blobs.part)('parts', 'whole', upload, { number: 1, content: pieces(need(one), 4), length: 6 })
  t.strictSame(await need(blobs.parts)('parts', 'whole', upload), [first, second])
  const made = await need(blobs.finish)('parts', 'whole', upload, [first, second])
  t.equal(
    made.etag,
    `${createHash('md5')
      .update(Buffer.from(first.etag + second.etag, 'hex'))
      .digest('hex')}-2`,
  )
  t.match(made, { contentLength: 12, contentType: 'text/plain', userMetadata: { made: 'of parts' } })
  t.equal(String(await readBody((await need(blobs.read)('parts', 'whole', {})).content)), 'first second')
  const other = await need(blobs.begin)('parts', 'gone', { metadata: {} })
  await need(blobs.abort)('parts', 'gone', other)
  t.equal(await kindOf(need(blobs.parts)('parts', 'gone', other)), 'not-found')
})

t.test('much content of unknown length goes in parts, and comes back whole', async t => {
  await need(buckets.create)({ name: 'much' })
  const content = Buffer.alloc(20 * 1024 * 1024, 'much content ')
  const made = await need(blobs.create)('much', 'big', { content: pieces(content, 100_000), metadata: {} })
  t.match(made.etag, /-3$/)
  t.equal(made.contentLength, content.length)
  const hash = createHash('md5')
  for await (const piece of (await need(blobs.read)('much', 'big', {})).content) hash.update(piece)
  t.equal(hash.digest('hex'), md5(content))
  const announced = await need(blobs.create)('much', 'big', { content: pieces(content, 100_000), length: content.length, metadata: {} })
  t.equal(announced.etag, md5(content))
})

t.test('a wrong secret opens nothing', async t => {
  const stranger = await opened('wrong')
  t.equal(await kindOf(need(stranger.buckets).list({})), 'unauthenticated')
})
