/** HAR files of browsers, proxies and testing tools are replayed as far as they hold what was answered; what they don't is told, and no driver's fault. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { checkLaw } from '../../../conformance/check.ts'
import { main } from '../../../conformance/cli.ts'
import { runConformance } from '../../../conformance/conformance.ts'
import { subjectsOf } from '../../../conformance/harness.ts'
import { laws } from '../../../conformance/laws/index.ts'
import { type Har, MalformedRecording, parseHar, requestBodyOf, responseBodyOf, writeHar } from '../../../conformance/replay/har.ts'
import { withNock } from '../../../conformance/replay/nock.ts'
import { outgoingOf, Player } from '../../../conformance/replay/player.ts'
import { type Recording, readRecording } from '../../../conformance/replay/recording.ts'
import { parseScenario } from '../../../conformance/replay/scenario.ts'
import { createReplayTransport } from '../../../conformance/replay/transport.ts'
import { toText } from '../../../conformance/reports/terminal.ts'
import { openRecorded } from '../../../conformance/sources/recorded.ts'
import { harbour } from '../../../examples/driver/harbour/index.ts'
import { harness } from '../../../examples/driver/harbour.ts'
import type { Transport } from '../../../src/drivers/context.ts'
import type { AnyDriver } from '../../../src/drivers/registry.ts'
import { readBody, wireRequest } from '../../../src/drivers/wire.ts'

const folder = mkdtempSync(join(tmpdir(), 'deltacloud-har-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

type Members = Readonly<Record<string, unknown>>

/** An entry as tools agree on it, with the habits of one. */
const entry = (request: Members = {}, response: Members = {}, beside: Members = {}): Members => ({
  startedDateTime: '2026-11-27T00:00:00.000Z',
  time: 1,
  request: {
    method: 'GET',
    url: 'https://cloud.test/servers',
    headers: [],
    queryString: [],
    cookies: [],
    headersSize: -1,
    bodySize: 0,
    ...request,
  },
  response: {
    status: 200,
    statusText: 'OK',
    headers: [{ name: 'Content-Type', value: 'application/json' }],
    cookies: [],
    content: { size: 2, mimeType: 'application/json', text: '{}' },
    redirectURL: '',
    headersSize: -1,
    bodySize: 2,
    ...response,
  },
  cache: {},
  timings: { send: 0, wait: 0, receive: 0 },
  ...beside,
})

const writeEntries = (...entries: readonly unknown[]): string =>
  JSON.stringify({ log: { version: '1.2', creator: { name: 'a test' }, entries } })

const parseEntries = (...entries: readonly unknown[]): Har => parseHar('made.har', writeEntries(...entries))

const scenario = parseScenario(
  'made.scenario.json',
  JSON.stringify({
    driver: 'made',
    title: 'a test',
    traffic: 'made.har',
    provenance: { kind: 'composed', service: 'none' },
    steps: [{ title: 'all', request: { method: 'GET', path: '/api/realms' }, expect: { status: 200 } }],
  }),
)

const makeRecording = (har: Har): Recording => ({ driver: 'made', name: 'made', folder, har, scenario })

/** What a driver is answered, the same without sockets and through the HTTP stack. */
const askBothWays = async (har: Har) => {
  const [entry] = har.log.entries
  if (entry === undefined) throw new TypeError('there is no entry')
  const ask = async (transport: Transport) => {
    const { method, url, headers, body } = outgoingOf(entry)
    const request = wireRequest({ method, target: url, headers, ...(body === undefined ? {} : { body }) })
    const response = await transport.send(request, { signal: AbortSignal.timeout(5000) })
    return { status: response.status, headers: response.headers.map(pair => [...pair]), text: String(await readBody(response.body)) }
  }
  const direct = await ask(createReplayTransport(new Player(makeRecording(har))))
  assert.deepEqual(await withNock(new Player(makeRecording(har)), ask), direct)
  return direct
}

const type = ['Content-Type', 'application/json']

