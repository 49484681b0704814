/** A disk that is full: what doesn't fit is refused in the words of each protocol, nothing is half done, and what is there can be read and removed. */

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { deltacloudd } from '../cli/process.ts'
import { connect } from '../mock-cloud/support.ts'
import { basic, inText, type OverHttp, overHttp } from '../support/server.ts'
import { Client } from './frontends/openstack/support.ts'

/** Whether a disk is full at a moment, asked before each commit: SQLite then says what it says on a full disk. */
let isFull: () => boolean = () => false
const { exec } = DatabaseSync.prototype
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  if (sql === 'commit' && isFull()) throw Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 })
  exec.call(this, sql)
}

const serve = async (t: Test): Promise<{ server: OverHttp; state: string }> => {
  const state = join(t.testdir(), 'state')
  const server = await overHttp({ mock: { state }, frontends: ['deltacloud', 's3', 'openstack', 'ec2'] })
  t.teardown(() => {
    isFull = () => false
    return server.close()
  })
  return { server, state }
}

const signed = '/ec2/?Version=2016-11-15&Action='

t.test('what does not fit is refused in the words of each protocol, and nothing of it is there', async t => {
  const { server, state } = await serve(t)
  const before = (await server.ask('/api/keys?format=json')).text
  const client = await Client.open(server.url)
  isFull = () => true
  t.match(await client.swift('/more', 'PUT'), { status: 507, text: /507 Insufficient Storage/ })
  t.match(await server.ask({ method: 'POST', target: '/api/keys?name=more&format=json' }), {
    status: 507,
    text: /The mock cloud has no space left/,
  })
  t.match(await server.ask({ method: 'PUT', target: '/s3/more' }), { status: 507, text: /<Code>InsufficientCapacity<\/Code>/ })
  t.match(await server.ask(`${signed}CreateKeyPair&KeyName=more`), { status: 500, text: /<Code>InsufficientCapacity<\/Code>/ })
  const large = await server.ask({ method: 'PUT', target: '/api/buckets/bucket1/large', body: Buffer.alloc(100_000) })
  t.equal(large.status, 507)
  t.strictSame(readdirSync(`${state}.blobs`), [], 'no file is left')
  t.equal((await server.ask('/api/keys?format=json')).text, before)
  t.match(inText(server.lines.filter(line => line.level === 'error')), `The state file ${state} can't grow: its disk is full`)
  t.match(await server.ask('/healthz'), { status: 503, text: /"status":"unavailable".*"reason":"The mock cloud has no space left"/ })
  t.equal((await server.ask('/livez')).status, 200)
  isFull = () => false
  t.equal((await server.ask({ method: 'POST', target: '/api/keys?name=more&format=json' })).status, 201)
})

t.test('a removal is given the room of the reserve, which is taken again; nothing else is', async t => {
  const { server, state } = await serve(t)
  await server.ask({ method: 'PUT', target: '/api/buckets/bucket1/gone', body: Buffer.alloc(100_000) })
  await server.ask({ method: 'POST', target: '/api/keys?name=gone' })
  const reserve = `${state}-reserve`
  t.ok(existsSync(reserve))
  isFull = () => existsSync(reserve)
  t.equal((await server.ask({ method: 'POST', target: '/api/keys?name=more&format=json' })).status, 507)
  t.ok(existsSync(reserve))
  t.equal((await server.ask({ method: 'DELETE', target: '/api/buckets/bucket1/gone' })).status, 204)
  t.strictSame(readdirSync(`${state}.blobs`), [])
  t.ok(existsSync(reserve))
  t.equal((await server.ask({ method: 'DELETE', target: '/api/keys/gone' })).status, 204)
  t.equal((await server.ask('/api/keys/gone?format=json')).status, 404)
})

t.test('a state of this version is opened without a write, so that it is on a full disk too', async t => {
  const state = join(t.testdir(), 'state')
  await (await MockCloud.open({ state })).close()
  const again = await MockCloud.open({ state })
  t.teardown(() => again.close())
  t.equal(statSync(`${state}-wal`).size, 0)
  t.equal((await (await connect(again, 'mockuser')).instances.list({})).length > 0, true)
})

/** A server that may write no file of more than 2 MiB: a disk that is full for large contents. */
t.test('content whose file does not fit is refused, and no part of it stays', async t => {
  const folder = t.testdir()
  const state = join(folder, 'state')
  // What a test runner loads into its children ends them at the signal that comes with this limit; Node itself ignores it.
  const limited = ['sh', '-c', 'unset NODE_OPTIONS; ulimit -f 4096; exec "$0" "$@"', process.execPath] as const
  const server = deltacloudd(['-i', 'mock', '-p', '0', '--state', state], { node: limited })
  t.teardown(() => server.child.kill('SIGKILL'))
  const url = await server.listens()
  const large = (path: string, body: FormData | Uint8Array<ArrayBuffer>) =>
    fetch(`${url}${path}`, { method: path.endsWith('/x') ? 'PUT' : 'POST', headers: { Authorization: basic() }, body })
  const content = new Uint8Array(5_000_000)
  const form = new FormData()
  form.append('blob_id', 'x')
  form.append('blob_data', new Blob([content]), 'x')
  t.equal((await large('/api/buckets/bucket1/x', content)).status, 507)
  t.equal((await large('/api/buckets/bucket1', form)).status, 507)
  t.strictSame(readdirSync(`${state}.blobs`), [])
  t.equal((await large('/api/buckets/bucket1/x', content.subarray(0, 500_000))).status, 200)
  server.child.kill('SIGTERM')
  await server.ended
})
