/** All laws, family by family, in the order of the documents. */

import { documentLaws } from './documents.ts'
import { filterLaws } from './filters.ts'
import type { Law } from './law.ts'
import { stateLaws } from './states.ts'

export const laws: readonly Law[] = [...documentLaws, ...filterLaws, ...stateLaws]
