/** The driver for OpenStack. */

import { documentedStatuses, stateOf } from '../../src/drivers/families/openstack/states.ts'
import { openstack } from '../../src/drivers/openstack/index.ts'
import { openstack as frontend } from '../../src/server/frontends/openstack/index.ts'
import type { Harness } from '../harness.ts'
import { blocksOfSubnets, expected } from './families/openstack.ts'

export const harness: Harness = {
  driver: openstack,
  shapes: new URL('../shapes/openstack.json', import.meta.url),
  roundTrip: {
    frontends: [frontend],
    personality: 'openstack',
    provider: origin => `${origin}/openstack/identity/v3`,
    expected,
  },
  states: { documented: documentedStatuses, stateOf },
  exempt: [blocksOfSubnets(undefined)],
}
