/** What the errors of EC2, S3, ELB and CloudWatch are in the words of the API: one table by code. */

import { CloudError, type ErrorKind, type Exhausted, notFound } from '../../../model/errors.ts'
import { retryAfter } from '../../transport.ts'

/** Codes as the services document them; the first that fits counts. */
const kinds: readonly (readonly [code: RegExp, kind: ErrorKind])[] = [
  // As the clients have them, and the older names of EC2, S3 and Eucalyptus.
  [
    /^(?:RequestLimitExceeded|RequestThrottled|RequestThrottling|Throttling|Throttled|EC2Throttled|SlowDown|TooManyRequests|BandwidthLimitExceeded|PriorRequestNotComplete|ProvisionedThroughputExceeded|TransactionInProgress|DependencyThrottle|SnapshotCreationPerVolumeRateExceeded)$/,
    'throttled',
  ],
  [
    /^(?:AuthFailure|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidClientTokenId|UnrecognizedClient|MissingAuthenticationToken|IncompleteSignature|ExpiredToken|InvalidToken|RequestExpired|RequestTimeTooSkewed|InvalidSecurity(?:\.RequestHasExpired)?|AuthorizationHeaderMalformed|TokenRefreshRequired)$/,
    'unauthenticated',
  ],
  [/^(?:ServiceUnavailable|Unavailable|Server\.Unavailable)$/, 'provider-unavailable'],
  [/^(?:Insufficient\w*Capacity|Server\.InsufficientInstanceCapacity)$/, 'provider-unavailable'],
  [/^(?:UnauthorizedOperation|AccessDenied|OptInRequired|PendingVerification|Blocked|AllAccessDisabled|NotAuthorized)$/, 'forbidden'],
  [
    /LimitExceeded$|^TooManyBuckets$|^TooManyLoadBalancers$|^TooManyAccessPoints$|^ResourceCountExceeded$|^InsufficientFreeAddressesInSubnet$/,
    'over-quota',
  ],
  [/^(?:OperationNotPermitted|MethodNotAllowed|CannotDelete|InvalidObjectState)$/, 'not-permitted'],
  [/^(?:IncorrectInstanceState|IncorrectState|IncorrectInstanceState\.\w+)$/, 'conflict'],
  [
    /^(?:VolumeInUse|DependencyViolation|ResourceAlreadyAssociated|Resource\.AlreadyAssociated|AttachmentLimitExceeded|BucketNotEmpty|BucketAlreadyExists|BucketAlreadyOwnedByYou|OperationAborted|DuplicateLoadBalancerName|DuplicateAccessPointName|DuplicateListener|InvalidGroup\.InUse|InvalidSnapshot\.InUse|InvalidNetworkInterface\.InUse|InvalidIPAddress\.InUse|IdempotentParameterMismatch|NoSuchUpload\.Conflict)$|\.Duplicate$|^Invalid\w+\.InUse$|^Invalid\w+\.AlreadyExists$|Conflict$/,
    'conflict',
  ],
  // What was never an id of the kind can't be there either.
  [/^Invalid(?:\w+I[Dd]|Snapshot|Volume|Address|Group)\.Malformed$|^InvalidParameterValue\.Id$/, 'not-found'],
  [
    /NotFound$|^NoSuch\w+$|\.Unknown$|^InvalidAMIID\.Unavailable$|^LoadBalancerNotFound$|^InvalidEndPoint$|^InvalidAssociationID\.NotFound$|^404$/,
    'not-found',
  ],
  [/^(?:UnsupportedOperation|Unsupported|NotImplemented|UnsupportedParameter|InvalidAction|UnknownOperation)$/, 'not-supported'],
  [/^(?:RequestTimeout)$/, 'provider-timeout'],
  [
    /^(?:Missing\w+|Invalid\w*|Malformed\w+|Entity\w+|KeyTooLong\w*|MetadataTooLarge|UnknownParameter|ValidationError|Validation|BadDigest|IncompleteBody|UnsupportedInstanceAttribute|UnsupportedProtocol|VolumeTypeNotAvailableInZone|VPCIdNotSpecified|DefaultVpcDoesNotExist|SubnetNotFound|TooLarge)(?:\.\w+)*$/,
    'bad-request',
  ],
]

/** What is used up, by the code that says so. */
const exhaustedBy: Readonly<Record<string, string>> = {
  AddressLimitExceeded: 'addresses',
  InstanceLimitExceeded: 'instances',
  NetworkInterfaceLimitExceeded: 'network_interfaces',
  SecurityGroupLimitExceeded: 'firewalls',
  SubnetLimitExceeded: 'subnets',
  TooManyAccessPoints: 'load_balancers',
  TooManyBuckets: 'buckets',
  TooManyLoadBalancers: 'load_balancers',
  VcpuLimitExceeded: 'instances',
  VolumeLimitExceeded: 'storage_volumes',
  VpcLimitExceeded: 'networks',
}

/** Whether an error of this code says to slow down. */
export const isThrottlingCode = (code: string): boolean => kindByCode({ name: code }) === 'throttled'

