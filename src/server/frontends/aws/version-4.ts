/** Signature version 4, as AWS's reference "Create a signed AWS API request" has it: by header, and by query for presigned addresses. */

import type { Credentials } from '../../../drivers/context.ts'
import type { WireRequest } from '../../../drivers/wire.ts'
import { canonicalHeaders, canonicalQuery, encodedPath, hmac, queryPairs, sameSignature, sentTarget, sha256 } from './canonical.ts'
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

/** Undefined where the request isn't signed so. @throws SignatureError `malformed`, `expired` */
export const version4 = (request: WireRequest, context: SignatureContext): Signature | undefined => {
  const query = queryPairs(sentTarget(request).query)
  const parts = byHeader(request) ?? byQuery(query, context.now)
  if (parts === undefined) return undefined
  let fault: Fault | undefined
  let key: Buffer | undefined
  const declared = contentHash(request, parts, context)
  const chain = chainOf(parts, () => key)
  const verify = ({ password }: Credentials): boolean => {
    const signing = signingKey(password, parts)
    const text = stringToSign(parts, sha256(canonicalRequest(request, parts, query, declared)))
    fault = sameSignature(hmac(signing, text).toString('hex'), parts.signature)
      ? parts.presigned || Math.abs(timeOf(parts.date) - context.now) <= allowedSkew
        ? undefined
        : 'skewed'
      : 'mismatch'
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

const malformed = (message: string): SignatureError => new SignatureError('malformed', message)

const byHeader = (request: WireRequest): Parts | undefined => {
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
  return parts(fields.get('Credential'), fields.get('SignedHeaders'), fields.get('Signature'), date, false)
}

const byQuery = (query: readonly (readonly [string, string])[], now: number): Parts | undefined => {
  const given = new Map(query)
  if (given.get('X-Amz-Algorithm') !== algorithm) return undefined
  const [credential, headers, signature, date] = ['Credential', 'SignedHeaders', 'Signature', 'Date'].map(name =>
    given.get(`X-Amz-${name}`),
  )
  const read = parts(credential, headers, signature, date, true)
  const lasts = Number(given.get('X-Amz-Expires') ?? Number.NaN)
  if (!(Number.isInteger(lasts) && lasts >= 0)) throw malformed('X-Amz-Expires must be a number of seconds')
  if (lasts > longest)
    throw malformed(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    )
  if (timeOf(read.date) + lasts * 1000 < now) throw new SignatureError('expired', 'Request has expired')
  return read
}

/** Seconds that a presigned address can be good for. */
const longest = 604_800

const parts = (
  credential: string | undefined,
  headers: string | undefined,
  signature: string | undefined,
  date: string | undefined,
  presigned: boolean,
): Parts => {
  if (credential === undefined || headers === undefined || signature === undefined)
    throw malformed('A signature consists of Credential, SignedHeaders and Signature')
  // A key id may hold slashes; the scope is what stands behind it.
  const [, keyId, day, region, service] = /^(.+)\/(\d{8})\/([^/]*)\/([^/]+)\/aws4_request$/.exec(credential) ?? []
  if (keyId === undefined || day === undefined || region === undefined || service === undefined)
    throw malformed('The credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"')
  if (date === undefined || Number.isNaN(timeOf(date))) throw malformed('A signed request says when it was signed')
  if (!date.startsWith(day)) throw malformed(`Invalid credential date ${day}: it isn't that of the request`)
  const signedHeaders = headers.toLowerCase().split(';')
  // What is signed is as large as what was sent, and no larger.
  if (new Set(signedHeaders).size < signedHeaders.length) throw malformed('SignedHeaders names a header twice')
  return { keyId, day, region, service, signature, date, presigned, signedHeaders }
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
