/** How far a run is: one line that is written over where somebody watches, else a line for each law. */

import t from 'tap'
import type { UnitName } from '../../../conformance/conformance.ts'
import { progressOn } from '../../../conformance/reports/progress.ts'
import type { LawResult } from '../../../conformance/results.ts'

const unit: UnitName = { law: 'F1', source: 'T', subject: 'mock' }

const result = (outcome: LawResult['outcome'], cases = 100): LawResult => ({
  law: 'F1',
  source: 'T',
  outcome,
  cases,
  inconclusive: 0,
  seconds: 1,
  evidence: {},
})

const told = (isLive: boolean, columns = 80): string => {
  let text = ''
  const progress = progressOn({ columns, write: (part: string) => (text += part) }, isLive)
  progress.planned(3)
  for (const outcome of ['holds', 'broken', 'n/a'] as const) {
    progress.began(unit)
    progress.finished(unit, result(outcome))
  }
  progress.end()
  return text
}

/** What's on a screen in the end, and what was on it before each line was written over. */
const screensOf = (text: string): string[] => text.split('\r').filter(line => line.trim() !== '')

t.test('without a terminal there is a line for each law that was asked', t => {
  t.equal(told(false), '1/3 F1 on T of mock: holds (100 cases)\n2/3 F1 on T of mock: BROKEN\n')
  t.end()
})

t.test('at a terminal one line tells it, and nothing is left of it', t => {
  const text = told(true)
  t.same(screensOf(text), ['0/3  F1 on T of mock', '1/3  F1 on T of mock', '2/3, 1 broken  F1 on T of mock'])
  t.notMatch(text, '\n')
  t.match(text, /\r +\r$/)
  t.end()
})

t.test('a line never fills the screen, whose cursor would go on to the next', t => {
  t.ok(screensOf(told(true, 10)).every(line => line.length < 10))
  t.ok(screensOf(told(true, 0)).length > 0, 'a terminal that does not know its width')
  t.end()
})
