/** What a simulator kept of an account’s resources, read past every API. */

import type { Records, ResourceKind } from '../../src/mock-cloud/records.ts'
import type { World } from '../../src/mock-cloud/world.ts'

/** In the order of the lists. */
export const recordsOf = <K extends ResourceKind>(
  world: World,
  provider: string,
  account: string,
  kind: K,
): Promise<readonly Records[K][]> =>
  world.tenant(provider, account).read(async ({ tx }) => {
    const records: Records[K][] = []
    for (const { id } of await tx.list(kind)) {
      const record = await tx.get(kind, id)
      if (record !== undefined) records.push(record)
    }
    return records
  })
