/** Nova's statuses in the words of the API. */

import fc from 'fast-check'
import t from 'tap'
import { documentedStatuses, lifeOf, machine, stateOf } from '../../../../src/drivers/families/openstack/states.ts'

t.test('the machine is sound, and every documented status is one of its states', async t => {
  t.same(machine.flaws(), [])
  for (const status of documentedStatuses)
    t.ok(
      machine.states.some(state => state === stateOf(status)),
      status,
    )
})

t.test('what is at work tells more than the status', async t => {
  t.match(lifeOf('ACTIVE', 'powering-off'), { state: 'stopping', doing: 'stop' })
  t.match(lifeOf('ACTIVE', 'deleting'), { state: 'stopping', doing: 'destroy' })
  t.match(lifeOf('SHUTOFF', 'powering-on'), { state: 'pending', doing: 'start' })
  t.match(lifeOf('REBOOT', 'rebooting'), { state: 'running', doing: 'reboot' })
})

t.test('while something is at work a server can be destroyed, and nothing else', async t => {
  t.same(lifeOf('ACTIVE', 'image_snapshot').permits, ['destroy'])
  t.same(lifeOf('HARD_REBOOT').permits, ['destroy'])
  t.equal(lifeOf('ACTIVE').permits, undefined)
})

t.test('a stopped server that Nova would not start offers no start', async t => {
  for (const status of ['PAUSED', 'SUSPENDED', 'SHELVED', 'SHELVED_OFFLOADED']) t.same(lifeOf(status).permits, ['destroy'], status)
  t.equal(lifeOf('SHUTOFF').permits, undefined)
})

t.test('remarks in brackets and small letters don’t matter', async t => {
  t.equal(stateOf('BUILD(scheduling)'), 'pending')
  t.equal(stateOf('active'), 'running')
})

t.test('any other status is unknown', async () => {
  fc.assert(
    fc.property(
      fc.string().filter(text => !/^[A-Za-z_]+(\(|$)/.test(text)),
      text => stateOf(text) === 'unknown',
    ),
  )
  fc.assert(fc.property(fc.constantFrom('constructor', '__proto__', 'toString'), text => stateOf(text) === 'unknown'))
})
