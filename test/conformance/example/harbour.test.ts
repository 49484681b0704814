/** The made-up cloud, driver and frontend put together: what passes between the two, which no law sees, and what either does with strangers. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { type InProcess, startInProcess } from '../../../conformance/sources/in-process.ts'
import { frontend } from '../../../examples/driver/frontend.ts'
import { harbour as driver } from '../../../examples/driver/harbour/index.ts'
import type { Transport } from '../../../src/drivers/context.ts'
import { readBody, type WireResponse, wireRequest } from '../../../src/drivers/wire.ts'
import { ManualClock } from '../../../src/mock-cloud/clock.ts'
import { MockCloud } from '../../../src/mock-cloud/cloud.ts'
import { basic, begin, runs } from '../../support/server.ts'

/** What stands between driver and harbour: looks on, and may answer itself. */
type Between = (asked: string) => Promise<WireResponse | undefined> | WireResponse | undefined

interface Trip extends AsyncDisposable {
  readonly clock: ManualClock
  /** What the driver asked of the harbour, in order: `GET /v1/ships`. */
  readonly asked: string[]
  between: Between
  /** Asks the Deltacloud API over the driver. */
  api(method: string, target: string, form?: Readonly<Record<string, string>>, authorization?: string): ReturnType<InProcess['send']>
  /** Asks the harbour itself. */
  harbour(method: string, target: string, authorization?: string): ReturnType<InProcess['send']>
}

const origin = 'http://harbour.test'

const trip = async (): Promise<Trip> => {
  const clock = new ManualClock(begin)
  const mock = await MockCloud.open({ clock })
  const far = await startInProcess({ mock, frontends: [], frontendDefinitions: [frontend] })
  const asked: string[] = []
  const transport: Transport = {
    async send(request) {
      const target = request.target.slice(origin.length)
      const what = `${request.method} ${target.replace('/harbour', '')}`
      asked.push(what)
      const instead = await made.between(what)
      if (instead !== undefined) return instead
      const inner = wireRequest({
        method: request.method,
        target,
        headers: request.headers,
        ...(request.body === undefined ? {} : { body: await readBody(request.body) }),
      })
      const answering = far.dispatch(inner, () => undefined)
      if (answering === undefined) throw new TypeError(`No frontend is for ${target}`)
      return (await answering).response
    },
  }
  const near = await startInProcess({
    driver: 'harbour',
    drivers: [driver],
    provider: `${origin}/harbour`,
    transport,
    time: { now: () => clock.now(), sleep: async () => undefined, random: () => 0 },
  })
  const made: Trip = {
    clock,
    asked,
    between: () => undefined,
    api: (method, target, form, authorization = basic()) =>
      near.send(
        {
          method,
          target,
          headers: [
            ['Authorization', authorization],
            ['Accept', 'application/json'],
            ...(form === undefined ? [] : [['Content-Type', 'application/x-www-form-urlencoded'] as const]),
          ],
          body: form === undefined ? undefined : String(new URLSearchParams(form)),
        },
        'default',
      ),
    harbour: (method, target, authorization) =>
      far.send(
        { method, target, headers: authorization === undefined ? [] : [['Authorization', authorization]], body: undefined },
        'default',
      ),
    async [Symbol.asyncDispose]() {
      await near.close()
      await far.close()
      await mock.close()
    },
  }
  return made
}

const idsOf = (text: string, collection: string): string[] => JSON.parse(text)[collection].map(({ id }: { id: string }) => id)

const json = (status: number, value: unknown): WireResponse => ({
  status,
  headers: [['Content-Type', 'application/json']],
  body: JSON.stringify(value),
})

t.test('one login serves many requests until it ends', async t => {
  await using harbour = await trip()
  const logins = () => harbour.asked.filter(one => one === 'POST /v1/session').length
  for (const path of ['/api/realms', '/api/instances', '/api/keys']) t.equal((await harbour.api('GET', path)).status, 200)
  t.equal(logins(), 1)
  await harbour.clock.advance(3600_000)
  t.equal((await harbour.api('GET', '/api/keys')).status, 200)
  t.equal(logins(), 2)
})

t.test('a token that ends early is replaced, and the client notices nothing', async t => {
  await using harbour = await trip()
  t.equal((await harbour.api('GET', '/api/keys')).status, 200)
  let ended = false
  harbour.between = asked => {
    if (asked === 'POST /v1/session' || ended) return undefined
    ended = true
    return json(401, { fault: { code: 'who-are-you', reason: 'This token has ended' } })
  }
  t.equal((await harbour.api('POST', '/api/keys', { name: 'anchor' })).status, 201)
  t.same(harbour.asked.slice(-3), ['POST /v1/keys', 'POST /v1/session', 'POST /v1/keys'])
})

t.test('a harbour that takes none of its tokens is asked twice, and no more', async t => {
  await using harbour = await trip()
  harbour.between = asked =>
    asked === 'POST /v1/session' ? undefined : json(401, { fault: { code: 'who-are-you', reason: 'This token has ended' } })
  t.equal((await harbour.api('GET', '/api/keys')).status, 401)
  t.same(harbour.asked, ['POST /v1/session', 'GET /v1/keys', 'POST /v1/session', 'GET /v1/keys'])
})

t.test('a wrong password is tried at the door, and nowhere else', async t => {
  await using harbour = await trip()
  t.equal((await harbour.api('GET', '/api/instances', undefined, basic('mockuser', 'wrong'))).status, 401)
  t.same(harbour.asked, ['POST /v1/session'])
})

