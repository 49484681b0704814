/** The driver for OpenStack. */

import { openstack } from '../../src/drivers/openstack/index.ts'
import { openstack as frontend } from '../../src/server/frontends/openstack/index.ts'
import type { Harness } from '../harness.ts'
import { blocksOfSubnets, expected, impossible, regionsNamed } from './families/openstack.ts'

export const harness: Harness = {
  driver: openstack,
  shapes: new URL('../shapes/openstack.json', import.meta.url),
  roundTrip: {
    frontends: [frontend],
    personality: 'openstack',
    provider: origin => `${origin}/openstack/identity/v3`,
    regions: regionsNamed(['RegionOne', 'RegionTwo'], origin => `${origin}/openstack/identity/v3`),
    expected,
  },
  impossible,
  exempt: [blocksOfSubnets(undefined)],
}
