/** What the OpenStack services call the failures of a cloud: the statuses of kinds are the server's own, and each service writes a fault in its way. */

import type { Headers, WireResponse } from '../../../drivers/wire.ts'
import { CloudError, type Exhausted } from '../../../model/errors.ts'
import { withoutSecretsInText } from '../../../model/secrets.ts'
import { HttpError, statusOfKind, waitOf } from '../../errors.ts'

export type ServiceName = 'identity' | 'compute' | 'image' | 'volume' | 'network' | 'load-balancer' | 'object-store'

/** An error in the words of a service. */
export class Fault extends Error {
  readonly status: number
  /** The service's own name for it; made from the status where it's absent. */
  readonly type: string | undefined
  /** Seconds that the client is told to wait. */
  readonly retryAfter: string | undefined

  constructor(status: number, message: string, type?: string, retryAfter?: string) {
    super(withoutSecretsInText(message))
    this.name = 'Fault'
    this.status = status
    this.type = type
    this.retryAfter = retryAfter
  }
}

export const badRequest = (message: string): Fault => new Fault(400, message)

/** @param what as people call it: `Instance`, `Volume` */
export const missing = (what: string, id: string): Fault =>
  new Fault(404, `${what} ${id.slice(0, 200)} could not be found.`, `${what}NotFound`)

/** Swift's word for an account of another project. */
export const denied = (): Fault => new Fault(403, 'Access was denied to this resource.')

/** What the services have and clouds don't, or the other way around. */
export const unsupported = (message: string): Fault => new Fault(501, message)

/** Where a quota is another status: Neutron's conflict, and a body that's too large. */
const quotas: Readonly<Partial<Record<ServiceName, number>>> = { network: 409, image: 413, volume: 413, 'object-store': 413 }

/** Where a rate limit is another status than 429: Cinder's is as old as its quotas, Swift has one of its own. */
const rateLimits: Readonly<Partial<Record<ServiceName, number>>> = { volume: 413, 'object-store': 498 }

/** How Nova, Cinder and Neutron say which quota is used up, by what it's of. */
const sayings: Readonly<Record<string, (limit: number, used: number) => string>> = {
  addresses: () => "Quota exceeded for resources: ['floatingip'].",
  firewalls: () => "Quota exceeded for resources: ['security_group'].",
  instances: (limit, used) => `Quota exceeded for instances: Requested 1, but already used ${used} of ${limit} instances`,
  keys: () => 'Quota exceeded, too many key pairs.',
  load_balancers: () => 'Quota has been met for resources: Load Balancer',
  network_interfaces: () => "Quota exceeded for resources: ['port'].",
  networks: () => "Quota exceeded for resources: ['network'].",
  storage_snapshots: limit => `SnapshotLimitExceeded: Maximum number of snapshots allowed (${limit}) exceeded`,
  storage_volumes: limit => `VolumeLimitExceeded: Maximum number of volumes allowed (${limit}) exceeded for quota 'volumes'.`,
  subnets: () => "Quota exceeded for resources: ['subnet'].",
}

/** The error as the service tells it; undefined for what is a bug of ours. */
export const known = (error: unknown, service: ServiceName): Fault | undefined => {
  if (error instanceof Fault) return error
  if (error instanceof HttpError) return new Fault(error.status, error.message)
  if (!(error instanceof CloudError)) return undefined
  const text = error.details === undefined || error.message.endsWith(error.details) ? error.message : `${error.message}: ${error.details}`
  if (error.kind === 'unauthenticated') return new Fault(401, 'The request you have made requires authentication.')
  const retryAfter = waitOf(error)
  if (error.kind === 'throttled')
    return new Fault(
      rateLimits[service] ?? 429,
      service === 'object-store' ? 'Slow down' : 'This request was rate-limited.',
      service === 'volume' ? rateLimited : undefined,
      retryAfter,
    )
  if (error.kind !== 'over-quota') return new Fault(statusOfKind[error.kind], text, undefined, retryAfter)
  const message = quotaText(error.exhausted) ?? (/quota/i.test(text) ? text : `Quota exceeded: ${text}`)
  // Cinder's way to say that waiting doesn't help.
  const wait = service === 'volume' ? '0' : retryAfter
  return new Fault(quotas[service] ?? statusOfKind['over-quota'], message, 'OverQuota', wait)
}

const quotaText = ({ resource, limit, used }: Partial<Exhausted> = {}): string | undefined =>
  limit === undefined || resource === undefined || !Object.hasOwn(sayings, resource) ? undefined : sayings[resource]?.(limit, used ?? limit)

/** Cinder's name of a rate limit; `overLimit` is a quota there. */
const rateLimited = 'overLimitFault'

/** Names of faults in Nova and Cinder. */
const faults: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
}

/** The same in Neutron, where nothing says it better. */
const types: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  403: 'NotAuthorized',
  404: 'HTTPNotFound',
  405: 'HTTPMethodNotAllowed',
  409: 'Conflict',
  501: 'HTTPNotImplemented',
  503: 'ServiceUnavailable',
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  416: 'Requested Range Not Satisfiable',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  498: 'Rate Limited',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** @param identity where a token is got */
export const refused = (fault: Fault, service: ServiceName, identity: string): WireResponse => {
  const { status, message, retryAfter } = fault
  const headers: Headers = [
    ...(status === 401 ? [['WWW-Authenticate', challengeOf(service, identity)] as const] : []),
    ...(retryAfter === undefined ? [] : [['Retry-After', retryAfter] as const]),
  ]
  const title = titles[status] ?? 'Error'
  if (service === 'object-store' || (service === 'image' && status !== 401))
    return {
      status,
      headers: [
        ['Content-Type', 'text/html; charset=UTF-8'],
        ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
        ...headers,
      ],
      // Swift's rate limit writes no page.
      body:
        status === 498
          ? message
          : `<html>\n <head>\n  <title>${status} ${title}</title>\n </head>\n <body>\n  <h1>${status} ${title}</h1>\n  ${escaped(message)}<br /><br />\n </body>\n</html>`,
    }
  return { status, headers: [['Content-Type', 'application/json'], ...headers], body: JSON.stringify(faultOf(fault, service, title)) }
}

const challengeOf = (service: ServiceName, identity: string): string =>
  service === 'object-store' ? 'Swift realm="unknown"' : `Keystone uri="${identity}"`

const faultOf = ({ status, message, type, retryAfter }: Fault, service: ServiceName, title: string): object => {
  if (service === 'identity' || status === 401) return { error: { code: status, title, message } }
  if (service === 'load-balancer') return { faultcode: status < 500 ? 'Client' : 'Server', faultstring: message, debuginfo: null }
  if (service === 'network') return { NeutronError: { type: type ?? types[status] ?? 'InternalError', message, detail: '' } }
  const wait = (status === 413 || status === 429) && retryAfter !== undefined ? { retryAfter } : {}
  return { [type === rateLimited ? type : (faults[status] ?? 'computeFault')]: { code: status, message, ...wait } }
}

const escaped = (text: string): string => text.replace(/[&<>]/g, found => (found === '&' ? '&amp;' : found === '<' ? '&lt;' : '&gt;'))
