/** A report as JUnit XML, which CI servers read: a suite for each driver, a case for each law and source. */

import { attribute, XmlWriter } from '../../src/server/formats/xml.ts'
import type { LawResult, Report, SubjectResult } from '../results.ts'
import { inWords } from './transcript.ts'

export const toJunit = (report: Report): string => {
  const { subjects, seconds, failures } = report
  const xml = new XmlWriter()
  const all = subjects.flatMap(({ laws }) => laws)
  const head = `${attribute('name', 'conformance')}${counts(all, failures.length)}${attribute('time', inSeconds(seconds))}`
  xml.element('testsuites', head, () => {
    for (const subject of subjects) writeSuite(xml, report, subject)
    if (failures.length > 0) writeRun(xml, report)
  })
  return xml.end()
}

const inSeconds = (seconds: number): string => seconds.toFixed(3)

/** @param more failures that are no law's */
const counts = (results: readonly LawResult[], more = 0): string => {
  const failed = results.filter(({ outcome }) => outcome === 'broken').length
  const skipped = results.filter(({ outcome }) => outcome === 'n/a' || outcome === 'exempt').length
  return [
    attribute('tests', results.length + more),
    attribute('failures', failed + more),
    attribute('errors', 0),
    attribute('skipped', skipped),
  ].join('')
}

const writeSuite = (xml: XmlWriter, report: Report, { subject, laws }: SubjectResult): void => {
  const seconds = laws.reduce((sum, result) => sum + result.seconds, 0)
  const head = `${attribute('name', subject)}${counts(laws)}${attribute('time', inSeconds(seconds))}${attribute('timestamp', report.startedAt)}`
  xml.element('testsuite', head, () => {
    xml.element('properties', '', () => {
      for (const [name, value] of Object.entries({ seed: report.seed, runs: report.runs }))
        xml.empty('property', `${attribute('name', name)}${attribute('value', value)}`)
    })
    for (const result of laws) writeCase(xml, report, subject, result)
  })
}

const writeCase = (xml: XmlWriter, report: Report, subject: string, result: LawResult): void => {
  const { law, source, seconds, outcome, reason = '', counterexample } = result
  const { title = '', family = 'laws' } = report.laws.find(({ id }) => id === law) ?? {}
  const head = `${attribute('classname', `${subject}.${family}`)}${attribute('name', `${law} ${title} (${source})`)}${attribute('time', inSeconds(seconds))}`
  if (outcome === 'n/a' || outcome === 'exempt')
    xml.element('testcase', head, () => xml.empty('skipped', attribute('message', `${outcome}: ${reason}`)))
  else if (counterexample !== undefined)
    xml.element('testcase', head, () =>
      xml.leaf('failure', inWords(counterexample), `${attribute('message', counterexample.message)}${attribute('type', 'law')}`),
    )
  else xml.empty('testcase', head)
}

/** What fails the run as a whole. */
const writeRun = (xml: XmlWriter, { failures }: Report): void => {
  xml.element('testsuite', `${attribute('name', 'run')}${counts([], failures.length)}`, () => {
    for (const failure of failures)
      xml.element('testcase', `${attribute('classname', 'run')}${attribute('name', failure)}`, () =>
        xml.empty('failure', `${attribute('message', failure)}${attribute('type', 'run')}`),
      )
  })
}
