/** What refusals of the OpenStack services become, by examples of each service, and by any answer at all. */

import fc from 'fast-check'
import t from 'tap'
import { errorOf } from '../../../../src/drivers/families/openstack/errors.ts'
import type { ErrorKind } from '../../../../src/model/errors.ts'

const json = (name: string, message: string, more: object = {}): string => JSON.stringify({ [name]: { message, ...more } })

const cases: readonly (readonly [says: string, status: number, text: string, kind: ErrorKind, headers?: Record<string, string>])[] = [
  ['Nova’s quota', 403, json('forbidden', 'Quota exceeded for instances: Requested 1, but already used 10 of 10'), 'over-quota'],
  [
    'a limit that Keystone keeps',
    403,
    json('forbidden', 'Project d2b2 is over a limit for [Resource servers is over limit of 2 due to current usage 2 and delta 1]'),
    'over-quota',
  ],
  ['Nova’s policy', 403, json('forbidden', 'Policy doesn’t allow it'), 'forbidden'],
  ['Nova’s quota of 2012', 413, json('overLimit', 'Quota exceeded: code=InstanceLimitExceeded'), 'over-quota'],
  [
    'Cinder’s quota',
    413,
    json('overLimit', 'VolumeSizeExceedsAvailableQuota: Requested volume exceeds allowed quota'),
    'over-quota',
    { 'Retry-After': '0' },
  ],
  ['a rate limit of 2012', 413, json('overLimit', 'This request was rate-limited.'), 'throttled', { 'Retry-After': '30' }],
  ['a quota of which only the wait of 0 tells', 413, json('overLimit', 'No'), 'over-quota', { 'Retry-After': '0' }],
  ['Cinder’s rate limit', 413, json('overLimitFault', 'This request was rate-limited.'), 'throttled', { 'Retry-After': '3' }],
  ['Swift’s rate limit', 498, 'Slow down', 'throttled'],
  ['a rate limit', 429, '', 'throttled', { 'Retry-After': '2' }],
  ['Neutron’s quota', 409, json('NeutronError', 'Quota exceeded', { type: 'OverQuota' }), 'over-quota'],
  ['Neutron’s conflict', 409, json('NeutronError', 'In use', { type: 'NetworkInUse' }), 'conflict'],
  ['Glance’s page', 404, '<html><head><title>404</title></head><body>No image</body></html>', 'not-found'],
  ['Swift’s page', 409, '<html><h1>Conflict</h1><p>There was a conflict.</p></html>', 'conflict'],
  ['an answer to HEAD', 404, '', 'not-found'],
  ['Keystone', 401, json('error', 'The request you have made requires authentication.'), 'unauthenticated'],
  ['a bad request', 400, json('badRequest', 'Invalid imageRef provided.'), 'bad-request'],
  ['a bad request that says nothing', 400, '{"servers": []}', 'provider-error'],
  ['a broken service', 500, json('computeFault', 'The server has either erred'), 'provider-error'],
  ['a proxy', 502, '<html>Bad Gateway</html>', 'provider-error'],
  ['a busy service', 503, '', 'provider-unavailable'],
  ['a slow one', 504, '', 'provider-timeout'],
  ['a full one', 507, '', 'storage-full'],
]

t.test('each refusal is what it means', async t => {
  for (const [says, status, text, kind, headers = {}] of cases)
    t.equal(errorOf('GET compute/x', { status, headers: Object.entries(headers) }, text, 0).kind, kind, says)
})

t.test('Swift says in plain words that an account is full, or a name too long', async t => {
  const kindOf = (call: string, status: number, text: string): ErrorKind => errorOf(call, { status, headers: [] }, text, 0).kind
  t.equal(kindOf('PUT objects/c/o', 413, 'Upload exceeds quota.'), 'over-quota')
  t.equal(kindOf('PUT objects/c', 400, 'Container name length of 300 longer than 256'), 'bad-request')
  t.equal(kindOf('PUT objects/c/o', 400, 'Object name length of 2000 longer than 1024'), 'bad-request')
  t.equal(kindOf('PUT objects/c', 400, 'Something is wrong'), 'provider-error')
  t.equal(kindOf('POST compute/servers', 413, 'Upload exceeds quota.'), 'provider-error')
})

