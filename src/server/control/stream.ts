/** The log of a world as server-sent events: read from the log as fast as the client takes it, so nothing is heaped up for a slow one. */

import { Readable } from 'node:stream'
import type { EventDocument, WorldControl } from '../../drivers/control.ts'
import type { WireResponse } from '../../drivers/wire.ts'
import { CloudError } from '../../model/errors.ts'

export interface StreamOptions {
  /** Number of the last event that the client has. */
  readonly after: number
  readonly wants: (event: EventDocument) => boolean
  /** Aborted when the client has gone, or the server is about to stop. */
  readonly over: AbortSignal
  readonly closing: AbortSignal
  /** Milliseconds after which a silent stream shows that it's alive. */
  readonly heartbeat?: number
  /** Milliseconds that a client may leave what was sent to it unread. */
  readonly patience?: number
}

export const eventStream = (world: WorldControl, options: StreamOptions): WireResponse => {
  const body = Readable.from(pieces(world, options), { objectMode: false, highWaterMark: 16 * 1024 })
  return {
    status: 200,
    headers: [
      ['Content-Type', 'text/event-stream; charset=utf-8'],
      ['Cache-Control', 'no-store'],
      // Proxies that gather what they pass on let this through at once.
      ['X-Accel-Buffering', 'no'],
    ],
    body,
  }
}

async function* pieces(world: WorldControl, options: StreamOptions): AsyncGenerator<Uint8Array> {
  const { after, wants, over, closing, heartbeat = 15_000, patience = 30_000 } = options
  const own = new AbortController()
  const events = world.watch(after, AbortSignal.any([over, closing, own.signal]))[Symbol.asyncIterator]()
  try {
    let next = events.next()
    // A client that was cut off comes again after this many milliseconds, with the number of the last event that it saw.
    let text = `retry: 1000\n: events of the world ${world.name}\n\n`
    for (;;) {
      if (text !== '') {
        const handed = performance.now()
        yield Buffer.from(text)
        // One that takes nothing at all is cut off by the port, as everyone who is silent.
        if (performance.now() - handed > patience) {
          yield Buffer.from(': too slow: come again with the number of the last event that you have\n\n')
          return
        }
      }
      const found = await within(next, heartbeat)
      if (found?.done === true) break
      if (found === undefined) text = ': still here\n\n'
      else {
        next = events.next()
        text = wants(found.value) ? `id: ${found.value.seq}\ndata: ${JSON.stringify(found.value)}\n\n` : ''
      }
    }
    yield Buffer.from(': this is all\n\n')
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    yield Buffer.from(`: ${error.details ?? error.message}\n\n`)
  } finally {
    own.abort()
    await events.return?.()
  }
}

/** What a promise gives, or undefined where that takes longer. */
const within = async <T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> => {
  const { promise: bell, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, milliseconds, undefined)
  try {
    return await Promise.race([promise, bell])
  } finally {
    clearTimeout(timer)
  }
}
