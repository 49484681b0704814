/** The comparison with golden captures: that it sees what differs, excuses only what a rule names, and sends what was recorded. */

import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { Aliases } from '../../conformance/golden/aliases.ts'
import { compareAnswers } from '../../conformance/golden/compare.ts'
import type { Difference } from '../../conformance/golden/difference.ts'
import type { Answer, Exchange } from '../../conformance/golden/exchange.ts'
import { type Capture, MalformedCapture, parseCapture } from '../../conformance/golden/har.ts'
import { intended } from '../../conformance/golden/intended.ts'
import { compareJson, type Json } from '../../conformance/golden/json.ts'
import { findOverdue, pending, pendingFor } from '../../conformance/golden/pending.ts'
import { replay } from '../../conformance/golden/replay.ts'
import { linesOf, summaryOf, totalsOf, unusedOf } from '../../conformance/golden/report.ts'
import { judge, type Lists, type Verdict } from '../../conformance/golden/rules.ts'
import { Inventory, type World } from '../../conformance/golden/world.ts'

interface Recorded {
  readonly method?: string
  readonly target?: string
  readonly request?: Readonly<Record<string, string>>
  readonly form?: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly volatile?: object
  readonly scrubbed?: readonly string[]
}

const pairs = (headers: Readonly<Record<string, string>>) => Object.entries(headers).map(([name, value]) => ({ name, value }))

const xml = { 'Content-Type': 'application/xml' }
const json = { 'Content-Type': 'application/json' }

