/** The mock driver: the simulator, which stands on no provider. */

import { createMockDriver } from '../../src/drivers/mock/index.ts'
import type { Harness } from '../harness.ts'
import { blocksOfSubnets } from './families/openstack.ts'

export const harness: Harness = {
  driver: createMockDriver,
  // The kinds of cloud that frontends of real protocols stand on, ec2, eucalyptus and openstack, are named by who tests these.
  providers: [undefined, 'classic'],
  impossible: [
    { what: 'running possibly error', because: 'the simulator breaks nothing that runs' },
    ...['start create pending', 'pending automatically running'].map(what => ({
      what,
      provider: 'classic',
      because: 'instances of the original’s mock run at once',
    })),
  ],
  exempt: [
    blocksOfSubnets('openstack'),
    {
      law: 'D2',
      provider: 'classic',
      quirk: 'M11',
      because: 'the original’s data have a network interface in a network, where the API’s link leads to a subnet',
      where: /^network_interfaces\/nicinst3 leads to \/api\/subnets\/net1/,
    },
    {
      law: 'D2',
      provider: 'classic',
      quirk: 'M18',
      because: 'the original’s mock lets a network be destroyed with its subnets, and interfaces go on naming these',
      where: /^network_interfaces\/\S+ leads to \/api\/subnets\/\S+, which is answered with 404/,
    },
  ],
}
