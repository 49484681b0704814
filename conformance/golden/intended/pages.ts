/** Intended differences of the pages, which may be drawn anew as long as addresses and fields stay (`spec/api/html-ui.md`). */

import { status } from '../instead.ts'
import type { Rule } from '../rules.ts'

export const pages: readonly Rule[] = [
  {
    quirk: 'html-ui',
    because: 'Style sheets, scripts and pictures of the old pages are gone with them.',
    when: { method: ['GET', 'HEAD'], path: /^\/(stylesheets|javascripts|images)\//, status: [200] },
    excuses: 'the answer',
    instead: status(404),
    unseen: true,
  },
]
