/** Requests to AWS's protocols, signed as their documents have it; the tests need no more of it than plain paths. */

import { createHash, createHmac } from 'node:crypto'

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** `20260102T030405Z` */
const now = (): string => new Date().toISOString().replace(/[-:]|\.\d+/g, '')

const strict = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)

const canonicalQuery = (query: string): string =>
  [...new URLSearchParams(query)]
    .map(([name, value]) => `${strict(name)}=${strict(value)}`)
    .sort()
    .join('&')

export interface Unsigned {
  readonly method: string
  readonly target: string
  /** As the Host header has it. */
  readonly host: string
  readonly service: 's3' | 'ec2'
  readonly user: string
  readonly password: string
  readonly body?: string | undefined
  readonly contentType?: string | undefined
  /** Of temporary credentials. */
  readonly sessionToken?: string
}

const signatureOf = (
  { method, service, password }: Unsigned,
  date: string,
  [path, query]: readonly [string, string],
  signed: readonly (readonly [string, string])[],
  payload: string,
): string => {
  const day = date.slice(0, 8)
  const names = signed.map(([name]) => name).join(';')
  const canonical = [method, path, canonicalQuery(query), ...signed.map(([name, value]) => `${name}:${value}`), '', names, payload].join(
    '\n',
  )
  const scope = `${day}/us-east-1/${service}/aws4_request`
  const key = ['us-east-1', service, 'aws4_request'].reduce((before, part) => hmac(before, part), hmac(`AWS4${password}`, day))
  return hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex')
}

const split = (target: string): readonly [string, string] => {
  const at = target.indexOf('?')
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

/** Headers that sign a request by version 4. */
export const signedHeaders = (request: Unsigned): Record<string, string> => {
  const { target, host, service, user, body = '', contentType, sessionToken } = request
  const date = now()
  const payload = sha256(body)
  const signed = [
    ...(contentType === undefined ? [] : [['content-type', contentType] as const]),
    ['host', host] as const,
    ['x-amz-content-sha256', payload] as const,
    ['x-amz-date', date] as const,
    ...(sessionToken === undefined ? [] : [['x-amz-security-token', sessionToken] as const]),
  ]
  const signature = signatureOf(request, date, split(target), signed, payload)
  const scope = `${user}/${date.slice(0, 8)}/us-east-1/${service}/aws4_request`
  return {
    ...Object.fromEntries(signed.filter(([name]) => name !== 'host')),
    Authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${signed.map(([name]) => name).join(';')}, Signature=${signature}`,
  }
}

/** The same as an address that signs itself for a minute. Its body is not signed. */
export const presigned = (request: Unsigned): string => {
  const { target, host, service, user, sessionToken } = request
  const date = now()
  const [path, query] = split(target)
  const parameters = new URLSearchParams(query)
  parameters.set('X-Amz-Algorithm', 'AWS4-HMAC-SHA256')
  parameters.set('X-Amz-Credential', `${user}/${date.slice(0, 8)}/us-east-1/${service}/aws4_request`)
  parameters.set('X-Amz-Date', date)
  parameters.set('X-Amz-Expires', '60')
  if (sessionToken !== undefined) parameters.set('X-Amz-Security-Token', sessionToken)
  parameters.set('X-Amz-SignedHeaders', 'host')
  const all = canonicalQuery(parameters.toString())
  const payload = service === 's3' ? 'UNSIGNED-PAYLOAD' : sha256('')
  return `${path}?${all}&X-Amz-Signature=${signatureOf(request, date, [path, all], [['host', host]], payload)}`
}
