/** The Deltacloud API as a frontend: a request in, its document out, in one pass. */

import type { WireRequest, WireResponse } from '../drivers/wire.ts'
import { badRequest, unauthenticated } from '../model/errors.ts'
import { isConfidential, withoutSecrets, withoutSecretsInText } from '../model/secrets.ts'
import { type Form, readParameters } from './body.ts'
import { collectionNamed } from './collections/index.ts'
import type { Collection, Operation, Result } from './collections/operation.ts'
import { apiVersion, entryPoint, inOneLine, listedCollections } from './entry-point.ts'
import { failureOf, HttpError, missingCapability } from './errors.ts'
import { quotedParameters, shortened } from './excerpts.ts'
import { parametersOf } from './forms.ts'
import type { Frontend, FrontendDefinition } from './frontend.ts'
import { type Connection, type Gate, refuseUserInfo, type Target } from './gate.ts'
import { headerText } from './headers.ts'
import { Links } from './links.ts'
import { type Format, negotiate, wanted } from './negotiation.ts'
import { baseOf } from './origin.ts'
import { pagePolicy } from './pages/policy.ts'
import type { PageScene } from './pages/scene.ts'
import { preconditionsOf } from './preconditions.ts'
import { documentResponse, errorResponse, render } from './render.ts'
import { ApiRequest, claimFor, claimOf, missingParameter } from './request.ts'
import { methodsOf, operationNamed, postable, route } from './routing.ts'
import { refuseForeignChange } from './site.ts'
import { formatNamed, type Parameters, type RequestTarget, readTarget } from './target.ts'

/** What is known of a request so far: an error document says as much as that. */
interface Progress {
  readonly wire: WireRequest
  readonly gate: Gate
  target: Target | undefined
  format: Format
  scene: PageScene | undefined
  parameters: Parameters
  form: Form | undefined
}

const answer: Frontend = async (wire, gate) => {
  const progress: Progress = { wire, gate, target: undefined, format: 'xml', scene: undefined, parameters: new Map(), form: undefined }
  try {
    return withServerHeaders(await dispatch(progress), progress)
  } catch (error) {
    return withServerHeaders(await failed(error, progress), progress)
  } finally {
    await progress.form?.discard()
  }
}

/** A request that isn't answered: in the format that it asks for. */
const refuse: FrontendDefinition['refuse'] = async (error, wire, gate) => {
  const format = wanted(formatNamed(wire.target), wire.header('accept'))[0] ?? 'xml'
  const progress: Progress = { wire, gate, target: undefined, format, scene: undefined, parameters: new Map(), form: undefined }
  return withServerHeaders(await failed(error, progress), progress)
}

export const deltacloud: FrontendDefinition = {
  name: 'deltacloud',
  title: 'Deltacloud API',
  root: 'api',
  version: apiVersion,
  answer,
  refuse,
}

const withServerHeaders = (response: WireResponse, { target, format }: Progress): WireResponse => {
  const headers: [string, string][] = [['Server', `Apache-Deltacloud/${apiVersion}`]]
  if (target !== undefined) {
    headers.push(['X-Deltacloud-Driver', target.driver.id])
    if (target.provider !== undefined) headers.push(['X-Deltacloud-Provider', headerText(target.provider)])
  }
  if (format === 'html') headers.push(['Content-Security-Policy', pagePolicy])
  const own = response.headers.some(([name]) => name === 'Content-Security-Policy')
    ? headers.filter(([name]) => name !== 'Content-Security-Policy')
    : headers
  return { ...response, headers: [...own, ...response.headers] }
}

const failed = (error: unknown, { wire, gate, target, format, scene, parameters }: Progress): Promise<WireResponse> => {
  const driver = target?.driver.id ?? gate.settings.driver
  const failure = failureOf(error, `Basic realm="${driver}-deltacloud@${hostName}"`)
  if (failure.status >= 500) {
    gate.context.log.error(
      { err: error, method: wire.method, status: failure.status },
      failure.unexpected ? 'a request failed unexpectedly' : failure.message,
    )
  }
  return errorResponse(failure, format === 'json' || format === 'html' ? format : 'xml', {
    target: (wire.prefix ?? '') + wire.target,
    driver,
    provider: target?.provider,
    parameters: quotedParameters(parameters).map(([name, value]): [string, string] => [
      name,
      isConfidential(name) ? '***' : withoutSecretsInText(value),
    ]),
    page: scene,
  })
}

