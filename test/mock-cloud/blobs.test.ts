/** Buckets and blobs: what comes in goes out, and nothing else stays. */

import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Bytes } from '../../src/model/requests.ts'
import { type FullCloud, failure, open, opened, there } from './support.ts'

async function* pieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = async (content: Bytes): Promise<Buffer> => {
  const all: Uint8Array[] = []
  for await (const piece of content) all.push(piece)
  return Buffer.concat(all)
}

const put = (cloud: FullCloud, id: string, bytes: Uint8Array, bucket = 'bucket1') =>
  cloud.blobs.create(bucket, id, { content: pieces(bytes), metadata: {} })

/** A cloud in a file, whose blobs can be counted. */
const inFile = async (t: Test) => {
  const directory = mkdtempSync(join(tmpdir(), 'mock-cloud-test-'))
  const state = join(directory, 'state')
  const { cloud, as, clock } = await open({ state })
  t.teardown(async () => {
    await cloud.close()
    rmSync(directory, { recursive: true })
  })
  const files = (): string[] => (existsSync(`${state}.blobs`) ? readdirSync(`${state}.blobs`) : [])
  return { cloud: await as(), clock, files }
}

/** Small and large ones, on both sides of what is kept in the database. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 50 }),
  fc
    .tuple(fc.integer({ min: 16_000, max: 300_000 }), fc.nat(255))
    .map(([length, fill]) => new Uint8Array(length).map((_, i) => (i * 31 + fill) % 256)),
)

t.test('bytes in are bytes out, with length, type, digest and metadata', async t => {
  const { as } = await opened(t)
  const cloud = await as()
  await fc.assert(
    fc.asyncProperty(
      bytes,
      fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }),
      fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
      async (content, id, metadata) => {
        fc.pre(id !== '.' && id !== '..' && id.isWellFormed())
        const made = await cloud.blobs.create('bucket1', id, {
          content: pieces(content),
          length: content.length,
          contentType: 'x/y',
          metadata,
        })
        t.equal(made.contentLength, content.length)
        t.equal(made.etag, createHash('md5').update(content).digest('hex'))
        const download = await cloud.blobs.read('bucket1', id, {})
        t.strictSame(download.blob, await cloud.blobs.get('bucket1', id))
        t.strictSame(download.blob, made)
        t.strictSame(made.userMetadata, metadata)
        t.ok(Buffer.from(content).equals(await read(download.content)))
      },
    ),
    { numRuns: 60 },
  )
})

t.test('a range is that part of the content, or a bad request', async t => {
  const cloud = await (await opened(t)).as()
  await fc.assert(
    fc.asyncProperty(bytes, fc.nat(320_000), fc.option(fc.nat(320_000), { nil: undefined }), async (content, first, last) => {
      await put(cloud, 'x', content)
      const range = last === undefined ? { first } : { first, last }
      const expected = content.subarray(first, (last ?? content.length) + 1)
      if (expected.length === 0) return t.equal(await failure(cloud.blobs.read('bucket1', 'x', { range })), 'bad-request')
      const download = await cloud.blobs.read('bucket1', 'x', { range })
      t.ok(Buffer.from(expected).equals(await read(download.content)))
      t.strictSame(download.range, { first, last: first + expected.length - 1, total: content.length })
    }),
    { numRuns: 40 },
  )
  await put(cloud, 'x', Buffer.from('0123456789'))
  t.equal(String(await read((await cloud.blobs.read('bucket1', 'x', { range: { last: 3 } })).content)), '789', 'from the end')
  t.equal(String(await read((await cloud.blobs.read('bucket1', 'x', { range: { last: 30 } })).content)), '0123456789')
  t.equal(await failure(cloud.blobs.read('bucket1', 'x', { range: { last: 0 } })), 'bad-request')
})

t.test('a reader gets the whole old content of a blob that is replaced or deleted meanwhile', async t => {
  const { cloud, files } = await inFile(t)
  const old = Buffer.alloc(600_000, 'o')
  await put(cloud, 'x', old)
  const first = await cloud.blobs.read('bucket1', 'x', {})
  await put(cloud, 'x', Buffer.alloc(500_000, 'n'))
  const second = await cloud.blobs.read('bucket1', 'x', {})
  await cloud.blobs.destroy('bucket1', 'x')
  t.strictSame(files(), [], 'the files are gone')
  t.ok(old.equals(await read(first.content)))
  t.ok(Buffer.alloc(500_000, 'n').equals(await read(second.content)))
})

t.test('a reader may leave early, or never come', async t => {
  const { cloud } = await inFile(t)
  await put(cloud, 'x', Buffer.alloc(900_000, 'o'))
  for await (const piece of (await cloud.blobs.read('bucket1', 'x', {})).content) {
    t.ok(piece.length > 0)
    break
  }
  const unread = (await cloud.blobs.read('bucket1', 'x', {})).content[Symbol.asyncIterator]()
  t.strictSame(await unread.return?.(), { done: true, value: undefined })
})

t.test('the same content is kept once, for as long as a blob has it', async t => {
  const { cloud, files } = await inFile(t)
  const content = Buffer.alloc(100_000, 'c')
  await put(cloud, 'a', content)
  await put(cloud, 'b', content, 'bucket2')
  await put(cloud, 'b', content, 'bucket2')
  t.equal(files().length, 1)
  await cloud.blobs.destroy('bucket1', 'a')
  t.ok(content.equals(await read((await cloud.blobs.read('bucket2', 'b', {})).content)))
  await cloud.blobs.destroy('bucket2', 'b')
  t.strictSame(files(), [])
})

t.test('an upload that fails leaves nothing, and what was there stays', async t => {
  const { cloud, files } = await inFile(t)
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(200_000, 'x')
    throw new Error('the client has gone')
  }
  await t.rejects(cloud.blobs.create('bucket1', 'blob1', { content: broken(), metadata: {} }), /the client has gone/)
  const much = Buffer.alloc(200_000, 'x')
  for (const length of [much.length - 1, much.length + 1]) {
    t.equal(await failure(cloud.blobs.create('bucket1', 'blob1', { content: pieces(much), length, metadata: {} })), 'bad-request')
  }
  t.strictSame(files(), [])
  t.equal(String(await read((await cloud.blobs.read('bucket1', 'blob1', {})).content)), 'content of blob 1')
  t.equal(there(await cloud.buckets.get('bucket1')).size, 3)
})

t.test('a bucket that goes while its blob comes leaves nothing', async t => {
  const { cloud, files } = await inFile(t)
  await cloud.buckets.create({ name: 'b' })
  async function* late(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(50_000, 'x')
    await cloud.buckets.destroy('b')
  }
  t.equal(await failure(cloud.blobs.create('b', 'x', { content: late(), metadata: {} })), 'not-found')
  t.strictSame(files(), [])
})

t.test('content is not read where it has no place', async t => {
  const cloud = await (await opened(t)).as()
  let isRead = false
  async function* unread(): AsyncGenerator<Uint8Array> {
    isRead = true
    yield Buffer.from('x')
  }
  t.equal(await failure(cloud.blobs.create('nosuch', 'x', { content: unread(), metadata: {} })), 'not-found')
  for (const id of ['', '.', '..', 'x'.repeat(1025)])
    t.equal(await failure(cloud.blobs.create('bucket1', id, { content: unread(), metadata: {} })), 'bad-request')
  t.notOk(isRead)
})

t.test('a bucket is as large as the blobs in it are many', async t => {
  const { buckets, blobs } = await (await opened(t)).as()
  await blobs.create('bucket1', 'blob1', { content: pieces(Buffer.from('again')), metadata: {} })
  await blobs.create('bucket1', 'a new one', { content: pieces(Buffer.from('new')), metadata: {} })
  t.match(await buckets.get('bucket1'), { size: 4, blobs: ['a new one', 'blob1', 'blob2', 'blob3'] })
  await blobs.destroy('bucket1', 'blob1')
  t.equal(there(await buckets.get('bucket1')).size, 3)
  t.equal(await failure(blobs.destroy('bucket1', 'blob1')), 'not-found')
  t.equal(await blobs.get('bucket2', 'blob2'), undefined, 'a blob is in its bucket only')
})

t.test('a bucket is made once, with a name that can be one, and goes when it is empty', async t => {
  const { buckets, blobs } = await (await opened(t)).as()
  t.strictSame(await buckets.create({ name: 'b', location: 'eu' }), { id: 'b', name: 'b', size: 0, blobs: [] })
  t.equal(await failure(buckets.create({ name: 'b' })), 'conflict')
  for (const name of ['', '.', '..', 'a/b', 'x'.repeat(256)]) t.equal(await failure(buckets.create({ name })), 'bad-request', name)
  t.equal(await failure(buckets.destroy('bucket1')), 'conflict')
  await blobs.begin('b', 'x', { metadata: {} })
  await buckets.destroy('b')
  t.equal(await failure(buckets.destroy('b')), 'not-found')
})

t.test('metadata are replaced as a whole', async t => {
  const { blobs } = await (await opened(t)).as()
  t.strictSame((await blobs.get('bucket1', 'blob1'))?.userMetadata, { SOMENEWKEY: 'NEWVALUE' })
  await blobs.updateMetadata('bucket1', 'blob1', { other: 'value' })
  t.match(await blobs.get('bucket1', 'blob1'), { contentLength: 17, contentType: 'text/plain' })
  t.strictSame((await blobs.get('bucket1', 'blob1'))?.userMetadata, { other: 'value' })
  t.equal(await failure(blobs.updateMetadata('bucket1', 'nosuch', {})), 'not-found')
  t.equal(await failure(blobs.read('bucket1', 'nosuch', {})), 'not-found')
})

const id = fc
  .string({ minLength: 1, maxLength: 4, unit: fc.constantFrom('a', 'b', '/', '~', '\u{10ffff}', '\ud7ff', 'é') })
  .filter(text => text !== '.')

/** What a listing is, in words of a list that is all there. */
const model = (ids: readonly string[], prefix: string, delimiter: string): string[] => {
  const names = ids
    .filter(one => one.startsWith(prefix))
    .map(one => {
      const at = delimiter === '' ? -1 : one.indexOf(delimiter, prefix.length)
      return at < 0 ? one : `${one.slice(0, at + delimiter.length)} and more`
    })
  return [...new Set(names)].sort()
}

