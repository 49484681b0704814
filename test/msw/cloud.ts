/** A mock cloud behind msw for one test file: on a manual clock, at an address that no name server knows. */

import { setupServer } from 'msw/node'
import type { Test } from 'tap'
import type { WireEffect } from '../../src/drivers/context.ts'
import { createMockDriver } from '../../src/drivers/mock/index.ts'
import type { AnyDriver } from '../../src/drivers/registry.ts'
import { createMockCloud, type MockCloudInHand } from '../../src/mock.ts'
import { deltacloudHandlers } from '../../src/msw.ts'

export const url = 'http://cloud.test'

export const authorization = `Basic ${Buffer.from('mockuser:mockpassword').toString('base64')}`

/** Until the test is over every request that isn't for the cloud fails. */
export const behindMsw = async (t: Test, scheme: 'http' | 'https' = 'http'): Promise<MockCloudInHand> => {
  const cloud = await createMockCloud()
  const drivers = effects.map(effect => spoiling(cloud, effect))
  const server = setupServer(...deltacloudHandlers({ cloud, drivers, url: url.replace(/^http/, scheme) }))
  server.listen({ onUnhandledFrame: 'error' })
  t.teardown(async () => {
    server.close()
    await cloud.close()
  })
  return cloud
}

const effects: readonly WireEffect[] = [
  { kind: 'reset' },
  { kind: 'never' },
  { kind: 'status', status: 503, retryAfter: 7 },
  { kind: 'truncated', share: 0.5 },
  { kind: 'garbled', seed: 'noise' },
]

/** A driver of the same cloud whose answers don't reach the client whole; it's called like the effect. */
const spoiling = ({ simulator }: MockCloudInHand, effect: WireEffect): AnyDriver => {
  const driver = createMockDriver(simulator)
  return {
    ...driver,
    id: effect.kind,
    connect(request) {
      request.context.wire.effect = effect
      return driver.connect(request)
    },
  }
}

/** Content of a length, in pieces, that counts how many were asked for. */
export const pieces = (count: number, size: number): { bytes: AsyncIterable<Uint8Array>; asked: () => number } => {
  let asked = 0
  async function* run(): AsyncGenerator<Uint8Array> {
    for (; asked < count; asked++) yield new Uint8Array(size).fill(asked % 251)
  }
  return { bytes: run(), asked: () => asked }
}