const hostName = process.env.HOSTNAME ?? 'localhost'

const dispatch = async (progress: Progress): Promise<WireResponse> => {
  const { wire, gate } = progress
  const accept = wire.header('accept')
  const address = readable(progress, accept)
  progress.parameters = new Map(address.query)
  const accepted = wanted(address.query.get('format'), accept)
  const [preferred] = accepted
  if (preferred === undefined) {
    if (accept?.includes('json') === true) progress.format = 'json'
    throw new HttpError(406, 'Not Acceptable', { details: 'Documents come as xml, json and html; a state machine also as gv, svg and png' })
  }
  progress.format = preferred
  const target = gate.target(choiceOf(address, wire))
  progress.target = target
  const origin = baseOf(wire)
  const links = new Links(origin, address.root)
  const [, name, ...rest] = address.segments
  const collection = name === undefined ? undefined : collectionNamed(name)
  const claim = claimOf(wire)
  progress.scene = {
    links,
    offer: target.offer,
    target,
    collection,
    method: wire.method,
    // For pages: what documents never ask isn't made for them.
    get url() {
      return origin + withoutSecrets(wire.target)
    },
    query: address.query,
    user: claim.kind === 'password' ? claim.user : undefined,
  }
  refuseForeignChange(gate.origin)
  if (wire.method === 'OPTIONS') return options(target, name, collection, rest)
  if (name === undefined) return entry(progress, address, links, accepted)
  if (name === 'docs') return documentation(progress, rest, accepted)
  if (name === 'openapi.json' && rest.length === 0) {
    const { openApi } = await import('./openapi.ts')
    return openApi(target, links, preconditionsOf(wire))
  }
  if (collection === undefined) throw new HttpError(404, 'Not Found', { details: `There is no collection '${name}'` })
  return perform(progress, address, collection, rest, accepted, links)
}

/** The target, read. One that can't be is answered in the format that it asks for all the same. */
const readable = (progress: Progress, accept: string | undefined): RequestTarget => {
  const { target } = progress.wire
  try {
    if (target.length > urlLimit) throw new HttpError(414, `The address is longer than ${urlLimit} characters`)
    return readTarget(target)
  } catch (error) {
    progress.format = wanted(formatNamed(target), accept)[0] ?? 'xml'
    throw error
  }
}

/** What an address may measure, in characters. */
const urlLimit = 16 * 1024

/** Matrix parameter, header, query, in that order. */
const choiceOf = ({ first, query }: RequestTarget, wire: WireRequest): { driver: string | undefined; provider: string | undefined } => ({
  driver: first.get('driver') ?? wire.header('x-deltacloud-driver') ?? query.get('api[driver]'),
  provider: first.get('provider') ?? wire.header('x-deltacloud-provider') ?? query.get('api[provider]'),
})

const perform = async (
  progress: Progress,
  address: RequestTarget,
  collection: Collection,
  segments: readonly string[],
  accepted: readonly Format[],
  links: Links,
): Promise<WireResponse> => {
  const { wire, target, scene } = progress
  if (target === undefined || scene === undefined) throw new TypeError('A request is dispatched before its target is known')
  const given = parametersFrom(address)
  progress.parameters = given
  let { method } = wire
  let connection: Connection | undefined
  if (method === 'POST') {
    connection = await beforeBody(progress, target, postable(collection, segments))
    const form = await readParameters(wire)
    progress.form = form
    for (const [name, value] of form.parameters) given.set(name, value)
    for (const [name, file] of form.files) given.set(name, file.filename ?? '')
    method = overridden(wire, given)
  }
  const { operation, path, isEmpty } = find(collection, segments, method, accepted)
  for (const [name, value] of path)
    if (value === '.' || value === '..' || value === '') throw badRequest(`'${value}' can't be the ${name} of anything`)
  if (!operation.offered(target.offer)) throw missingCapability(operation.capability)
  if (isEmpty) return { status: 200, headers: [] }
  const format = operation.method === 'HEAD' ? progress.format : negotiate(accepted, operation.formats)
  if (format === undefined) {
    throw new HttpError(406, 'Not Acceptable', { details: `This operation answers in ${operation.formats.join(', ')}` })
  }
  progress.format = format
  progress.parameters = new Map([...given, ...path])
  checkRequired(operation, progress.parameters)
  const request = new ApiRequest({
    wire,
    gate: progress.gate,
    target,
    collection,
    operation,
    links,
    format,
    path,
    parameters: given,
    files: progress.form?.files ?? noFiles,
    connection,
  })
  const begun = performance.now()
  const result = await operation.run(request)
  const headers: [string, string][] = reportsRuntime(operation)
    ? [['X-Backend-Runtime', ((performance.now() - begun) / 1000).toFixed(6)]]
    : []
  const isRead = method === 'GET' || method === 'HEAD'
  return render({ result, format, scene, headers, conditions: isRead ? preconditionsOf(wire) : undefined })
}