t.test('headers are those of HTTP/1.1, one for each that was sent', async t => {
  const har = parseEntries(
    entry(
      {
        headers: [
          { name: ':authority', value: 'cloud.test' },
          { name: ':method', value: 'GET' },
          { name: 'cookie', value: 'a=1; b=2' },
        ],
      },
      {
        headers: [
          { name: ':status', value: '200' },
          { name: 'set-cookie', value: 'a=1; Expires=Wed, 21 Oct 2030 07:28:00 GMT\nb=2; Path=/' },
          { name: ' X-Padded ', value: ' x ' },
          { name: 'X-Folded', value: 'one\r\n  two' },
          { name: 'x-count', value: 3 },
          { name: 'x-empty', value: '' },
          { name: 'content-type', value: 'application/json' },
        ],
      },
    ),
  )
  t.same(har.notes, [])
  t.same(har.log.entries[0]?.request.headers, [{ name: 'cookie', value: 'a=1; b=2' }])
  t.same((await askBothWays(har)).headers, [
    ['set-cookie', 'a=1; Expires=Wed, 21 Oct 2030 07:28:00 GMT'],
    ['set-cookie', 'b=2; Path=/'],
    ['X-Padded', 'x'],
    ['X-Folded', 'one two'],
    ['x-count', '3'],
    ['x-empty', ''],
    ['content-type', 'application/json'],
  ])
  const cookies = [{ name: 'a' }, { name: 'b' }]
  const joined = parseEntries(
    entry({}, { cookies, headers: [{ name: 'Set-Cookie', value: 'a=1; Expires=Wed, 21 Oct 2030 07:28:00 GMT, b=2' }] }),
  )
  t.same(
    joined.log.entries[0]?.response.headers.slice(0, 2).map(({ value }) => value),
    ['a=1; Expires=Wed, 21 Oct 2030 07:28:00 GMT', 'b=2'],
  )
})

t.test('headers that HTTP does not allow are left out, and named', async t => {
  const har = parseEntries(
    entry(
      { url: 'https://me:hunter2@cloud.test/servers?token=hunter2' },
      {
        headers: [
          { name: 'X Odd', value: 'x' },
          { name: '', value: 'x' },
          { name: 'X-Nul', value: 'a\u0000b' },
          { name: 'X-None', value: null },
          'X-Text: x',
          { name: 'X-Name', value: 'Zürich ✓' },
          { name: 'Content-Type', value: 'application/json' },
        ],
      },
    ),
  )
  t.same(
    har.notes.map(({ text }) => text),
    ['"X Odd"', '""', '"X-Nul"', '"X-None"', '""'].map(
      name => `log.entries[0] (GET https://cloud.test/servers?…) is replayed without the header ${name}, which HTTP does not allow`,
    ),
  )
  const [one] = har.log.entries
  t.same(one?.response.headers, [
    { name: 'X-Name', value: 'Zürich ✓' },
    { name: 'Content-Type', value: 'application/json' },
  ])
  await withNock(new Player(makeRecording(har)), async transport => {
    const { headers } = await transport.send(
      wireRequest({ method: 'GET', target: 'https://cloud.test/servers?token=hunter2', headers: [] }),
      {
        signal: AbortSignal.timeout(5000),
      },
    )
    t.equal(Buffer.from(headers[0]?.[1] ?? '', 'latin1').toString(), 'Zürich ✓', 'as UTF-8 on the wire')
  })
})

