/** A report for people at a terminal: the matrix, what is broken and how to see it again, what couldn't be asked and why. */

import { styleText } from 'node:util'
import { type Report, verdictOf } from '../results.ts'
import { type Cell, cellOf, collectionsOf, reasonsOf, statesOf, totalsOf, transitionsOf } from './matrix.ts'

export const toText = (report: Report, { colour = false }: { readonly colour?: boolean } = {}): string => {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text
  return `${[...matrix(report, paint), '', ...counterexamples(report, paint), ...reasons(report), ...evidence(report), ...last(report, paint)].join('\n')}\n`
}

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

const segmenter = new Intl.Segmenter()

/** As many places as it takes on a screen, near enough. */
const widthOf = (text: string): number => [...segmenter.segment(text)].length

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

const words: Readonly<Record<Cell['outcome'], (cell: Cell) => string>> = {
  holds: ({ cases }) => `ok ${cases}`,
  broken: () => 'BROKEN',
  exempt: () => 'exempt',
  'n/a': () => 'n/a',
}

const styles = { holds: 'green', broken: ['red', 'bold'], exempt: 'yellow', 'n/a': 'dim' } as const

const matrix = (report: Report, paint: Paint): string[] => {
  const titles = report.laws.map(({ id, title }) => `${id} ${title}`)
  const first = Math.max(4, ...titles.map(widthOf))
  const columns = report.subjects.map(subject => ({ subject, width: Math.max(8, widthOf(subject.subject)) }))
  const head = [' '.repeat(first), ...columns.map(({ subject, width }) => padded(subject.subject, width))].join('  ').trimEnd()
  const rows = report.laws.map((law, n) =>
    [
      padded(titles[n] ?? '', first),
      ...columns.map(({ subject, width }) => {
        const cell = cellOf(law, subject)
        return paint([...[styles[cell.outcome]].flat()], padded(words[cell.outcome](cell), width))
      }),
    ]
      .join('  ')
      .trimEnd(),
  )
  return [head, ...rows]
}

const indented = (text: string): string[] => text.split('\n').map(line => `    ${line}`.trimEnd())

const counterexamples = (report: Report, paint: Paint): string[] =>
  report.subjects.flatMap(({ subject, laws }) =>
    laws.flatMap(({ law, source, counterexample }) => {
      if (counterexample === undefined) return []
      const { message, given, transcript, command } = counterexample
      const says = report.laws.find(({ id }) => id === law)?.says ?? ''
      return [
        paint(['red', 'bold'], `BROKEN  ${law} on ${source} of ${subject}`),
        `  The law: ${says}`,
        '  But:',
        ...indented(message),
        `  Given: ${given}`,
        ...(transcript.length === 0 ? [] : ['  Conversation:']),
        ...transcript.flatMap(({ request, answer }) => [
          ...indented(request),
          ...(answer === '' ? [] : indented(answer).map(line => line.replace(/^ {4}/, '    < '))),
          '',
        ]),
        '  To see it again:',
        `    ${command}`,
        '',
      ]
    }),
  )

const reasons = (report: Report): string[] => {
  const found = reasonsOf(report)
  if (found.length === 0) return []
  return [
    'Not applicable, or exempt:',
    ...found.map(({ outcome, reason, where }) => {
      const shown = where.length > 4 ? `${where.slice(0, 4).join(', ')} and ${where.length - 4} more` : where.join(', ')
      return `  ${outcome === 'holds' ? 'excused' : outcome}: ${reason} (${shown})`
    }),
    '',
  ]
}

const evidence = (report: Report): string[] => [
  'Seen, of what drivers declare:',
  ...report.subjects.map(subject => {
    const share = (all: readonly { readonly grade: unknown }[]): string =>
      `${all.filter(({ grade }) => grade !== undefined).length} of ${all.length}`
    const unseen = transitionsOf(subject).filter(({ grade }) => grade === undefined)
    return `  ${subject.subject}: ${share(collectionsOf(subject))} collections, ${share(statesOf(subject))} states, ${share(transitionsOf(subject))} transitions${unseen.length === 0 ? '' : ` (not seen: ${unseen.map(({ name }) => name).join(', ')})`}`
  }),
  '',
]

const last = (report: Report, paint: Paint): string[] => {
  const { cases, discarded, broken, holding, notApplicable, exempt, perSecond } = totalsOf(report)
  const { verdict } = verdictOf(report)
  const numbers = `${holding} hold, ${broken} broken, ${exempt} exempt, ${notApplicable} not applicable; ${cases} cases${discarded > 0 ? ` and ${discarded} that couldn’t be judged` : ''} in ${report.seconds.toFixed(1)} s (${Math.round(perSecond)} a second), seed ${report.seed}`
  const sentence = {
    holds: 'All laws hold.',
    broken: broken > 0 ? 'Laws are broken.' : 'The run fails.',
    'nothing compared': 'Nothing was compared.',
  }[verdict]
  return [
    ...report.failures.map(failure => `FAILED  ${failure}`),
    ...report.warnings.map(warning => `Warning: ${warning}`),
    `${paint(verdict === 'holds' ? 'green' : 'red', sentence)} ${numbers}`,
  ]
}
