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
  const canonical = [...parameters]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join('&')
  const host = `${request.hostname.toLowerCase()}${request.port === undefined ? '' : `:${request.port}`}`
  const signature = createHmac('sha256', secret)
    .update(`${request.method}\n${host}\n${request.path === '' ? '/' : request.path}\n${canonical}`)
    .digest('base64')
  const body = `${canonical}&Signature=${escaped(signature)}`
  return { ...request, body, headers: { ...request.headers, host, 'content-length': String(Buffer.byteLength(body)) } }
}

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
