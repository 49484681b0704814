/** Each protocol says in its own words that a client asks too often, and that a quota is used up. */

import t, { type Test } from 'tap'
import { type RunningServer, startServer } from '../../../src/index.ts'
import { Client } from './openstack/support.ts'

const start = async (t: Test, provider: string): Promise<RunningServer> => {
  const server = await startServer({ host: '127.0.0.1', port: 0, provider, frontends: ['deltacloud', 'ec2', 's3', 'openstack'] })
  t.teardown(() => server.close(0))
  return server
}

const control = async ({ url }: RunningServer, method: string, path: string, body: object): Promise<void> => {
  const headers = { 'content-type': 'application/json' }
  const { ok, status } = await fetch(`${url}/_mock/${path}`, { method, headers, body: JSON.stringify(body) })
  if (!ok) throw new Error(`${method} ${path} is answered with ${status}`)
}

const authorization = `Basic ${btoa('mockuser:mockpassword')}`

const ask = async ({ url }: RunningServer, method: string, path: string, form?: Record<string, string>) => {
  const body = form === undefined ? {} : { body: new URLSearchParams(form) }
  const answer = await fetch(`${url}${path}`, { method, headers: { authorization }, ...body })
  return { status: answer.status, text: await answer.text(), wait: answer.headers.get('retry-after') }
}

const codeIn = (text: string): string | undefined => /<Code>(\w+)/.exec(text)?.[1]

t.test('who asks too often is told to wait', async t => {
  const server = await start(t, 'ec2')
  const openstack = await start(t, 'openstack')
  const client = await Client.open(openstack.url)
  const rule = { match: {}, effect: { throttle: { retryAfter: 6.5 } } }
  await control(server, 'POST', 'faults', rule)
  const deltacloud = await ask(server, 'GET', '/api/instances?format=xml')
  t.match(deltacloud, { status: 503, wait: '7', text: /<error .*status='503'/ })
  const codes: readonly [path: string, status: number, code: string][] = [
    ['/ec2?Action=DescribeInstances&Version=2016-11-15', 503, 'RequestLimitExceeded'],
    ['/ec2?Action=DescribeLoadBalancers&Version=2012-06-01', 400, 'Throttling'],
    ['/ec2?Action=ListMetrics&Version=2010-08-01', 400, 'Throttling'],
    ['/s3/some', 503, 'SlowDown'],
  ]
  for (const [path, status, code] of codes) {
    const answer = await ask(server, 'GET', path)
    t.match({ ...answer, code: codeIn(answer.text) }, { status, code, wait: '7' }, path)
  }
  await control(openstack, 'POST', 'faults', rule)
  const message = 'This request was rate-limited.'
  const nova = await client.ask('/compute/v2.1/servers')
  t.match(nova, { status: 429, body: { overLimit: { code: 429, message, retryAfter: '7' } } })
  t.equal(nova.headers.get('retry-after'), '7')
  const cinder = await client.volume('/volumes')
  t.match(cinder, { status: 413, body: { overLimitFault: { code: 413, message } } })
  t.equal(cinder.headers.get('retry-after'), '7')
  t.match(await client.ask('/network/v2.0/networks'), { status: 429, body: { NeutronError: { message } } })
  t.match(await client.ask(`/object-store/v1/AUTH_${client.project}`), { status: 498, text: 'Slow down' })
})

t.test('a throttled client that no provider tells how long is told to wait a little', async t => {
  const server = await start(t, 'ec2')
  await control(server, 'POST', 'faults', { match: {}, effect: { error: { kind: 'throttled' } } })
  t.match(await ask(server, 'GET', '/api/instances?format=json'), { status: 503, wait: '1' })
})

