/** The log of a world, latest first. */

import type { EventDocument } from '../../../drivers/control.ts'
import { type Html, html } from '../html.ts'
import { type ConsoleView, timeOf } from './view.ts'

export const eventsPart = ({ root, events, text }: ConsoleView): Html => html`<section class="wide" aria-labelledby="events-heading">
<h2 id="events-heading">Events</h2>
<form class="row" action="${root}/_mock/console" role="search"><div><label for="console-search">Search the log</label><input id="console-search" name="text" type="search" value="${text}"></div><button>Search</button><button type="button" id="console-pause" hidden aria-pressed="false">Pause</button></form>
<div data-live id="events-live">
${
  events.length === 0
    ? html`<p class="none">${text === '' ? 'Nothing has happened yet.' : 'Nothing in the log matches.'}</p>`
    : html`<div class="scroll" tabindex="0"><table class="log"><thead><tr><th scope="col">No.</th><th scope="col">Cloud time</th><th scope="col">What</th><th scope="col">Change</th><th scope="col">By</th><th scope="col">Account</th></tr></thead>
<tbody>${events.map(row)}</tbody></table></div>`
}
</div>
</section>`

const row = (event: EventDocument): Html => {
  const { seq, time, type, kind, id, bucket, from, to, changed, action, account, provider } = event
  const what = [kind?.replaceAll('_', ' '), bucket, id].filter(part => part !== undefined).join(' ')
  const states =
    from !== undefined || to !== undefined
      ? from === to
        ? undefined
        : [from, to].filter(part => part !== undefined).join(' → ')
      : undefined
  return html`<tr><th scope="row">${seq}</th><td>${timeOf(time)}</td><td>${what === '' ? (account === undefined ? 'the world' : `account ${account}`) : what}</td><td>${type}${states !== undefined && html` <strong>${states}</strong>`}${changed !== undefined && states === undefined && html` <span class="hint">${changed.join(', ')}</span>`}</td><td>${action}</td><td>${account}${provider !== undefined && provider !== 'default' && `@${provider}`}</td></tr>
`
}
