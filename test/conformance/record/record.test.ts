/** What is recorded can be played, and tells no secret, whatever it's like and however it's spelt. */

import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import { changesBetween } from '../../../conformance/record/changes.ts'
import { parseHar } from '../../../conformance/replay/har.ts'
import { readRecording } from '../../../conformance/replay/recording.ts'
import { parseScenario } from '../../../conformance/replay/scenario.ts'
import { frontend } from '../../../examples/driver/frontend.ts'
import { harbour } from '../../../examples/driver/harbour/index.ts'
import { tap } from '../../../src/drivers/transport.ts'
import { type Headers, readBody, wireRequest } from '../../../src/drivers/wire.ts'
import { startServer } from '../../../src/index.ts'
import { Refusal, refuseSecrets } from '../../../src/record/gate.ts'
import { Recorder } from '../../../src/record/recorder.ts'
import { save, textsOf } from '../../../src/record/save.ts'
import { spellingsOf } from '../../../src/record/spellings.ts'

const folder = mkdtempSync(join(tmpdir(), 'deltacloud-record-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

interface Exchange {
  readonly url?: string
  readonly headers?: Headers
  readonly body?: string
  readonly type?: string
  readonly answer?: string
  readonly answerHeaders?: Headers
}

/** What a recorder writes of exchanges. */
const recorded = async (exchanges: readonly Exchange[], secrets: readonly string[] = []): Promise<string> => {
  const recorder = new Recorder(() => 0)
  for (const secret of secrets) recorder.knows(secret)
  for (const {
    url = 'http://cloud.test/a',
    headers = [],
    body,
    type = 'application/json',
    answer = '{}',
    answerHeaders = [],
  } of exchanges) {
    const transport = tap(
      {
        send: async request => {
          await readBody(request.body)
          return { status: 200, headers: [['Content-Type', type], ...answerHeaders], body: answer }
        },
      },
      recorder.observer,
    )
    const response = await transport.send(
      wireRequest({
        method: body === undefined ? 'GET' : 'POST',
        target: url,
        headers: [...headers, ...(body === undefined ? [] : [['Content-Type', type] as const])],
        ...(body === undefined ? {} : { body }),
      }),
      { signal: new AbortController().signal },
    )
    await readBody(response.body)
  }
  return recorder.har('made.har')
}

t.test('secrets are taken out wherever they stand, and what belongs together still does', async t => {
  const pem = '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----'
  const text = await recorded(
    [
      {
        url: 'http://cloud.test/tokens?api_key=k3y-in-the-query&name=web',
        headers: [
          ['Authorization', 'Basic bWU6bXktcGFzc3dvcmQ='],
          ['X-Unheard-Of', 'who-knows-what'],
        ],
        body: '{"auth":{"user":"me","password":"my-password"}}',
        answer:
          '{"token":{"id":"tok-1234567890","expires":"2026-11-27T00:00:00Z"},"adminPass":"adm1n-pass","owner":"jane.doe@company.org"}',
        answerHeaders: [
          ['X-Subject-Token', 'subject-token-value'],
          ['Set-Cookie', 'session=abcdef123456; Path=/'],
        ],
      },
      {
        headers: [['X-Auth-Token', 'subject-token-value']],
        answer: `{"key":{"name":"k","pem":${JSON.stringify(pem)}},"url":"https://store.test/x?Signature=abcdefgh&Expires=1"}`,
      },
      {
        type: 'text/xml',
        body: '<s:Envelope xmlns:s="u"><s:Body><Login><userName>me</userName><password>my-password</password></Login></s:Body></s:Envelope>',
        answer: '<r><sessionId>sess-987654321</sessionId><name>web</name></r>',
      },
      { type: 'application/x-www-form-urlencoded', body: 'Action=CreateKeyPair&SecretAccessKey=very-s3cret&KeyName=web' },
    ],
    ['my-password'],
  )
  for (const secret of [
    'my-password',
    'k3y-in-the-query',
    'who-knows-what',
    'adm1n-pass',
    'jane.doe',
    'subject-token-value',
    'abcdef123456',
    'MIIEpAIBAAKCAQEA',
    'abcdefgh',
    'sess-987654321',
    'very-s3cret',
    'bWU6bXktcGFzc3dvcmQ',
  ])
    t.notOk(text.includes(secret), secret)
  for (const kept of ['name=web', '"name\\":\\"k\\"', '2026-11-27T00:00:00Z', '<userName>me</userName>', '<name>web</name>', 'KeyName=web'])
    t.ok(text.includes(kept), kept)
  const [first, second] = parseHar('made.har', text).log.entries
  const given = first?.response.headers.find(({ name }) => name === 'X-Subject-Token')?.value
  t.match(given, /^REDACTED-\d+$/)
  t.equal(second?.request.headers.find(({ name }) => name === 'X-Auth-Token')?.value, given, 'a token and its use')
})

/** Where a credential may stand. */
const ways = (password: string): readonly Exchange[] => {
  const json = JSON.stringify({ note: `it is ${password}.`, inner: [password] })
  return [
    { headers: [['Authorization', `Basic ${Buffer.from(`user:${password}`).toString('base64')}`]] },
    { url: `http://cloud.test/a?note=${encodeURIComponent(password)}` },
    { body: json },
    { answer: json },
    {
      type: 'text/xml',
      answer: `<a note="${password.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`)}">${password.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</a>`,
    },
    { type: 'application/x-www-form-urlencoded', body: String(new URLSearchParams({ note: password })) },
    { answerHeaders: [['Location', `http://cloud.test/${encodeURIComponent(password)}`]] },
  ]
}