t.test('a page is a fault of Swift and Glance, and of any other service no answer', async t => {
  const page = '<html><head><title>No</title></head><body>No</body></html>'
  const kindOf = (call: string, status: number): ErrorKind => errorOf(call, { status, headers: [] }, page, 0).kind
  for (const call of ['PUT objects/c/o', 'GET objects', 'POST image/images']) {
    t.equal(kindOf(call, 413), 'bad-request', call)
    t.equal(kindOf(call, 400), 'bad-request', call)
    t.equal(kindOf(call, 404), 'not-found', call)
  }
  for (const call of ['POST compute/servers', 'POST network/ports', 'PUT volume/volumes', 'POST /v3/auth/tokens'])
    for (const status of [400, 404, 409, 413, 422]) t.equal(kindOf(call, status), 'provider-error', `${call} ${status}`)
  t.equal(kindOf('GET compute/servers/x', 404), 'not-found')
  t.equal(kindOf('DELETE compute/servers/x', 409), 'conflict')
  t.equal(kindOf('POST compute/servers', 403), 'forbidden')
})

t.test('a wait that is asked for is told on', async t => {
  const { retryAfter } = errorOf('GET compute/x', { status: 429, headers: [['Retry-After', '7']] }, '', 0)
  t.equal(retryAfter, 7)
})

t.test('a wait may stand in the fault itself', async t => {
  const text = json('overLimit', 'This request was rate-limited.', { retryAfter: '4' })
  t.match(errorOf('GET compute/x', { status: 429, headers: [] }, text, 0), { kind: 'throttled', retryAfter: 4 })
})

t.test('what is used up is read from the words of each service', async t => {
  const texts: readonly (readonly [status: number, text: string, exhausted: object | undefined])[] = [
    [
      403,
      json('forbidden', 'Quota exceeded for instances: Requested 1, but already used 10 of 10 instances'),
      { resource: 'instances', limit: 10, used: 10 },
    ],
    [403, json('forbidden', 'Quota exceeded for cores: Requested 4, but already used 18 of 20 cores'), { resource: 'instances' }],
    [403, json('forbidden', 'Quota exceeded, too many key pairs.'), { resource: 'keys' }],
    [
      413,
      json('overLimit', "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'."),
      { resource: 'storage_volumes', limit: 10 },
    ],
    [
      413,
      json(
        'overLimit',
        'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 5G, quota is 10G and 8G has been consumed.',
      ),
      { resource: 'volume_gigabytes', limit: 10, used: 8 },
    ],
    [409, json('NeutronError', "Quota exceeded for resources: ['floatingip'].", { type: 'OverQuota' }), { resource: 'addresses' }],
    [
      403,
      JSON.stringify({ faultcode: 'Client', faultstring: 'Quota has been met for resources: Load Balancer' }),
      { resource: 'load_balancers' },
    ],
    [
      403,
      json('forbidden', 'Project d2b2 is over a limit for [Resource servers is over limit of 2 due to current usage 2 and delta 1]'),
      { resource: 'instances', limit: 2, used: 2 },
    ],
    [403, json('forbidden', 'Quota exceeded for unicorns: Requested 1, but already used 1 of 1'), undefined],
  ]
  for (const [status, text, exhausted] of texts) {
    const error = errorOf('POST x', { status, headers: [] }, text, 0)
    t.same([error.kind, error.exhausted], ['over-quota', exhausted], text)
  }
})

t.test('any answer is an error of the model, with a message', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, text) => {
      const { message, kind } = errorOf('GET compute/x', { status, headers: [] }, text, 0)
      return message !== '' && (status < 500 || kind.startsWith('provider-') || kind === 'not-supported' || kind === 'storage-full')
    }),
  )
})
