/** The driver before an EC2 whose answers are written down: what is asked and how often, pages, and what becomes of refusals. */

import t from 'tap'
import type { Context, Transport } from '../../../src/drivers/context.ts'
import { bind, type Cloud } from '../../../src/drivers/driver.ts'
import { ec2 } from '../../../src/drivers/ec2/index.ts'
import { createSessionCache } from '../../../src/drivers/sessions.ts'
import { retrying } from '../../../src/drivers/transport.ts'
import { readBody, type WireResponse } from '../../../src/drivers/wire.ts'
import { CloudError } from '../../../src/model/errors.ts'

const credentials = { user: 'AKIDEXAMPLE', password: 'secret-of-ada' }

interface Asked {
  readonly host: string
  /** The Action, or method and path. */
  readonly call: string
  readonly parameters: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly idempotent: boolean | undefined
}

type Answer = (asked: Asked, times: number) => WireResponse | string

interface Service {
  readonly api: Cloud
  readonly asked: Asked[]
  readonly waits: number[]
  readonly warnings: string[]
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
  const warnings: string[] = []
  const silent = () => undefined
  const service: Transport = {
    async send(request, { idempotent }) {
      const { host, pathname, searchParams } = new URL(request.target)
      const form = new URLSearchParams(String(await readBody(request.body)))
      const call = form.get('Action') ?? `${request.method} ${pathname}`
      const one = {
        host,
        call,
        parameters: Object.fromEntries([...searchParams, ...form]),
        headers: Object.fromEntries(request.headers),
        idempotent,
      }
      const times = asked.filter(before => before.call === call).length
      asked.push(one)
      const answer = answers[call]?.(one, times) ?? refused(400, 'InvalidAction')
      return typeof answer === 'string' ? xml(200, answer) : answer
    },
  }
  const time = {
    deadline: Date.now() + deadline,
    now: () => Date.parse('2026-01-01T00:00:00Z'),
    sleep: async (milliseconds: number) => {
      waits.push(milliseconds)
    },
    random: () => 0.5,
  }
  const context: Context = {
    ...time,
    signal: new AbortController().signal,
    transport: retrying(service, time),
    log: { debug: silent, info: silent, warn: (_, message) => warnings.push(message), error: silent },
    sessions: createSessionCache({ limit: 10, now: Date.now }),
    wire: {},
    world: 'default',
  }
  const session = await ec2.connect({ credentials: as, provider: at, context })
  const offer = ec2.offer(at)
  if (offer === undefined) throw new Error('There is no such provider')
  return { api: bind(offer.operations as Parameters<typeof bind>[0], session), asked, waits, warnings }
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
  t.equal((await refusal(always.api.keys?.list({}))).kind, 'throttled')
  t.equal(always.asked.length, 3)
})

t.test('what changes something is sent again only where the service was too busy for it', async t => {
  const asked = async (code: string) => {
    const service = await opened({ StopInstances: () => refused(503, code) })
    const { kind } = await refusal(service.api.instances?.stop?.('i-1'))
    return { kind, times: service.asked.filter(({ call }) => call === 'StopInstances').length }
  }
  t.same(await asked('RequestLimitExceeded'), { kind: 'throttled', times: 3 })
  t.same(await asked('Unavailable'), { kind: 'provider-unavailable', times: 1 })
})

