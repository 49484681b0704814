/** What was seen of one driver: its state machine, its collections, by which evidence, and what the evidence was taken from. */

import { type Html, html } from '../../../src/server/pages/html.ts'
import { grades, type LawSummary, type SubjectResult } from '../../results.ts'
import { type Attempted, attemptedTransitionsOf, operationsOf } from '../../statistics.ts'
import { collectionLawsOf, collectionsOf, evidenceOf, type Seen, shareOf, statesOf, transitionsOf } from '../matrix.ts'
import { dots } from './matrix.ts'

export const driverSection = (
  subject: SubjectResult,
  n: number,
  laws: readonly LawSummary[],
  picture: Html | undefined,
): Html => html`<section id="driver-${n}" aria-labelledby="driver-${n}-title"><h2 id="driver-${n}-title">${subject.subject}<small>${subject.name}</small></h2>
${evidence(subject)}
${picture}
${seenTable('Transitions', transitionsOf(subject))}
${attempts('Attempts at operations', operationsOf(subject))}
${attempts('Attempts at transitions', attemptedTransitionsOf(subject))}
${seenTable('States', statesOf(subject))}
${seenTable('Collections', collectionsOf(subject))}
${collectionLaws(subject, laws)}
${recordings(subject)}
${lossyTable(subject)}
</section>
`

/** A table that scrolls by itself where it's too wide. */
const table = (title: string, heads: readonly string[], rows: readonly Html[]): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr>${heads.map(head => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`

const foldedSection = (title: string, content: Html): Html => html`<details class="fold"><summary>${title}</summary>${content}</details>`

const evidence = (subject: SubjectResult): Html => {
  const found = evidenceOf(subject)
  const rows = grades.flatMap(grade => {
    const { cases, date } = found[grade] ?? { cases: 0 }
    return cases === 0
      ? []
      : [
          html`<tr><th scope="row">${dots(grade)} <span aria-hidden="true">${grade}</span></th><td>${cases}</td><td class="date">${date ?? '–'}</td></tr>`,
        ]
  })
  return rows.length === 0
    ? html`<p>There is no evidence of it.</p>`
    : table(`Evidence of ${subject.subject}`, ['Evidence', 'Cases', 'Newest'], rows)
}

const seenTable = (title: string, all: readonly Seen[]): Html | undefined => {
  if (all.length === 0) return undefined
  const rows = all.map(
    ({ name, cases, grade }) =>
      html`<tr><th scope="row">${name}</th><td>${cases}</td><td>${grade === undefined ? html`<span class="cell exempt">not seen</span>` : html`<span aria-hidden="true">${grade} </span>${dots(grade)}`}</td></tr>`,
  )
  return foldedSection(`${title}: ${shareOf(all)} seen`, table(title, [title, 'Cases', 'Best evidence'], rows))
}

const attempts = (title: string, all: readonly Attempted[]): Html | undefined => {
  if (all.every(({ asked, succeeded }) => asked + succeeded === 0)) return undefined
  const rows = all.map(
    ({ name, asked, refused, succeeded, impossible }) =>
      html`<tr><th scope="row">${name}</th><td class="number">${asked}</td><td class="number">${refused}</td><td class="words">${succeeded > 0 ? succeeded : html`<span class="cell exempt">${impossible ?? 'never'}</span>`}</td></tr>`,
  )
  const reached = all.filter(({ succeeded }) => succeeded > 0).length
  return foldedSection(`${title}: ${reached} of ${all.length} succeeded`, table(title, ['Name', 'Asked', 'Refused', 'Succeeded'], rows))
}

const collectionLaws = (subject: SubjectResult, known: readonly LawSummary[]): Html | undefined => {
  const { laws, rows } = collectionLawsOf(subject, known)
  if (laws.length === 0) return undefined
  return foldedSection(
    'Collections × laws: how many cases touched what',
    table(
      `Collections × laws of ${subject.subject}`,
      ['Collection', ...laws],
      rows.map(
        ({ name, cases }) =>
          html`<tr><th scope="row">${name}</th>${laws.map(law => html`<td class="number">${cases.get(law) ?? '–'}</td>`)}</tr>`,
      ),
    ),
  )
}

const recordings = ({ recordings: all }: SubjectResult): Html | undefined =>
  all.length === 0
    ? undefined
    : foldedSection(
        `Recordings: ${all.length}`,
        table(
          'Recordings',
          ['Recording', 'Kind', 'Service', 'Captured', 'Days old', 'Exchanges', 'Steps'],
          all.map(
            ({ name, kind, service, captured, age, exchanges, steps, stale }) =>
              html`<tr><th scope="row">${name}</th><td>${kind}</td><td>${service}</td><td class="date">${captured ?? '–'}</td><td>${stale ? html`<span class="cell exempt">stale: ${age ?? 'unknown'}</span>` : (age ?? '–')}</td><td>${exchanges}</td><td>${steps}</td></tr>`,
          ),
        ),
      )

const lossyTable = ({ lossy: all }: SubjectResult): Html | undefined => {
  const entries = Object.entries(all)
  if (entries.length === 0) return undefined
  return foldedSection(
    `What its protocol can’t carry: ${entries.length} attribute${entries.length === 1 ? '' : 's'}`,
    table(
      'What its protocol can’t carry',
      ['Attribute', 'Why it’s lost'],
      entries.map(([attribute, why]) => html`<tr><th scope="row"><code>${attribute}</code></th><td class="words">${why}</td></tr>`),
    ),
  )
}
