/** A client that uses `fetch` talks to the mock cloud through msw. */

import { createHash } from 'node:crypto'
import t from 'tap'
import { deltacloudHandlers } from '../../src/msw.ts'
import { authorization, behindMsw, pieces, url } from './cloud.ts'

const headers = { authorization }

t.test('an instance that is launched over the API boots when the test moves the clock', async t => {
  const cloud = await behindMsw(t)
  const launched = await fetch(`${url}/api/instances?format=json`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ image_id: 'img1', name: 'web' }),
  })
  t.equal(launched.status, 201)
  const address = launched.headers.get('location') ?? ''
  t.match(address, `${url}/api/instances/`, 'links lead where the client believes the server to be')
  const state = async (): Promise<string> => {
    const shown = (await (await fetch(`${address}?format=json`, { headers })).json()) as { instance: { state: string } }
    return shown.instance.state
  }
  t.equal(await state(), 'PENDING')
  cloud.clock.advance(10_000)
  t.equal(await state(), 'RUNNING')
  const mine = await cloud.as()
  t.ok(
    (await mine.instances.list({})).find(instance => instance.name === 'web' && instance.state === 'running'),
    'it is one cloud',
  )
})

t.test('a cloud can be chosen by matrix parameter, header and password as ever', async t => {
  await behindMsw(t)
  const classic = await fetch(`${url}/api;driver=mock;provider=classic/realms?format=xml`, { headers })
  t.equal(classic.headers.get('x-deltacloud-provider'), 'classic')
  t.match(await classic.text(), `${url}/api;driver=mock;provider=classic/realms/us`)
  const named = await fetch(`${url}/api/realms`, { headers: { ...headers, 'X-Deltacloud-Provider': 'classic' } })
  t.equal(named.headers.get('x-deltacloud-provider'), 'classic')
  const stranger = await fetch(`${url}/api/instances`, { headers: { accept: 'application/json' } })
  t.equal(stranger.status, 401)
  t.match(stranger.headers.get('www-authenticate'), /^Basic /)
  t.match(await stranger.json(), { code: 401 })
})

t.test('each test can have a world of its own, by address or by header', async t => {
  const cloud = await behindMsw(t)
  const mine = `${url}/_worlds/mine/api`
  const created = await fetch(`${mine}/keys?format=json`, { method: 'POST', headers, body: new URLSearchParams({ name: 'deploy' }) })
  t.equal(created.headers.get('location'), `${mine}/keys/deploy`)
  const status = async (address: string, more: Record<string, string> = {}): Promise<number> =>
    (await fetch(address, { headers: { ...headers, ...more, accept: 'application/json' } })).status
  t.equal(await status(`${mine}/keys/deploy`), 200)
  t.equal(await status(`${url}/api/keys/deploy`, { 'X-Deltacloud-World': 'mine' }), 200)
  t.equal(await status(`${url}/api/keys/deploy`), 404)
  t.ok(await (await (await cloud.in('mine')).as()).keys.get('deploy'))
})

t.test('answers without a body have none', async t => {
  await behindMsw(t)
  const entry = await fetch(`${url}/api?format=xml`)
  const text = await entry.text()
  t.equal(entry.headers.get('content-length'), String(Buffer.byteLength(text)))
  const head = await fetch(`${url}/api?format=xml`, { method: 'HEAD' })
  t.equal(head.status, 200)
  t.equal(await head.text(), '')
  const again = await fetch(`${url}/api?format=xml`, { headers: { 'if-none-match': entry.headers.get('etag') ?? '' } })
  t.equal(again.status, 304)
  t.equal(await again.text(), '')
  const created = await fetch(`${url}/api/keys?format=json`, { method: 'POST', headers, body: new URLSearchParams({ name: 'deploy' }) })
  t.equal(created.status, 201)
  const gone = await fetch(`${url}/api/keys/deploy?format=json`, { method: 'DELETE', headers })
  t.equal(gone.status, 204)
})

t.test('a blob streams in and out', async t => {
  await behindMsw(t)
  await fetch(`${url}/api/buckets`, { method: 'POST', headers, body: new URLSearchParams({ name: 'big' }) })
  const content = pieces(64, 256 * 1024)
  const upload: RequestInit & { duplex: 'half' } = {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: ReadableStream.from(content.bytes),
    duplex: 'half',
  }
  const stored = await fetch(`${url}/api/buckets/big/blob?format=json`, upload)
  t.equal(stored.status, 200)
  t.equal(content.asked(), 64)
  const expected = createHash('sha256')
  for await (const piece of pieces(64, 256 * 1024).bytes) expected.update(piece)
  const found = createHash('sha256')
  const download = await fetch(`${url}/api/buckets/big/blob/content`, { headers })
  for await (const piece of download.body ?? []) found.update(piece)
  t.equal(found.digest('hex'), expected.digest('hex'))
  const part = await fetch(`${url}/api/buckets/big/blob/content`, { headers: { ...headers, range: 'bytes=0-9' } })
  t.equal(part.status, 206)
  t.equal((await part.bytes()).length, 10)
  const left = await fetch(`${url}/api/buckets/big/blob/content`, { headers })
  await left.body?.cancel()
  t.equal((await fetch(`${url}/api/buckets/big/blob?format=json`, { method: 'DELETE', headers })).status, 204)
})

t.test('an upload that is refused gets its answer', async t => {
  await behindMsw(t)
  const refused = await fetch(`${url}/api/buckets/bucket1/blob`, { method: 'PUT', body: new Uint8Array(5_000_000) })
  t.equal(refused.status, 401)
})

t.test('a connection that a fault breaks fails the request', async t => {
  await behindMsw(t)
  await t.rejects(fetch(`${url}/api;driver=reset/realms`, { headers }), TypeError)
})

t.test('a fault shows as a status, in the format that was asked for', async t => {
  await behindMsw(t)
  const refused = await fetch(`${url}/api;driver=status/realms`, { headers: { ...headers, accept: 'application/json' } })
  t.equal(refused.status, 503)
  t.equal(refused.headers.get('retry-after'), '7')
  t.match(await refused.json(), { code: 503 })
})

t.test('an answer breaks off, or has other bytes, as a fault wants it', async t => {
  await behindMsw(t)
  const realms = (driver: string): Promise<Response> => fetch(`${url}/api;driver=${driver}/realms?format=json`, { headers })
  const text = await (await realms('mock')).text()
  await t.rejects((await realms('truncated')).text(), TypeError)
  const garbled = await (await realms('garbled')).bytes()
  t.not(Buffer.from(garbled).toString(), text.replaceAll('driver=mock', 'driver=garbled'))
})

t.test('a request that is never answered ends when its client gives up', async t => {
  await behindMsw(t)
  const giveUp = new AbortController()
  const waiting = fetch(`${url}/api;driver=never/realms`, { headers, signal: giveUp.signal })
  t.equal((await fetch(`${url}/api/realms`, { headers })).status, 200, 'others get their answers meanwhile')
  giveUp.abort()
  await t.rejects(waiting, { name: 'AbortError' })
})

t.test('what is not for the cloud is left alone', async t => {
  await behindMsw(t)
  for (const address of [`${url}/other`, `${url}/apis`, 'http://elsewhere.test/api', 'https://cloud.test/api'])
    await t.rejects(fetch(address), TypeError, address)
})

t.test('handlers are refused for what is no origin, and for a frontend that is not there', async t => {
  t.throws(() => deltacloudHandlers({ url: 'http://cloud.test/api' }), TypeError)
  t.throws(() => deltacloudHandlers({ frontends: ['soap'] }), /There is no frontend 'soap'/)
})
