/** The control API: what each of its operations does, over a real port. */

import t from 'tap'
import { begin } from '../../support/server.ts'
import { controlled, launch, states } from './support.ts'

t.test('the clock is read, moved, freed and stopped', async t => {
  const server = await controlled()
  t.teardown(server.close)
  t.match(await server.control('GET', '/clock'), {
    status: 200,
    body: { mode: 'manual', scale: 1, now: begin, time: '2030-01-01T00:00:00.000Z' },
  })
  await launch(server, 'web')
  const { body: waiting } = await server.control('GET', '/clock')
  const { next }: { next: number } = waiting
  t.ok(next > begin, 'an instance is to boot')
  t.equal((await states(server)).web, 'PENDING')

  t.match(await server.control('POST', '/clock/next'), { status: 200, body: { now: next } })
  t.equal((await states(server)).web, 'RUNNING')
  t.match(await server.control('POST', '/clock/advance', { by: '1h30m' }), { status: 200, body: { now: next + 5_400_000 } })
  t.match(await server.control('POST', '/clock/advance', { by: 250 }), { body: { now: next + 5_400_250 } })

  await launch(server, 'database')
  t.match(await server.control('POST', '/clock/settle', {}), { status: 200, body: { settled: true } })
  t.equal((await states(server)).database, 'RUNNING')

  t.match(await server.control('POST', '/clock', { now: '2031-01-01T00:00:00Z' }), { body: { now: Date.UTC(2031, 0, 1) } })
  t.match(await server.control('POST', '/clock', { mode: 'scaled', scale: 60 }), { status: 200, body: { mode: 'scaled', scale: 60 } })
  t.equal((await server.control('POST', '/clock/next')).status, 409, 'a clock that runs is moved by nobody')
  t.match(await server.control('POST', '/clock', { mode: 'manual' }), { status: 200, body: { mode: 'manual', scale: 60 } })
  t.match(
    await server.control('POST', '/clock', { mode: 'scaled' }),
    { body: { mode: 'scaled', scale: 60 } },
    'it goes on as fast as before',
  )
})

t.test('what the clock cannot do is said', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const bad: readonly (readonly [path: string, body: unknown])[] = [
    ['/clock', { mode: 'backwards' }],
    ['/clock', { scale: 0 }],
    ['/clock', { now: begin - 1 }],
    ['/clock', { speed: 3 }],
    ['/clock/advance', {}],
    ['/clock/advance', { by: 'soon' }],
    ['/clock/advance', { by: -1 }],
    ['/clock/settle', { limit: 'long' }],
  ]
  for (const [path, body] of bad) {
    const answer = await server.control('POST', path, body)
    t.match(
      answer,
      { status: 400, body: { code: 400, message: /./, error: /^Deltacloud::Exceptions::/ } },
      `${path} ${JSON.stringify(body)}`,
    )
  }
  t.match(await server.control('GET', '/clock'), { body: { now: begin, mode: 'manual' } }, 'nothing has changed')
})

t.test('worlds are made, copied, emptied and removed, and know nothing of each other', async t => {
  const server = await controlled()
  t.teardown(server.close)
  t.match(await server.control('POST', '/worlds', { name: 'one', seed: 's', clock: { mode: 'manual', now: '2040-01-01T00:00:00Z' } }), {
    status: 201,
    body: { name: 'one', seed: 's', clock: { now: Date.UTC(2040, 0, 1) }, events: 0 },
  })
  t.equal(await launch(server, 'only here', '/_worlds/one'), 201)
  t.equal((await states(server))['only here'], undefined)
  t.match(await server.control('POST', '/worlds/one/fork', { to: 'two' }), { status: 201, body: { name: 'two' } })
  await server.control('POST', '/clock/advance', { by: '1h' }, 'two')
  t.equal((await states(server, '/_worlds/two'))['only here'], 'RUNNING')
  t.equal((await states(server, '/_worlds/one'))['only here'], 'PENDING')

  t.equal((await server.control('POST', '/worlds/one/reset')).status, 200)
  t.equal((await states(server, '/_worlds/one'))['only here'], undefined)
  t.equal((await states(server, '/_worlds/two'))['only here'], 'RUNNING')
  t.match((await server.control('GET', '/worlds')).body, { worlds: [{ name: 'default' }, { name: 'one' }, { name: 'two' }] })
  t.match(await server.control('GET', '/worlds/two'), { status: 200, body: { name: 'two' } })

  t.equal((await server.control('DELETE', '/worlds/two')).status, 204)
  t.equal((await server.control('GET', '/worlds/two')).status, 404)
  t.equal((await server.control('DELETE', '/worlds/default')).status, 409)
  t.equal((await server.control('POST', '/worlds', { name: 'one' })).status, 409)
  t.equal((await server.control('POST', '/worlds', { name: 'Not A Name' })).status, 400)
  t.equal((await server.control('POST', '/worlds/one/fork', { to: 'default' })).status, 409)
  t.equal((await server.control('POST', '/worlds/nope/fork', { to: 'three' })).status, 404)
})

