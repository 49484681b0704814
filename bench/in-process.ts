/** The API without sockets: from a wire request to the bytes of its answer, over a mock cloud of any size. */

import { createMockDriver } from '../src/drivers/mock/index.ts'
import { Registry } from '../src/drivers/registry.ts'
import { createSessionCache } from '../src/drivers/sessions.ts'
import { createTransport } from '../src/drivers/transport.ts'
import { readBody, wireRequest } from '../src/drivers/wire.ts'
import { MockCloud } from '../src/mock-cloud/cloud.ts'
import { usual } from '../src/mock-cloud/personalities/default.ts'
import type { Records } from '../src/mock-cloud/records.ts'
import { RequestContext } from '../src/server/context.ts'
import { deltacloud } from '../src/server/deltacloud.ts'
import { Gate } from '../src/server/gate.ts'
import { Reach } from '../src/server/reach.ts'
import { createSealer } from '../src/server/sealing.ts'
import { authorization } from './programs.ts'

export interface Api {
  /** @throws Error for an answer that isn't a 200. */
  get(path: string): Promise<Buffer>
  close(): Promise<void>
}

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error }

/** @param instances how many the account has: copies of those that it begins with, `many0`, `many1` and so on. */
export const apiWith = async (instances: number): Promise<Api> => {
  const dataset: typeof usual.dataset = account => {
    const own = usual.dataset(account)
    return { ...own, records: { ...own.records, instances: copies(own.records.instances ?? [], instances) } }
  }
  const mock = await MockCloud.open({ personalities: { default: { ...usual, dataset } } })
  const transport = createTransport()
  const settings = {
    registry: new Registry([createMockDriver(mock)]),
    driver: 'mock',
    provider: undefined,
    fixed: [],
    reach: new Reach({}, () => 'any'),
    keys: new Map(),
    sealer: createSealer(() => mock.sealingKey()),
    transport,
    sessions: createSessionCache({ limit: 10, now: Date.now }),
    log: quiet,
    timeout: 60_000,
  }
  const headers = [
    ['Host', 'localhost:3001'],
    ['Authorization', authorization],
  ] as const
  return {
    async get(target) {
      const gate = new Gate(settings, new RequestContext(settings, 'default', () => undefined))
      const { status, body } = await deltacloud.answer(wireRequest({ method: 'GET', target, headers }), gate)
      if (status !== 200) throw new Error(`${target} was answered with ${status}: ${await readBody(body)}`)
      return readBody(body)
    },
    async close() {
      await transport.close()
      await mock.close()
    },
  }
}

type InstanceRecord = Records['instances']

const copies = (originals: readonly InstanceRecord[], count: number): InstanceRecord[] =>
  Array.from({ length: count }, (_, i) => {
    const record = originals[i % originals.length]
    if (record === undefined) throw new RangeError('There is nothing to copy')
    return { ...record, shown: { ...record.shown, id: `many${i}` } }
  })