/**
 * Proves who asks where nothing that a POST can mean is done without: a stranger's body isn't read.
 * @throws HttpError 412 where the cloud can do nothing of it; CloudError `unauthenticated`.
 */
const beforeBody = async ({ wire, gate }: Progress, target: Target, operations: readonly Operation[]): Promise<Connection | undefined> => {
  const [first] = operations
  if (first === undefined || operations.some(({ open }) => open)) return undefined
  if (!operations.some(({ offered }) => offered(target.offer)))
    throw missingCapability((operations.find(({ method }) => method === 'POST') ?? first).capability)
  return gate.connect(claimFor(wire, gate, target), target)
}

const noFiles: ApiRequest['files'] = new Map()

/** The original tells it on some operations only (quirk P27). */
const reportsRuntime = ({ name }: Operation): boolean =>
  name === 'index' || name === 'show' || name === 'start' || name === 'stop' || name === 'reboot'

/** Matrix parameters of the last segment are defaults (quirk P8); the query beats them. */
const parametersFrom = ({ last, query }: RequestTarget): Parameters => {
  const given: Parameters = new Map(last)
  for (const [name, value] of query) if (name !== 'format') given.set(name, value)
  return given
}

/** A form can ask for a method that HTML lacks, by `_method` or by header. */
const overridden = (wire: WireRequest, given: Parameters): string => {
  const asked = (given.get('_method') ?? wire.header('x-http-method-override'))?.toUpperCase()
  given.delete('_method')
  if (asked === undefined || asked === 'POST') return 'POST'
  if (asked === 'GET' || asked === 'DELETE' || asked === 'HEAD') return asked
  throw badRequest(`A POST can't stand for the method '${shortened(asked)}'`)
}

interface Found {
  readonly operation: Operation
  readonly path: Parameters
  /** True for a HEAD where there is nothing to read: the original answers 200 without a body. */
  readonly isEmpty: boolean
}

const find = (collection: Collection, segments: readonly string[], method: string, accepted: readonly Format[]): Found => {
  if (method !== 'HEAD') return { ...route(collection, segments, method, accepted), isEmpty: false }
  for (const instead of ['HEAD', 'GET']) {
    const found = attempt(() => route(collection, segments, instead, accepted))
    if (found !== undefined) return { ...found, isEmpty: false }
  }
  for (const instead of ['POST', 'PUT', 'DELETE']) {
    const found = attempt(() => route(collection, segments, instead, accepted))
    if (found !== undefined) return { ...found, isEmpty: true }
  }
  return { ...route(collection, segments, 'GET', accepted), isEmpty: false }
}

const attempt = <T>(make: () => T): T | undefined => {
  try {
    return make()
  } catch (error) {
    if (error instanceof HttpError) return undefined
    throw error
  }
}

const checkRequired = (operation: Operation, given: Parameters): void => {
  for (const { name, required } of operation.parameters) {
    if (required && !given.has(name)) throw missingParameter(name, given)
  }
}

