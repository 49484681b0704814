/** The driver for Rackspace: its first generation of servers, and the one on OpenStack. */

import { rackspace } from '../../src/drivers/rackspace/index.ts'
import { openstack as frontend } from '../../src/server/frontends/openstack/index.ts'
import type { Harness } from '../harness.ts'
import { alice } from '../sources/simulated.ts'
import { expected, impossible, regionsNamed } from './families/openstack.ts'

const providers = [undefined, 'DFW']

export const harness: Harness = {
  driver: rackspace,
  shapes: new URL('../shapes/rackspace.json', import.meta.url),
  providers,
  // The generation on OpenStack; no frontend serves the first one.
  roundTrip: {
    frontends: [frontend],
    personality: 'openstack',
    provider: origin => `${origin}/openstack/identity/v2.0;default`,
    // The simulator's realm is called so, and the driver shows the region as its realm.
    regions: regionsNamed(['default', 'ORD'], origin => `${origin}/openstack/identity/v2.0`),
    expected: {
      ...expected,
      // Nova's proxy for images has no owner: the original API shows the caller.
      'images owner': async () => alice.user,
      // A user without keys logs in by password.
      'instances authentication_type': async () => 'password',
      // The driver offers no networks, so it asks for none.
      'instances firewalls': async () => undefined,
      'instances network_interfaces': async () => undefined,
    },
  },
  impossible: [
    ...impossible,
    ...[
      ...['running destroy finish', 'stopped destroy finish', 'error destroy finish'],
      ...['running possibly pending', 'running possibly stopped', 'stopped possibly running'],
    ].map(what => ({
      what,
      provider: undefined,
      because: 'no frontend serves the first generation: only recordings could show it, and none does',
    })),
  ],
  exempt: providers.map(provider => ({
    law: 'S8',
    provider,
    quirk: 'libcloud',
    because: 'the recorded answer to the creation and the server that is then shown are fixtures of different servers',
    where: /^instances made with image_id="7" says "fcf5582a-/,
  })),
}
