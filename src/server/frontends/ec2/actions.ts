/** All actions of EC2. */

import { addressActions } from './addresses.ts'
import type { Actions } from './asked.ts'
import { groupActions } from './groups.ts'
import { imageActions } from './images.ts'
import { instanceActions } from './instances.ts'
import { keyActions } from './keys.ts'
import { networkActions } from './networks.ts'
import { tagActions } from './tags.ts'
import { volumeActions } from './volumes.ts'
import { zoneActions } from './zones.ts'

export const ec2Actions: Actions = {
  ...zoneActions,
  ...imageActions,
  ...instanceActions,
  ...keyActions,
  ...volumeActions,
  ...addressActions,
  ...groupActions,
  ...networkActions,
  ...tagActions,
}