t.test('a world that isn’t there is controlled by nobody, and not made by looking', async t => {
  const server = await controlled()
  t.teardown(server.close)
  t.match(await server.control('GET', '/clock', undefined, 'nope'), { status: 404, body: { details: "There is no world 'nope'" } })
  t.equal((await server.raw('/_worlds/nope/_mock/events')).status, 404)
  t.match((await server.control('GET', '/worlds')).body, { worlds: [{ name: 'default' }] })
})

t.test('a snapshot that is restored is the world that it was taken of', async t => {
  const server = await controlled()
  t.teardown(server.close)
  await launch(server, 'kept')
  const before = await server.raw('/_mock/export?contents=1')
  const taken = await server.raw('/_mock/snapshot')
  t.equal(taken.status, 200)
  t.match(taken.headers.get('content-disposition'), /attachment; filename="default\.snapshot"/)
  await launch(server, 'lost')
  const restored = await server.raw({
    method: 'POST',
    target: '/_mock/restore',
    body: taken.body,
    headers: { 'Content-Type': 'application/octet-stream' },
  })
  t.equal(restored.status, 200)
  t.same(JSON.parse((await server.raw('/_mock/export?contents=1')).text), JSON.parse(before.text))

  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(taken.body)]), 'default.snapshot')
  const elsewhere = await fetch(`${server.url}/_mock/restore`, { method: 'POST', body: form, headers: { 'X-Deltacloud-World': 'default' } })
  t.equal(elsewhere.status, 200, 'a form sends it too')

  const broken = await server.raw({
    method: 'POST',
    target: '/_mock/restore',
    body: taken.body.subarray(0, 2000),
    headers: { Accept: 'application/json' },
  })
  t.equal(broken.status, 400)
  t.same(JSON.parse((await server.raw('/_mock/export?contents=1')).text), JSON.parse(before.text), 'half of one changes nothing')
})

t.test('seed data come as JSON or YAML, and are taken whole or not at all', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const yaml = ['accounts:', '  - account: bob', '    collections:', '      keys:', '        - id: laptop', '          name: laptop'].join(
    '\n',
  )
  const seeded = await server.raw({
    method: 'POST',
    target: '/_mock/seed',
    body: yaml,
    headers: { 'Content-Type': 'application/yaml', Accept: 'application/json' },
  })
  t.equal(seeded.status, 200, seeded.text)
  const { accounts }: { accounts: { account: string; collections: Record<string, number> }[] } = (await server.control('GET', '/accounts'))
    .body
  t.ok((accounts.find(({ account }) => account === 'bob')?.collections.keys ?? 0) > 0)
  t.match(await server.control('POST', '/seed', { accounts: [{ account: 'eve', collections: { nonsense: [] } }] }), {
    status: 400,
    body: { message: /nonsense/ },
  })
  t.match(await server.control('POST', '/seed', { accounts: 'none' }), { status: 400 })
  const unreadable = await server.raw({
    method: 'POST',
    target: '/_mock/seed',
    body: '{',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
  })
  t.match(JSON.parse(unreadable.text), { code: 400, message: /no JSON/ })
})

