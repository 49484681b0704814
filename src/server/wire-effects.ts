/** Faults that are to be seen on the wire, applied to whatever the frontend answered: the last thing that happens to an answer. */

import { hash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { WireEffect } from '../drivers/context.ts'
import { discard, headerOf, type WireResponse, watched } from '../drivers/wire.ts'
import type { Bytes } from '../model/requests.ts'

/** Effects that leave an answer which is whole HTTP. */
type Altering = Extract<WireEffect, { kind: 'status' | 'garbled' }>
/** Effects that spoil the connection. */
type Breaking = Exclude<WireEffect, Altering>

export const isAltering = (effect: WireEffect): effect is Altering => effect.kind === 'status' || effect.kind === 'garbled'

/** @param refusal the error document of a status, in the form of whom the request was for. */
export const altered = async (
  effect: Altering,
  response: WireResponse,
  refusal: (status: number) => Promise<WireResponse>,
): Promise<WireResponse> => {
  if (effect.kind === 'garbled') return garbled(response, effect.seed)
  await discard(response)
  const { status, headers, body } = await refusal(effect.status)
  const again: readonly (readonly [string, string])[] =
    effect.retryAfter === undefined ? [] : [['Retry-After', String(Math.ceil(effect.retryAfter))]]
  return { status, headers: [...headers, ...again], ...(body === undefined ? {} : { body }) }
}

/**
 * Answers as far as the effect lets it, and ends the connection.
 * @param closing aborted when the server is about to stop: nobody is kept waiting then.
 */
export const broken = async (
  effect: Breaking,
  response: WireResponse,
  res: ServerResponse,
  { timeout, closing }: { readonly timeout: number; readonly closing?: AbortSignal | undefined },
): Promise<void> => {
  switch (effect.kind) {
    case 'reset':
      await discard(response)
      reset(res)
      return
    case 'never':
      await discard(response)
      await left(res, timeout, closing)
      res.destroy()
      return
    case 'truncated':
      await truncate(effect.share, response, res)
  }
}

/** A TLS connection has no way to be reset from above: it's cut without its farewell. */
const reset = ({ socket }: ServerResponse): void => {
  if (socket === null) return
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}

/** Until the client has left, the time is over, or the server stops. */
const left = (res: ServerResponse, timeout: number, closing: AbortSignal | undefined): Promise<void> =>
  new Promise(resolve => {
    const over = (): void => {
      clearTimeout(timer)
      closing?.removeEventListener('abort', over)
      res.off('close', over)
      resolve()
    }
    const timer = setTimeout(over, timeout)
    res.once('close', over)
    closing?.addEventListener('abort', over, { once: true })
    if (res.destroyed || closing?.aborted === true) over()
  })

/** Announces the whole answer and sends a part of it. */
const truncate = async (share: number, response: WireResponse, res: ServerResponse): Promise<void> => {
  const { status, body, headers } = response
  const isWhole = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  const bytes = isWhole ? Buffer.from(body ?? '') : undefined
  const length = bytes?.length ?? Number(headerOf(headers, 'content-length') ?? Number.NaN)
  const sent: string[] = []
  for (const [name, value] of headers) sent.push(name, value)
  if (bytes !== undefined) sent.push('Content-Length', String(bytes.length))
  res.writeHead(status, sent)
  res.flushHeaders()
  if (res.req.method === 'HEAD') await discard(response)
  else if (bytes !== undefined) await written(res, bytes.subarray(0, Math.floor(length * share)))
  else if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)) await writeSome(res, body, length, share)
  await farewell(res)
}

/** Ends the connection once the system has all that was written. */
const farewell = async (res: ServerResponse): Promise<void> => {
  const { socket } = res
  if (socket !== null && !socket.destroyed) await new Promise<void>(resolve => void socket.end(() => resolve()))
  res.destroy()
}

/** Of a body whose length nobody announced, a part of its first piece. */
const writeSome = async (res: ServerResponse, body: Bytes, length: number, share: number): Promise<void> => {
  let left = Number.isNaN(length) ? undefined : Math.floor(length * share)
  for await (const piece of body) {
    left ??= Math.floor(piece.length * share)
    if (left > 0) await written(res, piece.subarray(0, left))
    left -= piece.length
    if (left <= 0 || res.destroyed) return
  }
}

const written = (res: ServerResponse, bytes: Uint8Array): Promise<void> =>
  bytes.length === 0 || res.destroyed ? Promise.resolve() : new Promise(resolve => void res.write(bytes, () => resolve()))

/** The same length, and in each stretch of it one byte that is another. */
const garbled = (response: WireResponse, seed: string): WireResponse => {
  const { body, headers } = response
  if (body === undefined) return response
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = Buffer.from(body)
    return { ...response, body: spoilt(bytes, seed, 0, bytes.length) }
  }
  const length = Number(headerOf(headers, 'content-length') ?? stretch)
  return { ...response, body: { [Symbol.asyncIterator]: () => spoiltPieces(body, seed, length) } }
}

/** Whoever reads it may leave before the first piece: then the source is closed all the same. */
const spoiltPieces = (body: Bytes, seed: string, length: number): AsyncIterator<Uint8Array> => {
  const pieces = watched(body, {})[Symbol.asyncIterator]()
  let before = 0
  return {
    async next() {
      const step = await pieces.next()
      if (step.done === true) return step
      const value = spoilt(Buffer.from(step.value), seed, before, length)
      before += value.length
      return { done: false, value }
    },
    return: async () => pieces.return?.() ?? { done: true, value: undefined },
  }
}

/** Bytes. */
const stretch = 64

/**
 * How the bytes are cut into pieces changes nothing.
 * @param from where in the whole body these begin.
 * @param length of the whole body: one that is shorter than a stretch has its byte spoilt, too.
 */
const spoilt = (bytes: Buffer, seed: string, from: number, length: number): Buffer => {
  for (let number = Math.floor(from / stretch); number * stretch < from + bytes.length; number++) {
    const [where = 0, how = 0] = hash('sha256', `${seed} ${number}`, 'buffer')
    const at = number * stretch + (where % Math.max(1, number === 0 ? Math.min(stretch, length) : stretch)) - from
    if (at >= 0 && at < bytes.length) bytes.writeUInt8(bytes.readUInt8(at) ^ (1 + (how % 255)), at)
  }
  return bytes
}
