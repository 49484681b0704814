/** A blob of 2 GiB through a server whose memory is 256 MiB, both ways: `npm run test:long`. */

import t from 'tap'
import { digestOf, drained, largeContent, openLarge, putLarge } from '../test/support/large.ts'
import { serverProcess } from '../test/support/process.ts'

const size = 2 * 1024 ** 3
/** MiB that the server may take, code and buffers included. */
const limit = 256

t.setTimeout(600_000)

t.test('2 GiB pass through a server of 256 MiB', async t => {
  const server = await serverProcess(128)
  t.teardown(() => server.close())
  const path = '/api/buckets/bucket1/huge'
  t.equal(await putLarge(server.port, `${path}?format=xml`, size), 200)
  const uploaded = await server.peak()
  t.ok(uploaded <= limit, `it took ${Math.round(uploaded)} MiB to take the blob`)
  t.match(await drained(await openLarge(server.port, `${path}/content`)), { status: 200, size, digest: digestOf(largeContent(size)) })
  const downloaded = await server.peak()
  t.ok(downloaded <= limit, `it took ${Math.round(downloaded)} MiB to give it back`)
})
