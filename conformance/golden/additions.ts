/** What ours has beyond the original's answers: each looked at, and additive by the API's own rule of compatibility. */

import type { Addition } from './rules.ts'

export const additions: readonly Addition[] = []
