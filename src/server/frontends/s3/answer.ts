/** Answers requests to S3: who asks, what they address, and which handler that is. */

import { createHash } from 'node:crypto'
import type { WireRequest, WireResponse } from '../../../drivers/wire.ts'
import { CloudError } from '../../../model/errors.ts'
import { concernsOperator } from '../../errors.ts'
import type { Frontend } from '../../frontend.ts'
import type { Claim, Connection, Gate } from '../../gate.ts'
import { type Signature, s3Signature } from '../aws/index.ts'
import { type Address, addressOf } from './address.ts'
import type { Handler } from './asked.ts'
import * as buckets from './buckets.ts'
import { copy } from './copies.ts'
import { faultError, notImplemented, refused, S3Error } from './errors.ts'
import { listObjects } from './listing.ts'
import * as objects from './objects.ts'
import { deleteSetting, settings, showSetting } from './settings.ts'
import * as uploads from './uploads.ts'

export const answer: Frontend = async (request, gate) => {
  const requestId = requestIdOf(request, gate.ownTime())
  try {
    return withOwnHeaders(await answered(request, gate), requestId)
  } catch (error) {
    return refuse(error, request, gate, requestId)
  }
}

export const refuse = (
  error: unknown,
  request: WireRequest,
  gate: Gate,
  requestId = requestIdOf(request, gate.ownTime()),
): WireResponse => {
  if (concernsOperator(error)) gate.context.log.error({ err: error, method: request.method }, error.message)
  const response = refused(error, request, requestId, () =>
    gate.context.log.error({ err: error, method: request.method, status: 500 }, 'a request failed unexpectedly'),
  )
  return withOwnHeaders(response, requestId)
}

const withOwnHeaders = (response: WireResponse, requestId: string): WireResponse => ({
  ...response,
  headers: [['Server', 'AmazonS3'], ['x-amz-request-id', requestId], ...response.headers],
})

/** The same request at the same time of the cloud has the same id: what is answered is never a matter of luck. */
const requestIdOf = (request: WireRequest, now: number): string =>
  createHash('sha256')
    .update(`${now} ${request.method} ${request.target.split('?')[0]}`)
    .digest('hex')
    .slice(0, 16)
    .toUpperCase()

const answered = async (request: WireRequest, gate: Gate): Promise<WireResponse> => {
  const address = addressOf(request)
  const handler = handlerOf(request, address)
  const home = gate.target()
  const signature = s3Signature(request, {
    provider: home.provider,
    regions: gate.regionsOf(home),
    now: Date.now(),
    bucket: address.isVirtual ? address.bucket : undefined,
    mount: address.mount,
  })
  const { cloud, credentials, target } = await connected(request, gate, signature)
  return handler({
    ...address,
    request,
    cloud,
    signature,
    user: credentials?.user ?? 'anonymous',
    now: gate.now(target),
    pageSize: gate.settings.pageSize,
  })
}

/** @throws S3Error for who isn't known */
const connected = async (request: WireRequest, gate: Gate, signature: Signature | undefined): Promise<Connection> => {
  const claim = signature?.claim ?? passwordIn(request)
  if (claim.kind === 'none') throw new S3Error('AccessDenied', 'Access Denied')
  try {
    return await gate.connect(claim, gate.target())
  } catch (error) {
    if (signature === undefined || !(error instanceof CloudError) || error.kind !== 'unauthenticated') throw error
    throw faultError(signature.fault())
  }
}

/** Who signs nothing may give a password, as to the other protocols. */
const passwordIn = (request: WireRequest): Claim => {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.header('authorization') ?? '') ?? []
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? []
  return user === undefined || password === undefined ? { kind: 'none' } : { kind: 'password', user, password }
}

/** By method and what is addressed; `?name` where a parameter makes it another resource. */
const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['GET service', buckets.list],
  ['PUT bucket', buckets.create],
  ['HEAD bucket', buckets.head],
  ['GET bucket', listObjects],
  ['DELETE bucket', buckets.destroy],
  ['GET bucket?location', buckets.showLocation],
  ['GET bucket?tagging', buckets.showTags],
  ['PUT bucket?tagging', buckets.putTags],
  ['DELETE bucket?tagging', buckets.deleteTags],
  ['GET bucket?acl', buckets.showGrants],
  ['PUT bucket?acl', buckets.putGrants],
  ['POST bucket?delete', objects.destroyMany],
  ['GET object', objects.get],
  ['HEAD object', objects.head],
  ['PUT object', objects.put],
  ['DELETE object', objects.destroy],
  ['GET object?acl', buckets.showGrants],
  ['PUT object?acl', buckets.putGrants],
  ['GET object?tagging', objects.showTags],
  ['PUT object?copy', copy],
  ['POST object?uploads', uploads.begin],
  ['PUT object?uploadId', uploads.putPart],
  ['PUT object?uploadId&copy', uploads.copyPart],
  ['GET object?uploadId', uploads.listParts],
  ['POST object?uploadId', uploads.finish],
  ['DELETE object?uploadId', uploads.abort],
  ...settings.flatMap((name): [string, Handler][] => [
    [`GET bucket?${name}`, showSetting(name)],
    [`DELETE bucket?${name}`, deleteSetting],
  ]),
])

/** Parameters that make what is addressed another resource. */
const subresources: readonly string[] = [
  ...['uploadId', 'uploads', 'acl', 'tagging', 'location', 'delete', 'versions', 'torrent', 'restore', 'select', 'attributes', 'retention'],
  ...['legal-hold', 'analytics', 'intelligent-tiering', 'inventory', 'metrics', 'session', ...settings],
]

const handlerOf = (request: WireRequest, { bucket, key, query }: Address): Handler => {
  const what = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object'
  const sub = what === 'service' ? undefined : subresources.find(name => query.has(name))
  const copies = what === 'object' && request.method === 'PUT' && request.header('x-amz-copy-source') !== undefined
  const parts = [sub, copies ? 'copy' : undefined].filter(part => part !== undefined)
  const version = query.get('versionId')
  if (version !== undefined && version !== 'null' && version !== '') throw notImplemented('Versioning')
  const handler = handlers.get(`${request.method} ${what}${parts.length === 0 ? '' : `?${parts.join('&')}`}`)
  if (handler !== undefined) return handler
  if (sub !== undefined || request.method === 'POST') throw notImplemented(`${request.method} of ${sub ?? what}`)
  throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.')
}
