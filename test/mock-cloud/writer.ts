/** A process that writes for as long as it lives, and says what it was promised. */

import { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { connect } from './support.ts'

async function* large(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(20_000, 'x')
}

const cloud = await MockCloud.open({ state: String(process.argv[2]) })
const { instances, blobs } = await connect(cloud, 'mockuser')
for (let i = 0; process.connected; i++) {
  const name = `${process.pid}-${i}`
  await Promise.all([
    instances.create({ imageId: 'img1', overrides: {}, name }),
    blobs.create('bucket1', name, { content: large(), metadata: {} }),
  ])
  process.send?.(name)
}
