/** The arrows of the house: who may import whom, as one table, held by every source file; and the linter, which holds what it can of it. */

import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))

type Kind =
  | 'model'
  | 'contract'
  | 'record'
  | 'family'
  | 'driver'
  | 'mock driver'
  | 'mock-cloud'
  | 'server'
  | 'frontend'
  | 'frontend family'
  | 'index'
  | 'cli'
  | 'around'

interface Area {
  readonly kind: Kind
  /** Two of a kind with different names are strangers: a driver never imports another driver, nor a frontend a frontend. */
  readonly name: string
}

/** Whom each kind may import, beside itself. What stands around the house may import all of it. */
const arrows: Readonly<Record<Exclude<Kind, 'around'>, readonly Kind[]>> = {
  model: [],
  contract: ['model'],
  record: ['contract', 'model'],
  // What drivers of one kind of cloud have in common.
  family: ['contract', 'model'],
  driver: ['family', 'contract', 'model'],
  'mock driver': ['mock-cloud', 'contract', 'model'],
  'mock-cloud': ['model'],
  server: ['frontend', 'contract', 'model'],
  // What several frontends have in common: how AWS has requests signed, what object stores make of conditions.
  'frontend family': ['server', 'contract', 'model'],
  frontend: ['frontend family', 'server', 'contract', 'model'],
  index: ['record', 'server', 'frontend', 'driver', 'mock driver', 'mock-cloud', 'contract', 'model'],
  cli: ['index', 'record', 'server', 'frontend', 'driver', 'mock driver', 'mock-cloud', 'contract', 'model'],
}

const sockets = ['http', 'https', 'http2', 'net', 'tls', 'dgram'].flatMap(name => [name, `node:${name}`])

/** What of the world outside is closed to a kind; the model needs nothing at all. */
const closed: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  contract: ['express', ...sockets],
  // A provider is reached by the context's transport, by nothing else.
  family: ['express', 'undici', ...sockets],
  driver: ['express', 'undici', ...sockets],
  'mock driver': ['express', 'undici', ...sockets],
  'mock-cloud': ['express', 'undici', ...sockets],
  server: ['undici'],
  'frontend family': ['express', 'undici', ...sockets],
  frontend: ['express', 'undici', ...sockets],
}

const areaOf = (file: string): Area => {
  const [, top = '', first = '', second] = /^src\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?/.exec(file) ?? []
  // What the package exports, and what puts it together.
  if (/^src\/[^/]+\.ts$/.test(file)) return { kind: 'index', name: '' }
  if (top === 'drivers') {
    if (second === undefined) return { kind: 'contract', name: '' }
    if (first === 'families') return { kind: 'family', name: second }
    return { kind: first === 'mock' ? 'mock driver' : 'driver', name: first }
  }
  if (top === 'server' && first === 'frontends' && (second === 'aws' || second === 'object-stores'))
    return { kind: 'frontend family', name: second }
  if (top === 'server')
    return first === 'frontends' && second !== undefined
      ? { kind: 'frontend', name: second.replace(/\.ts$/, '') }
      : { kind: 'server', name: '' }
  if (top === 'model' || top === 'mock-cloud' || top === 'record' || top === 'cli') return { kind: top, name: '' }
  return { kind: 'around', name: '' }
}

/** What is wrong with a file's import, if anything. */
const complaint = (file: string, specifier: string): string | undefined => {
  const from = areaOf(file)
  if (from.kind === 'around') return undefined
  if (!specifier.startsWith('.')) {
    const shut = from.kind === 'model' || closed[from.kind]?.includes(specifier) === true
    return shut ? `${file} imports ${specifier}, which is closed to the ${from.kind}` : undefined
  }
  const to = areaOf(posix.join(posix.dirname(file), specifier))
  const allowed = from.kind === to.kind ? from.name === to.name : arrows[from.kind].includes(to.kind)
  return allowed ? undefined : `${file} imports ${specifier}: no arrow leads from the ${from.kind} to the ${to.kind}`
}

