/** All laws, family by family, in the order of the documents. */

import { filterLaws } from './filters.ts'
import type { Law } from './law.ts'

export const laws: readonly Law[] = [...filterLaws]
