/** The closed set of errors. */

import t from 'tap'
import * as errors from '../../src/model/errors.ts'

t.test('each word makes an error of its kind, with the message that a person reads', async t => {
  const made: readonly [errors.CloudError, string, string][] = [
    [errors.badRequest('No such image'), 'bad-request', 'No such image'],
    [errors.unauthenticated(), 'unauthenticated', 'Unauthorized'],
    [errors.unauthenticated('The token has expired'), 'unauthenticated', 'The token has expired'],
    [errors.forbidden('Not yours'), 'forbidden', 'Not yours'],
    [errors.overQuota('Ten are enough'), 'over-quota', 'Ten are enough'],
    [errors.throttled('Slow down'), 'throttled', 'Slow down'],
    [errors.notFound(), 'not-found', 'Not Found'],
    [errors.notPermitted(), 'not-permitted', 'Method Not Allowed'],
    [errors.conflict('In use'), 'conflict', 'In use'],
    [errors.notSupported('Not here'), 'not-supported', 'Not here'],
  ]
  for (const [error, kind, message] of made) {
    t.ok(error instanceof errors.CloudError && error instanceof Error, kind)
    t.match(error, { kind, message, name: 'CloudError', retryAfter: undefined })
    t.notOk(Object.hasOwn(error, 'cause'), 'a cause only where there is one')
  }
})

t.test('an error keeps what caused it and when to come back', async t => {
  const cause = new Error('ECONNREFUSED')
  const error = new errors.CloudError('provider-unavailable', 'Gone', { cause, retryAfter: 30 })
  t.equal(error.cause, cause)
  t.equal(error.retryAfter, 30)
})

t.test('an error of limits says what is used up, or how long to wait', async t => {
  const exhausted = { resource: 'instances', limit: 10, used: 10 }
  t.same(errors.overQuota('Ten are enough', exhausted).exhausted, exhausted)
  t.equal(errors.overQuota('Ten are enough').exhausted, undefined)
  t.equal(errors.throttled('Slow down', 3).retryAfter, 3)
})
