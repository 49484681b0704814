/** The transport against real servers, good ones and bad ones. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { Agent } from 'undici'
import type { Transport } from '../../src/drivers/context.ts'
import { TransportError } from '../../src/drivers/failures.ts'
import { createTransport, type TransportOptions } from '../../src/drivers/transport.ts'
import { discard, type Headers, readBody, wireRequest } from '../../src/drivers/wire.ts'
import { httpProvider, nobody, socketProvider, turns } from './provider.ts'
import { certificate, privateKey } from './self-signed.ts'

const transportFor = (t: Test, options: TransportOptions = {}): ReturnType<typeof createTransport> => {
  const transport = createTransport(options)
  t.teardown(() => transport.close())
  return transport
}

const patient = { signal: new AbortController().signal }

const get = (transport: Transport, target: string, headers: Headers = []) =>
  transport.send(wireRequest({ method: 'GET', target, headers }), patient)

/** What a promise was rejected with. */
const failureOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

t.test('what goes out', async t => {
  t.test('the target goes out byte for byte', async t => {
    const seen: string[] = []
    const host = await socketProvider(t, socket =>
      socket.on('data', data => {
        seen.push(data.toString('latin1').split(' ')[1] ?? '')
        socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      }),
    )
    const transport = transportFor(t)
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2E%2e',
      '\\',
      '%5c',
      '%2F',
      '%zz',
      '%',
      ';v=1',
      'a',
      'Ä',
      '?',
      '&',
      '#',
      '=',
      '+',
      '%20',
      "'",
      '"',
      '{',
      '|',
      '^',
      '`',
      '<',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async pieces => {
        const target = `/${pieces.join('')}`
        await discard(await get(transport, `http://${host}${target}`))
        assert.equal(seen.pop(), target)
      }),
    )
  })

  t.test('an address without a path asks for the root', async t => {
    const seen: (string | undefined)[] = []
    const url = await httpProvider(t, (request, response) => {
      seen.push(request.url)
      response.end()
    })
    const transport = transportFor(t)
    await get(transport, url)
    await get(transport, `${url}?Action=DescribeRegions`)
    t.same(seen, ['/', '/?Action=DescribeRegions'])
  })

  t.test('headers keep their order, their letters and their repetitions; those of the connection are left to undici', async t => {
    let seen: string[] = []
    const url = await httpProvider(t, (request, response) => {
      seen = request.rawHeaders
      response.end()
    })
    const transport = transportFor(t)
    const headers: Headers = [
      ['X-Zebra', '1'],
      ['Expect', '100-continue'],
      ['x-Amz-Date', '20260101T000000Z'],
      ['Transfer-Encoding', 'chunked'],
      ['X-Zebra', '2'],
      ['Connection', 'close'],
      ['Keep-Alive', 'timeout=5'],
      ['Upgrade', 'h2c'],
      ['Authorization', 'AWS4 é'],
      ['HOST', 'somewhere.example'],
    ]
    await get(transport, url, headers)
    const pairs = seen.flatMap((name, i) => (i % 2 === 0 ? [[name, seen[i + 1]]] : []))
    t.same(
      pairs.filter(([name]) => name !== 'host' && name !== 'connection'),
      [
        ['X-Zebra', '1'],
        ['x-Amz-Date', '20260101T000000Z'],
        ['X-Zebra', '2'],
        ['Authorization', 'AWS4 é'],
      ],
    )
    t.same(
      pairs.filter(([name]) => name === 'host'),
      [['host', 'somewhere.example']],
    )
  })

  t.test('a body in memory says how long it is, one that streams is chunked unless its length was given', async t => {
    const seen: unknown[] = []
    const url = await httpProvider(t, async (request, response) => {
      const body = await readBody(request)
      seen.push([request.method, request.headers['content-length'], request.headers['transfer-encoding'], body.toString()])
      response.end()
    })
    const transport = transportFor(t)
    const bytes = async function* () {
      yield Buffer.from('ab')
      yield Buffer.from('c')
    }
    for (const method of ['PUT', 'POST', 'DELETE']) {
      await transport.send(wireRequest({ method, target: url, body: 'abc' }), patient)
      await transport.send(wireRequest({ method, target: url, body: bytes() }), patient)
      await transport.send(wireRequest({ method, target: url, body: bytes(), headers: [['Content-Length', '3']] }), patient)
    }
    t.same(
      seen,
      ['PUT', 'POST', 'DELETE'].flatMap(method => [
        [method, '3', undefined, 'abc'],
        [method, undefined, 'chunked', 'abc'],
        [method, '3', undefined, 'abc'],
      ]),
    )
  })

  t.test('a big body is asked for only as fast as the provider reads it', async t => {
    const size = 96 * 1024 * 1024
    const piece = Buffer.alloc(64 * 1024, 'x')
    let produced = 0
    let producedWhileNobodyRead = 0
    const url = await httpProvider(t, async (request, response) => {
      await turns(3000)
      producedWhileNobodyRead = produced
      let received = 0
      for await (const chunk of request) received += chunk.length
      response.end(String(received))
    })
    const body = async function* () {
      for (; produced < size; produced += piece.length) yield piece
    }
    const response = await transportFor(t).send(wireRequest({ method: 'PUT', target: url, body: body() }), patient)
    t.equal((await readBody(response.body)).toString(), String(size))
    t.ok(producedWhileNobodyRead < size / 2, `${producedWhileNobodyRead} bytes were asked for`)
  })

  t.test('what no HTTP message can say is a bad request', async t => {
    const url = await httpProvider(t, (_request, response) => response.end())
    const transport = transportFor(t)
    const wrong: Promise<unknown>[] = [
      get(transport, url, [['X-Name', 'a\r\nX-Injected: b']]),
      get(transport, url, [['X-Name', '日本']]),
      get(transport, url, [['a name', 'x']]),
      get(transport, `${url}/a b`),
      get(transport, `${url}/日本`),
      transport.send(wireRequest({ method: 'G ET', target: url }), patient),
      transport.send(wireRequest({ method: 'PUT', target: url, body: 'abc', headers: [['Content-Length', '5']] }), patient),
    ]
    for (const promise of wrong) t.match(await failureOf(promise), { kind: 'bad-request', retry: 'useless' })
  })

  t.test('what is no address, or has credentials in it, is a bad request that repeats none of it', async t => {
    const transport = transportFor(t)
    for (const target of [
      'http://',
      'ftp://host/x',
      'http://user:sesame@host/',
      'http://host\\sesame',
      'http://ho st/',
      'http://h:99999/',
      'sesame',
    ]) {
      const error = await failureOf(get(transport, target))
      t.match(error, { kind: 'bad-request' }, target)
      t.notMatch(inspect(error), /sesame/)
    }
  })
})

