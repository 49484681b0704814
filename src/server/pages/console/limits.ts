/** How much of each quota is used, and the form that sets one. */

import type { LimitUse } from '../../../drivers/control.ts'
import { type Html, html } from '../html.ts'
import type { ConsoleView } from './view.ts'

export const limitsPart = ({ root, limits: { use } }: ConsoleView): Html => {
  const limited = use.filter(({ limit }) => limit !== undefined)
  const names = [...new Set(use.filter(({ realm }) => realm === undefined).map(({ name }) => name))]
  return html`<section aria-labelledby="limits-heading">
<h2 id="limits-heading">Quotas and capacity</h2>
<div data-live id="limits-live">
${limited.length === 0 ? html`<p class="none">Nothing is limited.</p>` : groupsOf(limited).map(bars)}
</div>
${
  names.length > 0 &&
  html`<form class="row" method="post" action="${root}/_mock/limits/quotas">
<div><label for="quota-name">Quota of each account</label><select id="quota-name" name="quota">${names.map(name => html`<option value="${name}">${inWords(name)}</option>`)}</select></div>
<div><label for="quota-limit">At most (nothing: no quota)</label><input id="quota-limit" name="limit" type="number" min="0" step="1"></div><button>Set quota</button></form>`
}
</section>`
}

interface Group {
  readonly of: string
  readonly uses: readonly LimitUse[]
}

const groupsOf = (uses: readonly LimitUse[]): Group[] => {
  const groups = new Map<string, LimitUse[]>()
  for (const use of uses) {
    const of = `${use.account}@${use.provider}${use.realm === undefined ? '' : `, realm ${use.realm}`}`
    groups.set(of, [...(groups.get(of) ?? []), use])
  }
  return [...groups].map(([of, members]) => ({ of, uses: members }))
}

/** What nobody set and few use is a click away. */
const bars = ({ of, uses }: Group, index: number): Html => {
  const telling = uses.filter(isTelling)
  const others = uses.filter(use => !isTelling(use))
  return html`<h3>${of}</h3>
${telling.length > 0 && list(of, telling)}
${others.length > 0 && html`<details id="limits-${index}"><summary>${others.length} limits that are far off<span class="unseen"> of ${of}</span></summary>${list(of, others)}</details>`}`
}

/** Of a thousandth nobody is afraid. */
const isTelling = ({ used, limit = 0 }: LimitUse): boolean => limit < 1000 || used > limit / 1000

const list = (of: string, uses: readonly LimitUse[]): Html =>
  html`<dl class="bars">${uses.map(
    ({ name, used, limit = 0 }) =>
      html`<div><dt>${inWords(name)}</dt><dd><meter min="0" max="${Math.max(limit, 1)}" high="${limit * 0.8}" value="${used}" aria-label="${inWords(name)} of ${of}">${used} of ${limit}</meter></dd><dd>${used.toLocaleString('en')} of ${limit.toLocaleString('en')}</dd></div>`,
  )}</dl>`

const inWords = (name: string): string => name.replaceAll('_', ' ')
