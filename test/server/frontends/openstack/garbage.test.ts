/** A request that no service can read is refused in the service's own words; `test/security/` sends what nobody would expect. */

import t from 'tap'
import { Client, start } from './support.ts'

const server = await start()
t.teardown(() => server.close(0))
const client = await Client.open(server.url)

t.test('a request that is too large is refused, and no other is hurt', async t => {
  const body = JSON.stringify({ server: { name: 'x'.repeat(2 * 1024 * 1024) } })
  t.equal((await client.ask('/compute/v2.1/servers', 'POST', { body })).status, 413)
  t.equal((await client.ask('/compute/v2.1/servers')).status, 200)
})