t.test('fault rules are added, hit, listed and removed', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const rule = { id: 'full', match: { operation: 'instances.create' }, effect: { error: { kind: 'over-quota', message: 'No more' } } }
  t.match(await server.control('POST', '/faults', rule), { status: 201, body: { faults: [{ id: 'full', fired: 0 }] } })
  t.equal(await launch(server, 'web'), 403)
  t.match(await server.control('GET', '/faults'), {
    body: { faults: [{ id: 'full', fired: 1, calls: 1, summary: 'instances.create: over-quota' }] },
  })
  t.match((await server.control('GET', '/faults/fired')).body, {
    fired: [{ rule: 'full', operation: 'instances.create', account: 'mockuser', time: begin }],
  })
  t.match((await server.control('GET', '/faults/fired?after=1')).body, { fired: [] })
  t.equal((await server.control('DELETE', '/faults/full')).status, 204)
  t.equal((await server.control('DELETE', '/faults/full')).status, 404)
  t.equal(await launch(server, 'web'), 201)

  t.match(await server.control('POST', '/faults', { match: {}, effect: { error: 'no such kind' } }), {
    status: 400,
    body: { message: /effect/ },
  })
  const short = await server.raw({
    method: 'POST',
    target: '/_mock/faults',
    body: new URLSearchParams({ rule: 'operation=keys.create,error=conflict' }).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
  })
  t.equal(short.status, 201, short.text)
  t.equal((await server.control('POST', '/faults', [rule, rule])).status, 201)
  t.equal((await server.control('DELETE', '/faults')).status, 204)
  t.same((await server.control('GET', '/faults')).body, { faults: [] })
})

t.test('a scenario is started and stopped by its name', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const { scenarios }: { scenarios: { name: string; parameters: object[] }[] } = (await server.control('GET', '/scenarios')).body
  t.ok(scenarios.some(({ name }) => name === 'capacity-exhausted'))
  t.match(await server.control('POST', '/scenarios/capacity-exhausted', {}), {
    status: 201,
    body: { faults: [{ scenario: 'capacity-exhausted' }] },
  })
  t.equal(await launch(server, 'web'), 503)
  t.equal((await server.control('DELETE', '/scenarios/capacity-exhausted')).status, 204)
  t.equal(await launch(server, 'web'), 201)
  t.equal((await server.control('POST', '/scenarios/nope', {})).status, 404)
  t.equal((await server.control('POST', '/scenarios/slow-boot', { colour: 'red' })).status, 400)
})

t.test('limits are set, felt and told with what is used of them', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const before = Object.keys(await states(server)).length
  t.match(await server.control('PUT', '/limits', { quotas: { instances: before + 1 } }), {
    status: 200,
    body: { limits: { quotas: { instances: before + 1 } } },
  })
  t.equal(await launch(server, 'last'), 201)
  t.equal(await launch(server, 'too much'), 403)
  const { use }: { use: { name: string; used: number; limit?: number }[] } = (await server.control('GET', '/limits')).body
  t.match(
    use.find(({ name }) => name === 'instances'),
    { used: before + 1, limit: before + 1 },
  )
  t.match(await server.control('POST', '/limits/quotas', { instances: null }), {
    status: 200,
    body: { limits: { quotas: { instances: null } } },
  })
  t.equal(await launch(server, 'one more'), 201)
  t.equal((await server.control('PUT', '/limits', { quotas: { nonsense: 1 } })).status, 400)
})

t.test('the texture of a world is set and taken back', async t => {
  const server = await controlled()
  t.teardown(server.close)
  t.same((await server.control('GET', '/texture')).body, {})
  t.match(await server.control('PUT', '/texture', { latencies: { boot: { fixed: 0 } } }), {
    status: 200,
    body: { latencies: { boot: { fixed: 0 } } },
  })
  t.equal((await server.control('PUT', '/texture', { weather: 'bad' })).status, 400)
  t.same((await server.control('PUT', '/texture')).body, {})
})