t.test('a credential in use is in no file, whatever it is and wherever it stands; or there is no file', async t => {
  let written = 0
  const secret = fc
    .string({ minLength: 6, maxLength: 24, unit: fc.constantFrom(...'abcXYZ019-_=+/&<>"\'\\%~äß€😀 :;') })
    .filter(text => text.trim() === text && !/^(REDACTED|\d+)/.test(text))
  await fc.assert(
    fc.asyncProperty(secret, fc.nat(6), async (password, where) => {
      try {
        const text = await recorded([ways(password)[where] ?? {}], [password])
        written++
        for (const spelling of spellingsOf(password)) if (text.includes(spelling)) return false
      } catch (error) {
        return error instanceof Refusal
      }
      return true
    }),
    { numRuns: 300 },
  )
  t.ok(written > 200, `${written} were written`)
})

t.test('the gate tells the place, and not the secret', t => {
  t.throws(() => refuseSecrets('x.har', 'one\ntwo hunter2hunter2\n', ['hunter2hunter2']), {
    name: 'Refusal',
    message: 'x.har is not written: line 2 holds a credential in use',
  })
  t.throws(() => refuseSecrets('x.har', 'AKIAABCDEFGHIJKLMNOP', []), { message: /line 1 looks like an AWS access key id/ })
  t.doesNotThrow(() => refuseSecrets('x.har', 'AKIAIOSFODNN7EXAMPLE', []))
  t.end()
})

/** A harbour behind a port, and the API over its driver with a recorder between. */
const observed = async (recorder: Recorder) => {
  const provider = await startServer({ host: '127.0.0.1', port: 0, frontendDefinitions: [frontend] })
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    driver: 'harbour',
    drivers: [harbour],
    provider: `${provider.url}/harbour`,
    recorder,
  })
  return { server, provider, close: () => Promise.all([server.close(1), provider.close(1)]) }
}

