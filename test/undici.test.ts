/** A client that uses undici, or Node's own `fetch`, meets the whole server over connections in memory. */

import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { type Agent, fetch as fetchOfUndici, getGlobalDispatcher, request, setGlobalDispatcher } from 'undici'
import { createMockCloud, type MockCloudInHand } from '../src/mock.ts'
import { deltacloudAgent } from '../src/undici.ts'

const url = 'http://cloud.test'
const headers = { authorization: `Basic ${Buffer.from('mockuser:mockpassword').toString('base64')}` }

/** Until the test is over undici's default dispatcher leads to the cloud. */
const behindUndici = async (t: Test): Promise<{ cloud: MockCloudInHand; agent: Agent }> => {
  const before = getGlobalDispatcher()
  const cloud = await createMockCloud()
  const agent = await deltacloudAgent({ cloud, url })
  setGlobalDispatcher(agent)
  t.teardown(async () => {
    setGlobalDispatcher(before)
    await agent.close()
    await cloud.close()
  })
  return { cloud, agent }
}

t.test('an instance that is launched over the API boots when the test moves the clock', async t => {
  const { cloud } = await behindUndici(t)
  const launched = await request(`${url}/api/instances?format=json&image_id=img1`, { method: 'POST', headers })
  t.equal(launched.statusCode, 201)
  await launched.body.dump()
  cloud.clock.advance(10_000)
  const shown = await request(`${launched.headers.location}?format=json`, { headers })
  t.match(await shown.body.json(), { instance: { state: 'RUNNING' } })
})

t.test("every client of undici is caught, and so is Node's own fetch", async t => {
  await behindUndici(t)
  for (const get of [fetch, fetchOfUndici]) {
    const answer = await get(`${url}/api/realms?format=json`, { headers })
    t.match(await answer.json(), { realms: [{ id: 'us' }, { id: 'eu' }] })
  }
})

t.test('an address arrives as it was sent', async t => {
  const { agent } = await behindUndici(t)
  await request(`${url}/api/buckets?name=b`, { method: 'POST', headers }).then(answer => answer.body.dump())
  const path = '/api/buckets/b/%2e%2e%2Fa?format=json'
  const stored = await agent.request({ origin: url, path, method: 'PUT', headers, body: 'up and away' })
  t.match(await stored.body.json(), { blob: { id: '../a' } })
})

t.test('a blob streams in and out, whole or in part', async t => {
  await behindUndici(t)
  await request(`${url}/api/buckets?name=b`, { method: 'POST', headers }).then(answer => answer.body.dump())
  const piece = Buffer.alloc(1024 * 1024, 'x')
  const content = Readable.from(Array.from({ length: 16 }, () => piece))
  const stored = await request(`${url}/api/buckets/b/big?format=json`, { method: 'PUT', headers, body: content })
  t.equal(stored.statusCode, 200)
  await stored.body.dump()
  const whole = await request(`${url}/api/buckets/b/big/content`, { headers })
  let size = 0
  for await (const chunk of whole.body) size += chunk.length
  t.equal(size, 16 * piece.length)
  const left = await request(`${url}/api/buckets/b/big/content`, { headers })
  left.body.on('error', () => undefined)
  left.body.destroy()
  const gone = await request(`${url}/api/buckets/b/big?format=json`, { method: 'DELETE', headers })
  t.equal(gone.statusCode, 204)
})

t.test('an upload that is refused gets its answer', async t => {
  await behindUndici(t)
  const refused = await request(`${url}/api/buckets/bucket1/blob`, { method: 'PUT', body: Buffer.alloc(5_000_000) })
  t.equal(refused.statusCode, 401)
  await refused.body.dump()
})

t.test('all of the server is there, and nothing else', async t => {
  await behindUndici(t)
  const health = await request(`${url}/healthz`)
  t.match(await health.body.json(), { status: 'ok' })
  await t.rejects(request('http://127.0.0.1:1/api'), { code: 'ECONNREFUSED' })
})

t.test('the simulator is controlled by those whom it is open to: this process is on this machine', async t => {
  await using mock = await createMockCloud()
  const agent = await deltacloudAgent({ cloud: mock })
  t.teardown(() => agent.close())
  const clock = await agent.request({ origin: 'http://localhost:3001', path: '/_mock/clock', method: 'GET' })
  t.match(await clock.body.json(), { mode: 'manual' })
})
