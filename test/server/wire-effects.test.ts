/** Faults of the wire, as a client at the other end of a real connection meets them. */

import { request } from 'node:https'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { type RunningServer, type ServerOptions, startServer } from '../../src/index.ts'
import { certificate, privateKey } from '../drivers/self-signed.ts'
import { basic } from '../support/server.ts'

/** All that came over a connection, and how it ended. */
interface Exchange {
  readonly bytes: Buffer
  readonly end: 'closed' | 'reset'
}

const withServer = async (t: Test, options: ServerOptions = {}): Promise<RunningServer> => {
  const server = await startServer({ port: 0, ...options })
  t.teardown(() => server.close(0))
  return server
}

const rule = async (server: RunningServer, effect: object, match: object = {}): Promise<void> => {
  const world = await server.mock.world()
  await world.rules.remove(() => true)
  await world.rules.add({ match, effect })
}

const open = (server: RunningServer, target: string, method = 'GET', body = ''): Socket => {
  const socket = connect(server.address.port, server.address.address)
  const length = body === '' ? '' : `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n`
  socket.write(`${method} ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${basic()}\r\nConnection: close\r\n${length}\r\n${body}`)
  return socket
}

const exchange = (server: RunningServer, target: string, method = 'GET', body = ''): Promise<Exchange> =>
  new Promise((resolve, reject) => {
    const socket = open(server, target, method, body)
    const pieces: Buffer[] = []
    socket.on('data', piece => pieces.push(piece))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') resolve({ bytes: Buffer.concat(pieces), end: 'reset' })
      else reject(error)
    })
    socket.once('end', () => resolve({ bytes: Buffer.concat(pieces), end: 'closed' }))
  })

const parted = ({ bytes }: Exchange): { head: string; body: Buffer } => {
  const at = bytes.indexOf('\r\n\r\n')
  return { head: bytes.subarray(0, at).toString('latin1'), body: bytes.subarray(at + 4) }
}

const headerIn = (head: string, name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim()

const launch = (server: RunningServer): Promise<Exchange> => exchange(server, '/api/instances', 'POST', 'image_id=img1&name=lost')

const isLaunched = async (server: RunningServer): Promise<boolean> => {
  const world = await server.mock.world()
  await world.rules.remove(() => true)
  return parted(await exchange(server, '/api/instances?format=xml')).body.includes('<name>lost</name>')
}

t.test('a status comes as an error document in the format asked for, and the call does not reach the cloud', async t => {
  const server = await withServer(t)
  await rule(server, { status: { code: 503, retryAfter: 7 } })
  const { head, body } = parted(await exchange(server, '/api/instances?format=json'))
  t.match(head, /^HTTP\/1.1 503 /)
  t.equal(headerIn(head, 'retry-after'), '7')
  t.match(JSON.parse(body.toString()), { code: 503 })
  t.match(parted(await launch(server)).head, /^HTTP\/1.1 503 /)
  t.notOk(await isLaunched(server))
})

t.test('a reset before the cloud loses the call, one after it only the answer', async t => {
  const server = await withServer(t)
  await rule(server, { reset: 'before' }, { operation: 'instances.create' })
  t.match(await launch(server), { end: 'reset', bytes: Buffer.alloc(0) })
  t.notOk(await isLaunched(server))
  await rule(server, { reset: 'after' }, { operation: 'instances.create' })
  t.match(await launch(server), { end: 'reset', bytes: Buffer.alloc(0) })
  t.ok(await isLaunched(server))
})

t.test('a truncated answer announces its length and ends before', async t => {
  const server = await withServer(t)
  const whole = parted(await exchange(server, '/api/instances?format=xml')).body
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 0.999, noNaN: true }), async share => {
      await rule(server, { truncated: share })
      const answer = await exchange(server, '/api/instances?format=xml')
      const { head, body } = parted(answer)
      t.equal(answer.end, 'closed')
      t.equal(Number(headerIn(head, 'content-length')), whole.length)
      t.ok(body.equals(whole.subarray(0, Math.floor(whole.length * share))))
    }),
    { numRuns: 20 },
  )
})

t.test('a garbled answer has its length and not its bytes, and the same ones from the same seed', async t => {
  const garble = async (): Promise<Buffer[]> => {
    const server = await withServer(t, { mock: { seed: 'one' } })
    const whole = parted(await exchange(server, '/api/images?format=xml')).body
    await rule(server, { garbled: true })
    const first = parted(await exchange(server, '/api/images?format=xml')).body
    const second = parted(await exchange(server, '/api/images?format=xml')).body
    t.equal(first.length, whole.length)
    t.notOk(first.equals(whole))
    t.notOk(second.equals(first), 'each call is spoilt in its own way')
    return [first, second]
  }
  t.same(await garble(), await garble())
})

t.test('the content of a blob is cut and garbled as it streams', async t => {
  const server = await withServer(t)
  const content = '/api/buckets/bucket1/blob1/content'
  const whole = parted(await exchange(server, content)).body
  t.ok(whole.length > 0)
  await rule(server, { truncated: 0.5 }, { operation: 'blobs.read' })
  const cut = parted(await exchange(server, content))
  t.equal(Number(headerIn(cut.head, 'content-length')), whole.length)
  t.ok(cut.body.equals(whole.subarray(0, Math.floor(whole.length / 2))))
  await rule(server, { garbled: true }, { operation: 'blobs.read' })
  const spoilt = parted(await exchange(server, content)).body
  t.equal(spoilt.length, whole.length)
  t.notOk(spoilt.equals(whole))
})

t.test('an answer that never comes is given up when its time is over', async t => {
  const server = await withServer(t, { timeout: 0.2 })
  await rule(server, { never: true }, { operation: 'instances.create' })
  const answer = await launch(server)
  t.equal(answer.bytes.length, 0)
  t.ok(await isLaunched(server))
})

t.test('a server stops at once, however many wait for an answer that never comes', async t => {
  const server = await startServer({ port: 0 })
  await rule(server, { never: 'before' })
  const waiting = Array.from({ length: 5 }, () => exchange(server, '/api/instances?format=xml'))
  const world = await server.mock.world()
  while (world.rules.list()[0]?.fired !== waiting.length) await new Promise(resolve => setImmediate(resolve))
  await server.close(3600)
  for (const { bytes } of await Promise.all(waiting)) t.equal(bytes.length, 0)
})

t.test('a server stops at once, though a slow call waits on a clock that stands still, and tells its client', async t => {
  const server = await startServer({ port: 0, mock: { clock: { mode: 'manual' } } })
  await rule(server, { latency: '1h' })
  const waiting = exchange(server, '/api/instances?format=xml')
  const world = await server.mock.world()
  while (world.agenda.next() === undefined) await new Promise(resolve => setImmediate(resolve))
  await server.close(3600)
  t.match(parted(await waiting).head, /^HTTP\/1.1 503 /)
})

t.test('a connection that is encrypted breaks, too, without a byte of an answer', async t => {
  const server = await withServer(t, { tls: { key: privateKey, cert: certificate } })
  await rule(server, { reset: 'after' }, { operation: 'instances.create' })
  const lost = await new Promise<Error>((resolve, reject) => {
    const options = { method: 'POST', auth: 'mockuser:mockpassword', rejectUnauthorized: false, agent: false }
    request(`${server.url}/api/instances?image_id=img1&name=lost`, options, () => reject(new Error('it was answered')))
      .once('error', resolve)
      .end()
  })
  t.match(lost, { code: 'ECONNRESET' })
  const world = await server.mock.world()
  t.match(world.rules.fired(), [{ operation: 'instances.create' }])
})
