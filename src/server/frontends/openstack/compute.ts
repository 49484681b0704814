/** Nova: all that it serves, by route. */

import type { Routes } from './asked.ts'
import { flavorRoutes } from './flavors.ts'
import { proxiedFloatingRoutes } from './floating.ts'
import { proxiedImageRoutes } from './images.ts'
import { keypairRoutes } from './keypairs.ts'
import { limitRoutes } from './limits.ts'
import { serverParts } from './server-parts.ts'
import { serverRoutes } from './servers.ts'

export const computeRoutes: Routes = {
  ...serverRoutes,
  ...serverParts,
  ...flavorRoutes,
  ...keypairRoutes,
  ...limitRoutes,
  ...proxiedImageRoutes,
  ...proxiedFloatingRoutes,
}
