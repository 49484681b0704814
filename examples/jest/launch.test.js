import { afterAll, expect, test } from '@jest/globals'
import { startServer } from 'deltacloud'
import { createMockCloud } from 'deltacloud/mock-cloud'

const headers = { authorization: `Basic ${btoa('mockuser:mockpassword')}` }

const mock = await createMockCloud()
const server = await startServer({ port: 0, mock })

afterAll(async () => {
  await server.close()
  await mock.close()
})

test('an instance takes its time to boot', async () => {
  const launched = await fetch(`${server.url}/api/instances?format=json`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ image_id: 'img1', name: 'web' }),
  })
  expect(await launched.json()).toMatchObject({ instance: { state: 'PENDING' } })

  mock.clock.advance(10_000)

  const booted = await fetch(`${launched.headers.get('location')}?format=json`, { headers })
  expect(await booted.json()).toMatchObject({ instance: { state: 'RUNNING' } })
})