const bodies: Readonly<Record<string, readonly [response: Members, text: string, request?: Members]>> = {
  'Chrome: decoded text beside the header of what was compressed': [
    {
      headers: [
        { name: 'content-encoding', value: 'br' },
        { name: 'content-length', value: '999' },
        { name: 'Content-Type', value: 'application/json' },
      ],
      content: { size: 7, compression: -3, mimeType: 'application/json', text: '{"a":1}' },
      bodySize: 10,
    },
    '{"a":1}',
  ],
  'mitmproxy: the size of what was compressed': [
    { content: { size: 30, compression: -23, mimeType: 'application/json', text: '{"a":1}' }, bodySize: 30 },
    '{"a":1}',
  ],
  'Firefox: Base64, its name in capitals': [{ content: { size: 2, mimeType: 'x/y', text: 'aGk=', encoding: 'Base64' } }, 'hi'],
  'Base64 that does not say so': [{ content: { size: 7, mimeType: 'application/json', text: 'eyJhIjoxfQ==' } }, '{"a":1}'],
  'Charles: compressed, in Base64': [
    {
      headers: [{ name: 'Content-Encoding', value: 'gzip' }],
      content: { size: 7, mimeType: 'application/json', text: gzipSync('{"a":1}').toString('base64'), encoding: 'base64' },
    },
    '{"a":1}',
  ],
  'Polly.js: compressed pieces, in Base64': [
    {
      headers: [{ name: 'content-encoding', value: 'gzip' }],
      content: {
        mimeType: 'application/json',
        encoding: 'base64',
        size: 20,
        text: JSON.stringify([gzipSync('{"a":1}').subarray(0, 9).toString('base64'), gzipSync('{"a":1}').subarray(9).toString('base64')]),
      },
    },
    '{"a":1}',
  ],
  'Polly.js: compressed pieces, in hexadecimal': [
    {
      headers: [{ name: 'content-encoding', value: 'gzip' }],
      content: { mimeType: 'application/json', _isBinary: true, size: 20, text: JSON.stringify([gzipSync('{"a":1}').toString('hex')]) },
    },
    '{"a":1}',
  ],
  'Polly.js: binary': [{ content: { mimeType: 'x/y', _isBinary: true, size: 2, text: 'aGk=' } }, 'hi'],
  'a list that only looks like pieces': [{ content: { size: 6, mimeType: 'application/json', text: '["ab"]' } }, '["ab"]'],
  'nothing, by its size': [{ content: { size: 0, mimeType: 'application/json' }, bodySize: 0 }, ''],
  'nothing, of unknown size': [
    { status: 202, content: { size: -1, mimeType: 'x-unknown' }, bodySize: -1, headers: [] },
    '',
    { method: 'POST', postData: null },
  ],
  'nothing, in a Base64 of nothing': [{ content: { size: 0, mimeType: 'x/y', text: '', encoding: 'base64' } }, ''],
  'mitmproxy: text that is null': [{ content: { size: 0, mimeType: '', text: null }, bodySize: 0, headers: [] }, ''],
  'a status that has no body, with one': [{ status: 204, content: { size: 2, mimeType: 'x/y', text: 'hi' } }, '', { method: 'DELETE' }],
  'an answer to HEAD, with the length of what is not there': [
    { headers: [{ name: 'Content-Length', value: '5' }], content: { size: 5, mimeType: 'text/plain' } },
    '',
    { method: 'HEAD' },
  ],
}

for (const [habit, [response, text, request]] of Object.entries(bodies))
  t.test(`the body of an answer is what a driver would have read: ${habit}`, async t => {
    const har = parseEntries(entry(request, response))
    t.same(har.notes, [])
    t.equal((await askBothWays(har)).text, text)
    t.notOk((await askBothWays(har)).headers.some(([name = '']) => /^content-encoding$/i.test(name)))
    t.same(parseHar('again.har', writeHar(har)), har, 'written and read again')
  })

t.test('an answer has the type and the target of its redirection, wherever they stand', async t => {
  t.same((await askBothWays(parseEntries(entry({}, { headers: [] })))).headers, [type])
  t.same((await askBothWays(parseEntries(entry({}, { headers: [], content: { size: 2, mimeType: 'x-unknown', text: '{}' } })))).headers, [])
  const moved = { status: 302, redirectURL: 'https://cloud.test/b', headers: [], content: { size: 0, mimeType: 'x-unknown' } }
  t.same((await askBothWays(parseEntries(entry({}, moved)))).headers, [['Location', 'https://cloud.test/b']])
})

