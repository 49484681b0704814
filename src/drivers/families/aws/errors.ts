/** What the errors of EC2, S3, ELB and CloudWatch are in the words of the API: one table by code. */

import { CloudError, type ErrorKind, notFound } from '../../../model/errors.ts'

/** Codes as the services document them; the first that fits counts. */
const kinds: readonly (readonly [code: RegExp, kind: ErrorKind])[] = [
  [
    /^(?:AuthFailure|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidClientTokenId|UnrecognizedClient|MissingAuthenticationToken|IncompleteSignature|ExpiredToken|InvalidToken|RequestExpired|RequestTimeTooSkewed|InvalidSecurity)$/,
    'unauthenticated',
  ],
  [
    /^(?:RequestLimitExceeded|Throttling|Throttled|SlowDown|ServiceUnavailable|Unavailable|TooManyRequests|BandwidthLimitExceeded|EC2Throttled|Server\.Unavailable)$/,
    'provider-unavailable',
  ],
  [
    /^(?:Insufficient\w*Capacity|InsufficientFreeAddressesInSubnet|InsufficientAddressCapacity|Server\.InsufficientInstanceCapacity)$/,
    'provider-unavailable',
  ],
  [/^(?:UnauthorizedOperation|AccessDenied|OptInRequired|PendingVerification|Blocked|AllAccessDisabled)$/, 'forbidden'],
  [
    /LimitExceeded$|^TooManyBuckets$|^TooManyLoadBalancers$|^TooManyAccessPoints$|^MaxIOPSLimitExceeded$|^ResourceCountExceeded$/,
    'over-quota',
  ],
  [/^(?:OperationNotPermitted|MethodNotAllowed)$/, 'not-permitted'],
  [/^(?:IncorrectInstanceState|IncorrectState|IncorrectInstanceState\.\w+)$/, 'conflict'],
  [
    /^(?:VolumeInUse|DependencyViolation|ResourceAlreadyAssociated|Resource\.AlreadyAssociated|AttachmentLimitExceeded|BucketNotEmpty|BucketAlreadyExists|BucketAlreadyOwnedByYou|OperationAborted|DuplicateLoadBalancerName|DuplicateAccessPointName|DuplicateListener|InvalidGroup\.InUse|InvalidSnapshot\.InUse|InvalidNetworkInterface\.InUse|InvalidIPAddress\.InUse|IdempotentParameterMismatch|NoSuchUpload\.Conflict)$|\.Duplicate$|^Invalid\w+\.InUse$|^Invalid\w+\.AlreadyExists$|Conflict$/,
    'conflict',
  ],
  // What was never an id of the kind can't be there either.
  [
    /^(?:InvalidInstanceID|InvalidAMIID|InvalidVpcID|InvalidSubnetID|InvalidNetworkInterfaceID|InvalidSnapshot|InvalidVolume|InvalidAddress|InvalidAllocationID|InvalidGroup|InvalidGroupId)\.Malformed$|^InvalidParameterValue\.Id$/,
    'not-found',
  ],
  [
    /NotFound$|^NoSuch\w+$|\.Unknown$|^InvalidAMIID\.Unavailable$|^LoadBalancerNotFound$|^InvalidEndPoint$|^InvalidAssociationID\.NotFound$|^404$/,
    'not-found',
  ],
  [/^(?:UnsupportedOperation|Unsupported|NotImplemented|UnsupportedParameter|InvalidAction|UnknownOperation)$/, 'not-supported'],
  [/^(?:RequestTimeout)$/, 'provider-timeout'],
  [
    /^(?:Missing\w+|Invalid\w*|Malformed\w+|Entity\w+|KeyTooLong\w*|MetadataTooLarge|UnknownParameter|ValidationError|Validation|BadDigest|IncompleteBody|UnsupportedInstanceAttribute|VPCIdNotSpecified|DefaultVpcDoesNotExist|SubnetNotFound|TooLarge)(?:\.\w+)*$/,
    'bad-request',
  ],
]

/** Codes of limits on how often one may ask: they say the same request may be sent again. */
export const isThrottling = (error: unknown): boolean =>
  error instanceof CloudError && error.kind === 'provider-unavailable' && throttled.has(error)

const throttled = new WeakSet<CloudError>()

/** An exception of a client, as far as it's read. */
interface Native {
  readonly name: string
  readonly message: string
  readonly status: number | undefined
  readonly requestId: string | undefined
}

/** @param call what was asked, for people */
export const errorOf = (call: string, error: unknown): unknown => {
  if (error instanceof CloudError) return error
  const native = nativeIn(error)
  if (native === undefined) return error
  // What the clients know of they call an exception; the services mostly don't.
  const name = native.name.replace(/Exception$/, '')
  const { status } = native
  const said = `${native.message === '' ? name : native.message}${native.requestId === undefined ? '' : ` (request ${native.requestId})`}`
  if (status === 507) return new CloudError('storage-full', said)
  // The old services tell an unknown zone by the words of a message only.
  const kind =
    status !== undefined &&
    status >= 500 &&
    !/^(?:RequestLimitExceeded|ServiceUnavailable|SlowDown|Unavailable|Insufficient\w+|Server\.\w+)$/.test(name)
      ? status === 503
        ? 'provider-unavailable'
        : status === 504
          ? 'provider-timeout'
          : 'provider-error'
      : /^Invalid availability zone/i.test(native.message)
        ? 'not-found'
        : (kinds.find(([code]) => code.test(name))?.[1] ?? byStatus(status))
  if (kind === 'not-found') return notFound(said)
  if (kind === 'unauthenticated') return new CloudError(kind, 'Authentication Failure', { details: said })
  const mapped = new CloudError(kind, kind.startsWith('provider-') ? `${call}: ${said}` : said)
  if (kind === 'provider-unavailable' && status !== undefined && status < 500) throttled.add(mapped)
  return mapped
}

/** What a HEAD is answered with has no code. */
const byStatus = (status: number | undefined): ErrorKind => {
  switch (status) {
    case 401:
      return 'unauthenticated'
    case 403:
      return 'forbidden'
    case 404:
      return 'not-found'
    case 409:
    case 412:
      return 'conflict'
    case 416:
      return 'bad-request'
    case 429:
      return 'provider-unavailable'
    default:
      return 'provider-error'
  }
}

const longest = 500

const nativeIn = (error: unknown): Native | undefined => {
  if (!(error instanceof Error)) return undefined
  const metadata: unknown = Reflect.get(error, '$metadata')
  const status: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined
  const requestId: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'requestId') : undefined
  const isService = Reflect.get(error, '$fault') !== undefined
  if (!isService) {
    // An answer that the client can't make anything of: a proxy's page, or half of one. A status of refusal still says what it says.
    const told = typeof status === 'number' && status >= 400 ? status : 502
    return { name: 'Unreadable', message: 'the answer of the provider can’t be read', status: told, requestId: undefined }
  }
  return {
    name: error.name,
    message: error.message.slice(0, longest),
    status: typeof status === 'number' ? status : undefined,
    requestId: typeof requestId === 'string' && /^[\w.-]{1,100}$/.test(requestId) ? requestId : undefined,
  }
}

/** What is named by a parameter and isn't there is a bad value; only what the path names is `not-found`. */
export const asReference = async <T>(asking: Promise<T>): Promise<T> => {
  try {
    return await asking
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'not-found') throw new CloudError('bad-request', error.details ?? error.message)
    throw error
  }
}

/** @returns undefined instead of `not-found` */
export const unlessMissing = async <T>(asking: Promise<T>): Promise<T | undefined> => {
  try {
    return await asking
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'not-found') return undefined
    throw error
  }
}
