/** How many events the log of a world keeps, about. */

import type { Settings } from './store.ts'

export const eventLimit = ({ events }: Settings): number => {
  const limit = typeof events === 'object' && events !== null && 'limit' in events ? events.limit : undefined
  return typeof limit === 'number' && limit >= 0 ? limit : 100_000
}
