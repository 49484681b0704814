/** Intended differences of the pages, which may be drawn anew as long as addresses and fields stay (`spec/api/html-ui.md`). */

import { type Answer, type Exchange, mediaTypeOf } from '../exchange.ts'
import { parsePage } from '../html.ts'
import type { Rule } from '../rules.ts'

/** Addresses of other pages that the original leads to by forms which are overridden with GET. */
const leads = ({ recorded, url }: Exchange): string[] =>
  mediaTypeOf(recorded) === 'text/html'
    ? parsePage(recorded.body.toString(), url).forms.flatMap(({ action, method }) => (method === 'get' ? [action] : []))
    : []

const lacking = (ours: Answer, exchange: Exchange): string | undefined => {
  const { links, forms } = parsePage(ours.body.toString(), exchange.url)
  return leads(exchange).find(action => !links.has(action) && !forms.some(form => form.action === action))
}

export const pages: readonly Rule[] = [
  {
    quirk: 'html-ui',
    because: 'What only leads to another page is a link there.',
    when: { format: ['html'], status: [200, 201], and: exchange => leads(exchange).length > 0 },
    excuses: ['html form **'],
    only: ({ at }, exchange) => leads(exchange).some(action => at === `html form ${action}` || at === `html form ${action} _method`),
    instead: (ours, exchange) => {
      const action = lacking(ours, exchange)
      return action === undefined ? undefined : `leads nowhere to ${action}`
    },
  },
  {
    quirk: 'html-ui',
    because: 'The button of a form is no field of it.',
    when: { format: ['html'], status: [200] },
    excuses: ['html form ** commit'],
  },
]
