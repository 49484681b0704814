/** Contents in PostgreSQL: kept once, read to their end, and gone some time after nobody has them. */

import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import { MockCloud } from '../src/mock-cloud/cloud.ts'
import { PostgresStore } from '../src/mock-cloud/store/postgres.ts'
import type { Bytes } from '../src/model/requests.ts'
import { ask, place } from '../test/mock-cloud/place.ts'
import { connect, there } from '../test/mock-cloud/support.ts'

const large = (fill: number, size = 1_000_003): Buffer => Buffer.alloc(size, Uint8Array.from([fill, 1, 2, 3, 5, 8, 13]))

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000)
}

const digest = async (content: Bytes): Promise<string> => {
  const hash = createHash('sha256')
  for await (const piece of content) hash.update(piece)
  return hash.digest('hex')
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** A cloud, and another store over its database that sweeps what has been loose for so many milliseconds. */
const opened = async (t: Test, grace: number) => {
  const state = there((await place()).state)
  const cloud = await MockCloud.open({ state })
  const sweeper = await PostgresStore.open(state, { grace })
  t.teardown(async () => {
    await cloud.close()
    await sweeper.close()
  })
  const count = async () =>
    (await ask(state, 'select (select count(*)::int from content) contents, (select count(*)::int from chunk) chunks'))[0]
  return { cloud: await connect(cloud, 'mockuser'), count, sweeper, state }
}

const put = ({ blobs }: Awaited<ReturnType<typeof connect>>, id: string, bytes: Buffer) =>
  blobs.create('bucket1', id, { content: pieces(bytes), metadata: {} })

t.test('the same bytes are kept once, for as long as someone has them', async t => {
  const { cloud, count, sweeper } = await opened(t, 0)
  await Promise.all(['a', 'b', 'c', 'd'].map(id => put(cloud, id, large(7))))
  await sweeper.sweep()
  t.match(await count(), { contents: 1, chunks: 4 })
  await cloud.blobs.destroy('bucket1', 'a')
  await put(cloud, 'b', large(8))
  await cloud.blobs.destroy('bucket1', 'c')
  await sweeper.sweep()
  t.match(await count(), { contents: 2, chunks: 8 })
  t.equal(await digest((await cloud.blobs.read('bucket1', 'd', {})).content), digestOf(large(7)))
  await cloud.blobs.destroy('bucket1', 'd')
  await sweeper.sweep()
  t.match(await count(), { contents: 1, chunks: 4 })
})

t.test('what was begun to be read is read to its end, though its blob is replaced and removed', async t => {
  const { cloud, sweeper } = await opened(t, 60_000)
  await put(cloud, 'x', large(1))
  const reading = (await cloud.blobs.read('bucket1', 'x', {})).content[Symbol.asyncIterator]()
  const first = await reading.next()
  t.ok(!first.done)
  await put(cloud, 'x', large(2))
  await cloud.blobs.destroy('bucket1', 'x')
  await sweeper.sweep()
  const all = [first.value]
  for (let next = await reading.next(); !next.done; next = await reading.next()) all.push(next.value)
  t.equal(Buffer.concat(all).compare(large(1)), 0)
})

t.test('a content that breaks off leaves nothing', async t => {
  const { cloud, count } = await opened(t, 60_000)
  const breaking = async function* (): AsyncGenerator<Uint8Array> {
    yield large(3)
    throw new Error('The client is gone')
  }
  await t.rejects(cloud.blobs.create('bucket1', 'x', { content: breaking(), metadata: {} }), /client is gone/)
  await t.rejects(cloud.blobs.create('bucket1', 'x', { content: pieces(large(3)), length: 5, metadata: {} }), /5 bytes/)
  t.match(await count(), { contents: 0, chunks: 0 })
})

t.test('what no blob came to have is swept, with parts of uploads that were given up', async t => {
  const { cloud, count, sweeper } = await opened(t, 0)
  await t.rejects(cloud.blobs.create('nosuch', 'x', { content: pieces(large(4)), metadata: {} }), /Not Found/)
  const upload = await cloud.blobs.begin('bucket1', 'x', { metadata: {} })
  await cloud.blobs.part('bucket1', 'x', upload, { number: 1, content: pieces(large(5)) })
  await cloud.blobs.abort('bucket1', 'x', upload)
  await sweeper.sweep()
  t.match(await count(), { contents: 0, chunks: 0 })
})

t.test('a content that is swept while it comes in is refused, and leaves nothing', async t => {
  const { cloud, count, sweeper } = await opened(t, 0)
  // The first ends with a whole chunk, the second has a rest to write.
  for (const size of [256 * 1024, 300_000]) {
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      yield large(6, size)
      await sweeper.sweep()
    }
    await t.rejects(cloud.blobs.create('bucket1', 'x', { content: slow(), metadata: {} }), /came in too slowly/)
  }
  t.match(await count(), { contents: 0, chunks: 0 })
})

t.test('while some put and remove the same bytes and others sweep, no blob loses its content', async t => {
  const { cloud, sweeper } = await opened(t, 0)
  const bytes = large(9, 300_000)
  let isOver = false
  const sweeping = (async () => {
    while (!isOver) await sweeper.sweep()
  })()
  const turns = Array.from({ length: 4 }, async (_, who) => {
    for (let turn = 0; turn < 6; turn++) {
      const id = `${who}`
      // With no grace at all, a content may be swept before its blob is made: then that fails, and nothing is there.
      const made = await put(cloud, id, bytes).catch(() => undefined)
      if (made === undefined) continue
      const found = await cloud.blobs.get('bucket1', id)
      t.equal(found?.contentLength, bytes.length)
      if (turn % 2 === 0) await cloud.blobs.destroy('bucket1', id)
    }
  })
  await Promise.all(turns)
  isOver = true
  await sweeping
  const left = (await cloud.blobs.page('bucket1', { limit: 100 })).items.filter(({ contentLength }) => contentLength === bytes.length)
  for (const { id } of left) t.equal(await digest((await cloud.blobs.read('bucket1', id, {})).content), digestOf(bytes))
})
