/** A client that uses `node:http` or `node:https` talks to the mock cloud through msw. */

// msw exchanges functions of these modules: imported by name, they would be the old ones.
import http from 'node:http'
import https from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { authorization, behindMsw, pieces, url } from './cloud.ts'

interface Answer {
  readonly status: number | undefined
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

const ask = async (address: string, options: http.RequestOptions = {}, body: Readable = Readable.from([])): Promise<Answer> => {
  const { request: open } = address.startsWith('https:') ? https : http
  const request = open(address, { ...options, headers: { authorization, ...options.headers } })
  const answered = new Promise<Answer>((resolve, reject) => {
    request.on('error', reject)
    request.on('response', async response => {
      const chunks: Uint8Array[] = []
      for await (const chunk of response) chunks.push(chunk)
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) })
    })
  })
  if (options.method === undefined) request.end()
  else await pipeline(body, request)
  return answered
}

t.test('a launched instance is answered with its address, and listed', async t => {
  const cloud = await behindMsw(t)
  const launched = await ask(
    `${url}/api/instances?format=json`,
    { method: 'POST', headers: { 'content-type': 'application/json' } },
    Readable.from([Buffer.from(JSON.stringify({ image_id: 'img1', name: 'db' }))]),
  )
  t.equal(launched.status, 201)
  cloud.clock.advance(10_000)
  const shown = await ask(`${launched.headers.location}?format=json`)
  t.equal(JSON.parse(shown.body.toString()).instance.state, 'RUNNING')
})

t.test('parameters may stand in the query of a POST without a body', async t => {
  await behindMsw(t)
  const created = await ask(`${url}/api/buckets?name=mine&format=json`, { method: 'POST' })
  t.equal(created.status, 201)
  t.equal(JSON.parse(created.body.toString()).bucket.id, 'mine')
})

t.test('a blob streams in and out', async t => {
  await behindMsw(t)
  await ask(`${url}/api/buckets?name=big`, { method: 'POST' })
  const content = pieces(32, 256 * 1024)
  const put = await ask(
    `${url}/api/buckets/big/blob?format=json`,
    { method: 'PUT', headers: { 'content-type': 'application/octet-stream' } },
    Readable.from(content.bytes),
  )
  t.equal(put.status, 200)
  const read = await ask(`${url}/api/buckets/big/blob/content`)
  t.equal(read.body.length, 32 * 256 * 1024)
  t.equal(read.body[31 * 256 * 1024], 31)
})

t.test('a server behind TLS is in reach, and names itself so', async t => {
  await behindMsw(t, 'https')
  const realms = await ask('https://cloud.test/api/realms?format=xml')
  t.equal(realms.status, 200)
  t.match(realms.body.toString(), "href='https://cloud.test/api/realms/us'")
})