t.test('what comes back', async t => {
  t.test('headers come back as they stood on the wire', async t => {
    const host = await socketProvider(t, socket => {
      socket.once('data', () =>
        socket.end(
          'HTTP/1.1 207 Multi\r\nX-b: 1\r\nSet-Cookie: a=1\r\nx-A: \xe9\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n',
          'latin1',
        ),
      )
    })
    const response = await get(transportFor(t), `http://${host}/`)
    t.equal(response.status, 207)
    t.same(response.headers, [
      ['X-b', '1'],
      ['Set-Cookie', 'a=1'],
      ['x-A', 'é'],
      ['Set-Cookie', 'b=2'],
      ['Content-Length', '0'],
    ])
  })

  t.test('a redirect is an answer like any other', async t => {
    let asked = 0
    const url = await httpProvider(t, (_request, response) => {
      asked++
      response.writeHead(307, { location: '/elsewhere' }).end('moved')
    })
    const response = await get(transportFor(t), url)
    t.equal(response.status, 307)
    t.equal((await readBody(response.body)).toString(), 'moved')
    t.equal(asked, 1)
  })

  t.test('a compressed body comes back as it was sent', async t => {
    const bytes = Buffer.from([0x1f, 0x8b, 0x08, 0, 1, 2, 3])
    const url = await httpProvider(t, (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes))
    t.same(await readBody((await get(transportFor(t), url)).body), bytes)
  })

  t.test('a big body is sent only as fast as it is read, and arrives whole', async t => {
    const size = 96 * 1024 * 1024
    const piece = Buffer.alloc(64 * 1024, 'y')
    let sent = 0
    const url = await httpProvider(t, async (_request, response) => {
      for (; sent < size; sent += piece.length) {
        if (!response.write(piece)) await new Promise(resolve => response.once('drain', resolve))
      }
      response.end()
    })
    const response = await get(transportFor(t), url)
    await turns(3000)
    t.ok(sent < size / 2, `${sent} bytes were sent before anyone read`)
    const hash = createHash('sha256')
    let received = 0
    if (typeof response.body !== 'object' || response.body instanceof Uint8Array) throw new TypeError('The body is no stream')
    for await (const chunk of response.body) {
      hash.update(chunk)
      received += chunk.length
    }
    t.equal(received, size)
    t.equal(hash.digest('hex'), createHash('sha256').update(Buffer.alloc(size, 'y')).digest('hex'))
  })

  t.test('an answer that is left unread gives its connection back', async t => {
    const url = await httpProvider(t, (request, response) => response.end(request.url === '/big' ? Buffer.alloc(8 * 1024 * 1024) : 'small'))
    const transport = transportFor(t, { connections: 1 })
    await discard(await get(transport, `${url}/big`))
    const half = await get(transport, `${url}/big`)
    if (typeof half.body === 'object' && !(half.body instanceof Uint8Array)) for await (const _ of half.body) break
    t.equal((await readBody((await get(transport, `${url}/small`)).body)).toString(), 'small')
  })
})

