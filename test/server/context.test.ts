/** The context of a request: how long it lasts, and how it reaches a provider. */

import t from 'tap'
import type { Transport } from '../../src/drivers/context.ts'
import { createSessionCache } from '../../src/drivers/sessions.ts'
import { wireRequest } from '../../src/drivers/wire.ts'
import { RequestContext } from '../../src/server/context.ts'
import { turns } from '../drivers/provider.ts'

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const get = wireRequest({ method: 'GET', target: 'http://cloud.example/' })

/** A context, and a way for its client to go. */
const contextOf = (transport: Transport, timeout = 60_000) => {
  let go = (): void => undefined
  const settings = { transport, timeout, log: silent, sessions: createSessionCache({ limit: 1, now: Date.now }) }
  const context = new RequestContext(settings, 'default', abort => {
    go = abort
  })
  return { context, go: () => go() }
}

t.test('what a provider puts off is asked for again', async t => {
  let asked = 0
  const busyOnce: Transport = {
    send: async () => (++asked === 1 ? { status: 429, headers: [['Retry-After', '0']] } : { status: 200, headers: [] }),
  }
  const { context } = contextOf(busyOnce)
  t.equal((await context.transport.send(get, { signal: context.signal })).status, 200)
  t.equal(asked, 2)
})

t.test('a client that goes ends the waiting between two tries', async t => {
  const asked = Promise.withResolvers<void>()
  const busy: Transport = {
    send: async () => {
      asked.resolve()
      return { status: 429, headers: [['Retry-After', '30']] }
    },
  }
  const { context, go } = contextOf(busy)
  const answer = t.rejects(context.transport.send(get, { signal: context.signal }), { message: 'The client has gone' })
  await asked.promise
  // Until it waits.
  await turns(10)
  go()
  await answer
})

t.test('a request that takes too long is a timeout of the provider', async t => {
  const { context } = contextOf({ send: () => Promise.reject(new Error('sent')) }, 0)
  const { signal } = context
  while (!signal.aborted) await turns(1)
  t.match(signal.reason, { kind: 'provider-timeout' })
  await t.rejects(context.sleep(60_000), { message: 'The provider did not answer in time' })
})
