/** A table; on a narrow screen each row becomes a card, with the heads as labels. */

import { type Html, type HtmlValue, html } from './html.ts'

interface Table {
  readonly caption?: string
  readonly head: readonly HtmlValue[]
  /** The first cell of a row says what the row is about. */
  readonly rows: readonly (readonly HtmlValue[])[]
}

// Laid out as cards, a table is none any more to some browsers: the roles say that it is.
export const table = ({ caption, head, rows }: Table): Html => html`<div class="scroll"><table class="list" role="table">
${caption !== undefined && html`<caption>${caption}</caption>`}
<thead role="rowgroup"><tr role="row">${head.map(name => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map(
  ([
    first,
    ...rest
  ]) => html`<tr role="row"><th role="rowheader" scope="row">${first}</th>${rest.map((value, i) => cell(value, head[i + 1]))}</tr>
`,
)}</tbody></table></div>`

const cell = (value: HtmlValue, label: HtmlValue): Html => {
  const labelled = typeof label === 'string' && value !== undefined && value !== false && value !== ''
  return html`<td role="cell"${labelled && html` data-label="${label}"`}>${value}</td>`
}
