/** The code that docs/testing.md shows is the code of the examples, which `npm run test:examples` runs. */

import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))
const text = (file: string): string => readFileSync(`${root}/${file}`, 'utf8')

const shown = [...text('docs/testing.md').matchAll(/`([^`]+)`:\n\n```[jt]s\n([\s\S]*?)```/g)].map(([, file = '', code = '']) => ({
  file,
  code,
}))
const written = globSync('examples/*/*.test.{js,ts}', { cwd: root }).map(file => file.replaceAll('\\', '/'))

t.test('each example is shown, as it is', async t => {
  t.ok(written.length >= 4)
  t.same(shown.map(({ file }) => file).sort(), written.sort())
  for (const { file, code } of shown) t.equal(code, text(file), file)
})

t.test('an example has the versions that the project has itself', async t => {
  const own = JSON.parse(text('package.json')) as Record<string, Record<string, string>>
  const versions: Record<string, string | undefined> = { ...own.dependencies, ...own.devDependencies, deltacloud: String(own.version) }
  for (const file of globSync('examples/*/package.json', { cwd: root })) {
    const { devDependencies = {} } = JSON.parse(text(file)) as { devDependencies?: Record<string, string> }
    for (const [name, version] of Object.entries(devDependencies)) {
      t.match(version, /^\d+\.\d+\.\d+$/, `${file}: ${name}`)
      if (name in versions) t.equal(version, versions[name], `${file}: ${name}`)
    }
  }
})

t.test('every export of the package is explained', async t => {
  const { exports = {} } = JSON.parse(text('package.json')) as { exports?: Record<string, unknown> }
  const names = Object.keys(exports).filter(name => name !== './package.json')
  t.ok(names.length > 1)
  for (const name of names) t.match(text('docs/testing.md'), `| \`${name.replace(/^\./, 'deltacloud')}\` |`)
})
