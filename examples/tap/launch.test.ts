import { createMockCloud } from 'deltacloud/mock-cloud'
import { deltacloudAgent } from 'deltacloud/undici'
import t from 'tap'
import { request, setGlobalDispatcher } from 'undici'

const url = 'http://cloud.test'
const headers = { authorization: `Basic ${btoa('mockuser:mockpassword')}` }

const mock = await createMockCloud()
const agent = await deltacloudAgent({ cloud: mock, url })
setGlobalDispatcher(agent)
t.teardown(async () => {
  await agent.close()
  await mock.close()
})

t.test('an instance takes its time to boot', async t => {
  const launched = await request(`${url}/api/instances?format=json&image_id=img1&name=web`, { method: 'POST', headers })
  t.match(await launched.body.json(), { instance: { state: 'PENDING' } })

  mock.clock.advance(10_000)

  const booted = await request(`${launched.headers.location}?format=json`, { headers })
  t.match(await booted.body.json(), { instance: { state: 'RUNNING' } })
})