/** A way in which a provider fails, and what the transport makes of it. */
interface Trouble {
  readonly name: string
  readonly kind: string
  readonly retry: string
  /** Undefined: nobody listens. */
  readonly provider?: (socket: import('node:net').Socket) => void
  readonly scheme?: string
  readonly options?: TransportOptions
}

const answering =
  (text: string, then: 'end' | 'reset' | 'wait' = 'end') =>
  (socket: import('node:net').Socket) => {
    socket.once('data', () => {
      socket.write(text, 'latin1', () => {
        if (then === 'end') socket.end()
        if (then === 'reset') socket.resetAndDestroy()
      })
    })
  }

// The text that a provider may echo: it stands for a secret.
const echo = 'open-sesame'

const troubles: readonly Trouble[] = [
  { name: 'nobody listens', kind: 'provider-error', retry: 'safe' },
  {
    name: 'the connection is reset',
    kind: 'provider-error',
    retry: 'if idempotent',
    provider: s => s.once('data', () => s.resetAndDestroy()),
  },
  {
    name: 'the connection is closed without an answer',
    kind: 'provider-error',
    retry: 'if idempotent',
    provider: s => s.once('data', () => s.end()),
  },
  {
    name: 'the headers break off',
    kind: 'provider-error',
    retry: 'if idempotent',
    provider: answering(`HTTP/1.1 200 OK\r\nX-Echo: ${echo}`),
  },
  { name: 'the answer is no HTTP', kind: 'provider-error', retry: 'useless', provider: answering(`SSH-2.0-${echo}\r\n`) },
  { name: 'a header is malformed', kind: 'provider-error', retry: 'useless', provider: answering(`HTTP/1.1 200 OK\r\n${echo}\r\n\r\n`) },
  {
    name: 'the length is no number',
    kind: 'provider-error',
    retry: 'useless',
    provider: answering(`HTTP/1.1 200 OK\r\nContent-Length: ${echo}\r\n\r\n`),
  },
  {
    name: 'the headers are endless',
    kind: 'provider-error',
    retry: 'useless',
    provider: answering(`HTTP/1.1 200 OK\r\nX-Echo: ${echo.repeat(20_000)}\r\n\r\n`),
  },
  {
    name: 'nothing is ever answered',
    kind: 'provider-timeout',
    retry: 'if idempotent',
    provider: () => undefined,
    options: { headersTimeout: 50 },
  },
  {
    name: 'the headers never end',
    kind: 'provider-timeout',
    retry: 'if idempotent',
    provider: answering('HTTP/1.1 200 OK\r\nX-A: b\r\n', 'wait'),
    options: { headersTimeout: 50 },
  },
  {
    name: 'the body has less than its length',
    kind: 'provider-error',
    retry: 'if idempotent',
    provider: answering(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n${echo}`),
  },
  {
    name: 'the body is reset',
    kind: 'provider-error',
    retry: 'if idempotent',
    provider: answering(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n${echo}`, 'reset'),
  },
  {
    name: 'the chunks break off',
    kind: 'provider-error',
    retry: 'if idempotent',
    provider: answering(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n${echo}`),
  },
  {
    name: 'the last chunk is missing',
    kind: 'provider-error',
    retry: 'if idempotent',
    provider: answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'),
  },
  {
    name: 'a chunk is malformed',
    kind: 'provider-error',
    retry: 'useless',
    provider: answering(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${echo}\r\n`),
  },
  {
    name: 'the body stops',
    kind: 'provider-timeout',
    retry: 'if idempotent',
    provider: answering(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n${echo}`, 'wait'),
    options: { bodyTimeout: 50 },
  },
  {
    name: 'there is no TLS',
    kind: 'provider-error',
    retry: 'useless',
    scheme: 'https',
    provider: s => s.on('data', () => s.end(`HTTP/1.1 400 ${echo}\r\n\r\n`)),
  },
  {
    name: 'TLS is never agreed on',
    kind: 'provider-timeout',
    retry: 'safe',
    scheme: 'https',
    provider: () => undefined,
    options: { connectTimeout: 50 },
  },
]

t.test('providers in trouble', async t => {
  for (const { name, kind, retry, provider, scheme = 'http', options = {} } of troubles) {
    t.test(`${name}: ${kind}, and a message without secrets`, async t => {
      const host = provider === undefined ? await nobody(t) : await socketProvider(t, provider)
      const transport = transportFor(t, options)
      const request = wireRequest({
        method: 'POST',
        target: `${scheme}://${host}/account;key=${echo}?Signature=${echo}`,
        headers: [['Authorization', `Basic ${echo}`]],
        body: `password=${echo}`,
      })
      const ask = async (): Promise<unknown> =>
        readBody((await transport.send(request, { ...patient, operation: 'DescribeInstances' })).body)
      const error = await failureOf(ask())
      t.type(error, TransportError)
      t.match(error, { kind, retry })
      if (!(error instanceof Error)) return
      t.ok(error.message.startsWith(`DescribeInstances: ${host} `), error.message)
      t.notMatch(inspect(error, { depth: 9, showHidden: true }), new RegExp(echo))
    })
  }

  t.test('an operation without a name is called by its method and path, without parameters and query', async t => {
    const host = await nobody(t)
    const error = await failureOf(get(transportFor(t), `http://${host}/account;key=${echo}?Signature=${echo}`))
    t.match(error, { message: `GET /account: ${host} refused the connection` })
  })

  t.test('a name without an address can’t be reached', async t => {
    const dispatcher = new Agent({
      connect: { lookup: (_host, _options, found) => found(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), '') },
    })
    t.teardown(() => dispatcher.close())
    const error = await failureOf(get(transportFor(t, { dispatcher }), 'http://cloud.invalid/'))
    t.match(error, { kind: 'provider-error', retry: 'useless', message: /cloud\.invalid has no address/ })
  })

  t.test('a certificate is trusted only where its maker is', async t => {
    const server = createTlsServer({ key: privateKey, cert: certificate }, (_request, response) => response.end('secret garden'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const target = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
    t.match(await failureOf(get(transportFor(t), target)), { kind: 'provider-error', retry: 'useless', message: /TLS/ })
    const dispatcher = new Agent({ connect: { ca: certificate } })
    t.teardown(() => dispatcher.close())
    t.equal((await readBody((await get(transportFor(t, { dispatcher }), target)).body)).toString(), 'secret garden')
  })

  t.test('a body that was never asked for can be sent elsewhere', async t => {
    let asked = false
    const body = (async function* () {
      asked = true
      yield Buffer.from('still here')
    })()
    const transport = transportFor(t)
    t.match(await failureOf(transport.send(wireRequest({ method: 'PUT', target: `http://${await nobody(t)}/`, body }), patient)), {
      retry: 'safe',
    })
    t.equal(asked, false)
    const url = await httpProvider(t, (request, response) => request.pipe(response))
    const response = await transport.send(wireRequest({ method: 'PUT', target: url, body }), patient)
    t.equal((await readBody(response.body)).toString(), 'still here')
  })

  t.test('what the own body throws is thrown as it is', async t => {
    const url = await httpProvider(t, (request, response) => request.on('error', () => undefined).pipe(response))
    // A client's connection breaks with the same code as a provider's.
    const own = Object.assign(new Error('The client broke off'), { code: 'ECONNRESET' })
    const body = async function* () {
      yield Buffer.from('x')
      throw own
    }
    const transport = transportFor(t)
    const sent = async (): Promise<unknown> =>
      readBody((await transport.send(wireRequest({ method: 'PUT', target: url, body: body() }), patient)).body)
    t.equal(await failureOf(sent()), own)
  })
})

