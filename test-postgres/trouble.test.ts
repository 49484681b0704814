/** What becomes of requests when the database is away, or what it holds is damaged. */

import { createServer, connect as dial, type Socket } from 'node:net'
import t from 'tap'
import { readBody } from '../src/drivers/wire.ts'
import { MockCloud } from '../src/mock-cloud/cloud.ts'
import { ask, place } from '../test/mock-cloud/place.ts'
import { connect, failure, there } from '../test/mock-cloud/support.ts'

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000)
}

const large = Buffer.alloc(1_000_003, 'a')

t.test('large content that is damaged or incomplete breaks off before its end', async t => {
  const state = there((await place()).state)
  const cloud = await MockCloud.open({ state })
  t.teardown(() => cloud.close())
  await cloud.checkStore()
  const { blobs } = await connect(cloud, 'mockuser')
  await blobs.create('bucket1', 'x', { content: pieces(large), metadata: {} })
  const content = async (range?: { first: number; last: number }) =>
    readBody((await blobs.read('bucket1', 'x', range === undefined ? {} : { range })).content)
  t.ok(large.equals(await content()))
  await ask(state, 'update chunk set bytes = set_byte(bytes, 7, 0) where number = 1')
  t.equal(await failure(content()), 'internal')
  t.equal((await content({ first: 0, last: 999 })).length, 1000)
  await ask(state, 'delete from chunk where number = 2')
  t.equal(await failure(content()), 'internal')
})

/** The database behind a door that can be shut. */
const behindDoor = async (state: string) => {
  const { hostname, port } = new URL(state)
  const open = new Set<Socket>()
  const door = createServer(socket => {
    const beyond = dial(Number(port), hostname)
    for (const one of [socket, beyond]) {
      open.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        open.delete(one)
        socket.destroy()
        beyond.destroy()
      })
    }
    socket.pipe(beyond).pipe(socket)
  })
  await new Promise<void>(resolve => door.listen(0, '127.0.0.1', resolve))
  const address = door.address()
  if (address === null || typeof address === 'string') throw new TypeError('A TCP port has an address')
  const to = new URL(state)
  to.host = `127.0.0.1:${address.port}`
  return {
    state: to.href,
    shut: () => {
      door.close()
      for (const socket of open) socket.destroy()
    },
  }
}

t.test('whatever is asked while the database is away is a passing failure, and the check says so', async t => {
  const door = await behindDoor(there((await place()).state))
  const cloud = await MockCloud.open({ state: door.state })
  t.teardown(() => {
    door.shut()
    return cloud.close().catch(() => undefined)
  })
  const { blobs, keys } = await connect(cloud, 'mockuser')
  await blobs.create('bucket1', 'x', { content: pieces(large), metadata: {} })
  const { content } = await blobs.read('bucket1', 'x', {})
  const pieceByPiece = content[Symbol.asyncIterator]()
  await pieceByPiece.next()
  const underWay = [keys.create({ name: 'under-way' }), blobs.create('bucket1', 'y', { content: pieces(large), metadata: {} })].map(failure)
  door.shut()
  const asked = [
    ...underWay,
    failure(pieceByPiece.next()),
    failure(cloud.checkStore()),
    failure(keys.list({})),
    failure(keys.create({ name: 'away' })),
    failure(blobs.create('bucket1', 'z', { content: pieces(large), metadata: {} })),
    failure(readBody(cloud.snapshot('default'))),
  ]
  t.strictSame(new Set(await Promise.all(asked)), new Set(['provider-unavailable']))
})
