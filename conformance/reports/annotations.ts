/** What is broken, as forges show it beside the code: commands of GitHub's workflows, and GitLab's report of code quality. */

import { hash } from 'node:crypto'
import { type Report, verdictOf } from '../results.ts'
import { breachesOf } from './matrix.ts'

interface Annotation {
  /** Where it's known in which file the driver is. */
  readonly file: string | undefined
  readonly title: string
  readonly text: string
}

const annotationsOf = (report: Report): readonly Annotation[] => [
  ...breachesOf(report).map(({ law, summary, source, subject, column, counterexample: { message, command } }) => ({
    file: report.subjects[column]?.file,
    title: `${law} ${summary?.title ?? ''} is broken on ${source} of ${subject}`,
    text: `${message}\n\nTo see it again:\n${command}`,
  })),
  ...[...report.failures, ...verdictOf(report).lacking].map(text => ({ file: undefined, title: 'Conformance', text })),
]

const escapeData = (text: string): string => text.toWellFormed().replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** A line for each, as a workflow of GitHub obeys it. */
export const toGithub = (report: Report): string =>
  annotationsOf(report)
    .map(({ file, title, text }) => {
      const place = file === undefined ? '' : `file=${escapeProperty(file)},`
      return `::error ${place}title=${escapeProperty(title)}::${escapeData(text)}\n`
    })
    .join('')

/** A place is required there: what is of no file is said of the config. */
export const toGitlab = (report: Report): string => {
  const issues = annotationsOf(report).map(({ file = 'conformance.config.json', title, text }) => ({
    description: `${title}: ${text}`,
    check_name: title,
    fingerprint: hash('sha256', `${title} ${text.split('\n')[0]}`, 'hex'),
    severity: 'major',
    location: { path: file, lines: { begin: 1 } },
  }))
  return `${JSON.stringify(issues, null, 2)}\n`
}