const entry = async (progress: Progress, address: RequestTarget, links: Links, accepted: readonly Format[]): Promise<WireResponse> => {
  const { wire, gate, target, scene } = progress
  if (target === undefined || scene === undefined) throw new TypeError('A request is dispatched before its target is known')
  if (wire.method === 'POST') return switchCloud(wire, address, links, progress)
  if (wire.method !== 'GET' && wire.method !== 'HEAD') {
    throw new HttpError(405, 'Method Not Allowed', { headers: [['Allow', 'OPTIONS, GET, HEAD, POST']] })
  }
  const format = negotiate(accepted, ['xml', 'json', 'html'])
  if (format === undefined) throw new HttpError(406, 'Not Acceptable', { details: 'The entry point comes as xml, json and html' })
  progress.format = format
  const claim = claimOf(wire)
  const { driver } = target
  let withdrawn: Awaited<ReturnType<NonNullable<typeof driver.withdrawn>>> = []
  if (address.query.has('force_auth')) {
    const { session, credentials } = await gate.connect(claimFor(wire, gate, target), target)
    if (credentials === undefined) throw unauthenticated()
    await driver.verify?.(session)
  }
  if (driver.withdrawn !== undefined && claim.kind !== 'none') {
    const { session } = await gate.connect(claimFor(wire, gate, target), target)
    withdrawn = await driver.withdrawn(session)
  }
  const result: Result = entryPoint(target, links, gate.settings.registry, withdrawn)
  return render({ result, format, scene, headers: [], conditions: preconditionsOf(wire) })
}

/** The form of the first page: it leads to the entry point of another cloud. */
const switchCloud = async (wire: WireRequest, address: RequestTarget, links: Links, progress: Progress): Promise<WireResponse> => {
  const form = await readParameters(wire)
  progress.form = form
  const chosen = new Map([...address.query, ...form.parameters])
  const [driver, provider] = [chosen.get('driver'), chosen.get('provider')]
  refuseUserInfo(provider)
  const root = `${links.origin}/api`
  const came = /;driver=([^;/?]+)/.exec(wire.header('referer') ?? '')?.[1]
  const location =
    driver !== undefined
      ? `${root};driver=${encodeURIComponent(driver)}${provider === undefined || provider === 'default' ? '' : `;provider=${encodeURIComponent(provider)}`}`
      : provider !== undefined && provider !== 'default'
        ? `${root}${came === undefined ? '' : `;driver=${came}`};provider=${encodeURIComponent(provider)}`
        : `${root}/`
  return {
    status: 301,
    headers: [
      ['Location', location],
      ['Content-Type', 'text/html'],
    ],
  }
}

const documentation = async (progress: Progress, rest: readonly string[], accepted: readonly Format[]): Promise<WireResponse> => {
  const { scene, wire } = progress
  if (wire.method !== 'GET' && wire.method !== 'HEAD')
    throw new HttpError(405, 'Method Not Allowed', { headers: [['Allow', 'OPTIONS, GET, HEAD']] })
  if (scene === undefined) throw new TypeError('A request is dispatched before its target is known')
  const { docsPage } = await import('./pages/index.ts')
  const body = docsPage(scene, rest)
  if (body === undefined) throw new HttpError(404, 'Not Found', { details: `There is no documentation of '${rest.join('/')}'` })
  // These pages aren't negotiated: they are HTML, whatever is asked for; an error of theirs is not.
  progress.format = negotiate(accepted, ['html']) ?? 'html'
  return documentResponse(200, 'html', body, [], preconditionsOf(wire))
}

const options = (target: Target, name: string | undefined, collection: Collection | undefined, rest: readonly string[]): WireResponse => {
  const allow = (list: readonly string[]): WireResponse => ({
    status: 200,
    headers: [
      ['Allow', list.join(',')],
      ['Content-Type', 'text/html'],
    ],
  })
  if (name === undefined) return allow(listedCollections(target).map(one => one.name))
  if (collection === undefined) throw new HttpError(404, 'Not Found', { details: `There is no collection '${name}'` })
  if (!collection.listed(target.offer)) throw missingCapability(collection.operations[0]?.capability ?? collection.name)
  if (rest.length === 0) return allow(methodsOf(collection))
  const operation = operationNamed(collection, rest)
  if (operation === undefined)
    throw new HttpError(404, 'Not Found', { details: `The collection ${name} has no operation '${rest.at(-1) ?? ''}'` })
  if (!operation.offered(target.offer)) throw missingCapability(operation.capability)
  const ofPath = operation.path.filter(part => part.startsWith(':')).map(part => `${part.slice(1)}:string:required`)
  return allow([...ofPath, ...parametersOf(collection.name, operation, target.offer.features).map(inOneLine)])
}