t.test('the pages of a listing hold each blob or prefix once, in order', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(id, { maxLength: 15 }),
      fc.constantFrom('', 'a', 'a/', 'b', '\u{10ffff}', '\ud7ff'),
      fc.constantFrom('', '/', 'b', '//'),
      fc.integer({ min: 1, max: 5 }),
      async (ids, prefix, delimiter, limit) => {
        const { cloud, as } = await open()
        const { buckets, blobs } = await as()
        await buckets.create({ name: 'b' })
        for (const one of ids) await blobs.create('b', one, { content: pieces(Buffer.from(one)), metadata: {} })
        const found: string[] = []
        let after: string | undefined
        do {
          const page = await blobs.page('b', { prefix, delimiter, limit, ...(after === undefined ? {} : { after }) })
          t.ok(page.items.length + page.prefixes.length <= limit)
          found.push(...page.items.map(blob => blob.id), ...page.prefixes.map(one => `${one} and more`))
          after = page.next
        } while (after !== undefined)
        t.strictSame(found.sort(), model(ids, prefix, delimiter))
        await cloud.close()
      },
    ),
    { numRuns: 60 },
  )
})

t.test('a blob is joined of the parts named, in that order', async t => {
  const { cloud, files } = await inFile(t)
  const { blobs } = cloud
  const upload = await blobs.begin('bucket1', 'big', { contentType: 'x/y', metadata: { a: 'b' } })
  const one = await blobs.part('bucket1', 'big', upload, { number: 1, content: pieces(Buffer.alloc(100_000, '1')) })
  await blobs.part('bucket1', 'big', upload, { number: 2, content: pieces(Buffer.alloc(100_000, 'x')) })
  const two = await blobs.part('bucket1', 'big', upload, { number: 2, content: pieces(Buffer.alloc(50, '2')), length: 50 })
  t.strictSame(await blobs.parts('bucket1', 'big', upload), [one, two], 'a part of the same number is replaced')
  t.equal(await blobs.get('bucket1', 'big'), undefined, 'not yet there')
  t.equal(await failure(blobs.finish('bucket1', 'big', upload, [one, { id: 'nosuch' }])), 'bad-request')
  t.equal(await failure(blobs.finish('bucket1', 'big', upload, [])), 'bad-request')
  const made = await blobs.finish('bucket1', 'big', upload, [two, one])
  t.match(made, { contentLength: 100_050, contentType: 'x/y', userMetadata: { a: 'b' } })
  const content = await read((await blobs.read('bucket1', 'big', {})).content)
  t.ok(content.equals(Buffer.concat([Buffer.alloc(50, '2'), Buffer.alloc(100_000, '1')])))
  t.equal(files().length, 1, 'the parts are gone')
  t.equal(await failure(blobs.parts('bucket1', 'big', upload)), 'not-found')
})

t.test('an upload that is aborted leaves nothing', async t => {
  const { cloud, files } = await inFile(t)
  const { blobs } = cloud
  const upload = await blobs.begin('bucket1', 'big', { metadata: {} })
  await blobs.part('bucket1', 'big', upload, { number: 1, content: pieces(Buffer.alloc(100_000, '1')) })
  for (const number of [0, 1.5, 10_001])
    t.equal(await failure(blobs.part('bucket1', 'big', upload, { number, content: pieces(Buffer.from('x')) })), 'bad-request')
  t.equal(await failure(blobs.abort('bucket1', 'other', upload)), 'not-found', 'it is of one blob')
  await blobs.abort('bucket1', 'big', upload)
  t.strictSame(files(), [])
  t.equal(await failure(blobs.part('bucket1', 'big', upload, { number: 1, content: pieces(Buffer.from('x')) })), 'not-found')
  t.equal(await failure(blobs.begin('nosuch', 'big', { metadata: {} })), 'not-found')
})
