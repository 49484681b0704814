/** What EC2, ELB and CloudWatch call the failures of a cloud: one table from kinds, one from collections, and the statuses of codes. */

import type { CollectionName } from '../../../drivers/driver.ts'
import { CloudError, type ErrorKind } from '../../../model/errors.ts'
import { withoutSecretsInText } from '../../../model/secrets.ts'
import { HttpError } from '../../errors.ts'
import { SignatureError } from '../aws/index.ts'

/** An error in the protocol's own words. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = statuses[code] ?? 400) {
    super(withoutSecretsInText(message))
    this.name = 'ApiError'
    this.code = code
    this.status = status
  }
}

/** Statuses that aren't 400, as the services document them. */
const statuses: Readonly<Record<string, number>> = {
  AuthFailure: 401,
  UnauthorizedOperation: 403,
  SignatureDoesNotMatch: 403,
  InternalError: 500,
  BadGateway: 502,
  RequestLimitExceeded: 503,
  Unavailable: 503,
  RequestTimeout: 504,
}

/** Codes for what the server itself finds wrong with a request, by status. */
const ofStatus: Readonly<Record<number, string>> = {
  401: 'AuthFailure',
  403: 'UnauthorizedOperation',
  429: 'RequestLimitExceeded',
  500: 'InternalError',
  502: 'BadGateway',
  503: 'Unavailable',
  504: 'RequestTimeout',
}

const ofKind: Readonly<Record<ErrorKind, string>> = {
  'bad-request': 'InvalidParameterValue',
  unauthenticated: 'AuthFailure',
  forbidden: 'UnauthorizedOperation',
  'over-quota': 'ResourceLimitExceeded',
  throttled: 'RequestLimitExceeded',
  'not-found': 'InvalidParameterValue.NotFound',
  'not-permitted': 'OperationNotPermitted',
  conflict: 'IncorrectState',
  internal: 'InternalError',
  'not-supported': 'UnsupportedOperation',
  'provider-error': 'BadGateway',
  'provider-unavailable': 'Unavailable',
  'provider-timeout': 'RequestTimeout',
}

/** What isn't there, by collection. */
const missing: Readonly<Partial<Record<CollectionName, string>>> = {
  addresses: 'InvalidAddress.NotFound',
  firewalls: 'InvalidGroup.NotFound',
  images: 'InvalidAMIID.NotFound',
  instances: 'InvalidInstanceID.NotFound',
  keys: 'InvalidKeyPair.NotFound',
  load_balancers: 'LoadBalancerNotFound',
  network_interfaces: 'InvalidNetworkInterfaceID.NotFound',
  networks: 'InvalidVpcID.NotFound',
  storage_snapshots: 'InvalidSnapshot.NotFound',
  storage_volumes: 'InvalidVolume.NotFound',
  subnets: 'InvalidSubnetID.NotFound',
}

/** What is taken, in use or not empty, by collection. */
const conflicting: Readonly<Partial<Record<CollectionName, string>>> = {
  firewalls: 'DependencyViolation',
  instances: 'IncorrectInstanceState',
  keys: 'InvalidKeyPair.Duplicate',
  load_balancers: 'DuplicateLoadBalancerName',
  networks: 'DependencyViolation',
  storage_snapshots: 'InvalidSnapshot.InUse',
  storage_volumes: 'VolumeInUse',
  subnets: 'DependencyViolation',
}

/** What is used up, by what a quota is of; the code, and what the service calls the things. */
const exhausted: Readonly<Record<string, readonly [code: string, things: string]>> = {
  addresses: ['AddressLimitExceeded', 'addresses'],
  firewalls: ['SecurityGroupLimitExceeded', 'security groups'],
  images: ['ResourceLimitExceeded', 'AMIs'],
  instances: ['InstanceLimitExceeded', 'instances'],
  keys: ['ResourceLimitExceeded', 'key pairs'],
  load_balancers: ['TooManyLoadBalancers', 'load balancers'],
  network_interfaces: ['NetworkInterfaceLimitExceeded', 'network interfaces'],
  networks: ['VpcLimitExceeded', 'VPCs'],
  storage_snapshots: ['ResourceLimitExceeded', 'snapshots'],
  storage_volumes: ['VolumeLimitExceeded', 'volumes'],
  subnets: ['SubnetLimitExceeded', 'subnets'],
  volume_gigabytes: ['VolumeLimitExceeded', 'GiB of volumes'],
}

