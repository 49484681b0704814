/** All intended differences, in the order in which they are asked. */

import { negotiated } from './instead.ts'
import { aftermath } from './intended/aftermath.ts'
import { documents } from './intended/documents.ts'
import { mock } from './intended/mock.ts'
import { pages } from './intended/pages.ts'
import { protocol } from './intended/protocol.ts'
import type { Rule } from './rules.ts'

/** Bugs of the original that no rule before this one knows: the captures' README says that they are none of its behaviour. */
const bugs: Rule = {
  quirk: 'README',
  because: 'A failure whose message is an error of Ruby is a bug of the original: ours does what was asked, or says why not.',
  when: {
    status: [500],
    says: /undefined method|undefined local variable|uninitialized constant|wrong number of arguments|no implicit conversion|(NoMethod|Name|Type|Argument)Error/,
  },
  excuses: 'the answer',
  instead: (ours, exchange, world) => {
    if (ours.status >= 500) return `fails with ${ours.status}`
    return ours.body.length === 0 ? undefined : negotiated(ours, exchange, world)
  },
  unseen: true,
}

export const intended: readonly Rule[] = [...protocol, ...documents, ...pages, ...mock, ...aftermath, bugs]
