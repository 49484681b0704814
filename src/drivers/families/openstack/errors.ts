/** What the faults of the OpenStack services are in the words of the API: one table by status, and the exceptions to it. */

import { CloudError, type ErrorKind, type Exhausted, notFound } from '../../../model/errors.ts'
import { retryAfter } from '../../transport.ts'
import { headerOf, type WireResponse } from '../../wire.ts'
import { parsed } from './native.ts'

/** By status, 498 being Swift's for a rate limit: what no exception below says otherwise. All else is `provider-error`. */
const kinds: Readonly<Record<number, ErrorKind>> = {
  400: 'bad-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'not-permitted',
  409: 'conflict',
  411: 'bad-request',
  412: 'conflict',
  416: 'bad-request',
  422: 'bad-request',
  413: 'bad-request',
  429: 'throttled',
  498: 'throttled',
  501: 'not-supported',
  503: 'provider-unavailable',
  504: 'provider-timeout',
  507: 'storage-full',
}

interface Exception {
  readonly status: number
  /** Looked for in the fault's name and its message. */
  readonly says: RegExp
  readonly kind: ErrorKind
}

/**
 * Quotas: Nova and Cinder answer 403 or, before 2013, 413; Neutron 409 with the type OverQuota. Limits that Keystone keeps aren't called quotas. Rate limits: 413 (`overLimit`) before 429.
 * First-generation servers say by a fault's name that they are busy.
 */
const exceptions: readonly Exception[] = [
  { status: 403, says: /quota|Maximum number of|is over a limit/i, kind: 'over-quota' },
  { status: 409, says: /^OverQuota|quota exceeded/i, kind: 'over-quota' },
  { status: 413, says: /quota|LimitExceeded|maximum number of|is over a limit/i, kind: 'over-quota' },
  { status: 413, says: /^overLimit|rate|retry/i, kind: 'throttled' },
  { status: 503, says: /^serverCapacityUnavailable/i, kind: 'provider-unavailable' },
]

/**
 * @param call what was asked, for people
 * @param text the answer's body, or its beginning
 */
export const errorOf = (call: string, response: Pick<WireResponse, 'status' | 'headers'>, text: string, now: number): CloudError => {
  const { status } = response
  const fault = faultIn(text, pagesOf.test(call))
  const seconds = retrySeconds(response, now) ?? fault?.retryAfter
  const kind = kindOf(call, status, fault, seconds)
  const traced = `${fault === undefined || fault.message === '' ? `${call} was answered with ${status}` : fault.message}${requestIdOf(response)}`
  if (kind === 'not-found') return notFound(traced)
  if (kind === 'unauthenticated') return new CloudError(kind, 'Authentication Failure', { details: traced })
  const isOwn = kind.startsWith('provider-')
  return new CloudError(kind, isOwn ? `${call}: ${traced}` : traced, {
    // The wait of 0 that goes with a quota is none.
    retryAfter: kind === 'over-quota' ? undefined : seconds,
    exhausted: kind === 'over-quota' && fault !== undefined ? exhaustedIn(fault.message) : undefined,
  })
}

/** What a client is to blame for has a fault that says why; without one only what a HEAD is answered with, too, can be told. */
const kindOf = (call: string, status: number, fault: Fault | undefined, wait: number | undefined): ErrorKind => {
  // A wait of 0 says that waiting doesn't help.
  if (status === 413 && wait === 0) return 'over-quota'
  const exception = fault && exceptions.find(one => one.status === status && (one.says.test(fault.name) || one.says.test(fault.message)))
  if (exception !== undefined) return exception.kind
  if (status === 413 && wait !== undefined) return 'throttled'
  // Of what is made or changed a 404 or 409 without a word is of no resource, but of whatever stands before the service.
  const isTold = fault !== undefined || (bare.has(status) && !((status === 404 || status === 409) && /^(POST|PUT) /.test(call)))
  return (isTold ? kinds[status] : undefined) ?? 'provider-error'
}

const bare: ReadonlySet<number> = new Set([401, 403, 404, 409, 412, 429, 498, 501, 503, 504, 507])

const retrySeconds = (response: Pick<WireResponse, 'status' | 'headers'>, now: number): number | undefined => {
  const milliseconds = retryAfter(response, now)
  return milliseconds === undefined ? undefined : Math.ceil(milliseconds / 1000)
}

/** Names by which an operator finds the request in the logs; the first is that of Nova since 2.46, Cinder, Neutron, Glance and Keystone. */
const idHeaders = ['x-openstack-request-id', 'x-compute-request-id', 'x-trans-id'] as const

