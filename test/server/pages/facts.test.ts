/** What pages of resources show beside their links. */

import t from 'tap'
import { type Answer, type Client, inProcess } from '../../support/server.ts'

const look = (client: Client, target: string): Promise<Answer> => client.ask({ target, headers: { Accept: 'text/html' } })

t.test('an instance shows as which device a volume is attached to it', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  await cloud.ask({ target: '/api/storage_volumes/vol1/attach', json: { instance_id: 'inst2', device: '/dev/sdq' } })
  t.match((await look(cloud, '/api/instances/inst2')).text, />vol1<\/a><\/span><span>as \/dev\/sdq</)
})

t.test('a rule leads to its own page, and names the owner of a group', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const rule = { protocol: 'tcp', port_from: '22', port_to: '22', group1: 'friends', group1owner: 'somebody' }
  await cloud.ask({ target: '/api/firewalls/default/rules', json: rule })
  const { text } = await look(cloud, '/api/firewalls/default')
  const [, href = ''] = /<a href="([^"]*)">ingress tcp 22 friends of somebody<\/a>/.exec(text) ?? []
  t.equal((await look(cloud, new URL(href).pathname)).status, 200)
})

t.test('metrics show every sample', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  const { metric } = JSON.parse((await cloud.ask('/api/metrics/inst1?format=json')).text) as {
    metric: { properties: { values: unknown[] }[] }
  }
  const samples = metric.properties.reduce((sum, { values }) => sum + values.length, 0)
  t.ok(samples > metric.properties.length)
  t.equal([...(await look(cloud, '/api/metrics/inst1')).text.matchAll(/<th role="rowheader"/g)].length, samples)
})

t.test('a value that begins with a line feed keeps it in a box, from which a browser takes the first', async t => {
  const cloud = await inProcess()
  t.teardown(() => cloud.close())
  t.match((await look(cloud, '/api/instances/new')).text, /<textarea id="field-user_data"[^>]*>\n<\/textarea>/)
})
