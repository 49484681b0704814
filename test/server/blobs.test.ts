/** Blobs over HTTP: bytes in are bytes out, whole, in ranges and in segments, and none of it is held in memory. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import fc from 'fast-check'
import t from 'tap'
import { findElements, readXml } from '../../conformance/documents/xml.ts'
import { anyText } from '../../conformance/generators/text.ts'
import { digestOf, drained, largeContent, openLarge, putLarge } from '../support/large.ts'
import { serverProcess } from '../support/process.ts'
import { basic, inProcess, overHttp, runs, until } from '../support/server.ts'

const mebi = 1024 * 1024

t.test('what is put comes back, with its type and metadata, under any content', async () => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const metadata = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/), fc.stringMatching(/^[!-~]{1,20}$/), { maxKeys: 3 })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40_000, size: 'max' }), metadata, async (content, given) => {
      const headers = Object.fromEntries(Object.entries(given).map(([key, value]) => [`X-Deltacloud-Blobmeta-${key}`, value]))
      const target = '/api/buckets/bucket1/stuff'
      const put = await server.ask({
        method: 'PUT',
        target: `${target}?format=xml`,
        body: content,
        headers: { ...headers, 'Content-Type': 'image/png' },
      })
      assert.equal(put.status, 200, put.text)
      const read = await server.ask(`${target}/content`)
      assert.equal(read.status, 200)
      assert.deepEqual(read.body, Buffer.from(content))
      assert.equal(read.headers.get('content-type'), 'image/png')
      const head = await server.ask({ method: 'HEAD', target })
      assert.equal(head.status, 204)
      for (const [key, value] of Object.entries(given)) assert.equal(head.headers.get(`x-deltacloud-blobmeta-${key}`), value)
      const document = readXml((await server.ask(`${target}?format=xml`)).text)
      assert.equal(findElements(document, 'content_length')[0]?.text, String(content.length))
      const entries = findElements(document, 'user_metadata', 'entry').map(entry => [entry.attributes.get('key'), entry.text])
      assert.deepEqual(entries.sort(), Object.entries(given).sort())
    }),
    runs(25),
  )
})

t.test('any metadata and any type can be told in headers', async () => {
  const server = await overHttp()
  t.teardown(() => server.close())
  await fc.assert(
    fc.asyncProperty(anyText(), anyText(), anyText(), async (key, value, type) => {
      const json = {
        blob_id: 'told',
        blob_data: 'x',
        meta_params: '2',
        meta_name1: key,
        meta_value1: value,
        meta_name2: 'plain',
        meta_value2: 'x',
      }
      const made = await server.ask({ target: '/api/buckets/bucket1?format=xml', json })
      assert.equal(made.status, 201, made.text)
      const head = await server.ask({ method: 'HEAD', target: '/api/buckets/bucket1/told' })
      assert.equal(head.status, 204)
      if (key !== 'plain') assert.equal(head.headers.get('x-deltacloud-blobmeta-plain'), 'x')
      const named = Buffer.from(type.replace(/[\r\n\0"]/g, ''), 'utf8').toString('latin1')
      const form = `--b\r\nContent-Disposition: form-data; name="blob_id"\r\n\r\ntold\r\n--b\r\nContent-Disposition: form-data; name="blob_data"; filename="f"\r\nContent-Type: ${named}\r\n\r\nx\r\n--b--\r\n`
      const headers = { 'Content-Type': 'multipart/form-data; boundary=b' }
      const uploaded = await server.ask({ target: '/api/buckets/bucket1?format=xml', body: Buffer.from(form, 'latin1'), headers })
      assert.ok(uploaded.status < 500, uploaded.text)
      assert.equal((await server.ask('/api/buckets/bucket1/told/content')).status, 200)
    }),
    runs(40),
  )
})

t.test('a range is that part of the content, and one that lies behind its end is refused', async () => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const bound = fc.option(fc.nat(30_000), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 30_000, size: 'max' }), bound, bound, async (content, first, last) => {
      const target = '/api/buckets/bucket1/stuff'
      await cloud.ask({ method: 'PUT', target: `${target}?format=xml`, body: content })
      const answer = await cloud.ask({ target: `${target}/content`, headers: { Range: `bytes=${first ?? ''}-${last ?? ''}` } })
      const size = content.length
      const isRange = (first !== undefined || last !== undefined) && !(first !== undefined && last !== undefined && last < first)
      if (!isRange) {
        // HTTP says to ignore what is no range.
        assert.equal(answer.status, 200)
        assert.deepEqual(answer.body, Buffer.from(content))
        return
      }
      const from = first ?? Math.max(0, size - (last ?? 0))
      const to = first === undefined ? size - 1 : Math.min(last ?? size - 1, size - 1)
      if (from >= size || (first === undefined && last === 0)) {
        assert.equal(answer.status, 416, answer.text)
        assert.equal(answer.headers.get('content-range'), `bytes */${size}`)
        return
      }
      assert.equal(answer.status, 206)
      assert.deepEqual(answer.body, Buffer.from(content.subarray(from, to + 1)))
      assert.equal(answer.headers.get('content-range'), `bytes ${from}-${to}/${size}`)
      assert.equal(answer.headers.get('content-length'), String(to - from + 1))
    }),
    runs(80),
  )
})

t.test('segments are joined in the order that the list of them says', async () => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const segments = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(segments, fc.array(fc.nat(), { maxLength: 6 }), async (parts, shuffle) => {
      const target = '/api/buckets/bucket1/joined'
      const segmented = { 'X-Deltacloud-BlobType': 'segmented' }
      const begun = await cloud.ask({ method: 'PUT', target, headers: segmented })
      assert.equal(begun.status, 204, begun.text)
      const own = { ...segmented, 'X-Deltacloud-SegmentedBlob': begun.headers.get('x-deltacloud-segmentedblob') ?? '' }
      // They may come in any order.
      const order = parts.map((_, n) => n).sort((a, b) => (shuffle[a] ?? a) - (shuffle[b] ?? b))
      const ids = new Map<number, string>()
      for (const n of order) {
        const put = await cloud.ask({
          method: 'PUT',
          target,
          headers: { ...own, 'X-Deltacloud-SegmentOrder': String(n + 1) },
          body: parts[n] ?? '',
        })
        assert.equal(put.status, 204, put.text)
        ids.set(n, put.headers.get('x-deltacloud-blobsegmentid') ?? '')
      }
      const list = order.map(n => `${n + 1}=${ids.get(n) ?? ''}`).join(', ')
      const finished = await cloud.ask({ method: 'PUT', target: `${target}?format=xml`, headers: own, body: list })
      assert.equal(finished.status, 200, finished.text)
      assert.deepEqual((await cloud.ask(`${target}/content`)).body, Buffer.concat(parts))
    }),
    runs(20),
  )
})

t.test('content can be had only if it was changed, and metadata be replaced alone', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const target = '/api/buckets/bucket1/blob1'
  const first = await cloud.ask(`${target}?format=json`)
  const tag = first.headers.get('etag') ?? ''
  t.match(tag, /^"[^"]+"$/)
  t.equal((await cloud.ask({ target: `${target}?format=json`, headers: { 'If-None-Match': tag } })).status, 304)
  const updated = await cloud.ask({ method: 'POST', target, headers: { 'X-Deltacloud-Blobmeta-colour': 'blue' } })
  t.equal(updated.status, 204)
  t.equal(updated.headers.get('x-deltacloud-blobmeta-colour'), 'blue')
  t.equal((await cloud.ask({ target: `${target}?format=json`, headers: { 'If-None-Match': tag } })).status, 200)
  t.equal((await cloud.ask(`${target}/content`)).text, 'content of blob 1')
})

t.test('an upload that breaks off makes nothing, and leaves what was there', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const cut = async (path: string): Promise<void> => {
    const headers = { Authorization: basic(), 'Content-Length': 10 * mebi }
    const sending = request({ host: '127.0.0.1', port: server.port, method: 'PUT', path, headers })
    sending.on('error', () => undefined)
    const before = server.lines.length
    sending.write(Buffer.alloc(mebi))
    await until(() => sending.writableLength === 0)
    sending.destroy()
    // The server has noticed when it logs the request.
    await until(() => server.lines.length > before)
  }
  await cut('/api/buckets/bucket1/nothing')
  t.equal((await server.ask('/api/buckets/bucket1/nothing?format=xml')).status, 404)
  await cut('/api/buckets/bucket1/blob1')
  t.equal((await server.ask('/api/buckets/bucket1/blob1/content')).text, 'content of blob 1')
  t.same(findElements(readXml((await server.ask('/api/buckets/bucket1?format=xml')).text), 'size')[0]?.text, '3')
  t.same(
    server.lines.filter(line => line.level === 'error'),
    [],
  )
})

t.test('64 MiB pass in both directions, slow readers too, and a server’s memory doesn’t grow by them', async t => {
  const server = await serverProcess(64)
  t.teardown(() => server.close())
  const size = 64 * mebi
  const path = '/api/buckets/bucket1/large'
  // Code is loaded and buffers are grown by the first of each.
  t.equal(await putLarge(server.port, `${path}1?format=xml`, mebi), 200)
  t.equal((await drained(await openLarge(server.port, `${path}1/content`))).size, mebi)
  const before = await server.peak()
  t.equal(await putLarge(server.port, `${path}2?format=xml`, size), 200)
  const slow = await openLarge(server.port, `${path}2/content`)
  const [read, part] = await Promise.all([
    openLarge(server.port, `${path}2/content`).then(drained),
    openLarge(server.port, `${path}2/content`, { Range: `bytes=${mebi}-${3 * mebi - 1}` }).then(drained),
  ])
  const digest = digestOf(largeContent(size))
  t.match(read, { status: 200, size, digest })
  t.match(part, { status: 206, size: 2 * mebi })
  // Nobody has read of this one yet: the server waits for its reader.
  const grown = (await server.peak()) - before
  t.ok(grown < 48, `it has grown by ${Math.round(grown)} MiB`)
  t.match(await drained(slow), { status: 200, size, digest })
  const gone = await openLarge(server.port, `${path}2/content`)
  gone.destroy()
  await once(gone, 'close')
  t.equal((await openLarge(server.port, '/healthz').then(drained)).status, 200, 'a reader that goes does no harm')
})
