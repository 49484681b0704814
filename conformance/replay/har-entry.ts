/** One entry of a HAR file as a replay needs it, whichever tool wrote it: browsers, mitmproxy, Charles, Playwright, Insomnia, Polly.js. */

import { STATUS_CODES } from 'node:http'
import { unpacked } from '../../src/record/bodies.ts'
import { Scrubber } from '../../src/record/scrubbing.ts'
import { type Item, isItem, read } from '../documents/read.ts'
import type { HarEntry, HarNote, Pair } from './har.ts'

/** A file that a HAR refers to by name (`_file`, as Playwright does); undefined where there is none. */
export type Attachments = (file: string) => Buffer | undefined

type Request = HarEntry['request']
type Response = HarEntry['response']

/** @param place `log.entries[3]` @returns no entry where it can't be replayed; then a note says why */
export const readEntry = (
  raw: unknown,
  place: string,
  attachments: Attachments,
): { readonly entry?: HarEntry; readonly notes: readonly HarNote[] } => {
  const name = `${place}${describeEntry(raw)}`
  let request: Request | undefined
  try {
    if (!isItem(raw)) throw new UnusableEntry('it is not an object')
    request = readRequest(raw, attachments)
    const { response, lost } = readResponse(raw, request, attachments)
    const missing = request.isBodyUnknown ? [...lost, 'the body of its request, which the file does not hold'] : lost
    const notes = missing.map(
      (what): HarNote => ({ text: `${name} is replayed without ${what}`, matters: true, request: request as Request }),
    )
    return { entry: { ...readStart(raw), request, response, ...readComment(raw.comment) }, notes }
  } catch (error) {
    if (!(error instanceof UnusableEntry)) throw error
    const { message, matters } = error
    return { notes: [{ text: `${name} is left out: ${message}`, matters, ...(request === undefined ? {} : { request }) }] }
  }
}

/** Why an entry can't be replayed. */
class UnusableEntry extends Error {
  readonly matters: boolean

  /** @param matters whether a driver might have asked it */
  constructor(reason: string, matters = true) {
    super(reason)
    this.matters = matters
  }
}

const readStart = ({ startedDateTime }: Item) => ({
  startedDateTime: typeof startedDateTime === 'string' && !Number.isNaN(Date.parse(startedDateTime)) ? startedDateTime : '',
})

