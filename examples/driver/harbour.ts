/** Harbour as the conformance suite takes it: the driver, and what it's held against. */

import type { Harness } from '../../conformance/index.ts'
import { frontend } from './frontend.ts'
import { harbour } from './harbour/index.ts'

export default harbour

export const harness: Omit<Harness, 'driver'> = {
  roundTrip: {
    frontends: [frontend],
    personality: 'default',
    // The recordings were made of what every account of the mock cloud begins with.
    seedOf: () => ({ accounts: [] }),
    provider: origin => `${origin}/harbour`,
    lossy: {
      'instances network_interfaces': 'a ship doesn’t tell its network interfaces',
      'instances firewalls': 'Harbour has no firewalls',
      'instances create_image': 'no image can be made of a ship',
      'images root_type': 'Harbour doesn’t tell it',
    },
  },
  recordings: [new URL('../../recordings', import.meta.url)],
  shapes: new URL('shapes/harbour.json', import.meta.url),
}
