/**
 * Names that lead to this machine without being its own: a page under such a name is of the same origin as the server to a browser, and no
 * password would keep it out. A server on a loopback address answers to loopback names, and to those that it was told.
 */

import t from 'tap'
import { type ServerOptions, startServer } from '../../src/index.ts'
import { deltacloudd } from '../cli/process.ts'
import { sendRaw } from '../support/raw.ts'
import { type Answer, clientAt } from '../support/server.ts'
import { complaintAbout, type Protocol } from './protocols.ts'

interface Listening {
  readonly port: number
  ask(target: string, host: string, method?: string): Promise<Answer>
}

/** A server that is closed when the test is over. */
const listening = async (test: { teardown(end: () => unknown): unknown }, options: ServerOptions): Promise<Listening> => {
  const server = await startServer({ port: 0, frontends: ['deltacloud', 'ec2', 's3', 'openstack'], ...options })
  const { port } = server.address
  const { ask, close } = clientAt(port)
  test.teardown(async () => {
    close()
    await server.close(0)
  })
  return { port, ask: (target, Host, method = 'GET') => ask({ method, target, headers: { Host } }) }
}

/** One request to each frontend, and its status where the host is right. */
const requests: readonly (readonly [protocol: Protocol, target: string, status: number, method?: string])[] = [
  ['deltacloud', '/api', 200],
  ['deltacloud', '/api/instances?format=json', 200],
  ['deltacloud', '/api/instances?format=html', 200],
  ['deltacloud', '/_worlds/other/api/instances', 200],
  ['ec2', '/ec2/?Action=DescribeInstances&Version=2016-11-15', 200],
  ['ec2', '/ec2/?Action=DescribeLoadBalancers&Version=2012-06-01', 200],
  ['s3', '/s3/', 200],
  ['s3', '/s3/bucket1', 200],
  ['openstack', '/openstack/identity/v3', 200],
  ['openstack', '/openstack/compute/v2.1/servers', 401],
  ['control', '/_mock/health', 200],
  ['control', '/_mock/reset', 200, 'POST'],
  ['server', '/', 200],
]

