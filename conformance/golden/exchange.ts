/** One recorded request with its answer, and what rules ask about it. */

export type Headers = readonly (readonly [name: string, value: string])[]

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

/** A request and the original's answer, as the file has them. */
export interface Entry {
  readonly file: string
  readonly index: number
  readonly comment: string | undefined
  readonly startedAt: Date
  readonly method: string
  /** Absolute, undecoded. */
  readonly url: string
  readonly headers: Headers
  readonly body: Buffer | undefined
  readonly recorded: Answer
  /** What differed between two runs of the original: words of the body, and whether URL or request body hold such a word. */
  readonly volatile: { readonly body: boolean; readonly tokens: readonly string[]; readonly url: boolean; readonly requestBody: boolean }
  /** What was cut out of the recorded body. */
  readonly scrubbed: readonly string[]
}

export type Format = 'xml' | 'json' | 'html' | 'png' | 'gv' | 'none'

export interface Exchange extends Entry {
  /** The method that counts: a POST may be overridden by a field or a header. */
  readonly verb: string
  /** Undecoded, without query and matrix parameters: `/api/instances/inst1`. */
  readonly path: string
  readonly query: URLSearchParams
  /** Matrix parameters by segment: `/api;driver=mock/realms` has `driver` on `api`. */
  readonly matrix: readonly { readonly segment: string; readonly name: string; readonly value: string }[]
  /** Fields of an urlencoded body. */
  readonly form: URLSearchParams
  /** In which format the API answers this request; `none` where it can't. */
  readonly format: Format
}

export const exchangeOf = (entry: Entry): Exchange => {
  const target = targetOf(entry.url)
  const end = target.indexOf('?')
  const segments = (end < 0 ? target : target.slice(0, end)).split('/').map(segment => segment.split(';'))
  const query = new URLSearchParams(end < 0 ? '' : target.slice(end + 1))
  const urlencoded = headerOf(entry.headers, 'content-type')?.startsWith('application/x-www-form-urlencoded') === true
  const form = new URLSearchParams(urlencoded ? entry.body?.toString() : '')
  const override = entry.method === 'POST' ? (form.get('_method') ?? headerOf(entry.headers, 'x-http-method-override')) : null
  return {
    ...entry,
    verb: override?.toUpperCase() ?? entry.method,
    path: segments.map(([name]) => name).join('/'),
    query,
    matrix: segments.flatMap(([segment = '', ...parameters]) => parameters.map(parameter => ({ segment, ...assignment(parameter) }))),
    form,
    format: formatOf(query, headerOf(entry.headers, 'accept')),
  }
}

/** Path and query of an absolute URL, byte for byte. */
export const targetOf = (url: string): string => url.replace(/^https?:\/\/[^/?#]*/, '')

export const headerOf = (headers: Headers, name: string): string | undefined => headers.find(([known]) => known.toLowerCase() === name)?.[1]

/** Content-Type without parameters, in lower case. */
export const mediaTypeOf = (answer: Answer): string | undefined =>
  headerOf(answer.headers, 'content-type')?.split(';')[0]?.trim().toLowerCase()

/** A parameter of the request, wherever it stands; what comes later wins, as in the original. */
export const parameterOf = (exchange: Exchange, name: string): string | undefined =>
  exchange.form.get(name) ?? exchange.query.get(name) ?? exchange.matrix.findLast(parameter => parameter.name === name)?.value

/** The driver that an exchange names in a header, matrix parameter or query, or that it asks about. */
export const driverOf = (exchange: Exchange): string | undefined => {
  const chosen =
    exchange.matrix.findLast(({ segment, name }) => segment === 'api' && name === 'driver')?.value ?? exchange.query.get('api[driver]')
  const named = chosen ?? headerOf(exchange.headers, 'x-deltacloud-driver') ?? /^\/api\/drivers\/([^/]+)$/.exec(exchange.path)?.[1]
  return named?.toLowerCase()
}

/** `GET /api/realms?format=json` */
export const lineOf = (exchange: Entry): string => `${exchange.method} ${targetOf(exchange.url)}`

const assignment = (text: string): { name: string; value: string } => {
  const at = text.indexOf('=')
  return at < 0 ? { name: text, value: '' } : { name: text.slice(0, at), value: text.slice(at + 1) }
}

const byName: Readonly<Record<string, Format>> = { xml: 'xml', json: 'json', html: 'html', png: 'png', gv: 'gv' }

const byType: Readonly<Record<string, Format>> = {
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/json': 'json',
  'application/xhtml+xml': 'html',
  'text/html': 'html',
  '*/*': 'html',
  'image/png': 'png',
  'application/ghostscript': 'gv',
}

/** The parameter beats the header; without either it's XML; of equally preferred types the first counts (quirk P32). */
const formatOf = (query: URLSearchParams, accept: string | undefined): Format => {
  const asked = query.get('format')
  if (asked !== null) return byName[asked] ?? 'none'
  if (accept === undefined) return 'xml'
  return acceptedTypes(accept).flatMap(type => byType[type] ?? [])[0] ?? 'none'
}

/** Media types of an Accept header, best first. */
const acceptedTypes = (accept: string): string[] =>
  accept
    .split(',')
    .map(item => item.split(';').map(part => part.trim()))
    .map(([type = '', ...parameters]) => ({
      type: type.toLowerCase(),
      quality: Number(parameters.find(part => part.startsWith('q='))?.slice(2) ?? 1),
    }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || Number(a.type === '*/*') - Number(b.type === '*/*'))
    .map(({ type }) => type)
