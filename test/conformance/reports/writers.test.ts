/** Whatever text is in a report, what is written of it can be read, and tells each thing once. */

import assert from 'node:assert/strict'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { findTags, readHtml } from '../../../conformance/documents/html.ts'
import { findElements, readXml } from '../../../conformance/documents/xml.ts'
import { replaceIllegal } from '../../../conformance/generators/text.ts'
import { toHtml } from '../../../conformance/reports/html.ts'
import { toJson } from '../../../conformance/reports/json.ts'
import { toJunit } from '../../../conformance/reports/junit.ts'
import { toMarkdown } from '../../../conformance/reports/markdown.ts'
import { breachesOf } from '../../../conformance/reports/matrix.ts'
import { readReport } from '../../../conformance/reports/merge.ts'
import { toText } from '../../../conformance/reports/terminal.ts'
import { type Report, verdictOf } from '../../../conformance/results.ts'
import { runs } from '../../support/server.ts'
import { anyReport, sample } from './sample.ts'

const resultsOf = (report: Report) => report.subjects.flatMap(({ laws }) => laws)

t.test('JSON is read as it was written', async () => {
  fc.assert(
    fc.property(anyReport(), report => assert.deepEqual(readReport('a file', toJson(report)), report)),
    runs(100),
  )
})

t.test('JUnit XML is well-formed, has a case for each result, and its numbers are those of its cases', async () => {
  fc.assert(
    fc.property(anyReport(), report => {
      const root = readXml(toJunit(report))
      const cases = findElements(root, 'testsuite', 'testcase')
      const failures = findElements(root, 'testsuite', 'testcase', 'failure')
      const skipped = findElements(root, 'testsuite', 'testcase', 'skipped')
      const ofRun = [...report.failures, ...verdictOf(report).lacking]
      assert.equal(cases.length, resultsOf(report).length + ofRun.length)
      assert.deepEqual(
        ['tests', 'failures', 'skipped'].map(name => root.attributes.get(name)),
        [cases, failures, skipped].map(({ length }) => String(length)),
      )
      const messages = [...breachesOf(report).map(({ counterexample }) => counterexample.message), ...ofRun]
      assert.deepEqual(
        failures.map(({ attributes }) => attributes.get('message')),
        messages.map(replaceIllegal),
      )
    }),
    runs(100),
  )
})

/** Of a page: what the strictest reader and the strictest policy would object to. */
const complaintsOf = (source: string): string[] => {
  const page = readHtml(source)
  const ids = page.tags.flatMap(({ attributes }) => attributes.get('id') ?? [])
  const links = findTags(page, 'a').map(({ attributes }) => attributes.get('href') ?? '')
  return [
    ...ids.filter((id, n) => ids.indexOf(id) !== n).map(id => `the id ${id} is had twice`),
    ...ids.filter(id => /\s/.test(id)).map(id => `'${id}' is no id`),
    ...links.filter(link => !ids.includes(link.slice(1)) || !link.startsWith('#')).map(link => `${link} leads nowhere`),
    ...page.tags.flatMap(({ name, attributes }) =>
      [...attributes.keys()].filter(key => /^on|^src|^style$/i.test(key)).map(key => `<${name} ${key}>`),
    ),
    ...['script', 'link', 'img', 'iframe', 'object'].filter(name => findTags(page, name).length > 0),
  ]
}

t.test('the page is well-formed, needs nothing else, and each link of it leads somewhere', async () => {
  await fc.assert(
    fc.asyncProperty(anyReport(), async report => {
      const source = await toHtml(report)
      assert.deepEqual(complaintsOf(source), [])
      const { text } = readHtml(source)
      for (const { counterexample } of breachesOf(report)) {
        assert.ok(text.includes(replaceIllegal(counterexample.message)))
        assert.ok(text.includes(replaceIllegal(counterexample.command)))
      }
    }),
    runs(30),
  )
})

