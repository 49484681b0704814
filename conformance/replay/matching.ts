/** When a request that a driver makes is one that was recorded: by its meaning, not by its signature, date, or the order of its words. */

import { XMLParser } from 'fast-xml-parser'
import { entityOf } from '../../src/record/spellings.ts'

/** A request as it went out. */
export interface Outgoing {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer | undefined
}

/** What a request asks. */
export interface Meaning {
  /** Method and path, the Action of a query API, or the operation of SOAP and XML-RPC. */
  readonly operation: string
  /** Whether it changes nothing at the provider. */
  readonly isRead: boolean
  /** Values by name, in order; of those that carry meaning. */
  readonly parameters: ReadonlyMap<string, readonly string[]>
  /** Parsed, where it's JSON or XML; its text else. Undefined where there is none, or its parameters say it all. */
  readonly body: unknown
}

/** They sign, date or version a request; of one that begins with `*`, any end. Lower case. */
const meaningless: ReadonlySet<string> = new Set([
  'awsaccesskeyid',
  'accesskeyid',
  'timestamp',
  'expires',
  'version',
  'locale',
  'api_key',
  'sig',
  'clienttoken',
  'x-id',
  'list-type',
  'authorization',
  'date',
  'user-agent',
])
const meaninglessBeginnings = ['signature', 'x-amz-']

const pageSizes: ReadonlySet<string> = new Set(['maxresults', 'maxrecords', 'pagesize', 'limit', 'max-keys', 'max-buckets', 'per_page'])
export const isPageSize = (name: string): boolean => pageSizes.has(name.toLowerCase())
/** What says that it isn't the first page. */
const cursors: ReadonlySet<string> = new Set(['nexttoken', 'marker', 'continuation-token', 'start-after', 'page', 'after', 'offset'])

export interface Reading {
  readonly ignoresBody?: boolean
  /** Puts the placeholders of a recording in the place of secrets: of each value, as it was meant. */
  readonly putBack?: (text: string) => string
}

const asItIs = (text: string): string => text

export const meaningOf = (request: Outgoing, { ignoresBody = false, putBack = asItIs }: Reading = {}): Meaning => {
  const url = new URL(request.url)
  const type = request.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  const text = request.body?.toString('utf8') ?? ''
  const form = /^application\/x-www-form-urlencoded/i.test(type) ? new URLSearchParams(text) : undefined
  const given = [...url.searchParams, ...(form ?? [])].map(([name, value]): [string, string] => [name, putBack(value)])
  const action = given.find(([name]) => name === 'Action')?.[1]
  const parameters = meaningfulQuery(given.filter(one => !isNarrowing(action, one)))
  if (action !== undefined) return { operation: action, isRead: /^(Describe|Get|List)/.test(action), parameters, body: undefined }
  const xml = form === undefined && text.trimStart().startsWith('<') ? treeOf(text, putBack) : undefined
  const call = xml === undefined ? undefined : remoteCall(xml)
  const body =
    ignoresBody || text === '' ? undefined : (call?.parameters ?? xml ?? (form === undefined ? contentOf(text, type, putBack) : undefined))
  if (call !== undefined)
    return { operation: call.name, isRead: readingCalls.test(call.name) || isLogin(call.name), parameters: new Map(), body }
  const path = putBack(pathOf(url))
  const isRead = /^(GET|HEAD|OPTIONS)$/.test(request.method) || isLogin(path)
  return { operation: `${request.method} ${path}`, isRead, parameters, body }
}

/** The original asked for everybody's snapshots, which are too many today to be asked for; only one's own were ever recorded. */
const isNarrowing = (action: string | undefined, [name, value]: readonly [string, string]): boolean =>
  action === 'DescribeSnapshots' && name === 'Owner.1' && value === 'self'

const readingCalls = /^(Get|Retrieve|Query|Find|List)|^get[A-Z]|\.info$/

/** A request for a token, or a session. */
export const isLogin = (name: string): boolean => /(^|\/)(login|logon|logout|authenticate|tokens?|sessions?)$/i.test(name)

const meaningfulQuery = (given: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> => {
  const isFirstPage = !given.some(([name]) => cursors.has(name.toLowerCase()))
  const found = new Map<string, string[]>()
  for (const [name, value] of given) {
    const lower = name.toLowerCase()
    if (meaningless.has(lower) || meaninglessBeginnings.some(beginning => lower.startsWith(beginning))) continue
    if (isFirstPage && isPageSize(name)) continue
    found.set(name, [...(found.get(name) ?? []), value])
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A bucket in the host's name counts as the first segment; the host itself doesn't. */
const pathOf = (url: URL): string => {
  const [, bucket] = /^(.+)\.(?:s3[\w.-]*\.amazonaws\.com|s3\.[\w.-]+|(?:commondata)?storage\.googleapis\.com)$/.exec(url.hostname) ?? []
  const path = decodePath(url.pathname).replace(/(?<=.)\/$/, '')
  return bucket === undefined ? path : `/${bucket}${path === '/' ? '' : path}`
}

const decodePath = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const contentOf = (text: string, type: string, putBack: (text: string) => string): unknown => {
  if (/^multipart\//i.test(type)) return putBack(text.replaceAll(boundaryOf(type), 'boundary'))
  try {
    return sortKeys(JSON.parse(text, (_, value) => (typeof value === 'string' ? putBack(value) : value)))
  } catch {
    return putBack(text)
  }
}

const boundaryOf = (type: string): string => /boundary="?([^";]+)/i.exec(type)?.[1] ?? 'boundary'

/** JSON whose keys are in the order of the alphabet, so that its text tells whether it's the same. */
const sortKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  )
}