const entry = ({
  method = 'GET',
  target = '/api/realms',
  request = {},
  form,
  status = 200,
  headers = xml,
  body = '',
  volatile,
  scrubbed,
}: Recorded) => ({
  startedDateTime: '2026-11-21T00:03:36.887Z',
  request: {
    method,
    url: `http://localhost:3001${target}`,
    headers: pairs({
      Host: 'localhost:3001',
      ...request,
      ...(form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': String(form.length) }),
    }),
    ...(form === undefined ? {} : { postData: { mimeType: 'application/x-www-form-urlencoded', text: form } }),
  },
  response: { status, headers: pairs(headers), content: { text: body } },
  ...(volatile === undefined ? {} : { _volatile: volatile }),
  ...(scrubbed === undefined ? {} : { _scrubbed: scrubbed }),
})

const capture = (...recorded: readonly Recorded[]): Capture =>
  parseCapture('made-up.har', JSON.stringify({ log: { version: '1.2', entries: recorded.map(entry) } }))

const exchange = (recorded: Recorded): Exchange => {
  const [only] = capture(recorded).exchanges
  if (only === undefined) throw new Error('a capture of one exchange has one')
  return only
}

const answer = (body: string, headers: Readonly<Record<string, string>> = xml, status = 200): Answer => ({
  status,
  headers: Object.entries(headers),
  body: Buffer.from(body),
})

const compare = (recorded: Recorded, ours: Answer): string[] => {
  const [one, aliases] = [exchange(recorded), new Aliases()]
  aliases.learn(one)
  return compareAnswers(ours, { exchange: one, aliases }).map(({ kind, at }) => `${kind} ${at}`)
}

const newWorld = (): World => ({
  drivers: new Set(['mock']),
  frontends: new Set(['deltacloud']),
  graphviz: true,
  aliases: new Aliases(),
  inventory: new Inventory(),
  strays: new Set(),
  overwritten: new Set(),
})

const judged = (recorded: Recorded, ours: Answer, lists: Lists = { rules: intended, additions: [] }): Verdict => {
  const [one, world] = [exchange(recorded), newWorld()]
  return judge(compareAnswers(ours, { exchange: one, aliases: world.aliases }), ours, one, world, lists)
}

const places = (differences: readonly Difference[]): string[] => differences.map(({ at }) => at)

const realms = (inner: string) => `<?xml version='1.0' encoding='utf-8' ?><realms>${inner}</realms>`
const us = "<realm id='us' href='http://localhost:3001/api/realms/us'><name>United States</name></realm>"
const eu = "<realm href='http://localhost:3001/api/realms/eu' id='eu'><name>Europe</name></realm>"

t.test('a file that is no capture is told with the place and the reason', async t => {
  t.throws(() => parseCapture('x.har', '{'), { constructor: MalformedCapture, message: /^x\.har: not JSON/ })
  t.throws(() => parseCapture('x.har', '{}'), { constructor: MalformedCapture, message: /^x\.har: log: / })
  const broken = { ...entry({}), request: { ...entry({}).request, url: '/api' } }
  t.throws(() => parseCapture('x.har', JSON.stringify({ log: { version: '1.2', entries: [entry({}), broken] } })), {
    constructor: MalformedCapture,
    message: /log\.entries\[1\]\.request\.url: .*absolute URL/,
  })
})

t.test('equal documents agree, whatever the order of members, attributes and white space', async t => {
  t.same(compare({ body: realms(us + eu) }, answer(realms(`\n  ${eu}\n ${us}\n`))), [])
  t.same(compare({ headers: json, body: '{"a":1,"b":[{"id":"x"},{"id":"y"}]}' }, answer('{"b":[{"id":"y"},{"id":"x"}],"a":"1"}', json)), [])
})

t.test('images keep their order', async t => {
  const images = (...ids: string[]) => `<images>${ids.map(id => `<image id='${id}'/>`).join('')}</images>`
  t.same(compare({ body: images('a', 'b') }, answer(images('b', 'a'))), ['different xml /images order'])
  const listed = (...ids: string[]) => JSON.stringify({ images: ids.map(id => ({ id })) })
  t.same(compare({ headers: json, body: listed('a', 'b') }, answer(listed('b', 'a'), json)), ['different json $.images order'])
})

t.test('a wrong status, text, attribute or header, and what is missing or too much, are seen', async t => {
  const recorded = { body: realms(us + eu) }
  t.same(compare(recorded, answer(realms(us + eu), xml, 201)), ['different status'])
  t.same(compare(recorded, answer(realms(us + eu.replace('Europe', 'Asia')))), ['different xml /realms/realm[eu]/name/text()'])
  t.same(compare(recorded, answer(realms(us + eu.replace('realms/eu', 'realms/x')))), ['different xml /realms/realm[eu]/@href'])
  t.same(compare(recorded, answer(realms(us))), ['missing xml /realms/realm[eu]'])
  t.same(compare(recorded, answer(realms(us + eu.replace('<name>Europe</name>', '')))), ['missing xml /realms/realm[eu]/name'])
  t.same(compare({ body: realms(us) }, answer(realms(us + eu))), ['unexpected xml /realms/realm[eu]'])
  t.same(compare(recorded, answer(realms(us + eu.replace('<realm', "<realm x='1'")))), ['unexpected xml /realms/realm[eu]/@x'])
  t.same(compare(recorded, answer(realms(us + eu), json)), ['different header content-type'])
  t.same(compare(recorded, answer('<realms>')), ['different xml form'])
  t.same(compare(recorded, answer('<error/>')), ['different xml /'])
})

t.test('JSON members are compared by key, null counts, and numbers equal their text', async t => {
  const recorded = { headers: json, body: '{"a":null,"b":{"c":[1,2]},"d":"3"}' }
  t.same(compare(recorded, answer('{"a":null,"b":{"c":[2,1]},"d":3}', json)), [])
  t.same(compare(recorded, answer('{"b":{"c":[1,2,3]},"d":4,"e":0}', json)), [
    'missing json $.a',
    'unexpected json $.b.c[3]',
    'different json $.d',
    'unexpected json $.e',
  ])
})

t.test('headers count as far as the captures say', async t => {
  const headers = {
    ...xml,
    Location: 'http://localhost:3001/api/keys/k',
    Allow: 'GET,POST',
    ETag: 'abc',
    Date: 'then',
    'X-Deltacloud-Driver': 'mock',
  }
  const same = {
    'content-type': 'application/xml; charset=utf-8',
    location: headers.Location,
    allow: 'POST, GET',
    etag: '"other"',
    'x-deltacloud-driver': 'mock',
  }
  t.same(compare({ headers }, answer('', same)), [])
  t.same(compare({ headers }, answer('', { ...xml, Allow: 'GET,PUT', 'X-Deltacloud-Driver': 'ec2', 'X-Deltacloud-Provider': 'eu' })), [
    'missing header location',
    'missing header etag',
    'different header x-deltacloud-driver',
    'unexpected header x-deltacloud-provider',
    'missing header allow[POST]',
    'unexpected header allow[PUT]',
  ])
  t.same(compare({ headers: { ...xml, Allow: '' } }, answer('', { ...xml, Allow: 'id:string:optional' })), [
    'unexpected header allow[id:string:optional]',
  ])
  const challenge = { ...xml, 'WWW-Authenticate': 'Basic realm="here"' }
  t.same(compare({ headers: challenge }, answer('', { ...xml, 'www-authenticate': 'Basic realm="there"' })), [])
  t.same(compare({ headers: challenge }, answer('', { ...xml, 'www-authenticate': 'Bearer' })), ['different header www-authenticate'])
})

t.test('pages agree when ours has every form action and field', async t => {
  const html = { 'Content-Type': 'text/html' }
  const recorded = {
    headers: html,
    body: "<html><form action='http://localhost:3001/api/keys'><input name='name'><select name='kind'></select></form><input name='free'></html>",
  }
  t.same(
    compare(
      recorded,
      answer('<form action="/api/keys" method="post"><input name="kind"><textarea name=name></textarea><input name="free"></form>', html),
    ),
    [],
  )
  t.same(
    compare(recorded, answer('<form action="/api/keys"><input name="name"></form><form action="/api"><input name="kind"></form>', html)),
    ['missing html form /api/keys kind', 'missing html field free'],
  )
  t.same(compare(recorded, answer('<input name="free">', html)), ['missing html form /api/keys'])
})

t.test('times of the capture day are compared by form, older ones as they are', async t => {
  const blob = (time: string) => `<blob><last_modified>${time}</last_modified></blob>`
  const now = new Date().toISOString()
  const today = `${now.slice(0, 10)} ${now.slice(11, 19)} +0000`
  t.same(compare({ body: blob('2026-11-21 00:04:15 +0000') }, answer(blob(today))), [])
  t.same(compare({ body: blob('2026-11-21 00:04:15 +0000') }, answer(blob(now))), ['different xml /blob/last_modified/text()'])
  t.same(compare({ body: blob('2010-09-23 16:44:54 +0100') }, answer(blob(today))), ['different xml /blob/last_modified/text()'])
})

t.test('keys are compared by their first line, and the numbers of a body with more words than are listed not at all', async t => {
  const key = (text: string) => `<key><pem><![CDATA[${text}]]></pem></key>`
  t.same(compare({ body: key('-----BEGIN RSA PRIVATE KEY-----\n   abc') }, answer(key('-----BEGIN RSA PRIVATE KEY-----\nxyz'))), [])
  t.same(compare({ body: key('-----BEGIN RSA PRIVATE KEY-----\n   abc') }, answer(key('nothing'))), ['different xml /key/pem/text()'])
  const sample = (value: string, unit: string) =>
    `<sample><property name='minimum' value='${value}'/><property name='unit' value='${unit}'/></sample>`
  const volatile = { body: true, bodyTokens: Array.from({ length: 40 }, (_, i) => String(i)) }
  t.same(compare({ body: sample('0.15', 'Percent'), volatile }, answer(sample('27', 'Percent'))), [])
  t.same(compare({ body: sample('0.15', 'Percent'), volatile }, answer(sample('many', 'Bytes'))), [
    'different xml /sample/property[minimum]/@value',
    'different xml /sample/property[unit]/@value',
  ])
})

t.test('property: a document agrees with itself, and no changed scalar of it goes unseen', async () => {
  const scalar = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.string())
  const { document } = fc.letrec<{ document: Json }>(tie => ({
    document: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie('document'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('document'), { maxKeys: 4 }),
    ),
  }))
  const comparison = () => ({ exchange: exchange({ headers: json }), aliases: new Aliases() })
  fc.assert(fc.property(document, value => compareJson(value, value, comparison()).length === 0))
  fc.assert(
    fc.property(fc.dictionary(fc.string(), document, { minKeys: 1 }), fc.nat(), (value, pick) => {
      const keys = Object.keys(value)
      const changed: Json = { ...value, [keys[pick % keys.length] ?? '']: 'changed to something that was not there' }
      return compareJson(value, changed, comparison()).length > 0
    }),
  )
})

