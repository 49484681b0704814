/** What reaches a provider that a client, or another provider, has named: the credentials of the server never do. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { type ServerOptions, startServer } from '../../src/index.ts'
import { type Ask, clientAt } from '../support/server.ts'

type Test = { teardown(end: () => unknown): unknown }

interface Stranger {
  readonly port: number
  /** What it was sent, headers and bodies. */
  readonly received: string[]
  /** How often somebody connected, with or without a request. */
  connections(): number
}

/** A host of somebody else. @param answer what it says to any request; nothing of use where that is left out */
const stranger = async (
  test: Test,
  answer: { status: number; headers: Record<string, string> } = { status: 404, headers: {} },
): Promise<Stranger> => {
  const received: string[] = []
  let connections = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push(`${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n${Buffer.concat(chunks)}`)
      response.writeHead(answer.status, answer.headers).end()
    })
  })
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  test.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, received, connections: () => connections }
}

/** A server that is closed when the test is over. */
const asking = async (test: Test, options: ServerOptions) => {
  const server = await startServer({ host: '127.0.0.1', port: 0, timeout: 10, ...options })
  const { ask, close } = clientAt(server.address.port)
  test.teardown(async () => {
    close()
    await server.close(0)
  })
  return { ask, url: server.url }
}

const operator = { user: 'operator', password: 'password-of-the-operator' }

/** Servers that hold credentials, by what they are for. Any provider is open, so that credentials are all that a request lacks. */
const servers = (own: number): Readonly<Record<string, ServerOptions>> => {
  const providers = { policy: 'any' as const }
  const common = { credentials: operator, providers }
  return {
    'the mock cloud': { ...common, credentials: { user: 'mockuser', password: 'mockpassword' } },
    OpenStack: { ...common, driver: 'openstack', provider: `http://127.0.0.1:${own}/v3` },
    EC2: { ...common, driver: 'ec2', provider: `ec2=http://127.0.0.1:${own}` },
  }
}

/** Requests that have themselves sent to a port, without credentials of their own. */
const choosing = (port: number): readonly Ask[] => {
  const keystone = `http:%2f%2f127.0.0.1:${port}%2fv3`
  const amazon = `ec2=http:%2f%2f127.0.0.1:${port}`
  const plain = `http://127.0.0.1:${port}/v3`
  return [
    { target: `/api;driver=openstack;provider=${keystone}/instances` },
    { target: `/api;driver=rackspace;provider=${keystone}/instances` },
    { target: `/api;driver=ec2;provider=${amazon}/instances` },
    { target: `/api;driver=ec2;provider=s3=http:%2f%2f127.0.0.1:${port}/buckets` },
    { target: `/api;driver=eucalyptus;provider=${amazon}/instances` },
    { target: '/api/instances', headers: { 'X-Deltacloud-Driver': 'openstack', 'X-Deltacloud-Provider': plain } },
    { target: '/api/instances', headers: { 'X-Deltacloud-Driver': 'OpenStack', 'X-Deltacloud-Provider': plain } },
    { target: `/api/instances?api[driver]=openstack&api[provider]=${keystone}` },
    {
      target: `/api/keys?api[driver]=openstack&api[provider]=${keystone}`,
      body: 'name=x',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    },
    { method: 'DELETE', target: `/api;driver=ec2;provider=${amazon}/instances/i-1` },
  ]
}

t.test('fixed credentials are for the cloud of the server: who chooses another needs their own', async t => {
  const own = await stranger(t)
  for (const [name, options] of Object.entries(servers(own.port))) {
    const other = await stranger(t)
    const { ask } = await asking(t, options)
    for (const request of choosing(other.port)) {
      const answer = await ask({ ...request, login: false })
      t.equal(answer.status, 401, `${name}: ${request.method ?? 'GET'} ${request.target} ${JSON.stringify(request.headers ?? {})}`)
    }
    t.equal(other.connections(), 0, `${name}: the other host was never connected: ${other.received.join('\n')}`)
  }
})

t.test('where only a provider is chosen, fixed credentials stay here all the same', async t => {
  const own = await stranger(t)
  const other = await stranger(t)
  for (const [name, provider] of [
    ['OpenStack', `http:%2f%2f127.0.0.1:${other.port}%2fv3`],
    ['EC2', `ec2=http:%2f%2f127.0.0.1:${other.port}`],
  ] as const) {
    const options = servers(own.port)[name]
    if (options === undefined) throw new TypeError(`There is no server for ${name}`)
    const { ask } = await asking(t, options)
    t.equal((await ask({ target: `/api;provider=${provider}/instances`, login: false })).status, 401, name)
    const header = { 'X-Deltacloud-Provider': decodeURIComponent(provider) }
    t.equal((await ask({ target: '/api/instances', headers: header, login: false })).status, 401, `${name}, by header`)
  }
  t.equal(other.connections(), 0)
})

t.test('whoever chooses another provider and gives credentials has those sent, and not those of the server', async t => {
  const own = await stranger(t)
  const other = await stranger(t)
  const { ask } = await asking(t, servers(own.port).OpenStack ?? {})
  await ask({
    target: `/api;provider=http:%2f%2f127.0.0.1:${other.port}%2fv3/instances`,
    headers: { Authorization: `Basic ${Buffer.from('visitor:password-of-the-visitor').toString('base64')}` },
    login: false,
  })
  t.match(other.received.join('\n'), /password-of-the-visitor/)
  t.notMatch(other.received.join('\n'), /operator/)
})

t.test('at its own cloud fixed credentials are used as ever', async t => {
  const own = await stranger(t)
  const { ask } = await asking(t, servers(own.port).OpenStack ?? {})
  await ask({ target: '/api/instances', login: false })
  t.match(own.received.join('\n'), /password-of-the-operator/)
})

t.test('a provider that sends elsewhere is not followed', async t => {
  for (const status of [301, 302, 303, 307, 308]) {
    const second = await stranger(t)
    const first = await stranger(t, { status, headers: { Location: `http://127.0.0.1:${second.port}/v3/auth/tokens` } })
    const drivers: readonly ServerOptions[] = [
      { driver: 'openstack', provider: `http://127.0.0.1:${first.port}/v3` },
      { driver: 'ec2', provider: `ec2=http://127.0.0.1:${first.port};s3=http://127.0.0.1:${first.port}` },
    ]
    for (const options of drivers) {
      const { ask } = await asking(t, options)
      for (const request of [
        { target: '/api/instances?format=json' },
        { target: '/api/buckets?format=json' },
        { target: '/api/keys?format=json', json: { name: 'x' } },
      ]) {
        const asked = first.received.length
        const answer = await ask(request)
        const what = `${options.driver}: ${request.target} at ${status}`
        t.ok(answer.status >= 500 && answer.status < 505, `${what} is a failure of the provider: ${answer.status} ${answer.text}`)
        t.ok(first.received.length > asked, `${what} was sent to the first host`)
      }
    }
    t.equal(second.connections(), 0, `at ${status} the second host was never connected`)
  }
})