t.test('what a browser had in its cache is answered as it was', async t => {
  const hit = parseEntries(entry({}, {}, { _fromCache: 'disk' }))
  t.match(await askBothWays(hit), { status: 200, text: '{}' })
  t.match(
    await askBothWays(parseEntries(entry({}, { status: 304 }))),
    { status: 200, text: '{}' },
    'a revalidated one, with the body that was kept',
  )
  const empty = { status: 304, headers: [], content: { size: 0, mimeType: '' } }
  t.match(await askBothWays(parseEntries(entry({}, empty, { _fromCache: 'memory' }))), { status: 304, text: '' })
})

const requests: Readonly<Record<string, readonly [request: Members, url: string, body?: string]>> = {
  'a fragment': [{ url: 'https://cloud.test/a?b=1#part' }, 'https://cloud.test/a?b=1'],
  'Insomnia: the query beside the address': [
    {
      url: 'https://cloud.test/a',
      queryString: [
        { name: 'x y', value: '1' },
        { name: 'n', value: 2 },
      ],
    },
    'https://cloud.test/a?x+y=1&n=2',
  ],
  'another query beside the address than in it': [
    { url: 'https://cloud.test/a?b=1', queryString: [{ name: 'b', value: '2' }] },
    'https://cloud.test/a?b=1',
  ],
  'a method in small letters': [{ method: 'get' }, 'https://cloud.test/servers'],
  'Chrome: a form by its fields': [
    {
      method: 'POST',
      postData: { mimeType: 'application/x-www-form-urlencoded; charset=UTF-8', params: [{ name: 'Action', value: 'Describe It' }] },
    },
    'https://cloud.test/servers',
    'Action=Describe+It',
  ],
  'Playwright: a form by its fields, with an empty text': [
    {
      method: 'POST',
      bodySize: 3,
      postData: { mimeType: 'application/x-www-form-urlencoded', text: '', params: [{ name: 'a', value: '&' }] },
    },
    'https://cloud.test/servers',
    'a=%26',
  ],
  'Firefox: a multipart form by its fields': [
    {
      method: 'POST',
      headers: [{ name: 'Content-Type', value: 'multipart/form-data; boundary=XX' }],
      postData: {
        mimeType: 'multipart/form-data; boundary=XX',
        params: [
          { name: 'a', value: '1' },
          { name: 'f', fileName: 'f.txt', contentType: 'text/plain', value: 'hi' },
        ],
      },
    },
    'https://cloud.test/servers',
    '--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--XX\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--XX--\r\n',
  ],
  'mitmproxy: a body of nothing, without a type': [
    { method: 'POST', postData: { mimeType: '', text: '', params: [] } },
    'https://cloud.test/servers',
    '',
  ],
  'a body in Base64': [
    { method: 'PUT', postData: { mimeType: 'application/json', text: 'e30=', encoding: 'base64' } },
    'https://cloud.test/servers',
    '{}',
  ],
  'a body in Base64, by its comment': [
    { method: 'PUT', postData: { mimeType: 'application/json', text: 'e30=', comment: 'base64' } },
    'https://cloud.test/servers',
    '{}',
  ],
}

for (const [habit, [request, url, body]] of Object.entries(requests))
  t.test(`a request is what was sent: ${habit}`, async t => {
    const har = parseEntries(entry(request))
    t.same(har.notes, [])
    const [one] = har.log.entries
    t.match(one?.request, { method: String(request.method ?? 'GET').toUpperCase(), url })
    t.equal(one && requestBodyOf(one)?.toString(), body)
    t.equal((await askBothWays(har)).status, 200)
  })

t.test('a request whose body was not kept answers any of its method and path, and is named', t => {
  const file = { mimeType: 'multipart/form-data', params: [{ name: 'f', fileName: 'f.txt' }] }
  for (const request of [
    { bodySize: 9 },
    { bodySize: 9, postData: { mimeType: 'application/json', text: '' } },
    { postData: file },
    { postData: 5 },
  ]) {
    const har = parseEntries(entry({ method: 'POST', ...request }))
    const player = new Player(makeRecording(har))
    const [one] = har.log.entries
    const asked = {
      method: 'POST',
      url: 'https://cloud.test/servers',
      headers: [['Content-Type', 'application/json'] as const],
      body: Buffer.from('{"a":1}'),
    }
    t.equal(player.answer(asked), one)
    t.same(player.findGaps(), [
      'log.entries[0] (POST https://cloud.test/servers) is replayed without the body of its request, which the file does not hold',
    ])
  }
  t.end()
})