/** Fiddler writes a comment on every entry: none, or its number. */
const readComment = (comment: unknown): { readonly comment?: string } =>
  typeof comment === 'string' && !/^\s*(\[#\d+\]\s*)?$/.test(comment) ? { comment } : {}

/** ` (GET https://cloud.test/servers)`, without what may be secret. */
const describeEntry = (raw: unknown): string => {
  const [method, url] = [read(raw, 'request', 'method'), read(raw, 'request', 'url')]
  const words = [method !== undefined && /^[a-z]{1,20}$/i.test(method) ? method.toUpperCase() : undefined, url && redactAddress(url)]
  const text = words.filter(Boolean).join(' ')
  return text === '' ? '' : ` (${text})`
}

const redactAddress = (address: string): string => {
  const [, scheme] = /^([a-z][a-z\d+.-]{0,30}):/i.exec(address) ?? []
  if (scheme === undefined) return ''
  if (!/^https?$/i.test(scheme) || !URL.canParse(address)) return `${scheme.toLowerCase()}:…`
  const { protocol, host, pathname, search } = new URL(address)
  const shown = new Scrubber().url(`${protocol}//${host}${pathname}`)
  return `${shown.length > 100 ? `${shown.slice(0, 100)}…` : shown}${search === '' ? '' : '?…'}`
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** @throws UnusableEntry */
const readRequest = (raw: Item, attachments: Attachments): Request => {
  const { request } = raw
  if (!isItem(request)) throw new UnusableEntry('it has no request')
  const url = readUrl(request)
  const method = typeof request.method === 'string' ? request.method.trim().toUpperCase() : ''
  if (method === 'CONNECT') throw new UnusableEntry('it opens a tunnel through a proxy', false)
  if (!methods.has(method)) throw new UnusableEntry('its method is none that a driver sends')
  // Headers of requests are not compared, except Content-Type.
  const { headers } = readHeaders(request.headers)
  return { method, url, headers, ...readRequestBody(request, headers, attachments) }
}

/** @throws UnusableEntry */
const readUrl = ({ url, queryString }: Item): string => {
  const address = typeof url === 'string' ? url.trim().replace(/#.*$/s, '') : ''
  const [, scheme] = /^([a-z][a-z\d+.-]*):/i.exec(address) ?? []
  if (scheme !== undefined && /^wss?$/i.test(scheme)) throw new UnusableEntry('it is a WebSocket', false)
  if (scheme !== undefined && !/^https?$/i.test(scheme)) throw new UnusableEntry('its address is not of HTTP', false)
  if (!URL.canParse(address)) throw new UnusableEntry('its address is not an absolute URL')
  const given = address.includes('?') ? [] : readPairs(queryString)
  // Insomnia writes the query beside the address.
  return given.length === 0 ? address : `${address}?${encodePairs(given)}`
}

/** The body of a request. Where there was one that the file doesn't hold, that is said. */
const readRequestBody = (
  { postData, bodySize }: Item,
  headers: readonly Pair[],
  attachments: Attachments,
): Pick<Request, 'postData' | 'isBodyUnknown'> => {
  const unknown = { isBodyUnknown: true } as const
  const hadBody = typeof bodySize === 'number' && bodySize > 0
  if (postData === undefined || postData === null) return hadBody ? unknown : {}
  if (!isItem(postData)) return unknown
  const { text, params, encoding, comment, _file: file } = postData
  const mimeType = nonEmptyText(postData.mimeType) ?? findHeader(headers, 'content-type') ?? ''
  if (typeof file === 'string') {
    const bytes = attachments(file)
    return bytes === undefined ? unknown : { postData: { mimeType, text: bytes.toString('base64'), encoding: 'base64' } }
  }
  if (typeof text === 'string' && text !== '') {
    const written = comment === 'base64' ? 'base64' : normalizeEncoding(encoding)
    if (written === undefined) return unknown
    return { postData: { mimeType, text, ...(written === 'base64' ? { encoding: written } : {}) } }
  }
  if (text !== undefined && text !== null && text !== '') return unknown
  if (!Array.isArray(params) || params.length === 0) return hadBody ? unknown : { postData: { mimeType, text: '' } }
  const form = buildForm(params, mimeType, headers)
  return form === undefined ? unknown : { postData: form }
}

/** A form by its fields, as browsers and Insomnia leave it where they don't keep its text. */
const buildForm = (params: readonly unknown[], type: string, headers: readonly Pair[]): Request['postData'] => {
  const fields = params.filter(isItem)
  const pairs = readPairs(fields)
  // What a file held isn't told.
  if (pairs.length < params.length) return undefined
  if (!/^multipart\//i.test(type))
    return /^(application\/x-www-form-urlencoded|$)/i.test(type)
      ? {
          mimeType: type || 'application/x-www-form-urlencoded',
          text: encodePairs(pairs),
        }
      : undefined
  const [, boundary = 'boundary'] = /boundary="?([^";]+)/i.exec(findHeader(headers, 'content-type') ?? type) ?? []
  const parts = pairs.map(({ name, value }, n) => {
    const { fileName, contentType } = fields[n] ?? {}
    const disposition = `Content-Disposition: form-data; name="${name}"${nonEmptyText(fileName) === undefined ? '' : `; filename="${fileName}"`}`
    return [
      `--${boundary}`,
      disposition,
      ...(nonEmptyText(contentType) === undefined ? [] : [`Content-Type: ${contentType}`]),
      '',
      value,
      '',
    ].join('\r\n')
  })
  return { mimeType: type.includes('boundary=') ? type : `${type}; boundary=${boundary}`, text: `${parts.join('')}--${boundary}--\r\n` }
}

/** @throws UnusableEntry */
const readResponse = (
  raw: Item,
  { method }: Request,
  attachments: Attachments,
): { readonly response: Response; readonly lost: readonly string[] } => {
  const { response } = raw
  if (!isItem(response)) throw new UnusableEntry('it has no response')
  const code = readStatus(response)
  const { headers: given, lost } = readHeaders(response.headers, response.cookies)
  const body = readResponseBody(response, given, { method, status: code }, attachments)
  // No provider sends a body with 304: a browser had it in its cache, and answered with that.
  const status = code === 304 && body.length > 0 ? 200 : code
  const mimeType = nonEmptyText(read(response, 'content', 'mimeType')) ?? ''
  const headers = [
    ...given,
    ...supplyHeader(given, 'Content-Type', body.length === 0 ? '' : mimeType),
    ...supplyLocation(status, given, response),
  ]
  const text = body.toString('utf8')
  const isText = Buffer.from(text).equals(body)
  return {
    response: {
      status,
      statusText: status === code ? (nonEmptyText(response.statusText) ?? '') : (STATUS_CODES[status] ?? ''),
      headers,
      content: {
        size: body.length,
        mimeType,
        ...(body.length === 0 ? {} : isText ? { text } : { text: body.toString('base64'), encoding: 'base64' as const }),
      },
      bodySize: body.length,
    },
    lost,
  }
}

/** @throws UnusableEntry for what no provider answered with */
const readStatus = ({ status, _error, _failureText }: Item): number => {
  const code = Number(typeof status === 'number' || (typeof status === 'string' && /^\d{3}$/.test(status)) ? status : Number.NaN)
  if (code === 101) throw new UnusableEntry('it became a WebSocket', false)
  if (Number.isInteger(code) && code >= 200 && code <= 599) return code
  if (code !== 0 && code !== -1)
    throw new UnusableEntry(Number.isInteger(code) ? `${code} is not the status of an answer` : 'its status is not a number')
  const reason = [_error, _failureText].find(one => typeof one === 'string' && /^[\w:. -]{1,60}$/.test(one))
  throw new UnusableEntry(`it was not answered${reason === undefined ? '' : ` (${reason})`}`)
}

/** The status has no body, whatever a file says. */
const isBodiless = (method: string, status: number): boolean => method === 'HEAD' || status === 204 || status === 205

/** The body of a response, decoded. @throws UnusableEntry where the file doesn't hold it */
const readResponseBody = (
  { content, bodySize }: Item,
  headers: readonly Pair[],
  { method, status }: { readonly method: string; readonly status: number },
  attachments: Attachments,
): Buffer => {
  if (isBodiless(method, status)) return Buffer.alloc(0)
  if (!isItem(content)) {
    if (status === 304) return Buffer.alloc(0)
    throw new UnusableEntry('its body was not kept')
  }
  const { text, size, _file: file } = content
  if (typeof file === 'string') {
    const bytes = attachments(file)
    if (bytes === undefined) throw new UnusableEntry('the file that holds its body is not there')
    return bytes
  }
  if (typeof text === 'string' && text !== '') return decodeBody(text, content, findHeader(headers, 'content-encoding') ?? '')
  if (text !== undefined && text !== null && text !== '') throw new UnusableEntry('its body is not a text')
  // A text that is there, and a size that says it is nothing.
  if (text === '' && size === 0) return Buffer.alloc(0)
  const type = findHeader(headers, 'content-type') ?? read(content, 'mimeType') ?? ''
  const length = readSize(Number(findHeader(headers, 'content-length') || -1))
  const wasSent = (readSize(bodySize) ?? 0) > 0 || (length ?? 0) > 0
  const isRead = method === 'GET' && (status === 200 || status === 203 || status === 206)
  // Of a size of nothing a read is told apart only: whoever changes something may not read the answer.
  const hadBody =
    readSize(size) === undefined ? wasSent || (isRead && length !== 0 && /json|xml/i.test(type)) : size !== 0 || (isRead && wasSent)
  if (hadBody && status !== 304) throw new UnusableEntry('its body was not kept')
  return Buffer.alloc(0)
}

/** A size in bytes; -1 says that it isn't known. */
const readSize = (size: unknown): number | undefined => (typeof size === 'number' && size >= 0 ? size : undefined)

/** @param packing the header Content-Encoding @throws UnusableEntry */
const decodeBody = (text: string, { encoding, size, _isBinary: isBinary }: Item, packing: string): Buffer => {
  const chunks = packing === '' ? undefined : decodeChunks(text)
  if (chunks !== undefined) return unpacked(Buffer.concat(chunks), packing).bytes
  const written = isBinary === true ? 'base64' : normalizeEncoding(encoding)
  if (written === undefined) throw new UnusableEntry('its body has an encoding that no HAR has')
  // Some tools leave the encoding away; the size tells.
  if (written === 'base64' || (isBase64(text) && Buffer.byteLength(text) !== size && Buffer.from(text, 'base64').length === size))
    return unpacked(decodeChunk(text), packing).bytes
  return Buffer.from(text)
}

/** Undefined for one that isn't known. */
const normalizeEncoding = (encoding: unknown): 'base64' | 'utf8' | undefined => {
  if (encoding === undefined || encoding === null) return 'utf8'
  if (typeof encoding !== 'string') return undefined
  const name = encoding.toLowerCase()
  return name === 'base64' ? 'base64' : /^(utf-?8|)$/.test(name) ? 'utf8' : undefined
}

const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z\d+/]+={0,2}$/.test(text)

/** Polly.js keeps what is compressed as a list of pieces, in JSON. */
const decodeChunks = (text: string): readonly Buffer[] | undefined => {
  if (!/^\["[A-Za-z\d+/=]*"[\],]/.test(text)) return undefined
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((one): one is string => typeof one === 'string') ? list.map(decodeChunk) : undefined
  } catch {
    return undefined
  }
}

/** Base64, or hexadecimal as older versions of Polly.js have it. */
const decodeChunk = (text: string): Buffer => Buffer.from(text, /^([\da-f]{2})+$/.test(text) ? 'hex' : 'base64')

const supplyLocation = (status: number, headers: readonly Pair[], { redirectURL }: Item): readonly Pair[] =>
  status >= 300 && status < 400 && status !== 304 ? supplyHeader(headers, 'Location', redirectURL) : []

/** A header that the list lacks, by what stands elsewhere in the file. */
const supplyHeader = (headers: readonly Pair[], name: string, value: unknown): readonly Pair[] =>
  nonEmptyText(value) === undefined || value === 'x-unknown' || findHeader(headers, name.toLowerCase()) !== undefined
    ? []
    : readHeaders([{ name, value }]).headers

/** Headers that HTTP allows, one for each line that was sent, and what of the others was lost. */
const readHeaders = (given: unknown, cookies?: unknown): { readonly headers: readonly Pair[]; readonly lost: readonly string[] } => {
  if (!Array.isArray(given)) return { headers: [], lost: ['its headers, which are not a list'] }
  const [headers, lost]: [Pair[], string[]] = [[], []]
  for (const one of given.map(header => (isItem(header) ? header : {}))) {
    const name = typeof one.name === 'string' ? one.name.trim() : ''
    // HTTP/2 has what HTTP/1.1 says in its first line.
    if (name.startsWith(':')) continue
    const values = name === '' ? undefined : splitHeaderValue(name, one.value, cookies)
    if (values === undefined || !/^[!#$%&'*+.^_`|~\w-]+$/.test(name))
      lost.push(`the header ${JSON.stringify(name.slice(0, 40))}, which HTTP does not allow`)
    else headers.push(...values.map(value => ({ name, value })))
  }
  return { headers, lost }
}

/** Undefined for what is no value. */
const splitHeaderValue = (name: string, value: unknown, cookies: unknown): readonly string[] | undefined => {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined
  // A line that begins with a blank goes on; any other is a header of its own.
  const lines = String(value)
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/[\r\n]+/)
    .map(line => line.trim())
  const all = lines.length > 1 ? lines.filter(line => line !== '') : lines
  if (all.some(line => hasControls(line))) return undefined
  const [first = ''] = all
  const apart = first.split(/,\s*(?=[^\s;,=]+=)/)
  const areJoined =
    /^set-cookie$/i.test(name) && all.length === 1 && Array.isArray(cookies) && cookies.length > 1 && apart.length === cookies.length
  return areJoined ? apart : all
}

const hasControls = (text: string): boolean => [...text].some(letter => (letter < ' ' && letter !== '\t') || letter === '\x7f')

const findHeader = (headers: readonly Pair[], name: string): string | undefined =>
  nonEmptyText(headers.find(one => one.name.toLowerCase() === name)?.value)

const readPairs = (given: unknown): readonly Pair[] =>
  (Array.isArray(given) ? given : []).flatMap((one: unknown) => {
    const [name, value] = [read(one, 'name'), read(one, 'value')]
    return name === undefined || value === undefined ? [] : [{ name, value }]
  })

const encodePairs = (pairs: readonly Pair[]): string =>
  String(new URLSearchParams(pairs.map(({ name, value }): [string, string] => [name, value])))

const nonEmptyText = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value : undefined)
