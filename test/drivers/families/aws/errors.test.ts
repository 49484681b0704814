/** What the services' errors are in the words of the API. */

import t from 'tap'
import { errorOf, isThrottlingCode } from '../../../../src/drivers/families/aws/errors.ts'
import { CloudError } from '../../../../src/model/errors.ts'

const kindOf = (name: string, status: number, message = 'said'): string => {
  const error = Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode: status } })
  const mapped = errorOf('EC2', error, 0)
  return mapped instanceof CloudError ? mapped.kind : 'none'
}

t.test('codes are errors of the API', t => {
  const table: readonly [code: string, status: number, kind: string][] = [
    ['AuthFailure', 401, 'unauthenticated'],
    ['InvalidAccessKeyId', 403, 'unauthenticated'],
    ['SignatureDoesNotMatch', 403, 'unauthenticated'],
    ['ExpiredTokenException', 400, 'unauthenticated'],
    ['UnauthorizedOperation', 403, 'forbidden'],
    ['InstanceLimitExceeded', 400, 'over-quota'],
    ['InvalidInstanceID.NotFound', 400, 'not-found'],
    ['InvalidInstanceID.Malformed', 400, 'not-found'],
    ['InvalidKeyPair.Duplicate', 400, 'conflict'],
    ['DuplicateAccessPointNameException', 400, 'conflict'],
    ['IncorrectInstanceState', 400, 'conflict'],
    ['VolumeInUse', 400, 'conflict'],
    ['NoSuchBucket', 404, 'not-found'],
    ['MissingParameter', 400, 'bad-request'],
    ['InvalidParameterValue', 400, 'bad-request'],
    ['RequestLimitExceeded', 503, 'throttled'],
    ['SlowDown', 503, 'throttled'],
    ['EC2ThrottledException', 400, 'throttled'],
    ['TooManyRequestsException', 429, 'throttled'],
    ['Unavailable', 503, 'provider-unavailable'],
    ['ServiceUnavailable', 503, 'provider-unavailable'],
    ['Throttling', 400, 'throttled'],
    ['UnsupportedOperation', 400, 'not-supported'],
    ['NotImplemented', 501, 'not-supported'],
    ['InternalError', 500, 'provider-error'],
    ['UnheardOf', 400, 'provider-error'],
    ['UnheardOf', 504, 'provider-timeout'],
  ]
  for (const [code, status, kind] of table) t.equal(kindOf(code, status), kind, `${code} ${status}`)
  t.equal(kindOf('InvalidParameterValue', 400, 'Invalid availability zone: [x]'), 'not-found')
  t.end()
})

t.test('codes that no pattern of names would tell are errors of the API', t => {
  const table: readonly [code: string, status: number, kind: string][] = [
    ['InvalidSecurity.RequestHasExpired', 400, 'unauthenticated'],
    ['AuthorizationHeaderMalformed', 400, 'unauthenticated'],
    ['TokenRefreshRequired', 400, 'unauthenticated'],
    ['NotAuthorized', 400, 'forbidden'],
    ['SnapshotCreationPerVolumeRateExceeded', 400, 'throttled'],
    ['DependencyThrottleException', 400, 'throttled'],
    ['InsufficientFreeAddressesInSubnet', 400, 'over-quota'],
    ['InsufficientVolumeCapacity', 500, 'provider-unavailable'],
    ['CannotDelete', 400, 'not-permitted'],
    ['InvalidObjectState', 403, 'not-permitted'],
    ['InvalidVolumeID.Malformed', 400, 'not-found'],
    ['InvalidSnapshotID.Malformed', 400, 'not-found'],
    ['InvalidNetworkInterfaceId.Malformed', 400, 'not-found'],
    ['InvalidGroupId.Malformed', 400, 'not-found'],
    ['InvalidPermission.Malformed', 400, 'bad-request'],
    ['InvalidAMIName.Malformed', 400, 'bad-request'],
    ['VolumeTypeNotAvailableInZone', 400, 'bad-request'],
    ['UnsupportedProtocolException', 400, 'bad-request'],
  ]
  for (const [code, status, kind] of table) t.equal(kindOf(code, status), kind, `${code} ${status}`)
  t.end()
})

t.test('an answer that is none of the service is told by its status', t => {
  const unreadable = (status: number, more: object = { $response: { statusCode: status, headers: {} } }): string => {
    const mapped = errorOf('EC2', Object.assign(new SyntaxError('unexpected <'), { $metadata: { httpStatusCode: status }, ...more }), 0)
    return mapped instanceof CloudError ? mapped.kind : 'none'
  }
  t.same(
    [200, 403, 404, 429, 502, 503, 504].map(status => unreadable(status)),
    ['provider-error', 'forbidden', 'provider-error', 'throttled', 'provider-error', 'provider-unavailable', 'provider-timeout'],
  )
  // The client of S3 says 503 of its own where a copy is answered with 200 and nothing.
  t.equal(unreadable(503, {}), 'provider-error')
  t.end()
})

t.test('the wait that an answer asks for is kept, and so is what is used up', t => {
  const exception = (name: string, headers: Record<string, string> = {}): Error =>
    Object.assign(new Error('said'), { name, $fault: 'client', $metadata: { httpStatusCode: 503 }, $response: { headers } })
  t.match(errorOf('S3', exception('SlowDown', { 'retry-after': '9' }), 0), { kind: 'throttled', retryAfter: 9 })
  t.match(errorOf('S3', exception('SlowDown'), 0), { kind: 'throttled', retryAfter: undefined })
  const limit = Object.assign(new Error('said'), { name: 'VpcLimitExceeded', $fault: 'client', $metadata: { httpStatusCode: 400 } })
  t.match(errorOf('EC2', limit, 0), { kind: 'over-quota', exhausted: { resource: 'networks' } })
  t.end()
})

t.test('a code says to slow down, as each service writes it', t => {
  t.same(['Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'SlowDown', 'InvalidParameterValue'].map(isThrottlingCode), [
    true,
    true,
    true,
    true,
    false,
  ])
  t.end()
})
