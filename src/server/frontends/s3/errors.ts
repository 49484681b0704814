/** What S3 calls the failures of a cloud: one table from kinds, one from signatures and content, and the statuses of codes. */

import type { Headers, WireRequest, WireResponse } from '../../../drivers/wire.ts'
import { CloudError, type ErrorKind } from '../../../model/errors.ts'
import { withoutSecrets, withoutSecretsInText } from '../../../model/secrets.ts'
import { HttpError, waitOf } from '../../errors.ts'
import { XmlWriter } from '../../formats/xml.ts'
import { ContentError, type ContentFault, type Fault, SignatureError } from '../aws/index.ts'

/** Statuses of the codes that we answer with, as the S3 reference lists them; 400 where a code isn't here. */
const statuses: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  BadGateway: 502,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  GatewayTimeout: 504,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidRange: 416,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchBucketPolicy: 404,
  NoSuchCORSConfiguration: 404,
  NoSuchKey: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchPublicAccessBlockConfiguration: 404,
  NoSuchTagSet: 404,
  NoSuchUpload: 404,
  NoSuchWebsiteConfiguration: 404,
  NotImplemented: 501,
  ObjectLockConfigurationNotFoundError: 404,
  OperationAborted: 409,
  OwnershipControlsNotFoundError: 404,
  PreconditionFailed: 412,
  QuotaExceeded: 403,
  ReplicationConfigurationNotFoundError: 404,
  RequestTimeTooSkewed: 403,
  ServerSideEncryptionConfigurationNotFoundError: 404,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
}

/** What a document says beside code and message: `BucketName`, `Region`. */
type Members = Readonly<Record<string, string>>

export class S3Error extends Error {
  readonly code: string
  readonly headers: Headers
  readonly members: Members
  readonly status: number

  constructor(code: string, message: string, headers: Headers = [], members: Members = {}, status = statuses[code] ?? 400) {
    super(withoutSecretsInText(message))
    this.name = 'S3Error'
    this.code = code
    this.headers = headers
    this.members = members
    this.status = status
  }
}

export const notImplemented = (what: string): S3Error =>
  new S3Error('NotImplemented', `${what} is not implemented by the cloud behind this`)

const ofKind: Readonly<Record<ErrorKind, readonly [code: string, message?: string]>> = {
  'bad-request': ['InvalidArgument'],
  unauthenticated: ['AccessDenied', 'Access Denied'],
  forbidden: ['AccessDenied'],
  'over-quota': ['QuotaExceeded'],
  throttled: ['SlowDown', 'Please reduce your request rate.'],
  'not-found': ['NoSuchKey', 'The specified key does not exist.'],
  'not-permitted': ['MethodNotAllowed', 'The specified method is not allowed against this resource.'],
  conflict: ['OperationAborted'],
  internal: ['InternalError'],
  'not-supported': ['NotImplemented'],
  'provider-error': ['BadGateway'],
  'provider-unavailable': ['ServiceUnavailable'],
  'provider-timeout': ['GatewayTimeout'],
}

const tooManyBuckets = ['TooManyBuckets', 'You have attempted to create more buckets than allowed'] as const
/** Codes for what the server itself finds wrong with a request, by status. */
const ofStatus: Readonly<Record<number, string>> = {
  400: 'IncompleteBody',
  403: 'AccessDenied',
  405: 'MethodNotAllowed',
  411: 'MissingContentLength',
  412: 'PreconditionFailed',
  429: 'SlowDown',
  500: 'InternalError',
  501: 'NotImplemented',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
}

const ofFault: Readonly<Record<Fault, readonly [code: string, message?: string]>> = {
  malformed: ['AuthorizationHeaderMalformed'],
  region: ['AuthorizationHeaderMalformed'],
  service: ['AuthorizationHeaderMalformed'],
  unsigned: ['AccessDenied'],
  skewed: ['RequestTimeTooSkewed'],
  early: ['AccessDenied'],
  expired: ['AccessDenied', 'Request has expired'],
  mismatch: [
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
}

const ofContent: Readonly<Record<ContentFault, readonly [code: string, message?: string]>> = {
  digest: ['BadDigest', 'The Content-MD5 you specified did not match what we received.'],
  sha256: ['XAmzContentSHA256Mismatch', "The provided 'x-amz-content-sha256' header does not match what was computed."],
  checksum: ['BadDigest'],
  signature: ['SignatureDoesNotMatch'],
  framing: ['IncompleteBody'],
}

/** What the gate found wrong with a signature; undefined says that it has no account of that key. */
export const faultError = (fault: Fault | undefined): S3Error =>
  fault === undefined
    ? new S3Error('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.')
    : made(ofFault[fault], '')

const made = ([code, message]: readonly [string, string?], own: string, headers: Headers = [], members: Members = {}): S3Error =>
  new S3Error(code, message ?? own, headers, members)

const signatureError = ({ fault, presigned, facts, message }: SignatureError): S3Error => {
  const { expected, headers } = facts
  const members: Members = {
    ...(fault === 'region' && expected !== undefined ? { Region: expected } : {}),
    ...(headers === undefined ? {} : { HeadersNotSigned: headers }),
  }
  const [code] = ofFault[fault]
  return made([presigned && code === 'AuthorizationHeaderMalformed' ? 'AuthorizationQueryParametersError' : code], message, [], members)
}

/** The error as S3 tells it; undefined for what is a bug of ours. */
const known = (error: unknown): S3Error | undefined => {
  if (error instanceof S3Error) return error
  if (error instanceof SignatureError) return signatureError(error)
  if (error instanceof ContentError) return made(ofContent[error.fault], error.message)
  if (error instanceof CloudError) {
    const wait = waitOf(error)
    const headers: Headers = wait === undefined ? [] : [['Retry-After', wait]]
    return made(error.exhausted?.resource === 'buckets' ? tooManyBuckets : ofKind[error.kind], error.message, headers)
  }
  if (error instanceof HttpError)
    return new S3Error(ofStatus[error.status] ?? 'InvalidRequest', error.message, error.headers, {}, error.status)
  return undefined
}

/** @param onBug called for what no table knows: a client learns no more than that it happened */
export const refused = (error: unknown, request: WireRequest, requestId: string, onBug: () => void): WireResponse => {
  const failure = known(error)
  if (failure === undefined) onBug()
  const { code, message, status, headers, members } =
    failure ?? new S3Error('InternalError', 'We encountered an internal error. Please try again.')
  const isBodiless = request.method === 'HEAD'
  const writer = new XmlWriter()
  writer.open('Error')
  writer.leaf('Code', code)
  writer.leaf('Message', message)
  for (const [name, value] of Object.entries(members)) writer.leaf(name, value)
  writer.leaf('Resource', withoutSecrets(request.target.split('?')[0] ?? ''))
  writer.leaf('RequestId', requestId)
  writer.close('Error')
  return {
    status,
    headers: [...headers, ['Content-Type', 'application/xml']],
    ...(isBodiless ? {} : { body: writer.end() }),
  }
}
