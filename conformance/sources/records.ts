/** What the simulator keeps of one account, whatever any driver or frontend makes of it. */

import type { MockCloud } from '../../src/mock-cloud/cloud.ts'
import { exportWorld } from '../../src/mock-cloud/export.ts'

/** By collection, as text; nothing for an account that wasn't used yet. */
export const accountRecords = async (
  mock: MockCloud,
  world: string,
  provider: string,
  account: string,
): Promise<Readonly<Record<string, string>>> => {
  const { accounts } = await exportWorld(await mock.world(world))
  const own = accounts.find(one => one.provider === provider && one.account === account)
  return Object.fromEntries(Object.entries(own?.collections ?? {}).map(([collection, items]) => [collection, JSON.stringify(items)]))
}