t.test('a rule excuses the places that it names, and nothing beside them', async t => {
  const refused = {
    method: 'POST',
    target: '/api/keys',
    form: '',
    status: 400,
    headers: { 'Content-Type': 'text/html;charset=utf-8' },
    body: "Required parameter 'name' not found in []",
  }
  const error = (message: string) =>
    `<error status='400' url='/api/keys'><backend driver='mock' provider='default'/><code>400</code><message>${message}</message></error>`
  const good = judged(refused, answer(error("Required parameter 'name' not found in []"), xml, 400))
  t.same([good.unlisted, [...new Set(good.listed.map(({ rule }) => rule.quirk))]], [[], ['P3']])
  t.same(
    places(judged(refused, answer(error('Bad'), xml, 400)).unlisted).slice(0, 1),
    ['instead, by P3'],
    'another message is not the same',
  )
  t.same(places(judged(refused, answer(error("Required parameter 'name' not found in []"), { ...xml, ETag: 'x' }, 400)).unlisted), [
    'header etag',
  ])
})

t.test('a rule complains where ours still does what the original did', async t => {
  const recorded = {
    target: '/api/nosuch',
    status: 404,
    headers: { 'Content-Type': 'text/html' },
    body: '<html></html>',
    scrubbed: ['framework not-found page'],
  }
  t.same(places(judged(recorded, answer('<html></html>', { 'Content-Type': 'text/html' }, 404)).unlisted), ['instead, by P18'])
})

