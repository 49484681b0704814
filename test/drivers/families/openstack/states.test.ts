/** Nova's statuses in the words of the API. */

import fc from 'fast-check'
import t from 'tap'
import { harness as openstack } from '../../../../conformance/harnesses/openstack.ts'
import { harness as rackspace } from '../../../../conformance/harnesses/rackspace.ts'
import { shapesOf } from '../../../../conformance/mutations/shapes.ts'
import { isImageable, lifeOf, machine, stateOf } from '../../../../src/drivers/families/openstack/states.ts'

t.test('the machine is sound, and every documented status is one of its states', async t => {
  t.same(machine.flaws(), [])
  const rows = [openstack, rackspace].flatMap(harness => shapesOf(harness)?.states ?? []).filter(({ of }) => of === 'instances')
  t.not(rows.length, 0)
  // A status that is documented to say nothing is none of them.
  for (const { native } of rows.filter(({ state }) => state !== 'UNKNOWN'))
    t.ok(
      machine.states.some(state => state === lifeOf(native).state),
      native,
    )
})

t.test('what is at work tells more than the status', async t => {
  t.match(lifeOf('ACTIVE', 'powering-off'), { state: 'stopping', doing: 'stop' })
  t.match(lifeOf('ACTIVE', 'deleting'), { state: 'stopping', doing: 'destroy' })
  t.match(lifeOf('SHUTOFF', 'powering-on'), { state: 'pending', doing: 'start' })
  t.match(lifeOf('REBOOT', 'rebooting'), { state: 'running', doing: 'reboot' })
})

t.test('while something is at work a server can be destroyed, and at most rebooted', async t => {
  t.same(lifeOf('ACTIVE', 'image_snapshot').permits, ['destroy'])
  t.same(lifeOf('REBOOT').permits, ['reboot', 'destroy'])
  t.same(lifeOf('HARD_REBOOT').permits, ['reboot', 'destroy'])
  t.same(lifeOf('HARD_REBOOT', 'rebooting_hard').permits, ['reboot', 'destroy'])
  t.same(lifeOf('HARD_REBOOT', 'reboot_started_hard').permits, ['destroy'])
  t.same(lifeOf('ACTIVE', 'suspending').permits, ['reboot', 'destroy'])
  t.same(lifeOf('VERIFY_RESIZE', 'rebooting').permits, ['destroy'])
  t.equal(lifeOf('ACTIVE').permits, undefined)
})

t.test('a stopped server that Nova would not start offers no start', async t => {
  for (const status of ['PAUSED', 'SUSPENDED', 'SHELVED', 'SHELVED_OFFLOADED']) t.same(lifeOf(status).permits, ['destroy'], status)
  t.equal(lifeOf('SHUTOFF').permits, undefined)
})

t.test('what is at work may stand in brackets after the status', async t => {
  t.match(lifeOf('ACTIVE(deleting)'), { state: 'stopping', doing: 'destroy' })
  t.match(lifeOf('SHUTOFF(deleting)'), { state: 'stopping', doing: 'destroy' })
  t.match(lifeOf('ERROR(deleting)'), { state: 'stopping', doing: 'destroy' })
  t.match(lifeOf('BUILD(deleting)'), { state: 'stopping', doing: 'destroy' })
  t.match(lifeOf('active (Deleting)'), { state: 'stopping', doing: 'destroy' })
  t.match(lifeOf('ACTIVE(powering-off)'), { state: 'stopping', doing: 'stop' })
  t.match(lifeOf('ACTIVE(powering_off)'), { state: 'stopping', doing: 'stop' })
  t.match(lifeOf('ACTIVE(stopping)'), { state: 'stopping', doing: 'stop' })
  t.match(lifeOf('SHUTOFF(powering-on)'), { state: 'pending', doing: 'start' })
  t.match(lifeOf('SHUTOFF(starting)'), { state: 'pending', doing: 'start' })
  t.same(lifeOf('ACTIVE(rebooting)'), { state: 'running', doing: 'reboot', permits: ['reboot', 'destroy'] })
  t.same(lifeOf('REBOOT(rebooting)'), { state: 'running', doing: 'reboot', permits: ['reboot', 'destroy'] })
  t.same(lifeOf('ACTIVE(image_snapshot)'), { state: 'running', permits: ['destroy'] })
  t.same(lifeOf('ACTIVE(resize_prep)'), { state: 'running', permits: ['destroy'] })
  for (const task of ['scheduling', 'networking', 'spawning', 'block_device_mapping'])
    t.same(lifeOf(`BUILD(${task})`), { state: 'pending' }, task)
  t.same(lifeOf('DELETED(deleting)').state, 'finish')
  for (const nothing of ['ACTIVE', 'ACTIVE()', 'ACTIVE(None)']) t.same(lifeOf(nothing), { state: 'running' }, nothing)
  t.equal(lifeOf('UNHEARD_OF(resize_prep)').state, 'unknown')
})

t.test('every status of Nova is the state that the API guide describes', async t => {
  const states: Readonly<Record<string, string>> = {
    ACTIVE: 'running',
    BUILD: 'pending',
    DELETED: 'finish',
    ERROR: 'error',
    HARD_REBOOT: 'running',
    MIGRATING: 'pending',
    PASSWORD: 'pending',
    PAUSED: 'stopped',
    REBOOT: 'running',
    REBUILD: 'pending',
    RESCUE: 'running',
    RESIZE: 'pending',
    REVERT_RESIZE: 'pending',
    SHELVED: 'stopped',
    SHELVED_OFFLOADED: 'stopped',
    SHUTOFF: 'stopped',
    SOFT_DELETED: 'finish',
    SUSPENDED: 'stopped',
    UNKNOWN: 'unknown',
    VERIFY_RESIZE: 'running',
  }
  for (const [status, state] of Object.entries(states)) t.equal(stateOf(status), state, status)
})

t.test('Nova makes an image of a server at which nothing is at work', async t => {
  for (const status of ['ACTIVE', 'SHUTOFF', 'PAUSED', 'SUSPENDED']) t.equal(isImageable(status), true, status)
  for (const status of ['BUILD', 'ERROR', 'ACTIVE(deleting)', 'ACTIVE(image_snapshot)', 'RESCUE'])
    t.equal(isImageable(status), false, status)
  t.equal(isImageable('ACTIVE', 'image_uploading'), false)
})

t.test('small letters don’t matter', async t => {
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
