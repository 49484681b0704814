/** What forges are told: one annotation for each failure, whatever is in its text. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { toGithub, toGitlab } from '../../../conformance/reports/annotations.ts'
import { breachesOf } from '../../../conformance/reports/matrix.ts'
import { verdictOf } from '../../../conformance/results.ts'
import { runs } from '../../support/server.ts'
import { anyReport, sample } from './sample.ts'

const withFile = { ...sample, subjects: sample.subjects.map(subject => ({ ...subject, file: `src/${subject.driver}.ts` })) }

t.test('GitHub gets a command in one line for each failure', async t => {
  t.match(
    toGithub(withFile),
    /^::error file=src\/ec2\.ts,title=F1 [^:,]* is broken on T of ec2::GET \/api.*%0A- expected: .*--replay F1\/T\/ec2\/-114\/0\.3:1\n$/,
  )
  fc.assert(
    fc.property(anyReport(), report => {
      const lines = toGithub(report).split('\n').slice(0, -1)
      assert.equal(lines.length, breachesOf(report).length + report.failures.length + verdictOf(report).lacking.length)
      for (const line of lines) assert.match(line, /^::error (file=[^,:\r]*,)?title=[^:,\r]*::[^\r]*$/)
    }),
    runs(100),
  )
})

t.test('GitLab gets a report of code quality, and each failure has a fingerprint of its own', t => {
  const issues: unknown = JSON.parse(toGitlab({ ...withFile, failures: ['A recording is too old'] }))
  t.match(issues, [
    { check_name: /^F1 /, severity: 'major', location: { path: 'src/ec2.ts', lines: { begin: 1 } } },
    { description: 'Conformance: A recording is too old', fingerprint: /^[0-9a-f]{64}$/ },
  ])
  t.end()
})
