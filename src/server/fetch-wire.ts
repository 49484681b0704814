/**
 * Messages of the Fetch standard as wire messages, and back. The standard has changed the target before anyone sees it (`..` and `\` are
 * resolved) and sorts headers: enough for clients that were made for it, and for nothing that is signed byte by byte.
 */

import { discard, headerOf, type WireRequest, type WireResponse, watched, wireRequest } from '../drivers/wire.ts'
import { HttpError } from './errors.ts'

export const fromFetch = (request: Request): WireRequest => {
  const url = new URL(request.url)
  const headers: (readonly [string, string])[] = [...request.headers]
  if (!request.headers.has('host')) headers.unshift(['Host', url.host])
  const { body } = request
  const isEmpty = body === null || request.headers.get('content-length') === '0'
  return wireRequest({
    method: request.method,
    target: request.url.slice(url.href.indexOf(url.host) + url.host.length).replace(/#.*$/, ''),
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    headers,
    ...(isEmpty ? {} : { body: watched(body, { fail: () => new HttpError(400, 'The body of the request broke off') }) }),
  })
}

/** @param method of the request: an answer to HEAD has no body. */
export const toFetch = async (response: WireResponse, method: string): Promise<Response> => {
  const { status, body } = response
  const headers = new Headers()
  for (const [name, value] of response.headers) headers.append(name, value)
  const isWhole = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  if (isWhole && !bodiless.has(status))
    headers.set('Content-Length', String(typeof body === 'string' ? Buffer.byteLength(body) : (body?.length ?? 0)))
  if (method === 'HEAD' || bodiless.has(status)) {
    await discard(response)
    return new Response(null, { status, headers })
  }
  if (body === undefined || typeof body === 'string') return new Response(body ?? null, { status, headers })
  // Text is made to bytes by the standard; bytes go out piece by piece as they are asked for.
  return new Response(body instanceof Uint8Array ? new Uint8Array(body) : ReadableStream.from(body), { status, headers })
}

/** Statuses whose answers the standard gives no body. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304])

/** The same answer, announced whole, whose body breaks off after a share of it. */
export const truncated = (response: WireResponse, share: number): WireResponse => {
  const { body, headers } = response
  if (body === undefined) return response
  const pieces = typeof body === 'string' ? [Buffer.from(body)] : body instanceof Uint8Array ? [body] : body
  const whole = 'length' in pieces ? pieces[0]?.length : undefined
  const length = whole ?? Number(headerOf(headers, 'content-length') ?? 0)
  const some = async function* (): AsyncGenerator<Uint8Array> {
    let left = Math.floor(length * share)
    for await (const piece of pieces) {
      if (left > 0) yield piece.subarray(0, left)
      left -= piece.length
      if (left <= 0) break
    }
    throw new Error('The connection broke off')
  }
  return { ...response, headers: whole === undefined ? headers : [...headers, ['Content-Length', String(length)]], body: some() }
}
