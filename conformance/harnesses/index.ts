/** The harnesses of our own drivers by the driver's id, each loaded when it's asked for: one line a driver. */

import type { Harness } from '../harness.ts'

type Module = { readonly harness: Harness }

const modules: Readonly<Record<string, () => Promise<Module>>> = {
  mock: () => import('./mock.ts'),
  ec2: () => import('./ec2.ts'),
  eucalyptus: () => import('./eucalyptus.ts'),
  openstack: () => import('./openstack.ts'),
  rackspace: () => import('./rackspace.ts'),
}

/** The drivers that have a harness here. */
export const driverIds: readonly string[] = Object.keys(modules)

/** The harness of a driver; undefined where there is none of that id. */
export const loadHarness = async (driver: string): Promise<Harness | undefined> =>
  Object.hasOwn(modules, driver) ? (await modules[driver]?.())?.harness : undefined