const unusable: Readonly<Record<string, readonly [entry: unknown, reason: string, matters: boolean]>> = {
  'an aborted request': [entry({}, { status: 0, _error: 'net::ERR_ABORTED' }), 'it was not answered (net::ERR_ABORTED)', true],
  'mitmproxy: no answer': [entry({}, { status: 0, content: {}, headers: [], _error: null }), 'it was not answered', true],
  'Playwright: a failure': [entry({}, { status: -1, _failureText: 'NS_ERROR_ABORT' }), 'it was not answered (NS_ERROR_ABORT)', true],
  'no response': [entry({}, {}, { response: null }), 'it has no response', true],
  'an interim response': [entry({}, { status: 103 }), '103 is not the status of an answer', true],
  'a status that is none': [entry({}, { status: 'OK' }), 'its status is not a number', true],
  'Playwright: content omitted': [entry({}, { content: { size: 80, mimeType: 'application/json' } }), 'its body was not kept', true],
  'Playwright: content omitted, sizes too': [
    entry({}, { content: { size: -1, mimeType: 'application/json' }, bodySize: -1 }),
    'its body was not kept',
    true,
  ],
  'Chrome: a body that it had forgotten': [
    entry({}, { headers: [{ name: 'content-length', value: '80' }], content: { size: 0, mimeType: 'text/html' } }),
    'its body was not kept',
    true,
  ],
  'Playwright: a file that is gone': [
    entry({}, { content: { size: 2, mimeType: 'x/y', _file: 'gone.json' } }),
    'the file that holds its body is not there',
    true,
  ],
  'content of another kind': [entry({}, { content: { size: 2, text: { a: 1 } } }), 'its body is not a text', true],
  'an unknown encoding': [
    entry({}, { content: { size: 2, text: 'xx', encoding: 'rot13' } }),
    'its body has an encoding that no HAR has',
    true,
  ],
  'data:': [entry({ url: 'data:text/plain,hunter2' }), 'its address is not of HTTP', false],
  'blob:': [entry({ url: 'blob:https://cloud.test/1' }), 'its address is not of HTTP', false],
  'an extension': [entry({ url: 'chrome-extension://abc/a.js' }), 'its address is not of HTTP', false],
  'a WebSocket': [
    entry({ url: 'wss://cloud.test/a' }, { status: 101 }, { _webSocketMessages: [{ type: 'send', data: 'hunter2' }] }),
    'it is a WebSocket',
    false,
  ],
  'mitmproxy: a WebSocket': [
    entry({ url: 'https://cloud.test/a' }, { status: 101, content: {} }, { _resourceType: 'websocket' }),
    'it became a WebSocket',
    false,
  ],
  'Charles: a tunnel': [entry({ method: 'CONNECT', url: 'https://cloud.test:443' }), 'it opens a tunnel through a proxy', false],
  'a method that is none': [entry({ method: 'GET /' }), 'its method is none that a driver sends', true],
  'no address': [entry({ url: '' }), 'its address is not an absolute URL', true],
  'a relative address': [entry({ url: '/servers?token=hunter2' }), 'its address is not an absolute URL', true],
  'no request': [{ response: {} }, 'it has no request', true],
  nothing: [null, 'it is not an object', true],
}

for (const [what, [raw, reason, matters]] of Object.entries(unusable))
  t.test(`what can’t be replayed is left out and named: ${what}`, t => {
    const har = parseEntries(raw, entry())
    t.equal(har.log.entries.length, 1)
    t.match(har.notes, [
      { matters, text: new RegExp(`^log\\.entries\\[0\\]( \\(.*\\))? is left out: ${reason.replace(/[()]/g, '\\$&')}$`) },
    ])
    t.notMatch(har.notes[0]?.text, /hunter2/)
    t.throws(() => parseHar('x.har', writeEntries(raw)), MalformedRecording)
    t.end()
  })