/** An element without what only names spaces: `[name, attributes, content]`. */
type Tree = readonly [name: string, attributes: Readonly<Record<string, string>>, content: readonly (Tree | string)[]]

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
})

/** Undefined for what is no XML. */
const treeOf = (text: string, putBack: (text: string) => string): Tree | undefined => {
  if (/<!DOCTYPE/i.test(text)) return undefined
  try {
    const [root] = elements(parser.parse(text), value => withPlaceholders(value, putBack))
    return typeof root === 'string' ? undefined : root
  } catch {
    return undefined
  }
}

/** Only what holds a secret is read: all else is compared as it was written. */
const withPlaceholders = (written: string, putBack: (text: string) => string): string => {
  const read = written.replace(/&(#?\w+);/g, (_, name: string) => entityOf(name))
  const clean = putBack(read)
  return clean === read ? written : clean
}

const elements = (nodes: unknown, meant: (text: string) => string): (Tree | string)[] =>
  (Array.isArray(nodes) ? nodes : []).flatMap((node: Readonly<Record<string, unknown>>): (Tree | string)[] => {
    if (node['#text'] !== undefined) return [meant(String(node['#text']))]
    const name = Object.keys(node).find(key => key !== ':@')
    if (name === undefined) return []
    const attributes = typeof node[':@'] === 'object' && node[':@'] !== null ? Object.entries(node[':@']) : []
    const telling = attributes.filter(([key]) => key !== 'xmlns' && !key.startsWith('xmlns:')).sort(([a], [b]) => (a < b ? -1 : 1))
    return [[name, Object.fromEntries(telling.map(([key, value]) => [key, meant(String(value))])), elements(node[name], meant)]]
  })

const childrenOf = ([, , content]: Tree): readonly Tree[] => content.filter((one): one is Tree => typeof one !== 'string')

/** The operation of a SOAP envelope or an XML-RPC call, and what it's given; undefined for other XML. */
const remoteCall = (root: Tree): { readonly name: string; readonly parameters: unknown } | undefined => {
  if (root[0] === 'Envelope') {
    const body = childrenOf(root).find(([name]) => name === 'Body')
    const call = body === undefined ? undefined : childrenOf(body)[0]
    return call === undefined ? undefined : { name: call[0], parameters: call }
  }
  if (root[0] === 'methodCall') {
    const name =
      childrenOf(root)
        .find(([one]) => one === 'methodName')?.[2]
        .join('') ?? ''
    return { name, parameters: root }
  }
  return undefined
}

/** How two requests differ, as sentences; none where they are the same. */
export const differences = (asked: Meaning, recorded: Meaning): string[] => {
  const found: string[] = []
  if (asked.operation !== recorded.operation) found.push(`asks ${asked.operation}, not ${recorded.operation}`)
  for (const name of new Set([...asked.parameters.keys(), ...recorded.parameters.keys()])) {
    const [own, other] = [asked.parameters.get(name), recorded.parameters.get(name)]
    if (JSON.stringify(own) !== JSON.stringify(other))
      found.push(`${name}: ${describeValues(name, own)}, not ${describeValues(name, other)}`)
  }
  if (JSON.stringify(asked.body) !== JSON.stringify(recorded.body))
    found.push(`the body is ${describeBody(asked.body)}, not ${describeBody(recorded.body)}`)
  return found
}

export const isSame = (a: Meaning, b: Meaning): boolean => a.operation === b.operation && differences(a, b).length === 0

const secretName = /pass|secret|token|key|sig|auth|credential/i

const describeValues = (name: string, values: readonly string[] | undefined): string => {
  if (values === undefined) return 'absent'
  return secretName.test(name) ? '***' : values.map(value => JSON.stringify(value)).join(', ')
}

const describeBody = (body: unknown): string => {
  if (body === undefined) return 'empty'
  const text = redactSecrets(typeof body === 'string' ? body : JSON.stringify(body))
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

/** Whatever stands at a name that sounds secret, in JSON and in trees of XML. */
const redactSecrets = (text: string): string =>
  text.replace(/("[^"]*(?:pass|secret|token|key|sig|auth|credential)[^"]*"\s*[:,]\s*(?:\{\},\s*\[)?)"(?:[^"\\]|\\.)*"/gi, '$1"***"')
