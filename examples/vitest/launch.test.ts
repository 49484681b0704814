import { createMockCloud } from 'deltacloud/mock-cloud'
import { deltacloudHandlers } from 'deltacloud/msw'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, expect, test } from 'vitest'

const url = 'http://cloud.test'
const headers = { authorization: `Basic ${btoa('mockuser:mockpassword')}` }

const mock = await createMockCloud()
const server = setupServer(...deltacloudHandlers({ cloud: mock, url }))

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterAll(async () => {
  server.close()
  await mock.close()
})

test('an instance takes its time to boot', async () => {
  const launched = await fetch(`${url}/api/instances?format=json`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ image_id: 'img1', name: 'web' }),
  })
  expect(await launched.json()).toMatchObject({ instance: { state: 'PENDING' } })

  mock.clock.advance(10_000)

  const booted = await fetch(`${launched.headers.get('location')}?format=json`, { headers })
  expect(await booted.json()).toMatchObject({ instance: { state: 'RUNNING' } })
})
