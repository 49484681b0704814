/** Fault rules with what they hit, and scenarios. */

import type { FaultDocument, ScenarioDocument } from '../../../drivers/control.ts'
import { type Html, html } from '../html.ts'
import { button, type ConsoleView, timeOf } from './view.ts'

export const faultsPart = ({ root, faults, fired, scenarios }: ConsoleView): Html => html`<section aria-labelledby="faults-heading">
<h2 id="faults-heading">Faults</h2>
<div data-live id="faults-live">
${faults.length === 0 ? html`<p class="none">No rule is set: everything goes as usual.</p>` : rules(root, faults)}
${
  fired.length > 0 &&
  html`<details id="fired"><summary>What rules did lately</summary><div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Time</th><th scope="col">Rule</th><th scope="col">Operation</th><th scope="col">Account</th></tr></thead>
<tbody>${fired.map(one => html`<tr><th scope="row">${timeOf(one.time)}</th><td>${one.rule}: ${one.effect}</td><td>${one.operation} ${one.id}</td><td>${one.account}</td></tr>`)}</tbody></table></div></details>`
}
</div>
<form class="row" method="post" action="${root}/_mock/faults" data-clears>
<div><label for="fault-rule">New rule</label><input id="fault-rule" name="rule" required placeholder="operation=instances.create,share=0.2,error=over-quota" aria-describedby="fault-hint"></div><button>Add rule</button>
</form>
<p class="hint" id="fault-hint">As <code>--fault</code> takes it: which calls (<code>operation</code>, <code>collection</code>, <code>realm</code>, <code>resource</code>, <code>account</code>, <code>share</code>, <code>nth</code>, <code>every</code>), and one effect (<code>error</code>, <code>status</code>, <code>throttle</code>, <code>latency</code>, <code>reset</code>, <code>truncated</code>, <code>garbled</code>, <code>never</code>, <code>boot</code>).</p>
<h3>Scenarios</h3>
${scenarios.map(one => scenario(root, one))}
</section>`

const rules = (root: string, faults: readonly FaultDocument[]): Html => html`<div class="scroll" tabindex="0"><table>
<thead><tr><th scope="col">Rule</th><th scope="col">Hits</th><th scope="col"><span class="unseen">What can be done</span></th></tr></thead>
<tbody>${faults.map(
  ({ id, summary, fired }) => html`<tr><th scope="row">${id}<br><span class="hint">${summary}</span></th><td>${fired}</td>
<td>${button(`${root}/_mock/faults/${encodeURIComponent(id)}?_method=delete`, 'Remove', { about: id, look: 'danger', id: `remove-${id}` })}</td></tr>
`,
)}</tbody></table></div>`

const scenario = (root: string, { name, doc, parameters }: ScenarioDocument): Html => {
  const at = `${root}/_mock/scenarios/${name}`
  return html`<details><summary>${name}</summary><p class="hint">${doc}</p>
<form class="row" method="post" action="${at}">${parameters.map(
    ({ name: parameter, doc, required, usual }) =>
      html`<div><label for="${name}-${parameter}">${parameter}</label><input id="${name}-${parameter}" name="${parameter}"${usual !== undefined && html` placeholder="${usual}"`}${required && html` required`} title="${doc}"></div>`,
  )}<button>Start<span class="unseen"> ${name}</span></button></form>
<div class="row">${button(`${at}?_method=delete`, 'Stop', { about: name })}</div></details>`
}