t.test('the log comes in pages, and what matches of it', async t => {
  const server = await controlled()
  t.teardown(server.close)
  await launch(server, 'web')
  await server.control('POST', '/clock/settle', {})
  const { events, last }: { events: { seq: number; type: string; kind?: string; from?: string; to?: string }[]; last: number } = (
    await server.control('GET', '/events')
  ).body
  t.same(
    events.map(({ seq }) => seq),
    events.map((_, i) => i + 1),
    'numbers without gaps',
  )
  t.equal(events.at(-1)?.seq, last)
  t.match(events.at(-1), { type: 'changed', kind: 'instances', from: 'pending', to: 'running', action: 'automatically' })
  t.same((await server.control('GET', '/events?after=1&limit=1')).body, { events: [events[1]], last })
  t.same((await server.control('GET', '/events?kind=instances')).body, { events: events.filter(({ kind }) => kind === 'instances'), last })
  t.match((await server.control('GET', '/events?text=RUNNING')).body, { events: [{ to: 'running' }] })
  t.match((await server.control('GET', '/events?type=populated&account=mockuser')).body, { events: [{ type: 'populated' }] })
  t.same((await server.control('GET', '/events?account=nobody')).body, { events: [], last })
  t.same((await server.control('GET', '/events?type=nonsense')).body, { events: [], last })
  t.equal((await server.control('GET', '/events?after=x')).status, 400)
})

t.test('errors are error documents: in JSON, or in XML where that is asked for', async t => {
  const server = await controlled()
  t.teardown(server.close)
  t.match(await server.control('GET', '/nonsense'), {
    status: 404,
    body: { code: 404, message: 'Not Found', error: 'Deltacloud::Exceptions::ObjectNotFound' },
  })
  const xml = await server.raw({ target: '/_mock/nonsense', headers: { Accept: 'application/xml' } })
  t.equal(xml.headers.get('content-type'), 'application/xml')
  t.match(xml.text, /<error status='404'/)
  const wrong = await server.raw({ method: 'DELETE', target: '/_mock/clock' })
  t.equal(wrong.status, 405)
  t.equal(wrong.headers.get('allow'), 'OPTIONS, GET, HEAD, POST')
  t.equal((await server.raw({ method: 'OPTIONS', target: '/_mock/faults' })).headers.get('allow'), 'OPTIONS, GET, HEAD, POST, DELETE')
  const typed = await server.raw({ method: 'POST', target: '/_mock/clock', body: 'x', headers: { 'Content-Type': 'image/png' } })
  t.equal(typed.status, 415)
})

t.test('every operation is listed, and described as OpenAPI with what its body holds', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const { body } = await server.control('GET', '')
  const { operations }: { operations: { method: string; href: string }[] } = body
  const document: {
    paths: Record<
      string,
      Record<string, { requestBody?: { content: Record<string, { schema: { properties?: object; anyOf?: object[] } }> } }>
    >
  } = (await server.control('GET', '/openapi.json')).body
  for (const { method, href } of operations) {
    const path = decodeURIComponent(new URL(href).pathname.slice('/_mock'.length)).replace(/:(\w+)/g, '{$1}')
    t.ok(document.paths[path]?.[method.toLowerCase()], `${method} ${path}`)
  }
  t.match(document.paths['/clock/advance']?.post?.requestBody?.content['application/json']?.schema, {
    properties: { by: {} },
    required: ['by'],
  })
  t.match(document.paths['/texture']?.put?.requestBody?.content['application/json']?.schema, { properties: { latencies: {} } })
  t.match(document.paths['/faults']?.post?.requestBody?.content['application/json']?.schema, {
    anyOf: [{ properties: { effect: {} } }, { type: 'array' }],
  })
  t.match(document.paths['/limits']?.put?.requestBody?.content['application/json']?.schema, { properties: { quotas: {} } })
})

t.test('health tells which world answers', async t => {
  const server = await controlled()
  t.teardown(server.close)
  t.match(await server.control('GET', '/health'), {
    status: 200,
    body: { status: 'ok', world: { name: 'default', seed: 'deltacloud', faults: 0 } },
  })
  t.equal((await server.raw('/_mocking')).status, 404)
})
