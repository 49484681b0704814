/**
 * Two servers over one database: nothing of what either acknowledged is lost or doubled, also where one of them is killed in the middle.
 * `KILLS` sets how often; `SEED` repeats the draws of a run, though not what the machine made of them.
 */

import { hash, randomUUID } from 'node:crypto'
import t from 'tap'
import { z } from 'zod'
import { MockCloud } from '../src/mock-cloud/cloud.ts'
import { deltacloudd } from '../test/cli/process.ts'
import { contradictions } from '../test/durability/facts.ts'
import { Writer } from '../test/durability/writer.ts'
import { place } from '../test/mock-cloud/place.ts'
import { there } from '../test/mock-cloud/support.ts'
import { basic, clientAt } from '../test/support/server.ts'
import { historyOf, keyOf, play } from './history.ts'

const kills = Number(process.env.KILLS ?? 4)
const seed = process.env.SEED ?? randomUUID().slice(0, 8)

const people = [
  { user: 'mockuser', password: 'mockpassword' },
  { user: 'other', password: 'secret' },
]
const state = there((await place()).state)

/** At least 0 and below `below`. */
const draw = (purpose: string, n: number, below: number): number =>
  Number.parseInt(hash('sha256', `${seed} ${purpose} ${n}`).slice(0, 12), 16) % below

const start = () => {
  // Time runs faster than the wall's, so that instances get somewhere between two kills.
  const server = deltacloudd(['-i', 'mock', '-r', '127.0.0.1', '-p', '0', '--account', 'other:secret', '--time-scale', '200'], {
    env: { API_STATE: state },
  })
  t.teardown(() => server.child.kill('SIGKILL'))
  return server
}

const listening = async (server: ReturnType<typeof start>) => clientAt(Number(new URL(await server.listens()).port))

/** Two servers, and for each account a writer at both. */
const servers = ['one', 'two'].map(name => ({
  name,
  writers: people.map(person => new Writer(seed, { name: `${name}-${person.user}`, ...person })),
}))

t.setTimeout(0)

t.test(`what either of two servers acknowledged is there after each of ${kills} kills (SEED=${seed})`, async t => {
  let total = 0
  for (let kill = 0; kill < kills; kill++) {
    const victim = draw('victim', kill, 2)
    const running = await Promise.all(
      servers.map(async ({ writers }, i) => {
        const server = start()
        return { writers, server, client: await listening(server), isVictim: i === victim, acknowledged: 0, isGone: false }
      }),
    )
    const enough = 20 + draw('enough', kill, 150)
    const stop = (one: (typeof running)[number]): void => {
      one.isGone = true
      one.server.child.kill('SIGKILL')
    }
    await Promise.all(
      running.flatMap(one =>
        one.writers.map(writer =>
          writer.write(
            one.client,
            () => {
              one.acknowledged++
              total++
              // The other one is to go on for a while without the victim.
              const isAlone = running.some(other => other.isVictim && other.isGone)
              if (one.isVictim ? one.acknowledged >= enough : isAlone && one.acknowledged >= 2 * enough) stop(one)
            },
            () => one.isGone,
          ),
        ),
      ),
    )
    for (const { server, client } of running) {
      const { signal, err } = await server.ended
      t.equal(signal, 'SIGKILL')
      t.equal(err, '', 'and it had nothing to complain of')
      client.close()
    }
    const after = start()
    const client = await listening(after)
    for (const { name, writers } of servers) {
      for (const writer of writers)
        t.same(await writer.check(client), [], `kill ${kill}: all that ${writer.account} was told by server ${name}`)
    }
    for (const writer of servers[0]?.writers ?? []) {
      t.same(await contradictions(writer.as(client)), [], `kill ${kill}: the documents of ${writer.account} agree`)
    }
    client.close()
    after.child.kill('SIGTERM')
    t.match(await after.ended, { code: 0 })
  }
  const size = servers.flatMap(({ writers }) => writers).reduce((sum, writer) => sum + writer.size, 0)
  t.comment(`${total} acknowledged writes, ${size} resources at the end`)
  t.ok(total > 0)
})

t.test('the log has each step once, and leads to what the documents show', async t => {
  const server = start()
  const client = await listening(server)
  const cloud = await MockCloud.open({ state, accounts: { other: 'secret' } })
  t.teardown(() => cloud.close())
  const world = await cloud.world()
  await world.clock.freeze()
  await world.settle()
  const events = await historyOf(world)
  const { known, wrong } = play(events)
  t.same(wrong, [])
  const created = events.filter(event => event.type === 'created').length
  t.comment(`${events.length} events, ${created} of them creations`)
  t.ok(created > 0)
  for (const { user, password } of people) {
    const answer = await client.ask({
      target: '/api/instances?format=json',
      login: false,
      headers: { Authorization: basic(user, password) },
    })
    const shown = new Map(list.parse(JSON.parse(answer.text)).instances.map(({ id, state }) => [id, state.toLowerCase()]))
    const made = [...known].filter(([key]) => key.startsWith(keyOf('default', user, 'instances')))
    for (const [key, { isThere, state }] of made) {
      const id = key.split(' ').at(-1) ?? ''
      t.equal(shown.get(id), isThere ? state : undefined, `${user} ${id}`)
    }
  }
  client.close()
  server.child.kill('SIGTERM')
  await server.ended
})

const list = z.object({ instances: z.array(z.object({ id: z.string(), state: z.string() })) })
