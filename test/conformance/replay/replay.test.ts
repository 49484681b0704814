/** Recordings are read with clear complaints, requests are matched by what they mean, and a player is strict about what changes something. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import { type Har, parseHar, writeHar } from '../../../conformance/replay/har.ts'
import { isSame, meaningOf } from '../../../conformance/replay/matching.ts'
import { withNock } from '../../../conformance/replay/nock.ts'
import { outgoingOf, Player } from '../../../conformance/replay/player.ts'
import { type Recording, readRecordings } from '../../../conformance/replay/recording.ts'
import { parseScenario, unusedFails } from '../../../conformance/replay/scenario.ts'
import { judge } from '../../../conformance/replay/steps.ts'
import { createReplayTransport } from '../../../conformance/replay/transport.ts'
import { readBody, wireRequest } from '../../../src/drivers/wire.ts'

interface Exchange {
  readonly method?: string
  readonly url: string
  readonly type?: string
  readonly body?: string
  readonly answer?: string
  readonly comment?: string
}

const harOf = (exchanges: readonly Exchange[]): Har =>
  parseHar(
    'made.har',
    JSON.stringify({
      log: {
        version: '1.2',
        creator: { name: 'a test', version: '1' },
        entries: exchanges.map(({ method = 'GET', url, type = 'application/json', body, answer = '{}', comment }) => ({
          startedDateTime: '2026-11-27T00:00:00.000Z',
          time: 1,
          request: {
            method,
            url,
            httpVersion: 'HTTP/1.1',
            headers: body === undefined ? [] : [{ name: 'Content-Type', value: type }],
            queryString: [],
            cookies: [],
            headersSize: -1,
            bodySize: 0,
            ...(body === undefined ? {} : { postData: { mimeType: type, text: body } }),
          },
          response: {
            status: 200,
            statusText: 'OK',
            httpVersion: 'HTTP/1.1',
            headers: [],
            cookies: [],
            content: { size: 0, mimeType: 'application/json', text: answer },
            redirectURL: '',
            headersSize: -1,
            bodySize: 0,
          },
          cache: {},
          timings: { send: 0, wait: 0, receive: 0 },
          ...(comment === undefined ? {} : { comment }),
        })),
      },
    }),
  )

const scenario = (more: object = {}): string =>
  JSON.stringify({
    driver: 'made',
    title: 'a test',
    traffic: 'made.har',
    provenance: { kind: 'composed', service: 'none' },
    steps: [{ title: 'all', request: { method: 'GET', path: '/api/realms' }, expect: { status: 200 } }],
    ...more,
  })

const recordingOf = (exchanges: readonly Exchange[], more: object = {}): Recording => ({
  driver: 'made',
  name: 'made',
  folder: '.',
  har: harOf(exchanges),
  scenario: parseScenario('made.scenario.json', scenario(more)),
})

const asked = (
  url: string,
  { method = 'GET', type = 'application/json', body }: { method?: string; type?: string; body?: string } = {},
) => ({
  method,
  url,
  headers: body === undefined ? [] : [['Content-Type', type] as const],
  body: body === undefined ? undefined : Buffer.from(body),
})

t.test('a file that is no recording is refused with place and reason', t => {
  t.throws(() => parseHar('x.har', '{'), { message: /^x\.har: not JSON/ })
  const har = JSON.parse(writeHar(harOf([{ url: 'http://cloud.test/a' }])))
  har.log.entries[0].response.status = 999
  t.throws(() => parseHar('x.har', JSON.stringify(har)), {
    message:
      'x.har: none of its entries can be replayed; log.entries[0] (GET http://cloud.test/a) is left out: 999 is not the status of an answer',
  })
  for (const text of ['[]', '5', '{}', '{"log":{}}', '{"info":{"_postman_id":"x"},"item":[]}'])
    t.throws(() => parseHar('x.har', text), { message: 'x.har: not a HAR file: it has no list log.entries' })
  t.throws(() => parseHar('x.har', 'hunter2hunter2'), { message: "x.har: not JSON (Unexpected token 'h')" }, 'nothing of the file is told')
  t.throws(() => parseScenario('x.scenario.json', scenario({ typo: 1 })), { message: /x\.scenario\.json: .*typo/ })
  t.throws(() => parseScenario('x.scenario.json', scenario({ steps: [] })), { message: /steps/ })
  t.throws(
    () =>
      parseScenario(
        'x.scenario.json',
        scenario({ steps: [{ title: 'a', request: { method: 'GET', path: '/realms' }, expect: { status: 200 } }] }),
      ),
    { message: /steps\[0\]\.request\.path: must be a path of the API/ },
  )
  t.throws(
    () =>
      parseScenario(
        'x.scenario.json',
        scenario({ steps: [{ title: 'a', request: { method: 'GET', path: '/api/realms' }, expect: { status: 200, count: 1 } }] }),
      ),
    { message: /collection and count belong together/ },
  )
  t.end()
})

t.test('requests that mean the same are the same', t => {
  const same = (a: ReturnType<typeof asked>, b: ReturnType<typeof asked>) => isSame(meaningOf(a), meaningOf(b))
  const form = 'application/x-www-form-urlencoded'
  t.ok(
    same(
      asked('https://ec2.test/?Action=DescribeInstances&Version=2010-08-31&AWSAccessKeyId=a&Signature=x&Timestamp=1'),
      asked('https://other.test/services', { method: 'POST', type: form, body: 'Action=DescribeInstances&Version=2016-11-15' }),
    ),
    'a query API by GET and by POST',
  )
  t.notOk(
    same(
      asked('https://ec2.test/?Action=DescribeInstances&InstanceId.1=i-1'),
      asked('https://ec2.test/?Action=DescribeInstances&InstanceId.1=i-2'),
    ),
  )
  t.ok(same(asked('http://a.test/servers?limit=1000'), asked('http://b.test/servers')), 'the size of the first page')
  t.notOk(same(asked('http://a.test/servers?limit=5&marker=x'), asked('http://b.test/servers?marker=x')), 'of another page it counts')
  t.ok(
    same(asked('https://photos.s3.amazonaws.com/mouse.png'), asked('https://s3.eu-west-1.amazonaws.com/photos/mouse.png')),
    'a bucket in the host',
  )
  t.ok(
    same(
      asked('http://a.test/x', { method: 'POST', body: '{"a":1,"b":{"c":2,"d":[1,2]}}' }),
      asked('http://b.test/x', { method: 'POST', body: '{ "b": {"d":[1,2], "c":2}, "a":1 }' }),
    ),
    'JSON by value',
  )
  t.notOk(
    same(
      asked('http://a.test/x', { method: 'POST', body: '{"a":[1,2]}' }),
      asked('http://b.test/x', { method: 'POST', body: '{"a":[2,1]}' }),
    ),
  )
  const soap = (prefix: string, header: string, inner: string) =>
    `<${prefix}:Envelope xmlns:${prefix}="urn:soap"><${prefix}:Header>${header}</${prefix}:Header><${prefix}:Body>${inner}</${prefix}:Body></${prefix}:Envelope>`
  const xml = { method: 'POST', type: 'text/xml' }
  t.ok(
    same(
      asked('http://a.test/sdk', {
        ...xml,
        body: soap('s', '<a/>', '<RetrieveProperties xmlns="urn:vim"><spec>x</spec></RetrieveProperties>'),
      }),
      asked('http://b.test/sdk', {
        ...xml,
        body: soap('env', '', '<v:RetrieveProperties xmlns:v="urn:vim"><v:spec> x </v:spec></v:RetrieveProperties>'),
      }),
    ),
    'SOAP by its operation',
  )
  t.equal(meaningOf(asked('http://a.test/sdk', { ...xml, body: soap('s', '', '<PowerOnVM_Task/>') })).isRead, false)
  t.equal(meaningOf(asked('http://a.test/v2.0/tokens', { method: 'POST', body: '{}' })).isRead, true, 'a login changes nothing')
  t.end()
})

t.test('what is sent in another order, signed by another key, still fits', async () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{2,6}(\.\d)?$/), fc.stringMatching(/^[a-z0-9]{0,6}$/), { maxKeys: 5 }),
      fc.nat(),
      (parameters, signature) => {
        const pairs = Object.entries({ Action: 'RunInstances', ...parameters })
        const one = meaningOf(asked(`https://a.test/?${new URLSearchParams(pairs)}&Signature=${signature}&Timestamp=${signature}`))
        const other = meaningOf(
          asked('https://b.test/', {
            method: 'POST',
            type: 'application/x-www-form-urlencoded',
            body: String(new URLSearchParams(pairs.reverse())),
          }),
        )
        return isSame(one, other)
      },
    ),
  )
})

const lifecycle: readonly Exchange[] = [
  { url: 'http://cloud.test/servers', answer: '["before"]' },
  { method: 'POST', url: 'http://cloud.test/servers', body: '{"name":"a"}' },
  { url: 'http://cloud.test/servers', answer: '["building"]' },
  { url: 'http://cloud.test/servers', answer: '["built"]' },
  { method: 'DELETE', url: 'http://cloud.test/servers/a' },
  { url: 'http://cloud.test/servers', answer: '[]' },
]

const answerOf = (player: Player, ...request: Parameters<typeof asked>): string | undefined =>
  player.answer(asked(...request)).response.content.text

t.test('mutations cut a recording into stretches, and reads are answered from the one it’s in', t => {
  const player = new Player(recordingOf(lifecycle))
  const list = () => answerOf(player, 'http://elsewhere.test/servers')
  t.same([list(), list()], ['["before"]', '["before"]'], 'the last answer again')
  answerOf(player, 'http://cloud.test/servers', { method: 'POST', body: '{"name":"a"}' })
  t.same([list(), list(), list()], ['["building"]', '["built"]', '["built"]'])
  answerOf(player, 'http://cloud.test/servers/a', { method: 'DELETE' })
  t.equal(list(), '[]')
  t.same(player.unused(), [])
  t.end()
})

t.test('what changes something is neither skipped nor repeated, and what isn’t recorded is told with what comes near', t => {
  const skipping = new Player(recordingOf(lifecycle))
  t.throws(() => answerOf(skipping, 'http://cloud.test/servers/a', { method: 'DELETE' }), {
    kind: 'mutation skipped',
    message: /comes before its turn: POST \/servers was recorded first/,
  })
  const repeating = new Player(recordingOf(lifecycle))
  answerOf(repeating, 'http://cloud.test/servers', { method: 'POST', body: '{"name":"a"}' })
  t.throws(() => answerOf(repeating, 'http://cloud.test/servers', { method: 'POST', body: '{"name":"a"}' }), {
    kind: 'mutation repeated',
    message: /is asked again/,
  })
  t.throws(() => answerOf(repeating, 'http://cloud.test/servers', { method: 'POST', body: '{"name":"b","password":"s3cret"}' }), {
    kind: 'not recorded',
    message: /nearest: POST \/servers; the body is .*"b".*, not .*"a"/,
  })
  t.notMatch(repeating.failures.map(({ message }) => message).join(), /s3cret/)
  t.equal(repeating.failures.length, 2, 'they are kept, whatever a driver makes of them')
  t.end()
})

t.test('exchanges that nothing uses are told where the recording is ours, and those with a comment never', t => {
  const more = [
    ...lifecycle.slice(0, 1),
    { url: 'http://cloud.test/flavors' },
    { url: 'http://cloud.test/other-way', comment: 'for another driver' },
  ]
  const unused = (provenance: object, match?: object): number => {
    const player = new Player(
      recordingOf(more, { provenance: { kind: 'live', service: 'x', ...provenance }, ...(match === undefined ? {} : { match }) }),
    )
    answerOf(player, 'http://cloud.test/servers')
    return player.unused().length
  }
  t.equal(unused({}), 1)
  t.equal(unused({ source: 'some/project: tests/x' }), 0)
  t.equal(unused({ source: 'some/project: tests/x' }, { unused: 'fail' }), 1)
  t.equal(unused({}, { unused: 'allow' }), 0)
  t.equal(unusedFails(parseScenario('x', scenario())), true)
  t.end()
})

t.test('through the real HTTP stack it’s as without', async t => {
  const send = async (transport: ReturnType<typeof createReplayTransport>, exchange: Exchange) => {
    const request = wireRequest({
      method: exchange.method ?? 'GET',
      target: exchange.url,
      headers: [['Content-Type', 'application/json']],
      ...(exchange.body === undefined ? {} : { body: exchange.body }),
    })
    const { status, body } = await transport.send(request, { signal: new AbortController().signal })
    return [status, String(await readBody(body))]
  }
  const all = async (transport: ReturnType<typeof createReplayTransport>) => {
    const answers: unknown[] = []
    for (const exchange of lifecycle) answers.push(await send(transport, exchange))
    return answers
  }
  const [one, other] = [new Player(recordingOf(lifecycle)), new Player(recordingOf(lifecycle))]
  t.same(await withNock(one, all), await all(createReplayTransport(other)))
  await withNock(one, async transport => {
    const [status] = await send(transport, { url: 'http://cloud.test/none' })
    t.equal(status, 599)
    t.match(one.failures.at(-1)?.message, /GET \/none was not recorded/)
  })
})

t.test('steps are held to what they expect, in both formats', t => {
  const step = {
    title: 'one',
    request: { method: 'GET' as const, path: '/api/instances/i' },
    expect: {
      status: 200,
      element: { id: 'i', state: 'RUNNING', 'image.id': 'img', actions: ['reboot', 'stop'], public_addresses: ['1.2.3.4'], owner_id: 'me' },
    },
  }
  const json = (state: string) =>
    JSON.stringify({
      instance: {
        id: 'i',
        state,
        owner: 'me',
        image: { id: 'img' },
        actions: [{ rel: 'stop' }, { rel: 'reboot' }, { rel: 'run' }],
        public_addresses: [{ address: '1.2.3.4' }],
      },
    })
  const xml = (state: string) =>
    `<instance href="/api/instances/i" id="i"><owner_id>me</owner_id><image href="x" id="img"/><state>${state}</state><actions><link rel="stop"/><link rel="reboot"/></actions><public_addresses><address>1.2.3.4</address></public_addresses></instance>`
  const answer = (text: string, format: string) => ({
    status: 200,
    headers: new Map([['content-type', `application/${format}`]]),
    text,
    body: Buffer.from(text),
  })
  t.same(judge(step, answer(json('RUNNING'), 'json'), 'json'), [])
  t.same(judge(step, answer(xml('RUNNING'), 'xml'), 'xml'), [])
  t.match(judge(step, answer(json('STOPPED'), 'json'), 'json'), [/one: state is "STOPPED", not "RUNNING"/])
  t.match(judge(step, answer(xml('STOPPED'), 'xml'), 'xml'), [/state is "STOPPED"/])
  t.match(judge(step, { ...answer('', 'xml'), status: 404 }, 'xml'), [/the status is 404, not 200/])
  const list = { ...step, expect: { status: 200, collection: 'instances', count: 2, members: [{ id: 'i' }] } }
  t.match(judge(list, answer('{"instances":[{"id":"j"}]}', 'json'), 'json'), [
    /there are 1 instances, not 2/,
    /should have one i: there is none of that id/,
  ])
  t.end()
})

const shared = fileURLToPath(new URL('../../../../shared/recordings', import.meta.url))

t.test(
  'every recording at hand is read, and answers its own requests',
  { skip: existsSync(shared) ? false : 'there is no ../shared/recordings' },
  async t => {
    const recordings = await readRecordings([shared])
    t.ok(recordings.length > 200)
    for (const recording of recordings) {
      const player = new Player(recording)
      for (const entry of recording.har.log.entries) player.answer(outgoingOf(entry))
      t.same(player.failures, [], `${recording.driver}/${recording.name}`)
      t.same(player.unused(), [], `${recording.driver}/${recording.name}`)
    }
  },
)
