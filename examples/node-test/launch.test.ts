import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMockCloud } from 'deltacloud/mock-cloud'

test('an instance takes its time to boot', async () => {
  await using mock = await createMockCloud()
  const cloud = await mock.as('alice')

  const [launched] = await cloud.instances.create({ imageId: 'img1', name: 'web' })
  assert.ok(launched)
  assert.equal(launched.state, 'pending')

  mock.clock.advance(10_000)

  const booted = await cloud.instances.get(launched.id)
  assert.equal(booted?.state, 'running')
})