/** All that a source imports, of types too. An import whose name is computed can't be judged, and counts as one of `?`. */
const importsOf = (source: string): string[] => {
  const written = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\s*\(\s*['"]([^'"]+)['"]\s*\)/g,
  ]
  const computed = [...source.matchAll(/\bimport\s*\(\s*(?!['"])/g)].map(() => '?')
  return [...written.flatMap(pattern => [...source.matchAll(pattern)].map(match => match[1] ?? '?')), ...computed]
}

/** File, what it imports, and whether it may. */
const samples: readonly (readonly [file: string, specifier: string, allowed: boolean])[] = [
  ['src/model/a.ts', './errors.ts', true],
  ['src/model/b.ts', '../drivers/wire.ts', false],
  ['src/model/c.ts', '../index.ts', false],
  ['src/model/d.ts', 'node:fs', false],
  ['src/model/e.ts', 'zod', false],
  ['src/model/f.ts', '@scope/package', false],
  ['src/mock-cloud/a.ts', '../model/errors.ts', true],
  ['src/mock-cloud/store/a.ts', '../../model/errors.ts', true],
  ['src/mock-cloud/store/b.ts', '../cloud.ts', true],
  ['src/mock-cloud/store/c.ts', 'node:sqlite', true],
  ['src/mock-cloud/store/d.ts', '../../drivers/wire.ts', false],
  ['src/mock-cloud/b.ts', '../server/app.ts', false],
  ['src/mock-cloud/c.ts', '../cli/options.ts', false],
  ['src/mock-cloud/d.ts', '../../conformance/run.ts', false],
  ['src/mock-cloud/e.ts', 'node:http', false],
  ['src/mock-cloud/f.ts', 'node:https', false],
  ['src/mock-cloud/g.ts', 'express', false],
  ['src/mock-cloud/h.ts', 'undici', false],
  ['src/drivers/a.ts', './wire.ts', true],
  ['src/drivers/b.ts', '../model/errors.ts', true],
  ['src/drivers/c.ts', 'undici', true],
  ['src/drivers/d.ts', './ec2/index.ts', false],
  ['src/drivers/rackspace/a.ts', '../families/openstack/session.ts', true],
  ['src/drivers/families/openstack/a.ts', '../../driver.ts', true],
  ['src/drivers/e.ts', './mock/index.ts', false],
  ['src/drivers/f.ts', '../mock-cloud/cloud.ts', false],
  ['src/drivers/g.ts', '../server/gate.ts', false],
  ['src/drivers/ec2/a.ts', './mapping.ts', true],
  ['src/drivers/ec2/b.ts', './operations/instances.ts', true],
  ['src/drivers/ec2/c.ts', '../wire.ts', true],
  ['src/drivers/ec2/d.ts', '../../model/errors.ts', true],
  ['src/drivers/ec2/e.ts', '../openstack/index.ts', false],
  ['src/drivers/ec2/f.ts', '../mock/index.ts', false],
  ['src/drivers/ec2/g.ts', '../../mock-cloud/cloud.ts', false],
  ['src/drivers/ec2/h.ts', '../../server/frontends/ec2/index.ts', false],
  ['src/drivers/ec2/i.ts', '../../cli/options.ts', false],
  ['src/drivers/ec2/j.ts', 'undici', false],
  ['src/drivers/mock/a.ts', '../../mock-cloud/cloud.ts', true],
  ['src/drivers/mock/b.ts', '../driver.ts', true],
  ['src/drivers/mock/c.ts', '../ec2/index.ts', false],
  ['src/drivers/mock/d.ts', '../../server/gate.ts', false],
  ['src/drivers/mock/e.ts', '../../cli/options.ts', false],
  ['src/server/a.ts', '../drivers/wire.ts', true],
  ['src/server/pages/a.ts', '../../drivers/wire.ts', true],
  ['src/server/pages/b.ts', '../collections/drivers.ts', true],
  ['src/server/b.ts', './frontends/cimi/index.ts', true],
  ['src/server/c.ts', '../drivers/ec2/index.ts', false],
  ['src/server/pages/c.ts', '../../drivers/mock/index.ts', false],
  ['src/server/d.ts', '../mock-cloud/cloud.ts', false],
  ['src/server/e.ts', '../cli/options.ts', false],
  ['src/server/f.ts', '../../conformance/run.ts', false],
  ['src/server/g.ts', 'undici', false],
  ['src/server/frontends/ec2/a.ts', '../../gate.ts', true],
  ['src/server/frontends/s3/a.ts', '../aws/index.ts', true],
  ['src/drivers/ec2/signing.ts', '../../server/frontends/aws/index.ts', false],
  ['src/server/frontends/ec2/b.ts', '../../../drivers/wire.ts', true],
  ['src/server/frontends/ec2/c.ts', '../../../drivers/ec2/mapping.ts', false],
  ['src/server/frontends/ec2/d.ts', '../../../drivers/mock/index.ts', false],
  ['src/server/frontends/ec2/e.ts', '../../../mock-cloud/cloud.ts', false],
  ['src/cli/a.ts', '../mock-cloud/cloud.ts', true],
  ['src/cli/b.ts', '../drivers/mock/index.ts', true],
  ['src/a.ts', './index.ts', true],
  ['src/b.ts', './drivers/mock/index.ts', true],
  ['src/c.ts', 'msw', true],
  ['conformance/a.ts', '../src/drivers/ec2/index.ts', true],
]

/** What only the table above can tell: the linter's patterns don't know where a path ends up. */
const beyondTheLinter: readonly (readonly [file: string, specifier: string])[] = [
  ['src/server/a.ts', '../index.ts'],
  ['src/mock-cloud/a.ts', '../index.ts'],
  ['src/drivers/ec2/a.ts', '../../index.ts'],
  ['src/drivers/ec2/operations/a.ts', '../../openstack/index.ts'],
  ['src/drivers/families/openstack/b.ts', '../../rackspace/index.ts'],
  ['src/server/frontends/ec2/a.ts', '../s3/index.ts'],
  ['src/server/frontends/ec2/b.ts', 'express'],
  ['src/server/frontends/aws/a.ts', '../s3/index.ts'],
]

t.test('every import of every source file follows an arrow', async t => {
  const files = globSync('src/**/*.ts', { cwd: root }).map(file => file.replaceAll('\\', '/'))
  const complaints = files.flatMap(file =>
    importsOf(readFileSync(join(root, file), 'utf8')).map(specifier =>
      specifier === '?' ? `${file} imports what can't be read` : complaint(file, specifier),
    ),
  )
  t.same(
    complaints.filter(complaint => complaint !== undefined),
    [],
  )
  // A table that no file meets would hold nothing.
  t.ok(complaints.length > files.length && files.length > 20, `${complaints.length} imports of ${files.length} files`)
})

t.test('the judge reads no table of a driver or of a frontend: it imports their definitions only', async t => {
  const files = globSync('conformance/**/*.ts', { cwd: root }).map(file => file.replaceAll('\\', '/'))
  const found = files.flatMap(file =>
    importsOf(readFileSync(join(root, file), 'utf8'))
      .map(specifier => posix.join(posix.dirname(file), specifier))
      .filter(
        path =>
          /^src\/(drivers|server\/frontends)\/[^/]+\//.test(path) && !/^src\/(drivers|server\/frontends)\/[^/]+\/index\.ts$/.test(path),
      )
      .map(path => `${file} ← ${path}`),
  )
  t.same(found, [])
})

t.test('the table tells right from wrong', async t => {
  for (const [file, specifier, allowed] of samples) t.equal(complaint(file, specifier) === undefined, allowed, `${file} ← ${specifier}`)
  for (const [file, specifier] of beyondTheLinter) t.ok(complaint(file, specifier), `${file} ← ${specifier}`)
})

t.test('an import is seen in every form', async t => {
  t.same(
    importsOf(`
import 'a'
import b from 'b'
import type { C } from "c"
import {
  d,
  type D,
} from './d.ts'
import * as e from 'e'
export * from './f.ts'
export { g } from './g.ts'
const h = await import('h')
export const important = 'from x'
const text = \`from 'y'\`
const name = 'i'
await import(name)
`).sort(),
    ['./d.ts', './f.ts', './g.ts', '?', 'a', 'b', 'c', 'e', 'h'],
  )
})

t.test('the linter refuses what its patterns can tell, and nothing that is allowed', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'house-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'))
  for (const [file, specifier] of samples) {
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    writeFileSync(join(folder, file), `import { x } from '${specifier}'\n\nexport const y = x\n`)
  }
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
  const run = spawnSync(process.execPath, [biome, 'lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=1000', '.'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const report: { diagnostics: { category: string; location: { path: string } }[] } = JSON.parse(run.stdout)
  const refused = report.diagnostics.filter(found => found.category === 'lint/style/noRestrictedImports').map(found => found.location.path)
  t.same(refused.sort(), samples.flatMap(([file, , allowed]) => (allowed ? [] : [file])).sort())
})