const loopbackNames = ['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '[::1]', 'anything.localhost', 'a.b.localhost']
const foreignNames = [
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'evil.example.',
  'xlocalhost',
  '10.0.0.1',
  '0.0.0.0',
  '[::ffff:10.0.0.1]',
  '[fe80::1]',
  'ec2.us-east-1.amazonaws.com',
  's3.amazonaws.com',
  'bucket1.s3.amazonaws.com',
]

/** In which words a host is refused: that it is, and what to do. */
const says = /does not answer to the host.*allowed-hosts/is

/** Text as it would be read: without the references of XML and HTML. */
const readable = (text: string): string => text.replace(/&#x27;|&#39;|&apos;|&quot;/g, "'").replace(/\\n/g, ' ')

t.test('a server on a loopback address answers to loopback names', async t => {
  const { port, ask } = await listening(t, { host: '127.0.0.1' })
  for (const name of loopbackNames)
    for (const host of [name, `${name}:${port}`])
      for (const [, target, status, method] of requests) t.equal((await ask(target, host, method)).status, status, `${target} at ${host}`)
})

for (const host of ['127.0.0.1', 'localhost']) {
  t.test(`a server on ${host} refuses other names, at each frontend in its own words`, async t => {
    const { port, ask } = await listening(t, { host })
    for (const name of foreignNames) {
      for (const foreign of name === 'evil.example' ? [name, `${name}:${port}`] : [name]) {
        for (const [protocol, target, , method] of requests) {
          // A host of AWS leads to its frontend, whatever the path.
          const meant = /^bucket1\.s3|^s3\./.test(name) ? 's3' : name.startsWith('ec2.') ? 'ec2' : protocol
          const answer = await ask(target, foreign, method)
          const what = `${target} at ${foreign}`
          t.equal(answer.status, 403, what)
          t.match(readable(answer.text), says, what)
          t.ok(answer.text.includes(name) || /^\[/.test(name), `${what} is told which host was refused`)
          if (meant === protocol)
            t.equal(complaintAbout(protocol, method ?? 'GET', target.replace(/^\/_worlds\/[^/]*/, ''), answer), undefined, what)
        }
      }
    }
  })
}

/** An option of its own, so that this test says what the option is to look like. */
const allowing = (host: string, allowedHosts: readonly string[]) => ({ host, allowedHosts })

t.test('names that the server was told are its own, and no others', async t => {
  const { port, ask } = await listening(
    t,
    allowing('127.0.0.1', ['cloud.example', 'ec2.us-east-1.amazonaws.com', 'bucket1.s3.amazonaws.com']),
  )
  // The control has names of its own, without a token.
  for (const name of ['cloud.example', 'Cloud.Example', `cloud.example:${port}`, 'localhost'])
    for (const [protocol, target, status, method] of requests)
      if (protocol !== 'control' || name === 'localhost') t.equal((await ask(target, name, method)).status, status, `${target} at ${name}`)
  t.equal((await ask('/?Action=DescribeInstances&Version=2016-11-15', 'ec2.us-east-1.amazonaws.com')).status, 200)
  t.equal((await ask('/', 'bucket1.s3.amazonaws.com')).status, 200)
  for (const name of ['evil.example', 'x.cloud.example', 'cloud.example.evil.example', 'ec2.eu-west-1.amazonaws.com'])
    t.equal((await ask('/api', name)).status, 403, name)
})

t.test('a server on all addresses answers to any name, unless it was told some', async t => {
  const open = await listening(t, { host: '0.0.0.0' })
  for (const name of ['evil.example', '10.0.0.1', 'localhost'])
    for (const [protocol, target, status, method] of requests)
      if (protocol !== 'control') t.equal((await open.ask(target, name, method)).status, status, `${target} at ${name}`)
  const told = await listening(t, allowing('0.0.0.0', ['cloud.example']))
  t.equal((await told.ask('/api', 'cloud.example')).status, 200)
  t.equal((await told.ask('/api', 'evil.example')).status, 403)
})

t.test('the control of the simulator is not under a name that was not told, on no listener', async t => {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const { ask } = await listening(t, { host })
    const answer = await ask('/_mock/reset', 'evil.example', 'POST')
    t.equal(answer.status, 403, host)
    t.equal(complaintAbout('control', 'POST', '/_mock/reset', answer), undefined, host)
  }
})

t.test('what names no host, or two, is refused', async t => {
  const { port } = await listening(t, { host: '127.0.0.1' })
  const own = `127.0.0.1:${port}`
  const tries: readonly (readonly [what: string, request: string, status: number])[] = [
    ['two hosts', `GET /api HTTP/1.1\r\nHost: ${own}\r\nHost: evil.example\r\n`, 400],
    ['two hosts, the other way around', `GET /api HTTP/1.1\r\nHost: evil.example\r\nHost: ${own}\r\n`, 400],
    ['the same host twice', `GET /api HTTP/1.1\r\nHost: ${own}\r\nHost: ${own}\r\n`, 400],
    ['two hosts, for S3', `GET /s3/ HTTP/1.1\r\nHost: ${own}\r\nHost: ${own}\r\n`, 400],
    ['two hosts, for the control', `GET /_mock/health HTTP/1.1\r\nHost: ${own}\r\nHost: ${own}\r\n`, 400],
    ['no host', 'GET /api HTTP/1.1\r\n', 400],
    ['no host, as HTTP/1.0 allows', 'GET /api HTTP/1.0\r\n', 400],
    ['a host in the target, which is no path of ours', `GET http://evil.example/api HTTP/1.1\r\nHost: ${own}\r\n`, 404],
    ['a host that X-Forwarded-Host names', `GET /api HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: ${own}\r\n`, 403],
  ]
  for (const [what, request, status] of tries) {
    const answer = await sendRaw(port, Buffer.from(`${request}Connection: close\r\n\r\n`), 'wait')
    t.equal(answer?.status, status, `${what}: ${answer?.body.subarray(0, 200)}`)
  }
})

t.test('the command line tells a server its names', async t => {
  const running = deltacloudd(['-i', 'mock', '-p', '0', '-f', 'deltacloud,s3', '--allowed-hosts', 'cloud.example,other.example'])
  t.teardown(async () => {
    running.child.kill('SIGKILL')
    await running.ended
  })
  const { port } = new URL(await running.listens())
  const { ask, close } = clientAt(Number(port))
  t.teardown(close)
  for (const [Host, status] of [
    ['cloud.example', 200],
    ['other.example', 200],
    ['evil.example', 403],
  ] as const)
    for (const target of ['/api', '/s3/']) t.equal((await ask({ target, headers: { Host } })).status, status, `${target} at ${Host}`)
})