t.test('a quota that is used up has the name of what it is of', async t => {
  const server = await start(t, 'ec2')
  const quotas = { instances: 0, storage_volumes: 0, addresses: 0, networks: 0, firewalls: 0, keys: 0, buckets: 0 }
  await control(server, 'PUT', 'limits', { quotas })
  const image = /<imageId>([^<]+)/.exec((await ask(server, 'GET', '/ec2?Action=DescribeImages')).text)?.[1] ?? ''
  const refusals: readonly [query: string, code: string, message: string][] = [
    [`RunInstances&ImageId=${image}&MinCount=1&MaxCount=1`, 'InstanceLimitExceeded', 'The maximum number of instances has been reached: 0'],
    ['CreateVolume&Size=1&AvailabilityZone=us-east-1a', 'VolumeLimitExceeded', 'The maximum number of volumes has been reached: 0'],
    ['AllocateAddress', 'AddressLimitExceeded', 'The maximum number of addresses has been reached: 0'],
    ['CreateVpc&CidrBlock=10.0.0.0/16', 'VpcLimitExceeded', 'The maximum number of VPCs has been reached: 0'],
    [
      'CreateSecurityGroup&GroupName=a&GroupDescription=b',
      'SecurityGroupLimitExceeded',
      'The maximum number of security groups has been reached: 0',
    ],
    ['CreateKeyPair&KeyName=k', 'ResourceLimitExceeded', 'The maximum number of key pairs has been reached: 0'],
  ]
  for (const [query, code, message] of refusals) {
    const { status, text } = await ask(server, 'GET', `/ec2?Action=${query}`)
    t.same([status, codeIn(text), /<Message>([^<]*)/.exec(text)?.[1]], [400, code, message], query)
  }
  await control(server, 'PUT', 'limits', { quotas: { volume_gigabytes: 0 } })
  t.equal(
    codeIn((await ask(server, 'GET', '/ec2?Action=CreateVolume&Size=1&AvailabilityZone=us-east-1a')).text),
    'VolumeLimitExceeded',
    'also by its size',
  )
  await control(server, 'PUT', 'limits', { quotas })
  t.equal(codeIn((await ask(server, 'PUT', '/s3/another')).text), 'TooManyBuckets')
  t.match(await ask(server, 'POST', '/api/keys?format=xml', { name: 'k' }), { status: 403, wait: null })
  t.match(await ask(server, 'POST', '/api/networks?format=xml', { address_block: '10.0.0.0/16' }), { status: 403 })
})

t.test('a fault that uses up a quota names what the call would have made', async t => {
  const server = await start(t, 'ec2')
  await control(server, 'POST', 'faults', {
    match: { operation: 'networks.create' },
    effect: { error: { kind: 'over-quota', message: 'Nothing left' } },
  })
  const { text } = await ask(server, 'GET', '/ec2?Action=CreateVpc&CidrBlock=10.0.0.0/16')
  t.match(text, /<Code>VpcLimitExceeded<\/Code><Message>Nothing left<\/Message>/)
})

t.test('OpenStack’s services say which quota it is, each in its way', async t => {
  const server = await start(t, 'openstack')
  const client = await Client.open(server.url)
  await control(server, 'PUT', 'limits', { quotas: { storage_volumes: 0, networks: 0, keys: 0, addresses: 0 } })
  const volume = await client.volume('/volumes', 'POST', { body: { volume: { size: 1 } } })
  t.match(volume, {
    status: 413,
    body: {
      overLimit: {
        code: 413,
        message: "VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes'.",
        retryAfter: '0',
      },
    },
  })
  t.equal(volume.headers.get('retry-after'), '0', 'waiting doesn’t help')
  t.match(await client.ask('/network/v2.0/networks', 'POST', { body: { network: { name: 'n' } } }), {
    status: 409,
    body: { NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['network']." } },
  })
  t.match(await client.ask('/compute/v2.1/os-keypairs', 'POST', { body: { keypair: { name: 'k' } } }), {
    status: 403,
    body: { forbidden: { message: 'Quota exceeded, too many key pairs.' } },
  })
})