t.test('a client that goes away', async t => {
  // With a code of the network, which is the client's and not the provider's.
  const reason = Object.assign(new Error('The client has gone'), { code: 'ECONNRESET' })

  t.test('before the request: the provider is not even called', async t => {
    const dispatcher = Object.assign(new Agent(), { request: () => t.fail('called') })
    const sent = transportFor(t, { dispatcher }).send(wireRequest({ method: 'GET', target: 'http://cloud.example/' }), {
      signal: AbortSignal.abort(reason),
    })
    t.equal(await failureOf(sent), reason)
  })

  t.test('while there is no connection yet', async t => {
    const gone = new AbortController()
    const dispatcher = new Agent({
      connect: {
        lookup: (_host, _options, found) => {
          gone.abort(reason)
          t.teardown(() => found(new Error('too late'), ''))
        },
      },
    })
    t.equal(
      await failureOf(
        transportFor(t, { dispatcher }).send(wireRequest({ method: 'GET', target: 'http://slow.example/' }), { signal: gone.signal }),
      ),
      reason,
    )
  })

  t.test('while the provider thinks: the provider sees it go', async t => {
    const gone = new AbortController()
    const closed = Promise.withResolvers<void>()
    const url = await httpProvider(t, request => {
      request.on('close', closed.resolve)
      gone.abort(reason)
    })
    t.equal(await failureOf(transportFor(t).send(wireRequest({ method: 'GET', target: url }), { signal: gone.signal })), reason)
    await closed.promise
  })

  t.test('in the middle of the answer', async t => {
    const gone = new AbortController()
    const url = await httpProvider(t, (_request, response) => response.write('half'))
    const response = await transportFor(t).send(wireRequest({ method: 'GET', target: url }), { signal: gone.signal })
    const reading = failureOf(readBody(response.body))
    gone.abort(reason)
    t.equal(await reading, reason)
  })

  t.test('in the middle of its own upload: the source is closed', async t => {
    const gone = new AbortController()
    const url = await httpProvider(t, request => request.once('data', () => gone.abort(reason)).on('error', () => undefined))
    const closed = Promise.withResolvers<void>()
    const body = async function* () {
      try {
        for (;;) {
          yield Buffer.alloc(1024)
          await turns(1)
        }
      } finally {
        closed.resolve()
      }
    }
    t.equal(
      await failureOf(transportFor(t).send(wireRequest({ method: 'PUT', target: url, body: body() }), { signal: gone.signal })),
      reason,
    )
    await closed.promise
  })
})

