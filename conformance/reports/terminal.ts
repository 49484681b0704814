/** A report for people at a terminal: the matrix, what is broken and how to see it again, what couldn't be asked and why. */

import { styleText } from 'node:util'
import { type Report, type SubjectResult, sizeInWords, verdictOf } from '../results.ts'
import { type Attempted, operationsOf } from '../statistics.ts'
import {
  breachesOf,
  type Cell,
  cellOf,
  collectionsOf,
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
import { curlsOf } from './transcript.ts'

export interface TextOptions {
  readonly colour?: boolean
  /** Places in a line; what is wider goes on below. */
  readonly width?: number
}

export const toText = (report: Report, { colour = false, width = 120 }: TextOptions = {}): string => {
  const lines = [...matrix(report, width), '', ...breaches(report), ...reasons(report), ...evidence(report), ...verdictLines(report)]
  return `${lines.map(line => formatLine(line, colour)).join('\n')}\n`
}

type Style = Parameters<typeof styleText>[0]
type Span = string | { readonly text: string; readonly style: Style }
type Line = string | readonly Span[]

const formatLine = (line: Line, colour: boolean): string => {
  const spans = typeof line === 'string' ? [line] : line
  return spans
    .map(span => {
      if (typeof span === 'string') return escapeControls(span)
      return colour ? styleText(span.style, escapeControls(span.text), { validateStream: false }) : escapeControls(span.text)
    })
    .join('')
    .trimEnd()
}

// What a terminal would obey instead of showing it: control characters, and those that turn the direction of writing.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const obeyed = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Texts come from providers: they must not command the terminal. */
const escapeControls = (text: string): string =>
  text.toWellFormed().replace(obeyed, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

const segmenter = new Intl.Segmenter()

/** As many places as it takes on a screen, near enough. */
const widthOf = (text: string): number => [...segmenter.segment(escapeControls(text))].length

const padTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

const words: Readonly<Record<Cell['outcome'], (cell: Cell) => string>> = {
  holds: ({ cases }) => `ok ${cases}`,
  broken: () => 'BROKEN',
  expected: () => 'expected',
  exempt: () => 'exempt',
  'n/a': () => 'n/a',
}

const styles: Readonly<Record<Cell['outcome'], Style>> = {
  holds: 'green',
  broken: ['red', 'bold'],
  expected: 'yellow',
  exempt: 'yellow',
  'n/a': 'dim',
}

interface Column {
  readonly subject: SubjectResult
  readonly width: number
}

const gap = '  '

const matrix = (report: Report, width: number): Line[] => {
  const titles = report.laws.map(({ id, title }) => `${id} ${title}`)
  const first = Math.max(0, ...titles.map(widthOf))
  const columns = report.subjects.map((subject): Column => ({ subject, width: Math.max(8, widthOf(subject.subject)) }))
  return blocksOf(columns, width - first).flatMap((block, n): Line[] => [
    ...(n === 0 ? [] : ['']),
    ' '.repeat(first) + block.map(column => gap + padTo(column.subject.subject, column.width)).join(''),
    ...report.laws.map((law, row) => [
      padTo(titles[row] ?? '', first),
      ...block.flatMap(column => {
        const cell = cellOf(law, column.subject)
        const text = words[cell.outcome](cell)
        return [gap, { text, style: styles[cell.outcome] }, ' '.repeat(column.width - widthOf(text))]
      }),
    ]),
  ])
}

/** Columns that fit beside each other; one that fits nowhere has a block of its own. */
const blocksOf = (columns: readonly Column[], width: number): readonly (readonly Column[])[] => {
  const blocks: Column[][] = []
  let room = 0
  for (const column of columns) {
    const needed = gap.length + column.width
    if (needed > room) {
      blocks.push([])
      room = width
    }
    room -= needed
    blocks.at(-1)?.push(column)
  }
  return blocks
}

const indent = (text: string, mark = ''): string[] => text.split(/\r?\n/).map(line => `    ${mark}${line}`)

/** A block with its heading, and a line behind it; nothing where there is none. */
const indentAll = (block: string): string[] => {
  const [heading = '', ...lines] = block.split('\n')
  return block === '' ? [] : [`  ${heading}`, ...lines.map(line => `    ${line}`), '']
}

const breaches = (report: Report): Line[] =>
  breachesOf(report).flatMap(({ law, summary, source, subject, counterexample: { message, given, transcript, command } }): Line[] => [
    [{ text: 'BROKEN', style: styles.broken }, `  ${law} on ${source} of ${subject}`],
    `  The law: ${summary?.says ?? ''}`,
    '  But:',
    ...indent(message),
    ...(given === '' ? [] : [`  Given: ${given}`]),
    ...(transcript.length === 0 ? [] : ['  Conversation:']),
    ...transcript.flatMap(({ request, answer }) => [...indent(request), ...(answer === '' ? [] : indent(answer, '< ')), '']),
    ...indentAll(curlsOf(transcript)),
    '  To see it again:',
    `    ${command}`,
    '',
  ])

const reasons = (report: Report): Line[] => {
  const found = reasonsOf(report)
  if (found.length === 0) return []
  return [
    'Not applicable, exempt or excused:',
    ...found.flatMap(one => [`  ${one.outcome}: ${one.reason}`, `    ${placesInWords(one)}`]),
    '',
  ]
}

/** How many transitions are named that were not seen. */
const mostNamed = 6

const evidence = ({ subjects, laws }: Report): Line[] => [
  'Seen, of what drivers declare:',
  ...subjects.map(subject => {
    const transitions = transitionsOf(subject)
    const unseen = transitions.filter(({ grade }) => grade === undefined).map(({ name }) => name)
    const more = unseen.length > mostNamed ? ` and ${unseen.length - mostNamed} more` : ''
    const missing = unseen.length === 0 ? '' : ` (not ${unseen.slice(0, mostNamed).join(', ')}${more})`
    return `  ${subject.subject}: ${shareOf(collectionsOf(subject))} collections, ${shareOf(statesOf(subject))} states, ${shareOf(transitions)} transitions${missing}`
  }),
  ...subjects.flatMap(attempts),
  ...documentedRows(subjects, laws),
  '',
]

/** How often an operation must have succeeded not to be named. */
const often = 5

const attempts = (subject: SubjectResult): Line[] => {
  const all = operationsOf(subject)
  const asked = all.filter(one => one.asked > 0)
  if (asked.length === 0) return []
  const sum = (of: (one: Attempted) => number): number => all.reduce((total, one) => total + of(one), 0)
  const seldom = asked.filter(({ succeeded, impossible }) => succeeded < often && impossible === undefined)
  const named = seldom.length === 0 ? '' : ` (seldom: ${seldom.map(({ name, succeeded }) => `${name} ${succeeded}`).join(', ')})`
  return [
    `  ${subject.subject}: ${all.filter(({ succeeded }) => succeeded > 0).length} of ${all.length} operations succeeded; ${sum(one => one.asked)} requests, ${sum(one => one.succeeded)} succeeded, ${sum(one => one.refused)} were refused${named}`,
  ]
}

/** What the provider's documents say, and how much of it was held against the driver. */
const documentedRows = (subjects: readonly SubjectResult[], laws: Report['laws']): Line[] => {
  const lines = subjects.flatMap(subject => {
    const rows = rowsOf(subject, laws)
    if (rows.bySource.length === 0) return []
    return [`  ${subject.subject}: ${rowsInWords(rows)}`, ...rows.never.map(key => `    never exercised: ${key}`)]
  })
  return lines.length === 0 ? [] : ['Rows of the shapes, by where they are documented:', ...lines]
}

const verdictLines = (report: Report): Line[] => {
  const totals = totalsOf(report)
  const { cases, inconclusive, broken, holding, notApplicable, exempt, perSecond } = totals
  const { verdict, lacking } = verdictOf(report)
  const sentence = {
    holds: 'All laws hold.',
    broken: broken > 0 ? 'Laws are broken.' : 'The run fails.',
    'not enough evidence': 'There is not enough evidence.',
    'nothing compared': 'Nothing was compared.',
  }[verdict]
  const unjudged = inconclusive > 0 ? ` and ${inconclusive} that couldn’t be judged` : ''
  return [
    ...report.failures.map(failure => [{ text: 'FAILED', style: styles.broken }, `  ${failure}`]),
    ...report.warnings.map(warning => `Warning: ${warning}`),
    ...lacking,
    [
      { text: sentence, style: [verdict === 'holds' ? 'green' : 'red', 'bold'] },
      ` ${holding} hold, ${broken} broken, ${exempt} exempt, ${notApplicable} not applicable${expectedInWords(totals)}.`,
    ],
    `${cases} cases${unjudged} in ${report.seconds.toFixed(1)} s (${Math.round(perSecond)} a second), seed ${report.seed} (the same again: --seed ${report.seed} ${sizeInWords(report)})`,
  ]
}
