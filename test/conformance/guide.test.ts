/** The guide for driver authors, followed to the letter: its blocks are put into an empty folder, and the suite is run over them. */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { runConformance } from '../../conformance/index.ts'
import { verdictOf } from '../../conformance/results.ts'

t.setTimeout(0)

const root = fileURLToPath(new URL('../..', import.meta.url))
const guide = readFileSync(join(root, 'docs/drivers.md'), 'utf8')

/** Files of the guide: the name stands before its block. */
const files = [...guide.matchAll(/^`([\w/.-]+\.ts)`:\n\n```ts\n(.*?)^```$/gms)].map(([, name = '', content = '']) => ({ name, content }))

/** In a checkout there is no package beside: its modules are named by their places. */
const inCheckout = (content: string): string =>
  content.replace(
    /'deltacloud\/(driver|conformance)'/g,
    (_, name: string) => `'${join(root, name === 'driver' ? 'src/driver.ts' : 'conformance/index.ts')}'`,
  )

t.test('the guide’s files are those of the example', t => {
  t.same(
    files.map(({ name }) => name),
    ['harbour/states.ts', 'harbour/errors.ts', 'harbour/mapping.ts', 'harbour/session.ts', 'harbour/index.ts', 'harbour.ts'],
  )
  for (const { name, content } of files) {
    const example = readFileSync(join(root, 'examples/driver', name), 'utf8')
    const named = example
      .replaceAll(/'(\.\.\/)+src\/driver\.ts'/g, "'deltacloud/driver'")
      .replaceAll(/'(\.\.\/)+conformance\/index\.ts'/g, "'deltacloud/conformance'")
      .replace("new URL('../../recordings', import.meta.url)", "new URL('recordings', import.meta.url)")
    t.equal(content, named, name)
  }
  t.end()
})

t.test('what the guide builds passes every law that applies', async t => {
  const work = mkdtempSync(join(tmpdir(), 'deltacloud-guide-'))
  t.teardown(() => rmSync(work, { recursive: true, force: true }))
  symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'))
  for (const { name, content } of files) {
    mkdirSync(join(work, dirname(name)), { recursive: true })
    writeFileSync(join(work, name), inCheckout(content))
  }
  writeFileSync(
    join(work, 'frontend.ts'),
    readFileSync(join(root, 'examples/driver/frontend.ts'), 'utf8').replace("'../../src/driver.ts'", `'${join(root, 'src/driver.ts')}'`),
  )
  cpSync(join(root, 'examples/driver/shapes'), join(work, 'shapes'), { recursive: true })
  cpSync(join(root, 'recordings'), join(work, 'recordings'), { recursive: true })
  const report = await runConformance({ drivers: [join(work, 'harbour.ts')], recordings: [], runs: 10, seed: 7 })
  for (const { law, source, outcome, counterexample } of report.subjects[0]?.laws ?? [])
    t.not(outcome, 'broken', `${law} on ${source}: ${counterexample?.message}`)
  t.equal(verdictOf(report).exitCode, 0)
})