t.test('life of a transport', async t => {
  t.test('closing ends what is under way, and nothing is asked afterwards', async t => {
    const asked = Promise.withResolvers<void>()
    const url = await httpProvider(t, () => asked.resolve())
    const transport = createTransport()
    const waiting = failureOf(get(transport, url))
    await asked.promise
    await transport.close()
    t.match(await waiting, { kind: 'provider-unavailable', retry: 'useless' })
    t.match(await failureOf(get(transport, url)), { kind: 'provider-unavailable', retry: 'useless' })
  })

  t.test('a transport that was closed before its first request asks nobody', async t => {
    const transport = createTransport()
    await transport.close()
    t.match(await failureOf(get(transport, `http://${await nobody(t)}/`)), { kind: 'provider-unavailable', retry: 'useless' })
  })

  t.test('only HTTP/1.1 is spoken, also where a provider would speak HTTP/2', async t => {
    const offered: (readonly string[])[] = []
    const server = createTlsServer({
      key: privateKey,
      cert: certificate,
      ALPNCallback: ({ protocols }) => {
        offered.push(protocols)
        return protocols.find(protocol => protocol === 'h2') ?? protocols[0]
      },
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    await failureOf(get(transportFor(t), `https://127.0.0.1:${(server.address() as AddressInfo).port}/`))
    t.same(offered, [['http/1.1']])
  })

  t.test('undici is loaded with the first request, not before', async t => {
    const source = new URL('../../src/drivers/transport.ts', import.meta.url)
    const script = `
      import { createRequire } from 'node:module'
      const { createTransport } = await import(${JSON.stringify(source.href)})
      const loaded = () => Object.keys(createRequire(${JSON.stringify(import.meta.url)}).cache).some(file => file.includes('undici'))
      const transport = createTransport()
      const before = loaded()
      await transport.send({ method: 'GET', target: 'http://127.0.0.1:1/', scheme: 'http', headers: [], header: () => undefined }, { signal: new AbortController().signal }).catch(() => {})
      await transport.close()
      console.log(before, loaded())`
    t.equal(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim(), 'false true')
  })
})
