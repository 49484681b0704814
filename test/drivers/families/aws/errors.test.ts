/** What the services' errors are in the words of the API. */

import t from 'tap'
import { errorOf } from '../../../../src/drivers/families/aws/errors.ts'
import { CloudError } from '../../../../src/model/errors.ts'

const kindOf = (name: string, status: number, message = 'said'): string => {
  const error = Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode: status } })
  const mapped = errorOf('EC2', error)
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
    ['RequestLimitExceeded', 503, 'provider-unavailable'],
    ['Throttling', 400, 'provider-unavailable'],
    ['UnsupportedOperation', 400, 'not-supported'],
    ['InternalError', 500, 'provider-error'],
    ['UnheardOf', 400, 'provider-error'],
    ['UnheardOf', 504, 'provider-timeout'],
  ]
  for (const [code, status, kind] of table) t.equal(kindOf(code, status), kind, `${code} ${status}`)
  t.equal(kindOf('InvalidParameterValue', 400, 'Invalid availability zone: [x]'), 'not-found')
  t.end()
})

t.test('an answer that is none of the service is told by its status', t => {
  const unreadable = (status: number): string => {
    const mapped = errorOf('EC2', Object.assign(new SyntaxError('unexpected <'), { $metadata: { httpStatusCode: status } }))
    return mapped instanceof CloudError ? mapped.kind : 'none'
  }
  t.same([200, 403, 404, 429, 502, 503, 504].map(unreadable), [
    'provider-error',
    'forbidden',
    'provider-error',
    'provider-unavailable',
    'provider-error',
    'provider-unavailable',
    'provider-timeout',
  ])
  t.end()
})
