/** All intended differences, in the order in which they are asked. */

import { documents } from './intended/documents.ts'
import { mock } from './intended/mock.ts'
import { pages } from './intended/pages.ts'
import { protocol } from './intended/protocol.ts'
import type { Rule } from './rules.ts'

export const intended: readonly Rule[] = [...protocol, ...documents, ...pages, ...mock]
