/** Content on its way from a provider to a client. */

import { CloudError } from '../model/errors.ts'
import type { Bytes } from '../model/requests.ts'
import type { WireResponse } from './wire.ts'

/** Content up to this size is kept in memory. Bytes. */
const small = 1024 * 1024

/**
 * What is small is whole before it's answered, so that a way that breaks off is told by a status; anything else passes through.
 * @param length as the provider announced it, if it did
 * @throws CloudError `provider-error` where less comes, and what the body throws
 */
export const wholeIfSmall = async (body: WireResponse['body'], length: number | undefined): Promise<Bytes> => {
  if (length !== undefined && length > small) return bytesOf(body)
  const source = bytesOf(body)[Symbol.asyncIterator]()
  const begun: Uint8Array[] = []
  let size = 0
  for (let step = await source.next(); step.done !== true; step = await source.next()) {
    begun.push(step.value)
    size += step.value.length
    if (size > small) return resumed(begun, source)
  }
  if (length !== undefined && size < length) throw new CloudError('provider-error', `The content ends after ${size} of ${length} bytes`)
  return bytesOf(Buffer.concat(begun))
}

/** Bytes of which the first pieces were read. */
const resumed = (begun: readonly Uint8Array[], source: AsyncIterator<Uint8Array>): Bytes => {
  const left = [...begun]
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const value = left.shift()
        return value === undefined ? source.next() : { done: false, value }
      },
      return: async () => {
        await source.return?.()
        return { done: true, value: undefined }
      },
    }),
  }
}

/** Without a body there is none: 204 answers a HEAD. */
const bytesOf = (body: WireResponse['body']): Bytes => {
  if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)) return body
  const whole = body === undefined ? Buffer.alloc(0) : Buffer.from(body)
  return {
    async *[Symbol.asyncIterator]() {
      if (whole.length > 0) yield whole
    },
  }
}
