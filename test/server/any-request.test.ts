/** Law E4, and: no input of any kind makes a 500, a crash or a hang. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { checkDocument } from '../support/documents.ts'
import { abandon, readAnswer, sendRaw } from '../support/raw.ts'
import { type WildRequest, wildRequest, wildTarget } from '../support/requests.ts'
import { type Answer, basic, inProcess, type OverHttp, overHttp, runs } from '../support/server.ts'

const check = (
  { method, target, headers: asked }: WildRequest,
  { status, headers, body }: Pick<Answer, 'status' | 'headers' | 'body'>,
): void => {
  assert.ok(status >= 200 && status < 500, `${status}: ${body.toString('utf8')}`)
  const type = headers.get('content-type') ?? ''
  if (method !== 'HEAD' && status >= 400) assert.ok(body.length > 0, `${status} without a document`)
  if (method !== 'HEAD' && body.length > 0 && !/\/content|segmented/.test(target)) checkDocument(status, type, body)
  if (status >= 400 && method !== 'HEAD' && /[?&]format=(xml|json|html)$/.test(target) && !/%(?![0-9a-fA-F]{2})/.test(target)) {
    const format = /format=(xml|json|html)$/.exec(target)?.[1] ?? ''
    if (target.startsWith('/api') && !target.startsWith('/apix'))
      assert.ok(type.endsWith(format), `${status} as ${type}, asked for ${format}`)
  }
  if (status === 401) assert.match(headers.get('www-authenticate') ?? '', /^Basic realm="[^"]+"$/)
  if (status === 405) assert.ok(headers.has('allow') || target.includes('/'), 'a 405 by path names what is allowed')
  const isConditional = asked.some(([name]) => /^if-(none-)?match$/i.test(name))
  if (status === 412 && !isConditional) assert.notEqual(headers.get('expect') ?? '', '')
}

/** A choice of a driver that no address can spell. */
const switchTo = (driver: string): WildRequest => ({
  method: 'POST',
  target: '/api',
  headers: [['Content-Type', 'application/json']],
  body: Buffer.from(`{"driver":"${driver}"}`),
})

t.test('the API answers any request with less than 500, errors as documents in the format asked for', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  await fc.assert(
    fc.asyncProperty(wildRequest(), async request => {
      const { method, target, headers, body } = request
      cloud.lines.length = 0
      const answer = await cloud.ask({
        method,
        target,
        headers: Object.fromEntries(headers),
        login: false,
        ...(body === undefined ? {} : { body }),
      })
      check(request, answer)
      assert.deepEqual(
        cloud.lines.filter(line => line.level === 'error'),
        [],
      )
    }),
    { ...runs(800), examples: [[switchTo('\\ud800')]] },
  )
  const last = await cloud.ask('/api/realms?format=xml')
  t.equal(last.status, 200)
})

/** The request as bytes. What a target or a header can't hold at all isn't sent. */
const onTheWire = ({ method, target, headers, body }: WildRequest, length = body?.length ?? 0): Buffer => {
  const lines = [
    `${method} ${target.replace(/[^\x21-\x7e]/g, '')} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    `Content-Length: ${length}`,
  ]
  for (const [name, value] of headers) lines.push(`${name}: ${value}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)])
}

const headersOf = (head: string): ReadonlyMap<string, string> =>
  new Map(
    head
      .split('\r\n')
      .slice(1)
      .map(line => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
      }),
  )

const stillThere = async (server: OverHttp): Promise<void> => {
  assert.equal((await server.ask({ target: '/healthz', login: false })).status, 200)
  assert.equal((await server.ask('/api/realms?format=xml')).status, 200)
  assert.deepEqual(
    server.lines.filter(line => line.level === 'error'),
    [],
  )
}

t.test('a server survives any request over a real connection', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  await fc.assert(
    fc.asyncProperty(wildRequest(), async request => {
      const answer = await sendRaw(server.port, onTheWire(request), 'wait')
      assert.ok(answer !== undefined, 'no answer')
      check(request, { status: answer.status, headers: headersOf(answer.head), body: answer.body })
    }),
    runs(150),
  )
  await stillThere(server)
})