t.test('a list is gone through page by page, whatever is taken away meanwhile', async t => {
  await t.resolves(
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 9 }), fc.nat(), fc.nat(), async (count, which, when) => {
        await using harbour = await trip()
        for (let n = 0; n < count; n++) await harbour.api('POST', '/api/keys', { name: `key${n}` })
        const before = idsOf((await harbour.api('GET', '/api/keys')).text, 'keys')
        const pages = harbour.asked.filter(one => one.startsWith('GET /v1/keys')).length
        t.equal(pages, Math.ceil(before.length / 3))
        const gone = before[which % before.length] ?? ''
        let left = when % pages
        harbour.between = async asked => {
          if (!asked.startsWith('GET /v1/keys') || left-- > 0) return undefined
          left = Number.POSITIVE_INFINITY
          await harbour.api('DELETE', `/api/keys/${gone}`)
          return undefined
        }
        const after = idsOf((await harbour.api('GET', '/api/keys')).text, 'keys')
        t.equal(new Set(after).size, after.length, 'nothing comes twice')
        t.same(
          after.filter(id => id !== gone),
          before.filter(id => id !== gone),
          'nothing else is missed',
        )
      }),
      runs(15),
    ),
  )
})

t.test('every fault has its status, and none of a harbour’s is a 500', async t => {
  await using harbour = await trip()
  t.equal((await harbour.api('GET', '/api/keys')).status, 200)
  for (const [status, code, wanted] of [
    [400, 'bad-request', 400],
    [403, 'not-yours', 403],
    [403, 'harbour-full', 403],
    [404, 'no-such-thing', 404],
    [409, 'wrong-state', 405],
    [409, 'taken', 409],
    [501, 'beyond-us', 501],
    [429, 'slow-down', 503],
    [503, 'later', 503],
    [500, 'broken', 502],
    [418, 'never-heard-of', 502],
  ] as const) {
    harbour.between = () => json(status, { fault: { code, reason: 'So it is' } })
    t.equal((await harbour.api('DELETE', '/api/keys/anchor')).status, wanted, code)
  }
  for (const [status, body, wanted] of [
    [404, 'Not here', 502],
    [403, '', 502],
    [200, '', 204],
    [400, '{"fault":{"code":7}}', 502],
  ] as const) {
    harbour.between = () => ({ status, headers: [], body })
    t.equal((await harbour.api('DELETE', '/api/keys/anchor')).status, wanted, `${status} ${body}`)
  }
})

t.test('a crate aboard is told by the ship, too, and goes ashore before it’s destroyed', async t => {
  await using harbour = await trip()
  const made = JSON.parse((await harbour.api('POST', '/api/storage_volumes', { name: 'tea', capacity: '20', realm_id: 'us' })).text)
  const { id } = made.storage_volume
  t.match(made.storage_volume, { name: 'tea', capacity: 20, realm: { id: 'us' } })
  const path = `/api/storage_volumes/${id}`
  t.equal((await harbour.api('POST', `${path}/attach`, { instance_id: 'inst2', device: '/dev/sdc' })).status, 202)
  const [ship] = JSON.parse((await harbour.api('GET', '/api/instances?id=inst2')).text).instances
  t.match(ship.storage_volumes, [{ id }])
  t.equal((await harbour.api('DELETE', path)).status, 409)
  t.equal((await harbour.api('POST', `${path}/detach`)).status, 202)
  t.equal((await harbour.api('DELETE', path)).status, 204)
  t.equal((await harbour.api('GET', path)).status, 404)
})

t.test('strangers are told what is wrong in the harbour’s own words', async t => {
  await using harbour = await trip()
  const { token } = JSON.parse((await harbour.harbour('POST', '/harbour/v1/session', basic())).text)
  const faultOf = async (...asking: Parameters<Trip['harbour']>) => {
    const { status, text } = await harbour.harbour(...asking)
    return [status, JSON.parse(text).fault.code]
  }
  t.same(await faultOf('GET', '/harbour/v1/ships'), [401, 'who-are-you'])
  t.same(await faultOf('GET', '/harbour/v1/ships', 'Bearer nonsense'), [401, 'who-are-you'])
  t.same(await faultOf('POST', '/harbour/v1/session', 'Basic nonsense'), [401, 'who-are-you'])
  t.same(await faultOf('GET', '/harbour/v2/ships', `Bearer ${token}`), [404, 'no-such-thing'])
  t.same(await faultOf('GET', '/harbour/v1/ships/%', `Bearer ${token}`), [400, 'bad-request'])
  t.same(await faultOf('GET', '/harbour/v1/ships/%2e%2e', `Bearer ${token}`), [404, 'no-such-thing'])
  t.same(await faultOf('POST', '/harbour/v1/ships', `Bearer ${token}`), [400, 'bad-request'])
  t.same(await faultOf('PATCH', '/harbour/v1/ships', `Bearer ${token}`), [404, 'no-such-thing'])
  await harbour.clock.advance(3600_000)
  t.same(await faultOf('GET', '/harbour/v1/ships', `Bearer ${token}`), [401, 'who-are-you'])
})

t.test('the two halves share nothing but the contract', t => {
  const folder = new URL('../../../examples/driver/', import.meta.url)
  const importsOf = (file: string) =>
    [...readFileSync(new URL(file, folder), 'utf8').matchAll(/from '([^']+)'/g)].map(([, name = '']) => name)
  t.same(importsOf('frontend.ts'), ['../../src/driver.ts'])
  for (const file of ['index', 'session', 'mapping', 'errors', 'states'])
    for (const name of importsOf(`harbour/${file}.ts`)) t.match(name, /^(zod|\.\.\/\.\.\/\.\.\/src\/driver\.ts|\.\/\w+\.ts)$/)
  t.end()
})