t.test('dates have zones or none, and comments of tools that comment on everything are none', t => {
  const dated = (startedDateTime: unknown, comment?: unknown) => parseEntries(entry({}, {}, { startedDateTime, comment })).log.entries[0]
  for (const date of ['2026-11-27T00:00:00Z', '2026-11-27T01:00:00.123456+01:00', '2026-11-27T00:00:00.000'])
    t.equal(dated(date)?.startedDateTime, date)
  for (const date of ['soon', 5, null, undefined]) t.equal(dated(date)?.startedDateTime, '')
  for (const comment of ['', ' ', '[#12]', 5, null]) t.equal(dated('', comment)?.comment, undefined)
  t.equal(dated('', 'for another driver')?.comment, 'for another driver')
  t.end()
})

/** A ZIP archive, as Playwright writes it. */
const buildZip = (files: Readonly<Record<string, string>>): Buffer => {
  const [local, central]: [Buffer[], Buffer[]] = [[], []]
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const [plain, packed, title] = [Buffer.from(text), deflateRawSync(text), Buffer.from(name)]
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt32LE(crc32(plain), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(plain.length, 18)
    fields.writeUInt16LE(title.length, 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    local.push(Buffer.from('PK\x03\x04'), fields, title, packed)
    central.push(Buffer.from('PK\x01\x02\x14\x00'), fields, place, title)
    offset += 4 + fields.length + title.length + packed.length
  }
  const end = Buffer.alloc(18)
  end.writeUInt16LE(central.length / 4, 6)
  end.writeUInt32LE(Buffer.concat(central).length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...local, ...central, Buffer.from('PK\x05\x06'), end])
}

const writeRecording = async (name: string, traffic: string, bytes: Buffer | string): Promise<void> => {
  await mkdir(join(folder, 'made'), { recursive: true })
  writeFileSync(join(folder, 'made', traffic), bytes)
  writeFileSync(join(folder, 'made', `${name}.scenario.json`), `\ufeff${JSON.stringify({ ...scenario, traffic })}`)
}

t.test('files with a byte order mark, in UTF-16, compressed, and in Playwright’s archive are read', async t => {
  const attached = writeEntries(
    entry(
      { method: 'POST', postData: { mimeType: 'text/plain', text: '', _file: 'sent.txt' } },
      { content: { size: 2, mimeType: 'text/plain', _file: 'got.txt' } },
    ),
  )
  const files: Readonly<Record<string, readonly [string, Buffer | string]>> = {
    mark: ['mark.har', `\ufeff${writeEntries(entry())}`],
    wide: ['wide.har', Buffer.from(`\ufeff${writeEntries(entry())}`, 'utf16le')],
    gzip: ['gzip.har', gzipSync(writeEntries(entry()))],
    zlib: ['zlib.har', deflateSync(writeEntries(entry()))],
    zip: ['zip.zip', buildZip({ 'sent.txt': 'ping', 'har.har': attached, 'got.txt': 'pong' })],
    beside: ['beside.har', attached],
  }
  await mkdir(join(folder, 'made'), { recursive: true })
  writeFileSync(join(folder, 'made', 'sent.txt'), 'ping')
  writeFileSync(join(folder, 'made', 'got.txt'), 'pong')
  for (const [name, [file, bytes]] of Object.entries(files)) {
    await writeRecording(name, file, bytes)
    const { har } = await readRecording(join(folder, 'made'), 'made', name)
    const [one] = har.log.entries
    t.same(har.notes, [], name)
    t.equal(one && String(responseBodyOf(one)), bytes === attached || name === 'zip' ? 'pong' : '{}', name)
    if (name === 'zip') t.equal(one && requestBodyOf(one)?.toString(), 'ping')
  }
  await writeRecording('outside', 'outside.har', writeEntries(entry(), entry({}, { content: { size: 2, _file: '../made/got.txt' } })))
  t.match((await readRecording(join(folder, 'made'), 'made', 'outside')).har.notes, [{ text: /the file that holds its body is not there/ }])
})

