/** HTTP written by hand: what no client library would send. */

import { connect } from 'node:net'

/** An answer as it came over the wire; undefined where the server closed without one. */
export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: Buffer
  /** What came after it. */
  readonly following: Buffer
}

/** How long a server may keep silent before a test calls it a hang, in milliseconds. */
const patience = 10_000

/**
 * Writes bytes to a server and reads until it closes the connection.
 * @param after whether the client waits then, or hangs up its own side: a request that breaks off, and what is none, get no other end.
 * @throws Error where the server neither answers nor closes.
 */
export const sendRaw = (port: number, bytes: Uint8Array, after: 'wait' | 'hang up'): Promise<RawAnswer | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      socket.write(bytes)
      if (after === 'hang up') socket.end()
    })
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`The server hangs after ${JSON.stringify(Buffer.from(bytes).toString('latin1').slice(0, 500))}`))
    }, patience)
    socket.on('data', chunk => chunks.push(chunk))
    socket.on('end', () => socket.end())
    // A server that has heard enough may reset the connection after its answer.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(readAnswer(Buffer.concat(chunks)))
    })
  })

/** Sends a request and resets the connection after a few turns of the event loop, answered or not. */
export const abandon = (port: number, bytes: Uint8Array, turns: number): Promise<void> =>
  new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write(bytes)
      const turn = (left: number): void => {
        if (left === 0) socket.resetAndDestroy()
        else setImmediate(() => turn(left - 1))
      }
      turn(turns)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })

/** The first final answer in what came. */
export const readAnswer = (bytes: Buffer): RawAnswer | undefined => {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = bytes.subarray(0, end).toString('latin1')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
  const rest = bytes.subarray(end + 4)
  if (status < 200) return readAnswer(rest)
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  const size = length === undefined ? rest.length : Number(length)
  return { status, head, body: rest.subarray(0, size), following: rest.subarray(size) }
}
