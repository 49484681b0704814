/** A blob of 128 MiB through each driver that has buckets, and through the frontend that is its provider: neither holds it. `npm run test:long`. */

import t from 'tap'
import { driverIds, loadHarness } from '../conformance/harnesses/index.ts'
import { digestOf, drained, largeContent, openLarge, putLarge } from '../test/support/large.ts'
import { serverProcess } from '../test/support/process.ts'
import { basic } from '../test/support/server.ts'

const mebi = 1024 ** 2
const size = 128 * mebi
/** MiB that a process may grow by, buffers included: far less than the blob. */
const limit = 64

t.setTimeout(600_000)

for (const driver of driverIds) {
  const trip = (await loadHarness(driver))?.roundTrip
  t.test(`128 MiB pass through ${driver}`, async t => {
    const simulator = await serverProcess(
      96,
      trip === undefined ? {} : { driver: 'mock', provider: trip.personality, frontends: trip.frontends.map(({ name }) => name) },
    )
    t.teardown(() => simulator.close())
    const provider = trip?.provider(`http://127.0.0.1:${simulator.port}`)
    const server = provider === undefined ? simulator : await serverProcess(96, { driver, provider })
    if (server !== simulator) t.teardown(() => server.close())
    const bucket = '/api/buckets/largeones'
    const made = await fetch(`http://127.0.0.1:${server.port}/api/buckets?format=xml`, {
      method: 'POST',
      headers: { Authorization: basic() },
      body: new URLSearchParams({ name: 'largeones' }),
    })
    t.equal(made.status, 201)
    // Code is loaded and buffers are grown by the first of each.
    t.equal(await putLarge(server.port, `${bucket}/first?format=xml`, 4 * mebi), 200)
    t.equal((await drained(await openLarge(server.port, `${bucket}/first/content`))).size, 4 * mebi)
    const before = [await server.peak(), await simulator.peak()]
    t.equal(await putLarge(server.port, `${bucket}/large?format=xml`, size), 200)
    t.match(await drained(await openLarge(server.port, `${bucket}/large/content`)), {
      status: 200,
      size,
      digest: digestOf(largeContent(size)),
    })
    for (const [n, one] of [server, simulator].entries()) {
      const grown = (await one.peak()) - (before[n] ?? 0)
      t.ok(grown < limit, `the ${n === 0 ? 'driver’s' : 'provider’s'} process has grown by ${Math.round(grown)} MiB`)
    }
  })
}