/** What isn't in a state for what is asked. */
const inWrongState: typeof missing = { instances: 'IncorrectInstanceState' }

/** @param collection what was asked for */
export const notThere = (collection: CollectionName, id: string): ApiError =>
  new ApiError(
    missing[collection] ?? ofKind['not-found'],
    `The ${collection.replace(/(?<=ss)es$|s$/, '').replaceAll('_', ' ')} '${id.slice(0, 200)}' does not exist`,
  )

/**
 * The error as the protocol tells it; undefined for what is a bug of ours.
 * @param isPlain whether it's EC2 that says it: its sisters, ELB and CloudWatch, have other codes for throttling and signatures
 */
export const known = (
  error: unknown,
  { about: collection, needsState }: { about?: CollectionName; needsState?: true } = {},
  isPlain = true,
): ApiError | undefined => {
  if (error instanceof ApiError) return error
  if (error instanceof SignatureError) return signatureError(error, isPlain)
  if (error instanceof HttpError) return new ApiError(ofStatus[error.status] ?? 'InvalidParameterCombination', error.message, error.status)
  if (!(error instanceof CloudError)) return undefined
  if (error.kind === 'throttled')
    return isPlain ? new ApiError(ofKind.throttled, 'Request limit exceeded.') : new ApiError('Throttling', 'Rate exceeded')
  const of =
    error.kind === 'not-found'
      ? missing
      : error.kind === 'conflict'
        ? conflicting
        : error.kind === 'not-permitted' && needsState
          ? inWrongState
          : {}
  const own = collection === undefined ? undefined : of[collection]
  const message =
    error.details === undefined || error.message.endsWith(error.details) ? error.message : `${error.message}: ${error.details}`
  return quotaError(error, message) ?? new ApiError(own ?? ofKind[error.kind], message)
}

/** What says which limit is reached; undefined where that isn't known. */
const quotaError = ({ exhausted: what }: CloudError, message: string): ApiError | undefined => {
  const [code, things] = (what !== undefined && Object.hasOwn(exhausted, what.resource) ? exhausted[what.resource] : undefined) ?? []
  if (what === undefined || code === undefined) return undefined
  return new ApiError(code, what.limit === undefined ? message : `The maximum number of ${things} has been reached: ${what.limit}`)
}

/** A signature that was no signature of a request to here. EC2 calls most of that by one name, its sisters by another. */
const signatureError = ({ fault, facts, message }: SignatureError, isPlain: boolean): ApiError => {
  const mismatch = isPlain ? 'AuthFailure' : 'SignatureDoesNotMatch'
  const { region, service, expected, headers = '' } = facts
  switch (fault) {
    case 'malformed':
      return new ApiError('IncompleteSignature', message)
    case 'region':
      return new ApiError(mismatch, `Credential should be scoped to a valid region, not '${region}'. `)
    case 'service':
      return new ApiError(mismatch, `Credential should be scoped to correct service: '${expected}', not '${service}'. `)
    case 'unsigned':
      return new ApiError(
        mismatch,
        headers
          .split(', ')
          .map(name => `'${name}' must be a 'SignedHeader' in the AWS Authorization. `)
          .join(''),
      )
    case 'expired':
    case 'early':
    case 'skewed':
      return new ApiError('RequestExpired', message)
    case 'mismatch':
      return unproven()
  }
}

/** Of another secret, or of nobody that is known. */
export const unproven = (): ApiError => new ApiError('AuthFailure', 'AWS was not able to validate the provided access credentials')
