/** Bodies of the control API: how large they may be, and what is said of those that are larger. */

import t from 'tap'
import { controlled } from './support.ts'

const send = (server: Awaited<ReturnType<typeof controlled>>, path: string, type: string, body: string) =>
  server.raw({ method: 'POST', target: `/_mock${path}`, login: false, headers: { 'Content-Type': type, Accept: 'application/json' }, body })

const images = (count: number) => Array.from({ length: count }, (_, n) => ({ id: `seeded-${n}`, name: `Image number ${n}` }))

const seedOf = (count: number) => ({ accounts: [{ account: 'mockuser', empty: true, collections: { images: images(count) } }] })

t.test('thousands of resources are seeded as JSON, whatever type the body has', async t => {
  const server = await controlled()
  t.teardown(server.close)
  for (const type of ['application/json', 'application/octet-stream', 'text/plain']) {
    const seeded = await send(server, '/seed', type, JSON.stringify(seedOf(5000)))
    t.equal(seeded.status, 200, seeded.text.slice(0, 500))
  }
  t.match((await server.control('GET', '/accounts')).body, { accounts: [{ collections: { images: 5000 } }] })
})

t.test('YAML is taken up to 128 KiB; what is larger is to be sent as JSON', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const yaml = (count: number): string => {
    const lines = images(count).map(({ id, name }) => `    - {id: ${id}, name: ${name}}\n`)
    return `accounts:\n- account: mockuser\n  empty: true\n  collections:\n    images:\n${lines.join('')}`
  }
  t.equal((await send(server, '/seed', 'application/yaml', yaml(1000))).status, 200)
  for (const path of ['/seed', '/faults', '/worlds', '/clock', '/limits/quotas'])
    for (const type of ['application/yaml', 'text/plain', '']) {
      const refused = await send(server, path, type, yaml(10_000))
      t.equal(refused.status, 413, `${path} ${type}`)
      t.match(refused.text, 'send what is larger as JSON')
    }
  t.match((await server.control('GET', '/accounts')).body, { accounts: [{ collections: { images: 1000 } }] })
})

t.test('JSON is bounded by size, by values and by levels', async t => {
  const server = await controlled()
  t.teardown(server.close)
  for (const body of [`"${'x'.repeat(8 * 1024 * 1024)}"`, `[${'1,'.repeat(500_000)}1]`, `${'['.repeat(101)}${']'.repeat(101)}`]) {
    const refused = await send(server, '/seed', 'application/json', body)
    t.equal(refused.status, 413)
    t.ok(refused.text.length < 1000)
  }
})

t.test('a body that is wrong in many places is answered in few words', async t => {
  const server = await controlled()
  t.teardown(server.close)
  for (const [path, body] of [
    ['/seed', { accounts: Array.from({ length: 10_000 }, () => 1) }],
    ['/worlds', Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`member-${n}`, 1]))],
    ['/faults', Array.from({ length: 10_000 }, () => 1)],
    ['/limits/quotas', Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`member-${n}`, 'x']))],
  ] as const) {
    const refused = await send(server, path, 'application/json', JSON.stringify(body))
    t.equal(refused.status, 400, path)
    t.ok(refused.text.length < 6000, `${path}: ${refused.text.length} characters`)
  }
})

t.test('YAML that is odd or a trap is refused or read, and nothing is written past the log', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const warnings: unknown[] = []
  const keep = (warning: unknown): void => {
    warnings.push(warning)
  }
  process.on('warning', keep)
  t.teardown(() => process.off('warning', keep))
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'abcdefghi'
    .split('')
    .slice(1)
    .map((name, n) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[n]}`).join(', ')}]\n`)
    .join('')}`
  for (const body of [
    '? [a]\n: 1\n',
    '!unknown x',
    'a: !unknown x',
    '- !x 1\n',
    bomb,
    '['.repeat(50_000),
    '{a: '.repeat(20_000),
    'a: 1\na: 2',
    '&a '.repeat(5000),
    '] '.repeat(5000),
  ])
    t.equal((await send(server, '/clock', 'application/yaml', body)).status, 400, body.slice(0, 20))
  const flawed = await send(server, '/clock', 'application/yaml', 'mode: system\nscale: &a &b 1\n')
  t.match(flawed.text, /at most one anchor at line 2, column /)
  const aliases = `a: &a 1\nb:\n${'- *a\n'.repeat(501)}`
  t.match(await send(server, '/clock', 'application/yaml', aliases), { status: 413, text: /up to 500 aliases/ })
  await new Promise(resolve => setImmediate(resolve))
  t.same(warnings, [])
})