t.test('what is not there is known from what the original had before', async t => {
  const destroyed = { method: 'DELETE', target: '/api/images/nosuch', status: 204, headers: {} }
  const notFound = answer("<error status='404'><backend/><code>404</code><message>Not Found</message></error>", xml, 404)
  t.same(judged(destroyed, notFound).unlisted, [])
  t.same(places(judged({ ...destroyed, target: '/api/images/img1' }, notFound).unlisted), ['status', 'header content-type', 'body'])
})

t.test('an addition is allowed at its places only', async t => {
  const lists = { rules: [], additions: [{ quirk: 'D6', because: 'more is told', at: ['xml /realms/realm[*]/description'] }] }
  const more = answer(realms(us.replace('</realm>', '<description/><limit/></realm>') + eu))
  t.same(places(judged({ body: realms(us + eu) }, more, lists).unlisted), ['xml /realms/realm[us]/limit'])
})

t.test('what a driver or frontend is needed for waits until it is registered', async t => {
  t.equal(pendingFor(pending, exchange({ target: '/cimi/machines' })), 'frontend cimi')
  t.equal(pendingFor(pending, exchange({ target: '/api;driver=vsphere/realms' })), 'driver vsphere')
  t.equal(pendingFor(pending, exchange({ request: { 'X-Deltacloud-Driver': 'Azure' } })), 'driver azure')
  t.equal(pendingFor(pending, exchange({ target: '/api/drivers/vsphere' })), 'driver vsphere')
  t.equal(pendingFor(pending, exchange({ target: '/api;driver=nosuch' })), undefined)
  t.same(findOverdue(pending, { drivers: new Set(['mock', 'vsphere']), frontends: new Set(['deltacloud']) }), [
    'The driver vsphere is registered: take it off the pending list.',
  ])
})

/** A server that gives scripted answers and keeps what it was asked. */
const scripted = async (answers: readonly Answer[]) => {
  const asked: string[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    const next = answers[asked.length]
    let body = ''
    for await (const part of request) body += String(part)
    asked.push(`${request.method} ${request.url} ${request.rawHeaders.join('|')} ${body}`)
    response.writeHead(next?.status ?? 500, Object.fromEntries(next?.headers ?? []))
    response.end(next?.body)
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    asked,
    [Symbol.asyncDispose]: () => new Promise<void>(done => server.close(() => done())),
  }
}

