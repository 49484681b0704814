/** Signature version 4, as AWS's reference "Create a signed AWS API request" has it: by header, and by query for presigned addresses. */

import type { Credentials } from '../../../drivers/context.ts'
import type { WireRequest } from '../../../drivers/wire.ts'
import { canonicalHeaders, canonicalQuery, encodedPath, hmac, queryPairs, sameSignature, sentTarget, sha256 } from './canonical.ts'
import { regionInstead } from './regions.ts'
import {
  allowedSkew,
  type ChunkChain,
  type Fault,
  type Signature,
  type SignatureContext,
  SignatureError,
  type SignedContent,
} from './signature.ts'

const algorithm = 'AWS4-HMAC-SHA256'

interface Parts {
  readonly keyId: string
  /** `20260102`, as in the scope. */
  readonly day: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** `20260102T030405Z` */
  readonly date: string
  readonly presigned: boolean
}

/**
 * Undefined where the request isn't signed so. Everything but the signature itself is checked here, without the secret.
 * @param service of the endpoint: the scope must name it
 * @throws SignatureError for a fault of any kind but `mismatch`
 */
export const version4 = (request: WireRequest, context: SignatureContext, service: string): Signature | undefined => {
  const query = queryPairs(sentTarget(request).query)
  const parts = byHeader(request, context.now) ?? byQuery(query, context.now)
  if (parts === undefined) return undefined
  requireScope(parts, request, context, service)
  requireSigned(parts, request)
  let fault: Fault | undefined
  let key: Buffer | undefined
  const declared = contentHash(request, parts, context)
  const chain = chainOf(parts, () => key)
  const verify = ({ password }: Credentials): boolean => {
    const signing = signingKey(password, parts)
    const text = stringToSign(parts, sha256(canonicalRequest(request, parts, query, declared)))
    fault = sameSignature(hmac(signing, text).toString('hex'), parts.signature) ? undefined : 'mismatch'
    if (fault === undefined) key = signing
    return fault === undefined
  }
  return {
    claim: { kind: 'signature', keyId: parts.keyId, verify },
    keyId: parts.keyId,
    version: 4,
    presigned: parts.presigned,
    region: parts.region,
    service: parts.service,
    content: contentOf(declared, chain),
    fault: () => fault,
  }
}

const malformed = (message: string, presigned = false): SignatureError => new SignatureError('malformed', message, presigned)

const byHeader = (request: WireRequest, now: number): Parts | undefined => {
  const header = request.header('authorization')
  if (header === undefined || !header.startsWith(algorithm)) return undefined
  const fields = new Map(
    header
      .slice(algorithm.length)
      .split(',')
      .map(field => {
        const at = field.indexOf('=')
        return [field.slice(0, at).trim(), field.slice(at + 1).trim()]
      }),
  )
  const date = request.header('x-amz-date') ?? compact(request.header('date'))
  const [credential, headers, signature] = ['Credential', 'SignedHeaders', 'Signature'].map(name => fields.get(name))
  if (credential === undefined || headers === undefined || signature === undefined)
    throw malformed(`${prefixes.header}the authorization header requires three components: Credential, SignedHeaders, and Signature.`)
  if (date === undefined || Number.isNaN(timeOf(date))) throw malformed('AWS authentication requires a valid Date or x-amz-date header')
  const read = parts(credential, headers, signature, date, false)
  if (Math.abs(timeOf(date) - now) > allowedSkew)
    throw new SignatureError('skewed', 'The difference between the request time and the current time is too large.')
  return read
}

