/** A report as one page that needs nothing else: no script, no other file. */

import { Html, html, prose } from '../../src/server/pages/html.ts'
import { type Counterexample, type LawSummary, type Report, type SubjectResult, verdictOf } from '../results.ts'
import { machineSvg } from './html/machine.ts'
import { style } from './html/style.ts'
import { type Cell, cellOf, collectionsOf, evidenceOf, reasonsOf, type Seen, statesOf, totalsOf, transitionsOf } from './matrix.ts'

export const toHtml = async (report: Report): Promise<string> => {
  const pictures = await Promise.all(report.subjects.map(machineSvg))
  const { verdict } = verdictOf(report)
  const page = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Conformance: ${sentences[verdict]}</title>
<style>${new Html(style)}</style>
</head>
<body>
<header class="band">
<h1>${sentences[verdict]}</h1>
<p>Drivers of cloud providers, held to the laws of conformance on ${report.startedAt.slice(0, 10)}, seed ${report.seed}, ${report.runs} cases a law${report.shard !== undefined && html`, part ${report.shard.index} of ${report.shard.of}`}.</p>
<nav aria-label="Parts of the report"><ul>
${isBroken(report) && html`<li><a href="#broken">What is broken</a></li>`}
<li><a href="#matrix">Laws × drivers</a></li>
${report.subjects.map((subject, n) => html`<li><a href="#driver-${n}">${subject.subject}</a></li>`)}
<li><a href="#reasons">Not applicable</a></li>
</ul></nav>
</header>
<main>
${numbers(report)}
${report.failures.map(failure => html`<p class="failure"><strong>Failed:</strong> ${failure}</p>`)}
${report.warnings.map(warning => html`<p class="warning"><strong>Warning:</strong> ${warning}</p>`)}
${broken(report)}
${matrix(report)}
${report.subjects.map((subject, n) => driver(subject, n, pictures[n] ?? ''))}
${reasons(report)}
</main>
<footer>The same run again: <code>--seed ${report.seed} --runs ${report.runs}</code></footer>
</body>
</html>`
  return `<!DOCTYPE html>\n${page.markup.toWellFormed()}\n`
}

const sentences = { holds: 'All laws hold', broken: 'Conformance is broken', 'nothing compared': 'Nothing was compared' } as const

const isBroken = (report: Report): boolean => report.subjects.some(({ laws }) => laws.some(({ outcome }) => outcome === 'broken'))

const numbers = (report: Report): Html => {
  const { cases, discarded, broken: wrong, holding, notApplicable, exempt, perSecond } = totalsOf(report)
  const tiles: readonly (readonly [string | number, string])[] = [
    [holding, 'laws of drivers hold'],
    [wrong, 'are broken'],
    [exempt, 'are exempt'],
    [notApplicable, 'aren’t applicable'],
    [cases, 'cases judged'],
    [discarded, 'couldn’t be judged'],
    [Math.round(perSecond), 'cases a second'],
    [`${report.seconds.toFixed(1)} s`, 'in all'],
  ]
  return html`<ul class="tiles">${tiles.map(([value, label]) => html`<li><strong>${value}</strong><span>${label}</span></li>`)}</ul>`
}

const idOf = (law: string, source: string, n: number): string => `case-${law}-${source}-${n}`

const broken = (report: Report): Html | undefined => {
  const found = report.subjects.flatMap((subject, n) =>
    subject.laws.flatMap(({ law, source, counterexample }) => {
      const summary = report.laws.find(({ id }) => id === law)
      return counterexample === undefined
        ? []
        : [
            html`<article id="${idOf(law, source, n)}"><h3>${law} ${summary?.title} <small>on ${source} of ${subject.subject}</small></h3>${counter(counterexample, summary)}</article>`,
          ]
    }),
  )
  return found.length === 0
    ? undefined
    : html`<section id="broken" aria-labelledby="broken-title"><h2 id="broken-title">What is broken</h2>${found}</section>`
}

const counter = ({ message, given, transcript, command }: Counterexample, law: LawSummary | undefined): Html => html`
${law !== undefined && html`<p>${prose(law.says)}</p>`}
<pre class="failure">${message}</pre>
<p>To see it again:</p><pre>${command}</pre>
<details><summary>The shortest conversation that was found</summary>
<p>Given: ${given}</p>
${transcript.map(({ request, answer }) => html`<pre>${request}</pre>${answer !== '' && html`<pre class="answer">${answer}</pre>`}`)}
</details>`

const matrix = (report: Report): Html => {
  const families = [...new Set(report.laws.map(({ family }) => family))]
  return html`<section id="matrix" aria-labelledby="matrix-title"><h2 id="matrix-title">Laws × drivers</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="matrix-title"><table>
<thead><tr><th scope="col">Law</th>${report.subjects.map(({ subject }) => html`<th scope="col">${subject}</th>`)}</tr></thead>
${families.map(
  family => html`<tbody><tr class="family"><th scope="rowgroup" colspan="${report.subjects.length + 1}">${family}</th></tr>
${report.laws
  .filter(law => law.family === family)
  .map(
    law => html`<tr><th scope="row"><span class="law">${law.id}</span> ${law.title}<small>${prose(law.says)}</small></th>${report.subjects.map((subject, n) => html`<td>${cell(cellOf(law, subject), n)}</td>`)}</tr>
`,
  )}</tbody>`,
)}
</table></div></section>`
}

const cell = ({ outcome, cases, grade, results, law, reasons: why }: Cell, n: number): Html => {
  switch (outcome) {
    case 'holds':
      return html`<span class="cell holds" title="${why.join('; ')}">✓ ${cases}</span>${grade !== undefined && html`<span class="grade">${grade}</span>`}`
    case 'broken': {
      const source = results.find(result => result.outcome === 'broken')?.source ?? 'T'
      return html`<a class="cell broken" href="#${idOf(law.id, source, n)}">✗ broken</a>`
    }
    case 'exempt':
      return html`<span class="cell exempt" title="${why.join('; ')}">exempt</span>`
    case 'n/a':
      return html`<span class="cell na" title="${why.join('; ')}">n/a</span>`
  }
}

const driver = (
  subject: SubjectResult,
  n: number,
  picture: string,
): Html => html`<section id="driver-${n}" aria-labelledby="driver-${n}-title"><h2 id="driver-${n}-title">${subject.subject}: ${subject.name}</h2>
${picture !== '' && html`<figure class="machine scroll">${new Html(labelled(picture, subject))}<figcaption>What was seen of its state machine: green and solid was seen, in so many cases; red and dashed was not.</figcaption></figure>`}
${seenTable('Transitions', transitionsOf(subject))}
${seenTable('States', statesOf(subject))}
${seenTable('Collections', collectionsOf(subject))}
<h3>Evidence</h3>
<div class="scroll"><table><thead><tr><th scope="col">Grade</th><th scope="col">Cases</th><th scope="col">Newest</th></tr></thead><tbody>
${Object.entries(evidenceOf(subject)).map(([grade, coverage]) => html`<tr><th scope="row">${grade}</th><td>${coverage.cases}</td><td>${coverage.date ?? '–'}</td></tr>`)}
</tbody></table></div>
${subject.recordings.length > 0 && recordings(subject)}
${Object.keys(subject.loses).length > 0 && loses(subject)}
</section>`

const labelled = (picture: string, { subject }: SubjectResult): string =>
  picture.replace('<svg', `<svg role="img" aria-label="State machine of ${subject.replace(/[^\w ;=.-]/g, '')}"`)

const seenTable = (title: string, all: readonly Seen[]): Html | undefined => {
  if (all.length === 0) return undefined
  const count = all.filter(({ grade }) => grade !== undefined).length
  return html`<details><summary>${title}: ${count} of ${all.length} seen</summary><div class="scroll"><table>
<thead><tr><th scope="col">${title}</th><th scope="col">Cases</th><th scope="col">Best evidence</th></tr></thead>
<tbody>${all.map(({ name, cases, grade }) => html`<tr><th scope="row">${name}</th><td>${cases}</td><td>${grade ?? html`<span class="cell broken">not seen</span>`}</td></tr>`)}</tbody></table></div></details>`
}

const recordings = ({
  recordings: all,
}: SubjectResult): Html => html`<details><summary>Recordings: ${all.length}</summary><div class="scroll"><table>
<thead><tr><th scope="col">Recording</th><th scope="col">Kind</th><th scope="col">Service</th><th scope="col">Captured</th><th scope="col">Days old</th><th scope="col">Exchanges</th></tr></thead>
<tbody>${all.map(({ name, kind, service, captured, age, exchanges, stale }) => html`<tr><th scope="row">${name}</th><td>${kind}</td><td>${service}</td><td>${captured ?? '–'}</td><td>${stale ? html`<span class="cell exempt">${age ?? 'unknown'}</span>` : (age ?? '–')}</td><td>${exchanges}</td></tr>`)}</tbody></table></div></details>`

const loses = ({ loses: all }: SubjectResult): Html =>
  html`<details><summary>What its protocol can’t carry: ${Object.keys(all).length} attributes</summary><ul>${Object.entries(all).map(([attribute, why]) => html`<li><code>${attribute}</code>: ${why}</li>`)}</ul></details>`

const reasons = (report: Report): Html => {
  const all = reasonsOf(report)
  return html`<section id="reasons" aria-labelledby="reasons-title"><h2 id="reasons-title">Not applicable, or exempt</h2>
${
  all.length === 0
    ? html`<p>Every law was asked of every driver.</p>`
    : html`<div class="scroll"><table><thead><tr><th scope="col">Why</th><th scope="col"></th><th scope="col">Where</th></tr></thead>
<tbody>${all.map(({ outcome, reason, where }) => html`<tr><td>${reason}</td><td>${outcome === 'holds' ? 'excused' : outcome}</td><td>${where.join(', ')}</td></tr>`)}</tbody></table></div>`
}</section>`
}
