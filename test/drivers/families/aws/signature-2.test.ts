/** Version 2 of signatures, held against the example that Amazon published, and against our own frontend, which shares no code with it. */

import fc from 'fast-check'
import t from 'tap'
import { canonicalOf, signatureOf, signedBy2 } from '../../../../src/drivers/families/aws/signature-2.ts'
import { wireRequest } from '../../../../src/drivers/wire.ts'
import { querySignature } from '../../../../src/server/frontends/aws/index.ts'

const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const keyId = 'AKIAIOSFODNN7EXAMPLE'
const now = Date.parse('2013-05-24T00:00:00Z')

const request = (body: string, more: object = {}) => ({
  method: 'POST',
  protocol: 'http:',
  hostname: 'Cloud.Example.com',
  port: 8773,
  path: '/services/Eucalyptus',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body,
  ...more,
})

const sign = (body: string, more: object = {}) => signedBy2(request(body, more), { keyId, secret, version: '2010-08-31', now })

/** Whether our frontend takes what was sent for what this secret signs. */
const isTaken = ({ method, path, headers, body }: ReturnType<typeof sign>, by: string): boolean | undefined => {
  const parameters = [...new URLSearchParams(String(body))]
  const received = wireRequest({ method, target: path === '' ? '/' : path, headers: Object.entries(headers) })
  return querySignature(received, { service: 'ec2', now, body: new Uint8Array(), parameters })?.claim.verify({ user: keyId, password: by })
}

t.test('Amazon’s example is signed as Amazon signs it', t => {
  // The example of "Signature Version 2 signing process" in the AWS General Reference.
  const canonical = canonicalOf([
    ['Action', 'DescribeJobFlows'],
    ['Version', '2009-03-31'],
    ['AWSAccessKeyId', keyId],
    ['SignatureVersion', '2'],
    ['SignatureMethod', 'HmacSHA256'],
    ['Timestamp', '2011-10-03T15:19:30'],
  ])
  const asked = { method: 'GET', host: 'elasticmapreduce.amazonaws.com', path: '', canonical }
  t.equal(signatureOf(asked, secret), 'i91nKc4PWAt0JJIdXwz9HxZCJDdiy6cf/Mj6vPxyYIs=')
  t.end()
})

t.test('parameters are in the order of their names, whatever their values', t => {
  const names = ['InstanceId.10', 'InstanceId.2', 'InstanceId.1', 'InstanceId']
  t.equal(canonicalOf(names.map(name => [name, 'i'])), 'InstanceId=i&InstanceId.1=i&InstanceId.10=i&InstanceId.2=i')
  t.equal(canonicalOf([['a', "it's (a) *~ é/+"]]), 'a=it%27s%20%28a%29%20%2A~%20%C3%A9%2F%2B')
  t.end()
})

t.test('a request is signed with its version, its time and its host, and nothing of the secret', t => {
  const { body, headers } = sign('Action=DescribeInstances&Version=2016-11-15')
  const sent = new URLSearchParams(String(body))
  t.match(Object.fromEntries(sent), {
    Action: 'DescribeInstances',
    Version: '2010-08-31',
    AWSAccessKeyId: keyId,
    SignatureVersion: '2',
    SignatureMethod: 'HmacSHA256',
    Timestamp: '2013-05-24T00:00:00.000Z',
  })
  t.match(headers, { host: 'cloud.example.com:8773', 'content-length': String(Buffer.byteLength(String(body))) })
  t.notMatch(JSON.stringify([body, headers]), /wJalr/)
  t.end()
})

t.test('whatever is asked, the one secret signs it and no other', t => {
  const name = fc.stringMatching(/^[A-Z][A-Za-z]{0,8}(\.\d{1,2})?$/).filter(one => !/^(?:Signature|Timestamp|Expires|Version)/.test(one))
  const parameters = fc.dictionary(name, fc.string({ unit: 'grapheme' }), { maxKeys: 15, noNullPrototype: true })
  fc.assert(
    fc.property(parameters, fc.constantFrom('', '/', '/services/Eucalyptus'), (given, path) => {
      const signed = sign(String(new URLSearchParams({ ...given, Action: 'DescribeInstances' })), { path })
      return isTaken(signed, secret) === true && isTaken(signed, `${secret}x`) === false
    }),
  )
  t.end()
})