const byQuery = (query: readonly (readonly [string, string])[], now: number): Parts | undefined => {
  const given = new Map(query)
  const named = given.get('X-Amz-Algorithm')
  if (named === undefined) return undefined
  if (named !== algorithm) throw malformed(`X-Amz-Algorithm only supports "${algorithm}"`, true)
  const [credential, headers, signature, date, expires] = ['Credential', 'SignedHeaders', 'Signature', 'Date', 'Expires'].map(name =>
    given.get(`X-Amz-${name}`),
  )
  if (credential === undefined || headers === undefined || signature === undefined || date === undefined || expires === undefined)
    throw malformed(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      true,
    )
  if (Number.isNaN(timeOf(date))) throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"", true)
  if (!/^[+-]?\d{1,18}$/.test(expires)) throw malformed('X-Amz-Expires should be a number', true)
  const lasts = Number(expires)
  if (lasts < 0) throw malformed('X-Amz-Expires must be non-negative', true)
  if (lasts > longest)
    throw malformed(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
      true,
    )
  if (timeOf(date) > now + allowedSkew) throw new SignatureError('early', 'Request is not yet valid', true)
  if (timeOf(date) + lasts * 1000 < now) throw new SignatureError('expired', 'Request has expired', true)
  return parts(credential, headers, signature, date, true)
}

/** Seconds that a presigned address can be good for. */
const longest = 604_800

/** How S3 begins to say what is wrong with a credential. */
const prefixes = { header: 'The authorization header is malformed; ', query: 'Error parsing the X-Amz-Credential parameter; ' }

const prefixOf = (presigned: boolean): string => (presigned ? prefixes.query : prefixes.header)

const parts = (credential: string, headers: string, signature: string, date: string, presigned: boolean): Parts => {
  // A key id may hold slashes; the scope is what stands behind it.
  const [, keyId, day, region, service] = /^(.+)\/(\d{8})\/([^/]*)\/([^/]+)\/aws4_request$/.exec(credential) ?? []
  if (keyId === undefined || day === undefined || region === undefined || service === undefined)
    throw malformed(
      `${prefixOf(presigned)}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`,
      presigned,
    )
  if (!date.startsWith(day))
    throw malformed(
      presigned
        ? `Invalid credential date "${day}". This date is not the same as X-Amz-Date: "${date.slice(0, 8)}".`
        : `${prefixes.header}Invalid credential date. Date is not the same as X-Amz-Date.`,
      presigned,
    )
  const signedHeaders = headers.toLowerCase().split(';')
  // What is signed is as large as what was sent, and no larger.
  if (new Set(signedHeaders).size < signedHeaders.length) throw malformed('SignedHeaders names a header twice', presigned)
  return { keyId, day, region, service, signature, date, presigned, signedHeaders }
}

/** @throws SignatureError `malformed`, `region`, `service` for a scope that isn't the endpoint's */
const requireScope = ({ region, service, presigned }: Parts, request: WireRequest, context: SignatureContext, own: string): void => {
  const prefix = prefixOf(presigned)
  if (region === '') throw malformed(`${prefix}a non-empty region must be provided in the credential.`, presigned)
  const expected = regionInstead(region, request.header('host') ?? '', context)
  if (expected !== undefined)
    throw new SignatureError('region', `${prefix}the region '${region}' is wrong; expecting '${expected}'`, presigned, { region, expected })
  if (service !== own)
    throw new SignatureError('service', `${prefix}incorrect service "${service}". This endpoint belongs to "${own}".`, presigned, {
      service,
      expected: own,
    })
}

/**
 * What could change the meaning of a request must be signed: the host, what AWS names `x-amz-…`, and the date that the request is of.
 * `x-amz-content-sha256` is part of what is signed without being named. @throws SignatureError `unsigned`
 */
const requireSigned = ({ signedHeaders, service, presigned }: Parts, request: WireRequest): void => {
  const sent = new Set(request.headers.map(([name]) => name.toLowerCase()))
  const isNeeded = (name: string): boolean =>
    (name.startsWith('x-amz-') && name !== 'x-amz-content-sha256') ||
    // Amazon's S3 demands this one, too; no other service does.
    (name === 'content-md5' && service === 's3') ||
    (name === 'date' && !presigned && !sent.has('x-amz-date'))
  const unsigned = ['host', ...[...sent].filter(isNeeded).sort()].filter(name => !signedHeaders.includes(name))
  if (unsigned.length > 0)
    throw new SignatureError('unsigned', 'There were headers present in the request which were not signed', presigned, {
      headers: unsigned.join(', '),
    })
}

