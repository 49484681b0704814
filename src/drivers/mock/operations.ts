/** The simulator's operations, as the contract names them. */

import * as hardwareProfiles from '../../mock-cloud/collections/hardware-profiles.ts'
import * as images from '../../mock-cloud/collections/images.ts'
import * as instances from '../../mock-cloud/collections/instances.ts'
import * as realms from '../../mock-cloud/collections/realms.ts'
import type { Tenant } from '../../mock-cloud/tenant.ts'
import type { Operations } from '../driver.ts'

export const operations: Operations<Tenant> = {
  realms: { list: realms.list, get: realms.get },
  hardware_profiles: { list: hardwareProfiles.list, get: hardwareProfiles.get },
  images: { list: images.list, get: images.get },
  instances: {
    list: instances.list,
    get: instances.get,
    create: instances.create,
    start: instances.start,
    stop: instances.stop,
    reboot: instances.reboot,
    destroy: instances.destroy,
  },
}