t.test('nothing is asked again that would come too late, or was refused for good', async t => {
  const late = await opened({ DescribeKeyPairs: () => refused(400, 'Throttling') }, credentials, 'us-east-1', 0)
  t.equal((await refusal(late.api.keys?.list({}))).kind, 'throttled')
  t.equal(late.asked.length, 1)
  const refusals: readonly [status: number, code: string, kind: string][] = [
    [403, 'UnauthorizedOperation', 'forbidden'],
    [400, 'InsufficientInstanceCapacity', 'provider-unavailable'],
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

t.test('a list whose next page is the same one again is an error of the provider, whichever service lists', async t => {
  const { api, asked } = await opened({
    DescribeInstances: () => instances(['i-1'], 'again'),
    DescribeLoadBalancers:
      () => `<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancerDescriptions/><NextMarker>again</NextMarker>
        </DescribeLoadBalancersResult></DescribeLoadBalancersResponse>`,
    'GET /': () => '<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a</Key></Contents></ListBucketResult>',
  })
  for (const [call, asking] of [
    ['DescribeInstances', () => api.instances?.list({})],
    ['DescribeLoadBalancers', () => api.load_balancers?.list({})],
    ['ListObjects', () => api.buckets?.get?.('bucket')],
  ] as const) {
    const before = asked.length
    const { kind, message } = await refusal(asking())
    t.equal(kind, 'provider-error', call)
    t.match(message, call)
    t.equal(asked.length - before, 2, call)
  }
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

t.test('images of an owner that can’t be are none; that all images are missing is no list', async t => {
  const { api } = await opened({ DescribeImages: () => refused(400, 'InvalidUserID.Malformed') })
  t.same(await api.images?.list({ ownerId: 'nobody' }), [])
  t.equal((await refusal(api.images?.list({}))).kind, 'not-found')
})

t.test('a later page of images that’s missing is trouble, whoever’s images are asked for', async t => {
  const { api } = await opened({
    DescribeImages: ({ parameters: { NextToken: token } }) =>
      token === undefined
        ? '<DescribeImagesResponse><imagesSet><item><imageId>ami-1</imageId></item></imagesSet><nextToken>a</nextToken></DescribeImagesResponse>'
        : refused(400, 'InvalidUserID.Malformed'),
  })
  t.ok(await refusal(api.images?.list({ ownerId: 'ada' })))
})

t.test('an instance type is found in a later page of a filtered list', async t => {
  const types = (items: string, next: string): string =>
    `<DescribeInstanceTypesResponse><instanceTypeSet>${items}</instanceTypeSet>${next}</DescribeInstanceTypesResponse>`
  const { api, asked } = await opened(
    {
      DescribeInstanceTypes: ({ parameters: { NextToken: token } }) =>
        token === undefined ? types('', '<nextToken>a</nextToken>') : types('<item><instanceType>m5.large</instanceType></item>', ''),
    },
    credentials,
    'ec2=http://ec2.test;region=us-east-1;profiles=live',
  )
  t.equal((await api.hardware_profiles?.get?.('m5.large'))?.id, 'm5.large')
  t.same(
    asked.map(({ parameters }) => parameters['Filter.1.Value.1']),
    ['m5.large', 'm5.large'],
  )
})

t.test('a list of S3 that goes on without saying where is refused', async t => {
  const { api } = await opened({ 'GET /': () => '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>' })
  t.match(await refusal(api.buckets?.get?.('backups')), { kind: 'provider-error', message: /nothing says where/ })
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

const head = (status: number): WireResponse => ({ status, headers: [['Content-Type', 'application/xml']], body: '' })
const s3Error = (status: number, code: string): WireResponse => xml(status, `<Error><Code>${code}</Code><Message>said</Message></Error>`)

t.test('a refused HEAD has no code, so the same GET tells why it was refused', async t => {
  const table: readonly [status: number, code: string, kind: string][] = [
    [403, 'InvalidAccessKeyId', 'unauthenticated'],
    [403, 'SignatureDoesNotMatch', 'unauthenticated'],
    [403, 'AccessDenied', 'forbidden'],
    [400, 'ExpiredToken', 'unauthenticated'],
    [400, 'InvalidRequest', 'bad-request'],
  ]
  for (const [status, code, kind] of table) {
    const { api, asked } = await opened({ 'HEAD /a': () => head(status), 'GET /a': () => s3Error(status, code) })
    t.equal((await refusal(api.blobs?.get('backups', 'a'))).kind, kind, code)
    t.same(
      asked.map(({ call }) => call),
      ['HEAD /a', 'GET /a'],
    )
  }
})

t.test('a HEAD of what isn’t there, or of a service in trouble, isn’t followed by a GET; without any reason its status tells', async t => {
  const missing = await opened({ 'HEAD /a': () => head(404) })
  t.equal(await missing.api.blobs?.get('backups', 'a'), undefined)
  t.equal(missing.asked.length, 1)
  const trouble = await opened({ 'HEAD /a': () => head(503) })
  t.equal((await refusal(trouble.api.blobs?.get('backups', 'a'))).kind, 'provider-unavailable')
  t.ok(trouble.asked.every(({ call }) => call === 'HEAD /a'))
  const given = await opened({ 'HEAD /a': () => head(403), 'GET /a': () => ({ status: 200, headers: [], body: 'content' }) })
  t.equal((await refusal(given.api.blobs?.get('backups', 'a'))).kind, 'forbidden')
})

t.test('what no service answered is trouble, also where the status alone would be a refusal', async t => {
  const page = (status: number): WireResponse => ({
    status,
    headers: [['Content-Type', 'text/html']],
    body: '<html><body>No</body></html>',
  })
  for (const answer of [page, (status: number): WireResponse => ({ status, headers: [['Content-Type', 'text/plain']], body: 'No' })]) {
    for (const status of [400, 404, 409]) {
      const { api } = await opened({ DescribeInstances: () => answer(status), RunInstances: () => answer(status) })
      t.equal((await refusal(api.instances?.get?.('i-1'))).kind, 'provider-error', `${status}`)
      t.equal((await refusal(api.instances?.create?.({ imageId: 'ami-1' }))).kind, 'provider-error', `${status}`)
    }
  }
})

t.test('a name that breaks the rules of its service isn’t sent, and the refusal tells the rule', async t => {
  const { api, asked } = await opened({
    'GET /': () => '<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>',
    DescribeAvailabilityZones: () => zones,
    DescribeLoadBalancers: () => '<DescribeLoadBalancersResponse><DescribeLoadBalancersResult/></DescribeLoadBalancersResponse>',
  })
  const make = {
    buckets: (name: string) => api.buckets?.create?.({ name }),
    keys: (name: string) => api.keys?.create?.({ name }),
    firewalls: (name: string) => api.firewalls?.create?.({ name, description: 'd' }),
    'load balancers': (name: string) =>
      api.load_balancers?.create?.({
        name,
        realmId: 'us-east-1a',
        listener: { protocol: 'HTTP', loadBalancerPort: 80, instancePort: 80 },
      }),
  }
  const wrong: Readonly<Record<keyof typeof make, readonly string[]>> = {
    buckets: [
      '\n',
      '\r\n',
      '#',
      'ab',
      'Backups',
      'a_b',
      '-ab',
      'a..b',
      '10.0.0.1',
      'xn--ab',
      'ab--ol-s3',
      'a'.repeat(64),
      'ab\n',
      'bücher',
    ],
    keys: ['\n', ' k', 'k ', 'ключ', 'a\tb', 'k'.repeat(256), 'k\n'],
    firewalls: ['\n', 'a|b', 'sg-1', ' web', 'web ', 'é', 'w'.repeat(256), 'web\n'],
    'load balancers': ['\n', '-web', 'web-', 'a_b', 'w'.repeat(33), 'web\n'],
  }
  for (const [kind, names] of Object.entries(wrong) as [keyof typeof make, readonly string[]][])
    for (const name of names) {
      const { kind: refused, message } = await refusal(make[kind](name))
      t.equal(refused, 'bad-request', JSON.stringify(name))
      t.match(message, `name of a ${kind.replace(/s$/, '')} has`)
    }
  t.notOk(
    asked.some(({ call }) => /^(?:Create|PUT)/.test(call)),
    'nothing is made',
  )
  const right: Readonly<Record<keyof typeof make, readonly string[]>> = {
    buckets: ['abc', 'a.b-c', '1ab', 'a'.repeat(63)],
    keys: ['k', 'my key', 'key@host', 'k'.repeat(255)],
    firewalls: ['w', 'web servers', 'a._-:/()#,@[]+=&;{}!$*', 'w'.repeat(255)],
    'load balancers': ['w', 'Web-1', 'w'.repeat(32)],
  }
  for (const [kind, names] of Object.entries(right) as [keyof typeof make, readonly string[]][])
    for (const name of names) {
      await refusal(make[kind](name))
      t.match(asked.at(-1)?.call, /^(?:Create|PUT)/, `${kind} ${name}`)
    }
})

t.test('a list leaves out what is named by line breaks alone, with a warning, and tells the others', async t => {
  const blank = '\n'
  const { api, warnings } = await opened({
    'GET /': ({ host }) =>
      host.startsWith('backups.')
        ? `<ListBucketResult><Contents><Key>${blank}</Key></Contents><Contents><Key>b</Key></Contents></ListBucketResult>`
        : `<ListAllMyBucketsResult><Buckets><Bucket><Name>${blank}</Name></Bucket><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>`,
    DescribeKeyPairs: () =>
      `<DescribeKeyPairsResponse><keySet><item><keyName>${blank}</keyName></item><item><keyName>b</keyName></item></keySet></DescribeKeyPairsResponse>`,
    DescribeSecurityGroups: () =>
      `<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupName>${blank}</groupName></item><item><groupName>b</groupName></item></securityGroupInfo></DescribeSecurityGroupsResponse>`,
    DescribeLoadBalancers: () => `<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancerDescriptions>
      <member><LoadBalancerName>${blank}</LoadBalancerName></member><member><LoadBalancerName>b</LoadBalancerName></member>
    </LoadBalancerDescriptions></DescribeLoadBalancersResult></DescribeLoadBalancersResponse>`,
  })
  for (const listing of [api.buckets, api.keys, api.firewalls, api.load_balancers])
    t.same(
      (await listing?.list({}))?.map(({ id }) => id),
      ['b'],
    )
  t.equal(warnings.length, 4)
  t.match(await api.buckets?.get?.('backups'), { size: 1, blobs: ['b'] })
  t.match(await api.blobs?.page?.('backups', { limit: 10 }), { items: [{ id: 'b' }] })
  t.equal(await api.keys?.get?.('\n'), undefined)
})

t.test('a bucket isn’t asked for twice, for the second answer would be that it is there', async t => {
  const { api, asked } = await opened({ 'PUT /': () => xml(200, ''), 'PUT /a': () => xml(200, ''), 'HEAD /a': () => xml(200, '') })
  await api.buckets?.create?.({ name: 'backups' })
  const content = {
    async *[Symbol.asyncIterator]() {
      yield Buffer.from('x')
    },
  }
  await api.blobs?.create?.('backups', 'a', { content, length: 1, metadata: {} })
  t.same(
    asked.map(({ call, idempotent }) => [call, idempotent]),
    [
      ['PUT /', false],
      ['PUT /a', undefined],
      ['HEAD /a', undefined],
    ],
  )
})

t.test('content that breaks off is trouble before it is answered, where it is small', async t => {
  const broken = new CloudError('provider-unavailable', 'The connection broke')
  const content = (length: number, ...pieces: readonly string[]): WireResponse => ({
    status: 200,
    headers: [['Content-Length', String(length)]],
    body: {
      async *[Symbol.asyncIterator]() {
        for (const piece of pieces) yield Buffer.from(piece)
        if (length === 5) throw broken
      },
    },
  })
  for (const [answer, kind] of [
    [content(5), 'provider-unavailable'],
    [content(5, 'abc'), 'provider-unavailable'],
    [content(9, 'abc'), 'provider-error'],
  ] as const) {
    const { api } = await opened({ 'GET /a': () => answer })
    t.equal((await refusal(api.blobs?.read?.('backups', 'a', {}))).kind, kind)
  }
  const { api } = await opened({ 'GET /a': () => content(3, 'ab', 'c') })
  const read = await api.blobs?.read?.('backups', 'a', {})
  t.equal(String(await readBody(read?.content)), 'abc')
})

t.test('who can’t log in is told that, and not what is wrong with a name', async t => {
  const wrong = () => refused(401, 'AuthFailure')
  const { api } = await opened({
    DescribeAvailabilityZones: wrong,
    DescribeLoadBalancers: wrong,
    'GET /': () => s3Error(403, 'SignatureDoesNotMatch'),
  })
  const listener = { protocol: 'HTTP', loadBalancerPort: 80, instancePort: 80 }
  for (const asking of [
    api.buckets?.create?.({ name: 'x' }),
    api.keys?.create?.({ name: ' x' }),
    api.firewalls?.create?.({ name: ' x', description: 'd' }),
    api.load_balancers?.create?.({ name: '-x', realmId: 'us-east-1a', listener }),
  ])
    t.equal((await refusal(asking)).kind, 'unauthenticated')
})
