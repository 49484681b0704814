/** Both generations of Rackspace: how each logs in, and what each can do. */

import t from 'tap'
import type { Context } from '../../../src/drivers/context.ts'
import { rackspace } from '../../../src/drivers/rackspace/index.ts'
import { createSessionCache } from '../../../src/drivers/sessions.ts'
import { readBody, type WireResponse } from '../../../src/drivers/wire.ts'

const credentials = { user: 'ada', password: 'key-of-ada' }

const contextOf = (answer: (call: string, body: string) => WireResponse): Context => {
  const silent = () => undefined
  return {
    signal: new AbortController().signal,
    deadline: Date.now() + 10_000,
    transport: { send: async request => answer(`${request.method} ${request.target}`, String(await readBody(request.body))) },
    now: Date.now,
    sleep: async () => undefined,
    random: () => 0.5,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    sessions: createSessionCache({ limit: 1, now: Date.now }),
    wire: {},
    world: 'default',
  }
}

const json = (value: unknown, status = 200): WireResponse => ({
  status,
  headers: [['Content-Type', 'application/json']],
  body: JSON.stringify(value),
})

t.test('the first generation logs in by headers, and its servers can’t be stopped', async t => {
  const calls: string[] = []
  const context = contextOf(call => {
    calls.push(call)
    if (call.endsWith('/flavors/detail')) return json({ flavors: [{ id: 1, name: 'small', ram: 256, disk: 10 }] })
    const headers = { 'X-Auth-Token': 'token', 'X-Server-Management-Url': 'https://servers.example/v1.0/me' }
    return { status: 204, headers: Object.entries(headers) }
  })
  const offer = rackspace.offer(undefined)
  const session = await rackspace.connect({ credentials, provider: undefined, context })
  t.match(await offer?.operations.hardware_profiles?.list(session, {}), [{ id: '1', name: 'small' }])
  t.same(calls, ['GET https://auth.api.rackspacecloud.com/v1.0', 'GET https://servers.example/v1.0/me/flavors/detail'])
  t.same([offer?.operations.instances?.stop, offer?.operations.instances?.start], [undefined, undefined])
})

t.test('a server of the first generation is rebooted while it’s ACTIVE, and not while another reboot is under way', async t => {
  const context = contextOf(call => {
    const server = { id: 1, name: 'one', imageId: 2, flavorId: 1, addresses: {} }
    if (call.endsWith('/servers/1')) return json({ server: { ...server, status: 'ACTIVE' } })
    if (call.endsWith('/servers/2')) return json({ server: { ...server, id: 2, status: 'HARD_REBOOT' } })
    const headers = { 'X-Auth-Token': 'token', 'X-Server-Management-Url': 'https://servers.example/v1.0/me' }
    return { status: 204, headers: Object.entries(headers) }
  })
  const session = await rackspace.connect({ credentials, provider: undefined, context })
  const instances = rackspace.offer(undefined)?.operations.instances
  t.match(await instances?.get?.(session, '1'), { state: 'running', permits: undefined })
  t.match(await instances?.get?.(session, '2'), { state: 'running', permits: ['destroy'] })
})

t.test('the next one logs in with the key, and asks the region that was named', async t => {
  const calls: string[] = []
  const context = contextOf((call, body) => {
    calls.push(call)
    if (call.includes('/flavors')) return json({ flavors: [] })
    t.same(JSON.parse(body), { auth: { 'RAX-KSKEY:apiKeyCredentials': { username: 'ada', apiKey: 'key-of-ada' } } })
    const endpoint = (region: string) => ({ region, publicURL: `https://${region.toLowerCase()}.example/v2/1` })
    const compute = { type: 'compute', name: 'cloudServersOpenStack', endpoints: [endpoint('DFW'), endpoint('ORD')] }
    const before = { type: 'compute', name: 'cloudServers', endpoints: [{ publicURL: 'https://old.example/v1.0/1' }] }
    return json({ access: { token: { id: 'token', expires: '2999-01-01T00:00:00Z' }, serviceCatalog: [before, compute] } })
  })
  const session = await rackspace.connect({ credentials, provider: 'ord', context })
  t.same(await rackspace.offer('ord')?.operations.hardware_profiles?.list(session, {}), [])
  t.same(calls, ['POST https://identity.api.rackspacecloud.com/v2.0/tokens', 'GET https://ord.example/v2/1/flavors/detail'])
  t.ok(rackspace.offer('ORD')?.operations.instances?.stop)
})

t.test('a provider is a region or an address, and nothing else', async t => {
  for (const good of ['DFW', 'lon', 'https://mirror.example/v1.0', 'https://identity.api.rackspacecloud.com/v2.0;SYD'])
    t.ok(rackspace.offer(good), good)
  for (const bad of ['MOON', 'ftp://x', 'https://x/v2.0;DFW;more']) t.notOk(rackspace.offer(bad), bad)
})
