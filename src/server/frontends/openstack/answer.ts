/** Answers requests to the OpenStack services: which service, which route, who asks, and faults in the service's own words. */

import { hash } from 'node:crypto'
import type { WireRequest, WireResponse } from '../../../drivers/wire.ts'
import { withoutSecretsInText } from '../../../model/secrets.ts'
import { hasMoreParts, parameterLimit } from '../../bounds.ts'
import { concernsOperator } from '../../errors.ts'
import type { Frontend } from '../../frontend.ts'
import type { Gate } from '../../gate.ts'
import { baseOf } from '../../origin.ts'
import type { Asked, Called, Handler, Routes } from './asked.ts'
import { balancerRoutes } from './balancers.ts'
import { bodyOf } from './body.ts'
import { baseIn, discovery, placesOf, regionsOf } from './catalog.ts'
import { computeRoutes } from './compute.ts'
import { identityOf } from './derived.ts'
import { badRequest, denied, Fault, known, refused, type ServiceName } from './errors.ts'
import { identityRoutes, issueV1, openRoutes } from './identity.ts'
import { imageRoutes } from './images.ts'
import { networkRoutes } from './network.ts'
import { objectRoutes, swiftInfo } from './objects.ts'
import { Router } from './router.ts'
import { volumeRoutes } from './volumes.ts'

interface Served {
  /** What of the path is the version; `project` is the project that it names. */
  readonly version: RegExp
  readonly router: Router<Handler>
}

const service = (version: RegExp, routes: Routes): Served => ({ version, router: new Router<Handler>(routes) })

/** By first path segment: the version, and the routes below it. */
const services: Readonly<Record<ServiceName, Served>> = {
  identity: service(/^(?=\/)/, identityRoutes),
  // Nova took the project in its paths before 2.1, and clients may still write it.
  compute: service(/^\/v2(?:\.[01])?(?:\/(?<project>[0-9a-f-]{32,36})(?=\/))?(?=\/|$)/, computeRoutes),
  image: service(/^\/v2(?:\.\d+)?(?=\/)/, imageRoutes),
  volume: service(/^\/v3\/(?<project>[^/]+)(?=\/|$)/, volumeRoutes),
  network: service(/^\/v2\.0(?=\/|$)/, networkRoutes),
  'load-balancer': service(/^\/v2(?:\.0)?\/lbaas(?=\/|$)/, balancerRoutes),
  'object-store': service(/^\/v1\/AUTH_(?<project>[^/]+)(?=\/|$)/, objectRoutes),
}

const open = new Router(openRoutes)

const isService = (name: string): name is ServiceName => Object.hasOwn(services, name)

export const answer: Frontend = async (request, gate) => {
  const address = addressIn(request, gate)
  const { name } = address
  try {
    const response = await answered(request, gate, address)
    return { ...response, headers: [...response.headers, ...idHeaders(request, gate.ownTime(), name)] }
  } catch (error) {
    return refuse(error, request, gate)
  }
}

export const refuse = (error: unknown, request: WireRequest, gate: Gate): WireResponse => {
  if (concernsOperator(error)) gate.context.log.error({ err: error, method: request.method }, error.message)
  const { name } = addressIn(request, gate)
  const fault = known(error, name)
  if (fault === undefined) gate.context.log.error({ err: error, method: request.method, status: 500 }, 'a request failed unexpectedly')
  const response = refused(fault ?? new Fault(500, 'Unexpected API Error.'), name, identityAddress(request))
  return { ...response, headers: [...response.headers, ...idHeaders(request, gate.ownTime(), name)] }
}

interface Address {
  /** That stands before the service in the path. */
  readonly region: string | undefined
  /** The service that is asked. */
  readonly first: string
  /** What stands below it in the path. */
  readonly below: string
  readonly query: string
  /** The service in whose words a fault is told. */
  readonly name: ServiceName
}

