/** The table of laws in the documentation is that of the declarations. */

import { readFileSync } from 'node:fs'
import t from 'tap'
import { driverIds, loadHarness } from '../../conformance/harnesses/index.ts'
import { laws } from '../../conformance/laws/index.ts'

const document = readFileSync(new URL('../../docs/laws.md', import.meta.url), 'utf8')
const [, table = ''] = /<!-- laws -->\n(.*?)<!-- \/laws -->/s.exec(document) ?? []

t.test('each law stands there as it’s declared, and no other', t => {
  const rows = table.split('\n').filter(row => /^\| [A-Z]\d /.test(row))
  t.same(
    rows,
    laws.map(({ id, title, says, sources }) => `| ${id} ${title} | ${says} | ${sources.join(' ')} |`),
  )
  t.end()
})

t.test('there is a law for each of the suite’s families, and each has an id of its own', t => {
  t.equal(new Set(laws.map(({ id }) => id)).size, laws.length)
  t.same(
    [...new Set(laws.map(({ family }) => family))],
    ['documents', 'filters', 'states', 'errors', 'attributes', 'capabilities', 'recordings', 'round trip', 'concurrency'],
  )
  t.end()
})

t.test('exemptions stand there as harnesses have them, and no others', async t => {
  const [, listed = ''] = /<!-- exemptions -->\n(.*?)<!-- \/exemptions -->/s.exec(document) ?? []
  const rows = await Promise.all(
    driverIds.map(async driver =>
      ((await loadHarness(driver))?.exempt ?? []).map(
        ({ provider, law, quirk, because }) =>
          `| ${provider === undefined ? driver : `${driver};provider=${provider}`} | ${law} | ${quirk} | ${because} |`,
      ),
    ),
  )
  t.same(listed.trim().split('\n').slice(2), rows.flat())
})
