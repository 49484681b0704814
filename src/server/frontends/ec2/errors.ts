/** What EC2, ELB and CloudWatch call the failures of a cloud: one table from kinds, one from collections, and the statuses of codes. */

import type { CollectionName } from '../../../drivers/driver.ts'
import { CloudError, type ErrorKind } from '../../../model/errors.ts'
import { HttpError } from '../../errors.ts'
import { type Fault, SignatureError } from '../aws/index.ts'

/** An error in the protocol's own words. */
export class ApiError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
  }

  get status(): number {
    return statuses[this.code] ?? 400
  }
}

/** Statuses that aren't 400, as the services document them. */
const statuses: Readonly<Record<string, number>> = {
  AuthFailure: 401,
  UnauthorizedOperation: 403,
  SignatureDoesNotMatch: 403,
  InsufficientCapacity: 500,
  InternalError: 500,
  BadGateway: 502,
  Unavailable: 503,
  RequestTimeout: 504,
}

const ofKind: Readonly<Record<ErrorKind, string>> = {
  'bad-request': 'InvalidParameterValue',
  unauthenticated: 'AuthFailure',
  forbidden: 'UnauthorizedOperation',
  'over-quota': 'ResourceLimitExceeded',
  'not-found': 'InvalidParameterValue.NotFound',
  'not-permitted': 'OperationNotPermitted',
  conflict: 'IncorrectState',
  internal: 'InternalError',
  'not-supported': 'UnsupportedOperation',
  'provider-error': 'BadGateway',
  'provider-unavailable': 'Unavailable',
  'provider-timeout': 'RequestTimeout',
  'storage-full': 'InsufficientCapacity',
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

/** What isn't in a state for what is asked. */
const inWrongState: typeof missing = { instances: 'IncorrectInstanceState' }

/** @param collection what was asked for */
export const notThere = (collection: CollectionName, id: string): ApiError =>
  new ApiError(
    missing[collection] ?? ofKind['not-found'],
    `The ${collection.replace(/(?<=ss)es$|s$/, '').replaceAll('_', ' ')} '${id.slice(0, 200)}' does not exist`,
  )

/** The error as the protocol tells it; undefined for what is a bug of ours. */
export const known = (
  error: unknown,
  { about: collection, needsState }: { about?: CollectionName; needsState?: true } = {},
): ApiError | undefined => {
  if (error instanceof ApiError) return error
  if (error instanceof SignatureError) return faultError(error.fault, error.message)
  if (error instanceof HttpError) return new ApiError('InvalidParameterCombination', error.message)
  if (!(error instanceof CloudError)) return undefined
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
  return new ApiError(own ?? ofKind[error.kind], message)
}

/** What the gate found wrong with a signature; undefined says that it has no account of that key. */
export const faultError = (fault: Fault | undefined, message?: string): ApiError => {
  switch (fault) {
    case 'malformed':
      return new ApiError('IncompleteSignature', message ?? 'The signature is incomplete')
    case 'expired':
    case 'skewed':
      return new ApiError('RequestExpired', message ?? 'The time of the request is too far from that of the server')
    default:
      return new ApiError('AuthFailure', 'AWS was not able to validate the provided access credentials')
  }
}
