/** Intended differences in the protocol: the quirks P of the API's list. */

import { escapePattern } from '../difference.ts'
import { driverOf, type Exchange, headerOf, mediaTypeOf } from '../exchange.ts'
import { all, document, errorDocument, header, negotiated, sameMessage, singularOf, status } from '../instead.ts'
import type { Check, Rule } from '../rules.ts'
import type { World } from '../world.ts'

const classicLacks = /^\/api\/(firewalls|load_balancers)(\/|$)/

/** Collections whose members have addresses, and the actions below a member. */
const members =
  'addresses|buckets|drivers|firewalls|hardware_profiles|images|instances|keys|load_balancers|metrics|network_interfaces|networks|realms|storage_snapshots|storage_volumes|subnets'

const known: readonly RegExp[] = [
  /^\/api$/,
  /^\/api\/(docs|instance_states)$/,
  new RegExp(`^/api/(${members})(/[^/]+)?$`),
  /^\/api\/instances\/[^/]+\/(start|stop|reboot|run)$/,
  /^\/api\/storage_volumes\/[^/]+\/(attach|detach|attach_instance)$/,
  /^\/api\/addresses\/[^/]+\/(associate|disassociate)$/,
  /^\/api\/load_balancers\/[^/]+\/(register|unregister)$/,
  /^\/api\/firewalls\/[^/]+\/[^/]+$/,
  /^\/api\/buckets\/[^/]+\/[^/]+(\/(content|metadata))?$/,
]

/** Members answer no OPTIONS, in the original as in ours. */
const exists = ({ verb, path }: Exchange): boolean => verb !== 'OPTIONS' && known.some(pattern => pattern.test(path))

const isFrameworkPage = ({ scrubbed, recorded }: Exchange): boolean =>
  scrubbed.includes('framework not-found page') || headerOf(recorded.headers, 'x-cascade') === 'pass'

const endsInSlash = ({ path }: Exchange): boolean => /^\/api\/.+\/$/.test(path)

/** `/api/realms/` is about realms, `/api/realms/us/` about a realm. */
const rootFor = (path: string): string => (path.split('/').length > 4 ? singularOf(path) : (path.split('/')[2] ?? ''))

/** The parameter whose absence the original complains about stands in the matrix part of the address. */
const inMatrix = (exchange: Exchange): boolean => {
  const name = /^Required parameter '(\w+)'/.exec(sameMessage(exchange))?.[1]
  return exchange.matrix.some(parameter => parameter.name === name)
}

const providerOf = (exchange: Exchange): string | undefined =>
  exchange.matrix.find(({ segment, name }) => segment === 'api' && name === 'provider')?.value ??
  exchange.query.get('api[provider]') ??
  headerOf(exchange.headers, 'x-deltacloud-provider')

/** The driver or the provider is unknown. The mock has no provider but `default` here. */
const choosesNoCloud = (exchange: Exchange, { drivers }: World): boolean =>
  (!exchange.path.startsWith('/api/drivers/') && !drivers.has(driverOf(exchange) ?? 'mock')) ||
  !['default', undefined].includes(providerOf(exchange))

/** `/api;driver=mock`: the root of links, for a request that chose its cloud in the path. */
const rootOf = ({ matrix }: Exchange): string =>
  `/api${['driver', 'provider']
    .flatMap(name => matrix.filter(one => one.segment === 'api' && one.name === name))
    .map(({ name, value }) => `;${name}=${value}`)
    .join('')}`

/** Media types that the request prefers equally, in its order; what stands for any type comes last. */
const favourites = ({ headers }: Exchange): string[] => {
  const weighed = (headerOf(headers, 'accept') ?? '')
    .split(',')
    .map(item => ({ type: item.split(';')[0]?.trim() ?? '', weight: Number(/;\s*q=([\d.]+)/.exec(item)?.[1] ?? 1) }))
  const best = Math.max(...weighed.map(({ weight }) => weight))
  const types = weighed.filter(({ weight }) => weight === best).map(({ type }) => type)
  return [...types.filter(type => type !== '*/*'), ...types.filter(type => type === '*/*')]
}

const faults: Readonly<Record<string, string>> = {
  500: 'DeltacloudErrorMessage',
  501: 'NotImplementedMessage',
  502: 'ProviderErrorMessage',
  504: 'ProviderTimeoutMessage',
}

