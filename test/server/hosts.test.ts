/** The hosts that a server answers to: a name that was made to lead to it is none of them, whatever the protocol. */

import t from 'tap'
import { startServer } from '../../src/index.ts'
import { sendRaw } from '../support/raw.ts'
import { overHttp } from '../support/server.ts'

const frontends = ['deltacloud', 'ec2', 's3', 'openstack']
const targets = [
  '/api/keys?format=json',
  '/ec2/?Action=DescribeKeyPairs&Version=2016-11-15',
  '/s3/',
  '/openstack/identity/v3',
  '/openstack/compute/v2.1/servers',
  '/_mock/clock',
  '/healthz',
  '/',
  '/assets/style.css',
  '/nowhere',
]

t.test('a server on loopback answers to the names of this machine, and to those that it was given', async t => {
  const server = await overHttp({ frontends, allowedHosts: ['cloud.example', '*.lab.example'] })
  t.teardown(() => server.close())
  const hosts = ['localhost', 'LOCALHOST:3001', 'my.bucket.localhost:80', '127.0.0.1', '127.3.2.1:3001', '[::1]:3001', 'localhost.']
  for (const host of [...hosts, 'cloud.example:3001', 'a.lab.example']) {
    for (const target of targets) {
      const { status, text } = await server.ask({ target, headers: { Host: host } })
      t.notMatch(text, /does not answer to the host/, `${host} ${target}`)
      t.not(status, 400, `${host} ${target}`)
    }
  }
})

t.test('another name is refused on every path, in the form of its protocol', async t => {
  const server = await overHttp({ frontends })
  t.teardown(() => server.close())
  const foreign = [
    'evil.example',
    'evil.example:3001',
    'localhost.evil.example',
    'evillocalhost',
    '0.0.0.0',
    '10.0.0.1',
    '127.0.0.1.evil.example',
  ]
  for (const host of foreign)
    for (const target of targets) {
      const { status, text, headers } = await server.ask({ target, headers: { Host: host } })
      t.equal(status, 403, `${host} ${target}`)
      t.match(text, /--allowed-hosts/, `${host} ${target}`)
      t.equal(headers.get('x-content-type-options'), 'nosniff')
    }
  const formOf = async (target: string) => (await server.ask({ target, headers: { Host: 'evil.example' } })).text
  t.match(await formOf('/ec2/?Action=DescribeKeyPairs'), /<Response><Errors><Error><Code>UnauthorizedOperation</)
  t.match(await formOf('/s3/bucket/key'), /<Error>\s*<Code>AccessDenied</)
  t.match(JSON.parse(await formOf('/openstack/identity/v3')), { error: { code: 403 } })
  t.match(JSON.parse(await formOf('/openstack/compute/v2.1/servers')), { forbidden: { code: 403 } })
  t.match(JSON.parse(await formOf('/api?format=json')), { code: 403, error: 'Deltacloud::Exceptions::ForbiddenError' })
})

t.test('a server that other machines reach answers to any name, unless it was given some', async t => {
  const open = await startServer({ host: '0.0.0.0', port: 0 })
  t.teardown(() => open.close(0))
  const limited = await startServer({ host: '0.0.0.0', port: 0, allowedHosts: ['cloud.example'] })
  t.teardown(() => limited.close(0))
  const statusOf = async ({ port }: { port: number }, host: string): Promise<number | undefined> =>
    (await sendRaw(port, Buffer.from(`GET /api?format=xml HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`), 'wait'))?.status
  t.equal(await statusOf(open.address, 'any.example'), 200)
  t.equal(await statusOf(limited.address, 'any.example'), 403)
  t.equal(await statusOf(limited.address, 'cloud.example:80'), 200)
  t.equal(await statusOf(limited.address, 'localhost'), 200)
})

t.test('two Host headers are a bad request, even of one name', async t => {
  const server = await overHttp({ frontends })
  t.teardown(() => server.close())
  await server.ask('/api')
  for (const target of targets) {
    const request = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nhOsT: localhost\r\nConnection: close\r\n\r\n`
    const answer = await sendRaw(server.port, Buffer.from(request), 'wait')
    t.equal(answer?.status, 400, target)
    t.match(String(answer?.body), /more than one Host header/, target)
  }
})