t.test('a file that is no HAR is named in one sentence', async t => {
  const files: Readonly<Record<string, readonly [Buffer | string, RegExp]>> = {
    empty: ['', /^made\/empty\.har: not JSON \(Unexpected end of JSON input\)$/],
    page: ['<html>hunter2</html>', /^made\/page\.har: not JSON \(Unexpected token '<'\)$/],
    picture: [Buffer.from('89504e470d0a1a0a', 'hex'), /^made\/picture\.har: not JSON \([ -~]+\)$/],
    damaged: [buildZip({ 'har.har': '{}' }).subarray(0, 40), /^made\/damaged\.har: it can't be unpacked \(it has no directory\)$/],
    other: [buildZip({ 'a.txt': '' }), /^made\/other\.har: it can't be unpacked \(there is no \.har file in it\)$/],
    cut: [gzipSync(writeEntries(entry())).subarray(0, 30), /^made\/cut\.har: it can't be unpacked \([\w ]+\)$/],
  }
  for (const [name, [bytes, message]] of Object.entries(files)) {
    await writeRecording(name, `${name}.har`, bytes)
    await t.rejects(readRecording(join(folder, 'made'), 'made', name), { name: 'MalformedRecording', message })
  }
  await mkdir(join(folder, 'made', 'folder.har'), { recursive: true })
  await writeRecording('folder', 'none.zip', '')
  writeFileSync(join(folder, 'made', 'folder.scenario.json'), JSON.stringify({ ...scenario, traffic: 'folder.har' }))
  await t.rejects(readRecording(join(folder, 'made'), 'made', 'folder'), {
    name: 'MalformedRecording',
    message: /^made\/folder\.har: it can't be read \(EISDIR/,
  })
})

/** A recording of ours, changed. */
const keys = fileURLToPath(new URL('../../../recordings/harbour/keys', import.meta.url))

const writeChangedKeys = async (name: string, change: (entries: Record<string, unknown>[]) => unknown): Promise<string> => {
  const out = join(folder, name)
  await mkdir(join(out, 'harbour'), { recursive: true })
  const har = JSON.parse(await readFile(`${keys}.har`, 'utf8'))
  change(har.log.entries)
  writeFileSync(join(out, 'harbour', 'keys.har'), JSON.stringify(har))
  writeFileSync(join(out, 'harbour', 'keys.scenario.json'), await readFile(`${keys}.scenario.json`, 'utf8'))
  return out
}

const driver: AnyDriver = harbour as AnyDriver
const [subject] = subjectsOf('harbour', { ...harness, recordings: [], driver })

const judge = async (id: string, recording: Recording) => {
  const law = laws.find(one => one.id === id)
  if (law === undefined || subject === undefined) throw new TypeError(`There is no law ${id}`)
  await using source = await openRecorded(subject, [recording])
  const setting = { subject, driver: source.driver, offer: source.offer, source: source.kind, recordings: [recording] }
  return await checkLaw({ law, setting, source, runs: 1, seed: 1, command: replay => replay })
}

t.test('a report and the terminal tell what was left out, and the law is judged by the rest', async t => {
  const recordings = await writeChangedKeys('rest', entries =>
    entries.push(entry({ url: 'data:,x' }), entry({}, { status: 0 }, { comment: 'not needed' })),
  )
  const options = {
    drivers: [fileURLToPath(new URL('../../../examples/driver/harbour.ts', import.meta.url))],
    laws: ['R1'],
    sources: ['R' as const],
  }
  // The driver's own recordings come first, so the changed one goes by another name.
  for (const ending of ['har', 'scenario.json'])
    writeFileSync(
      join(recordings, 'harbour', `other.${ending}`),
      (await readFile(join(recordings, 'harbour', `keys.${ending}`), 'utf8')).replace('keys.har', 'other.har'),
    )
  const report = await runConformance({ ...options, recordings: [recordings] })
  t.same(report.warnings, [
    'The recording harbour/other: log.entries[5] (GET data:…) is left out: its address is not of HTTP',
    'The recording harbour/other: log.entries[6] (GET https://cloud.test/servers) is left out: it was not answered',
  ])
  t.equal(report.subjects[0]?.laws[0]?.outcome, 'holds')
  t.match(toText(report, { colour: false, width: 200 }), /Warning: The recording harbour\/other: log\.entries\[5\]/)
})

t.test('a file that is no HAR ends a run with a sentence', async t => {
  const recordings = await writeChangedKeys('no-har', () => undefined)
  writeFileSync(join(recordings, 'harbour', 'other.har'), 'hello')
  writeFileSync(
    join(recordings, 'harbour', 'other.scenario.json'),
    (await readFile(`${keys}.scenario.json`, 'utf8')).replace('keys.har', 'other.har'),
  )
  const module = fileURLToPath(new URL('../../../examples/driver/harbour.ts', import.meta.url))
  t.equal(await main(['--driver', module, '--law', 'R1', '--source', 'R', '--recordings', recordings, '--jobs', '1']), 2)
})

t.test('an answer that the file doesn’t hold is no fault of the driver', async t => {
  const judged = async (change: (entries: Record<string, unknown>[]) => unknown) =>
    judge('R1', await readRecording(join(await writeChangedKeys('doubtful', change), 'harbour'), 'harbour', 'keys'))
  t.equal((await judged(() => undefined)).outcome, 'holds')
  t.match(await judged(entries => entries.splice(3, 1, entry({ url: 'http://127.0.0.1/harbour/v1/keys' }, { status: 0 }))), {
    outcome: 'n/a',
    reason: /every case was inconclusive: log\.entries\[3\] .* is left out: it was not answered/,
  })
  t.match(await judged(entries => entries.splice(3, 1, { ...entries[3], request: null })), { outcome: 'n/a', reason: /it has no request/ })
  t.match(await judged(entries => entries.splice(3, 1)), { outcome: 'broken' }, 'what is missing without a trace is')
  t.match(await judged(entries => entries.splice(3, 1, entry({ url: 'data:,' }))), { outcome: 'broken' }, 'or what no driver asks')
})

type Change = { readonly path: readonly (string | number)[]; readonly value: unknown }

/** All places of a value, but for those that say what was asked and answered: there another value is another recording. */
const listPlaces = (value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] => [
  ...(path.length === 0 ? [] : [path]),
  ...(Array.isArray(value)
    ? value.flatMap((inner, n) => listPlaces(inner, [...path, n]))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => listPlaces(inner, [...path, name]))
      : []),
]

const odd = fc.constantFrom<unknown>(undefined, null, 5, -1, 1e99, true, '', ' ', '☃', '\u0000', 'a\nb', [], [null], {}, { name: '' })

const isContent = (path: readonly (string | number)[], value: unknown): boolean => {
  const last = path.at(-1)
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isText && (last === 'text' || last === 'comment' || (last === 'value' && path.includes('headers')))
}

const applyChange = (value: unknown, { path: [first, ...rest], value: next }: Change): unknown => {
  if (first === undefined) return next
  if (Array.isArray(value)) return value.map((inner, n) => (n === first ? applyChange(inner, { path: rest, value: next }) : inner))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === first ? applyChange(inner, { path: rest, value: next }) : inner]),
  )
}

t.test('whatever becomes of the members of a HAR, it is read or refused, and no driver is blamed', async t => {
  const original = await readRecording(fileURLToPath(new URL('../../../recordings/harbour', import.meta.url)), 'harbour', 'keys')
  const file: unknown = JSON.parse(await readFile(`${keys}.har`, 'utf8'))
  const change = fc.record({ path: fc.constantFrom(...listPlaces(file)), value: odd }).filter(({ path, value }) => !isContent(path, value))
  let judged = 0
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async changes => {
      let har: Har
      try {
        har = parseHar('keys.har', JSON.stringify(changes.reduce(applyChange, file)))
      } catch (error) {
        assert.ok(error instanceof MalformedRecording, String(error))
        return
      }
      const result = await judge('R1', { ...original, har })
      judged++
      assert.notEqual(result.outcome, 'broken', result.counterexample?.message)
    }),
    { numRuns: 60 },
  )
  t.ok(judged > 20, `${judged} were judged`)
})
