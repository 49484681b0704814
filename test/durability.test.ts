/**
 * Nothing lost: a server with a state file is killed under load, again and again, and what it had answered is there when it's back.
 * `KILLS` sets how often; `SEED` repeats the draws of a run, though not what the machine made of them.
 */

import { hash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { MockCloud } from '../src/mock-cloud/cloud.ts'
import { historyOf, keyOf, play } from '../test-postgres/history.ts'
import { deltacloudd } from './cli/process.ts'
import { contradictions } from './durability/facts.ts'
import { Writer } from './durability/writer.ts'
import { clientAt } from './support/server.ts'

const kills = Number(process.env.KILLS ?? 8)
const seed = process.env.SEED ?? randomUUID().slice(0, 8)

// Two writers of an account, so that they meet in one tenant, and another account beside it.
const writers = [
  { name: 'a', user: 'mockuser', password: 'mockpassword' },
  { name: 'b', user: 'mockuser', password: 'mockpassword' },
  { name: 'c', user: 'other', password: 'secret' },
  { name: 'd', user: 'other', password: 'secret' },
].map(who => new Writer(seed, who))

/** At least 0 and below `below`. */
const draw = (purpose: string, n: number, below: number): number =>
  Number.parseInt(hash('sha256', `${seed} ${purpose} ${n}`).slice(0, 12), 16) % below

const folder = mkdtempSync(join(tmpdir(), 'deltacloud-durability-'))
const state = join(folder, 'cloud.db')

const start = () => {
  // Time runs faster than the wall's, so that instances get somewhere between two kills.
  const args = ['-i', 'mock', '-r', '127.0.0.1', '-p', '0', '--state', state, '--account', 'other:secret', '--time-scale', '200']
  const server = deltacloudd(args)
  t.teardown(() => server.child.kill('SIGKILL'))
  return server
}

t.setTimeout(0)
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

t.test(`what was acknowledged is there after each of ${kills} kills (SEED=${seed})`, async t => {
  let total = 0
  for (let kill = 0; kill <= kills; kill++) {
    const server = start()
    if (kill < kills && draw('while starting', kill, 4) === 0) {
      // Nothing may be lost by a kill in the middle of a start either.
      await wait(draw('start', kill, 400))
      server.child.kill('SIGKILL')
      await server.ended
      continue
    }
    const client = clientAt(Number(new URL(await server.listens()).port))
    for (const writer of writers) t.same(await writer.check(client), [], `kill ${kill}: all that ${writer.account} was told is there`)
    for (const writer of [writers[0], writers[2]]) {
      if (writer !== undefined)
        t.same(await contradictions(writer.as(client)), [], `kill ${kill}: the documents of ${writer.account} agree`)
    }
    if (kill === kills) {
      client.close()
      server.child.kill('SIGTERM')
      t.match(await server.ended, { code: 0 })
      break
    }
    let acknowledged = 0
    let gone = false
    const enough = 5 + draw('enough', kill, 200)
    const writing = writers.map(writer =>
      writer.write(
        client,
        () => {
          acknowledged++
          if (acknowledged === enough) {
            gone = true
            server.child.kill('SIGKILL')
          }
        },
        () => gone,
      ),
    )
    await Promise.all(writing)
    const { signal, err } = await server.ended
    t.equal(signal, 'SIGKILL')
    t.equal(err, '', 'and it had nothing to complain of')
    client.close()
    total += acknowledged
  }
  t.comment(`${total} acknowledged writes, ${writers.reduce((sum, { size }) => sum + size, 0)} resources at the end`)
  t.ok(total > 0)
})

t.test('the log tells of all that is there, and nothing twice', async t => {
  const cloud = await MockCloud.open({ state, accounts: { other: 'secret' } })
  t.teardown(() => cloud.close())
  const world = await cloud.world()
  await world.settle()
  const events = await historyOf(world)
  const { known, wrong } = play(events)
  t.same(wrong, [])
  for (const account of ['mockuser', 'other']) {
    await world.tenant('default', account).read(async ({ tx }) => {
      for (const kind of ['instances', 'storage_volumes', 'keys', 'buckets'] as const) {
        const there = new Set((await tx.list(kind)).map(({ id }) => keyOf('default', account, kind, id)))
        const its = [...known].filter(([key]) => key.startsWith(keyOf('default', account, kind, '')))
        t.same(
          its.filter(([key, { isThere }]) => isThere !== there.has(key)).map(([key]) => key),
          [],
          `${kind} of ${account} are as the log says`,
        )
      }
    })
  }
  t.comment(`${events.length} events`)
})