const requestIdOf = ({ headers }: Pick<WireResponse, 'headers'>): string => {
  const id = idHeaders.map(name => headerOf(headers, name)).find(value => value !== undefined)
  return id === undefined || !/^[\w.-]{1,100}$/.test(id) ? '' : ` (request ${id})`
}

/** What the services call the things that a quota is of. */
const quotas: Readonly<Record<string, string>> = {
  cores: 'instances',
  floating_ips: 'addresses',
  floatingip: 'addresses',
  gigabytes: 'volume_gigabytes',
  instances: 'instances',
  key_pairs: 'keys',
  'key pairs': 'keys',
  'load balancer': 'load_balancers',
  network: 'networks',
  port: 'network_interfaces',
  ram: 'instances',
  security_group: 'firewalls',
  security_groups: 'firewalls',
  server_key_pairs: 'keys',
  servers: 'instances',
  snapshots: 'storage_snapshots',
  subnet: 'subnets',
  volumes: 'storage_volumes',
}

/** How Nova, Cinder, Neutron and Octavia say what is used up. */
const sayings: readonly RegExp[] = [
  /^Quota exceeded for (?<name>\w+):.* already used (?<used>\d+) of (?<limit>\d+)/,
  /^Quota exceeded, too many (?<name>[\w ]+)/,
  /Maximum number of (?<name>\w+) allowed \((?<limit>\d+)\) exceeded/,
  /exceeds allowed (?<name>gigabytes) quota\..*quota is (?<limit>\d+)G and (?<used>\d+)G has been consumed/,
  /^Quota exceeded for resources: \['(?<name>\w+)'/,
  /^Quota has been met for resources?: (?<name>[\w ]+)/,
  /\[Resource (?<name>\w+) is over limit of (?<limit>\d+) due to current usage (?<used>\d+)/,
]

const exhaustedIn = (message: string): Exhausted | undefined => {
  const { name = '', limit, used } = sayings.map(one => one.exec(message)?.groups).find(groups => groups !== undefined) ?? {}
  const resource = quotas[name.toLowerCase()]
  if (resource === undefined) return undefined
  // Of cores and memory the numbers count no instances.
  const counts = !/^(cores|ram)$/.test(name)
  return {
    resource,
    ...(counts && limit !== undefined ? { limit: Number(limit) } : {}),
    ...(counts && used !== undefined ? { used: Number(used) } : {}),
  }
}

interface Fault {
  readonly name: string
  readonly message: string
  /** Seconds that it asks to wait. */
  readonly retryAfter?: number
}

/** Services whose own faults are pages: Swift and Glance. A page in the name of another is of whatever stands before it. */
const pagesOf = /^\w+ (?:objects|image)(?:\/|$)/

/** What Swift says in plain words, whatever type it gives them. */
const plainFault = /^(?:Upload exceeds quota|(?:Container|Object) name length of \d+ longer than)/

/** `{"itemNotFound": {"message"}}` of Nova and Cinder, `{"faultcode", "faultstring"}` of Octavia, `{"NeutronError": {"type", "message"}}`, `{"error": {"message"}}`, or a page. */
const faultIn = (text: string, isPageOwn: boolean): Fault | undefined => {
  const [member] = entriesOf(parsed(text))
  const said = entriesOf(parsed(text)).find(([key]) => key === 'faultstring')?.[1]
  if (typeof said === 'string') return { name: '', message: said.slice(0, longest) }
  const isPage = plainFault.test(text) || /^\s*<(!doctype|html)/i.test(text)
  if (member === undefined) return isPageOwn && isPage ? { name: '', message: withoutTags(text) } : undefined
  const [name, fault] = member
  if (typeof fault === 'string') return { name, message: fault.slice(0, longest) }
  const inner = new Map(entriesOf(fault))
  const [kind, message, wait] = [inner.get('type'), inner.get('message'), inner.get('retryAfter')]
  if (typeof message !== 'string') return undefined
  return {
    name: typeof kind === 'string' ? kind : name,
    message: message.slice(0, longest),
    ...((typeof wait === 'string' || typeof wait === 'number') && /^\d{1,9}$/.test(String(wait)) ? { retryAfter: Number(wait) } : {}),
  }
}

const longest = 500

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []

const withoutTags = (text: string): string =>
  text
    .slice(0, 4 * longest)
    .replace(/<head>[\s\S]*?<\/head>/i, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, longest)
