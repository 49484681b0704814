/** A report as one page that needs nothing else: no script, no other file. */

import { hash } from 'node:crypto'
import { Html, html, prose } from '../../src/server/pages/html.ts'
import { type Report, sizeInWords, verdictOf } from '../results.ts'
import { driverSection } from './html/driver.ts'
import { machinePicture } from './html/machine.ts'
import { matrixSection, placeOf } from './html/matrix.ts'
import { style } from './html/style.ts'
import { type Breach, breachesOf, placesInWords, reasonsOf, totalsOf } from './matrix.ts'

export const toHtml = async (report: Report): Promise<string> => {
  const pictures = await Promise.all(report.subjects.map(machinePicture))
  const { verdict, lacking } = verdictOf(report)
  const { sign, sentence } = verdicts[verdict]
  const breaches = breachesOf(report)
  const page = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${sentence}: conformance of drivers</title>
<style>${new Html(style)}</style>
</head>
<body>
<header class="band">
<h1><span class="sign" aria-hidden="true">${sign}</span> ${sentence}</h1>
<p>Drivers of cloud providers, held to the laws of conformance on ${report.startedAt.slice(0, 10)}${report.shard !== undefined && html` (part ${report.shard.index} of ${report.shard.of})`}.</p>
<nav aria-label="Parts of the report"><ul>
${breaches.length > 0 && html`<li><a href="#broken">What is broken</a></li>`}
<li><a href="#matrix">Laws × drivers</a></li>
${report.subjects.map(({ subject }, n) => html`<li><a href="#driver-${n}">${subject}</a></li>`)}
<li><a href="#reasons">Not applicable</a></li>
</ul></nav>
</header>
<main>
${numbers(report)}
${report.failures.map(failure => html`<p class="note failure"><strong>Failed:</strong> ${failure}</p>`)}
${lacking.map(sentence => html`<p class="note failure"><strong>Too little:</strong> ${sentence}</p>`)}
${report.warnings.map(warning => html`<p class="note warning"><strong>Warning:</strong> ${warning}</p>`)}
${breaches.length > 0 && html`<section id="broken" aria-labelledby="broken-title"><h2 id="broken-title">What is broken</h2>${breaches.map(breachArticle)}</section>`}
${matrixSection(report)}
${report.subjects.map((subject, n) => driverSection(subject, n, report.laws, pictures[n]))}
${reasons(report)}
</main>
<footer>The same run again: <code>--seed ${report.seed} ${sizeInWords(report)}</code></footer>
</body>
</html>`
  return `<!DOCTYPE html>\n${page.markup}\n`
}

/** Nothing is loaded and nothing runs, whatever a provider put into its texts. */
const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; base-uri 'none'; form-action 'none'`

const verdicts = {
  holds: { sign: '✓', sentence: 'All laws hold' },
  broken: { sign: '✗', sentence: 'Conformance is broken' },
  'not enough evidence': { sign: '?', sentence: 'There is not enough evidence' },
  'nothing compared': { sign: '?', sentence: 'Nothing was compared' },
} as const

const numbers = (report: Report): Html => {
  const { cases, inconclusive, broken, holding, notApplicable, exempt, expected, perSecond } = totalsOf(report)
  const tiles: readonly (readonly [value: string | number, label: string, look: string])[] = [
    [holding, 'hold', 'holds'],
    [broken, 'broken', broken > 0 ? 'broken' : ''],
    [exempt, 'exempt', ''],
    ...(expected > 0 ? [[expected, 'fail as expected', ''] as const] : []),
    [notApplicable, 'not applicable', ''],
    [formatCount(cases), inconclusive > 0 ? `cases judged, ${formatCount(inconclusive)} couldn’t be` : 'cases judged', ''],
    [formatCount(Math.round(perSecond)), `cases a second, ${report.seconds.toFixed(1)} s in all`, ''],
  ]
  return html`<ul class="tiles" aria-label="Laws of drivers, and cases">${tiles.map(([value, label, look]) => html`<li class="${look}"><strong>${value}</strong> <span>${label}</span></li>`)}</ul>`
}

const formatCount = (count: number): string => count.toLocaleString('en')

const breachArticle = (
  { law, summary, source, subject, column, nth, counterexample: { message, given, transcript, command } }: Breach,
  n: number,
): Html => html`<article id="${placeOf(law, source, column, nth)}">
<h3>${law} ${summary?.title}<small>on ${source} of ${subject}</small></h3>
${summary !== undefined && html`<p>${prose(summary.says)}</p>`}
<pre class="wrong">${message}</pre>
<p>To see it again:</p>
<pre class="command">${command}</pre>
<details${n === 0 && new Html(' open')}><summary>The shortest conversation that was found</summary>
${given !== '' && html`<p>Given: ${given}</p>`}
<ol class="conversation">${transcript.map(({ request, answer, curl }) => html`<li><pre>${request}</pre>${answer !== '' && html`<pre class="answer">${answer}</pre>`}${curl !== undefined && html`<pre class="command">${curl}</pre>`}</li>`)}</ol>
</details>
</article>
`

const reasons = (report: Report): Html => {
  const all = reasonsOf(report)
  return html`<section id="reasons" aria-labelledby="reasons-title"><h2 id="reasons-title">Not applicable, exempt or excused</h2>
${
  all.length === 0
    ? html`<p>Every law was asked of every driver.</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="reasons-title"><table>
<thead><tr><th scope="col">Why</th><th scope="col">Verdict</th><th scope="col">Where</th></tr></thead>
<tbody>${all.map(reason => html`<tr><td class="words">${reason.reason}</td><td>${reason.outcome}</td><td class="words">${placesInWords(reason)}</td></tr>`)}</tbody>
</table></div>`
}
</section>`
}
