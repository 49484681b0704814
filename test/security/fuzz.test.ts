/**
 * 20,000 requests of an attacker, over all frontends and kinds of stores: each is answered, none fails the server, shows a secret, or touches an
 * account of somebody else. `ATTACK_SEED` repeats a run; `npm run attack` goes on for longer.
 */

import { randomInt } from 'node:crypto'
import t from 'tap'
import { type CloudName, runBatch } from './attack.ts'
import { protocols } from './protocols.ts'

const seed = Number(process.env.ATTACK_SEED ?? randomInt(2 ** 31))
t.comment(`ATTACK_SEED=${seed}`)
t.setTimeout(240_000)

const requests: Readonly<Record<CloudName, number>> = { memory: 6000, ec2: 5000, 'ec2-state': 4000, openstack: 5000 }

for (const [name, count] of Object.entries(requests)) {
  t.test(`no request of ${count} hurts a server (${name}, seed ${seed})`, async t => {
    const { answers, byProtocol, findings } = await runBatch({ cloud: name as CloudName, seed, requests: count })
    t.equal(answers, count, 'all requests were sent')
    for (const finding of findings) t.fail(finding.what, { finding })
    for (const protocol of protocols) {
      const { all = 0, good = 0 } = byProtocol.get(protocol) ?? {}
      // Requests that are all turned away at the door would show nothing.
      t.ok(good > all / 20, `${protocol}: ${good} of ${all} requests did something`)
    }
  })
}
