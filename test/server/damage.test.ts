/** A state that was damaged on its disk: a database that can't be trusted is refused, and content that isn't what was stored is never served as good. */

import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { readBody } from '../../src/drivers/wire.ts'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { connect } from '../mock-cloud/support.ts'
import { type Ask, inText, type OverHttp, overHttp } from '../support/server.ts'
import { Client } from './frontends/openstack/support.ts'

const files = (state: string): string[] => readdirSync(`${state}.blobs`).map(name => join(`${state}.blobs`, name))

/** Inverts one byte of a file. */
const spoil = (file: string, at: number): void => {
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] ?? 0) ^ 0xff
  writeFileSync(file, bytes)
}

const serve = async (t: Test): Promise<{ server: OverHttp; state: string }> => {
  const state = join(t.testdir(), 'state')
  const server = await overHttp({ mock: { state }, frontends: ['deltacloud', 's3', 'openstack'] })
  t.teardown(() => server.close())
  await server.ask({ method: 'POST', target: '/api/buckets?name=damaged' })
  return { server, state }
}

const put = (server: OverHttp, id: string, body: Uint8Array) => server.ask({ method: 'PUT', target: `/api/buckets/damaged/${id}`, body })

/** Where each protocol has the content of a blob. */
const addresses = async (server: OverHttp, id: string): Promise<readonly Ask[]> => {
  const { project, token } = await Client.open(server.url)
  return [
    { target: `/api/buckets/damaged/${id}/content` },
    { target: `/s3/damaged/${id}` },
    { target: `/openstack/object-store/v1/AUTH_${project}/damaged/${id}`, headers: { 'X-Auth-Token': token } },
  ]
}

interface Damage {
  readonly name: string
  readonly size: number
  readonly make: (file: string) => void
}

const damages: readonly Damage[] = [
  { name: 'has another byte', size: 50_000, make: file => spoil(file, 49_999) },
  { name: 'has another byte, and is as large as what is still read before the answer', size: 256 * 1024, make: file => spoil(file, 0) },
  { name: 'is shorter', size: 900_000, make: file => truncateSync(file, 899_999) },
  { name: 'is longer', size: 900_000, make: file => writeFileSync(file, 'x', { flag: 'a' }) },
  { name: 'is empty', size: 900_000, make: file => truncateSync(file, 0) },
  { name: 'is gone', size: 50_000, make: file => rmSync(file) },
]

for (const { name, size, make } of damages) {
  t.test(`content whose file ${name} is an error in the words of each protocol, and the log names the file`, async t => {
    const { server, state } = await serve(t)
    t.equal((await put(server, 'x', Buffer.alloc(size, 'a'))).status, 200)
    const [file = ''] = files(state)
    make(file)
    const [deltacloud, s3, swift] = await Promise.all((await addresses(server, 'x')).map(address => server.ask(address)))
    t.match(deltacloud, { status: 500, text: /The stored content of this blob is damaged/ })
    t.match(s3, { status: 500, text: /<Code>InternalError<\/Code>\s*<Message>The stored content of this blob is damaged/ })
    t.match(swift, { status: 500, text: /The stored content of this blob is damaged/ })
    t.equal(inText(server.lines.filter(line => line.level === 'error')).split(file).length > 3, true)
    t.match((await server.ask({ target: '/api/buckets/damaged/x/content', headers: { Range: 'bytes=0-9' } })).status, 500)
    t.notMatch(deltacloud?.text, file)
  })
}

t.test('a small content that lies in the database is checked too', async t => {
  const state = join(t.testdir(), 'state')
  const first = await MockCloud.open({ state })
  await (await connect(first, 'mockuser')).blobs.create('bucket1', 'x', { content: one(Buffer.from('small')), metadata: {} })
  await first.close()
  const db = new DatabaseSync(state)
  db.prepare('update content set bytes = ? where bytes = ?').run(Buffer.from('smell'), Buffer.from('small'))
  db.close()
  const again = await overHttp({ mock: { state } })
  t.teardown(() => again.close())
  t.match(await again.ask('/api/buckets/bucket1/x/content'), { status: 500, text: /is damaged/ })
})

t.test('large content that has another byte breaks off before its end, and the log names the file', async t => {
  const { server, state } = await serve(t)
  const size = 3 * 256 * 1024 + 1
  await put(server, 'x', Buffer.alloc(size, 'a'))
  const [file = ''] = files(state)
  spoil(file, 7)
  for (const address of await addresses(server, 'x')) await t.rejects(server.ask(address), /aborted|reset|hang up/, address.target)
  t.ok(inText(server.lines.filter(line => line.level === 'error')).split(file).length > 3)
  // Of a part only the length is known to be right.
  const range = (bytes: string) => server.ask({ target: '/api/buckets/damaged/x/content', headers: { Range: `bytes=${bytes}` } })
  t.equal((await range('100-199')).status, 206)
  await t.rejects(range('0-'), /aborted|reset|hang up/, 'a range of all is all')
  t.equal((await server.ask('/api/buckets/damaged?format=xml')).status, 200)
})

t.test('content is what was stored, at the sizes where it is kept in another way', async t => {
  const { server } = await serve(t)
  for (const size of [0, 1, 16 * 1024, 16 * 1024 + 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 512 * 1024, 700_000]) {
    const body = Buffer.from(Array.from({ length: Math.min(size, 1000) }, (_, i) => i % 251))
    const content = Buffer.alloc(size, body.length === 0 ? 'x' : body)
    await put(server, 'x', content)
    const { body: read, status } = await server.ask('/api/buckets/damaged/x/content')
    t.equal(status, 200)
    t.ok(content.equals(read), `${size} bytes`)
  }
})

t.test('no snapshot, and no blob joined of parts, is made of damaged content', async t => {
  const { server, state } = await serve(t)
  const { blobs } = await connect(server.mock, 'mockuser')
  const upload = await blobs.begin('damaged', 'joined', { metadata: {} })
  const content = Buffer.alloc(900_000, 'a')
  const part = await blobs.part('damaged', 'joined', upload, { number: 1, content: one(content), length: content.length })
  const [file = ''] = files(state)
  spoil(file, 7)
  await t.rejects(blobs.finish('damaged', 'joined', upload, [part]), /is damaged/)
  t.equal(await blobs.get('damaged', 'joined'), undefined)
  await t.rejects(readBody(server.mock.snapshot('default')), /is damaged/)
})

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

t.test('a database that is damaged is refused in a sentence that names the file', async t => {
  const state = join(t.testdir(), 'state')
  const first = await MockCloud.open({ state })
  const { keys } = await connect(first, 'mockuser')
  for (let i = 0; i < 20; i++) await keys.create({ name: `key${i}` })
  await first.close()
  const whole = readFileSync(state)
  const pages = whole.length / 4096
  t.ok(pages > 8)
  for (let page = 0; page < pages; page++) {
    for (const fill of [0, 0xff]) {
      const bytes = Buffer.from(whole)
      // A page's own header, or that of the file.
      bytes.fill(fill, page * 4096, page * 4096 + 16)
      writeFileSync(state, bytes)
      await t.rejects(
        MockCloud.open({ state }).then(cloud => cloud.close()),
        { name: 'StateError', message: /^The (state )?file .*state (is damaged|is not a database)/ },
        `page ${page}, ${fill}`,
      )
    }
  }
  writeFileSync(state, whole)
  await (await MockCloud.open({ state })).close()
})
