/** Content that comes and goes in pieces, and what of it has passed between a driver and its provider: a law tells by it what is held in memory. */

import { type WireRequest, watched } from '../src/drivers/wire.ts'
import type { Bytes } from '../src/model/requests.ts'
import type { Sent } from './client.ts'

export interface StreamedRequest extends Pick<Sent, 'method' | 'target' | 'headers'> {
  readonly content?: Bytes
  /** As it's announced. */
  readonly length?: number
}

export interface StreamedAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  /** Unread. */
  readonly body: Bytes
}

/** Looks on between a driver and its provider. */
export class Flow {
  /** Bytes that the driver has taken of its provider's answers. */
  taken = 0
  /** Bytes of the driver's requests that its provider has read. */
  sent = 0

  /** The same request, the bytes of whose body are counted as they are read. */
  counted(request: WireRequest): WireRequest {
    const { body } = request
    if (body === undefined) return request
    const piece = ({ length }: Uint8Array): void => {
      this.sent += length
    }
    return { ...request, body: watched(body, { piece }) }
  }

  /** Bytes in pieces, counted as they are taken. */
  inPieces(content: Uint8Array): Bytes {
    const count = (piece: Uint8Array): void => {
      this.taken += piece.length
    }
    return {
      async *[Symbol.asyncIterator]() {
        for (let at = 0; at < content.length; at += pieceSize) {
          const piece = content.subarray(at, at + pieceSize)
          count(piece)
          yield piece
        }
      },
    }
  }
}

/** Bytes. */
export const pieceSize = 64 * 1024
