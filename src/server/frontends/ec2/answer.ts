/** Answers requests to EC2, ELB and CloudWatch: who asks, which action of which service, and its answer as XML. */

import { hash } from 'node:crypto'
import { readBody, type WireRequest, type WireResponse } from '../../../drivers/wire.ts'
import { CloudError } from '../../../model/errors.ts'
import { hasMoreParts, parameterLimit } from '../../bounds.ts'
import { concernsOperator, waitOf } from '../../errors.ts'
import { messageLimit, shortened } from '../../excerpts.ts'
import type { Frontend } from '../../frontend.ts'
import type { Claim, Connection, Gate, Target } from '../../gate.ts'
import { baseOf } from '../../origin.ts'
import { querySignature, regionInHost, type Signature } from '../aws/index.ts'
import { ec2Actions } from './actions.ts'
import type { Action, Actions } from './asked.ts'
import { balancerActions } from './balancers.ts'
import { ApiError, known, unproven } from './errors.ts'
import { metricActions } from './metrics.ts'
import { Parameters } from './parameters.ts'
import { type Tree, xmlOf } from './writer.ts'

/** A service: its actions, and how it writes what it says. */
interface Service {
  readonly actions: Actions
  /** @param version as the client names it */
  readonly namespace: (version: string) => string
  readonly version: string
  /** Of EC2 the answer is the root's content; the others have a result within, and metadata behind it. */
  readonly isPlain: boolean
  readonly zone: 'ec2' | 'elasticloadbalancing' | 'monitoring'
}

const ec2: Service = {
  zone: 'ec2',
  actions: ec2Actions,
  version: '2016-11-15',
  namespace: version => `http://ec2.amazonaws.com/doc/${version}/`,
  isPlain: true,
}

const services: readonly Service[] = [
  ec2,
  {
    zone: 'elasticloadbalancing',
    actions: balancerActions,
    version: '2012-06-01',
    namespace: version => `http://elasticloadbalancing.amazonaws.com/doc/${version}/`,
    isPlain: false,
  },
  {
    zone: 'monitoring',
    actions: metricActions,
    version: '2010-08-01',
    namespace: version => `http://monitoring.amazonaws.com/doc/${version}/`,
    isPlain: false,
  },
]

/** What a form may measure, in bytes: user data are the largest thing in it. */
const largest = 1024 * 1024

export const answer: Frontend = async (request, gate) => {
  let requestId: string | undefined
  let service = ec2
  let action: Action | undefined
  try {
    const { body, all } = await read(request)
    const name = all.get('Action') ?? ''
    requestId = requestIdOf(gate.ownTime(), meaningOf(all))
    service = serviceOf(request, all, name)
    const target = gate.target()
    const regions = gate.regionsOf(target)
    const { provider } = target
    const signature = querySignature(request, { service: service.zone, provider, regions, now: Date.now(), body, parameters: [...all] })
    const region = signature?.region ?? regionInHost(request.header('host') ?? '') ?? regions[0] ?? 'us-east-1'
    action = Object.hasOwn(service.actions, name) ? service.actions[name] : undefined
    if (action === undefined) throw new ApiError('InvalidAction', `The action ${shortened(name)} is not valid for this web service`)
    const parameters = Parameters.of(all)
    const { cloud, credentials } = await connected(request, gate, signature, targetIn(gate, target, region))
    if (action.changes === true && parameters.flag('DryRun'))
      throw new ApiError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.')
    const version = all.get('Version') ?? service.version
    const tree = await action.answer({
      cloud,
      parameters,
      version,
      user: credentials?.user ?? 'anonymous',
      now: gate.now(target),
      region,
      regions: regions.length > 0 ? regions : [region],
      pageSize: gate.settings.pageSize,
      address: `${baseOf(request)}/ec2`,
    })
    return answered(name, service, version, requestId, tree)
  } catch (error) {
    return refuse(error, request, gate, { action, service, requestId })
  }
}

/** What is known of a request that is refused. */
interface Progress {
  readonly action?: Action | undefined
  readonly service?: Service
  readonly requestId?: string | undefined
}

export const refuse = (error: unknown, request: WireRequest, gate: Gate, progress: Progress = {}): WireResponse => {
  if (concernsOperator(error)) gate.context.log.error({ err: error, method: request.method }, error.message)
  const all = queryOf(request)
  const { isPlain } = progress.service ?? serviceOf(request, all, all.get('Action') ?? '')
  const failure = known(error, progress.action, isPlain)
  if (failure === undefined) gate.context.log.error({ err: error, method: request.method, status: 500 }, 'a request failed unexpectedly')
  return refused(
    failure ?? new ApiError('InternalError', 'An internal error has occurred'),
    isPlain,
    progress.requestId ?? requestIdOf(gate.ownTime(), meaningOf(all)),
    waitOf(error),
  )
}

/** The same request at the same time of the cloud has the same id: what is answered is never a matter of luck. */
const requestIdOf = (now: number, meaning: string): string => {
  const digits = hash('sha256', `${now} ${meaning}`)
  return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `a${digits.slice(17, 20)}`, digits.slice(20, 32)].join('-')
}