const addressIn = (request: WireRequest, gate: Gate): Address => {
  const [path, query] = split(request.target)
  const [, first = '', below = ''] = /^\/openstack\/?([^/]*)(.*)$/s.exec(path) ?? []
  if (isService(first)) return { region: undefined, first, below, query, name: first }
  const [, next = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(below) ?? []
  const region = regionsIn(gate).find(name => encodeURIComponent(name) === first)
  // One identity service is that of all regions.
  return region !== undefined && isService(next) && next !== 'identity'
    ? { region, first: next, below: rest, query, name: next }
    : { region: undefined, first, below, query, name: 'identity' }
}

/** The regions that paths may name; none where the cloud can't be told, which whoever asks it says better. */
const regionsIn = (gate: Gate): readonly string[] => {
  try {
    return regionsOf(gate, gate.target())
  } catch {
    return []
  }
}

const split = (target: string): readonly [string, string] => {
  const at = target.indexOf('?')
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

/** Where a client gets a token; a request that has no host to be told gets the path alone. */
const identityAddress = (request: WireRequest): string => {
  try {
    return `${baseOf(request)}/openstack/identity`
  } catch {
    return '/openstack/identity'
  }
}

/** The same request at the same time of the cloud has the same id: what is answered is never a matter of luck. */
const idHeaders = (request: WireRequest, now: number, name: ServiceName): [string, string][] => {
  const digits = hash('sha256', `${now} ${request.method} ${request.target}`)
  if (name === 'object-store') return [['X-Trans-Id', `tx${digits.slice(0, 21)}-00${digits.slice(22, 30)}`]]
  const id = `req-${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`
  return [['x-openstack-request-id', id], ...(name === 'compute' ? ([['x-compute-request-id', id]] as [string, string][]) : [])]
}

const answered = async (request: WireRequest, gate: Gate, { region, first, below, query }: Address): Promise<WireResponse> => {
  if (hasMoreParts(query, '&', parameterLimit)) throw badRequest(`The query has more than ${parameterLimit} parameters`)
  const target = gate.target()
  const base = baseIn(`${baseOf(request)}/openstack`, region)
  const called: Called = {
    request,
    gate,
    target,
    region,
    base,
    now: gate.now(target),
    query: new URLSearchParams(query),
    path: {},
    here: below,
    body: () => bodyOf(request),
  }
  if (first === '') return overview(called)
  if (!isService(first)) throw new Fault(404, `There is no service ${withoutSecretsInText(first).slice(0, 50)} here`)
  const versions = request.method === 'GET' || request.method === 'HEAD' ? discovery(base, first, below) : undefined
  if (versions !== undefined) return versions
  if (first === 'object-store' && below === '/info') return swiftInfo(called)
  if (first === 'object-store' && /^\/auth\/v1(\.0)?\/?$/.test(below)) return issueV1(called)
  if (first === 'identity') {
    const route = open.find(request.method, below)
    if (route !== undefined) return route.handler({ ...called, path: route.path })
  }
  const { version, router } = services[first]
  const found = version.exec(below)
  const here = found === null ? undefined : below.slice(found[0].length)
  const asked = await connected({ ...called, here: here ?? below })
  const project = found?.groups?.project
  const isForeign = project !== undefined && project !== asked.identity.projectId
  // Swift guards an account before it looks what is asked of it.
  if (isForeign && first === 'object-store') throw denied()
  const route = here === undefined ? undefined : router.find(request.method, here)
  if (route !== undefined && isForeign) throw new Fault(400, 'Malformed request url')
  if (route !== undefined) return route.handler({ ...asked, path: route.path })
  const others = here === undefined ? [] : router.methods(here)
  if (others.length > 0) throw new Fault(405, `The method ${request.method.slice(0, 20)} is not one of this path`)
  throw new Fault(404, 'The resource could not be found.')
}

/** @throws Fault 401 without a token that is good now */
const connected = async (called: Called): Promise<Asked> => {
  const { request, gate, target, region } = called
  const token = request.header('x-auth-token') ?? request.header('x-storage-token')
  if (token === undefined) throw new Fault(401, 'The request you have made requires authentication.')
  const here = region === undefined ? target : (gate.inRegion(target, region) ?? target)
  const { cloud, credentials } = await gate.connect({ kind: 'token', token }, here, target)
  const account = credentials?.user ?? 'anonymous'
  return { ...called, cloud, offer: here.offer, account, identity: identityOf(account) }
}

/** What there is, for who looks at the root. */
const overview = (called: Called): WireResponse => ({
  status: 200,
  headers: [['Content-Type', 'application/json']],
  body: JSON.stringify({
    services: placesOf(called, '').map(({ entry: { type, path } }) => ({
      type,
      href: `${called.base}${path.replace(/\/[^/]*\{project\}/, '/')}`,
    })),
  }),
})
