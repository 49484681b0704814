/** What refusals of the OpenStack services become, by examples of each service, and by any answer at all. */

import fc from 'fast-check'
import t from 'tap'
import { errorOf } from '../../../../src/drivers/families/openstack/errors.ts'
import type { ErrorKind } from '../../../../src/model/errors.ts'

const json = (name: string, message: string, more: object = {}): string => JSON.stringify({ [name]: { message, ...more } })

const cases: readonly (readonly [says: string, status: number, text: string, kind: ErrorKind, headers?: Record<string, string>])[] = [
  ['Nova’s quota', 403, json('forbidden', 'Quota exceeded for instances: Requested 1, but already used 10 of 10'), 'over-quota'],
  ['Nova’s policy', 403, json('forbidden', 'Policy doesn’t allow it'), 'forbidden'],
  ['Nova’s quota of 2012', 413, json('overLimit', 'Quota exceeded: code=InstanceLimitExceeded'), 'over-quota'],
  [
    'Cinder’s quota',
    413,
    json('overLimit', 'VolumeSizeExceedsAvailableQuota: Requested volume exceeds allowed quota'),
    'over-quota',
    { 'Retry-After': '0' },
  ],
  ['a rate limit of 2012', 413, json('overLimit', 'This request was rate-limited.'), 'provider-unavailable', { 'Retry-After': '30' }],
  ['a rate limit', 429, '', 'provider-unavailable', { 'Retry-After': '2' }],
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

t.test('a wait that is asked for is told on', async t => {
  const { retryAfter } = errorOf('GET compute/x', { status: 429, headers: [['Retry-After', '7']] }, '', 0)
  t.equal(retryAfter, 7)
})

t.test('any answer is an error of the model, with a message', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, text) => {
      const { message, kind } = errorOf('GET compute/x', { status, headers: [] }, text, 0)
      return message !== '' && (status < 500 || kind.startsWith('provider-') || kind === 'not-supported')
    }),
  )
})
