/** What the suite knows of our own drivers: one line a driver, when it works. */

import { createMockDriver } from '../src/drivers/mock/index.ts'
import type { Kit } from './kit.ts'

export const kits: Readonly<Record<string, Kit>> = {
  mock: { driver: createMockDriver, providers: [undefined, 'classic', 'ec2', 'openstack'] },
}
