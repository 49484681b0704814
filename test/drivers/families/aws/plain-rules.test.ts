/** Rules of a cloud that has them for one group or one block, and for what comes in over IPv4 only. */

import t from 'tap'
import { startServer } from '../../../../src/index.ts'
import { createMockCloud } from '../../../../src/mock.ts'

const authorization = `Basic ${btoa('mockuser:mockpassword')}`

const cloud = await startServer({ host: '127.0.0.1', port: 0, provider: 'eucalyptus', frontends: ['ec2'] })
t.teardown(() => cloud.close(0))
const server = await startServer({ host: '127.0.0.1', port: 0, driver: 'eucalyptus', provider: `ec2=${cloud.url}/ec2;s3=${cloud.url}/s3` })
t.teardown(() => server.close(0))

const post = (path: string, form: Readonly<Record<string, string>>): Promise<Response> =>
  fetch(`${server.url}/api/${path}?format=json`, { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) })

t.test('every source of a rule is kept, a group as well as a block', async t => {
  const sources = { ip_address1: '10.0.0.0/8', ip_address2: '192.0.2.0/24', group1: 'default' }
  const answer = await post('firewalls/default/rules', { protocol: 'tcp', port_from: '22', ...sources })
  t.equal(answer.status, 201)
  const { firewall } = (await answer.json()) as { firewall: { rules: { sources: object[] }[] } }
  t.match(
    firewall.rules.map(rule => rule.sources),
    [[{ name: 'default' }], [{ address: '10.0.0.0' }], [{ address: '192.0.2.0' }]],
  )
})

t.test('what the cloud has no rule for is refused, and not taken for something else', async t => {
  t.equal((await post('firewalls/default/rules', { protocol: 'tcp', port_from: '25', ip_address1: '2001:db8::/32' })).status, 400)
  await using mock = await createMockCloud()
  const { firewalls } = await mock.as('mockuser', 'eucalyptus')
  const source = { type: 'address', family: 'ipv4', address: '10.0.0.0', prefix: '8' } as const
  const rule = { protocol: 'tcp', portFrom: 25, portTo: 25, direction: 'egress', sources: [source] } as const
  const refused = await firewalls?.createRule?.('default', rule).catch((error: unknown) => error)
  t.match(refused, { kind: 'bad-request' })
})

t.test('of ICMP a rule names type and code', async t => {
  const answer = await post('firewalls/default/rules', { protocol: 'icmp', port_from: '8', port_to: '0', ip_address1: '10.0.0.0/8' })
  t.equal(answer.status, 201)
  t.match(await answer.json(), { firewall: { rules: [{}, {}, {}, { allow_protocol: 'icmp', port_from: 8, port_to: 0 }] } })
})
