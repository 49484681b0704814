/** All laws, family by family, in the order of the documents. */

import { capabilityLaws } from './capabilities.ts'
import { concurrencyLaws } from './concurrency.ts'
import { documentLaws } from './documents.ts'
import { errorLaws } from './errors.ts'
import { expectationLaws } from './expectations.ts'
import { filterLaws } from './filters.ts'
import type { Law } from './law.ts'
import { pageLaws } from './pages.ts'
import { recordingLaws } from './recordings.ts'
import { roundTripLaws } from './round-trip.ts'
import { stateLaws } from './states.ts'
import { storageLaws } from './storage.ts'

export const laws: readonly Law[] = [
  ...documentLaws,
  ...filterLaws,
  ...stateLaws,
  expectationLaws.S9,
  ...errorLaws,
  expectationLaws.E6,
  expectationLaws.A1,
  ...capabilityLaws,
  ...recordingLaws,
  ...pageLaws,
  ...roundTripLaws,
  ...storageLaws,
  ...concurrencyLaws,
]