t.test('a server survives bodies that are shorter or longer than they say', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  await fc.assert(
    fc.asyncProperty(wildRequest(), fc.integer({ min: -20, max: 40 }), async (request, more) => {
      const length = Math.max(0, (request.body?.length ?? 0) + more)
      const answer = await sendRaw(server.port, onTheWire(request, length), 'hang up')
      // A request that breaks off needs no answer; one that came must be none of 500.
      if (answer !== undefined) assert.ok(answer.status < 500, answer.body.toString('utf8'))
    }),
    runs(60),
  )
  await stillThere(server)
})

t.test('a server survives what is no HTTP', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const line = 'GET /api HTTP/1.1\r\nHost: localhost\r\n'
  const chunked =
    'POST /api/keys?format=xml HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n'
  const examples = [
    '\r\n\r\n',
    'GET\r\n\r\n',
    'GET /api\r\n\r\n',
    'GET /api HTTP/9.9\r\n\r\n',
    'GET api HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET http://other.example/api HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'CONNECT x:1 HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
    `${line}Bad Header: x\r\n\r\n`,
    `${line}: x\r\n\r\n`,
    `${line}X: \u0000\r\n\r\n`,
    `${line}Content-Length: x\r\n\r\n`,
    `${line}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`,
    `${line}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${line}Transfer-Encoding: gzip\r\n\r\n`,
    `${line}Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc`,
    `${line}Expect: miracles\r\nContent-Length: 3\r\n\r\nabc`,
    `${line}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
    `${line}Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n`,
    `${chunked}\r\nzz\r\n{}\r\n0\r\n\r\n`,
    `${chunked}\r\n2\r\n{}`,
    `${chunked}\r\nffffffffffffffff\r\n{}`,
    `${chunked}\r\n2;ext="x\r\n{}\r\n0\r\n\r\n`,
    `${chunked}Trailer: X\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  ]
  const bytes = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...examples).map(text => Buffer.from(text, 'latin1')) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map(all => Buffer.from(all)) },
    { weight: 1, arbitrary: wildTarget().map(target => Buffer.from(`GET ${target} HTTP/1.1\r\n\r\n`, 'latin1')) },
  )
  const survives = async (input: Buffer): Promise<void> => {
    const answer = await sendRaw(server.port, input, 'hang up')
    if (answer === undefined) return
    assert.ok(answer.status < 500, `${answer.status}: ${answer.body.toString('utf8')}`)
    if (answer.status >= 400) checkDocument(answer.status, headersOf(answer.head).get('content-type') ?? '', answer.body)
  }
  for (const example of examples) await survives(Buffer.from(example, 'latin1'))
  await fc.assert(fc.asyncProperty(bytes, survives), runs(80))
  await stillThere(server)
})

t.test('a server survives clients that all ask at once, and those that go before they are answered', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const patience = fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(wildRequest(), patience), { minLength: 5, maxLength: 25 }), async requests => {
      await Promise.all(
        requests.map(async ([request, turns]) => {
          if (turns !== undefined) return abandon(server.port, onTheWire(request), turns)
          const answer = await sendRaw(server.port, onTheWire(request), 'wait')
          assert.ok(answer !== undefined && answer.status < 500)
        }),
      )
    }),
    runs(15),
  )
  await stillThere(server)
})

t.test('requests one after another on a connection are answered one after another, bad ones too', async t => {
  const server = await overHttp()
  t.teardown(() => server.close())
  const get = (target: string, last = false): string =>
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${basic()}\r\n${last ? 'Connection: close\r\n' : ''}\r\n`
  const requests = [get('/api/realms'), get('/api/%zz'), get('/api/nope'), get('/api/realms', true)].join('')
  const answer = await sendRaw(server.port, Buffer.from(requests), 'wait')
  const statuses: string[] = []
  for (let rest = answer; rest !== undefined; rest = readAnswer(rest.following)) statuses.push(String(rest.status))
  t.same(statuses, ['200', '400', '404', '200'])
  await stillThere(server)
})

t.test('the ids of the original that stand for faults of the provider answer with them', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  for (const status of [500, 501, 502, 504]) {
    for (const target of [`/api/realms/${status}`, `/api/realms?id=${status}`]) {
      for (const format of ['xml', 'json', 'html']) {
        const answer = await cloud.ask(`${target}${target.includes('?') ? '&' : '?'}format=${format}`)
        t.equal(answer.status, status, `${target} as ${format}`)
        checkDocument(status, answer.headers.get('content-type') ?? '', answer.body)
      }
    }
  }
})
