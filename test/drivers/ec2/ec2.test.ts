/** The driver before an EC2 whose answers are written down: what is asked and how often, pages, and what becomes of refusals. */

import t from 'tap'
import type { Context } from '../../../src/drivers/context.ts'
import { bind, type Cloud } from '../../../src/drivers/driver.ts'
import { ec2 } from '../../../src/drivers/ec2/index.ts'
import { createSessionCache } from '../../../src/drivers/sessions.ts'
import { readBody, type WireResponse } from '../../../src/drivers/wire.ts'
import { CloudError } from '../../../src/model/errors.ts'

const credentials = { user: 'AKIDEXAMPLE', password: 'secret-of-ada' }

interface Asked {
  readonly host: string
  /** The Action, or method and path. */
  readonly call: string
  readonly parameters: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

type Answer = (asked: Asked, times: number) => WireResponse | string

interface Service {
  readonly api: Cloud
  readonly asked: Asked[]
  readonly waits: number[]
}

const xml = (status: number, body: string): WireResponse => ({ status, headers: [['Content-Type', 'text/xml']], body })

const refused = (status: number, code: string): WireResponse =>
  xml(
    status,
    `<Response><Errors><Error><Code>${code}</Code><Message>said</Message></Error></Errors><RequestID>req-1</RequestID></Response>`,
  )

/** @param answers by what is asked; they are told how often it was before */
const opened = async (
  answers: Readonly<Record<string, Answer>>,
  as = credentials,
  at = 'us-east-1',
  deadline = 60_000,
): Promise<Service> => {
  const asked: Asked[] = []
  const waits: number[] = []
  const silent = () => undefined
  const context: Context = {
    signal: new AbortController().signal,
    deadline: Date.now() + deadline,
    transport: {
      async send(request) {
        const { host, pathname, searchParams } = new URL(request.target)
        const form = new URLSearchParams(String(await readBody(request.body)))
        const call = form.get('Action') ?? `${request.method} ${pathname}`
        const one = { host, call, parameters: Object.fromEntries([...searchParams, ...form]), headers: Object.fromEntries(request.headers) }
        const times = asked.filter(before => before.call === call).length
        asked.push(one)
        const answer = answers[call]?.(one, times) ?? refused(400, 'InvalidAction')
        return typeof answer === 'string' ? xml(200, answer) : answer
      },
    },
    now: () => Date.parse('2026-01-01T00:00:00Z'),
    sleep: async milliseconds => {
      waits.push(milliseconds)
    },
    random: () => 0.5,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    sessions: createSessionCache({ limit: 10, now: Date.now }),
    wire: {},
    world: 'default',
  }
  const session = await ec2.connect({ credentials: as, provider: at, context })
  const offer = ec2.offer(at)
  if (offer === undefined) throw new Error('There is no such provider')
  return { api: bind(offer.operations as Parameters<typeof bind>[0], session), asked, waits }
}

const refusal = async (asking: Promise<unknown> | undefined): Promise<CloudError> => {
  try {
    await asking
  } catch (error) {
    if (error instanceof CloudError) return error
    throw error
  }
  throw new Error('It was not refused')
}

const zones = `<DescribeAvailabilityZonesResponse><availabilityZoneInfo>
  <item><zoneName>us-east-1a</zoneName><zoneState>available</zoneState></item>
</availabilityZoneInfo></DescribeAvailabilityZonesResponse>`
const keys = '<DescribeKeyPairsResponse><keySet><item><keyName>k</keyName></item></keySet></DescribeKeyPairsResponse>'

const instances = (ids: readonly string[], next = ''): string => `<DescribeInstancesResponse><reservationSet><item><instancesSet>
  ${ids.map(id => `<item><instanceId>${id}</instanceId><instanceState><name>running</name></instanceState></item>`).join('')}
</instancesSet></item></reservationSet>${next === '' ? '' : `<nextToken>${next}</nextToken>`}</DescribeInstancesResponse>`

t.test('what the service was too busy for is asked again, at most three times in all', async t => {
  const twice = await opened({ DescribeKeyPairs: (_, times) => (times < 2 ? refused(400, 'Throttling') : keys) })
  t.match(await twice.api.keys?.list({}), [{ id: 'k' }])
  t.equal(twice.asked.length, 3)
  t.equal(twice.waits.length, 2)
  t.ok((twice.waits[1] ?? 0) > (twice.waits[0] ?? 0), 'it waits longer the second time')
  const always = await opened({ DescribeKeyPairs: () => refused(400, 'Throttling') })
  t.equal((await refusal(always.api.keys?.list({}))).kind, 'provider-unavailable')
  t.equal(always.asked.length, 3)
})

t.test('nothing is asked again that would come too late, or was refused for good', async t => {
  const late = await opened({ DescribeKeyPairs: () => refused(400, 'Throttling') }, credentials, 'us-east-1', 0)
  t.equal((await refusal(late.api.keys?.list({}))).kind, 'provider-unavailable')
  t.equal(late.asked.length, 1)
  const refusals: readonly [status: number, code: string, kind: string][] = [
    [403, 'UnauthorizedOperation', 'forbidden'],
    [400, 'InsufficientInstanceCapacity', 'provider-unavailable'],
    [500, 'InternalError', 'provider-error'],
    [507, 'InsufficientCapacity', 'storage-full'],
  ]
  for (const [status, code, kind] of refusals.filter(([, code]) => code !== 'InsufficientInstanceCapacity')) {
    const { api, asked } = await opened({ DescribeKeyPairs: () => refused(status, code) })
    t.equal((await refusal(api.keys?.list({}))).kind, kind, code)
    t.equal(asked.length, 1, code)
  }
})

t.test('lists are read page by page to the end', async t => {
  const pages: Readonly<Record<string, readonly string[]>> = { '': ['i-1', 'i-2'], a: ['i-3'], b: [] }
  const next: Readonly<Record<string, string>> = { '': 'a', a: 'b' }
  const { api, asked } = await opened({
    DescribeInstances: ({ parameters: { NextToken: token = '' } }) => instances(pages[token] ?? [], next[token]),
  })
  t.same(
    (await api.instances?.list({}))?.map(({ id }) => id),
    ['i-1', 'i-2', 'i-3'],
  )
  t.equal(asked.length, 3)
})

t.test('a service that gives a token twice isn’t asked for ever', async t => {
  const { api, asked } = await opened({ DescribeInstances: () => instances(['i-1'], 'again') })
  t.equal((await api.instances?.list({}))?.length, 2)
  t.equal(asked.length, 2)
})

t.test('load balancers and keys of buckets have markers for pages', async t => {
  const balancers = (name: string, marker: string) => `<DescribeLoadBalancersResponse><DescribeLoadBalancersResult>
    <LoadBalancerDescriptions><member><LoadBalancerName>${name}</LoadBalancerName></member></LoadBalancerDescriptions>
    ${marker}</DescribeLoadBalancersResult></DescribeLoadBalancersResponse>`
  const blobs = (key: string, isTruncated: boolean) =>
    `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated><Contents><Key>${key}</Key></Contents></ListBucketResult>`
  const { api, asked } = await opened({
    DescribeLoadBalancers: ({ parameters: { Marker: marker } }) =>
      marker === undefined ? balancers('one', '<NextMarker>m</NextMarker>') : balancers('two', ''),
    'GET /': ({ parameters: { marker } }) => blobs(marker === undefined ? 'a' : 'b', marker === undefined),
  })
  t.same(
    (await api.load_balancers?.list({}))?.map(({ id }) => id),
    ['one', 'two'],
  )
  t.match(await api.buckets?.get?.('backups'), { size: 2, blobs: ['a', 'b'] })
  t.same(
    asked.map(({ parameters: { Marker, marker } }) => Marker ?? marker),
    [undefined, 'm', undefined, 'a'],
  )
})

t.test('each service is asked where its region has it', async t => {
  const { api, asked } = await opened({ DescribeAvailabilityZones: () => zones }, credentials, 'eu-west-1')
  await refusal(api.load_balancers?.list({}))
  await refusal(api.metrics?.list({}))
  await refusal(api.buckets?.list({}))
  await refusal(api.images?.list({}))
  t.same(
    asked.map(({ host }) => host),
    [
      'elasticloadbalancing.eu-west-1.amazonaws.com',
      'monitoring.eu-west-1.amazonaws.com',
      's3.eu-west-1.amazonaws.com',
      'ec2.eu-west-1.amazonaws.com',
    ],
  )
})

t.test('a password may have a session token after it, and no secret is in a refusal', async t => {
  const { api, asked } = await opened(
    { DescribeKeyPairs: () => refused(401, 'AuthFailure') },
    { user: 'AKIDEXAMPLE', password: 'secret-of-ada;token-of-ada' },
  )
  const error = await refusal(api.keys?.list({}))
  t.equal(error.kind, 'unauthenticated')
  t.equal(asked[0]?.headers['x-amz-security-token'], 'token-of-ada')
  t.match(asked[0]?.headers.authorization, /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//)
  t.notMatch(JSON.stringify([error.message, error.details, asked[0]?.parameters]), /of-ada/)
})

t.test('without credentials nobody is asked', async t => {
  t.equal((await refusal(opened({}, { user: '', password: '' }))).kind, 'unauthenticated')
  t.equal(ec2.offer('nowhere'), undefined)
})

t.test('who isn’t there is no one, and what a request names in vain is its own mistake', async t => {
  const { api } = await opened({
    DescribeInstances: () => refused(400, 'InvalidInstanceID.NotFound'),
    RunInstances: () => refused(400, 'InvalidAMIID.NotFound'),
    StopInstances: () => refused(400, 'InvalidInstanceID.NotFound'),
  })
  t.equal(await api.instances?.get?.('i-1'), undefined)
  t.same(await api.instances?.list({ id: 'i-1' }), [])
  t.equal((await refusal(api.instances?.create?.({ imageId: 'ami-1' }))).kind, 'bad-request')
  t.equal((await refusal(api.instances?.stop?.('i-1'))).kind, 'not-found')
})

t.test('an answer of another instance is none of the one that was asked for', async t => {
  const { api } = await opened({ DescribeInstances: () => instances(['i-2']) })
  t.equal(await api.instances?.get?.('i-1'), undefined)
})

t.test('a list of S3 that misses a name is refused, and no shorter one', async t => {
  const { api } = await opened({
    'GET /': ({ host }) =>
      host.startsWith('backups.')
        ? '<ListBucketResult><Contents><Size>1</Size></Contents><Contents><Key>b</Key></Contents></ListBucketResult>'
        : '<ListAllMyBucketsResult><Buckets><Bucket/><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>',
  })
  t.match(await refusal(api.buckets?.list({})), { kind: 'provider-error', message: /Name/ })
  t.match(await refusal(api.buckets?.get?.('backups')), { kind: 'provider-error', message: /Key/ })
})
