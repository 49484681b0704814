/** The frontends that a server can be told to speak. One is listed when it works. */

import { deltacloud } from './deltacloud.ts'
import type { FrontendDefinition } from './frontend.ts'
import { ec2 } from './frontends/ec2/index.ts'
import { openstack } from './frontends/openstack/index.ts'
import { s3 } from './frontends/s3/index.ts'

export const frontends: ReadonlyMap<string, FrontendDefinition> = new Map(
  [deltacloud, ec2, s3, openstack].map(frontend => [frontend.name, frontend]),
)