const abilities = { drivers: new Set(['mock']), frontends: new Set(['deltacloud']), graphviz: true }
const lists = { rules: intended, additions: [], pending }

t.test('requests are sent as recorded: raw path, headers in order, no Accept of our own', async t => {
  await using server = await scripted([answer(''), answer('')])
  const recorded = capture(
    { target: '/api/instances/inst%31;a=b?x=%20', request: { 'X-B': '1', 'X-A': '2' }, headers: {} },
    { method: 'POST', target: '/api/keys', form: 'name=k', headers: {} },
  )
  await replay(recorded, server.url, abilities, lists)
  t.match(server.asked[0], /^GET \/api\/instances\/inst%31;a=b\?x=%20 Host\|localhost:3001\|X-B\|1\|X-A\|2\|Connection/)
  t.notMatch(server.asked[0], /accept/i)
  t.match(server.asked[1], /Content-Length\|6\|.* name=k$/)
})

t.test('ids from the clock are known by ours from their first appearance, in later requests and documents', async t => {
  const volume = (id: string) => `<storage_volume href='http://localhost:3001/api/storage_volumes/${id}' id='${id}'/>`
  const location = (id: string) => ({ ...xml, Location: `http://localhost:3001/api/storage_volumes/${id}` })
  const volatile = {
    body: true,
    url: true,
    requestBody: true,
    bodyTokens: ['volume_1795219440', '/api/storage_volumes/volume_1795219440', '00:04:05'],
  }
  await using server = await scripted([
    answer(volume('vol4'), location('vol4'), 201),
    answer(volume('vol4')),
    answer(volume('vol5'), location('vol5'), 201),
    answer(`<storage_volumes>${volume('vol5')}${volume('vol4')}</storage_volumes>`),
    answer(volume('vol9')),
  ])
  const theirs = 'volume_1795219440'
  const made = {
    method: 'POST',
    target: '/api/storage_volumes',
    form: `of=${theirs}`,
    status: 201,
    headers: location(theirs),
    body: volume(theirs),
    volatile,
  }
  const shown = { target: `/api/storage_volumes/${theirs}`, body: volume(theirs), volatile }
  const judged = await replay(
    capture(
      made,
      shown,
      made,
      { target: '/api/storage_volumes', body: `<storage_volumes>${volume(theirs)}</storage_volumes>`, volatile },
      shown,
    ),
    server.url,
    abilities,
    lists,
  )
  t.same(
    judged.map(({ verdict }) => places(verdict.unlisted)),
    [[], [], [], [], ['xml /storage_volume/@href', 'xml /storage_volume/@id']],
  )
  t.same(
    judged[3]?.verdict.listed.map(({ rule }) => rule.quirk),
    ['M5'],
    'what was made within the same second stays',
  )
  t.match(server.asked[1], /^GET \/api\/storage_volumes\/vol4 /)
  t.match(server.asked[2], / of=vol4$/)
  t.match(server.asked[4], /^GET \/api\/storage_volumes\/vol5 /)
})

t.test('what ours makes where the original failed gives later resources other numbers', async t => {
  const instance = (id: string) => `<instance href='http://localhost:3001/api/instances/${id}' id='${id}'/>`
  const created = (id: string) => answer(instance(id), { ...xml, Location: `http://localhost:3001/api/instances/${id}` }, 201)
  await using server = await scripted([
    created('inst4'),
    created('inst5'),
    answer(instance('inst5')),
    answer(`<instances>${instance('inst4')}${instance('inst5')}</instances>`),
  ])
  const judged = await replay(
    capture(
      {
        method: 'POST',
        target: '/api/instances;image_id=img1',
        form: '',
        status: 400,
        headers: { 'Content-Type': 'text/html' },
        body: "Required parameter 'image_id' not found in []",
      },
      {
        method: 'POST',
        target: '/api/instances',
        form: 'image_id=img1',
        status: 201,
        headers: { ...xml, Location: 'http://localhost:3001/api/instances/inst4' },
        body: instance('inst4'),
      },
      { target: '/api/instances/inst4', body: instance('inst4') },
      { target: '/api/instances', body: `<instances>${instance('inst4')}</instances>` },
    ),
    server.url,
    abilities,
    lists,
  )
  t.same(
    judged.flatMap(({ verdict }) => places(verdict.unlisted)),
    [],
  )
  t.match(server.asked[2], /^GET \/api\/instances\/inst5 /)
})