t.test('what a server’s clients ask is recorded with what its driver asks, and plays', async t => {
  const recorder = new Recorder()
  const { server, provider, close } = await observed(recorder)
  const headers = { authorization: `Basic ${Buffer.from('mockuser:mockpassword').toString('base64')}` }
  const ask = (path: string, init: RequestInit = {}) => fetch(`${server.url}${path}`, { ...init, headers: { ...headers, ...init.headers } })
  t.equal((await ask('/api/instances?format=json')).status, 200)
  t.equal((await ask('/api/keys?format=json', { method: 'POST', body: new URLSearchParams({ name: 'anchor' }) })).status, 201)
  t.equal((await ask('/api/instances/none?format=json')).status, 404)
  await close()
  const options = {
    driver: 'harbour',
    name: 'captured',
    title: 'captured',
    provider: `${provider.url}/harbour`,
    user: 'mockuser',
    kind: 'emulator' as const,
    service: 'Harbour',
    captured: '2026-11-27',
  }
  save(join(folder, 'harbour'), 'captured', textsOf(recorder, options))
  t.same(readdirSync(join(folder, 'harbour')).sort(), ['captured.har', 'captured.scenario.json'], 'whole, and nothing beside')
  const { scenario, har } = await readRecording(join(folder, 'harbour'), 'harbour', 'captured')
  t.match(scenario.steps, [
    { request: { path: '/api/instances' }, expect: { collection: 'instances', count: 4 } },
    { request: { form: { name: 'anchor' } }, expect: { status: 201, element: { id: 'anchor' } } },
    { expect: { status: 404, error: { status: 404 } } },
  ])
  t.ok(har.log.entries.length >= 4)
  t.notMatch(JSON.stringify([har, scenario]), /mockpassword|bW9ja3Bhc3N3b3Jk/)
})

t.test('scripts are recorded, and recorded again, by the command', async t => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const provider = await startServer({ host: '127.0.0.1', port: 0, frontendDefinitions: [frontend] })
  t.teardown(() => provider.close(1))
  const run = (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise(resolve => {
      const env = { ...process.env, API_USER: 'mockuser', API_PASSWORD: 'mockpassword' }
      execFile(
        process.execPath,
        [
          'conformance/record/run.ts',
          '--driver',
          './examples/driver/harbour.ts',
          '--provider',
          `${provider.url}/harbour`,
          '--out',
          folder,
          '--kind',
          'emulator',
          ...args,
        ],
        { cwd: root, env },
        (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      )
    })
  t.match(await run('examples/driver/scripts/not-there.json'), { code: 0, out: /not-there: recorded/ })
  t.match(await run('--update', 'not-there'), { code: 0, out: /nothing that matters has changed/ })
  t.match(await run('--dry-run', 'examples/driver/scripts/keys.json'), { code: 0 })
  t.notOk(existsSync(join(folder, 'harbour', 'keys.har')))
  t.match(await run('--update', 'nowhere'), { code: 2, err: /There is no recording nowhere/ })
  t.match(await run(), { code: 2, err: /Name a script/ })
  t.notMatch(readFileSync(join(folder, 'harbour', 'not-there.har'), 'utf8'), /mockpassword/)
})

t.test('what another recording of the same tells is told', async t => {
  const own = fileURLToPath(new URL('../../../recordings/harbour', import.meta.url))
  const before = await readRecording(own, 'harbour', 'look-around')
  t.same(changesBetween(before, before), [])
  const har = parseHar('x.har', JSON.stringify(before.har).replaceAll('\\"owner\\"', '\\"master\\"').replace('/v1/zones', '/v1/regions'))
  const scenario = parseScenario('x', JSON.stringify(before.scenario).replace('"count":4', '"count":5'))
  t.match(changesBetween(before, { ...before, har, scenario }), [
    /- asks no more: GET \/harbour\/v1\/zones/,
    /\+ asks now: GET \/harbour\/v1\/regions/,
    /has .*master now/,
    /has .*owner no more/,
  ])
})

t.test('a server that is to record writes after each request', async t => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const help = await new Promise<string>(resolve =>
    execFile(process.execPath, [join(root, 'bin/deltacloudd.js'), '--help'], (_, out) => resolve(out)),
  )
  t.match(help, /--record <dir>/)
  // A provider that never answers isn't recorded, and nothing is written of it.
  const silent = createServer(() => undefined)
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  t.teardown(() => silent.close())
  const recorder = new Recorder()
  const { port } = silent.address() as AddressInfo
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    driver: 'harbour',
    drivers: [harbour],
    provider: `http://127.0.0.1:${port}/harbour`,
    recorder,
    timeout: 0.2,
  })
  t.equal((await fetch(`${server.url}/api/instances?format=json`, { headers: { authorization: 'Basic YTpi' } })).status, 504)
  await server.close(1)
  t.match(recorder.size, { exchanges: 0, steps: 1 })
})