// What the clients know of they call an exception; the services mostly don't.
const codeOf = ({ name }: Pick<Native, 'name'>): string => name.replace(/Exception$/, '')

const kindByCode = (native: Pick<Native, 'name'>): ErrorKind | undefined => kinds.find(([code]) => code.test(codeOf(native)))?.[1]

/** Whether the provider refused without a code: the status alone says less than the code would. */
export const isUnexplained = (error: unknown): boolean => error instanceof CloudError && unexplained.has(error)

const unexplained = new WeakSet<CloudError>()

/** An exception of a client, as far as it's read. */
interface Native {
  readonly name: string
  readonly message: string
  readonly status: number | undefined
  readonly requestId: string | undefined
  /** Seconds, where the service says how long to wait. */
  readonly retryAfter: number | undefined
  /** Whether the client could make an error of the service of it. */
  readonly isReadable: boolean
}

/** @param call which service was asked, for people too @param now the cloud's time, milliseconds since 1970 */
export const errorOf = (call: string, error: unknown, now: number): unknown => {
  if (error instanceof CloudError) return error
  const native = nativeIn(error, now)
  if (native === undefined) return error
  const name = codeOf(native)
  const { status } = native
  const isCoded = !uncoded.has(name)
  const reason = isCoded || !native.isReadable ? native.message || name : `the answer gives no reason (status ${status})`
  const said = `${reason}${native.requestId === undefined ? '' : ` (request ${native.requestId})`}`
  const coded = isCoded ? kindByCode(native) : undefined
  if (status === 507) return new CloudError('storage-full', said)
  // The old services tell an unknown zone by the words of a message only.
  const kind =
    status !== undefined && status >= 500 && coded !== 'throttled' && coded !== 'provider-unavailable' && coded !== 'not-supported'
      ? byStatus(status)
      : /^Invalid availability zone/i.test(native.message)
        ? 'not-found'
        : (coded ??
          // Only S3 answers without a code, and a HEAD at that; whatever else has none isn't the service's answer.
          byStatus(isCoded || (call === 'S3' && native.isReadable) ? status : refusalIn(status)))
  if (kind === 'not-found') return notFound(said)
  const mapped =
    kind === 'unauthenticated'
      ? new CloudError(kind, 'Authentication Failure', { details: said })
      : new CloudError(kind, kind.startsWith('provider-') ? `${call}: ${said}` : said, {
          retryAfter: native.retryAfter,
          exhausted: kind === 'over-quota' ? exhaustedIn(name) : undefined,
        })
  if (!isCoded && native.isReadable && status !== undefined && status < 500) unexplained.add(mapped)
  return mapped
}

const exhaustedIn = (code: string): Exhausted | undefined => {
  const resource = Object.hasOwn(exhaustedBy, code) ? exhaustedBy[code] : undefined
  return resource === undefined ? undefined : { resource }
}

/** What the clients call an answer that has no code, by its status: what can't be read, and whatever a HEAD is answered with. */
const uncoded: ReadonlySet<string> = new Set(['Unreadable', 'Unknown', 'NotFound'])

/** Statuses that anything on the way to a service may answer with in earnest. */
const refusalIn = (status: number | undefined): number | undefined =>
  status === 401 || status === 403 || status === 429 ? status : undefined

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
      return 'throttled'
    case 503:
      return 'provider-unavailable'
    case 504:
      return 'provider-timeout'
    default:
      return 'provider-error'
  }
}

const longest = 500

const nativeIn = (error: unknown, now: number): Native | undefined => {
  if (!(error instanceof Error)) return undefined
  const metadata: unknown = Reflect.get(error, '$metadata')
  const status: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined
  const requestId: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'requestId') : undefined
  const isService = Reflect.get(error, '$fault') !== undefined
  if (!isService) {
    // An answer that the client can't make anything of: a proxy's page, or half of one. A status of refusal still says what it says; for
    // a 200 that ends before it said anything the client makes one up, and keeps no answer with it.
    const told = typeof status === 'number' && status >= 400 && Reflect.get(error, '$response') !== undefined ? status : 502
    const message = 'the answer of the provider can’t be read'
    return { name: 'Unreadable', message, status: told, requestId: undefined, retryAfter: secondsIn(error, now), isReadable: false }
  }
  return {
    name: error.name,
    message: error.message.slice(0, longest),
    status: typeof status === 'number' ? status : undefined,
    requestId: typeof requestId === 'string' && /^[\w.-]{1,100}$/.test(requestId) ? requestId : undefined,
    retryAfter: secondsIn(error, now),
    isReadable: true,
  }
}

/** The wait that the answer asks for: the clients keep it in a hidden member. */
const secondsIn = (error: Error, now: number): number | undefined => {
  const response: unknown = Reflect.get(error, '$response')
  const headers: unknown = typeof response === 'object' && response !== null ? Reflect.get(response, 'headers') : undefined
  const text: unknown = typeof headers === 'object' && headers !== null ? Reflect.get(headers, 'retry-after') : undefined
  const milliseconds = typeof text === 'string' ? retryAfter({ headers: [['retry-after', text]] }, now) : undefined
  return milliseconds === undefined ? undefined : Math.ceil(milliseconds / 1000)
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
