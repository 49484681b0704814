/** Signature version 2: of queries (EC2 and its sisters), and of S3's requests by header or by query. AWS has retired it; its clients live on. */

import type { Credentials } from '../../../drivers/context.ts'
import type { WireRequest } from '../../../drivers/wire.ts'
import { canonicalHeader, canonicalQuery, hmac, queryPairs, sameSignature, sentTarget } from './canonical.ts'
import { allowedSkew, type Fault, type Signature, type SignatureContext, SignatureError } from './signature.ts'

/** The signature of a query or form; undefined where there is none of this version. @throws SignatureError `malformed`, `expired`, `skewed` */
export const version2OfQuery = (request: WireRequest, context: SignatureContext): Signature | undefined => {
  const { path, query } = sentTarget(request)
  const pairs = context.parameters ?? queryPairs(query)
  const given = new Map(pairs)
  const [keyId, signature, method] = [given.get('AWSAccessKeyId'), given.get('Signature'), given.get('SignatureMethod') ?? 'HmacSHA1']
  if (keyId === undefined || signature === undefined || given.get('SignatureVersion') !== '2') return undefined
  if (method !== 'HmacSHA256' && method !== 'HmacSHA1') throw malformed(`There is no signature method '${method}'`)
  const expires = given.get('Expires')
  if (expires !== undefined && timeOf(expires) < context.now) throw new SignatureError('expired', 'Request has expired')
  const date = expires ?? given.get('Timestamp')
  if (date === undefined || Number.isNaN(timeOf(date))) throw malformed('A signed query has a Timestamp or Expires')
  if (expires === undefined) requireNear(timeOf(date), context.now)
  const signed = canonicalQuery(pairs.filter(([name]) => name !== 'Signature'))
  const host = canonicalHeader(request, 'host').toLowerCase()
  const texts = [host, host.replace(/:\d+$/, '')].map(one => [request.method, one, path === '' ? '/' : path, signed].join('\n'))
  const hash = method === 'HmacSHA256' ? 'sha256' : 'sha1'
  return claimed(keyId, false, ({ password }) =>
    texts.some(text => sameSignature(hmac(password, text, hash).toString('base64'), signature)) ? undefined : 'mismatch',
  )
}

/** The signature of a request to S3; undefined where there is none of this version. @throws SignatureError `malformed`, `expired`, `skewed` */
export const version2OfS3 = (request: WireRequest, context: SignatureContext): Signature | undefined => {
  const header = request.header('authorization')
  const pairs = queryPairs(sentTarget(request).query)
  if (header?.startsWith('AWS ') === true) {
    const [, keyId, signature] = /^AWS (.+):([^:]+)$/.exec(header.trim()) ?? []
    if (keyId === undefined || signature === undefined)
      throw malformed('AWS authorization header is invalid.  Expected AwsAccessKeyId:signature')
    const amzDate = request.header('x-amz-date')
    const date = amzDate ?? request.header('date')
    if (date === undefined || Number.isNaN(Date.parse(date)))
      throw malformed('AWS authentication requires a valid Date or x-amz-date header')
    requireNear(Date.parse(date), context.now)
    return claimed(keyId, false, ({ password }) =>
      isSigned(request, pairs, context, password, amzDate === undefined ? date : '', signature) ? undefined : 'mismatch',
    )
  }
  const given = new Map(pairs)
  const [keyId, expires, signature] = [given.get('AWSAccessKeyId'), given.get('Expires'), given.get('Signature')]
  if (keyId === undefined || expires === undefined || signature === undefined || given.has('Action')) return undefined
  if (!/^\d{1,12}$/.test(expires)) throw malformed('Expires must be a number of seconds since 1970')
  if (Number(expires) * 1000 < context.now) throw new SignatureError('expired', 'Request has expired')
  return claimed(keyId, true, ({ password }) => (isSigned(request, pairs, context, password, expires, signature) ? undefined : 'mismatch'))
}

const malformed = (message: string): SignatureError => new SignatureError('malformed', message)

/** @throws SignatureError `skewed` */
const requireNear = (time: number, now: number): void => {
  if (Math.abs(time - now) > allowedSkew)
    throw new SignatureError('skewed', 'The difference between the request time and the current time is too large.')
}

const timeOf = (text: string): number => Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`)

const claimed = (keyId: string, presigned: boolean, check: (credentials: Credentials) => Fault | undefined): Signature => {
  let fault: Fault | undefined
  const verify = (credentials: Credentials): boolean => {
    fault = check(credentials)
    return fault === undefined
  }
  return {
    claim: { kind: 'signature', keyId, verify },
    keyId,
    version: 2,
    presigned,
    region: undefined,
    service: undefined,
    content: { kind: 'unsigned' },
    fault: () => fault,
  }
}

/** Parameters that are part of what is addressed, as the S3 reference lists them. */
const subresources: ReadonlySet<string> = new Set([
  ...['accelerate', 'acl', 'analytics', 'cors', 'delete', 'encryption', 'inventory', 'lifecycle', 'location', 'logging', 'metrics'],
  ...['notification', 'object-lock', 'partNumber', 'policy', 'publicAccessBlock', 'replication', 'requestPayment', 'restore', 'select'],
  ...['tagging', 'torrent', 'uploadId', 'uploads', 'versionId', 'versioning', 'versions', 'website'],
  ...['response-cache-control', 'response-content-disposition', 'response-content-encoding', 'response-content-language'],
  ...['response-content-type', 'response-expires'],
])

const isSigned = (
  request: WireRequest,
  pairs: readonly (readonly [string, string])[],
  { bucket, mount }: SignatureContext,
  secret: string,
  date: string,
  signature: string,
): boolean => {
  const amz = [...new Set(request.headers.map(([name]) => name.toLowerCase()).filter(name => name.startsWith('x-amz-')))].sort()
  const named = pairs
    .filter(([name]) => subresources.has(name))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .sort()
  const { path } = sentTarget(request)
  // A signer that knows of no path before S3's own leaves that out.
  const paths = mount !== undefined && mount !== '' && path.startsWith(mount) ? [path, path.slice(mount.length) || '/'] : [path]
  return paths.some(one => {
    const text = [
      request.method,
      canonicalHeader(request, 'content-md5'),
      canonicalHeader(request, 'content-type'),
      date,
      ...amz.map(name => `${name}:${canonicalHeader(request, name)}`),
      `${bucket === undefined ? '' : `/${bucket}`}${one}${named.length === 0 ? '' : `?${named.join('&')}`}`,
    ].join('\n')
    return sameSignature(hmac(secret, text, 'sha1').toString('base64'), signature)
  })
}