t.test('what ours refuses because it is in use or taken stays as it was', async t => {
  const conflict = answer("<error status='409'><backend/><code>409</code><message>in use</message></error>", xml, 409)
  const [volumes, networks] = [
    `<storage_volumes><storage_volume id='vol3' href='http://localhost:3001/api/storage_volumes/vol3'/></storage_volumes>`,
    '<networks>%</networks>',
  ]
  const network = (id: string, block: string) =>
    `<network id='${id}' href='http://localhost:3001/api/networks/${id}'><address_block>${block}</address_block></network>`
  const listed = (block: string) => networks.replace('%', network('net1', block) + network('net2', '10.0.0.0/8'))
  await using server = await scripted([
    conflict,
    answer(volumes),
    conflict,
    answer(network('net1', '192.168.0.0/16')),
    answer(listed('192.168.0.0/16')),
  ])
  const judged = await replay(
    capture(
      { method: 'DELETE', target: '/api/storage_volumes/vol3', status: 204, headers: {} },
      { target: '/api/storage_volumes', body: '<storage_volumes/>' },
      {
        method: 'POST',
        target: '/api/networks',
        form: 'name=net1',
        status: 500,
        body: '<error><message>undefined local variable or method</message></error>',
      },
      { target: '/api/networks/net1', body: network('net1', '1.0.0.0/8') },
      { target: '/api/networks', body: listed('1.0.0.0/8') },
    ),
    server.url,
    abilities,
    lists,
  )
  t.same(
    judged.map(({ verdict }) => places(verdict.unlisted)),
    [[], [], [], [], []],
  )
})

t.test('the report names exchange, place, expectation and answer, and counts', async t => {
  await using server = await scripted([answer(realms(us)), answer(realms(eu))])
  const judged = await replay(capture({ body: realms(us) }, { body: realms(us) }, { target: '/cimi' }), server.url, abilities, {
    ...lists,
    pending: { drivers: [], frontends: [], ofTheirOwn: { drivers: [], frontends: [] } },
  })
  t.same(summaryOf(totalsOf(judged)), '3 exchanges: 1 agree, 0 differ as listed, 0 pending, 2 differ')
  const text = linesOf('made-up.har', judged, false).join('\n')
  t.match(text, /^differs {2}made-up\.har \(3, 2 differ\)\n {2}made-up\.har#1 GET \/api\/realms\n {4}xml \/realms\/realm\/@/)
  t.match(text, /expected "us", ours "eu"/)
  const waiting = await replay(capture({ target: '/cimi' }), server.url, abilities, lists)
  t.same(summaryOf(totalsOf(waiting)), '1 exchanges: 0 agree, 0 differ as listed, 1 pending, 0 differ')
  t.ok(unusedOf(judged, lists).some(line => line.startsWith('unused rule P3')))
})

const shared = resolve(import.meta.dirname, '../../../shared/golden')

t.test(
  existsSync(shared) ? 'the server answers the captures as the original did, or differs as listed' : 'the captures are not at hand',
  async t => {
    if (!existsSync(shared)) return t.notOk(existsSync(shared))
    const { lists: reviewed, replayFolder } = await import('../../conformance/golden/suite.ts')
    const { judged, overdue: late } = await replayFolder(shared, '', () => undefined)
    t.ok(judged.length > 0)
    t.same(
      judged.flatMap(one => linesOf(one.exchange.file, [one], false).slice(1)),
      [],
    )
    t.same([...unusedOf(judged, reviewed), ...late], [])
  },
)
