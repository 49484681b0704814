/** A report as JUnit XML, which CI servers read: a suite for each driver, a case for each law and source, and for each recording where a law judges them one by one. */

import { attribute, XmlWriter } from '../../src/server/formats/xml.ts'
import { type LawResult, type PartResult, type Report, type SubjectResult, verdictOf } from '../results.ts'
import { counterexamplesOf } from './matrix.ts'
import { inWords } from './transcript.ts'

export const toJunit = (report: Report): string => {
  const { subjects, seconds } = report
  const xml = new XmlWriter()
  const ofRun = failuresOf(report)
  const all = subjects.flatMap(({ laws }) => laws.flatMap(casesOf))
  const head = `${attribute('name', 'conformance')}${counts([...all, ...ofRun])}${attribute('time', inSeconds(seconds))}`
  xml.element('testsuites', head, () => {
    for (const subject of subjects) writeSuite(xml, report, subject)
    if (ofRun.length > 0) writeRun(xml, ofRun)
  })
  return xml.end()
}

const inSeconds = (seconds: number): string => seconds.toFixed(3)

interface Case {
  readonly name: string
  readonly seconds: number
  /** Why it wasn't judged, or is no failure. */
  readonly skipped?: string
  readonly failure?: { readonly message: string; readonly text: string }
}

/** What fails the run as a whole. */
const failuresOf = (report: Report): readonly Case[] =>
  [...report.failures, ...verdictOf(report).lacking].map(message => ({ name: message, seconds: 0, failure: { message, text: message } }))

/** A law on a source; or each part of it, where these are judged one by one. */
const casesOf = (result: LawResult): readonly Case[] => {
  const { source, seconds, outcome, reason = '', parts = [] } = result
  const found = counterexamplesOf(result).map(one => ({ replay: one.replay, failure: { message: one.message, text: inWords(one) } }))
  const skip = (why: PartResult['outcome'] | LawResult['outcome'], because = ''): Pick<Case, 'skipped'> =>
    why === 'holds' || why === 'broken' ? {} : { skipped: `${why}: ${because}` }
  if (parts.length > 0)
    return parts.map(part => {
      const failure = part.outcome === 'broken' ? found.find(({ replay }) => replay === part.replay)?.failure : undefined
      return {
        name: `(${source}): ${part.name}`,
        seconds: part.seconds,
        ...skip(part.outcome, part.reason),
        ...(failure === undefined ? {} : { failure }),
      }
    })
  if (found.length <= 1) return [{ name: `(${source})`, seconds, ...skip(outcome, reason), ...(found[0] ?? {}) }]
  return found.map(({ failure }, n) => ({
    name: n === 0 ? `(${source})` : `(${source}) ${n + 1}`,
    seconds: n === 0 ? seconds : 0,
    failure,
  }))
}

const counts = (cases: readonly Case[]): string =>
  [
    attribute('tests', cases.length),
    attribute('failures', cases.filter(({ failure }) => failure !== undefined).length),
    attribute('errors', 0),
    attribute('skipped', cases.filter(({ skipped }) => skipped !== undefined).length),
  ].join('')

const propertiesOf = ({ seed, runs, budget }: Report): [string, number][] => [
  ['seed', seed],
  ...(runs === undefined ? [] : [['runs', runs] satisfies [string, number]]),
  ...(budget === undefined ? [] : [['budget', budget] satisfies [string, number]]),
]

const writeSuite = (xml: XmlWriter, report: Report, { subject, laws }: SubjectResult): void => {
  const seconds = laws.reduce((sum, result) => sum + result.seconds, 0)
  const head = `${attribute('name', subject)}${counts(laws.flatMap(casesOf))}${attribute('time', inSeconds(seconds))}${attribute('timestamp', report.startedAt)}`
  xml.element('testsuite', head, () => {
    xml.element('properties', '', () => {
      for (const [name, value] of propertiesOf(report)) xml.empty('property', `${attribute('name', name)}${attribute('value', value)}`)
    })
    for (const result of laws) writeLaw(xml, report, subject, result)
  })
}

const writeLaw = (xml: XmlWriter, report: Report, subject: string, result: LawResult): void => {
  const { title = '', family = 'laws' } = report.laws.find(({ id }) => id === result.law) ?? {}
  for (const { name, seconds, skipped, failure } of casesOf(result)) {
    const head = `${attribute('classname', `${subject}.${family}`)}${attribute('name', `${result.law} ${title} ${name}`)}${attribute('time', inSeconds(seconds))}`
    if (failure !== undefined)
      xml.element('testcase', head, () =>
        xml.leaf('failure', failure.text, `${attribute('message', failure.message)}${attribute('type', 'law')}`),
      )
    else if (skipped !== undefined) xml.element('testcase', head, () => xml.empty('skipped', attribute('message', skipped)))
    else xml.empty('testcase', head)
  }
}

const writeRun = (xml: XmlWriter, failures: readonly Case[]): void => {
  xml.element('testsuite', `${attribute('name', 'run')}${counts(failures)}`, () => {
    for (const { name } of failures)
      xml.element('testcase', `${attribute('classname', 'run')}${attribute('name', name)}`, () =>
        xml.empty('failure', `${attribute('message', name)}${attribute('type', 'run')}`),
      )
  })
}
