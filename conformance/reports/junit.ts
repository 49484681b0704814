/** A report as JUnit XML, which CI servers read: a suite for each driver, a case for each law and source. */

import { legal } from '../../src/server/formats/text.ts'
import type { LawResult, Report, SubjectResult } from '../results.ts'

const escaped = (text: string): string =>
  legal(text.toWellFormed()).replace(
    /[&<>"]/g,
    character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] ?? character,
  )

/** In an attribute line breaks would become blanks. */
const attribute = (name: string, value: string | number): string =>
  ` ${name}="${escaped(String(value)).replace(/[\n\r\t]/g, character => `&#${character.charCodeAt(0)};`)}"`

export const toJunit = (report: Report): string => {
  const results = report.subjects.flatMap(({ laws }) => laws)
  const suites = report.subjects.map(subject => suite(report, subject)).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites${attribute('name', 'conformance')}${counts(results)}${attribute('time', report.seconds.toFixed(3))}>
${suites}</testsuites>
`
}

const counts = (results: readonly LawResult[]): string => {
  const failures = results.filter(({ outcome }) => outcome === 'broken').length
  const skipped = results.filter(({ outcome }) => outcome === 'n/a' || outcome === 'exempt').length
  return `${attribute('tests', results.length)}${attribute('failures', failures)}${attribute('errors', 0)}${attribute('skipped', skipped)}`
}

const suite = (report: Report, { subject, laws }: SubjectResult): string => {
  const seconds = laws.reduce((sum, result) => sum + result.seconds, 0)
  return `  <testsuite${attribute('name', subject)}${counts(laws)}${attribute('time', seconds.toFixed(3))}${attribute('timestamp', report.startedAt)}>
${laws.map(result => testcase(report, subject, result)).join('')}  </testsuite>
`
}

const testcase = (report: Report, subject: string, result: LawResult): string => {
  const law = report.laws.find(({ id }) => id === result.law)
  const head = `    <testcase${attribute('classname', `${subject}.${law?.family ?? ''}`)}${attribute('name', `${result.law} ${law?.title ?? ''} (${result.source})`)}${attribute('time', result.seconds.toFixed(3))}`
  const inner = innerOf(result)
  return inner === '' ? `${head}/>\n` : `${head}>\n${inner}    </testcase>\n`
}

const innerOf = ({ outcome, reason = '', counterexample }: LawResult): string => {
  if (outcome === 'n/a' || outcome === 'exempt') return `      <skipped${attribute('message', `${outcome}: ${reason}`)}/>\n`
  if (counterexample === undefined) return ''
  const { message, given, transcript, command } = counterexample
  const text = [
    message,
    `Given: ${given}`,
    ...transcript.map(({ request, answer }) => `${request}\n${answer}`),
    `To see it again: ${command}`,
  ].join('\n\n')
  return `      <failure${attribute('message', message)}${attribute('type', 'law')}>${escaped(text)}</failure>\n`
}
