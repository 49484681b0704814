/** Clocks by the control API: whatever is asked of one, all worlds can be read. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { latestTime } from '../../../src/mock-cloud/clock-state.ts'
import { begin, runs } from '../../support/server.ts'
import { controlled, launch } from './support.ts'

const scale = fc.oneof(fc.double({ min: 0.001, max: 1e6, noNaN: true }), fc.constantFrom(0, -1, 1e-9, 1e6, 1e6 + 1, 1e12, 1e308))
const now = fc.oneof(
  fc.integer({ min: begin, max: latestTime }),
  fc.constantFrom(0, -1, latestTime, latestTime + 1, 8.64e15, 9e15, -9e15, '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59-12:00'),
)
const by = fc.oneof(
  fc.nat(1e9),
  fc.constantFrom<number | string>('1d', '100000000d', `${'9'.repeat(400)}d`, '3000000d', latestTime - begin, latestTime, 1e15),
)
const mode = fc.constantFrom('system', 'scaled', 'manual')
const clock = fc.record({ mode, scale, now }, { requiredKeys: ['mode'] })

type Step = { readonly path: string; readonly body: object } | { readonly machine: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ path: fc.constant('/clock'), body: fc.record({ mode, scale, now }, { requiredKeys: [] }) }),
    fc.record({ path: fc.constant('/clock/advance'), body: fc.record({ by }) }),
    fc.record({ path: fc.constantFrom('/clock/next', '/clock/settle'), body: fc.constant({}) }),
    fc.record({ path: fc.constant('/clock/settle'), body: fc.record({ limit: by }) }),
    fc.record({ machine: fc.integer({ min: -1e9, max: 1e12 }) }),
  ),
  { maxLength: 6 },
)

t.test('no clock keeps a list of worlds, the console or a world from being read', async t => {
  let machine = begin
  const server = await controlled({ mock: { wall: () => machine }, frontends: ['deltacloud', 'ec2', 's3', 'openstack'] })
  t.teardown(server.close)
  let n = 0
  await fc.assert(
    fc.asyncProperty(clock, steps, async (setting, list) => {
      const name = `w${++n}`
      const made = await server.control('POST', '/worlds', { name, clock: setting })
      assert.ok(made.status === 201 || made.status === 400, `${made.status} for ${JSON.stringify(setting)}`)
      if (made.status === 400) return
      for (const step of list) {
        if ('machine' in step) machine += step.machine
        else {
          const { status } = await server.control('POST', step.path, step.body, name)
          assert.ok(status === 200 || status === 400 || status === 409, `${status} for ${JSON.stringify(step)}`)
        }
      }
      assert.equal(await launch(server, 'web', `/_worlds/${name}`), 201)
      for (const path of ['/worlds', '/console', `/worlds/${name}`, '/export', '/events', '/faults', '/limits', '/clock']) {
        assert.equal((await server.raw({ target: `/_mock${path}`, headers: { 'X-Deltacloud-World': name } })).status, 200, path)
        assert.equal((await server.raw({ target: `/_mock${path}` })).status, 200, `${path} of the default world`)
      }
      for (const path of ['/api/instances', '/ec2/?Action=DescribeInstances&Version=2016-11-15', '/s3/'])
        assert.equal((await server.raw(`/_worlds/${name}${path}`)).status, 200, path)
      assert.equal((await server.control('POST', `/worlds/${name}/fork`, { to: `${name}-fork` })).status, 201)
      for (const one of [name, `${name}-fork`]) assert.equal((await server.control('DELETE', `/worlds/${one}`)).status, 204)
    }),
    runs(40),
  )
})

t.test('a clock at the end of time says so', async t => {
  const server = await controlled({ mock: { clock: { mode: 'manual', now: latestTime - 1000 } } })
  t.teardown(server.close)
  t.notMatch((await server.control('GET', '/clock')).body, { ended: true })
  const ended = await server.control('POST', '/clock/advance', { by: 1000 })
  t.match(ended, { status: 200, body: { ended: true, time: '9999-12-31T23:59:59.999Z', now: latestTime } })
  t.match(await server.control('POST', '/clock', { mode: 'scaled', scale: 60 }), { status: 200, body: { ended: true } })
  t.match((await server.raw('/_mock/console')).text, 'has reached the end of the year 9999')
  for (const [path, body] of [
    ['/clock/advance', { by: 1 }],
    ['/clock', { now: latestTime + 1 }],
    ['/clock', { now: '+010000-01-01T00:00:00Z' }],
  ] as const)
    t.equal((await server.control('POST', path, body)).status, 400, JSON.stringify(body))
})

t.test('a clock that is set to what it can’t be stays as it is', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const { body: before } = await server.control('GET', '/clock')
  for (const body of [
    { now: '2031-01-01T00:00:00Z', scale: 1e12 },
    { mode: 'manual', scale: 1e12 },
    { mode: 'system', scale: 0 },
    { scale: 0.0001 },
  ]) {
    const answer = await server.control('POST', '/clock', body)
    t.match(answer, { status: 400, body: { message: /time scale must be a number from 0.001 to 1000000/ } }, JSON.stringify(body))
  }
  t.strictSame((await server.control('GET', '/clock')).body, before)
})

t.test('rules for times beyond all clocks are refused, and the others shown', async t => {
  const server = await controlled()
  t.teardown(server.close)
  const rule = (match: object) => server.control('POST', '/faults', { match, effect: { error: 'internal' } })
  for (const moment of [1e300, 9e15, -1e300, `${'9'.repeat(40)}d`]) {
    for (const match of [{ after: moment }, { until: moment }])
      t.match(await rule(match), { status: 400, body: { message: /must be a time such as/ } }, String(moment))
  }
  t.equal((await rule({ after: latestTime })).status, 201)
  t.equal((await rule({ until: '11000d' })).status, 201)
  t.equal((await server.control('GET', '/faults')).status, 200)
})

t.test('a world whose state can’t be read doesn’t hide the others', async t => {
  const server = await controlled({ mock: {} })
  t.teardown(server.close)
  t.equal((await server.control('POST', '/worlds', { name: 'broken' })).status, 201)
  const { clock } = await server.mock.world('broken')
  clock.read = () => {
    throw new RangeError('Invalid time value')
  }
  t.match(await server.control('GET', '/worlds'), {
    status: 200,
    body: {
      worlds: [
        { name: 'broken', problem: 'The state of this world cannot be read' },
        { name: 'default', clock: {} },
      ],
    },
  })
  const console = await server.raw('/_mock/console')
  t.equal(console.status, 200)
  t.match(console.text, 'The state of this world cannot be read')
  t.equal((await server.control('DELETE', '/worlds/broken')).status, 204)
})
