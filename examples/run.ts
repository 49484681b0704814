/** Packs the project, installs it beside each example as a stranger would, runs the example's test and has the compiler read it. */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What every example proves; a runner that doesn't say it has run nothing. */
const sentence = 'an instance takes its time to boot'

/** @returns what it printed. @throws Error with that, where it fails. */
const run = (cwd: string, command: string, ...args: string[]): string => {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`)
  return stdout + stderr
}

const install = (folder: string, tarball: string): void => {
  const file = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { devDependencies: Record<string, string> }
  manifest.devDependencies.deltacloud = `file:${tarball}`
  writeFileSync(file, JSON.stringify(manifest))
  run(folder, 'npm', 'install', '--no-package-lock', '--no-audit', '--no-fund')
}

const tryExample = (name: string, tarball: string, into: string): void => {
  const folder = join(into, name)
  cpSync(join(root, 'examples', name), folder, { recursive: true })
  install(folder, tarball)
  const said = run(folder, 'npm', 'test')
  if (!said.includes(sentence)) throw new Error(`The tests ran, and none is called '${sentence}'\n${said}`)
  if (readdirSync(folder).includes('launch.test.ts')) compile(folder)
}

/** A stranger's compiler reads all declarations; what is missing in ours is an error there. Those of other packages are their own affair. */
const compile = (folder: string): void => {
  cpSync(join(root, 'examples', 'tsconfig.json'), join(folder, 'tsconfig.json'))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: folder, encoding: 'utf8' })
  const errors = `${stdout}${stderr}`.split('\n').filter(line => /\berror\b/.test(line))
  const ours = errors.filter(line => !line.startsWith('node_modules/') || line.startsWith('node_modules/deltacloud/'))
  if (ours.length > 0) throw new Error(ours.join('\n'))
  if (status !== 0 && errors.length === 0) throw new Error(`The compiler ended with ${status}\n${stdout}${stderr}`)
}

const folder = mkdtempSync(join(tmpdir(), 'deltacloud-examples-'))
try {
  run(root, 'npm', 'pack', '--pack-destination', folder)
  const [tarball] = readdirSync(folder)
  if (tarball === undefined) throw new Error('npm pack left nothing')
  const names = readdirSync(join(root, 'examples')).filter(name => existsSync(join(root, 'examples', name, 'package.json')))
  for (const name of names) {
    tryExample(name, join(folder, tarball), folder)
    console.log(`ok: ${name}`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
