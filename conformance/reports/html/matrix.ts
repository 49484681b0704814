/** The matrix laws × drivers: a cell opens to tell what each source showed. */

import { type Html, html, prose } from '../../../src/server/pages/html.ts'
import { type Grade, grades, type LawResult, type Report, type SourceKind } from '../../results.ts'
import { bestOf, type Cell, cellOf } from '../matrix.ts'

export const matrixSection = (report: Report): Html => {
  const families = Map.groupBy(report.laws, ({ family }) => family)
  return html`<section id="matrix" aria-labelledby="matrix-title"><h2 id="matrix-title">Laws × drivers</h2>
<p>A law or a cell opens to tell more.</p>
${legend}
<div class="scroll matrix" tabindex="0" role="region" aria-labelledby="matrix-title"><table>
<thead><tr><th scope="col">Law</th>${report.subjects.map(({ subject }, n) => html`<th scope="col"><a href="#driver-${n}">${subject}</a></th>`)}</tr></thead>
${[...families].map(
  ([family, laws]) => html`<tbody>
<tr class="family"><th scope="rowgroup" colspan="${report.subjects.length + 1}"><span>${family}</span></th></tr>
${laws.map(
  law => html`<tr><th scope="row"><details><summary><b>${law.id}</b> ${law.title}</summary><p>${prose(law.says)}</p></details></th>${report.subjects.map((subject, n) => html`<td>${cell(cellOf(law, subject), n)}</td>`)}</tr>
`,
)}</tbody>
`,
)}</table></div></section>
`
}

/** Where a counterexample stands in the page. */
export const placeOf = (law: string, source: SourceKind, column: number, nth = 0): string =>
  `case-${law.replace(/\W/g, '-')}-${source}-${column}${nth === 0 ? '' : `-${nth}`}`

/** A grade as dots, for the eye; its name is for everybody else. */
export const dots = (grade: Grade | undefined): Html => {
  if (grade === undefined) return html``
  const level = grades.indexOf(grade) + 1
  return html`<span class="dots" title="${grade}" aria-hidden="true">${'●'.repeat(level)}${'○'.repeat(grades.length - level)}</span><span class="unseen-text">, ${grade}</span>`
}

const meanings: Readonly<Record<Grade, string>> = {
  declared: 'the driver’s own word',
  'property-tested': 'generated cases on a simulator',
  'replayed from documentation': 'what the provider’s documents show',
  'replayed from live traffic': 'what the provider was seen to do',
  'verified live': 'the provider itself was asked',
}

const legend = html`<dl class="legend">${grades.map(grade => html`<div><dt>${dots(grade)}</dt><dd><b>${grade}</b>: ${meanings[grade]}</dd></div>`)}</dl>`

const words: Readonly<Record<Cell['outcome'], (cases: number) => string>> = {
  holds: cases => `✓ ${cases}`,
  broken: () => '✗ broken',
  expected: () => '✗ expected',
  exempt: () => 'exempt',
  'n/a': () => 'n/a',
}

const looks: Readonly<Record<Cell['outcome'], string>> = {
  holds: 'holds',
  broken: 'broken',
  expected: 'exempt',
  exempt: 'exempt',
  'n/a': 'na',
}

const cell = ({ outcome, cases, grade, results, law }: Cell, column: number): Html => {
  const shown = html`<span class="cell ${looks[outcome]}">${words[outcome](cases)}</span> ${outcome === 'holds' && dots(grade)}`
  if (results.length === 0) return shown
  return html`<details><summary>${shown}</summary><ul>${results.map(result => html`<li><b>${result.source}</b> ${resultInWords(result, placeOf(law.id, result.source, column))}</li>`)}</ul></details>`
}

const resultInWords = (result: LawResult, place: string): Html => {
  const { outcome, reason, cases, inconclusive, seconds } = result
  const why = reason !== undefined && html`: ${reason}`
  if (outcome === 'n/a' || outcome === 'exempt' || outcome === 'expected') return html`${outcome}${why}`
  const grade = bestOf([result])
  const numbers = html`${cases} case${cases !== 1 && 's'}${grade !== undefined && html`, ${grade}`}${inconclusive > 0 && html`, ${inconclusive} not judged`}, ${seconds.toFixed(1)} s`
  if (outcome === 'holds') return html`${numbers}${reason !== undefined && html`; excused: ${reason}`}`
  return html`<a href="#${place}">broken</a>: ${numbers}`
}
