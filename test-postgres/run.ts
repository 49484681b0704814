/**
 * `npm run test:postgres`: the mock cloud on a real PostgreSQL server, started for the run and thrown away; or on that of MOCK_STATE, a URL.
 * First the mock cloud's own tests, then those of what only a shared store can do. Words given as arguments choose the files whose names hold
 * them.
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const tool = (name: string): string => fileURLToPath(new URL(`../tools/postgres/${name}`, import.meta.url))
const words = process.argv.slice(2)

const files = ['test/mock-cloud/*.test.ts', 'test-postgres/*.test.ts']
  .flatMap(pattern => globSync(pattern, { cwd: root }).sort())
  .filter(file => words.every(word => file.includes(word)))

const run = (state: string): string[] =>
  files.filter(file => {
    const begun = performance.now()
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
      cwd: root,
      // Of a whole file, in seconds.
      env: { ...process.env, MOCK_STATE: state, TAP_TIMEOUT: '600' },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${file} (${seconds} s)`)
    if (status !== 0) console.log(`${stdout}${stderr}`)
    return status !== 0
  })

const given = process.env.MOCK_STATE
const state = given ?? execFileSync(tool('up'), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
try {
  const failed = run(state)
  if (files.length === 0) throw new Error(`no file has ${words.join(' ')} in its name`)
  console.log(`${files.length - failed.length} passed, ${failed.length} failed`)
  process.exitCode = failed.length === 0 ? 0 : 1
} finally {
  if (given === undefined) execFileSync(tool('down'), [state], { stdio: 'inherit' })
}
