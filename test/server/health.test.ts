/** `/healthz` tells of what keeps the state, `/livez` only that the server answers. */

import t from 'tap'
import { CloudError } from '../../src/model/errors.ts'
import { createHealth } from '../../src/server/health.ts'
import { keepingLog, overHttp } from '../support/server.ts'

t.test('health tells where the state is kept, and may not be cached', async t => {
  for (const [kind, mock] of [
    ['memory', {}],
    ['file', { state: `${t.testdir()}/state` }],
  ] as const) {
    const server = await overHttp({ mock })
    t.teardown(() => server.close())
    const healthy = await server.ask({ target: '/healthz', login: false })
    t.match(healthy, { status: 200, headers: new Map([['cache-control', 'no-store']]) })
    t.strictSame(JSON.parse(healthy.text), { status: 'ok', version: '1.1.3', driver: 'mock', store: kind })
    t.match(await server.ask({ method: 'HEAD', target: '/healthz', login: false }), { status: 200, text: '' })
    const live = await server.ask({ target: '/livez', login: false })
    t.match(live, { status: 200, text: '{"status":"ok"}', headers: new Map([['cache-control', 'no-store']]) })
  }
})

/** A store whose checks end when a test says so. */
const heldStore = () => {
  const checks: PromiseWithResolvers<void>[] = []
  return {
    checks,
    kind: 'held',
    check: (): Promise<void> => {
      const check = Promise.withResolvers<void>()
      checks.push(check)
      return check.promise
    },
  }
}

t.test('all who ask at once are answered by one check', async t => {
  const store = heldStore()
  const { log, lines } = keepingLog()
  const health = createHealth({ driver: 'mock' }, store, log)
  const asked = [health(), health(), health()]
  t.equal(store.checks.length, 1)
  store.checks[0]?.reject(new CloudError('provider-unavailable', 'The database is away'))
  for (const found of await Promise.all(asked))
    t.strictSame(found, { status: 503, document: { status: 'unavailable', driver: 'mock', store: 'held', reason: 'The database is away' } })
  t.match(lines, [{ level: 'error', message: 'the store fails' }])
  t.equal(lines.length, 1)
})

t.test('a check that does not end is a failure, and none is begun beside it', async t => {
  const store = heldStore()
  const health = createHealth({}, store, keepingLog().log)
  t.match(await health(), { status: 503, document: { reason: /does not answer/ } })
  const again = health()
  t.equal(store.checks.length, 1)
  store.checks[0]?.resolve()
  t.match(await again, { status: 200 })
})

t.test('a failure that has no words for clients tells them nothing of itself', async t => {
  const store = heldStore()
  const health = createHealth({}, store, keepingLog().log)
  const asked = health()
  store.checks[0]?.reject(new Error('password=secret'))
  t.match(await asked, { status: 503, document: { reason: 'The state of the mock cloud fails' } })
})
