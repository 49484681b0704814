/** A report as Markdown, for the summary of a CI run: the verdict first, then what is broken, then all that was asked. */

import { type Grade, grades, type Report, type SubjectResult, sizeInWords, verdictOf } from '../results.ts'
import { attemptedTransitionsOf, operationsOf } from '../statistics.ts'
import {
  type Breach,
  breachesOf,
  type Cell,
  cellOf,
  collectionsOf,
  evidenceOf,
  expectedInWords,
  placesInWords,
  reasonsOf,
  rowsInWords,
  rowsOf,
  shareOf,
  statesOf,
  totalsOf,
  transitionsOf,
} from './matrix.ts'
import { conversationOf, curlsOf } from './transcript.ts'

export const toMarkdown = (report: Report): string => {
  const { verdict, lacking } = verdictOf(report)
  const totals = totalsOf(report)
  const { cases, perSecond, holding, broken, exempt, notApplicable } = totals
  return `${[
    `# ${sentences[verdict]}`,
    `${holding} hold, ${broken} broken, ${exempt} exempt, ${notApplicable} not applicable${expectedInWords(totals)}: ${cases} cases in ${report.seconds.toFixed(1)} s (${Math.round(perSecond)} a second), seed ${report.seed}, ${sizeInWords(report)}.`,
    ...report.failures.map(failure => `- ❌ ${escapeLine(failure)}`),
    ...lacking.map(sentence => `- ⚠️ ${escapeLine(sentence)}`),
    ...report.warnings.map(warning => `- ⚠️ ${escapeLine(warning)}`),
    ...breaches(report),
    '## Laws',
    table(
      ['Law', ...report.subjects.map(({ subject }) => subject)],
      report.laws.map(law => [`${law.id} ${law.title}`, ...report.subjects.map(subject => markOf(cellOf(law, subject)))]),
    ),
    '## Evidence',
    evidence(report),
    ...report.subjects.flatMap(attempts),
    ...documentedRows(report),
    ...reasons(report),
  ].join('\n\n')}\n`
}

const sentences = {
  holds: '✅ All laws hold',
  broken: '❌ Conformance is broken',
  'not enough evidence': '⚠️ There is not enough evidence',
  'nothing compared': '⚠️ Nothing was compared',
} as const

const marks: Readonly<Record<Cell['outcome'], (cell: Cell) => string>> = {
  holds: ({ cases }) => `✅ ${cases}`,
  broken: () => '❌ broken',
  expected: () => '➖ expected',
  exempt: () => '➖ exempt',
  'n/a': () => 'n/a',
}

const markOf = (cell: Cell): string => marks[cell.outcome](cell)

const markup = /[\\`*_~[\]<>#&|]/g

/** Text that's no markup, in one line. A reference stands for each sign: no reader of tables takes that for the end of a cell. */
const escapeLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .replace(markup, sign => `&#${sign.charCodeAt(0)};`)

/** A block of code that its content can't end. */
const code = (text: string): string => {
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  return `${fence}text\n${text.toWellFormed()}\n${fence}`
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head.map(escapeLine), head.map(() => '---'), ...rows.map(row => row.map(escapeLine))].map(row => `| ${row.join(' | ')} |`).join('\n')

/** A summary has a limited size: the first are shown in full, the others named. */
const mostShown = 20

const breaches = (report: Report): readonly string[] => {
  const all = breachesOf(report)
  const more = all.slice(mostShown).map(({ law, source, subject }) => `${law} on ${source} of ${subject}`)
  return [...all.slice(0, mostShown).flatMap(breach), ...(more.length === 0 ? [] : [`Broken too: ${escapeLine(more.join(', '))}`])]
}

const breach = ({ law, summary, source, subject, counterexample: { message, given, transcript, command } }: Breach): readonly string[] => [
  `## ${escapeLine(`${law} ${summary?.title ?? ''} is broken on ${source} of ${subject}`)}`,
  escapeLine(summary?.says ?? ''),
  code(message),
  'To see it again:',
  code(command),
  `<details><summary>The conversation</summary>\n\n${code([`Given: ${given}`, conversationOf(transcript), curlsOf(transcript)].filter(part => part !== '').join('\n\n'))}\n\n</details>`,
]

const evidence = ({ subjects }: Report): string => {
  const seen = subjects.map(evidenceOf)
  const known = grades.filter(grade => seen.some(one => one[grade] !== undefined))
  const casesOf = (one: ReturnType<typeof evidenceOf>, grade: Grade): string => {
    const { cases = 0, date } = one[grade] ?? {}
    return date === undefined ? String(cases) : `${cases} (${date})`
  }
  return table(
    ['Driver', 'collections', 'states', 'transitions', 'recordings', ...known],
    subjects.map((subject, n) => [
      subject.subject,
      shareOf(collectionsOf(subject)),
      shareOf(statesOf(subject)),
      shareOf(transitionsOf(subject)),
      String(subject.recordings.length),
      ...known.map(grade => casesOf(seen[n] ?? {}, grade)),
    ]),
  )
}

const attempts = (subject: SubjectResult): readonly string[] => {
  const all = [...operationsOf(subject), ...attemptedTransitionsOf(subject)]
  if (all.every(({ asked, succeeded }) => asked + succeeded === 0)) return []
  const reached = all.filter(({ succeeded }) => succeeded > 0).length
  const rows = all.map(({ name, asked, refused, succeeded, impossible = '' }) => [
    name,
    String(asked),
    String(refused),
    succeeded === 0 ? impossible || 'never' : String(succeeded),
  ])
  return [
    `<details><summary>Operations and transitions of ${escapeLine(subject.subject)}: ${reached} of ${all.length} succeeded</summary>\n\n${table(['', 'asked', 'refused', 'succeeded'], rows)}\n\n</details>`,
  ]
}

/** What the provider's documents say, and how much of it was held against the driver. */
const documentedRows = ({ subjects, laws }: Report): readonly string[] => {
  const all = subjects
    .map(({ subject, ...rest }) => ({ subject, rows: rowsOf({ subject, ...rest }, laws) }))
    .filter(({ rows }) => rows.bySource.length > 0)
  if (all.length === 0) return []
  return [
    '## Rows of the shapes',
    table(
      ['Driver', 'by where they are documented', 'never exercised'],
      all.map(({ subject, rows }) => [subject, rowsInWords(rows), rows.never.join('; ')]),
    ),
  ]
}

const reasons = (report: Report): readonly string[] => {
  const found = reasonsOf(report)
  if (found.length === 0) return []
  const rows = found.map(reason => [reason.outcome, reason.reason, placesInWords(reason)])
  return [
    `<details><summary>Not applicable, exempt or excused: ${found.length} reasons</summary>\n\n${table(['', 'Why', 'Where'], rows)}\n\n</details>`,
  ]
}
