/** A report as Markdown, for the summary of a CI run. */

import { type Report, verdictOf } from '../results.ts'
import { type Cell, cellOf, collectionsOf, reasonsOf, statesOf, totalsOf, transitionsOf } from './matrix.ts'

/** In a cell of a table: one line, and no end of the cell. */
const cell = (text: string): string =>
  plain(text)
    .replaceAll('|', '\\|')
    .replace(/\s*\n\s*/g, ' ')

/** Text that's no markup. */
const plain = (text: string): string =>
  text.toWellFormed().replace(/[\\`*_[\]<>#]/g, character => (character === '<' ? '&lt;' : character === '>' ? '&gt;' : `\\${character}`))

/** A block of code that its content can't end. */
const code = (text: string): string => {
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  return `${fence}\n${text.toWellFormed()}\n${fence}`
}

const marks: Readonly<Record<Cell['outcome'], (cell: Cell) => string>> = {
  holds: ({ cases }) => `✅ ${cases}`,
  broken: () => '❌ broken',
  exempt: () => '➖ exempt',
  'n/a': () => 'n/a',
}

const sentences = { holds: '✅ All laws hold', broken: '❌ Conformance is broken', 'nothing compared': '⚠️ Nothing was compared' } as const

export const toMarkdown = (report: Report): string => {
  const { verdict } = verdictOf(report)
  const { cases, perSecond } = totalsOf(report)
  return `${[
    `# ${sentences[verdict]}`,
    `${cases} cases in ${report.seconds.toFixed(1)} s (${Math.round(perSecond)} a second), ${report.runs} runs a law, seed ${report.seed}.`,
    ...report.failures.map(failure => `- ❌ ${plain(failure)}`),
    ...report.warnings.map(warning => `- ⚠️ ${plain(warning)}`),
    ...broken(report),
    '## Laws',
    table(
      ['law', ...report.subjects.map(({ subject }) => subject)],
      report.laws.map(law => [
        `${law.id} ${law.title}`,
        ...report.subjects.map(subject => marks[cellOf(law, subject).outcome](cellOf(law, subject))),
      ]),
    ),
    '## Seen, of what drivers declare',
    table(
      ['driver', 'collections', 'states', 'transitions', 'recordings'],
      report.subjects.map(subject => [
        subject.subject,
        share(collectionsOf(subject)),
        share(statesOf(subject)),
        share(transitionsOf(subject)),
        String(subject.recordings.length),
      ]),
    ),
    ...reasons(report),
  ].join('\n\n')}\n`
}

const share = (all: readonly { readonly grade: unknown }[]): string =>
  `${all.filter(({ grade }) => grade !== undefined).length} of ${all.length}`

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row, n) => `| ${row.map(text => (n === 1 ? text : cell(text))).join(' | ')} |`).join('\n')

const broken = (report: Report): string[] =>
  report.subjects.flatMap(({ subject, laws }) =>
    laws.flatMap(({ law, source, counterexample }) => {
      if (counterexample === undefined) return []
      const { message, given, transcript, command } = counterexample
      const conversation = transcript.map(({ request, answer }) => `${request}\n\n${answer}`.trimEnd()).join('\n\n')
      return [
        `## ${law} on ${source} of ${plain(subject)}`,
        plain(message),
        code(command),
        `<details><summary>The conversation</summary>\n\n${code(`Given: ${given}\n\n${conversation}`)}\n\n</details>`,
      ]
    }),
  )

const reasons = (report: Report): string[] => {
  const found = reasonsOf(report)
  if (found.length === 0) return []
  const rows = found.map(({ outcome, reason, where }) => [outcome === 'holds' ? 'excused' : outcome, reason, where.join(', ')])
  return [
    `<details><summary>Not applicable, or exempt: ${found.length} reasons</summary>\n\n${table(['', 'why', 'where'], rows)}\n\n</details>`,
  ]
}
