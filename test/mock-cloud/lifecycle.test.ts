/** The life of an instance, by the cloud's own time. */

import fc from 'fast-check'
import t from 'tap'
import type { Instance } from '../../src/model/resources.ts'
import { aWhile, failure, only, open, opened, there } from './support.ts'

const launch = { imageId: 'img1', overrides: {} }

t.test('a new instance is pending until its time has come, and then runs', async t => {
  const { clock, as } = await opened(t)
  const cloud = await as()
  const created = only(await cloud.instances.create(launch))
  t.equal(created.state, 'pending')
  t.equal(created.doing, 'create')
  t.notOk(created.canCreateImage)
  clock.advance(499)
  t.equal(there(await cloud.instances.get(created.id)).state, 'pending', 'no boot takes less than half a second')
  clock.advance(1501)
  const running = there(await cloud.instances.get(created.id))
  t.equal(running.state, 'running', 'and none more than two')
  t.equal(running.doing, undefined)
  t.equal(running.canCreateImage, true)
})

t.test('an instance is stopping before it has stopped, and starts again', async t => {
  const { clock, as } = await opened(t)
  const { instances } = await as()
  t.equal((await instances.stop('inst1')).state, 'stopping')
  t.equal(await failure(instances.start('inst1')), 'not-permitted')
  clock.advance(aWhile)
  t.equal(there(await instances.get('inst1')).state, 'stopped')
  t.equal(await failure(instances.stop('inst1')), 'not-permitted')
  t.equal((await instances.start('inst1')).state, 'pending')
  clock.advance(aWhile)
  t.equal(there(await instances.get('inst1')).state, 'running')
})

t.test('a reboot shows while it lasts, and permits no other reboot', async t => {
  const { clock, as } = await opened(t)
  const { instances } = await as()
  const rebooting = await instances.reboot('inst1')
  t.match(rebooting, { state: 'running', doing: 'reboot', permits: ['stop', 'destroy'] })
  t.equal(await failure(instances.reboot('inst1')), 'not-permitted')
  clock.advance(aWhile)
  const after = there(await instances.get('inst1'))
  t.equal(after.state, 'running')
  t.notOk('doing' in after || 'permits' in after)
  await instances.reboot('inst1')
  t.equal((await instances.stop('inst1')).doing, 'stop', 'a stop ends it early')
})

t.test('a running instance is destroyed by way of stopping, a stopped one at once', async t => {
  const { clock, as } = await opened(t)
  const { instances } = await as()
  await instances.destroy('inst0')
  t.match(await instances.get('inst0'), { state: 'stopping', doing: 'destroy' })
  clock.advance(aWhile)
  t.equal(await instances.get('inst0'), undefined)
  await instances.stop('inst1')
  clock.advance(aWhile)
  await instances.destroy('inst1')
  t.equal(await instances.get('inst1'), undefined)
})

t.test('at EC2 what is stopping can be destroyed, and what is being destroyed permits nothing', async t => {
  const { clock, as } = await opened(t)
  const { images, instances } = await as('mockuser', 'ec2')
  const [image] = await images.list({})
  const one = only(await instances.create({ imageId: image?.id ?? '', overrides: {} }))
  const other = only(await instances.create({ imageId: image?.id ?? '', overrides: {} }))
  clock.advance(12 * aWhile)
  await instances.stop(one.id)
  await instances.destroy(one.id)
  t.equal(there(await instances.get(one.id)).state, 'finish')
  await instances.destroy(other.id)
  t.match(await instances.get(other.id), { state: 'stopping', doing: 'destroy', permits: [] })
  t.equal(await failure(instances.destroy(other.id)), 'not-permitted')
})

t.test('an instance can be destroyed while it boots', async t => {
  const { clock, as } = await opened(t)
  const { instances } = await as()
  const { id } = only(await instances.create(launch))
  await instances.destroy(id)
  t.equal(there(await instances.get(id)).state, 'stopping')
  clock.advance(aWhile)
  t.equal(await instances.get(id), undefined)
})

t.test('an action on an instance that is not there is not found', async t => {
  const { instances } = await (await opened(t)).as()
  for (const action of [instances.start, instances.stop, instances.reboot, instances.destroy])
    t.equal(await failure(action('nosuch')), 'not-found')
})

t.test('ids are never used again', async t => {
  const { clock, as } = await opened(t)
  const { instances } = await as()
  const first = only(await instances.create(launch)).id
  await instances.destroy(first)
  clock.advance(aWhile)
  t.not(only(await instances.create(launch)).id, first)
})

/** Something that a client does, or time that passes. */
type Step = { do: 'create' | 'stop' | 'start' | 'reboot' | 'destroy'; which: number } | { wait: number }

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('create', 'stop', 'start', 'reboot', 'destroy'), which: fc.nat(6) }),
    fc.record({ wait: fc.integer({ min: 0, max: 3000 }) }),
  ),
  { maxLength: 25 },
)

/** What the steps lead to, with looks in between where the list says so. */
const outcome = async (list: readonly Step[], looks: readonly boolean[]): Promise<unknown> => {
  const { cloud, clock, as } = await open()
  const { instances } = await as()
  const answers: unknown[] = []
  for (const [i, step] of list.entries()) {
    if (looks[i % looks.length]) {
      await instances.list({})
      await instances.get(`inst${i % 7}`)
    }
    if ('wait' in step) clock.advance(step.wait)
    else if (step.do === 'create') answers.push(await instances.create(launch))
    else {
      const id = `inst${step.which}`
      const answer: Instance | string | undefined = await instances[step.do](id).then(
        instance => instance ?? undefined,
        (error: Error) => error.message,
      )
      answers.push(answer)
    }
  }
  const last = await instances.list({})
  await cloud.close()
  return { answers, last }
}

t.test('looking at any time changes no other answer', async t => {
  await fc.assert(
    fc.asyncProperty(steps, fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), async (list, looks) => {
      t.strictSame(await outcome(list, looks), await outcome(list, [false]))
    }),
    { numRuns: 40 },
  )
})

t.test('left alone, every instance comes to rest', async t => {
  await fc.assert(
    fc.asyncProperty(steps, async list => {
      const { cloud, clock, as } = await open()
      const { instances } = await as()
      for (const step of list) {
        if ('wait' in step) clock.advance(step.wait)
        else if (step.do === 'create') await instances.create(launch)
        else await instances[step.do](`inst${step.which}`).catch(() => undefined)
      }
      clock.advance(aWhile)
      for (const instance of await instances.list({})) {
        t.ok(['running', 'stopped'].includes(instance.state))
        t.notOk('doing' in instance)
      }
      await cloud.close()
    }),
    { numRuns: 25 },
  )
})
