/** What there is in a world, by account and collection. */

import type { AccountDocument, ResourceSummary } from '../../../drivers/control.ts'
import { humanise } from '../../formats/view.ts'
import { encodeId } from '../../links.ts'
import { stateBadge } from '../display.ts'
import { type Html, html } from '../html.ts'
import type { ConsoleView } from './view.ts'

export const resourcesPart = ({
  root,
  accounts,
  rows,
}: ConsoleView): Html => html`<section class="wide" aria-labelledby="resources-heading">
<h2 id="resources-heading">Resources</h2>
<div data-live id="resources-live">
${
  accounts.length === 0
    ? html`<p class="none">Nobody has used this world yet: an account finds its first resources when it comes.</p>`
    : accounts.map((account, index) => accountOf(root, account, rows, index))
}
</div>
</section>`

const accountOf = (root: string, { provider, account, collections }: AccountDocument, rows: number, index: number): Html => {
  const api = `${root}/api${provider === 'default' ? '' : `;provider=${encodeURIComponent(provider)}`}`
  const about = `${account}@${provider}`
  return html`<h3>${about}</h3>
<div class="collections">${collections.map(
    (
      { name, count, resources },
      i,
    ) => html`<details id="resources-${index}-${name}"${index === 0 && i === 0 && html` open`}><summary>${humanise(name)} <span class="tag">${count}</span><span class="unseen"> of ${about}</span></summary>
<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">ID</th><th scope="col">Name</th><th scope="col">State</th><th scope="col">Realm</th></tr></thead>
<tbody>${resources.map(one => row(`${api}/${name}`, one))}</tbody></table></div>
${count > rows && html`<p class="hint">The latest ${rows} of ${count.toLocaleString('en')}.</p>`}</details>`,
  )}</div>`
}

const row = (collection: string, { id, name, state, realm }: ResourceSummary): Html =>
  html`<tr><th scope="row"><a href="${collection}/${encodeId(id)}">${id}</a></th><td>${name}</td><td>${state !== undefined && stateBadge(state.toUpperCase())}</td><td>${realm}</td></tr>
`
