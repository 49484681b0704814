/** The mock driver at its door: who is let in, and what is offered where. */

import t from 'tap'
import { createMockDriver } from '../../src/drivers/mock/index.ts'
import { MockCloud, type MockCloudOptions } from '../../src/mock-cloud/cloud.ts'
import { classic } from '../../src/mock-cloud/personalities/classic.ts'
import { contextOf, failure, there } from '../mock-cloud/support.ts'

const driverOf = async (t: { teardown: (end: () => Promise<void>) => void }, options: MockCloudOptions = {}) => {
  const cloud = await MockCloud.open(options)
  t.teardown(() => cloud.close())
  const driver = createMockDriver(cloud)
  const enter = (user: string, password: string) =>
    driver.connect({ credentials: { user, password }, provider: undefined, context: contextOf() })
  return { driver, enter }
}

t.test('a provider is offered what its kind of cloud can do, once', async t => {
  const { driver } = await driverOf(t)
  const plain = there(driver.offer(undefined))
  t.equal(driver.offer('default'), plain, 'the default is that of requests that name none')
  t.ok(plain.operations.firewalls && plain.operations.load_balancers)
  const original = there(driver.offer('classic'))
  t.notOk(original.operations.firewalls || original.operations.load_balancers)
  t.ok(original.operations.instances && original.operations.annotations)
  t.strictSame(Object.keys(original.features.images ?? {}), ['owner_id', 'image_name', 'image_description'])
  t.equal(driver.offer('nosuch'), undefined)
  t.equal(driver.offer('toString'), undefined)
  t.strictSame(driver.entrypoints, {})
})

t.test('what clouds there are can be chosen', async t => {
  const { driver } = await driverOf(t, { personalities: { default: classic } })
  t.equal(driver.offer(undefined)?.machine, classic.machine)
  t.equal(driver.offer('classic'), undefined)
})

t.test('only who knows the password is let in', async t => {
  const { driver, enter } = await driverOf(t, { accounts: { alice: 'wonderland' } })
  t.ok(await enter('mockuser', 'mockpassword'))
  t.ok(await enter('alice', 'wonderland'))
  for (const [user, password] of [
    ['mockuser', 'wrong'],
    ['mockuser', ''],
    ['nobody', ''],
    ['', ''],
    ['alice', 'mockpassword'],
    ['constructor', ''],
  ] as const) {
    await t.rejects(enter(user, password), { kind: 'unauthenticated', message: 'Authentication Failure' })
  }
  await t.rejects(driver.connect({ credentials: undefined, provider: undefined, context: contextOf() }), {
    kind: 'unauthenticated',
    message: 'Unauthorized',
  })
})

t.test('an account signs with its password, and no other can be proven', async t => {
  const { driver } = await driverOf(t)
  t.strictSame(await driver.credentialsOf?.('mockuser', 'default'), {
    credentials: { user: 'mockuser', password: 'mockpassword' },
    proven: false,
  })
  t.equal(await driver.credentialsOf?.('anyone', 'default'), undefined)
})

t.test('a cloud open to anyone takes any key id, but no password for it', async t => {
  const { driver, enter } = await driverOf(t, { openToAnyone: true })
  const known = there(await driver.credentialsOf?.('anyone', 'default'))
  t.ok(known.proven)
  t.ok(await enter(known.credentials.user, known.credentials.password))
  t.equal(await failure(enter('anyone', '')), 'unauthenticated')
  t.equal(there(await driver.credentialsOf?.('mockuser', 'default')).proven, false, 'who has a password must still sign')
})

t.test('the sealing key is of 32 bytes and stays', async t => {
  const { driver } = await driverOf(t)
  const key = there(await driver.sealingKey?.())
  t.equal(key.length, 32)
  t.strictSame(await driver.sealingKey?.(), key)
})