/** What is asked, without what signs it or only makes it recognizable. */
const meaningOf = (all: URLSearchParams): string =>
  [...all]
    .flatMap(([name, value]) =>
      /^(?:AWSAccessKeyId|Signature|Timestamp|Expires|ClientToken|X-Amz-)/.test(name) ? [] : [`${name}=${value}`],
    )
    .join('&')

const answered = (name: string, service: Service, version: string, requestId: string, tree: Tree): WireResponse => {
  const namespace = service.namespace(/^\d{4}-\d\d-\d\d$/.test(version) ? version : service.version)
  const content = service.isPlain
    ? `<requestId>${requestId}</requestId>${xmlOf(tree, 'item')}`
    : `<${name}Result>${xmlOf(tree, 'member')}</${name}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`
  return {
    status: 200,
    headers: headersFor(requestId),
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<${name}Response xmlns="${namespace}">${content}</${name}Response>`,
  }
}

const refused = (error: ApiError, isPlain: boolean, requestId: string, wait: string | undefined): WireResponse => {
  const { code, status } = error
  const message = shortened(error.message, messageLimit)
  const body = isPlain
    ? xmlOf({ Response: { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId } }, 'item')
    : xmlOf(
        { ErrorResponse: { Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message }, RequestId: requestId } },
        'member',
      )
  return {
    status,
    headers: [
      ...headersFor(requestId),
      ...(wait === undefined ? [] : [['Retry-After', wait] as const]),
      ...(status === 401 ? [['WWW-Authenticate', 'Basic realm="EC2 API"'] as const] : []),
    ],
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  }
}

const headersFor = (requestId: string): [string, string][] => [
  ['Content-Type', 'text/xml;charset=UTF-8'],
  ['x-amzn-requestid', requestId],
]

const tooManyParameters = new ApiError('InvalidParameterCombination', `The request has more than ${parameterLimit} parameters`)

const read = async (request: WireRequest): Promise<{ body: Buffer; all: URLSearchParams }> => {
  if (request.method !== 'GET' && request.method !== 'POST')
    throw new ApiError('InvalidParameterCombination', `The method ${shortened(request.method)} is not one of this web service`)
  let body: Buffer
  try {
    body = await readBody(request.body, largest)
  } catch (error) {
    if (error instanceof RangeError) throw new ApiError('InvalidParameterCombination', `The request is larger than ${largest} bytes`)
    throw error
  }
  const form = body.toString('utf8')
  const at = request.target.indexOf('?')
  if (hasMoreParts(`${at < 0 ? '' : request.target.slice(at + 1)}&${form}`, '&', parameterLimit + 1)) throw tooManyParameters
  const all = queryOf(request)
  for (const [name, value] of new URLSearchParams(form)) all.append(name, value)
  if (all.size > parameterLimit) throw tooManyParameters
  return { body, all }
}

const queryOf = ({ target }: WireRequest): URLSearchParams => {
  const at = target.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : target.slice(at + 1))
}

/** Which service is meant: the host names it, or the signature; else the action is one of its own. */
const serviceOf = (request: WireRequest, all: URLSearchParams, action: string): Service => {
  const scope = /\/(ec2|elasticloadbalancing|monitoring)\/aws4_request\b/.exec(
    request.header('authorization') ?? all.get('X-Amz-Credential') ?? '',
  )?.[1]
  const host = /^(ec2|elasticloadbalancing|monitoring)(?:[.-][a-z0-9-]+)?\.(?:localhost|amazonaws\.com)(?::\d+)?$/i
    .exec(request.header('host') ?? '')?.[1]
    ?.toLowerCase()
  const named = services.find(({ zone }) => zone === (host ?? scope))
  return (
    named ??
    services.find(({ version }) => version === all.get('Version')) ??
    services.find(({ actions }) => Object.hasOwn(actions, action)) ??
    ec2
  )
}

/** The cloud of a region, where there is more than one. @throws ApiError for a region that isn't there */
const targetIn = (gate: Gate, target: Target, region: string): Target => {
  if (gate.regionsOf(target).length === 0) return target
  const found = gate.inRegion(target, region)
  if (found === undefined) throw unproven()
  return found
}

/** @throws ApiError for who isn't known */
const connected = async (request: WireRequest, gate: Gate, signature: Signature | undefined, target: Target): Promise<Connection> => {
  const claim: Claim = signature?.claim ?? passwordIn(request)
  if (claim.kind === 'none') throw unproven()
  try {
    return await gate.connect(claim, target)
  } catch (error) {
    if (signature === undefined || !(error instanceof CloudError) || error.kind !== 'unauthenticated') throw error
    throw unproven()
  }
}

/** Who signs nothing may give a password, as the original had it. */
const passwordIn = (request: WireRequest): Claim => {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.header('authorization') ?? '') ?? []
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? []
  return user === undefined || password === undefined ? { kind: 'none' } : { kind: 'password', user, password }
}