/** `20260102T030405Z`, from whatever a Date header says. */
const compact = (date: string | undefined): string | undefined => {
  if (date === undefined || /^\d{8}T\d{6}Z$/.test(date)) return date
  const time = Date.parse(date)
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')
}

/** Milliseconds since 1970; NaN for what is no date. */
const timeOf = (date: string): number => Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

/** What the signer said of the content. */
const contentHash = (request: WireRequest, { presigned, service }: Parts, { body }: SignatureContext): string => {
  const said = request.header('x-amz-content-sha256')
  if (said !== undefined && (service === 's3' || body === undefined)) return said
  if (body !== undefined) return sha256(body)
  return presigned || service === 's3' ? 'UNSIGNED-PAYLOAD' : sha256('')
}

const contentOf = (declared: string, chain: ChunkChain): SignedContent => {
  const [, isSigned, trailer] = /^STREAMING-(AWS4-HMAC-SHA256|UNSIGNED)-PAYLOAD(-TRAILER)?$/.exec(declared) ?? []
  if (isSigned !== undefined) return { kind: 'chunks', trailer: trailer !== undefined, chain: isSigned === 'UNSIGNED' ? undefined : chain }
  if (declared === 'UNSIGNED-PAYLOAD') return { kind: 'unsigned' }
  if (!/^[0-9a-f]{64}$/i.test(declared))
    throw malformed(`x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING value, or a valid sha256 value`)
  return { kind: 'hash', sha256: declared.toLowerCase() }
}

const canonicalRequest = (
  request: WireRequest,
  { service, signedHeaders, presigned }: Parts,
  query: readonly (readonly [string, string])[],
  contentHash: string,
): Buffer => {
  const { path } = sentTarget(request)
  const header = canonicalHeaders(request)
  const once = path === '' ? '/' : encodedPath(path)
  const text = [
    request.method,
    // All but S3 have the path encoded twice.
    service === 's3' ? once : encodedPath(once.replaceAll('%', '%25')),
    canonicalQuery(presigned ? query.filter(([name]) => name !== 'X-Amz-Signature') : query),
    ...signedHeaders.map(name => `${name}:${header(name)}`),
    '',
    signedHeaders.join(';'),
    contentHash,
  ].join('\n')
  // Header values are bytes, as Node gives them; a client in process gives text.
  return Buffer.from(text, [...text].some(c => c > '\u00ff') ? 'utf8' : 'latin1')
}

const scopeOf = ({ day, region, service }: Parts): string => `${day}/${region}/${service}/aws4_request`

const stringToSign = (parts: Parts, hash: string): string => [algorithm, parts.date, scopeOf(parts), hash].join('\n')

const signingKey = (secret: string, { day, region, service }: Parts): Buffer =>
  [region, service, 'aws4_request'].reduce((key, text) => hmac(key, text), hmac(`AWS4${secret}`, day))

/** Without the key, the cloud took the caller at its word, and no signature need be checked. */
const chainOf = (parts: Parts, keyOf: () => Buffer | undefined): ChunkChain => {
  let before = parts.signature
  const follows = (signature: string, kind: string, hashes: readonly string[]): boolean => {
    const key = keyOf()
    if (key === undefined) return true
    const text = [`${algorithm}-${kind}`, parts.date, scopeOf(parts), before, ...hashes].join('\n')
    before = signature
    return sameSignature(hmac(key, text).toString('hex'), signature)
  }
  return {
    next: (signature, hash) => follows(signature, 'PAYLOAD', [sha256(''), hash]),
    trailer: (signature, hash) => follows(signature, 'TRAILER', [hash]),
  }
}
