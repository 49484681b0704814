/** What clients of the simulator do, as data: so that the same can be done again elsewhere. */

import fc from 'fast-check'
import { exportWorld } from '../../src/mock-cloud/export.ts'
import type { World } from '../../src/mock-cloud/world.ts'
import { CloudError } from '../../src/model/errors.ts'
import type { FullCloud } from './support.ts'

export interface Act {
  /** What is done, and to which. */
  readonly what: number
  readonly which: number
}

export const act: fc.Arbitrary<Act> = fc.record({ what: fc.nat(15), which: fc.nat(7) })
export const acts = fc.array(act, { minLength: 1, maxLength: 15 })

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/** What an act is answered with; of a failure, how it's told. */
export const perform = async (cloud: FullCloud, { what, which }: Act): Promise<unknown> => {
  const id = `inst${which}`
  const volume = `vol${which}`
  // Every other content is of a size that is kept in a file.
  const content = 'x'.repeat(which % 2 === 0 ? 100 : 20_000 + which)
  const requests: (() => Promise<unknown>)[] = [
    () => cloud.instances.create({ imageId: 'img1', overrides: {} }),
    () => cloud.instances.create({ imageId: 'img1', overrides: {}, firewalls: ['default'], snapshotId: 'snap1' }),
    () => cloud.instances.stop(id),
    () => cloud.instances.start(id),
    () => cloud.instances.reboot(id),
    () => cloud.instances.destroy(id),
    () => cloud.keys.create({ name: `key${which}` }),
    () => cloud.keys.destroy(`key${which}`),
    () => cloud.storage_volumes.create({ capacity: which }),
    () => cloud.storage_volumes.attach(volume, { instanceId: id, device: '' }),
    () => cloud.storage_volumes.destroy(volume),
    () => cloud.addresses.create(),
    () => cloud.blobs.create('bucket1', `blob${which}`, { content: bytes(content), metadata: { a: 'b' } }),
    () => cloud.blobs.destroy('bucket1', `blob${which}`),
    () => cloud.annotations.set({ collection: 'instances', id }, { colour: `shade ${which}` }),
    () => cloud.blobs.begin('bucket1', `blob${which}`, { metadata: {} }),
  ]
  try {
    return await requests[what]?.()
  } catch (error) {
    if (error instanceof CloudError) return `${error.kind}: ${error.message}`
    throw error
  }
}

/** All that can be seen of a world, as text. */
export const seen = async (world: World): Promise<string> => {
  const { accounts } = await exportWorld(world, { contents: true })
  return JSON.stringify(accounts, null, 1)
}