/** The names of collections that the original's class names stand for. */
const namesCollections: Check = (ours, { recorded }) => {
  const offered = (headerOf(ours.headers, 'allow') ?? '').split(',').map(name => name.trim())
  const classes = [...(headerOf(recorded.headers, 'allow') ?? '').matchAll(/::(\w+)Collection/g)].map(([, name = '']) => name)
  const lacking = classes.map(name => name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase()).filter(name => !offered.includes(name))
  return lacking.length === 0 ? undefined : `Allow lacks ${lacking.join(', ')}`
}

/** An error document as XML, or as JSON where `Accept` names a JSON type. */
const notAcceptable: Check = (ours, exchange, world) => {
  const accept = headerOf(exchange.headers, 'accept') ?? ''
  return errorDocument(406)(ours, { ...exchange, format: accept.includes('json') ? 'json' : 'xml' }, world)
}

const challenge = header('www-authenticate', /^Basic realm=/)

export const protocol: readonly Rule[] = [
  {
    quirk: 'P2',
    because: 'A missing capability is told in an error document, not in plain text.',
    when: { status: [412] },
    excuses: ['header content-type', 'body'],
    instead: errorDocument(412, sameMessage),
  },
  {
    quirk: 'P3',
    because: 'A parameter error is an error document in the negotiated format, with the same message.',
    when: { status: [400], says: /^(Required parameter '|Parameter '|Unable to find HTTP Host)/, and: exchange => !inMatrix(exchange) },
    excuses: ['header content-type', 'body'],
    instead: errorDocument(400, sameMessage),
  },
  {
    quirk: 'P3',
    because: 'Wrong credentials at the entry point are an error document too.',
    when: { path: /^\/api$/, status: [401], says: /^Authentication failed$/ },
    excuses: ['header content-type', 'body'],
    instead: errorDocument(401),
  },
  {
    quirk: 'P8',
    because: 'Matrix parameters of the last segment count for every method.',
    when: { method: ['POST'], status: [400], says: /^Required parameter '/, and: inMatrix },
    excuses: 'the answer',
    instead: (ours, exchange, world) => all(status(200, 201, 202, 204), document(singularOf(exchange.path)))(ours, exchange, world),
  },
  {
    quirk: 'P9',
    because: 'Links keep to the cloud that the request chose in its path.',
    when: { status: [200, 201, 202], and: ({ matrix }) => matrix.some(({ segment }) => segment === 'api') },
    excuses: ['xml **/@href', 'json **.href', 'header location'],
    only: ({ expected, ours }, exchange) => expected !== undefined && expected.replace('/api', rootOf(exchange)) === ours,
  },
  {
    quirk: 'P10',
    because: 'Every 401 carries the challenge.',
    when: { status: [401], and: ({ recorded }) => headerOf(recorded.headers, 'www-authenticate') === undefined },
    excuses: ['header www-authenticate'],
    instead: challenge,
  },
  {
    quirk: 'P11',
    because: 'An index tells the message of the driver, as a member does.',
    when: { path: /^\/api\/realms$/, status: [500, 501, 502, 504] },
    excuses: ['xml /error/message/text()', 'json $.message'],
    instead: (ours, exchange, world) => errorDocument(exchange.recorded.status, faults[exchange.recorded.status])(ours, exchange, world),
  },
  {
    quirk: 'P11',
    because: 'An index tells the message of the driver, as a member does.',
    when: {
      path: /^\/api\/\w+$/,
      status: [401],
      says: /Unauthorized/,
      and: ({ recorded }) => headerOf(recorded.headers, 'www-authenticate') === undefined,
    },
    excuses: ['xml /error/message/text()', 'json $.message'],
    instead: errorDocument(401, 'Authentication Failure'),
  },
  {
    quirk: 'P15',
    because: 'OPTIONS lists collections by name, not by class, and its body is empty: the original printed the names of its headers there.',
    when: { method: ['OPTIONS'], path: /^\/api$/, status: [200] },
    excuses: ['header allow[*]', 'header etag', 'body'],
    instead: namesCollections,
  },
  {
    quirk: 'P17',
    because: 'What was done is answered with 204, whatever the format.',
    when: { method: ['HEAD', 'POST'], path: /^\/api\/buckets\/[^/]+\/[^/]+(\/metadata)?$/, status: [406] },
    excuses: 'the answer',
    instead: status(204, 404),
    unseen: true,
  },
  {
    quirk: 'P18',
    because: 'An unknown path is an error document, not a page of the framework.',
    when: { status: [404], and: exchange => isFrameworkPage(exchange) && !exists(exchange) && !endsInSlash(exchange) },
    excuses: 'the answer',
    instead: errorDocument(404),
  },
  {
    quirk: 'P18',
    because: 'A known path with a method that it lacks is 405 and tells the methods it has.',
    when: { status: [404], and: exchange => isFrameworkPage(exchange) && exists(exchange) },
    excuses: 'the answer',
    instead: all(errorDocument(405), header('allow', /[A-Z]/)),
  },
  {
    quirk: 'P19',
    because: 'An unknown driver is an error document, not an empty answer.',
    when: { path: /^\/api\/drivers\/[^/]+$/, status: [404] },
    excuses: 'the answer',
    instead: errorDocument(404),
  },
  {
    quirk: 'P20',
    because: 'An action on an unknown instance is 404, as everywhere.',
    when: { path: /^\/api\/instances\/[^/]+/, status: [403], says: /Forbidden/ },
    excuses: 'the answer',
    instead: errorDocument(404),
  },
  {
    quirk: 'P22',
    because: 'What was created is answered with 201 and its address.',
    when: { method: ['POST'], path: /^\/api\/(networks|subnets|network_interfaces)$/, status: [200] },
    excuses: ['status', 'header location'],
    instead: all(status(201), header('location', /^http:\/\/localhost:3001\/api\/\w+\/./)),
  },
  {
    quirk: 'P29',
    because: 'The list of frontends has an XML and a JSON form.',
    when: { path: /^\/$/, status: [406, 500] },
    excuses: 'the answer',
    instead: all(status(200), negotiated),
  },
  {
    quirk: 'P30',
    because: 'The state machine has a DOT form.',
    when: { path: /^\/api\/instance_states$/, status: [500], format: ['gv'] },
    excuses: 'the answer',
    instead: all(status(200), ours =>
      /^\s*digraph\b.*running/s.test(ours.body.toString()) ? undefined : 'draws no graph with the state running',
    ),
  },
  {
    quirk: 'P31',
    because: 'A slash at the end changes nothing.',
    when: { method: ['GET', 'HEAD'], status: [404], and: exchange => isFrameworkPage(exchange) && endsInSlash(exchange) },
    excuses: 'the answer',
    instead: (ours, exchange, world) => all(status(200), document(rootFor(exchange.path)))(ours, exchange, world),
  },
  {
    quirk: 'P32',
    because: 'Of equally preferred types the first wins, not the last.',
    when: {
      method: ['GET', 'HEAD'],
      status: [200],
      and: exchange =>
        favourites(exchange).length > 1 && !exchange.query.has('format') && mediaTypeOf(exchange.recorded) !== favourites(exchange)[0],
    },
    excuses: 'the answer',
    instead: all(status(200), negotiated),
  },
  {
    quirk: 'P33',
    because: 'OPTIONS of a collection that the driver lacks is refused as every operation there.',
    when: { method: ['OPTIONS'], path: classicLacks, status: [200] },
    excuses: 'the answer',
    instead: all(errorDocument(412), header('expect', /\w/)),
  },
  {
    quirk: 'P34',
    because: 'A format that can not be given is refused with an error document.',
    when: { status: [406], path: /^\/api/ },
    excuses: 'the answer',
    instead: notAcceptable,
  },
  {
    quirk: 'P35',
    because: 'An unknown driver is a mistake of the client.',
    when: { status: [500], says: /^.*Driver '[^']*' is not available/s },
    excuses: 'the answer',
    instead: errorDocument(400, exchange => new RegExp(escapePattern(driverOf(exchange) ?? ''), 'i')),
  },
  {
    quirk: 'P35, M20',
    because: 'An answer that comes from no cloud names none.',
    when: { and: (exchange, world) => choosesNoCloud(exchange, world) },
    excuses: ['header x-deltacloud-driver', 'header x-deltacloud-provider'],
    instead: status(400),
  },
  {
    quirk: 'P37',
    because: 'The picture is drawn by Graphviz; without it there is no PNG.',
    when: { path: /^\/api\/instance_states$/, status: [200], format: ['png'], and: (_exchange, { graphviz }) => !graphviz },
    excuses: 'the answer',
    instead: notAcceptable,
    unseen: true,
  },
  {
    quirk: 'M20',
    because: 'An unknown provider is a mistake of the client.',
    when: { status: [200, 201, 202, 204], and: choosesNoCloud },
    excuses: 'the answer',
    instead: errorDocument(400),
  },
]
