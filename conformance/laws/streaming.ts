/** Whether a large blob passes through a driver, or is held by it: what passes is counted, and no memory is measured. */

import { createHash } from 'node:crypto'
import { basicAuthorization } from '../client.ts'
import { type CloudUnderTest, hold, Inconclusive } from '../cloud-under-test.ts'
import { pieceSize, type StreamedAnswer } from '../streaming.ts'
import { blobPath } from './blobs.ts'

/** More than a driver may hold, as one part of an upload is. Bytes. */
const size = 16 * 1024 * 1024
const mostHeld = 10 * 1024 * 1024

/** @throws Inconclusive where content comes whole anyway */
export const checkStreaming = async (cloud: CloudUnderTest, bucket: string, id: string): Promise<void> => {
  const { stream, flow } = cloud.abilities
  if (stream === undefined) throw new Inconclusive('content doesn’t come in pieces here')
  const target = blobPath(cloud, bucket, id)
  const headers = [['Authorization', basicAuthorization(cloud.credentials)] as const]
  cloud.transcript.remark(`PUT ${target} with ${size} bytes, in pieces; then GET of its content`)
  const digest = createHash('sha256')
  let [given, held] = [0, 0]
  const sentBefore = flow?.sent ?? 0
  async function* content(): AsyncGenerator<Uint8Array> {
    for (; given < size; ) {
      const piece = Buffer.alloc(Math.min(pieceSize, size - given), 'deltacloud')
      piece.writeDoubleLE(given, 0)
      digest.update(piece)
      given += piece.length
      if (flow !== undefined) held = Math.max(held, given - (flow.sent - sentBefore))
      yield piece
    }
  }
  const put = await stream({ method: 'PUT', target: `${target}?format=json`, headers, content: content(), length: size })
  await drain(put)
  hold(put.status === 200 || put.status === 201, () => `Storing ${size} bytes is answered with ${put.status}`)
  hold(held <= mostHeld, () => `Of ${size} bytes that are stored the driver holds ${held} before it sends them`)
  const takenBefore = flow?.taken ?? 0
  const got = await stream({ method: 'GET', target: `${target}/content`, headers })
  const taken = (flow?.taken ?? 0) - takenBefore
  hold(got.status === 200, () => `The content of ${size} bytes is answered with ${got.status}`)
  hold(taken <= mostHeld, () => `Of ${size} bytes that are read the driver holds ${taken} before it passes any on`)
  const { digest: found, length, largest } = await drain(got)
  hold(length === size && found === digest.digest('hex'), () => `Of ${size} bytes others come back (${length})`)
  hold(largest <= mostHeld, () => `Of ${size} bytes ${largest} come in one piece`)
}

const drain = async ({ body }: StreamedAnswer): Promise<{ readonly digest: string; readonly length: number; readonly largest: number }> => {
  const digest = createHash('sha256')
  let [length, largest] = [0, 0]
  for await (const piece of body) {
    digest.update(piece)
    length += piece.length
    largest = Math.max(largest, piece.length)
  }
  return { digest: digest.digest('hex'), length, largest }
}
