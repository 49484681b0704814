/** Signature version 2 of query requests, as Amazon documented it: private clouds of old know no other. */

import { createHmac } from 'node:crypto'
import type { NativeRequest } from './handler.ts'

/** @returns the same request as a form that is signed; `version` replaces that of the API */
export const signedBy2 = (
  request: NativeRequest,
  { keyId, secret, version, now }: { keyId: string; secret: string; version: string | undefined; now: number },
): NativeRequest => {
  const parameters = new Map(new URLSearchParams(typeof request.body === 'string' ? request.body : ''))
  if (version !== undefined) parameters.set('Version', version)
  parameters.set('AWSAccessKeyId', keyId)
  parameters.set('SignatureVersion', '2')
  parameters.set('SignatureMethod', 'HmacSHA256')
  parameters.set('Timestamp', new Date(now).toISOString())
  const canonical = canonicalOf([...parameters])
  const host = `${request.hostname.toLowerCase()}${request.port === undefined ? '' : `:${request.port}`}`
  const signature = signatureOf({ method: request.method, host, path: request.path, canonical }, secret)
  const body = `${canonical}&Signature=${escaped(signature)}`
  return { ...request, body, headers: { ...request.headers, host, 'content-length': String(Buffer.byteLength(body)) } }
}

/** Parameters as they are signed: by their names only, so that `InstanceId.1` comes before `InstanceId.10`. */
export const canonicalOf = (parameters: readonly (readonly [name: string, value: string])[]): string =>
  parameters
    .map(([name, value]) => [escaped(name), escaped(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(pair => pair.join('='))
    .join('&')

/** `host` is in lower case, with a port that isn’t the scheme’s own. */
export const signatureOf = (
  { method, host, path, canonical }: { method: string; host: string; path: string; canonical: string },
  secret: string,
): string =>
  createHmac('sha256', secret)
    .update(`${method}\n${host}\n${path === '' ? '/' : path}\n${canonical}`)
    .digest('base64')

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