/** The lines of a document that aren't code. */
const proseOf = (markdown: string): string[] => {
  let fence: string | undefined
  return markdown.split(/\r\n|\r|\n/).filter(line => {
    const [mark] = /^`{3,}/.exec(line) ?? []
    if (fence !== undefined) {
      if (line === fence) fence = undefined
      return false
    }
    fence = mark
    return mark === undefined
  })
}

t.test('no text breaks the tables of the Markdown, nor becomes markup', async () => {
  fc.assert(
    fc.property(anyReport(), report => {
      const lines = proseOf(toMarkdown(report))
      assert.ok(
        lines.every(line => !/<(?!\/?(details|summary)>)/.test(line)),
        'only our own tags',
      )
      const tables = lines
        .map(line => (line.startsWith('|') ? line : '\n'))
        .join('\n')
        .split(/\n{2,}/)
        .filter(table => table !== '')
      for (const table of tables) {
        const columns = table.split('\n').map(row => row.split('|').length)
        assert.equal(new Set(columns).size, 1, table)
      }
      const laws = tables.find(table => table.startsWith('| Law '))
      assert.equal(laws?.split('\n').length, report.laws.length + 2, 'a row for each law, beside the head')
    }),
    runs(100),
  )
})

t.test('a summary of very many breaches shows the first in full, and names the others', async t => {
  const breach = resultsOf(sample).find(({ outcome }) => outcome === 'broken')
  if (breach === undefined) throw new TypeError('Nothing of the sample is broken')
  const [first, ...others] = sample.subjects
  if (first === undefined) throw new TypeError('The sample has no subject')
  const all = sample.laws.map(({ id }) => ({ ...breach, law: id }))
  const markdown = toMarkdown({ ...sample, subjects: [{ ...first, laws: all }, ...others.slice(1)] })
  t.equal(markdown.match(/<summary>The conversation/g)?.length, 20)
  t.match(markdown, /^Broken too: .*K3 on T of mock$/m)
})

t.test('no text commands the terminal, and colours are all that colour adds', async () => {
  fc.assert(
    fc.property(anyReport(), fc.nat(200), (report, width) => {
      const text = toText(report, { width })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      assert.equal(stripVTControlCharacters(toText(report, { width, colour: true })), text)
    }),
    runs(100),
  )
})

t.test('at a terminal the matrix has a column for each driver, below each other where the screen is narrow', async t => {
  const wide = toText(sample)
  t.match(wide, /^ +mock +ec2 +openstack;provider=one$/m)
  t.match(wide, /^F1 .+ ok 100 +BROKEN +ok 100$/m)
  t.match(wide, /^S5 .+ ok 100 +ok 100 +exempt$/m)
  t.match(wide, /^R2 .+ n\/a +ok 100 +n\/a$/m)
  const narrow = toText(sample, { width: 60 })
  t.match(narrow, /^ +mock +ec2$/m)
  t.match(narrow, /^ +openstack;provider=one$/m)
})

t.test('at a terminal a breach is told in full, with what shows it again', async t => {
  const text = toText(sample)
  for (const line of [
    'BROKEN  F1 on T of ec2',
    "GET /api/instances?state=STOPPED has 'inst4', whose state is RUNNING",
    'POST /api/instances',
    '< 201 Created',
    'npm run conformance -- --driver ec2 --replay F1/T/ec2/-114/0.3:1',
  ])
    t.ok(text.includes(`\n    ${line}\n`) || text.includes(`\n${line}\n`), line)
})

t.test('every report says first, or last, what it comes to', async t => {
  const sound = { ...sample, subjects: sample.subjects.filter(({ subject }) => subject !== 'ec2') }
  const stale = { ...sound, failures: ['A recording is too old'] }
  const nothing = { ...sample, subjects: [] }
  for (const [report, sentence, verdict] of [
    [sample, 'Laws are broken.', 'Conformance is broken'],
    [sound, 'All laws hold.', 'All laws hold'],
    [stale, 'The run fails.', 'Conformance is broken'],
    [nothing, 'Nothing was compared.', 'Nothing was compared'],
  ] as const) {
    t.match(toText(report), sentence)
    t.match(toMarkdown(report), new RegExp(`^# .+ ${verdict}\n`))
    t.match(await toHtml(report), `</span> ${verdict}</h1>`)
  }
})
